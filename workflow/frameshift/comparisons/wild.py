"""The wild cluster bootstrap, for contrasts of means over few blocks of time.

With few clusters the t statistic is not distributed as t. The bootstrap asks how it is distributed if the contrast is
what the null says: residuals of the restricted fit keep their size, and each block draws one weight that multiplies all
of them (Cameron, Gelbach & Miller 2008). Every statistic needs only the sums over blocks, never the rows (Roodman,
MacKinnon, Nielsen & Webb 2019).

Notation: block g has X_g'WX_g (its gram) and X_g'Wy_g (its moment); A is the sum of the grams, c the contrast and
h = A⁻¹c; s_g = h'X_g'Wũ_g is the score of the restricted residuals ũ. A draw v gives the estimate's error Σ v_g s_g
and, with δ = A⁻¹ Σ v_g X_g'Wũ_g, the scores v_g s_g − h'X_g'WX_g δ of its residuals; their squares sum to its variance.
"""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np

from frameshift.comparisons.intervals import LEVEL, ROUNDING

MIN_BLOCKS = 6  # fewer blocks: no test
RADEMACHER_BLOCKS = 12  # from here on; with fewer, two signs give too few different samples
SIGNS = np.array([-1.0, 1.0])
WEBB = np.sqrt([0.5, 1.0, 1.5]) * np.array([[-1], [1]])  # six weights (Webb 2023)
ROUNDED = 1e-9  # statistics this close, as a share of their size, are equal


class Wild(NamedTuple):
    """A contrast tested: its estimate, its cluster-robust standard error, p, and the 95% interval (None if open)."""

    estimate: float
    error: float
    p: float
    low: float | None
    high: float | None


def test_means(totals: np.ndarray, weights: np.ndarray, *, draws: int, seed: int) -> Wild | None:
    """The second of two weighted means minus the first, over blocks of time.

    `totals` and `weights` (2, blocks) are Σ w·y and Σ w on each side; a block may stand on both. None where test_linear
    gives none.
    """
    grams = np.zeros((weights.shape[1], 2, 2))
    grams[:, [0, 1], [0, 1]] = weights.T
    return test_linear(totals.T, grams, np.array([-1.0, 1.0]), draws=draws, seed=seed)


def test_linear(moments: np.ndarray, grams: np.ndarray, contrast: np.ndarray, *, draws: int, seed: int) -> Wild | None:
    """A linear contrast of the coefficients of a weighted regression, by the wild bootstrap with the null imposed.

    `moments` (blocks, terms) are X'Wy and `grams` (blocks, terms, terms) X'WX of each block; `contrast` (terms,). p is
    the share of draws whose t is at least as far from 0 as the observed one; the interval holds the values that are
    rejected with p < .05 on neither side (the test inverted). Weights of blocks are Webb's six below 12 blocks, random
    signs from there on; where there are no more patterns of them than `draws`, each pattern is taken once. None below
    6 blocks, and where no block's residuals differ from 0. Source: Cameron, Gelbach & Miller (2008); the studentised
    WCR bootstrap of MacKinnon & Webb (2017).
    """
    if len(moments) < MIN_BLOCKS:
        return None
    inverse = np.linalg.pinv(grams.sum(axis=0), hermitian=True)
    lever = inverse @ contrast
    beta = inverse @ moments.sum(axis=0)
    estimate, spread = float(contrast @ beta), float(contrast @ lever)
    own = (moments - grams @ beta) @ lever
    error = float(np.sqrt((own**2).sum()))
    if error**2 < ROUNDING:
        return None
    # The restricted coefficients move in a straight line with the value of the null, and with them all scores.
    direction = lever / spread
    zero, slope = moments - grams @ (beta - estimate * direction), -(grams @ direction)
    v = _draw_weights(len(moments), draws=draws, seed=seed)
    find_p = _prepare_p(v, zero, slope, grams @ lever, inverse, lever, estimate=estimate, error=error)
    low, high = (_invert(find_p, estimate, step) for step in (-error, error))
    return Wild(estimate, error, find_p(0.0), low, high)


def _draw_weights(n_blocks: int, *, draws: int, seed: int) -> np.ndarray:
    """Weights (draws, blocks), or every pattern of them once."""
    points = SIGNS if n_blocks >= RADEMACHER_BLOCKS else WEBB.ravel()
    if len(points) ** n_blocks <= draws:
        return np.array(list(product(points, repeat=n_blocks)))
    return np.random.default_rng(seed).choice(points, size=(draws, n_blocks))


def _prepare_p(
    v: np.ndarray,
    zero: np.ndarray,
    slope: np.ndarray,
    shares: np.ndarray,
    inverse: np.ndarray,
    lever: np.ndarray,
    *,
    estimate: float,
    error: float,
) -> Callable[[float], float]:
    """p as a function of the value of the null.

    The restricted moments are zero + value · slope, so each draw's error is linear in the value and its variance
    quadratic: both are summed over the blocks once. `shares` (blocks, terms) are h'X_g'WX_g.
    """
    (error_0, scores_0), (error_1, scores_1) = (
        (v @ (part @ lever), v * (part @ lever) - (v @ part) @ inverse @ shares.T) for part in (zero, slope)
    )
    variance = [(scores_0**2).sum(axis=1), 2 * (scores_0 * scores_1).sum(axis=1), (scores_1**2).sum(axis=1)]
    complete = len(np.unique(v)) ** v.shape[1] == len(v)  # else the sample itself counts as one more draw

    def find_p(value: float) -> float:
        squared = (error_0 + value * error_1) ** 2
        observed = ((estimate - value) / error) ** 2
        spread = variance[0] + value * variance[1] + value**2 * variance[2]
        as_far = (squared >= (1 - ROUNDED) * observed * spread).sum()
        return float(as_far / len(v)) if complete else float((as_far + 1) / (len(v) + 1))

    return find_p


def _invert(find_p: Callable[[float], float], estimate: float, step: float) -> float | None:
    """Where p falls to .05 on the side of `step`; None where it never does."""
    reach = next((2.0**k for k in range(1, 12) if find_p(estimate + 2.0**k * step) <= 1 - LEVEL), None)
    if reach is None:
        return None
    inside, outside = 0.0, reach
    while outside - inside > 1e-4:
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if find_p(estimate + middle * step) <= 1 - LEVEL else (middle, outside)
    return estimate + outside * step
