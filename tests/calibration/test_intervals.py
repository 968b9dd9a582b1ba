"""Do 95% intervals cover the expected rate, and do tests of nothing stay silent?

Weeks share an AR(1) effect over all sources, sources have a smaller one of their own, articles differ. One set of
articles carries all replications, each as a frame of its own, so that the functions under test run once per setting.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.signal import lfilter
from scipy.special import expit

from frameshift.comparisons import contrasts
from frameshift.comparisons.prevalence import estimate_prevalence
from frameshift.tables import ALL_SOURCES

WEEK_SD, SOURCE_SD, ARTICLE_SD, BASE = (
    0.35,
    0.25,
    1.0,
    -1.6,
)  # the effects on weeks, source-weeks, articles; logit of .17
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
                START + timedelta(weeks=int(w), days=int(d)) for w, d in zip(week, rng.integers(7, size=len(week)))
            ],
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
    ).with_columns(given=pl.lit(None, pl.String), measure=pl.lit("simulated"), n_passages=pl.lit(1))
    return scores, articles, expected


def cell_coverage(scores, articles, expected, *, outcome):
    """How often the interval of each kind of cell covers: one cell of a kind in each replication."""
    prevalence, _ = estimate_prevalence(
        scores, articles, measure="simulated", grains=["quarter"], given=[], min_articles=50, scale=outcome
    )
    chosen = (
        (pl.col("weighting") == "article")
        & pl.col("period").is_in(["2015-Q2", "all"])
        & pl.col("source").is_in([SOURCES[0], ALL_SOURCES])
    )
    return (
        prevalence.filter(chosen)
        .group_by("source", "grain")
        .agg(coverage=((pl.col("low") <= expected) & (pl.col("high") >= expected)).mean())
        .sort("grain", "source")
    )


def rejections(scores, articles, *, outcome, weeks):
    """How often a change and a gap that are not there are called significant at 5%."""
    event = articles["date"].min() + (articles["date"].max() - articles["date"].min()) / 2
    shared = {"given": None, "source": SOURCES[0], "family": "null", "expect": "none"}
    findings = [
        {"name": f"{kind} {frame}", "frame": frame, "kind": kind, "date": event, "weeks": weeks} | shared
        for frame in scores["frame"].unique(maintain_order=True)
        for kind in ("change", "gap")
    ]
    tested, _ = contrasts.test_contrasts(
        scores, articles, findings, measure="simulated", given=[], min_articles=50, scale=outcome
    )
    return (
        tested.filter(pl.col("family") == "null")
        .group_by("kind")
        .agg(rejected=(pl.col("p") < 0.05).mean())
        .sort("kind")
    )
