"""One style for all figures: sizes, fonts, colours that survive colour blindness and grey print, and saving.

Lengths are millimetres, because journals state their columns so. Nothing uses pyplot: figures are plain objects.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import polars as pl

from frameshift.jobs import log
from frameshift.tables import ALL_SOURCES, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FULL_WIDTH = 180.0  # mm, both columns of a page
COLUMN_WIDTH = 85.0  # mm, one column
PAGE_HEIGHT = 225.0  # mm that A4 has for a figure above its caption
SIZE = 7.0  # points, the size of most text
SMALL = 6.0  # points, the smallest text anywhere
INK = "#1a1a1a"
GREY = "#6b6b6b"  # secondary text: 5.3:1 on white
FAINT = "#c4c4c4"  # the other sources, behind
GAP = "#ececec"  # no data
BAND = 0.22  # opacity of a 95% band

# Lightness (CIE L*) 22, 71, 44, 54, 32, 61, 70, 46: the first five stay apart in grey. The smallest distance between
# any two is 13 in CIE Lab under simulated protanopia, deuteranopia and tritanopia (a test computes it).
PALETTE = ("#332288", "#E69F00", "#117733", "#D55E00", "#882255", "#CC79A7", "#56B4E9", "#0072B2")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
DASHES = ("-", (0, (4, 1)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (2, 1)), (0, (6, 1, 2, 1)), (0, (3, 2)), "-")

# Scripts that DejaVu Sans lacks are taken from the first of these that the machine has.
FALLBACK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Microsoft YaHei",
    "Hiragino Sans",
    "Arial Unicode MS",
)

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Style:
    """How one source or frame looks; `named` is False for sources that share the grey."""

    colour: str
    marker: str
    dash: object
    named: bool = True


FRAME_STYLES = {  # the default codebook's entries look the same in every run
    "threat": Style("#D55E00", "o", "-"),
    "security": Style("#332288", "s", (0, (4, 1))),
    "victim": Style("#56B4E9", "^", (0, (2, 1))),
    "migration": Style("#117733", "D", (0, (5, 1, 1, 1))),
}
ALL_STYLE = Style(INK, "o", "-")
OTHER_STYLE = Style(FAINT, ".", "-", named=False)


class NothingToDraw(ValueError):
    """The tables hold nothing that this figure could show; the message is a sentence for the reader."""


def source_colours(counts: Mapping[str, int], n: int) -> dict[str, Style]:
    """The style of each source: the `n` largest (at most 8) get one of their own, the others share a grey.

    `counts` is articles per source. Ties go by name, so the same counts give the same colours in every figure.
    """
    ranked = sorted(
        (source for source in counts if source != ALL_SOURCES), key=lambda source: (-counts[source], source)
    )
    own = {source: _nth_style(i) for i, source in enumerate(ranked[: min(n, len(PALETTE))])}
    return {ALL_SOURCES: ALL_STYLE} | own | {source: OTHER_STYLE for source in ranked if source not in own}


def frame_colours(frames: Iterable[str]) -> dict[str, Style]:
    """The style of each frame: threat, security, victim and migration are fixed, others follow in the order given."""
    frames = list(frames)
    taken = {FRAME_STYLES[frame].colour for frame in frames if frame in FRAME_STYLES}
    free = [i for i, colour in enumerate(PALETTE) if colour not in taken]
    others = [frame for frame in frames if frame not in FRAME_STYLES]
    return {frame: FRAME_STYLES.get(frame) or _nth_style(free[others.index(frame) % len(free)]) for frame in frames}


def _nth_style(i: int) -> Style:
    return Style(PALETTE[i % len(PALETTE)], MARKERS[i % len(MARKERS)], DASHES[i % len(DASHES)])


def count_articles(articles: pl.DataFrame) -> dict[str, int]:
    """Kept articles per source, largest first (from the columns source and duplicate_of of corpus/articles)."""
    kept = articles.filter(pl.col("duplicate_of").is_null())
    counts = kept.group_by("source").len().sort(["len", "source"], descending=[True, False])
    return dict(counts.iter_rows())


def drawing_style():
    """A context in which figures are made and saved; text is plain, so a `$` in a source's name is a dollar."""
    import matplotlib
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return matplotlib.rc_context(
        {
            "font.family": ["DejaVu Sans", *(font for font in FALLBACK_FONTS if font in installed)],
            "font.size": SIZE,
            "text.color": INK,
            "text.parse_math": False,
            "axes.edgecolor": GREY,
            "axes.labelcolor": INK,
            "axes.labelsize": SIZE,
            "axes.titlesize": SIZE,
            "axes.linewidth": 0.5,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.unicode_minus": True,
            "xtick.labelsize": SMALL,
            "ytick.labelsize": SMALL,
            "xtick.color": GREY,
            "ytick.color": GREY,
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "xtick.major.width": 0.5,
            "ytick.major.width": 0.5,
            "xtick.major.size": 2,
            "ytick.major.size": 2,
            "xtick.major.pad": 1.5,
            "ytick.major.pad": 1.5,
            "lines.linewidth": 1.0,
            "patch.linewidth": 0.5,
            "hatch.linewidth": 0.4,
            "figure.facecolor": "white",
            "text.hinting": "none",  # hinted letters are wider than measured, and differ with the resolution
            "pdf.fonttype": 42,  # whole TrueType outlines: text in the PDF can be searched and edited
            "svg.fonttype": "path",  # looks the same where DejaVu Sans is not installed
            "svg.hashsalt": "frameshift",  # else ids, and so bytes, differ on each run
        }
    )


def styled(plot: Callable[P, R]) -> Callable[P, R]:
    """Run a plot function within the drawing style."""

    @functools.wraps(plot)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with drawing_style():
            return plot(*args, **kwargs)

    return run


def draw_or_say_why(plot: Callable[P, tuple[Figure, pl.DataFrame]], *args: P.args, **kwargs: P.kwargs):
    """Call a plot function; where there is nothing to draw, a small figure and table that state the reason."""
    try:
        return plot(*args, **kwargs)
    except NothingToDraw as nothing:
        return draw_reason(str(nothing)), pl.DataFrame({"reason": [str(nothing)]})


@styled
def draw_reason(reason: str) -> Figure:
    """A figure of one sentence."""
    from frameshift.figures.layout import new_sheet

    figure, _ = new_sheet(4, header=[reason])
    return figure


def save_figure(figure: Figure, stem: str | Path, table: pl.DataFrame) -> None:
    """Write `stem`.pdf, .svg, .png (300 dpi) and, from `table`, .csv; the same input gives the same bytes.

    Says in the log where the figure is higher than a page that has its caption, too.
    """
    height = 25.4 * figure.get_size_inches()[1]
    if height > PAGE_HEIGHT:
        log.info("%s is %.0f mm high, a page with a caption about %.0f; see figures.sources", stem, height, PAGE_HEIGHT)
    metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {"Software": None}}
    with drawing_style():
        for kind in metadata:
            write_whole(
                f"{stem}.{kind}",
                lambda path, kind=kind: figure.savefig(path, format=kind, dpi=300, metadata=metadata[kind]),
            )
    write_whole(f"{stem}.csv", table.write_csv)
