"""Do changes and gaps that are not there stay unfound, over many weeks and over few?

Weeks share an AR(1) effect over all sources, sources have a smaller one of their own, articles differ. The full study,
of 2,000 replications a setting, is in the docstring of frameshift.comparisons.difference_tests.
"""

import numpy as np
import polars as pl
import pytest
from planned import allowed_rejections, covered_range
from scipy.signal import lfilter
from scipy.special import expit

from frameshift.comparisons import difference_tests
from frameshift.comparisons.differences import Difference, Series, Sums, find_gap

REPLICATIONS = 200
SOURCES = ["Albion", "Brook", "Cape", "Dale"]
WILD = "wild bootstrap over blocks"


def draw_series(rng, *, n_weeks, autocorrelation):
    """Weekly sums of about 9 articles a source-week, with no difference in them but chance."""
    shocks = rng.normal(size=(1 + len(SOURCES), n_weeks))
    phi = np.array([autocorrelation] + [0.6 * autocorrelation] * len(SOURCES))
    shocks[:, 1:] *= np.sqrt(1 - phi**2)[:, None]
    effects = np.stack([lfilter([1], [1, -own], row) for own, row in zip(phi, shocks, strict=True)])
    n = rng.poisson(9, size=(len(SOURCES), n_weeks)).astype(float)
    total = n * (0.35 * effects[0] + 0.25 * effects[1:]) + np.sqrt(n) * rng.normal(size=n.shape)
    return Series(pl.DataFrame(), SOURCES, 0, Sums(total, n, n, n, n, np.zeros_like(n)))


def find_middle_change(series, *, weeks):
    """The first source's weeks from the middle of the span on against as many before."""
    middle = series.weeks.size.shape[1] // 2
    week = np.arange(2 * middle)
    sides = np.stack([(week >= middle - weeks) & (week < middle), (week >= middle) & (week < middle + weeks)])
    return Difference("change", "", Sums(*(array[0] * sides for array in series.weeks)), middle)


def repeat(find, *, seed, n_weeks, autocorrelation):
    """p < .05, whether 0 is covered, the interval's width and the test, for each replication."""
    rng = np.random.default_rng(seed)
    found = []
    for replication in range(REPLICATIONS):
        series = draw_series(rng, n_weeks=n_weeks, autocorrelation=autocorrelation)
        row, _ = difference_tests.test_difference(find(series), series, SOURCES[0], seed=replication)
        low, high = (-np.inf, np.inf) if row["low"] is None else (row["low"], row["high"])
        found.append((row["p"] < 0.05, low <= 0 <= high, high - low, row["test"]))
    rejected, covered, width, test = zip(*found, strict=True)
    return np.mean(rejected), np.mean(covered), np.median(width), test


@pytest.mark.parametrize("autocorrelation", [0.0, 0.5])
def test_gaps_over_few_blocks_are_seldom_found_where_there_are_none(autocorrelation):
    rejected, covered, width, tests = repeat(
        lambda series: find_gap(series, SOURCES[0]), seed=20150107, n_weeks=26, autocorrelation=autocorrelation
    )
    assert np.mean([test == WILD for test in tests]) > 0.6
    assert rejected <= allowed_rejections(REPLICATIONS)
    assert covered >= covered_range(REPLICATIONS)[0]
    assert width < 0.55  # that of t is .58: caution is not what keeps the level


@pytest.mark.parametrize(("weeks", "autocorrelation"), [(13, 0.0), (13, 0.5), (26, 0.5), (52, 0.5)])
def test_changes_are_seldom_found_where_there_are_none(weeks, autocorrelation):
    rejected, covered, _, tests = repeat(
        lambda series: find_middle_change(series, weeks=weeks),
        seed=20150108,
        n_weeks=260,
        autocorrelation=autocorrelation,
    )
    assert set(tests) == {"t over weeks"}
    assert rejected <= allowed_rejections(REPLICATIONS)
    assert covered >= covered_range(REPLICATIONS)[0]


def draw_corrected(rng, *, n_weeks):
    """The series of a frame within an issue, corrected by labels of every ninth article, with no difference in it.

    A coded article weighs 1/π times its error, so that many weeks of a source have a negative weight.
    """
    n = rng.poisson(9, size=(len(SOURCES), n_weeks)).ravel()
    cell = np.arange(n.size).repeat(n)
    shared = np.tile(lfilter([1], [1, -0.5], rng.normal(scale=0.3, size=n_weeks)), len(SOURCES))
    frame, issue = (rng.random(cell.size) < rate for rate in (expit(shared[cell] - 1.2), 0.3))
    guess, about = rng.beta(2, 4, cell.size) + 0.2 * frame, 0.1 + 0.5 * issue
    coded = (rng.random(cell.size) < 1 / 9) * 9.0
    total = guess * about + coded * ((frame & issue) - guess * about)
    rows = total, about + coded * (issue - about), about, about, np.ones(cell.size), (coded > 0) & issue
    sums = (np.bincount(cell, row, minlength=n.size).reshape(len(SOURCES), n_weeks) for row in rows)
    return Series(pl.DataFrame(), SOURCES, 0, Sums(*sums))


def test_gaps_corrected_by_labels_are_seldom_found_where_there_are_none():
    rng = np.random.default_rng(20150109)
    found, negative = [], []
    for replication in range(REPLICATIONS):
        series = draw_corrected(rng, n_weeks=156)
        gap = find_gap(series, SOURCES[0])
        row, _ = difference_tests.test_difference(gap, series, SOURCES[0], seed=replication)
        found.append((row["p"] < 0.05, row["low"] <= 0 <= row["high"], row["high"] - row["low"], row["estimate"]))
        negative.append((gap.sides.weight < 0).mean())
    rejected, covered, width, estimate = np.array(found).T
    assert np.mean(negative) > 0.02
    assert rejected.mean() <= allowed_rejections(REPLICATIONS)
    assert covered.mean() >= covered_range(REPLICATIONS)[0]
    assert np.median(width) < 1.4 * 2 * 1.96 * estimate.std()  # coverage is not bought with width
