"""Eras: up to three spans of whole years with about as many labelled passages each."""

from collections.abc import Sequence

import numpy as np
import polars as pl

N_ERAS = 3


def add_eras(labelled: pl.DataFrame) -> pl.DataFrame:
    """Add `era`, "2012–2014" or "2015", by the dates of the labelled passages; null where the date is unknown.

    `labelled` has passage_id and date; a passage counts once, in however many rows it stands. Each cut is between the
    two years that come closest to thirds of the passages, so few years make fewer eras; an era is named by its first
    and last year with passages.
    """
    dated = labelled.filter(pl.col("date").is_not_null()).unique("passage_id")
    years, counts = np.unique(dated["date"].dt.year().to_numpy(), return_counts=True)
    if len(years) == 0:
        return labelled.with_columns(era=pl.lit(None, dtype=pl.String))
    reached = np.cumsum(counts) / counts.sum()
    last = {int(np.abs(reached - part / N_ERAS).argmin()) for part in range(1, N_ERAS)}
    era = np.array([sum(cut < number for cut in last) for number in range(len(years))])
    names = {int(year): name_era(years[era == number]) for year, number in zip(years, era, strict=True)}
    return labelled.with_columns(
        era=pl.col("date").dt.year().replace_strict(names, default=None, return_dtype=pl.String)
    )


def name_era(years: Sequence[int]) -> str:
    """An era by its first and last year, "2012–2014", with an en dash as between numbers in print."""
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
