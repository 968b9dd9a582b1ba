"""What is compared: the weekly sums on both sides of a change or a gap, and the series whose weeks they share."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.comparisons.omissions import Impossible
from frameshift.tables import ALL_SOURCES

SUMS = ["total", "weight", "size", "articles", "counted", "labels"]
_DAY = timedelta(days=1)


class Sums(NamedTuple):
    """Sums over articles, each an array of the same shape with weeks on the last axis."""

    total: np.ndarray  # Σ total: the mean is Σ total / Σ weight
    weight: np.ndarray  # Σ weight; where labels correct it, that of a single week can be negative
    size: np.ndarray  # Σ of the weight before any correction, never negative
    articles: np.ndarray  # articles, within an issue as likely as they are to be about it
    counted: np.ndarray  # those more likely about it than not
    labels: np.ndarray  # coded passages

    def take(self, rows) -> "Sums":
        """The sums over these rows (all, for a slice of everything), as (weeks,)."""
        return Sums(*(array[rows].sum(axis=0) for array in self))


class Series(NamedTuple):
    """The days of one frame, alone or within an issue, and their weekly sums in every source."""

    days: pl.DataFrame  # source, date, week and SUMS
    sources: list[str]  # the rows of `weeks`, sorted
    first: int  # number of the first week
    weeks: Sums  # (sources, weeks)


class Difference(NamedTuple):
    """Two sides to be compared, the later one, or the source, second."""

    contrast: str
    period: str
    sides: Sums  # (2, weeks)
    step: int | None  # week from which a change is in force; None for a gap
    others: Sums | None = None  # the sides in the sources present throughout, where these are not all


def read_series(days: pl.DataFrame) -> Series:
    """The series of one frame and given from `days` (source, date, week and SUMS). Raises Impossible without any."""
    if days.is_empty():
        raise Impossible("no article of known day has such a score")
    sources, first = days["source"].unique().sort(), int(days["week"].min())
    shape = len(sources), int(days["week"].max()) - first + 1
    return Series(days, sources.to_list(), first, _sum_weeks(days, sources.search_sorted(days["source"]), first, shape))


def find_change(series: Series, wanted: dict) -> Difference:
    """The change of `wanted`: see contrasts.test_contrasts. Raises Impossible where a side has no article."""
    contrast, before, after = _windows(series.days, wanted)
    chosen = series.days
    if wanted["source"] != ALL_SOURCES:
        chosen = chosen.filter(pl.col("source") == wanted["source"])
    sides = _split(series, chosen, before, after)
    _check_sides(sides)
    step = int(np.flatnonzero(sides.size[1])[0])
    others = _split_throughout(series, before, after) if wanted["source"] == ALL_SOURCES else None
    return Difference(contrast, f"{before[0]} to {after[1]}", sides, step, others)


def find_gap(series: Series, source: str) -> Difference:
    """The source against all others over the whole span. Raises Impossible where a side has no article."""
    mine = np.array([name == source for name in series.sources])
    rest, own = (series.weeks.take(rows) for rows in (~mine, mine))
    sides = Sums(*(np.stack(pair) for pair in zip(rest, own, strict=True)))
    _check_sides(sides)
    return Difference("the source minus the rest", "all", sides, None)


def has_labels(sides: Sums) -> bool:
    """Whether at least MIN_LABELS coded passages stand on each side, so that they can correct it."""
    return bool((sides.labels.sum(axis=1) >= MIN_LABELS).all() and (sides.weight.sum(axis=1) > 0).all())


def mean_difference(sides: Sums) -> float:
    """The second side's mean minus the first's."""
    before, after = sides.total.sum(axis=1) / sides.weight.sum(axis=1)
    return float(after - before)


def _windows(days: pl.DataFrame, wanted: dict) -> tuple[str, tuple[date, date], tuple[date, date]]:
    """What the change is called, and the first and last day of both windows."""
    if "windows" in wanted:
        before, after = wanted["windows"]
        return "{} to {} minus {} to {}".format(*after, *before), before, after
    event, weeks = date.fromisoformat(str(wanted["date"])), wanted.get("weeks")
    first, last = days["date"].min(), days["date"].max()
    if not first < event <= last:
        raise Impossible(f"{event} lies outside the span of the articles, {first} to {last}")
    if weeks is None:
        return f"all weeks from {event} minus all weeks before", (first, event - _DAY), (event, last)
    span = timedelta(weeks=weeks)
    return (
        f"{weeks} weeks from {event} minus {weeks} weeks before",
        (event - span, event - _DAY),
        (event, event + span - _DAY),
    )


def _split(series: Series, days: pl.DataFrame, before: tuple[date, date], after: tuple[date, date]) -> Sums:
    """Weekly sums (2, weeks) of the days in each window."""
    in_after = pl.col("date").is_between(*after)
    marked = days.filter(in_after | pl.col("date").is_between(*before)).with_columns(plus=in_after.cast(pl.Int64))
    return _sum_weeks(marked, marked["plus"], series.first, (2, series.weeks.size.shape[1]))


def _split_throughout(series: Series, before: tuple[date, date], after: tuple[date, date]) -> Sums | None:
    throughout = _present_throughout(series.days, before, after)
    if len(throughout) == len(series.sources):
        return None
    sides = _split(series, series.days.filter(pl.col("source").is_in(throughout)), before, after)
    return sides if (sides.size.sum(axis=1) > 0).all() else None


def _check_sides(sides: Sums) -> None:
    if (sides.size.sum(axis=1) <= 0).any():
        raise Impossible("articles on one side only")


def _present_throughout(days: pl.DataFrame, before: tuple[date, date], after: tuple[date, date]) -> list[str]:
    """The sources with articles in every quarter that the windows touch and any source has articles in."""
    in_windows = pl.col("date").is_between(*before) | pl.col("date").is_between(*after)
    quarters = days.with_columns(quarter=pl.col("date").dt.truncate("1q"), inside=in_windows & (pl.col("size") > 0))
    touched = quarters.filter("inside")["quarter"].unique()
    present = quarters.filter(pl.col("quarter").is_in(touched.implode()), pl.col("size") > 0)
    found = present.group_by("source").agg(n=pl.col("quarter").n_unique()).filter(pl.col("n") == len(touched))
    return found["source"].sort().to_list()


def _sum_weeks(days: pl.DataFrame, row: pl.Series, first: int, shape: tuple[int, int]) -> Sums:
    """The SUMS of `days` by row and week."""
    cell = row.to_numpy().astype(int) * shape[1] + days["week"].to_numpy() - first
    n_cells = shape[0] * shape[1]
    return Sums(*(np.bincount(cell, days[name].to_numpy(), minlength=n_cells).reshape(shape) for name in SUMS))
