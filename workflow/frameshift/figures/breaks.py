"""When framing broke: a panel a frame, a row a source, each break at its date with the interval of that date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from frameshift.figures.forest import Q, in_points, measure_names, say_signed, write_names
from frameshift.figures.framing import list_rows
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    is_narrow,
    new_sheet,
    say_hidden,
    sheet_width,
    shorten,
    spread,
    text_width,
    wrap,
    write,
)
from frameshift.figures.series import draw_events, list_events, number_events, set_time_axis
from frameshift.figures.style import FAINT, GREY, SMALL, NothingToDraw, Style, source_colours, styled
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = 0.05  # a break that passes only by itself
SMALL_LINE = 2.7  # mm from one line of small text to the next
TALLEST = 225.0  # mm of panels: what a page holds
PITCH = (4.2, 5.2)  # mm of a row, least and most
EVENTS = 3.4  # mm above a panel for the events' names
TICKS = 7.0  # mm below a panel for the dates
APART = 3.0  # mm between panels
BELOW = 1.5  # mm of a row below its line
HALO = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}  # so that events' lines do not cross out a number
ESTABLISHED, ALONE, SEARCHED = "established", "by itself", "searched"


class Panel(NamedTuple):
    """A frame, among all passages or those about an issue, and what was found of it."""

    frame: str
    given: str | None
    breaks: pl.DataFrame


class Line(NamedTuple):
    """Panels side by side, the sources that are their rows, and mm of titles above them."""

    panels: list[Panel]
    rows: list[str]
    head: float


@styled
def plot_breaks(
    changepoints: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    given: Sequence[str],
    n_sources: int,
    events: Sequence[Mapping] = (),
) -> tuple[Figure, pl.DataFrame]:
    """The breaks of each series, from comparisons/changepoints: those established (q < .05) filled, others with
    p ≤ .05 hollow; a line is the span that was searched.

    A panel for each of `frames` and each within an issue of `given`; those without a break are named below. Rows are
    all sources together and the `n_sources` largest. The table adds `drawn`: established, by itself, or searched (and
    nothing found). Raises NothingToDraw where nothing was searched, or nothing found.
    """
    styles = source_colours(counts, n_sources)
    series = _list_searched(changepoints, styles, frames, given)
    rows = list_rows(series.rename({"shift": "estimate"}), styles)
    table = series.filter(pl.col("source").is_in(rows))
    breaks, digits, unit = in_points(table, ["shift", "low", "high"])
    panels = [
        Panel(frame, issue, breaks.filter(frame=frame).filter(pl.col("given").eq_missing(pl.lit(issue, pl.String))))
        for issue in (None, *given)
        for frame in frames
    ]
    found = [panel for panel in panels if _list_broken(panel)]
    if not found:
        n = table.select("frame", "given", "source").n_unique()
        raise NothingToDraw(f"No break was found in any of the {n:,} series (frames by source) that were searched.")
    without = [_name(panel) for panel in panels if len(panel.breaks) and not _list_broken(panel)]
    notes = [_say_found(table), *([f"No break in {'; '.join(without)}."] if without else [])]
    notes += _say_hidden(series.filter(~pl.col("source").is_in(rows)))
    return _draw(found, rows, styles, counts, digits, unit, events, notes), table


def _list_searched(changepoints, styles, frames, given) -> pl.DataFrame:
    """The rows that the figure is about, with `drawn`, and first and last day of their segments."""
    wanted = pl.col("given").is_null() | pl.col("given").is_in(list(given))
    series = changepoints.filter(wanted, pl.col("frame").is_in(list(frames)), pl.col("source").is_in(list(styles)))
    if series.is_empty():
        raise NothingToDraw("No series is long enough to look for breaks in: see the list of what was left out.")
    drawn = pl.when(pl.col("q") < Q).then(pl.lit(ESTABLISHED)).when(pl.col("p") <= P).then(pl.lit(ALONE))
    days = pl.col("segment").str.split("/")
    return series.with_columns(
        drawn=drawn.otherwise(pl.lit(SEARCHED)),
        first=days.list.first().str.to_date(),
        last=days.list.last().str.to_date(),
    ).sort("frame", "given", "source", "rank", "date")


def _list_broken(panel: Panel) -> set[str]:
    """The sources with a break in the panel."""
    return set(panel.breaks.filter(pl.col("drawn") != SEARCHED)["source"])


def _say_found(table: pl.DataFrame) -> str:
    n = table.select("frame", "given", "source").n_unique()
    among = dict(table["drawn"].value_counts().iter_rows())
    said = f"{n:,} series searched: {among.get(ESTABLISHED, 0):,} breaks established (filled, q < 0.05)"
    alone = among.get(ALONE, 0)
    return f"{said}, {alone:,} only by {'itself' if alone == 1 else 'themselves'} (hollow or dashed, p ≤ 0.05)."


def _say_hidden(smaller: pl.DataFrame) -> list[str]:
    """A note on the sources that are not drawn, and on what was established there."""
    said = say_hidden(smaller["source"].n_unique(), "source")
    n = (smaller["drawn"] == ESTABLISHED).sum()
    return [f"{said[0]} Established there: {n:,} break{'' if n == 1 else 's'}."] if n else said


def _name(panel: Panel) -> str:
    return panel.frame if panel.given is None else f"{panel.frame} in passages about {panel.given}"


def _draw(panels, rows, styles, counts, digits, unit, events, notes) -> Figure:
    across = min(2 if is_narrow() else 3, len(panels))
    sizes = {ALL_SOURCES: sum(counts.values()), **counts}
    names = measure_names(rows, sizes, most=30.0 if is_narrow() else 42.0)
    width = (sheet_width() - 2 * MARGIN - names) / across - APART
    periods = _find_span(panels)
    shown = number_events(events, periods)
    lines, pitch, shortened = _arrange(panels, rows, across, width, EVENTS if shown else 0.0)
    figure, top = new_sheet(
        sum(line.head + pitch * len(line.rows) + TICKS for line in lines),
        header=[f"Shift of the mean at each break ({unit})"],
        footer=[*notes, *shortened, *list_events(shown)],
    )
    for line in lines:
        at = [top + line.head + (i + 1) * pitch - BELOW for i in range(len(line.rows))]
        write_names(figure, at, names, line.rows, sizes)
        for column, panel in enumerate(line.panels):
            left = MARGIN + names + column * (width + APART)
            _write_title(figure, left, top + line.head - (EVENTS if shown else 0.0), panel, width)
            axes = add_panel(figure, left, top + line.head, width, pitch * len(line.rows))
            set_time_axis(axes, periods, width)
            _draw_panel(axes, panel, line.rows, styles, periods.row(0), width, pitch, digits)
            _mark_events(figure, axes, shown, line.rows, periods, (left, top + line.head, width), pitch)
        top += line.head + pitch * len(line.rows) + TICKS
    return figure


def _arrange(panels, rows, across: int, width: float, above: float) -> tuple[list[Line], float, list[str]]:
    """The panels in lines of `across`, mm of a row, and a note; where a page cannot hold all rows, those without a
    break in a line of panels are left out of it."""
    grid = [panels[i : i + across] for i in range(0, len(panels), across)]
    heads = [
        above + LINE + 0.6 + SMALL_LINE * max(len(_title(panel, width)) for panel in together) for together in grid
    ]
    room = TALLEST - sum(heads) - TICKS * len(grid)
    if room >= PITCH[0] * len(rows) * len(grid):
        lines = [Line(together, rows, head) for together, head in zip(grid, heads, strict=True)]
        return lines, min(PITCH[1], room / len(rows) / len(grid)), []
    lines = []
    for together, head in zip(grid, heads, strict=True):
        broken = set().union(*map(_list_broken, together))
        lines.append(Line(together, [source for source in rows if source in broken], head))
    n = sum(len(line.rows) for line in lines)
    return lines, min(PITCH[1], max(PITCH[0], room / n)), ["Sources without a row: no break there, or not searched."]


def _title(panel: Panel, width: float) -> list[str]:
    """What stands below the frame's name."""
    return [] if panel.given is None else wrap(f"in passages about {panel.given}", width, size=SMALL, lines=3)


