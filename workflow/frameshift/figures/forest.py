"""What the figures of differences share: their units, and estimates with intervals as points on bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.layout import MARGIN, shorten, text_width, write
from frameshift.figures.style import GREY, SMALL
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Q = 0.05  # what has a larger q is drawn hollow: it is not established
UNITS = {  # factor, digits, and the unit of a difference
    "intensity": (1.0, 2, "standard deviations of ordinary news"),
    "share": (100.0, 1, "percentage points of passages"),
    "corrected share": (100.0, 1, "percentage points of passages, corrected by labels"),
}
FAR = 1.5  # as many times the range of most bars is what the widest may take before they are cut


def in_points(cells: pl.DataFrame, columns: list[str]) -> tuple[pl.DataFrame, int, str]:
    """`cells` with `columns` in the unit in which differences are drawn, the digits to give, and the unit's name.

    Raises ValueError for cells on several scales.
    """
    (scale,) = cells["scale"].unique()
    factor, digits, unit = UNITS[scale]
    return cells.with_columns(pl.col(columns) * factor), digits, unit


def say_signed(value: float, digits: int) -> str:
    """+3.1, −0.4, or 0.0 for what rounds to nothing."""
    if abs(value) < 0.5 / 10**digits:
        return f"{0:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "−")


def find_reach(cells: pl.DataFrame) -> tuple[float, float]:
    """Limits of an axis that hold 0, every estimate, and all bars (low, high) but a few far wider ones."""
    points = [0.0, *cells["estimate"].drop_nulls()]
    ends = []
    for name, quantile, outermost in (("low", 0.05, min), ("high", 0.95, max)):
        values = cells[name].drop_nulls()
        if values.is_empty():
            ends.append(outermost(points))
            continue
        usual = outermost(values.quantile(quantile, "nearest"), *points)
        widest = outermost([*values, *points])
        ends.append(widest if abs(widest) <= FAR * abs(usual) else usual)
    air = 0.05 * (ends[1] - ends[0]) or 0.5
    return ends[0] - air, ends[1] + air


def is_cut(cells: pl.DataFrame, reach: tuple[float, float]) -> bool:
    """Whether a bar of `cells` goes on beyond `reach`."""
    return bool(((cells["low"] < reach[0]) | (cells["high"] > reach[1])).any())


def draw_bar(
    axes: Axes,
    y: float,
    low: float | None,
    high: float | None,
    *,
    reach: tuple[float, float],
    colour: str,
    linewidth: float = 1.0,
) -> None:
    """An interval at height `y`, where there is one; where it goes on beyond `reach` it ends in an arrow."""
    if low is None or high is None:
        return
    ends = max(low, reach[0]), min(high, reach[1])
    axes.hlines(y, *ends, color=colour, linewidth=linewidth, zorder=2)
    for end, marker, cut in ((reach[0], "<", low < reach[0]), (reach[1], ">", high > reach[1])):
        if cut:
            axes.plot(end, y, marker, color=colour, markersize=2.2, clip_on=False, zorder=2)


def draw_point(axes: Axes, x: float, y: float, *, colour: str, marker: str, filled: bool, size: float = 3.2) -> None:
    """An estimate; hollow where it is not `filled`."""
    face = colour if filled else "white"
    axes.plot(x, y, marker, color=colour, markerfacecolor=face, markeredgewidth=0.7, markersize=size, zorder=3)


def bare_axis(axes: Axes, height: float) -> None:
    """An axis of rows, in mm from the panel's top, without ticks; and a line at 0."""
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=GREY, linewidth=0.5, zorder=1)


def measure_names(rows: Sequence[str], sizes: Mapping[str, int], *, most: float) -> float:
    """The mm that write_names needs, at most `most`."""
    names = [text_width(name, size=SMALL, weight=_weigh(name)) for name in rows]
    return min(most, max(names) + 6 + max(text_width(f"{sizes.get(name, 0):,}", size=SMALL) for name in rows))


def write_names(
    figure: Figure, at: Sequence[float], room: float, rows: Sequence[str], sizes: Mapping[str, int], *, gap: float = 2.6
) -> None:
    """The sources at the left, in `room` mm, with a column of n; `at` is the middle of each row, in mm from the top.

    The column's head stands `gap` mm above the first row.
    """
    for y, source in zip(at, rows, strict=True):
        n = f"{sizes[source]:,}" if source in sizes else "–"
        name = shorten(source, room - 5 - text_width(n, size=SMALL), size=SMALL, weight=_weigh(source))
        write(figure, MARGIN, y, name, va="center", size=SMALL, weight=_weigh(source))
        write(figure, MARGIN + room - 2.5, y, n, va="center", ha="right", size=SMALL, color=GREY)
    write(figure, MARGIN + room - 2.5, at[0] - gap, "n", va="center", ha="right", size=SMALL, color=GREY)


def _weigh(source: str) -> str:
    return "bold" if source == ALL_SOURCES else "normal"
