"""Tests beside each other: q, which controls the false discovery rate."""

from collections.abc import Sequence

import polars as pl


def add_q(table: pl.DataFrame, *, within: Sequence[str]) -> pl.DataFrame:
    """`table` with q: its column p adjusted within each of the groups (Benjamini & Hochberg 1995).

    Rows without p have no q, and do not count. The order of the rows is another one.
    """
    from scipy.stats import false_discovery_control

    tested = table.filter(pl.col("p").is_not_null())
    parts = [
        part.with_columns(q=pl.Series(false_discovery_control(part["p"].to_numpy()), dtype=pl.Float64))
        for part in tested.partition_by(within, maintain_order=True)
    ]
    untested = table.filter(pl.col("p").is_null()).with_columns(q=pl.lit(None, pl.Float64))
    return pl.concat([*(part.select(untested.columns) for part in parts), untested])