def _find_span(panels: Sequence[Panel]) -> pl.DataFrame:
    """First day and end of what was searched, as of one period (series.list_periods)."""
    breaks = pl.concat([panel.breaks for panel in panels])
    return pl.DataFrame({"start": [breaks["first"].min()], "end": [breaks["last"].max() + timedelta(days=1)]})


def _write_title(figure: Figure, left: float, low: float, panel: Panel, width: float) -> None:
    """The frame's name, and below it within what; it ends at `low` mm from the top."""
    below = _title(panel, width)
    top = low - SMALL_LINE * len(below) - LINE - 0.4
    write(figure, left, top, shorten(panel.frame, width, weight="bold"), weight="bold")
    for i, text in enumerate(below):
        write(figure, left, top + LINE + 0.2 + i * SMALL_LINE, text, size=SMALL, color=GREY)


def _draw_panel(axes: Axes, panel: Panel, rows, styles, span, width: float, pitch: float, digits: int) -> None:
    """The rows of a panel; y is mm from its top, `span` the first day and the end of its time axis."""
    axes.set_ylim(pitch * len(rows), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for i, source in enumerate(rows):
        mine = panel.breaks.filter(source=source)
        y = (i + 1) * pitch - BELOW
        if mine.is_empty():
            look = {"transform": axes.get_yaxis_transform(), "va": "center", "size": SMALL, "color": GREY, "bbox": HALO}
            axes.text(0.02, y, "not searched", **look)
            continue
        axes.hlines(y, _day(mine["first"].min()), _day(mine["last"].max()), color=FAINT, linewidth=0.6, zorder=1)
        breaks = [row | {"middle": _find_middle(row)} for row in mine.iter_rows(named=True) if row["drawn"] != SEARCHED]
        for row in breaks:
            _draw_break(axes, row, y, styles[source])
        _write_shifts(axes, breaks, y - 2.3, span, width, digits)


def _draw_break(axes: Axes, row: Mapping, y: float, style: Style) -> None:
    """A step is a triangle on the bar of its date's interval; a trend is a slope over its span."""
    sure = row["drawn"] == ESTABLISHED
    rises = row["shift"] > 0
    if row["shape"] == "trend":
        ends = (y + 0.9, y - 0.9) if rises else (y - 0.9, y + 0.9)
        dash = "-" if sure else (0, (3, 1.5))
        axes.plot([_day(row["first"]), _day(row["last"])], ends, color=style.colour, linewidth=1.1, linestyle=dash)
        return
    if row["date_low"] is not None:
        ends = _day(row["date_low"]), _day(row["date_high"] + timedelta(days=6))
        axes.hlines(y, *ends, color=style.colour, linewidth=1.6 if sure else 0.8, zorder=2)
    face = style.colour if sure else "white"
    look = {"color": style.colour, "markerfacecolor": face, "markeredgewidth": 0.7, "markersize": 4.2, "zorder": 3}
    axes.plot([_day(row["date"])], [y], "^" if rises else "v", **look)


def _find_middle(row: Mapping) -> date:
    """Where the size of a break is written."""
    return row["first"] + (row["last"] - row["first"]) / 2 if row["shape"] == "trend" else row["date"]


def _day(day: date) -> np.datetime64:
    return np.datetime64(day)


def _write_shifts(axes: Axes, breaks: Sequence[Mapping], y: float, span: tuple[date, date], width: float, digits: int):
    """The size of each break above it, at height `y`; the smallest go where there is no room for all."""
    days = (span[1] - span[0]).days
    kept = sorted(breaks, key=lambda row: -abs(row["shift"]))
    while kept:
        ordered = sorted(kept, key=lambda row: (row["middle"], row["rank"]))
        texts = [say_signed(row["shift"], digits) for row in ordered]
        at = [(row["middle"] - span[0]).days / days * width for row in ordered]
        places = spread(at, [text_width(text, size=SMALL) + 0.8 for text in texts], -1.0, width + APART - 0.5)
        if places:
            break
        kept.pop()
    else:
        return
    across = axes.get_yaxis_transform()
    for row, text, place in zip(ordered, texts, places, strict=True):
        look = {"ha": "center", "va": "center", "size": SMALL, "transform": across, "bbox": HALO}
        weight = "bold" if row["drawn"] == ESTABLISHED else "normal"
        axes.text(place / width, y, text, weight=weight, **look)


def _mark_events(figure: Figure, axes: Axes, events, rows, periods, place, pitch: float) -> None:
    """A line at each event through the rows of the sources that it concerns; its name above the panel."""
    if not events:
        return
    for event in events:
        for i, source in enumerate(rows):
            if source == ALL_SOURCES or not event["sources"] or source in event["sources"]:
                ends = (i * pitch, (i + 1) * pitch)
                axes.vlines(_day(event["date"]), *ends, color=GREY, linewidth=0.5, linestyle=(0, (3, 2)), zorder=0)
    left, top, width = place
    strip = add_panel(figure, left, top - 0.6, width, 0.6)  # only as high as the lines' beginning
    strip.set_axis_off()
    set_time_axis(strip, periods, width, labels=False)
    draw_events(strip, events, source=None, width=width, labels=True)
