"""Framing over time by source: a row a source, a column a frame, the other sources in grey behind each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.layout import MARGIN, add_panel, new_sheet, sheet_size, sheet_width, shorten, write
from frameshift.figures.series import (
    draw_behind,
    draw_events,
    draw_series,
    in_units,
    list_events,
    list_periods,
    number_events,
    select_over_time,
    set_time_axis,
)
from frameshift.figures.style import NothingToDraw, source_colours, styled
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD = 5.0  # mm above each row for the source's name
TICKS = 7.0  # mm to the left of each panel for the numbers


@styled
def plot_framing_over_time(
    prevalence: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    measure: str,
    grain: str,
    n_sources: int,
    events: Sequence[Mapping] = (),
) -> tuple[Figure, pl.DataFrame]:
    """Intensity or share of each frame by source and period, with 95% bands, from comparisons/prevalence (given null).

    `counts` is articles per source (count_articles), `frames` the columns in their order, `events` rows of the
    events file. Rows are all sources together and the `n_sources` largest; smaller ones are drawn in grey only.
    Raises NothingToDraw without dates or estimates.
    """
    styles = source_colours(counts, n_sources)
    cells = select_over_time(prevalence, frames=frames, given=None, measure=measure, grain=grain)
    table = cells.filter(pl.col("source").is_in(list(styles)))  # no groups of sources
    cells, axis = in_units(table)
    frames = [frame for frame in frames if frame in set(cells["frame"])]
    periods = list_periods(cells["start"], grain)
    rows = list_rows(cells, styles)
    shown = number_events(events, periods)
    height = max(13.0, min(34.0, 165 / len(rows) - HEAD))
    behind = cells.filter(pl.col("source") != ALL_SOURCES)
    grey = behind.filter(~pl.col("source").is_in(rows))["source"].n_unique()
    notes = ["Grey: the other sources" + (f", and {grey} smaller ones." if grey else ".")] if len(rows) > 1 else []

    drawn = {frame: cells.filter(pl.col("frame") == frame, pl.col("source").is_in(rows)) for frame in frames}
    limits = {frame: find_limits(drawn[frame]) for frame in frames}
    beyond = [say for frame in frames for say in say_beyond(drawn[frame], limits[frame])]
    figure, top = new_sheet(
        4 + 3 + len(rows) * (HEAD + height) + 8,
        header=[f"{axis[0].upper()}{axis[1:]}, by {grain}"],
        footer=[*notes, *beyond[:1], *list_events(shown)],
    )
    width = (sheet_size(figure)[0] - 2 * MARGIN) / len(frames) - TICKS - 2
    for column, frame in enumerate(frames):
        left = MARGIN + TICKS + column * (width + TICKS + 2)
        title = shorten(frame, width + TICKS, weight="bold")
        write(figure, left + width / 2, top, title, ha="center", weight="bold")
        for row, source in enumerate(rows):
            y = top + 7 + row * (HEAD + height)
            mine = cells.filter(pl.col("frame") == frame, pl.col("source") == source)
            panel = add_panel(figure, left, y + HEAD, width, height)
            draw_behind(panel, behind.filter(pl.col("frame") == frame, pl.col("source") != source), periods)
            draw_series(panel, mine, periods, replace(styles[source], dash="-"), limits=limits[frame])
            panel.locator_params(axis="y", nbins=3)
            set_time_axis(panel, periods, width, labels=row == len(rows) - 1)
            draw_events(panel, shown, source=None if source == ALL_SOURCES else source, width=width, labels=row == 0)
            if column == 0:
                above = 0.0 if row else -3.4  # the first row leaves room for the events' names
                title = f"{shorten(source, sheet_width() - 40, weight='bold')} (n = {count_shown(cells, source):,})"
                write(figure, MARGIN, y + 1.5 + above, title, weight="bold")
    return figure, table


def list_rows(cells: pl.DataFrame, styles: Mapping) -> list[str]:
    """The sources that get a panel: all together (where there are several), then the named ones, largest first."""
    present = set(cells.drop_nulls("estimate")["source"])
    named = [source for source, style in styles.items() if style.named and source in present and source != ALL_SOURCES]
    only_one = len(styles) == 2  # all sources together are then that one
    rows = named if only_one or ALL_SOURCES not in present else [ALL_SOURCES, *named]
    if not rows:
        raise NothingToDraw("Only smaller sources, which get no colour, have estimates: see figures.sources.")
    return rows


def count_shown(cells: pl.DataFrame, source: str) -> int:
    """How many articles are behind a source's line: over the periods, the largest number of any frame."""
    by_frame = cells.filter(pl.col("source") == source).group_by("frame").agg(pl.col("n_articles").sum())
    return int(by_frame["n_articles"].max() or 0)


def find_limits(cells: pl.DataFrame) -> tuple[float, float]:
    """Limits of a y axis that hold every estimate with an interval, the interval, and a little air.

    Estimates from few articles, which have none, are held as far as half that span beyond; else a single passage would
    decide how flat all lines look.
    """
    sure = cells.filter(pl.col("low").is_not_null())
    few = cells["estimate"].drop_nulls()
    ends = pl.concat([sure["estimate"], sure["low"], sure["high"]]) if len(sure) else few
    low, high = (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)
    held = few.filter(few.is_between(low - (high - low) / 2, high + (high - low) / 2))
    low, high = min([low, *held]), max([high, *held])
    air = 0.06 * (high - low) or 0.5
    return low - air, high + air


def say_beyond(cells: pl.DataFrame, limits: tuple[float, float]) -> list[str]:
    """A sentence for the foot of a figure with points beyond its axis (none without)."""
    beyond = cells.filter(~pl.col("estimate").is_between(*limits))
    return ["Arrows: from few articles, beyond the axis; see the table."] if len(beyond) else []
