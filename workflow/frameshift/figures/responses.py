"""What events moved: after each event, how far each source's framing lay from what it would have been."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from frameshift.figures.forest import (
    Q,
    bare_axis,
    draw_bar,
    draw_point,
    find_reach,
    in_points,
    is_cut,
    measure_names,
    write_names,
)
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    draw_key,
    in_bands,
    is_narrow,
    key_height,
    new_sheet,
    say_hidden,
    sheet_width,
    shorten,
    text_width,
    write,
)
from frameshift.figures.style import GREY, INK, SMALL, NothingToDraw, Style, source_colours, styled
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TALLEST = 225.0  # mm of panels: what a page holds
HEAD = LINE + 3.4  # mm above each block: the event's name
TICKS = 5.5  # mm below the last block of a band
APART = 3.0  # mm between panels
PITCH = (2.8, 4.4)  # mm of a row, least and most
DESIGNS = {  # how far above the middle of its row each is drawn, and how
    "interrupted": (0.16, Style(INK, "o", "-"), "against its own course before the event"),
    "differential": (-0.2, Style(INK, "D", "-"), "against other sources in the same weeks"),
}


class Event(NamedTuple):
    """An event that is drawn: its name, its date (None where the events file has changed), and the sources shown."""

    name: str
    date: date | None
    rows: list[str]


@styled
def plot_event_responses(
    responses: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    given: str | None = None,
    n_sources: int,
    events: Sequence[Mapping] = (),
) -> tuple[Figure, pl.DataFrame]:
    """The mean response of each source over the weeks after each event, from comparisons/events (lag null).

    A block an event in the order of dates, a column a frame, a row a source: its series against its own course before
    the event (interrupted), and against other sources (differential), each with its 95% interval; filled where q is
    below .05. `given` is the issue, or None for all passages; `events` are rows of the events file. Where not all
    events fit on a page, those with the strongest evidence (smallest q) are drawn. Raises NothingToDraw without an
    estimate.
    """
    styles = source_colours(counts, n_sources)
    about = select_responses(responses, counts, frames, given)
    mean = about.filter(pl.col("lag").is_null())
    named = mean.filter(pl.col("source").is_in([source for source, style in styles.items() if style.named]))
    table = named.filter(pl.col("low").is_not_null().any().over("event", "source"))
    if table.is_empty():
        raise NothingToDraw("There are too few articles around the events to tell how precise any response is.")
    frames = [frame for frame in frames if frame in set(table["frame"])]
    every = list_events_of(table, styles, events)
    bands = in_bands(frames, 2 if is_narrow() else 4)
    shown = choose_events(table, every, room=TALLEST / len(bands) - TICKS - LINE, head=HEAD, pitch=PITCH[0])
    table = table.filter(pl.col("event").is_in([event.name for event in shown]))
    hidden = mean.filter(~pl.col("source").is_in(list(named["source"])))["source"].n_unique()
    notes = [*say_fewer(len(every) - len(shown)), *say_hidden(hidden, "source")]
    lacking = named.join(table, on=["event", "source"], how="anti").unique(["event", "source"])
    lacking = dict(lacking.group_by("event").len().iter_rows())
    return _draw(table, shown, bands, styles, given, lacking, notes), table


def select_responses(
    responses: pl.DataFrame, counts: Mapping[str, int], frames: Sequence[str], given: str | None
) -> pl.DataFrame:
    """The estimates of `frames` within `given`, of sources but not of groups; raises NothingToDraw without any."""
    about = responses.filter(
        pl.col("given").eq_missing(pl.lit(given, pl.String)),
        pl.col("frame").is_in(list(frames)),
        pl.col("source").is_in([ALL_SOURCES, *counts]),
        pl.col("estimate").is_not_null(),
    )
    if len(counts) == 1 and not about.filter(pl.col("source").is_in(list(counts))).is_empty():
        about = about.filter(pl.col("source") != ALL_SOURCES)  # all sources together are then that one
    if about.is_empty():
        within = "" if given is None else f" within {given}"
        raise NothingToDraw(f"No response to an event{within} could be estimated: see the list of what was left out.")
    return about.sort("frame", "source", "event", "design", "lag")


def list_events_of(table: pl.DataFrame, styles: Mapping[str, Style], events: Sequence[Mapping]) -> list[Event]:
    """The events of `table` by date, each with its sources: all together, then the largest first."""
    dates = {event["name"]: date.fromisoformat(str(event["date"])) for event in events}
    found = [
        Event(name, dates.get(name), [source for source in styles if source in set(part["source"])])
        for (name,), part in table.group_by("event", maintain_order=True)
    ]
    return sorted(found, key=lambda event: (event.date or date.max, event.name))


def choose_events(
    table: pl.DataFrame, events: Sequence[Event], *, room: float, head: float, pitch: float
) -> list[Event]:
    """As many events as fit into `room` mm (one at least), those of the smallest q, in the order given."""
    least = dict(table.group_by("event").agg(pl.col("q").min().fill_null(1.0)).iter_rows())
    kept: list[Event] = []
    for event in sorted(events, key=lambda event: (least[event.name], events.index(event))):
        room -= head + pitch * len(event.rows)
        if room < 0 and kept:
            break
        kept.append(event)
    return [event for event in events if event in kept]


def say_fewer(n: int) -> list[str]:
    """A note on the events that are left out."""
    return [f"{n:,} event{'' if n == 1 else 's'} with weaker evidence (larger q) not drawn."] if n else []


def write_event(figure: Figure, top: float, event: Event, remark: str) -> None:
    """The event's name and date, and behind it a remark in small grey letters."""
    room = sheet_width() - 2 * MARGIN - text_width(remark, size=SMALL) - 2
    dated = "" if event.date is None else f" ({event.date.isoformat()})"
    title = shorten(event.name, room - text_width(dated, weight="bold"), weight="bold") + dated
    write(figure, MARGIN, top, title, weight="bold")
    write(figure, MARGIN + text_width(title, weight="bold") + 2, top + 0.25, remark, size=SMALL, color=GREY)


