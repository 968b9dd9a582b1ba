"""A change divided by the attenuation has the size that people see, if the measure errs alike before and after."""

import numpy as np
import polars as pl
from planned import covered_range

from frameshift.comparisons.attenuation import adjust_changes, estimate_attenuation
from frameshift.tables import empty_table

REPLICATIONS, PASSAGES, LABELS = 300, 4_000, 300
BEFORE, AFTER = 0.15, 0.25


def draw_shares(rng, codes, *, quieter=0.0):
    """A calibrated measure that sees half of it; `quieter` is by how much less it sees of the frame where it is."""
    return np.where(codes, rng.beta(2.2 - quieter, 1.8 + quieter, codes.shape), rng.beta(1.0, 7.5, codes.shape))


def replicate(seed, **errors):
    """The adjusted change and whether its interval holds the true one; labels are of both sides together."""
    rng = np.random.default_rng([20251203, seed])
    later = np.arange(PASSAGES) % 2 == 1
    codes = rng.random(PASSAGES) < np.where(later, AFTER, BEFORE)
    shares = draw_shares(rng, codes)
    if errors:
        shares[later] = draw_shares(rng, codes[later], **errors)
    drawn = rng.choice(PASSAGES, LABELS, replace=False)
    pairs = pl.DataFrame(
        {"cluster": drawn.astype(str), "coded": codes[drawn].astype(float), "predicted": shares[drawn]}
    ).with_columns(
        frame=pl.lit("threat"), given=pl.lit(None, pl.String), probability=pl.lit(LABELS / PASSAGES),
        coded_about=pl.lit(0.0), predicted_about=pl.lit(0.0),
    )  # fmt: skip
    sides = shares[later], shares[~later]
    change = sides[0].mean() - sides[1].mean()
    reach = 1.96 * np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides))
    row = {"frame": "threat", "scale": "share", "kind": "change", "estimate": change}
    row |= {"low": change - reach, "high": change + reach}
    contrasts = pl.DataFrame([row], schema=empty_table("comparisons/contrasts").schema)
    (found,) = adjust_changes(contrasts, estimate_attenuation(pairs)).to_dicts()
    truth = AFTER - BEFORE
    return change, found["estimate"], found["low"] <= truth <= found["high"]


def test_adjusted_changes_are_unbiased_and_covered_where_uncorrected_ones_are_half_as_large():
    measured, adjusted, covered = np.array([replicate(seed) for seed in range(REPLICATIONS)]).T
    assert measured.mean() < 0.6 * (AFTER - BEFORE)
    assert abs(adjusted.mean() - (AFTER - BEFORE)) < 0.004
    low, high = covered_range(REPLICATIONS)
    assert low <= covered.mean() <= high


def test_a_measure_that_sees_less_of_the_frame_later_makes_them_too_small():
    _, adjusted, covered = np.array([replicate(seed, quieter=1.0) for seed in range(60)]).T
    assert adjusted.mean() < 0.6 * (AFTER - BEFORE)
    assert covered.mean() < 0.5
