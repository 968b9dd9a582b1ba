"""How well the measures agree with people, and people with each other: a column a frame, a row a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from frameshift.figures.curves import AGREEMENT, CURVES, PREVALENCE, draw_agreement, draw_measures, say_interval
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    draw_key,
    key_height,
    new_sheet,
    sheet_size,
    shorten,
    text_width,
    wrap,
    write,
)
from frameshift.figures.style import (
    ALL_STYLE,
    COLUMN_WIDTH,
    FULL_WIDTH,
    GREY,
    SMALL,
    NothingToDraw,
    Style,
    styled,
)
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLES = {  # in the order of the key; lightness (CIE L*) 9, 32, 46, 71
    "combined": ALL_STYLE,
    "supervised": Style("#882255", "s", (0, (4, 1))),
    "axis": Style("#0072B2", "^", (0, (2, 1))),
    "lexicon": Style("#E69F00", "D", (0, (1, 1))),
}
MORE_STYLES = (  # of external measures, by name; a fifth could not be told apart
    Style("#117733", "v", (0, (5, 1, 1, 1))),
    Style("#CC79A7", "P", (0, (6, 1, 2, 1))),
    Style("#332288", "X", (0, (3, 2))),
    Style("#D55E00", "<", "-"),
)
ENDS = ("estimate", "low", "high")
MOST_COLUMNS = 6
GUTTER = (24.0, 34.0)  # mm at least and at most left of the columns: titles, names of measures, the vertical axis
TITLE, SAMPLE = 14.5, 9.0  # mm of it for titles of rows, and before names of measures
GAP = 3.0  # mm right of each panel
HIGH, LOW = 30.0, 18.0  # mm of a panel at most, in one block of columns and in several
COEFFICIENT = 4.8  # mm of a coefficient of agreement, with its number above its point
NUMBER = 2.9  # mm of a line of numbers
TICKS, FOOT = 4.0, 7.0  # mm below a panel, without and with the name of the axis
BETWEEN = 3.0  # mm from row to row


class Row(NamedTuple):
    """What is drawn in a row of panels, and the lines of numbers under it: pairs of metric and measure."""

    name: str
    metrics: list[str]
    lines: list[tuple[str, str]]


@styled
def plot_validation(
    validation: pl.DataFrame, curves: pl.DataFrame, *, frames: Sequence[str]
) -> tuple[Figure, pl.DataFrame]:
    """Agreement between coders, then ROC, precision–recall and calibration curves of the measures; a column a frame.

    Of `validation` (frames/validation) the rows of all sources and times are drawn. `curves` has frame, measure, curve
    (roc, pr or calibration), x, y, low and high, all 0 to 1. `frames` are the columns in their order. A row of panels
    for which no frame has anything is left out. The table is that of tabulate_validation. Raises NothingToDraw where
    people coded nothing, or too little for any row.
    """
    if validation.is_empty():
        raise NothingToDraw(
            "No passages were coded by people: draw a sheet with `make sheet`, code it, and name the returned files "
            "in the configuration."
        )
    judged = validation.filter(pl.col("metric").is_in([curve.metric for curve in CURVES.values()]))
    others = sorted({*judged["measure"], *curves["measure"]} - set(STYLES))
    styles = STYLES | dict(zip(others, MORE_STYLES, strict=False))
    table = tabulate_validation(validation, curves, frames=frames, measures=list(styles))
    rows = _list_rows(table, list(styles))
    if not rows:
        raise NothingToDraw("People coded too few passages to tell how well they, or the measures, agree.")
    return _draw(table, rows, styles, others[len(MORE_STYLES) :]), table


def tabulate_validation(
    validation: pl.DataFrame, curves: pl.DataFrame, *, frames: Sequence[str], measures: Sequence[str]
) -> pl.DataFrame:
    """frame, metric, measure, n, x, estimate, low, high, in drawing order, for these `frames` and `measures`.

    A metric of frames/validation has no x; the points of a curve have its name as metric and no n, and their estimate
    is the vertical axis. Of a precision–recall curve the highest precision at each recall above 0 is kept: the steps
    whose area is the average precision. The prevalence is that of the measure that scored most of the coded passages.
    """
    order = [*AGREEMENT, "prevalence", *(name for curve in CURVES for name in (curve, CURVES[curve].metric))]
    whole = validation.filter(pl.col("source") == ALL_SOURCES, pl.col("period") == "all")
    numbers = whole.select("frame", "metric", "measure", "n", pl.lit(None, pl.Float64).alias("x"), *ENDS)
    points = curves.rename({"curve": "metric", "y": "estimate"}).with_columns(n=pl.lit(None, pl.Int64))
    table = (
        pl.concat([numbers, points.select(numbers.columns)])
        .with_columns(pl.col("x", *ENDS).fill_nan(None))
        .filter(
            pl.col("frame").is_in(list(frames)),
            pl.col("metric").is_in(order),
            pl.col("metric").is_in(list(AGREEMENT)) | pl.col("measure").is_in(list(measures)),
            pl.col("estimate").is_not_null(),
            (pl.col("metric") != "pr") | (pl.col("x") > 0),
        )
    )
    among = pl.when(pl.col("metric") == "prevalence").then(-pl.col("n"))  # first the one that is kept
    falling = pl.when(pl.col("metric") == "pr").then(-pl.col("estimate")).otherwise("estimate")
    ranks = [_rank("frame", frames), _rank("metric", order), among, _rank("measure", measures)]
    one = (pl.col("metric") != "prevalence") | pl.struct("frame", "metric").is_first_distinct()
    highest = (pl.col("metric") != "pr") | pl.struct("frame", "metric", "measure", "x").is_first_distinct()
    return table.sort(*ranks, "x", falling).filter(one, highest)


def _rank(column: str, order: Sequence[str]) -> pl.Expr:
    return pl.col(column).replace_strict(list(order), range(len(order)), default=None, return_dtype=pl.Int64)


def _list_rows(table: pl.DataFrame, measures: Sequence[str]) -> list[Row]:
    numbers = set(table.select("metric", "measure").iter_rows())
    present = {metric for metric, _ in numbers}
    rows = [Row("agreement", [metric for metric in AGREEMENT if metric in present], [])]
    for name, curve in CURVES.items():
        lines = [(curve.metric, measure) for measure in measures if (curve.metric, measure) in numbers]
        metrics = [metric for metric in (name, curve.metric) if metric in present]
        if name == "pr" and metrics and "prevalence" in present:
            metrics, lines = [*metrics, "prevalence"], [("prevalence", ""), *lines]
        rows.append(Row(name, metrics, lines))
    return [row for row in rows if row.metrics]


def _draw(table: pl.DataFrame, rows: Sequence[Row], styles: Mapping[str, Style], hidden: Sequence[str]) -> Figure:
    frames = table["frame"].unique(maintain_order=True).to_list()
    blocks = -(-len(frames) // MOST_COLUMNS)
    columns = -(-len(frames) // blocks)
    sheet = FULL_WIDTH if columns > 1 else COLUMN_WIDTH
    scored = set(table.filter(~pl.col("metric").is_in(list(AGREEMENT)))["measure"])
    key = [(measure, style) for measure, style in styles.items() if measure in scored]
    widest = max((text_width(measure, size=SMALL) for measure in scored), default=0.0)
    gutter = min(max(GUTTER[0], SAMPLE + widest + 1), GUTTER[1])
    width = (sheet - 2 * MARGIN - gutter) / columns - GAP
    height = min(width, HIGH if blocks == 1 else LOW)
    names = {frame: wrap(frame, width, weight="bold", lines=2) for frame in frames}
    head = LINE * (max(len(lines) for lines in names.values()) + 1) + 0.6
    tall = [_measure_row(row, height) for row in rows]
    above = key_height(key, width=sheet) + 1.5 if key else 0.0
    figure, top = new_sheet(
        above + blocks * (head + sum(tall)),
        header=["How measures agree with people, and people with each other"],
        footer=_explain(rows, hidden),
        width=sheet,
    )
    if key:
        draw_key(figure, top, key)
    top += above
    for first in range(0, len(frames), columns):
        here = frames[first : first + columns]
        places = {frame: MARGIN + gutter + i * (width + GAP) for i, frame in enumerate(here)}
        for frame, left in places.items():
            n = f"n = {_count(table.filter(pl.col('frame') == frame)):,}"
            for i, line in enumerate(reversed(names[frame])):
                write(figure, left + width / 2, top + head - LINE * (i + 2), line, ha="center", weight="bold")
            write(figure, left + width / 2, top + head - LINE, n, ha="center", size=SMALL, color=GREY)
        top += head
        for row, space in zip(rows, tall, strict=True):
            _draw_row(figure, top, row, table, styles, places=places, width=width, height=height)
            top += space
    return figure


def _measure_row(row: Row, height: float) -> float:
    if row.name == "agreement":
        return NUMBER + COEFFICIENT * len(row.metrics) + TICKS + BETWEEN
    return height + FOOT + NUMBER * len(row.lines) + BETWEEN


def _count(cells: pl.DataFrame) -> int:
    """How many passages are behind a frame's numbers: the most behind any of them, of those about measures first."""
    agreement = pl.col("metric").is_in(list(AGREEMENT))
    return int(cells.filter(~agreement)["n"].max() or cells["n"].max() or 0)


