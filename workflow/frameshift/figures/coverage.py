"""The corpus over time: articles by source and period, with its gaps; without dates, articles by source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from frameshift.comparisons.gaps import find_gaps
from frameshift.comparisons.periods import tells_period
from frameshift.figures.layout import MARGIN, add_panel, is_narrow, new_sheet, say_hidden, sheet_size, shorten, write
from frameshift.figures.series import EVERY, list_periods, set_time_axis, told_grain
from frameshift.figures.style import (
    GAP,
    GREY,
    SMALL,
    NothingToDraw,
    Style,
    count_articles,
    source_colours,
    styled,
)
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 40  # what fits on a page
NAMES, FACTS = (42.0, 24.0), (33.0, 18.0)  # mm left of the panels for the sources, right of them for n; in a column
SPACE = 1.2  # mm between rows


@styled
def plot_corpus_over_time(articles: pl.DataFrame, *, grain: str, n_sources: int) -> tuple[Figure, pl.DataFrame]:
    """Kept articles by source and period, from source, date, date_precision and duplicate_of of corpus/articles.

    Where no date tells a period of `grain`, the next coarser grain is drawn that one tells. The table has source,
    period (first day) and n_articles; for a corpus without dates, source and n_articles. Raises NothingToDraw where no
    article was kept.
    """
    counts = count_articles(articles)
    if not counts:
        raise NothingToDraw("No article was kept.")
    styles = source_colours(counts, n_sources)
    styles = {source: style if style.named else replace(style, colour=GREY) for source, style in styles.items()}
    kept = articles.filter(pl.col("duplicate_of").is_null())
    grain = told_grain(kept, grain)
    dated = kept.filter(tells_period(pl.col("date_precision"), grain))
    drawn = list(counts)[:MOST_ROWS]
    notes = say_hidden(len(counts) - len(drawn), "source")
    if dated.is_empty():
        table = pl.DataFrame({"source": list(counts), "n_articles": list(counts.values())})
        return _draw_bars(counts, drawn, styles, notes), table
    table = (
        dated.with_columns(period=pl.col("date").dt.truncate(EVERY[grain]))
        .group_by("source", "period")
        .agg(n_articles=pl.len())
        .sort("source", "period")
    )
    undated = kept["date"].null_count()
    for n, lack in ((undated, "without a date"), (len(kept) - undated - len(dated), f"of unknown {grain}")):
        if n:
            notes.append(f"{n:,} {lack}: counted in n, not drawn.")
    gaps = find_gaps(dated if grain == "week" else dated.clear())
    return _draw_rows(table, counts, drawn, styles, gaps, notes, grain), table


def _draw_rows(
    table: pl.DataFrame,
    counts: dict[str, int],
    drawn: list[str],
    styles: Mapping[str, Style],
    gaps: pl.DataFrame,
    notes: list[str],
    grain: str,
) -> Figure:
    periods = list_periods(table["period"], grain)
    height = max(3.2, min(16.0, 150 / len(drawn)))
    rows = [(source, table.filter(pl.col("source") == source), height, counts[source]) for source in drawn]
    if len(counts) > 1:
        total = table.group_by("period").agg(pl.col("n_articles").sum())
        rows.insert(0, (ALL_SOURCES, total, 20.0, sum(counts.values())))
    body = sum(tall + SPACE for _, _, tall, _ in rows) + 10
    narrow = is_narrow()
    names, facts = NAMES[narrow], FACTS[narrow]
    heads = f"; right: n (most in a {grain})" if narrow else ""
    figure, y = new_sheet(body, header=[f"Articles per {grain}, by source{heads}"], footer=notes)
    width = sheet_size(figure)[0] - 2 * MARGIN - names - facts
    for i, (source, counted, tall, n) in enumerate(rows, start=1):
        panel = add_panel(figure, MARGIN + names, y, width, tall)
        colour = GREY if source == ALL_SOURCES else styles[source].colour
        most = _draw_row(panel, counted, periods, colour, mark_empty=grain != "week")
        for gap in gaps.filter(pl.col("source") == source).iter_rows(named=True):
            panel.axvspan(gap["first"], gap["last"], color=GAP, linewidth=0)
        set_time_axis(panel, periods, width, labels=i == len(rows))
        if i < len(rows):
            panel.tick_params(axis="x", length=0)
        middle, weight = y + tall / 2, "bold" if source == ALL_SOURCES else "normal"
        name = shorten(source, names - 3, weight=weight)
        write(figure, MARGIN + names - 2, middle, name, va="center", ha="right", weight=weight)
        said = f"{n:,} ({most:,})" if narrow else f"n = {n:,} (most {most:,})"
        write(figure, MARGIN + names + width + 2, middle, said, va="center", size=SMALL, color=GREY)
        y += tall + SPACE
    return figure


def _draw_row(panel: Axes, counted: pl.DataFrame, periods: pl.DataFrame, colour: str, *, mark_empty: bool) -> int:
    """Draw one source's articles by period; returns the largest number."""
    row = periods.join(counted, left_on="start", right_on="period", how="left", maintain_order="left")
    edges = np.append(row["start"].to_numpy(), row["end"].to_numpy()[-1:])
    n = row["n_articles"].fill_null(0).to_numpy()
    most = int(n.max())
    if mark_empty:
        panel.stairs(np.where(n == 0, most, 0), edges, fill=True, color=GAP, linewidth=0)
    panel.stairs(n, edges, fill=True, color=colour, linewidth=0)
    panel.spines["left"].set_visible(False)
    panel.set_yticks([])
    panel.set_ylim(0, max(most, 1))  # a source may have no dated article
    return most


def _draw_bars(counts: dict[str, int], drawn: list[str], styles: Mapping[str, Style], notes: list[str]) -> Figure:
    height = max(3.8, min(7.0, 200 / len(drawn)))
    said = [*notes, "The articles have no dates, so nothing can be shown over time."]
    figure, top = new_sheet(len(drawn) * height + 9, header=["Articles by source"], footer=said)
    names = 30.0 if is_narrow() else 55.0
    width = sheet_size(figure)[0] - 2 * MARGIN - names - 14.0
    panel = add_panel(figure, MARGIN + names, top, width, len(drawn) * height)
    panel.barh(
        range(len(drawn)),
        [counts[source] for source in drawn],
        height=0.7,
        color=[styles[source].colour for source in drawn],
    )
    panel.set_ylim(len(drawn) - 0.5, -0.5)
    panel.set_xlim(0, max(counts.values()))
    panel.set_yticks(range(len(drawn)), [shorten(source, names - 4, size=SMALL) for source in drawn])
    panel.locator_params(axis="x", nbins=3 if is_narrow() else 5, integer=True)
    panel.xaxis.set_major_formatter("{x:,.0f}")
    panel.set_xlabel(f"articles (n = {sum(counts.values()):,})")
    for i, source in enumerate(drawn):
        beside = {"xytext": (2, 0), "textcoords": "offset points", "va": "center", "size": SMALL}
        panel.annotate(f"{counts[source]:,}", (counts[source], i), **beside)
    return figure
