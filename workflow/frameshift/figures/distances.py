"""How far sources are apart: a triangle of pairs for their topics, and one for the passages of each frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from frameshift.figures.forest import Q
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    is_narrow,
    new_sheet,
    say_hidden,
    sheet_size,
    sheet_width,
    shorten,
    write,
)
from frameshift.figures.style import GREY, INK, SMALL, NothingToDraw, source_colours, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = 21.0  # mm that the longest name may take beyond the triangle
CELL, CELL_HEIGHT = 9.0, (3.4, 5.6)  # mm: the largest width of a cell; its least and largest height
TALLEST = 225.0  # mm of triangles: what a page holds
HEAD, FOOT = 2 * LINE + 0.4, 3.6  # mm above and below a triangle
MARKER = 1.3  # mm of the square in a source's colour
THOUSANDTHS = 1000  # squared distances are small
LIGHT, DARK = "#ffffff", "#6aaad4"  # no distance, and the largest: L* 100 and 67, so that dark numbers stay readable
KINDS = {  # what a kind measures, in which unit it is written, with how many digits
    "topics": ("Jensen–Shannon distance", 1, 2),
    "embedding": ("squared distance × 1,000", THOUSANDTHS, 1),
}


class Triangle(NamedTuple):
    """The pairs of one kind, frame and given; `largest` is the distance of the darkest cell."""

    kind: str
    title: str
    pairs: dict[frozenset[str], dict]
    largest: float


@styled
def plot_source_distances(
    distances: pl.DataFrame, *, counts: Mapping[str, int], n_sources: int, frames: Sequence[str] = ()
) -> tuple[Figure, pl.DataFrame]:
    """The distance of each two of the `n_sources` largest sources, from comparisons/distances.

    One triangle for topics and one for the passages that show each frame (within an issue, where the table has such),
    in the order of `frames`: a cell belongs to the source at the right end of its row and the one at the top of its
    column. Bold and framed where q is below .05; hatched where there is no estimate. The darkest cell is the largest
    distance of its kind. Raises NothingToDraw with fewer than two sources.
    """
    styles = source_colours(counts, n_sources)
    among = distances.filter(pl.col("source").is_in(list(counts)), pl.col("other").is_in(list(counts)))
    named = [source for source, style in styles.items() if style.named]
    table = among.filter(pl.col("source").is_in(named), pl.col("other").is_in(named))
    if table.is_empty():
        raise NothingToDraw("There are no two sources with a distance to draw: see the list of what was left out.")
    present = {*table["source"], *table["other"]}
    rows = [source for source in named if source in present]
    hidden = len({*among["source"], *among["other"]} - present)
    return _draw(_list_triangles(table, frames), rows, styles, say_hidden(hidden, "source")), table


def _list_triangles(table: pl.DataFrame, frames: Sequence[str]) -> list[Triangle]:
    """Topics first, then the frames in their order, each first among all passages."""
    place = {frame: i for i, frame in enumerate(frames)}
    largest = dict(table.group_by("kind").agg(pl.col("distance").max()).iter_rows())
    found = {}
    for (kind, frame, given), part in table.group_by("kind", "frame", "given", maintain_order=True):
        pairs = {frozenset((row["source"], row["other"])): row for row in part.iter_rows(named=True)}
        key = (kind != "topics", given or "", place.get(frame, len(frames)), frame or "")
        found[key] = Triangle(kind, _title(kind, frame, given), pairs, largest[kind])
    return [found[key] for key in sorted(found)]


def _title(kind: str, frame: str | None, given: str | None) -> str:
    if kind == "topics":
        return "topics"
    showing = f"passages that show {frame}" if frame else "passages"
    return showing if given is None else f"{showing}, about {given}"


def _draw(triangles: Sequence[Triangle], rows: Sequence[str], styles, notes: Sequence[str]) -> Figure:
    width = sheet_width() - 2 * MARGIN
    across = min(1 if is_narrow() else (3 if len(rows) <= 5 else 2), len(triangles))
    cell = min(CELL, (width / across - NAMES - 2) / (len(rows) - 1))
    lines = -(-len(triangles) // across)
    high = min(cell, CELL_HEIGHT[1], max(CELL_HEIGHT[0], (TALLEST / lines - HEAD - FOOT) / len(rows)))
    height = HEAD + len(rows) * high + FOOT
    whole = len(rows) * (len(rows) - 1) // 2
    hatched = "Hatched: no estimate. " if any(len(triangle.pairs) < whole for triangle in triangles) else ""
    explained = f"Bold and framed: established (q < 0.05). {hatched}n: articles of the smaller source of a pair."
    figure, top = new_sheet(
        lines * height, header=["Distance between sources (darker: farther apart)"], footer=[explained, *notes]
    )
    for i, triangle in enumerate(triangles):
        line, column = divmod(i, across)
        place = (MARGIN + column * width / across, top + line * height)
        _draw_triangle(figure, triangle, rows, styles, place, width / across - 2, (cell, high))
    return figure


def _draw_triangle(figure: Figure, triangle: Triangle, rows, styles, place, width: float, size) -> None:
    """`place` is the top left corner, `size` that of a cell, in mm."""
    left, top = place
    unit, factor, digits = KINDS[triangle.kind]
    numbers = [row["n_articles"] for row in triangle.pairs.values()]
    few, many = f"{min(numbers):,}", f"{max(numbers):,}"
    n = f"n = {few}" if few == many else f"n = {few} to {many}"
    write(figure, left, top, shorten(triangle.title, width, weight="bold"), weight="bold")
    write(figure, left, top + LINE, shorten(f"{unit}, {n}", width, size=SMALL), size=SMALL, color=GREY)
    for i, source in enumerate(rows):
        y = top + HEAD + i * size[1]
        for j, other in enumerate(rows[:i]):
            pair = triangle.pairs.get(frozenset((source, other)))
            _draw_cell(figure, (left + j * size[0], y), size, pair, triangle.largest, factor, digits)
        _write_name(figure, left + i * size[0], y + size[1] / 2, left + width, source, styles[source].colour)


def _write_name(figure: Figure, left: float, y: float, right: float, source: str, colour: str) -> None:
    """The source on the diagonal, right of its row and above its column, behind a square of its colour."""
    from matplotlib.patches import Rectangle

    w, h = sheet_size(figure)
    corner = ((left + 0.8) / w, 1 - (y + MARKER / 2) / h)
    figure.add_artist(Rectangle(corner, MARKER / w, MARKER / h, facecolor=colour, linewidth=0))
    name = shorten(source, right - left - MARKER - 1.6, size=SMALL)
    write(figure, left + MARKER + 1.6, y, name, va="center", size=SMALL)


def _draw_cell(figure: Figure, place, size, pair: Mapping | None, largest: float, factor: int, digits: int) -> None:
    from matplotlib.patches import Rectangle

    w, h = sheet_size(figure)
    left, top = place
    corner = ((left + 0.3) / w, 1 - (top + size[1] - 0.3) / h)
    inner = ((size[0] - 0.6) / w, (size[1] - 0.6) / h)
    if pair is None:
        look = {"facecolor": "white", "edgecolor": "#d0d0d0", "hatch": "////", "linewidth": 0.3}
        figure.add_artist(Rectangle(corner, *inner, **look))
        return
    sure = pair["q"] is not None and pair["q"] < Q
    colour = find_colour(pair["distance"] / largest if largest > 0 else 0.0)
    look = {"edgecolor": INK, "linewidth": 0.6} if sure else {"edgecolor": "#d0d0d0", "linewidth": 0.3}
    figure.add_artist(Rectangle(corner, *inner, facecolor=colour, **look))
    text = _say(pair["distance"] * factor, digits)
    weight = "bold" if sure else "normal"
    write(figure, left + size[0] / 2, top + size[1] / 2, text, va="center", ha="center", size=SMALL, weight=weight)


def _say(value: float, digits: int) -> str:
    """0.12 or, below what chance alone gives, −0.3."""
    text = f"{value:.{digits}f}".replace("-", "−")
    return text if text.strip("−0.") else text.lstrip("−")


def find_colour(part: float) -> str:
    """From white (0 and below) to the darkest (1), in equal steps of lightness."""
    from matplotlib.colors import to_hex, to_rgb

    part = min(max(part, 0.0), 1.0)
    ends = zip(to_rgb(LIGHT), to_rgb(DARK), strict=True)
    return to_hex([a + part * (b - a) for a, b in ends])
