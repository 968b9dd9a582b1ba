"""How a change or a gap is tested: by t over weeks, and a gap over few blocks by the wild bootstrap.

"t over weeks" has the variance of intervals.py: both sides share weeks, so a week's influence is that on the
difference, and the covariance between weeks is that of the series (change) or of the difference itself (gap). "Wild
bootstrap over blocks" is that of wild.py, over blocks of the length that blocks.py finds. Which of them is used was
measured (1,000 replications a row; weeks of sd .35 shared by four sources of 9 articles a week, source-weeks of .25,
articles of 1; rejections at 5% where there is no difference, and the interval's median width):

    compared                 autocorrelation   t over weeks   wild bootstrap   widths       blocks
    change, 13 + 13 weeks      0 / .5 / .8     .041 .043 .034   .076 .082 –    .94 / .95      6
    change, 26 + 26 weeks      0 / .5 / .8     .040 .055 .043   .048 .080 .110  .66 / .65     14
    change, 52 + 52 weeks      0 / .5 / .8     .037 .041 .051   .049 .070 .097  .48 / .45     26
    the same in all sources    0 / .5 / .8     .029 .051 .059   .047 .081 .106  .35 / .33     26
    gap over 26 weeks          0 / .5 / .8     .008 .014 .027   .048 .049 .054  .57 / .52      6
    gap over 36 weeks          0 / .5 / .8     .019 .019 .047   .052 .049 .075  .43 / .38      9
    gap over 52 weeks          0 / .5 / .8     .018 .024 .026   .047 .045 .058  .35 / .31     10
    gap over 104 weeks         0 / .5 / .8     .017 .033 .057   .057 .046 .076  .23 / .21     15

(Changes one source's, in the middle of 260 weeks; widths and blocks at autocorrelation 0, fewer blocks at others. The
bootstrap of changes was measured with blocks of 4 weeks; with longer ones it has fewer than a change needs.) The
two sides of a change are different blocks, neighbours resemble each other beyond a block, and the bootstrap cannot know
it: it finds too much. t takes the covariance from the whole series and holds its level. A gap has both sides in each
block, so that what weeks share drops out; there t is too cautious with few blocks and the bootstrap is not. Below 6
blocks there is no bootstrap and t is used, which in gaps over half a year rejects less often than it may.
"""

import numpy as np

from frameshift.comparisons.blocks import Dependence, estimate_dependence
from frameshift.comparisons.differences import Difference, Series, Sums, mean_difference
from frameshift.comparisons.intervals import (
    MIN_ARTICLES,
    MIN_CLUSTERS,
    MIN_TESTED,
    ROUNDING,
    degrees_of_freedom,
    sum_variances,
    t_limits,
)
from frameshift.comparisons.wild import MIN_BLOCKS, Wild, test_means
from frameshift.tables import ALL_SOURCES

FEW_BLOCKS = 10  # fewer: a gap is tested by the wild bootstrap
DRAWS = 9999  # of the wild bootstrap: a p of .0001 can survive a family of hundreds
_SIGN = np.array([[-1.0], [1.0]])


