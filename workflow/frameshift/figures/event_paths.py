"""The course of the response to each event, before it and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from frameshift.figures.forest import find_reach, in_points
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    draw_key,
    in_bands,
    is_narrow,
    key_height,
    new_sheet,
    sheet_width,
    shorten,
    write,
)
from frameshift.figures.responses import (
    TALLEST,
    Event,
    choose_events,
    list_events_of,
    say_fewer,
    select_responses,
    write_event,
)
from frameshift.figures.style import BAND, GREY, SMALL, NothingToDraw, Style, source_colours, styled
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WEEKS = 4  # that each point is the mean of
HEAD, FOOT = LINE + 2.8, 9.0  # mm: the event's name above its panels, and the axis below the last
LEAST, MOST = 13.0, 24.0  # mm of a panel's height
TICKS, APART = 7.0, 1.5  # mm to the left of each panel for the numbers, and between panels
TOGETHER = 3  # sources whose bands can be told apart in one panel


@styled
def plot_event_paths(
    responses: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    given: str | None = None,
    n_sources: int,
    events: Sequence[Mapping] = (),
) -> tuple[Figure, pl.DataFrame]:
    """The response every 4 weeks around each event, with 95% bands, from comparisons/events (design interrupted).

    A row an event in the order of dates, a column a frame: all sources together or, of an event that concerns only
    some, the largest of these. For `given`, `events` and what does not fit on a page see plot_event_responses. Raises
    NothingToDraw without an estimate.
    """
    styles = source_colours(counts, n_sources)
    about = select_responses(responses, counts, frames, given).filter(design="interrupted")
    lags = _choose_sources(about.filter(pl.col("lag").is_not_null()), styles)
    if lags.is_empty():
        raise NothingToDraw("The course of no response to an event could be estimated.")
    frames = [frame for frame in frames if frame in set(lags["frame"])]
    bands = in_bands(frames, 2 if is_narrow() else 4)
    every = list_events_of(lags, styles, events)
    room = TALLEST / len(bands) - FOOT - LINE
    tested = pl.concat([lags, about.filter(pl.col("lag").is_null()).join(lags, on=["event", "source"], how="semi")])
    shown = choose_events(tested, [Event(*event[:2], [""]) for event in every], room=room, head=HEAD, pitch=LEAST)
    names = [event.name for event in shown]
    table = lags.filter(pl.col("event").is_in(names))
    notes = say_fewer(len(every) - len(shown))
    return _draw(table, [event for event in every if event.name in names], bands, styles, given, notes), table


def _choose_sources(lags: pl.DataFrame, styles: Mapping[str, Style]) -> pl.DataFrame:
    """Of each event all sources together where these were looked at, else the largest of those that it concerns."""
    named = {source: i for i, (source, style) in enumerate(styles.items()) if style.named}
    rank = pl.col("source").replace_strict(named, default=None, return_dtype=pl.Int64)
    ranked = lags.with_columns(rank=rank).filter(pl.col("rank").is_not_null())
    whole = (pl.col("source") == ALL_SOURCES).any().over("event")
    chosen = pl.when(whole).then(pl.col("source") == ALL_SOURCES)
    return ranked.filter(chosen.otherwise(pl.col("rank").rank("dense").over("event") <= TOGETHER)).drop("rank")


def _draw(table, events: list[Event], bands: list[list[str]], styles, given, notes) -> Figure:
    values, _, unit = in_points(table, ["estimate", "low", "high"])
    height = (TALLEST / len(bands) - FOOT - LINE) / len(events) - HEAD
    height = min(MOST, max(LEAST, height))
    sources = [source for source in styles if source in set(table["source"])]
    key = [(source, styles[source]) for source in sources] if len(sources) > 1 else []
    room = key_height(key) + 1.5 if key else 0.5
    whose = "" if key else f" of {sources[0]}"
    within = "" if given is None else f" in passages about {given}"
    figure, top = new_sheet(
        room + len(bands) * (LINE + len(events) * (HEAD + height) + FOOT),
        header=[f"Response{whose} to each event{within}, against the course before ({unit})"],
        footer=notes,
    )
    draw_key(figure, top, key)
    top += room
    width = (sheet_width() - 2 * MARGIN) / max(map(len, bands)) - TICKS - APART
    for frames in bands:
        lefts = [MARGIN + TICKS + i * (width + TICKS + APART) for i in range(len(frames))]
        for left, frame in zip(lefts, frames, strict=True):
            title = shorten(frame, width, weight="bold")
            write(figure, left + width / 2, top, title, ha="center", weight="bold")
        top += LINE
        for event in events:
            write_event(figure, top + 1.6, event, _say_n(table.filter(event=event.name)))
            for left, frame in zip(lefts, frames, strict=True):
                panel = add_panel(figure, left, top + HEAD, width, height)
                panel.set_ylim(*find_reach(values.filter(frame=frame)))
                panel.locator_params(axis="y", nbins=4)
                _set_weeks(panel, table, width, labels=event is events[-1])
                for source in sources:
                    _draw_path(panel, values.filter(frame=frame, event=event.name, source=source), styles[source])
            top += HEAD + height
        top += FOOT
    return figure


def _say_n(cells: pl.DataFrame) -> str:
    """From how few to how many articles a point is the mean of."""
    few, many = (f"{n:,}" for n in (cells["n_articles"].min(), cells["n_articles"].max()))
    return f"n = {few}" if few == many else f"n = {few} to {many} articles a point"


def _set_weeks(panel: Axes, table: pl.DataFrame, width: float, *, labels: bool) -> None:
    """The axis of weeks, with a line at the event and one at no response."""
    first, last = table["lag"].min(), table["lag"].max() + WEEKS
    panel.set_xlim(first, last)
    step = 12 if width < 35 else 8
    ticks = [week for week in range(-10 * step, 10 * step, step) if first < week < last]
    panel.set_xticks(ticks, [f"{week}".replace("-", "−") if labels else "" for week in ticks])
    if labels:
        panel.set_xlabel("weeks from the event", size=SMALL, labelpad=1.5)
    panel.axvline(0, color=GREY, linewidth=0.5, linestyle=(0, (3, 2)), zorder=0)
    panel.axhline(0, color=GREY, linewidth=0.5, zorder=0)


def _draw_path(panel: Axes, cells: pl.DataFrame, style: Style) -> None:
    """One source: a point in the middle of its 4 weeks, and the band; the line breaks where there is no estimate."""
    if cells.is_empty():
        return
    lags = pl.DataFrame({"lag": range(cells["lag"].min(), cells["lag"].max() + 1, WEEKS)})
    rows = lags.join(cells, on="lag", how="left", maintain_order="left")
    x = rows["lag"].to_numpy() + WEEKS / 2
    y, low, high = (rows[name].cast(pl.Float64).to_numpy() for name in ("estimate", "low", "high"))
    panel.fill_between(x, low, high, where=np.isfinite(low), color=style.colour, alpha=BAND, linewidth=0, zorder=2)
    look = {"color": style.colour, "linewidth": 0.9, "markersize": 2.2, "markeredgewidth": 0.6, "zorder": 3}
    panel.plot(x, y, linestyle=style.dash, marker=style.marker, markerfacecolor="none", **look)
    sure = np.isfinite(low)
    panel.plot(x[sure], y[sure], linestyle="none", marker=style.marker, **look)