def _draw_row(
    figure: Figure,
    top: float,
    row: Row,
    table: pl.DataFrame,
    styles: Mapping[str, Style],
    *,
    places: Mapping[str, float],
    width: float,
    height: float,
) -> None:
    """One row of panels, its title in the gutter and its numbers below; `places` are frames and mm from the left."""
    agreement = row.name == "agreement"
    shown = table.filter(pl.col("metric").is_in(row.metrics))
    top, height = (top + NUMBER, COEFFICIENT * len(row.metrics)) if agreement else (top, height)
    for i, line in enumerate(wrap("agreement between coders" if agreement else CURVES[row.name].title, TITLE)):
        write(figure, MARGIN, top + LINE * i, line)
    first = min(places.values())
    for frame, left in places.items():
        cells = shown.filter(pl.col("frame") == frame)
        panel = add_panel(figure, left, top, width, height)
        if agreement:
            least = pl.concat([shown["estimate"], shown["low"]]).min()
            draw_agreement(panel, cells, row.metrics, least=least, width=width)
            said = f"{cells['n'].max() or 0:,} coded twice"
            write(figure, left + width / 2, top - NUMBER, said, ha="center", size=SMALL, color=GREY)
        else:
            draw_measures(panel, cells, row.name, styles)
        if left > first:  # all share the vertical axis of the first
            panel.set_yticks(panel.get_yticks(), [""] * len(panel.get_yticks()))
            panel.set_ylabel("")
    for i, (metric, measure) in enumerate(row.lines):
        y = top + height + FOOT + NUMBER * i
        if metric == "prevalence":
            _write_name(figure, y, metric, PREVALENCE, width=first - MARGIN)
        else:
            write(figure, MARGIN, y, CURVES[row.name].short, size=SMALL, color=GREY)
            _write_name(figure, y, measure, styles[measure], width=first - MARGIN)
        line = shown.filter(pl.col("metric") == metric, (pl.col("measure") == measure) | (metric == "prevalence"))
        said = {frame: say_interval(*ends) for frame, *ends in line.select("frame", *ENDS).iter_rows()}
        for frame, left in places.items():
            write(figure, left + width / 2, y, said.get(frame, "–"), ha="center", size=SMALL)


