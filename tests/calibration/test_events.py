"""Is an event of no effect seldom called one, do the intervals hold, and is the demo's attack found?

Weeks share an AR(1) effect over the sources, sources have a smaller one of their own, articles differ, and their number
grows sixfold over the span. The events fall on random weeks, other ones in each replication.
"""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from planned import allowed_rejections, covered_range, draw_panels, week_date
from scipy.signal import lfilter

from frameshift.comparisons.events import study_events
from frameshift.comparisons.periods import WEEK_ZERO
from frameshift.comparisons.series import Panel
from frameshift.demo.knobs import Knobs
from frameshift.tables import ALL_SOURCES

SOURCES = ["Albion", "Brook"]
REPLICATIONS = 200
WEEK_SD, SOURCE_SD, ARTICLE_SD = 0.35, 0.25, 1.0


def draw_effects(rng, *, shape, sd, autocorrelation):
    """Stationary AR(1) series of standard deviation `sd` along the last axis."""
    noise = rng.normal(size=shape)
    noise[..., 1:] *= np.sqrt(1 - autocorrelation**2)
    return sd * lfilter([1], [1, -autocorrelation], noise)


def draw_panel(rng, *, n_weeks, autocorrelation):
    shared = draw_effects(rng, shape=n_weeks, sd=WEEK_SD, autocorrelation=autocorrelation)
    own = draw_effects(rng, shape=(2, n_weeks), sd=SOURCE_SD, autocorrelation=0.6 * autocorrelation)
    counts = rng.poisson(np.geomspace(2, 12, n_weeks), size=(2, n_weeks)).astype(float)
    totals = counts * (shared + own) + np.sqrt(counts) * rng.normal(scale=ARTICLE_SD, size=counts.shape)
    return Panel("threat", None, SOURCES, SOURCES, 0, totals, counts, counts)


def study_nothing(rng, *, n_weeks, n_events, autocorrelation):
    """The rows of Albion's response, and of that against Brook's, to the first of some events without any effect."""
    tables = []
    for _ in range(REPLICATIONS):
        weeks = rng.choice(np.arange(30, n_weeks - 30, 45), size=n_events, replace=False) + rng.integers(8)
        events = [
            {"name": f"event {i}", "date": str(WEEK_ZERO + timedelta(weeks=int(week))), "sources": SOURCES[: 1 - i]}
            for i, week in enumerate(weeks)
        ]
        panel = draw_panel(rng, n_weeks=n_weeks, autocorrelation=autocorrelation)
        table, _ = study_events([panel], events, [], scale="intensity", reference="Brook")
        tables.append(table.filter(pl.col("event") == "event 0"))
    return pl.concat(tables)


@pytest.mark.parametrize(("n_weeks", "n_events", "autocorrelation"), [(104, 1, 0.5), (260, 2, 0.0), (260, 2, 0.5)])
def test_an_event_of_no_effect_is_seldom_called_one(n_weeks, n_events, autocorrelation):
    rng = np.random.default_rng(20160606)
    rows = study_nothing(rng, n_weeks=n_weeks, n_events=n_events, autocorrelation=autocorrelation)
    tested = rows.filter(pl.col("lag").is_null())
    rejected = tested.group_by("design").agg(n=pl.len(), rate=(pl.col("p") < 0.05).mean())
    assert rejected["n"].to_list() == [REPLICATIONS] * 2
    assert (rejected["rate"] <= allowed_rejections(REPLICATIONS)).all(), rejected
    covered = ((pl.col("low") < 0) & (pl.col("high") > 0)).mean()
    first = rows.filter(pl.col("lag").is_null() | (pl.col("lag") == 0))
    coverage = first.group_by("design", "lag").agg(covered=covered)
    lowest, highest = covered_range(REPLICATIONS)
    assert len(coverage) == 4
    assert coverage["covered"].is_between(lowest, highest).all(), coverage


def test_the_demos_attack_is_mostly_found_in_all_sources_at_eight_articles_a_source_week():
    attack = {"name": "Attack", "date": str(week_date(Knobs().attack_week))}
    p = []
    for seed in range(20):
        panel = draw_panels(Knobs(seed=seed, articles=10400))["threat", None]
        table, _ = study_events([panel._replace(compared=[])], [attack], [], scale="share", reference=None)
        (tested,) = table.filter(pl.col("lag").is_null(), source=ALL_SOURCES)["p"]
        p.append(tested)
    assert np.mean(np.array(p) < 0.05) >= 0.6  # of 150 replications .80 found it
