"""Source by frame: how far each source's framing lies above or below all sources taken together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from frameshift.figures.forest import say_signed
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    is_narrow,
    new_sheet,
    say_hidden,
    sheet_size,
    sheet_width,
    shorten,
    wrap,
    write,
)
from frameshift.figures.series import in_units, select_cells
from frameshift.figures.style import GREY, SIZE, SMALL, NothingToDraw, source_colours, styled
from frameshift.frames.given import parse_given
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 40
NUMBER = 9.0  # mm of a column of n
GAP = 2.0  # mm between the sources and their groups


@styled
def plot_source_frame_heatmap(
    prevalence: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    given: Sequence[str],
    measure: str,
) -> tuple[Figure, pl.DataFrame]:
    """Intensity or share by source and frame over the whole time (comparisons/prevalence, grain "all").

    One block of columns for all passages and one for each issue of `given`; the first row is the level of all sources,
    each further cell the source's difference from it. Below a gap stand the groups, which are not in `counts`. The
    table adds that `difference`. Raises NothingToDraw with fewer than two sources or groups.
    """
    blocks = []
    for issue in (None, *given):
        try:
            about = parse_given(issue) if issue else ()
            shown = [frame for frame in frames if frame not in about]  # passages about an issue are about it
            blocks.append(select_cells(prevalence, frames=shown, given=issue, measure=measure, grain="all"))
        except NothingToDraw:
            continue
    cells = pl.concat(blocks) if blocks else prevalence.clear()
    present = set(cells["source"]) - {ALL_SOURCES}
    ranked = [source for source in source_colours(counts, 0) if source in present]
    groups = sorted(present.difference(counts))
    if len(ranked) < 2 and len(groups) < 2:
        raise NothingToDraw("There are not two sources to compare: see the list of what was left out.")
    cells = add_difference(cells)
    drawn = [source for source in [ALL_SOURCES, *ranked[:MOST_ROWS], *groups] if source in set(cells["source"])]
    hidden = len(ranked) - len(ranked[:MOST_ROWS])
    figure = _draw(cells, drawn, [frame for frame in frames if frame in set(cells["frame"])], hidden, len(groups))
    return figure, cells.filter(pl.col("source").is_in(drawn)).drop("level")


def add_difference(cells: pl.DataFrame) -> pl.DataFrame:
    """Add `level`, the estimate of all sources, and `difference` from it to cells of one grain."""
    level = cells.filter(pl.col("source") == ALL_SOURCES).select("frame", "given", level="estimate")
    cells = cells.join(level, on=["frame", "given"], how="left", nulls_equal=True, maintain_order="left")
    return cells.with_columns(difference=pl.col("estimate") - pl.col("level"))


def _draw(cells: pl.DataFrame, drawn: list[str], frames: list[str], hidden: int, n_groups: int) -> Figure:
    digits = 2 if cells["scale"][0] == "intensity" else 1
    cells, axis = in_units(cells)
    blocks = []  # the issue of a block, and its frames
    for given in cells["given"].unique(maintain_order=True):
        here = set(cells.filter(pl.col("given").eq_missing(pl.lit(given)))["frame"])
        blocks.append((given, [frame for frame in frames if frame in here]))
    bands = [[block] for block in blocks] if is_narrow() else [blocks]  # blocks stand side by side where there is room
    largest = float(cells.filter(pl.col("source") != ALL_SOURCES)["difference"].abs().max() or 1.0)
    names, most = (22.0, 110) if is_narrow() else (36.0, 190)
    lines = 1 if is_narrow() else 3  # of the title of a block, which has the sheet's width for itself in a column
    height, head = max(4.4, min(7.0, most / len(drawn))), LINE * (lines + 2) + 2
    gap = GAP if n_groups else 0.0
    band = head + len(drawn) * height + gap + 2
    about_groups = ["Below the gap: groups of sources, each as if it were one source."] if n_groups else []
    figure, top = new_sheet(
        len(bands) * band + 8,
        header=[f"First row: {axis}. Other rows: difference from all sources, same unit."],
        footer=[*about_groups, *say_hidden(hidden, "source")],
    )
    n_columns = max(sum(len(frames) for _, frames in blocks) for blocks in bands)
    width = (sheet_size(figure)[0] - 2 * MARGIN - names - NUMBER * max(map(len, bands))) / n_columns
    width = min(width, 26.0)
    values = {(row["source"], row["given"], row["frame"]): row for row in cells.iter_rows(named=True)}
    for number, blocks in enumerate(bands):
        first = top + number * band
        rows = [first + head + i * height + (gap if i >= len(drawn) - n_groups else 0.0) for i in range(len(drawn))]
        left = MARGIN + names
        for given, columns in blocks:
            _write_title(figure, left, first, given, 55.0 if is_narrow() else width * len(columns) - 1, lines)
            write(figure, left + NUMBER - 2, first + head - 1, "n", va="bottom", ha="right", size=SMALL, color=GREY)
            _write_counts(figure, left + NUMBER - 2, [y + height / 2 for y in rows], drawn, given, values)
            left += NUMBER
            for frame in columns:
                for j, line in enumerate(reversed(wrap(frame, width, weight="bold", lines=2, size=SMALL))):
                    look = {"va": "bottom", "ha": "center", "weight": "bold", "size": SMALL}
                    write(figure, left + width / 2, first + head - 1 - j * LINE, line, **look)
                for y, source in zip(rows, drawn, strict=True):
                    cell = values.get((source, given, frame))
                    draw_cell(figure, left, y, width, height, cell, source, largest, digits)
                left += width
        for y, source in zip(rows, drawn, strict=True):
            weight = "bold" if source == ALL_SOURCES else "normal"
            name = shorten(source, names - 2, weight=weight)
            write(figure, MARGIN, y + height / 2, name, va="center", weight=weight)
    _draw_scale(figure, top + len(bands) * band, largest, MARGIN + (4 if is_narrow() else names + NUMBER), digits)
    return figure


def _write_counts(figure, right, middles, drawn, given, values) -> None:
    for y, source in zip(middles, drawn, strict=True):
        ns = [values[key]["n_articles"] for key in values if key[:2] == (source, given)]
        said = f"{max(ns):,}" if ns else "0"
        write(figure, right, y, said, va="center", ha="right", size=SMALL, color=GREY)


def _write_title(figure, left, top, given, room, lines) -> None:
    title = "all passages" if given is None else f"passages about {given}"
    for j, line in enumerate(wrap(title, room, lines=lines)):
        write(figure, left + NUMBER, top + j * LINE, line, color=GREY)


def draw_cell(figure, left, top, width, height, cell, source, largest, digits, *, size=SIZE) -> None:
    """A cell at these mm: the level where `source` is all of them, else its difference, coloured up to `largest`.

    Bold where the 95% interval excludes the level of all sources, in brackets without an interval, hatched if missing.
    """
    from matplotlib.patches import Rectangle

    w, h = sheet_size(figure)
    place = ((left + 0.3) / w, 1 - (top + height - 0.3) / h)
    extent = ((width - 0.6) / w, (height - 0.6) / h)
    shown = "estimate" if source == ALL_SOURCES else "difference"
    if cell is None or cell[shown] is None:
        figure.add_artist(
            Rectangle(place, *extent, facecolor="white", edgecolor="#d0d0d0", hatch="////", linewidth=0.3)
        )
        return
    value = cell[shown]
    sure = cell["low"] is not None
    colour = "white" if source == ALL_SOURCES else _find_colour(value / largest)
    edge = "#d0d0d0" if source == ALL_SOURCES else "none"
    figure.add_artist(Rectangle(place, *extent, facecolor=colour, edgecolor=edge, linewidth=0.3))
    apart = sure and source != ALL_SOURCES and not cell["low"] <= cell["level"] <= cell["high"]
    text = _say(value, signed=source != ALL_SOURCES, digits=digits)
    look = {"va": "center", "ha": "center", "size": size, "weight": "bold" if apart else "normal"}
    write(figure, left + width / 2, top + height / 2, text if sure else f"({text})", **look)


def _say(value: float, *, signed: bool, digits: int) -> str:
    said = say_signed(value, digits)
    return said if signed else said.removeprefix("+")


def _find_colour(part: float) -> str:
    """From blue (−1) by white to orange (+1); pale enough for dark text, and the sign is also in the number."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    scale = LinearSegmentedColormap.from_list("difference", ["#4f9fd8", "#ffffff", "#f0953f"])
    return to_hex(scale((np.clip(part, -1, 1) + 1) / 2))


def _draw_scale(figure, top, largest, left, digits) -> None:
    from matplotlib.patches import Rectangle

    w, h = sheet_size(figure)
    steps = 41
    for i in range(steps):
        place = ((left + i * 40 / steps) / w, 1 - (top + 2.6) / h)
        colour = _find_colour(2 * i / (steps - 1) - 1)
        figure.add_artist(Rectangle(place, 40.5 / steps / w, 2.6 / h, facecolor=colour, linewidth=0))
    for x, value in ((0, -largest), (20, 0.0), (40, largest)):
        write(figure, left + x, top + 3.2, _say(value, signed=bool(value), digits=digits), ha="center", size=SMALL)
    said = wrap("below (blue) or above (orange) all sources", sheet_width() - left - 46 - MARGIN, size=SMALL)
    for i, line in enumerate(said):
        write(figure, left + 46, top + i * LINE, line, size=SMALL, color=GREY)