def test_difference(difference: Difference, series: Series, source: str, *, seed: int) -> tuple[dict, str | None]:
    """Columns of comparisons/contrasts from `estimate` to `test`, and the reason if there is no test.

    `source` is the one that `difference` is about. `test` says what p and the interval come from: "t over weeks", or
    "wild bootstrap over blocks", of which the interval is the test inverted (null where it is open on either side).
    """
    sides = difference.sides
    influence = _influence(sides)
    if difference.step is None:
        weight = np.full_like(influence, 1 / influence.size)
        dependence = estimate_dependence(influence[None], weight[None])
    else:
        weight = (_SIGN * sides.size / sides.size.sum(axis=1, keepdims=True)).sum(axis=0)
        dependence = _series_dependence(series, source, step=difference.step)
    n_clusters = int((sides.counted > 0).sum(axis=1).min())
    n_thinner = int(sides.articles.sum(axis=1).min())
    row = {
        "estimate": mean_difference(sides),
        "estimate_throughout": mean_difference(difference.others) if difference.others else None,
        "n_articles": int(sides.articles.sum()),
        "n_clusters": n_clusters,
        "block_weeks": dependence.weeks,
    }
    if n_clusters < MIN_TESTED or n_thinner < MIN_ARTICLES:
        return row, f"too few for a test: {n_clusters} weeks and {n_thinner} articles on the thinner side"
    covered = np.flatnonzero(sides.size.sum(axis=0) > 0)
    variance, own = sum_variances(
        cell=np.zeros_like(covered),
        week=covered,
        influence=influence[covered],
        weight=weight[covered],
        covariances=dependence.covariances[None],
    )
    if own[0] < ROUNDING:
        return row, "the score does not vary: no test"
    wild = None if difference.step is not None else _resample_blocks(sides, dependence.weeks, seed=seed)
    tested = _test_by_t(row["estimate"], variance, dependence, n_clusters=n_clusters) if wild is None else _read(wild)
    if n_clusters < MIN_CLUSTERS:
        tested |= {"low": None, "high": None}
    return row | tested, None


def _test_by_t(estimate: float, variance: np.ndarray, dependence: Dependence, *, n_clusters: int) -> dict:
    from scipy.stats import t

    df = degrees_of_freedom(n_clusters, n_weeks=dependence.n_weeks, block=dependence.weeks)
    p = float(2 * t.sf(abs(estimate) / np.sqrt(variance[0]), df))
    low, high = t_limits(np.array([estimate]), variance, df)
    return {"p": p, "low": float(low[0]), "high": float(high[0]), "test": "t over weeks"}


def _resample_blocks(sides: Sums, length: int, *, seed: int) -> Wild | None:
    """The wild bootstrap over blocks of about `length` weeks; None where both sides share too few, or all are many."""
    n_weeks = sides.size.shape[1]
    starts = np.linspace(0, n_weeks, max(round(n_weeks / length), 1), endpoint=False).astype(int)
    totals, weights, sizes = (
        np.add.reduceat(array, starts, axis=1) for array in (sides.total, sides.weight, sides.size)
    )
    covered, shared = (sizes > 0).any(axis=0), (sizes > 0).all(axis=0)
    if covered.sum() >= FEW_BLOCKS or shared.sum() < MIN_BLOCKS:
        return None
    return test_means(totals[:, covered], weights[:, covered], draws=DRAWS, seed=seed)


def _read(wild: Wild) -> dict:
    bounded = wild.low is not None and wild.high is not None
    low, high = (wild.low, wild.high) if bounded else (None, None)
    return {"p": wild.p, "low": low, "high": high, "test": "wild bootstrap over blocks"}


def _influence(sides: Sums) -> np.ndarray:
    """How much each week moves the difference: (weeks,)."""
    mean = sides.total.sum(axis=1, keepdims=True) / sides.weight.sum(axis=1, keepdims=True)
    shares = (sides.total - mean * sides.weight) / sides.weight.sum(axis=1, keepdims=True)
    return (_SIGN * shares).sum(axis=0)


def _series_dependence(series: Series, source: str, *, step: int) -> Dependence:
    """How weeks depend on each other within single sources, pooled; or in all sources taken together."""
    totals, sizes = _linearise(series.weeks), series.weeks.size
    if source == ALL_SOURCES:
        totals, sizes = totals.sum(axis=0, keepdims=True), sizes.sum(axis=0, keepdims=True)
    return estimate_dependence(totals, sizes, step=step)


def _linearise(weeks: Sums) -> np.ndarray:
    """Weekly totals for which the sizes, never negative, are the weights; where both weights agree, the totals.

    The mean of all articles, and how each week moves it, are those of Σ total / Σ weight.
    """
    mean = weeks.total.sum() / weeks.weight.sum()
    return (weeks.total - mean * weeks.weight) * (weeks.size.sum() / weeks.weight.sum()) + mean * weeks.size
