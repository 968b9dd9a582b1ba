"""A difference between two means, split into what the topics' shares and what the means within topics contribute.

With topic shares w_k and means f_k on each side, the difference is Σ w_k1 f_k1 - Σ w_k0 f_k0. Kitagawa (1955) splits it
with averaged weights (two-fold); Oaxaca (1973) and Blinder (1973) from the first side, with the interaction apart
(three-fold):

    two-fold      mix Σ Δw_k (f_k0 + f_k1) / 2    within Σ Δf_k (w_k0 + w_k1) / 2
    three-fold    mix Σ Δw_k f_k0                 within Σ w_k0 Δf_k                 interaction Σ Δw_k Δf_k

A topic that is absent from one side takes the other side's mean, so that what comes or goes is mix.
"""

from typing import NamedTuple

import numpy as np

PARTS = (
    *(("two-fold", part) for part in ("mix", "within", "total")),
    *(("three-fold", part) for part in ("mix", "within", "interaction", "total")),
)
ABSENT = 1e-9  # of a side's weight: less is what differences of sums leave by rounding


class Sides(NamedTuple):
    """Topics on both sides, (…, 2, topics) each, the side compared with first."""

    size: np.ndarray  # (…, 2) Σ weight of a side
    shares: np.ndarray  # of its weight
    means: np.ndarray  # within the topic; 0 where it is absent from both sides
    present: np.ndarray  # bool


def find_sides(weights: np.ndarray, totals: np.ndarray) -> Sides:
    """Shares and means from the topics' Σ weight and Σ total on both sides, (…, 2, topics) each."""
    size = weights.sum(axis=-1)
    present = weights > ABSENT * size[..., None]
    shares = np.where(present, weights, 0) / size[..., None]
    own = np.where(present, totals, 0) / np.where(present, weights, 1)
    return Sides(size, shares, np.where(present, own, own[..., ::-1, :]), present)


def split_difference(sides: Sides) -> np.ndarray:
    """The parts of the difference, second side minus first, in the order of PARTS: (…, parts)."""
    before, level, shift, rise = _read(sides)
    share, mean = sides.shares.mean(axis=-2), sides.means.mean(axis=-2)
    mix, within, *others = (
        (one * other).sum(axis=-1)
        for one, other in ((shift, mean), (share, rise), (shift, level), (before, rise), (shift, rise))
    )
    return np.stack([mix, within, mix + within, *others, sum(others)], axis=-1)


def split_topics(sides: Sides) -> tuple[np.ndarray, np.ndarray]:
    """What each topic contributes to mix and to within of the two-fold form: (…, topics) each.

    A topic's mix is Δw_k times how far its mean lies from the mean of all. As shares add up to one, that leaves the sum
    as it is, and it does not depend on where the scale has its zero: a topic of low mean that shrinks raises the whole.
    """
    _, _, shift, rise = _read(sides)
    share, mean = sides.shares.mean(axis=-2), sides.means.mean(axis=-2)
    return shift * (mean - (share * mean).sum(axis=-1, keepdims=True)), share * rise


def find_slopes(sides: Sides) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the parts by the shares, and by the means that are present: (…, parts, 2, topics) each."""
    before, level, shift, rise = _read(sides)
    share, mean, none = sides.shares.mean(axis=-2), sides.means.mean(axis=-2), np.zeros_like(shift)
    by_share = [(-mean, mean), (rise / 2, rise / 2), (-level, level), (rise, none), (-rise, rise)]
    by_mean = [(shift / 2, shift / 2), (-share, share), (shift, none), (-before, before), (-shift, shift)]
    by_share, by_mean = (
        np.stack([mix, within, mix + within, *others, sum(others)], axis=-3)
        for mix, within, *others in ([np.stack(pair, axis=-2) for pair in pairs] for pairs in (by_share, by_mean))
    )
    present = sides.present[..., None, :, :]
    lent = np.where(present[..., ::-1, :], 0, by_mean[..., ::-1, :])  # to a side from which the topic is absent
    return by_share, np.where(present, by_mean + lent, 0)


def _read(sides: Sides) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Shares and means of the first side, and how much they differ on the second: (…, topics) each."""
    (before, after), (level, later) = (np.moveaxis(of, -2, 0) for of in (sides.shares, sides.means))
    return before, level, after - before, later - level
