"""Do the bands of curves cover the expected rate, and do trends of nothing stay silent?

Weeks share an AR(1) effect over all sources, sources have a smaller one of their own, articles differ. The first source
has a trend where one is planted; the others have none.
"""

import numpy as np
import polars as pl
import pytest
from planned import allowed_rejections, covered_range, draw_panels
from scipy.signal import lfilter
from scipy.special import expit

from frameshift.comparisons import trends
from frameshift.comparisons.series import Panel
from frameshift.demo.knobs import SOURCES, Knobs
from frameshift.tables import ALL_SOURCES

WEEK_SD, SOURCE_SD, ARTICLE_SD = 0.35, 0.25, 1.0  # of the effects on weeks, source-weeks and articles
BASE = -1.6  # the logit of .17
NAMES = ["Albion", "Brook", "Cape", "Dale"]
N_WEEKS, PER_WEEK, FIRST_WEEK = 208, 9, 2348  # as in comparisons.periods: week 0 began on Monday 5 January 1970
REPLICATIONS = 200
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(41)


def draw_effects(rng, *, shape, sd, autocorrelation):
    """Stationary AR(1) series of standard deviation `sd` along the last axis."""
    noise = rng.normal(size=shape)
    noise[..., 1:] *= np.sqrt(1 - autocorrelation**2)
    return sd * lfilter([1], [1, -autocorrelation], noise)


def average_rate(predictor, sd):
    """The mean of logistic(predictor + normal terms of standard deviation `sd`)."""
    return expit(predictor[..., None] + sd * NODES) @ NODE_WEIGHTS / NODE_WEIGHTS.sum()


def simulate(*, outcome, autocorrelation, planted, seed):
    """A panel a replication (frames "0", "1", …), and what is expected of the first source in each week (weeks,)."""
    rng = np.random.default_rng(seed)
    shape = (REPLICATIONS, len(NAMES), N_WEEKS)
    counts = rng.poisson(PER_WEEK, size=shape).astype(float)
    level = np.zeros((len(NAMES), N_WEEKS))
    level[0] = planted * np.linspace(0, 1, N_WEEKS)
    shared = draw_effects(rng, shape=(REPLICATIONS, 1, N_WEEKS), sd=WEEK_SD, autocorrelation=autocorrelation)
    own = draw_effects(rng, shape=shape, sd=SOURCE_SD, autocorrelation=0.6 * autocorrelation)
    predictor = level + shared + own
    if outcome == "share":
        totals = rng.binomial(counts.astype(int), average_rate(BASE + predictor, ARTICLE_SD)).astype(float)
        expected = average_rate(BASE + level[0], np.sqrt(WEEK_SD**2 + SOURCE_SD**2 + ARTICLE_SD**2))
    else:
        totals = counts * predictor + rng.normal(scale=ARTICLE_SD, size=shape) * np.sqrt(counts)
        expected = level[0]
    panels = [
        Panel(str(i), None, NAMES, NAMES[:1], FIRST_WEEK, totals[i], counts[i], counts[i]) for i in range(REPLICATIONS)
    ]
    return panels, expected


@pytest.mark.parametrize(
    ("outcome", "autocorrelation", "planted"),
    [("share", 0.0, 0.0), ("share", 0.5, 0.0), ("share", 0.5, 0.8), ("intensity", 0.5, 0.0)],
)
def test_bands_and_changes_cover_what_is_expected_and_nothing_is_seldom_called_a_trend(
    outcome, autocorrelation, planted
):
    panels, expected = simulate(outcome=outcome, autocorrelation=autocorrelation, planted=planted, seed=20150107)
    lowest, highest = covered_range(REPLICATIONS)
    table, omitted = trends.estimate_trends(panels, scale=outcome)
    assert omitted == []
    curve = table.filter(pl.col("source") == NAMES[0])
    assert curve["low"].null_count() < 0.01 * len(curve)  # at the ends, where few weeks carry the curve
    week = 4 * pl.int_range(pl.len()).over("frame")
    curve = curve.with_columns(week=week).with_columns(
        expected=pl.col("week").replace_strict(dict(enumerate(expected)), return_dtype=pl.Float64)
    )
    covered = curve.group_by("week").agg(
        share=pl.col("expected").is_between("low", "high").mean(),
        width=(pl.col("high") - pl.col("low")).mean() / (2 * 1.96 * pl.col("estimate").std()),
    )
    some = covered.filter(pl.col("week").is_in([40, 104, 160]))
    assert some["share"].is_between(lowest, highest).all(), some
    assert covered["share"].mean() == pytest.approx(0.96, abs=0.025)  # over all weeks, the ends included
    assert some["width"].is_between(0.8, 1.5).all(), some  # coverage is not bought with width

    rows, _ = trends.test_trends(panels, [], scale=outcome, family="trends")
    tested = pl.DataFrame(rows, infer_schema_length=None)
    own = tested.filter(pl.col("family") == "trends", pl.col("source") == NAMES[0])
    change = expected[-1] - expected[0]
    assert lowest <= own.select(((pl.col("low") <= change) & (pl.col("high") >= change)).mean()).item() <= highest
    if planted:
        assert (own["p"] < 0.05).mean() > 0.6
        return
    rates = tested.group_by("family", "source").agg(p=(pl.col("p") < 0.05).mean(), any=(pl.col("p_any") < 0.05).mean())
    for column in ("p", "any"):
        assert (rates[column].drop_nulls() <= allowed_rejections(REPLICATIONS)).all(), rates


def test_in_the_demo_without_effects_a_trend_is_seldom_found():
    found = []
    for seed in range(40):
        panel = draw_panels(Knobs(seed=seed, effect=0))["threat", None]
        rows, _ = trends.test_trends([panel], [], scale="share", family="trends")
        found.append({row["source"]: row["p"] < 0.05 for row in rows if row["family"] == "trends"})
    for source in (ALL_SOURCES, *list(SOURCES.values())[:4]):
        assert np.mean([row[source] for row in found]) <= allowed_rejections(40), source
