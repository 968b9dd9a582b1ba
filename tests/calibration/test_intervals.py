"""Do 95% intervals cover the expected rate, and do tests of nothing stay silent?

Weeks share an AR(1) effect over all sources, sources have a smaller one of their own, articles differ. One set of
articles carries all replications, each as a frame of its own, so that the functions under test run once per setting.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.signal import lfilter
from scipy.special import expit
from scipy.stats import binom

from frameshift.comparisons import contrasts
from frameshift.comparisons.prevalence import estimate_prevalence
from frameshift.tables import ALL_SOURCES

WEEK_SD, SOURCE_SD, ARTICLE_SD = 0.35, 0.25, 1.0  # of the effects on weeks, source-weeks and articles
BASE = -1.6  # the logit of .17
SOURCES = ["Albion", "Brook", "Cape", "Dale"]
START = date(2015, 1, 5)
REPLICATIONS = 200


def draw_effects(rng, *, shape, sd, autocorrelation):
    """Stationary AR(1) series of standard deviation `sd` along the last axis."""
    noise = rng.normal(size=shape)
    noise[..., 1:] *= np.sqrt(1 - autocorrelation**2)
    return sd * lfilter([1], [1, -autocorrelation], noise)


def simulate(rng, *, outcome, n_weeks, autocorrelation, replications=REPLICATIONS):
    """Scores (frames "0", "1", …: the replications), articles, and the expected rate."""
    n = rng.poisson(9, size=(len(SOURCES), n_weeks)).ravel()
    source, week = (axis.ravel().repeat(n) for axis in np.mgrid[: len(SOURCES), :n_weeks])
    ids = [f"a{i}" for i in range(len(source))]
    articles = pl.DataFrame(
        {
            "article_id": ids,
            "source": np.array(SOURCES)[source],
            "date": [
                START + timedelta(weeks=int(w), days=int(d))
                for w, d in zip(week, rng.integers(7, size=len(week)), strict=True)
            ],
            "date_precision": ["day"] * len(ids),
            "duplicate_of": pl.Series([None] * len(ids), dtype=pl.String),
            "wire_cluster": ids,
        }
    )
    shared = draw_effects(rng, shape=(replications, 1, n_weeks), sd=WEEK_SD, autocorrelation=autocorrelation)
    own_shape = (replications, len(SOURCES), n_weeks)
    effects = shared + draw_effects(rng, shape=own_shape, sd=SOURCE_SD, autocorrelation=0.6 * autocorrelation)
    values = effects[:, source, week] + rng.normal(scale=ARTICLE_SD, size=(replications, len(source)))
    expected = 0.0
    if outcome == "share":
        values = (rng.random(values.shape) < expit(BASE + values)).astype(float)
        nodes, weights = np.polynomial.hermite_e.hermegauss(61)
        total_sd = np.sqrt(WEEK_SD**2 + SOURCE_SD**2 + ARTICLE_SD**2)
        expected = float(weights @ expit(BASE + total_sd * nodes) / weights.sum())
    scores = pl.DataFrame(
        {
            "article_id": ids * replications,
            "frame": np.arange(replications).repeat(len(ids)).astype(str),
            "score": values.ravel(),
            "share": values.ravel(),
        }
    ).with_columns(
        given=pl.lit(None, pl.String),
        measure=pl.lit("simulated"),
        n_passages=pl.lit(1),
        weight=pl.lit(1.0),
        passages=pl.lit(1.0),
    )
    return scores, articles, expected


def cover_cells(scores, articles, expected, *, outcome):
    """Coverage of the intervals of a quarter and of the whole span, for one source and for all, and their mean width
    over that of ±1.96 standard deviations of the estimate; each replication gives one interval of a kind."""
    prevalence, _ = estimate_prevalence(
        scores, articles, measure="simulated", grains=["quarter"], given=[], min_articles=50, scale=outcome
    )
    chosen = prevalence.filter(
        pl.col("weighting") == "article",
        pl.col("period").is_in(["2015-Q2", "all"]),
        pl.col("source").is_in([SOURCES[0], ALL_SOURCES]),
    )
    covered = (pl.col("low") <= expected) & (pl.col("high") >= expected)
    width = (pl.col("high") - pl.col("low")).mean() / (2 * 1.96 * pl.col("estimate").std())
    return chosen.group_by("grain", "source").agg(coverage=covered.mean(), width=width).sort("grain", "source")


def count_rejections(scores, articles, *, outcome):
    """How often a change (half a year, or half of a shorter span, on each side) and a gap pass at 5% where none is."""
    first, last = articles["date"].min(), articles["date"].max()
    event = first + (last - first) / 2
    null = {"date": event, "weeks": min(26, (last - event).days // 7), "source": SOURCES[0], "family": "null"}
    findings = [
        {"name": f"{kind} {frame}", "frame": frame, "kind": kind, "expect": "none"} | null
        for frame in scores["frame"].unique(maintain_order=True)
        for kind in ("change", "gap")
    ]
    tested, _ = contrasts.test_contrasts(
        scores, articles, findings, measure="simulated", given=[], min_articles=50, scale=outcome, groups={}
    )
    null_only = tested.filter(pl.col("family") == "null")
    return null_only.group_by("kind").agg(rejected=(pl.col("p") < 0.05).mean()).sort("kind")


@pytest.mark.parametrize(
    ("outcome", "n_weeks", "autocorrelation"),
    [("intensity", 104, 0.0), ("intensity", 104, 0.5), ("share", 52, 0.5), ("share", 156, 0.5)],
)
def test_intervals_cover_the_expected_rate_and_nothing_is_seldom_called_something(outcome, n_weeks, autocorrelation):
    rng = np.random.default_rng(20150105)
    simulated = simulate(rng, outcome=outcome, n_weeks=n_weeks, autocorrelation=autocorrelation)
    cells = cover_cells(*simulated, outcome=outcome)
    lowest, highest = binom.ppf(0.0005, REPLICATIONS, 0.93), binom.ppf(0.9995, REPLICATIONS, 0.97)
    assert len(cells) == 4
    assert cells["coverage"].is_between(lowest / REPLICATIONS, highest / REPLICATIONS).all(), cells
    assert cells["width"].is_between(0.8, 1.5).all(), cells  # coverage is not bought with width
    rejections = count_rejections(*simulated[:2], outcome=outcome)
    assert len(rejections) == 2
    assert (rejections["rejected"] <= binom.ppf(0.9995, REPLICATIONS, 0.05) / REPLICATIONS).all(), rejections


@pytest.mark.parametrize("outcome", ["intensity", "share"])
def test_intervals_cover_where_the_week_of_every_eleventh_article_is_unknown(outcome):
    rng = np.random.default_rng(20150106)
    scores, articles, expected = simulate(rng, outcome=outcome, n_weeks=104, autocorrelation=0.5)
    vague = pl.int_range(pl.len()) % 11 == 0
    articles = articles.with_columns(
        date=pl.when(vague).then(pl.col("date").dt.truncate("1mo")).otherwise("date"),
        date_precision=pl.when(vague).then(pl.lit("month")).otherwise("date_precision"),
    )
    cells = cover_cells(scores, articles, expected, outcome=outcome)
    lowest = binom.ppf(0.0005, REPLICATIONS, 0.93)
    assert len(cells) == 4
    assert (cells["coverage"] >= lowest / REPLICATIONS).all(), cells
    assert cells["width"].is_between(0.8, 1.5).all(), cells
