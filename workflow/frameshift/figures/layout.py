"""Where things go on a sheet: text that is measured before it is set, so that nothing overlaps and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from frameshift.figures.style import COLUMN_WIDTH, FULL_WIDTH, GREY, INK, SIZE, SMALL, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MM_PER_INCH = 25.4
WIDTHS = {"full": FULL_WIDTH, "column": COLUMN_WIDTH}
MARGIN = 2.0  # mm of white around everything
LINE = 3.3  # mm from one line of text to the next
KEY_SAMPLE = 7.0  # mm of line before each label of a key
LETTER = 5.0  # mm of the header's lines that a panel's letter takes


class Sheet(NamedTuple):
    """What a figure is drawn on: its width in mm, and the letter of the panel that it is in a larger figure."""

    width: float = FULL_WIDTH
    letter: str = ""


FULL_SHEET = Sheet()
_SHEET: ContextVar[Sheet] = ContextVar("sheet", default=FULL_SHEET)  # as rcParams hold the style


@contextmanager
def on_sheet(sheet: Sheet) -> Iterator[None]:
    """A context in which figures are drawn on such a sheet."""
    token = _SHEET.set(sheet)
    try:
        yield
    finally:
        _SHEET.reset(token)


def sheet_width() -> float:
    """The width of the sheet that is drawn on, in mm."""
    return _SHEET.get().width


def new_sheet(
    body: float, *, header: Sequence[str] = (), footer: Sequence[str] = (), width: float | None = None
) -> tuple[Figure, float]:
    """A figure with room of `body` mm in height, and where that room begins (mm from the top).

    Each text of `header` and `footer` is a paragraph, wrapped to the width: `width` mm, or else that of the sheet.
    """
    from matplotlib.figure import Figure

    letter, width = _SHEET.get().letter, width or sheet_width()
    indent = LETTER if letter else 0.0
    above = [line for text in header for line in wrap(text, width - 2 * MARGIN - indent)]
    above = above or [""] * bool(letter)
    below = [line for text in footer for line in wrap(text, width - 2 * MARGIN, size=SMALL)]
    top = MARGIN + LINE * len(above) + (1.0 if above else 0.0)
    height = top + body + LINE * len(below) + MARGIN
    figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH))
    for i, line in enumerate(above):
        write(figure, MARGIN + indent, MARGIN + LINE * i, line)
    if letter:
        write(figure, MARGIN, MARGIN - 0.4, letter, size=SIZE + 2, weight="bold")
    for i, line in enumerate(below):
        write(figure, MARGIN, top + body + LINE * i, line, size=SMALL, color=GREY)
    return figure, top


def is_narrow() -> bool:
    """Whether the sheet is a column of a page rather than all of it: then fewer panels stand side by side."""
    return sheet_width() < (COLUMN_WIDTH + FULL_WIDTH) / 2


def in_bands(panels: Sequence, most: int) -> list[list]:
    """`panels` in rows of at most `most`, as equal as can be."""
    rows = -(-len(panels) // most)
    columns = -(-len(panels) // max(rows, 1))
    return [list(panels[i : i + columns]) for i in range(0, len(panels), columns or 1)]


def sheet_size(figure: Figure) -> tuple[float, float]:
    """Width and height in mm."""
    width, height = figure.get_size_inches() * MM_PER_INCH
    return float(width), float(height)


def say_hidden(n: int, what: str) -> list[str]:
    """A paragraph for the foot of a figure that leaves out the `n` smaller sources or topics (none where n is 0)."""
    return [f"{n:,} smaller {what}{' is' if n == 1 else 's are'} not drawn."] if n else []


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


def key_height(entries: Sequence[tuple[str, Style]], *, width: float | None = None) -> float:
    """The height that draw_key will use on a sheet of `width` mm (that which is drawn on), in mm."""
    return (max(row for _, _, row in _place_key(entries, width or sheet_width())) + 1) * (LINE + 0.4)


def draw_key(figure: Figure, top: float, entries: Sequence[tuple[str, Style]]) -> None:
    """What each line or point looks like, in rows from `top` mm on; `entries` are pairs of label and Style."""
    from matplotlib.lines import Line2D

    w, h = sheet_size(figure)
    for (_, style), (label, x, row) in zip(entries, _place_key(entries, w), strict=True):
        y = top + row * (LINE + 0.4)
        along = [x / w, (x + KEY_SAMPLE / 2) / w, (x + KEY_SAMPLE) / w]
        line = Line2D(along, [1 - (y + 1.4) / h] * 3, color=style.colour, linestyle=style.dash, linewidth=1.0)
        line.set(marker=style.marker, markersize=3, markevery=[1])
        figure.add_artist(line)
        write(figure, x + KEY_SAMPLE + 1, y, label)


def _place_key(entries: Sequence[tuple[str, Style]], width: float) -> list[tuple[str, float, int]]:
    """Label (shortened), mm from the left, and row of each entry."""
    places: list[tuple[str, float, int]] = []
    x, row = MARGIN, 0
    for label, _ in entries:
        label = shorten(label, 60)
        needed = KEY_SAMPLE + 1 + text_width(label)
        if x > MARGIN and x + needed > width - MARGIN:
            x, row = MARGIN, row + 1
        places.append((label, x, row))
        x += needed + 4
    return places
