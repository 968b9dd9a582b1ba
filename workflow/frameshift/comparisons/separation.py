"""Distances between two sources' means and mixes, from sums over time blocks that both share.

Each function takes `totals` (2 × blocks × dimensions) and `counts` (2 × blocks), the sums of the two sources, and
`signs` (draws × blocks); at least two blocks of each source have articles. It returns distance and naive, and where
there are enough blocks p, low and high.

Simulated (200 replications a row; 208 weeks in blocks of 4, shocks that the sources share and shocks of their own of
autocorrelation .5; see tests/calibration/test_distances.py): mean distance, rejections at 5%, coverage of the interval.

                            embedding                            topics
    articles      true    found   naive  rejected covered   true  found  naive  rejected covered
    20, 2,000        0    .0009   .0528    .050     .965      0    .17    .46     .015     .985
    100, 2,000       0    .0000   .0104    .040     .970      0    .04    .21     .040     .990
    400, 800         0    .0001   .0038    .075     .945      0    .03    .12     .045    1
    20, 2,000     .0025   .0029   .0546    .090     .960    .16    .24    .49     .085     .960
    100, 2,000    .0025   .0024   .0128    .235     .970    .16    .13    .26     .495     .975
    400, 800      .0025   .0027   .0064    .725     .940    .16    .16    .20     .965     .940
    20, 2,000     .0098   .0105   .0621    .185     .945    .31    .36    .55     .220     .900
    100, 2,000    .0098   .0100   .0202    .845     .910    .31    .30    .38     .990     .955
    400, 800      .0098   .0098   .0136   1         .945    .31    .31    .33    1         .955

At autocorrelation .8 (400, 800; blocks of 8) .055 and .065 are rejected where nothing differs, and .907 of the
embedding's intervals cover .0098. At 20 articles the jackknife does not quite correct a divergence.
"""

import numpy as np

from frameshift.comparisons.intervals import LEVEL, MIN_CLUSTERS, MIN_TESTED, ROUNDING

FEW = 12  # blocks below which signs alone give too few different draws
_WEBB = np.sqrt([0.5, 1.0, 1.5])


def draw_signs(n_blocks: int, *, draws: int, seed: int) -> np.ndarray:
    """Weights of the wild bootstrap (draws × blocks): Rademacher's, or below FEW blocks those of Webb (2023)."""
    rng = np.random.default_rng(seed)
    points = [-1.0, 1.0] if n_blocks >= FEW else [*-_WEBB, *_WEBB]
    return rng.choice(points, size=(draws, n_blocks))


def compare_means(totals: np.ndarray, counts: np.ndarray, signs: np.ndarray) -> dict[str, float]:
    """Squared distance of the two means, less its bias.

    The bias is the trace of the variance of the difference, from the blocks' influences, each scaled by its leverage
    (Bell & McCaffrey 2002) so that it is right for a source of few blocks too. The interval holds every true distance
    D from which the estimate is no further than t times sqrt(4 v D + 2 tr V²), its standard deviation then (v: the
    variance V in the direction of the difference), and 0 wherever the test does not exclude it.
    """
    sizes = counts.sum(axis=1)
    means = totals.sum(axis=1) / sizes[:, None]
    difference = means[0] - means[1]
    leverage = counts / sizes[:, None]
    influences = totals / sizes[:, None, None] - leverage[:, :, None] * means[:, None]
    influences /= np.sqrt(1 - leverage)[:, :, None]
    influence = influences[0] - influences[1]
    products = influence @ influence.T
    naive = float(difference @ difference)
    distance = naive - float(np.trace(products))
    found = {"distance": distance, "naive": naive}
    n_blocks = (counts > 0).sum(axis=1).min()
    if n_blocks < MIN_TESTED or np.trace(products) < ROUNDING:
        return found
    p = _test_difference(totals, counts, signs, scale=1.0)
    if n_blocks < MIN_CLUSTERS:
        return found | {"p": p}
    t = _quantile(n_blocks)
    spread = 2 * t**2 * (products**2).sum(where=~np.eye(len(products), dtype=bool))  # t² · 2 tr V²
    middle = distance + 2 * t**2 * ((influence @ difference) ** 2).sum() / max(naive, ROUNDING)
    reach = np.sqrt(max(middle**2 - distance**2 + spread, 0))
    low, high = middle - reach, max(middle + reach, 0)  # no true distance is below 0
    if low < 0 or p > 1 - LEVEL:
        low = min(distance - np.sqrt(spread), 0)
    return found | {"p": p, "low": float(low), "high": float(high)}


