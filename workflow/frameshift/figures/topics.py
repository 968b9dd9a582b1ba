"""Topic shares: over time for the corpus as a whole, and by source; without dates, by source with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.heatmap import add_difference, draw_cell
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    draw_key,
    is_narrow,
    key_height,
    new_sheet,
    say_hidden,
    sheet_size,
    sheet_width,
    shorten,
    text_width,
    wrap,
    write,
)
from frameshift.figures.series import draw_series, list_periods, select_cells, set_time_axis
from frameshift.figures.style import ALL_STYLE, SMALL, NothingToDraw, Style, source_colours, styled
from frameshift.tables import ALL_SOURCES
from frameshift.topics.stability import UNSTABLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TICKS = 8.0
CELL = 4.4  # mm of a row of the table of sources
TABLE_HEAD = 5 * LINE + 3  # mm above it
LINE_STYLE = Style("#0072B2", "o", "-")
FLAG = " †"
FLAG_NOTE = (
    "† does not come back with the same words when the model is fitted again from other seeds "
    f"(stability below {UNSTABLE:g})"
)


@styled
def plot_topic_shares(
    prevalence: pl.DataFrame,
    topics: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    model: str,
    grain: str,
    n_topics: int,
    n_sources: int,
) -> tuple[Figure, pl.DataFrame]:
    """Share of articles in the `n_topics` largest topics of `model`, from comparisons/prevalence and topics/topics.

    Where there are two periods or more: over time (all sources, one panel a topic, 95% bands), and below the
    differences of the `n_sources` largest sources over the whole time. Else one row a topic with a dot and 95% interval
    a source. Topics less stable than UNSTABLE are flagged. The table has the cells of both parts, and adds the topic's
    label and stability. Raises NothingToDraw without topics.
    """
    chosen = topics.filter(pl.col("topic") >= 0).sort(["n_articles", "topic"], descending=[True, False]).head(n_topics)
    if chosen.is_empty():
        raise NothingToDraw("No topic was found in this corpus.")
    labels = {f"topic {topic}": label for topic, label in chosen.select("topic", "label").iter_rows()}
    selection = {"frames": list(labels), "given": None, "measure": model}
    stability = {f"topic {topic}": value for topic, value in chosen.select("topic", "stability").iter_rows()}
    unstable = {f"topic {topic}" for topic in chosen.filter(pl.col("stability") < UNSTABLE)["topic"]}  # NaN is not
    added = [
        pl.col("frame").replace_strict(labels, return_dtype=pl.String).alias("label"),
        pl.col("frame").replace_strict(stability, return_dtype=pl.Float64).alias("stability"),
    ]
    rest = topics.filter(pl.col("topic") >= 0).height - chosen.height
    notes = say_hidden(rest, "topic")
    try:
        cells = select_cells(prevalence, grain=grain, **selection).filter(pl.col("source") == ALL_SOURCES)
    except NothingToDraw:
        cells = None
    styles = source_colours(counts, n_sources)
    whole = select_cells(prevalence, grain="all", **selection)
    whole = whole.filter(pl.col("source").is_in(list(styles)))  # no groups of sources
    if cells is not None and cells["start"].n_unique() >= 2:
        named = [source for source, style in styles.items() if style.named and source in set(whole["source"])]
        named = named[: 6 if is_narrow() else None] if len(named) > 2 else []  # one source is all sources
        figure = _draw_over_time(cells, whole, named, labels, unstable, notes, grain)
        return figure, pl.concat([cells, whole.filter(pl.col("source").is_in(named))]).with_columns(added)
    cells = whole
    return _draw_by_source(cells, labels, unstable, notes, styles), cells.with_columns(added)


def _draw_over_time(
    cells: pl.DataFrame,
    whole: pl.DataFrame,
    named: list[str],
    labels: Mapping[str, str],
    unstable: Set[str],
    notes: list[str],
    grain: str,
) -> Figure:
    periods = list_periods(cells["start"], grain)
    drawn = [frame for frame in labels if frame in set(cells["frame"])]
    columns = min(2 if is_narrow() else 4, len(drawn))
    rows = -(-len(drawn) // columns)
    n = int(cells.group_by("frame").agg(pl.col("n_articles").sum())["n_articles"].max())
    head, height, foot = 2 * LINE + 1.6, 24.0, 7.0
    below = TABLE_HEAD + len(drawn) * CELL + 2 if named else 0.0
    figure, top = new_sheet(
        rows * (head + height + foot) + below,
        header=[f"Share of articles (%) by {grain}, all sources (n = {n:,})"],
        footer=_add_flag_note(notes, unstable.intersection(drawn)),
    )
    width = (sheet_size(figure)[0] - 2 * MARGIN) / columns - TICKS - 1.5
    highest = cells.select(pl.max_horizontal("estimate", "high").max()).item()
    for i, frame in enumerate(drawn):
        row, column = divmod(i, columns)
        left, y = MARGIN + TICKS + column * (width + TICKS + 1.5), top + row * (head + height + foot)
        flag = FLAG if frame in unstable else ""
        lines = wrap(f"{frame.removeprefix('topic ')} {labels[frame]}", width + TICKS - 4 - text_width(flag), lines=2)
        lines[-1] += flag
        for j, line in enumerate(lines):
            write(figure, left - 4, y + 0.4 + LINE * (j + 2 - len(lines)), line)
        panel = add_panel(figure, left, y + head, width, height)
        draw_series(panel, cells.filter(pl.col("frame") == frame), periods, LINE_STYLE)
        panel.set_ylim(0, highest * 1.04)
        _count_in_percent(panel.yaxis)
        set_time_axis(panel, periods, width)
    if named:
        shown = whole.filter(pl.col("frame").is_in(drawn), pl.col("source").is_in(named))
        _draw_sources(figure, top + rows * (head + height + foot), shown, drawn, named, labels, unstable)
    return figure


def _draw_sources(figure, top, cells, drawn, named, labels, unstable) -> None:
    """A row a topic and a column a source: the share in all of them, and how far each source is from it."""
    title = "All sources (%), and the difference of each source (points), over the whole time"
    for j, line in enumerate(wrap(title, sheet_width() - 2 * MARGIN)):
        write(figure, MARGIN, top + j * LINE, line)
    names = 24.0 if is_narrow() else 50.0
    width = min((sheet_width() - 2 * MARGIN - names) / len(named), 22.0)
    cells = add_difference(cells).with_columns(pl.col("estimate", "low", "high", "level", "difference") * 100)
    largest = float(cells.filter(pl.col("source") != ALL_SOURCES)["difference"].abs().max() or 1.0)
    values = {(row["source"], row["frame"]): row for row in cells.iter_rows(named=True)}
    rows = [top + TABLE_HEAD + i * CELL for i in range(len(drawn))]
    for column, source in enumerate(named):
        left = MARGIN + names + column * width
        lines = wrap(source, width - 1, size=SMALL, lines=3)
        for j, line in enumerate(reversed(lines)):
            low = {"va": "bottom", "ha": "center", "size": SMALL}
            write(figure, left + width / 2, top + TABLE_HEAD - 1 - j * LINE, line, **low)
        for y, frame in zip(rows, drawn, strict=True):
            draw_cell(figure, left, y, width, CELL, values.get((source, frame)), source, largest, 1, size=SMALL)
    for y, frame in zip(rows, drawn, strict=True):
        name = _name_row(frame, labels[frame], names - 2, unstable)
        write(figure, MARGIN, y + CELL / 2, name, va="center", size=SMALL)


def _draw_by_source(cells, labels, unstable, notes, styles) -> Figure:
    present = set(cells["source"])
    several = len(present - {ALL_SOURCES}) > 1
    named = [source for source, style in styles.items() if style.named and source in present]
    named = named if several else named[:1]
    drawn = [frame for frame in labels if frame in set(cells["frame"])]
    key = [(source, ALL_STYLE if source == ALL_SOURCES else styles[source]) for source in named]
    height = max(6.0, 1.1 * len(named) + 2.5)
    n = int(cells.filter(pl.col("source") == named[0])["n_articles"].max())
    figure, top = new_sheet(
        key_height(key) + len(drawn) * height + 10,
        header=[f"Share of articles (%) by topic (n = {n:,})"],
        footer=_add_flag_note(notes, unstable.intersection(drawn)),
    )
    draw_key(figure, top, key)
    names = 34.0 if is_narrow() else 62.0
    top += key_height(key) + 1
    panel = add_panel(figure, MARGIN + names, top, sheet_size(figure)[0] - 2 * MARGIN - names - 3, len(drawn) * height)
    for i, frame in enumerate(drawn):
        if i % 2:
            panel.axhspan(i - 0.5, i + 0.5, color="#f5f5f5", linewidth=0, zorder=0)
        for j, source in enumerate(named):
            mine = cells.filter(pl.col("frame") == frame, pl.col("source") == source)
            for estimate, low, high in mine.select("estimate", "low", "high").drop_nulls("estimate").iter_rows():
                y, style = i + ((j + 0.5) / len(named) - 0.5) * 0.8, styles[source]
                if low is not None:
                    panel.hlines(y, low, high, color=style.colour, linewidth=0.8)
                face = style.colour if low is not None else "white"
                panel.plot(estimate, y, style.marker, color=style.colour, markerfacecolor=face, markersize=3)
    panel.set_ylim(len(drawn) - 0.5, -0.5)
    panel.set_xlim(left=0)
    panel.set_yticks(range(len(drawn)), [_name_row(frame, labels[frame], names - 3, unstable) for frame in drawn])
    panel.tick_params(axis="y", length=0)
    _count_in_percent(panel.xaxis)
    panel.set_xlabel("share of articles (%)")
    return figure


def _name_row(frame: str, label: str, width: float, unstable: Set[str]) -> str:
    flag = FLAG if frame in unstable else ""
    return shorten(f"{frame.removeprefix('topic ')} {label}", width - text_width(flag, size=SMALL), size=SMALL) + flag


def _add_flag_note(notes: list[str], flagged: Set[str]) -> list[str]:
    return [*notes, FLAG_NOTE + "."] if flagged else notes


def _count_in_percent(axis) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}"))
