"""Draws of whole clusters, for intervals of statistics that have no simple variance.

Copies of one wire story carry one text and one code: they are drawn together or not at all (Field & Welsh 2007,
Journal of the Royal Statistical Society B 69:369-390).
"""

from collections.abc import Callable

import numpy as np

DRAWS = 1000
MIN_CLUSTERS = 30  # fewer clusters: no interval, because a percentile bootstrap of a few covers too little
LEVEL = 0.95
_MAX_UNDEFINED = 0.05  # of the draws: a statistic that more of them leave undefined has no interval
_BATCH = 2_000_000  # numbers held at once: 16 MB


def resample(
    statistic: Callable[[np.ndarray], np.ndarray], clusters: np.ndarray, *, seed: int, draws: int = DRAWS
) -> np.ndarray:
    """`statistic` in samples of as many clusters as there are, drawn with replacement: float64 (draws, statistics).

    `clusters` (n,) names each row's cluster. `statistic` takes how often each row was drawn, float64 (samples, n), and
    returns (samples, statistics); with a row of ones it gives the estimate itself.
    """
    names, cluster = np.unique(clusters, return_inverse=True)
    rng = np.random.default_rng(seed)
    size = max(1, _BATCH // len(clusters))
    parts = []
    for start in range(0, draws, size):
        count = min(size, draws - start)
        drawn = rng.integers(len(names), size=(count, len(names))) + len(names) * np.arange(count)[:, None]
        times = np.bincount(drawn.ravel(), minlength=count * len(names)).reshape(count, len(names))
        parts.append(statistic(times.astype(np.float64)[:, cluster]))
    return np.concatenate(parts)


def percentile_limits(drawn: np.ndarray) -> tuple[float | None, float | None]:
    """Limits of the 95% interval from the values (draws,) of one statistic; NaN where a draw leaves it undefined.

    None where too many are undefined, or where all are equal: a perfect result in every draw means that the sample is
    too small to show any error, not that there is none.
    """
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < (1 - _MAX_UNDEFINED) * len(drawn) or np.ptp(defined) < 1e-12:
        return None, None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