def compare_mixes(totals: np.ndarray, counts: np.ndarray, signs: np.ndarray) -> dict[str, float]:
    """Jensen–Shannon distance of the two mixes of topics (base 2), its divergence less the jackknife's bias.

    p is of the squared differences in units of the common mix, to which the divergence comes down where mixes are
    close: the divergence itself rejects .75 of the time at 20 articles. The limits are the jackknife's (Efron &
    Tibshirani 1993), on the divergence, with 0 among them wherever the test does not exclude it.
    """
    sizes = counts.sum(axis=1)
    sums = totals.sum(axis=1)
    naive = float(_divergence(*(sums / sizes[:, None])))
    without = [
        (sum_ - total) / (size - count)[:, None]
        for sum_, total, size, count in zip(sums, totals, sizes, counts, strict=True)
    ]
    used = counts.sum(axis=0) > 0
    left_out = _divergence(without[0][used], without[1][used])
    n_used = len(left_out)
    divergence = n_used * naive - (n_used - 1) * left_out.mean()
    found = {"distance": float(np.sqrt(max(divergence, 0))), "naive": float(np.sqrt(naive))}
    n_blocks = (counts > 0).sum(axis=1).min()
    common = sums.sum(axis=0) / sizes.sum()
    if n_blocks < MIN_TESTED or (common > 0).sum() < 2:
        return found
    p = _test_difference(totals[:, :, common > 0], counts, signs, scale=1 / np.sqrt(common[common > 0]))
    if n_blocks < MIN_CLUSTERS:
        return found | {"p": p}
    reach = _quantile(n_blocks) * np.sqrt((n_used - 1) * left_out.var())
    low, high = np.sqrt(np.maximum([divergence - reach, divergence + reach], 0))
    return found | {"p": p, "low": 0.0 if p > 1 - LEVEL else float(low), "high": float(high)}


def _test_difference(totals: np.ndarray, counts: np.ndarray, signs: np.ndarray, *, scale) -> float:
    """p of the squared difference of the means, in units of `scale`, by wild cluster bootstrap with the null imposed.

    Each block's part in the difference changes its sign at random, in both sources alike: this keeps what they share,
    and what the weeks of a block share, whatever the sizes of the sources.
    """
    sizes = counts.sum(axis=1)
    common = totals.sum(axis=(0, 1)) / sizes.sum()
    parts = (totals - counts[:, :, None] * common) / sizes[:, None, None] * scale
    products = (parts[0] - parts[1]) @ (parts[0] - parts[1]).T
    np.fill_diagonal(products, 0)  # the squares: what the blocks have by themselves is the bias
    drawn = (signs @ products * signs).sum(axis=1)
    return float((1 + (drawn >= products.sum() - ROUNDING).sum()) / (1 + len(signs)))


def _divergence(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Jensen–Shannon divergence in bits along the last axis."""
    middle = _entropy((first + second) / 2)
    return np.maximum(middle - (_entropy(first) + _entropy(second)) / 2, 0)


def _entropy(mix: np.ndarray) -> np.ndarray:
    return -(mix * np.log2(np.where(mix > 0, mix, 1))).sum(axis=-1)


def _quantile(n_blocks: int) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + LEVEL) / 2, n_blocks - 1))
