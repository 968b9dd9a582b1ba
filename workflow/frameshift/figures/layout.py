"""Where things go on a sheet: text that is measured before it is set, so that nothing overlaps and nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from frameshift.figures.style import FULL_WIDTH, GREY, INK, SIZE, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MM_PER_INCH = 25.4
MARGIN = 2.0  # mm of white around everything
LINE = 3.3  # mm from one line of text to the next


def new_sheet(
    body: float, *, header: Sequence[str] = (), footer: Sequence[str] = (), width: float = FULL_WIDTH
) -> tuple[Figure, float]:
    """A figure of `width` mm with room of `body` mm in height, and where that room begins (mm from the top).

    Each text of `header` and `footer` is a paragraph, wrapped to the width.
    """
    from matplotlib.figure import Figure

    above = [line for text in header for line in wrap(text, width - 2 * MARGIN)]
    below = [line for text in footer for line in wrap(text, width - 2 * MARGIN, size=SMALL)]
    top = MARGIN + LINE * len(above) + (1.0 if above else 0.0)
    height = top + body + LINE * len(below) + MARGIN
    figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH))
    for i, line in enumerate(above):
        write(figure, MARGIN, MARGIN + LINE * i, line)
    for i, line in enumerate(below):
        write(figure, MARGIN, top + body + LINE * i, line, size=SMALL, color=GREY)
    return figure, top


def sheet_size(figure: Figure) -> tuple[float, float]:
    """Width and height in mm."""
    width, height = figure.get_size_inches() * MM_PER_INCH
    return float(width), float(height)


def add_panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes whose frame lies at these mm from the sheet's top left corner."""
    w, h = sheet_size(figure)
    return figure.add_axes((left / w, 1 - (top + height) / h, width / w, height / h))


def write(figure: Figure, left: float, top: float, text: str, **kwargs) -> None:
    """Set `text` with its top (or what `va` says) at these mm from the sheet's top left corner."""
    w, h = sheet_size(figure)
    figure.text(left / w, 1 - top / h, text, **({"va": "top", "size": SIZE, "color": INK} | kwargs))


def text_width(text: str, *, size: float = SIZE, weight: str = "normal") -> float:
    """How wide a line of text will be, in mm."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=size, weight=weight), False)
    return width / 72 * MM_PER_INCH


def shorten(text: str, width: float, *, size: float = SIZE, weight: str = "normal") -> str:
    """`text` on one line, cut with an ellipsis where it is wider than `width` mm."""
    text = " ".join(text.split())
    if text_width(text, size=size, weight=weight) <= width:
        return text
    while text and text_width(text + "…", size=size, weight=weight) > width:
        text = text[:-1].rstrip()
    return text + "…"


def wrap(text: str, width: float, *, size: float = SIZE, weight: str = "normal", lines: int = 12) -> list[str]:
    """`text` broken between words into at most `lines` lines of `width` mm; what does not fit ends in an ellipsis."""
    out: list[str] = []
    words = text.split()
    while words:
        n = 1
        while n < len(words) and text_width(" ".join(words[: n + 1]), size=size, weight=weight) <= width:
            n += 1
        if len(out) == lines - 1:
            n = len(words)
        out.append(shorten(" ".join(words[:n]), width, size=size, weight=weight))
        words = words[n:]
    return out


def spread(centres: Sequence[float], widths: Sequence[float], low: float, high: float) -> list[float] | None:
    """Move labels (sorted by centre) apart as little as two passes allow, within low..high; None if they do not fit."""
    if sum(widths) > high - low:
        return None
    placed = np.asarray(centres, dtype=float).copy()
    half = np.asarray(widths, dtype=float) / 2
    edge = low
    for i in range(len(placed)):
        placed[i] = max(placed[i], edge + half[i])
        edge = placed[i] + half[i]
    edge = high
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], edge - half[i])
        edge = placed[i] - half[i]
    return placed.tolist()


def draw_key(figure: Figure, top: float, entries: Sequence[tuple[str, object]], *, left: float = MARGIN) -> float:
    """A row (or rows) of name and line sample; `entries` are (label, Style). Returns the height used in mm."""
    from matplotlib.lines import Line2D

    w, h = sheet_size(figure)
    x, y = left, top
    for label, style in entries:
        label = shorten(label, w - left - 12 - MARGIN)
        needed = 8 + text_width(label) + 5
        if x > left and x + needed > w - MARGIN:
            x, y = left, y + LINE + 0.4
        middle = 1 - (y + 1.4) / h
        figure.add_artist(
            Line2D(
                [x / w, (x + 6.5) / w],
                [middle, middle],
                color=style.colour,
                linestyle=style.dash,
                marker=style.marker,
                markevery=[0, 1],
                markersize=2.8,
                linewidth=1.0,
            )
        )
        write(figure, x + 8, y, label)
        x += needed
    return y - top + LINE + 0.4


def key_height(entries: Sequence[tuple[str, object]], *, width: float = FULL_WIDTH, left: float = MARGIN) -> float:
    """The height that draw_key will use, in mm."""
    rows, x = 1, left
    for label, _ in entries:
        needed = 8 + min(text_width(label), width - left - 12 - MARGIN) + 5
        if x > left and x + needed > width - MARGIN:
            rows, x = rows + 1, left
        x += needed
    return rows * (LINE + 0.4)
