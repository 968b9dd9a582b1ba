"""Joint framing: of what is about an issue, how far is it framed as threat, as security; by whom, since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.framing import count_shown, find_limits, list_rows, say_beyond
from frameshift.figures.layout import (
    MARGIN,
    add_panel,
    draw_key,
    is_narrow,
    key_height,
    new_sheet,
    say_hidden,
    sheet_size,
    shorten,
    text_width,
    write,
)
from frameshift.figures.series import (
    draw_events,
    draw_series,
    in_units,
    list_events,
    list_periods,
    number_events,
    select_over_time,
    set_time_axis,
)
from frameshift.figures.style import frame_colours, source_colours, styled
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD = 7.5  # mm above each panel: the source's name, then the events' names
FOOT = 7.0  # mm below each panel for the dates
TICKS = 7.5


@styled
def plot_joint_framing(
    prevalence: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    given: str,
    measure: str,
    grain: str,
    n_sources: int,
    events: Sequence[Mapping] = (),
) -> tuple[Figure, pl.DataFrame]:
    """Intensity or share of `frames` within what is about `given`, by source and period, from comparisons/prevalence.

    One panel a source (all together, then the `n_sources` largest), one line a frame. All panels share the axis.
    Raises NothingToDraw without dates or estimates.
    """
    cells = select_over_time(prevalence, frames=frames, given=given, measure=measure, grain=grain)
    colours = source_colours(counts, n_sources)
    table = cells.filter(pl.col("source").is_in(list(colours)))  # no groups of sources
    cells, axis = in_units(table)
    frames = [frame for frame in frames if frame in set(cells["frame"])]
    periods = list_periods(cells["start"], grain)
    sources = list_rows(cells, colours)
    styles = frame_colours(frames)
    hidden = cells.filter(pl.col("source") != ALL_SOURCES, ~pl.col("source").is_in(sources))["source"].n_unique()
    table = table.filter(pl.col("source").is_in(sources))
    cells = cells.filter(pl.col("source").is_in(sources))
    shown = number_events(events, periods)
    columns = 2 if len(sources) == 4 or is_narrow() else 3
    columns = min(columns, len(sources))
    rows = -(-len(sources) // columns)
    height = max(24.0, min(46.0, 190 / rows - HEAD - FOOT))
    limits = find_limits(cells)
    key = [(f"{frame} given {given}", styles[frame]) for frame in frames]

    figure, top = new_sheet(
        key_height(key) + rows * (HEAD + height + FOOT),
        header=[f"{axis[0].upper()}{axis[1:]}, in passages about {given}, by {grain}"],
        footer=[*say_beyond(cells, limits), *say_hidden(hidden, "source"), *list_events(shown)],
    )
    draw_key(figure, top, key)
    width = (sheet_size(figure)[0] - 2 * MARGIN) / columns - TICKS - 1.5
    for i, source in enumerate(sources):
        row, column = divmod(i, columns)
        left = MARGIN + TICKS + column * (width + TICKS + 1.5)
        y = top + key_height(key) + row * (HEAD + height + FOOT)
        panel = add_panel(figure, left, y + HEAD, width, height)
        for frame in frames:
            mine = cells.filter(pl.col("frame") == frame, pl.col("source") == source)
            draw_series(panel, mine, periods, styles[frame], limits=limits)
        panel.locator_params(axis="y", nbins=4)
        set_time_axis(panel, periods, width)
        draw_events(panel, shown, source=None if source == ALL_SOURCES else source, width=width, labels=True)
        n = f" (n = {count_shown(cells, source):,})"
        room = width + 5 - text_width(n, weight="bold")
        write(figure, left - 4, y + 1.2, shorten(source, room, weight="bold") + n, weight="bold")
    return figure, table