def _write_name(figure: Figure, top: float, name: str, style: Style, *, width: float) -> None:
    """What a line of numbers is about, in a gutter of `width` mm, after a sample of how that is drawn."""
    from matplotlib.lines import Line2D

    w, h = sheet_size(figure)
    across = [(MARGIN + x) / w for x in (5.4, 6.7, 8.0)]
    sample = Line2D(across, [1 - (top + 1.2) / h] * 3, color=style.colour, linestyle=style.dash, linewidth=0.9)
    sample.set(marker=style.marker, markersize=2.4, markeredgewidth=0, markevery=[1])
    figure.add_artist(sample)
    write(figure, MARGIN + SAMPLE, top, shorten(name, width - SAMPLE - 0.5, size=SMALL), size=SMALL)


def _explain(rows: Sequence[Row], hidden: Sequence[str]) -> list[str]:
    parts = {
        "agreement": "Agreement: Krippendorff's α, Cohen's κ and Gwet's AC1 over the passages coded twice or more.",
        "roc": "AUC: area under the ROC curve.",
        "pr": "AP: average precision. Dashed line: prevalence, the precision of a measure that knows nothing.",
        "calibration": "ECE: expected calibration error.",
    }
    said = ["n: passages that people coded. Bars and brackets: 95% intervals.", *(parts[row.name] for row in rows)]
    left_out = [f"Not drawn: {', '.join(hidden)}."] if hidden else []
    return [" ".join(said), *left_out]
