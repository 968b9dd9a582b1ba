"""What a test is worth beside the others: q within its family, the smallest effect of interest, and which row leads."""

from collections.abc import Mapping

import polars as pl

from frameshift.comparisons.attenuation import adjust_changes
from frameshift.comparisons.multiplicity import add_q
from frameshift.contracts import ADJUSTED, DESIGN_BASED

CORRECTED = "corrected share"
LEADING = (DESIGN_BASED, ADJUSTED, None)  # of several estimators the first that there is; others are checks on it
_FAMILY = ["family", "scale", "estimator"]
_QUESTION = ["family", "finding", "frame", "given", "source"]


def add_families(
    contrasts: pl.DataFrame,
    *,
    own: Mapping[str, float],
    smallest: Mapping[str, float],
    attenuation: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Add q, smallest and leads to rows of comparisons/contrasts, and sort them by family and finding.

    q is p adjusted within family, scale and estimator, over the rows that were tested (Benjamini & Hochberg 1995).
    `own` are findings' own smallest effects of interest, `smallest` those of a scale; corrected shares have that of
    shares. With `attenuation` changes get a row divided by it, with the q of the change itself. Of the rows that answer
    one question the design-based one `leads`, else the one divided by the attenuation, else the uncorrected one.
    """
    by_scale = {**smallest, CORRECTED: smallest["share"]} if "share" in smallest else smallest
    tested = add_q(contrasts, within=_FAMILY)
    if attenuation is not None:
        tested = pl.concat([tested, adjust_changes(tested, attenuation)], how="diagonal")
    rank = pl.col("estimator").replace_strict(LEADING, range(len(LEADING)), default=len(LEADING))
    return tested.with_columns(
        smallest=pl.coalesce(
            pl.col(column).replace_strict(values, default=None, return_dtype=pl.Float64)
            for column, values in (("finding", own), ("scale", by_scale))
        ),
        leads=(rank == rank.min().over(_QUESTION)) & (rank < len(LEADING)),
    ).sort("family", "finding", "frame", "given", "source", "scale", "estimator")
