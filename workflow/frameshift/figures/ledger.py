"""What became of the rows that were read: kept, merged or rejected and why; of whom; when; what was cut from texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from frameshift.comparisons.periods import period_start, tells_period
from frameshift.figures.layout import LINE, MARGIN, add_panel, new_sheet, sheet_size, shorten, wrap, write
from frameshift.figures.series import list_periods, set_time_axis, told_grain
from frameshift.figures.style import GREY, SMALL, NothingToDraw, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Kept and merged are one hue, dark and light; rejected is another. In grey their lightness (CIE L*) is 46, 86 and 70.
COLOURS = {"read": GREY, "kept": "#0072B2", "merged": "#C3DCEB", "rejected": "#E69F00"}
OUTCOMES = ("kept", "merged", "rejected")
NO_SOURCE = "no source told"

ROW = 4.0  # mm from one bar to the next
HEAD = 7.5  # mm above the bars of a panel, for its title and the heads of its columns
AXIS = 11.0  # mm below them
NAMES = 48.0  # mm for labels; SHORT where these are the forms of boilerplate
SHORT = 20.0
NUMBER = 13.5  # mm of a column of numbers
TIME = 106.0  # mm of the panel over time; what was removed stands right of it
LEAST = 6  # rows in the height of these two


@styled
def plot_corpus_ledger(
    articles: pl.DataFrame, rejected: pl.DataFrame, removed: pl.DataFrame, *, grain: str, n_sources: int
) -> tuple[Figure, pl.DataFrame]:
    """Rows read and what became of them, in all and by source; kept articles over time; what was cut from the texts.

    Used are of corpus/articles article_id, source, date, date_precision and duplicate_of, of corpus/rejected reason
    and source, of corpus/removed article_id and form. Where no date tells a period of `grain`, the next coarser grain
    is drawn that one tells. The table is that of tabulate_ledger. Raises NothingToDraw where no row was read.
    """
    if articles.is_empty() and rejected.is_empty():
        raise NothingToDraw("No row was read.")
    grain = told_grain(articles.filter(pl.col("duplicate_of").is_null()), grain)
    table = tabulate_ledger(articles, rejected, removed, grain=grain, n_sources=n_sources)
    return _draw(table, grain), table


def tabulate_ledger(
    articles: pl.DataFrame, rejected: pl.DataFrame, removed: pl.DataFrame, *, grain: str, n_sources: int
) -> pl.DataFrame:
    """What the figure draws, one row a bar: panel, label, outcome, n, share (0 to 1), share_of.

    The panels rows and sources count rows; time (label: first day of the period) and undated count kept articles. In
    the panel removed, n counts lines or sentences and share the kept articles that had one.
    """
    kept = articles.filter(pl.col("duplicate_of").is_null())
    outcome = pl.when(pl.col("duplicate_of").is_null()).then(pl.lit("kept")).otherwise(pl.lit("merged"))
    rows = pl.concat(
        [
            articles.select("source", outcome=outcome),
            rejected.select("source", outcome=pl.lit("rejected", dtype=pl.String)),
        ]
    )
    cells = [
        *_count_rows(rows, rejected["reason"]),
        *_count_sources(rows, n_sources),
        *_count_periods(kept, grain),
        *_count_removed(removed, kept),
    ]
    schema = {"panel": pl.String, "label": pl.String, "outcome": pl.String, "n": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(cells, schema={**schema, "share_of": pl.String}, orient="row")


def _count_rows(rows: pl.DataFrame, reasons: pl.Series) -> list[tuple]:
    n = rows.height
    counts = dict(rows["outcome"].value_counts().iter_rows())
    by_reason = reasons.value_counts(name="n").sort(["n", "reason"], descending=[True, False])
    steps = [
        ("read", "read", n),
        *((f"rejected: {reason}", "rejected", count) for reason, count in by_reason.iter_rows()),
        *([] if counts.get("rejected") else [("rejected", "rejected", 0)]),
        ("merged with a copy", "merged", counts.get("merged", 0)),
        ("kept", "kept", counts.get("kept", 0)),
    ]
    return [("rows", label, outcome, count, count / n, "rows read") for label, outcome, count in steps]


def _count_sources(rows: pl.DataFrame, n_sources: int) -> list[tuple]:
    """The largest sources by rows read, then the others together, then the rows that name none."""
    named = rows.drop_nulls("source").group_by("source").len().sort(["len", "source"], descending=[True, False])
    shown, others = named["source"].to_list()[:n_sources], f"other sources ({named.height - n_sources:,})"
    label = (
        pl.when(pl.col("source").is_null())
        .then(pl.lit(NO_SOURCE))
        .when(pl.col("source").is_in(shown))
        .then("source")
        .otherwise(pl.lit(others))
    )
    counted = rows.group_by(label.alias("label"), "outcome").len()
    counts = {(name, outcome): count for name, outcome, count in counted.iter_rows()}
    cells = []
    for name in [*shown, others, NO_SOURCE]:
        of_source = [counts.get((name, outcome), 0) for outcome in OUTCOMES]
        if n := sum(of_source):
            cells += [
                ("sources", name, outcome, count, count / n, "rows of the source")
                for outcome, count in zip(OUTCOMES, of_source, strict=True)
            ]
    return cells


def _count_periods(kept: pl.DataFrame, grain: str) -> list[tuple]:
    dated = kept.filter(tells_period(pl.col("date_precision"), grain))
    periods = dated.group_by(period_start(pl.col("date"), grain)).len().sort("date")
    undated = kept["date"].null_count()
    vague = kept.height - undated - dated.height
    counts = [("time", start.isoformat(), n) for start, n in periods.iter_rows()]
    counts += [("undated", "no date", undated), ("undated", f"a date that does not tell the {grain}", vague)]
    return [(panel, label, "kept", n, n / kept.height, "kept articles") for panel, label, n in counts if n]


def _count_removed(removed: pl.DataFrame, kept: pl.DataFrame) -> list[tuple]:
    """Lines of all articles, as in the table; those of rejected and merged ones say nothing about the kept articles."""
    touched = pl.col("article_id").filter("kept").n_unique()
    forms = (
        removed.join(kept.select("article_id", kept=pl.lit(True)), on="article_id", how="left")
        .group_by("form")
        .agg(n=pl.len(), share=touched / max(kept.height, 1))
        .sort(["n", "form"], descending=[True, False])
    )
    return [("removed", form, None, n, share, "kept articles") for form, n, share in forms.iter_rows()]


def _draw(table: pl.DataFrame, grain: str) -> Figure:
    rows, sources, time, undated, removed = (
        table.filter(pl.col("panel") == panel) for panel in ("rows", "sources", "time", "undated", "removed")
    )
    least = 1 if time.is_empty() else LEAST  # a sentence takes the place of the time
    heights = [ROW * n for n in (rows.height, sources["label"].n_unique(), max(removed.height, least))]
    without = " and ".join(f"{n:,} with {label}" for label, n in undated.select("label", "n").iter_rows())
    notes = [f"Kept articles that are not drawn in c: {without}."] if without else []
    figure, y = new_sheet(sum(heights) + 3 * (HEAD + AXIS), footer=notes)
    width = sheet_size(figure)[0] - 2 * MARGIN
    _draw_rows(figure, y, width, rows)
    y += HEAD + heights[0] + AXIS
    _draw_sources(figure, y, width, sources)
    y += HEAD + heights[1] + AXIS
    _draw_time(figure, y, heights[2], time, grain)
    _draw_removed(figure, y, width - TIME, removed)
    return figure


def _draw_rows(figure: Figure, top: float, width: float, cells: pl.DataFrame) -> None:
    """A waterfall: each bar begins where the one above has left off, so that what is lost and what is left add up."""
    _write_title(figure, MARGIN, top, "a", "Rows read, and what became of them")
    n = cells["n"].to_list()
    columns = {"n": _say_counts(cells["n"]), "% of rows": _say_shares(cells["share"])}
    panel = _add_bars(figure, MARGIN, top + HEAD, width, NAMES, cells["label"].to_list(), columns)
    left = n[0] - np.cumsum([0, *n[1:-1]])  # rows that are left after each step but the last
    begin = [0, *left[1:], 0]
    for i, outcome in enumerate(cells["outcome"]):
        _draw_bar(panel, i, begin[i], n[i], outcome)
    for i, x in enumerate(left):
        panel.plot([x, x], [i, i + 1], color=GREY, linewidth=0.5, zorder=0)
    panel.set_xlim(0, n[0])
    _number_axis(panel, "rows")


def _draw_sources(figure: Figure, top: float, width: float, cells: pl.DataFrame) -> None:
    from matplotlib.patches import Patch

    _write_title(figure, MARGIN, top, "b", "Rows by source")
    labels = cells["label"].unique(maintain_order=True).to_list()
    totals = cells.group_by("label", maintain_order=True).agg(pl.col("n").sum())["n"]
    kept = cells.filter(pl.col("outcome") == "kept")["share"]
    columns = {"n": _say_counts(totals), "% kept": _say_shares(kept)}
    panel = _add_bars(figure, MARGIN, top + HEAD, width, NAMES, labels, columns)
    for i, label in enumerate(labels):
        begin = 0.0
        for outcome, share in cells.filter(pl.col("label") == label).select("outcome", "share").iter_rows():
            _draw_bar(panel, i, begin, 100 * share, outcome)
            begin += 100 * share
    panel.set_xlim(0, 100)
    _number_axis(panel, "% of the rows of a source")
    panel.legend(
        handles=[Patch(color=COLOURS[outcome], label=outcome) for outcome in OUTCOMES],
        **{"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 3, "frameon": False, "fontsize": SMALL},
        **{"borderaxespad": 0, "borderpad": 0.2, "handlelength": 1.2, "handleheight": 0.7, "columnspacing": 1.5},
    )


def _draw_time(figure: Figure, top: float, height: float, cells: pl.DataFrame, grain: str) -> None:
    title = f"Kept articles per {grain}"
    if cells.is_empty():
        _write_title(figure, MARGIN, top, "c", title)
        said = "No kept article has a date, so nothing can be shown over time."
        return _write_reason(figure, MARGIN, top + HEAD, TIME, said)
    _write_title(figure, MARGIN, top, "c", f"{title} (n = {cells['n'].sum():,})")
    starts = cells.select(start=pl.col("label").str.to_date(), n="n")
    periods = list_periods(starts["start"], grain)
    n = periods.join(starts, on="start", how="left", maintain_order="left")["n"].fill_null(0).to_numpy()
    panel = add_panel(figure, MARGIN + 10, top + HEAD, TIME - 18, height)
    edges = np.append(periods["start"].to_numpy(), periods["end"].to_numpy()[-1:])
    panel.stairs(n, edges, fill=True, color=COLOURS["kept"], linewidth=0)
    set_time_axis(panel, periods, TIME - 18)
    panel.set_ylim(0, 1.05 * n.max())
    panel.locator_params(axis="y", nbins=4, integer=True)
    panel.yaxis.set_major_formatter("{x:,.0f}")


def _draw_removed(figure: Figure, top: float, width: float, cells: pl.DataFrame) -> None:
    left = MARGIN + TIME
    _write_title(figure, left, top, "d", "Lines removed as boilerplate")
    if cells.is_empty():
        return _write_reason(figure, left, top + HEAD, width, "No line was removed.")
    columns = {"n": _say_counts(cells["n"]), "% articles": _say_shares(cells["share"])}
    panel = _add_bars(figure, left, top + HEAD, width, SHORT, cells["label"].to_list(), columns)
    for i, n in enumerate(cells["n"]):
        _draw_bar(panel, i, 0, n, "read")
    panel.set_xlim(0, cells["n"].max())
    _number_axis(panel, "lines", ticks=2)


def _add_bars(
    figure: Figure,
    left: float,
    top: float,
    width: float,
    names: float,
    labels: Sequence[str],
    columns: dict[str, list[str]],
) -> Axes:
    """Axes with a row for each label: `names` mm for the labels left of them, right of them columns of numbers."""
    wide = width - names - NUMBER * len(columns) - 1
    panel = add_panel(figure, left + names, top, wide, ROW * len(labels))
    panel.set_ylim(len(labels) - 0.5, -0.5)
    panel.set_yticks([])
    for i, label in enumerate(labels):
        middle = top + ROW * (i + 0.5)
        name = shorten(label, names - 2, size=SMALL)
        write(figure, left + names - 1.5, middle, name, va="center", ha="right", size=SMALL)
    for j, (head, said) in enumerate(columns.items(), start=1):
        right = left + names + wide + 1 + NUMBER * j
        write(figure, right, top - 0.6, head, va="bottom", ha="right", size=SMALL, color=GREY)
        for i, number in enumerate(said):
            write(figure, right, top + ROW * (i + 0.5), number, va="center", ha="right", size=SMALL)
    return panel


def _draw_bar(panel: Axes, row: int, begin: float, length: float, outcome: str) -> None:
    """The edge has the colour of the bar: what is too short to be seen still leaves a line."""
    if length:
        colour = COLOURS[outcome]
        panel.barh(row, length, left=begin, height=0.7, color=colour, edgecolor=colour, linewidth=0.4, clip_on=False)


def _number_axis(panel: Axes, name: str, *, ticks: int = 4) -> None:
    panel.locator_params(axis="x", nbins=ticks, integer=True)
    panel.xaxis.set_major_formatter("{x:,.0f}")
    panel.set_xlabel(name, size=SMALL, labelpad=1)


def _write_title(figure: Figure, left: float, top: float, letter: str, title: str) -> None:
    write(figure, left, top, letter, weight="bold")
    write(figure, left + 4, top, title)


def _write_reason(figure: Figure, left: float, top: float, width: float, reason: str) -> None:
    for i, line in enumerate(wrap(reason, width - 14)):
        write(figure, left + 4, top + LINE * i, line, color=GREY)


def _say_counts(counts: pl.Series) -> list[str]:
    return [f"{n:,}" for n in counts]


def _say_shares(shares: pl.Series) -> list[str]:
    """In percent, to one decimal; few are not rounded to none, nor nearly all to all."""

    def say(share: float) -> str:
        if 0 < share < 0.0005:
            return "<0.1"
        return ">99.9" if 0.9995 <= share < 1 else f"{100 * share:.1f}"

    return [say(share) for share in shares]