def _draw(table, events: list[Event], bands: list[list[str]], styles, given, lacking, notes) -> Figure:
    values, _, unit = in_points(table, ["estimate", "low", "high"])
    reach = find_reach(values)
    n_rows = sum(len(event.rows) for event in events)
    pitch = (TALLEST / len(bands) - TICKS - LINE - HEAD * len(events)) / n_rows
    pitch = min(PITCH[1], max(PITCH[0], pitch))
    band = LINE + HEAD * len(events) + pitch * n_rows + TICKS
    sizes = _count_articles(table)
    drawn = [source for source in styles if any(source in event.rows for event in events)]
    largest = {source: max(sizes.get((event.name, source), 0) for event in events) for source in drawn}
    names = measure_names(drawn, largest, most=30.0 if is_narrow() else 42.0)
    key = [(said, style) for design, (_, style, said) in DESIGNS.items() if design in set(table["design"])]
    within = "" if given is None else f" in passages about {given}"
    figure, top = new_sheet(
        key_height(key) + 1.5 + len(bands) * band,
        header=[f"Mean response in the 13 weeks from each event{within} ({unit})"],
        footer=[_explain(values, reach), *notes],
    )
    draw_key(figure, top, key)
    top += key_height(key) + 1.5
    width = (sheet_width() - 2 * MARGIN - names) / max(map(len, bands)) - APART
    for frames in bands:
        lefts = {frame: MARGIN + names + i * (width + APART) for i, frame in enumerate(frames)}
        for frame, left in lefts.items():
            title = shorten(frame, width, weight="bold")
            write(figure, left + width / 2, top, title, ha="center", weight="bold")
        top += LINE
        for event in events:
            few = lacking.get(event.name, 0)
            write_event(figure, top + 1.4, event, f"{few} more without an interval" if few else "")
            top += HEAD
            at = [top + (i + 0.5) * pitch for i in range(len(event.rows))]
            write_names(figure, at, names, event.rows, {source: sizes[event.name, source] for source in event.rows})
            mine = values.filter(event=event.name)
            _draw_event(figure, mine, event.rows, styles, lefts, (top, width, pitch), reach, event is events[-1])
            top += pitch * len(event.rows)
        top += TICKS
    return figure


def _draw_event(
    figure: Figure, cells, rows: list[str], styles, lefts: Mapping[str, float], size, reach, labels
) -> None:
    """The panels of an event, one a frame; `size` is their top, their width and the height of a row, in mm."""
    top, width, pitch = size
    for frame, left in lefts.items():
        panel = add_panel(figure, left, top, width, pitch * len(rows))
        panel.set_xlim(*reach)
        bare_axis(panel, pitch * len(rows))
        _draw_rows(panel, cells.filter(frame=frame), rows, styles, pitch, reach)
        panel.locator_params(axis="x", nbins=4)
        panel.tick_params(labelbottom=labels)


def _count_articles(table: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Articles of each event's source in the weeks that its response is of: the most of any frame."""
    found = table.group_by("event", "source").agg(pl.col("n_articles").max())
    return {(event, source): n for event, source, n in found.iter_rows()}


def _explain(values: pl.DataFrame, reach: tuple[float, float]) -> str:
    """What the marks say, as far as they occur."""
    said = ["Filled: established (q < 0.05); hollow: not."]
    if values["low"].null_count():
        said.append("Without a bar: too little for an interval.")
    if is_cut(values, reach):
        said.append("Arrow: the interval goes on.")
    return " ".join([*said, "n: articles in those weeks."])


def _draw_rows(panel, cells: pl.DataFrame, rows: list[str], styles, pitch: float, reach) -> None:
    """Both designs of each source."""
    designs = dict(cells.group_by("source").agg(pl.col("design").n_unique()).iter_rows())
    for row in cells.iter_rows(named=True):
        above, style, _ = DESIGNS[row["design"]]
        y = (rows.index(row["source"]) + 0.5 - (above if designs[row["source"]] > 1 else 0.0)) * pitch
        colour = styles[row["source"]].colour
        draw_bar(panel, y, row["low"], row["high"], reach=reach, colour=colour, linewidth=0.8)
        filled = row["q"] is not None and row["q"] < Q
        size = 3.0 if style.marker == "o" else 2.4
        draw_point(panel, row["estimate"], y, colour=colour, marker=style.marker, filled=filled, size=size)
