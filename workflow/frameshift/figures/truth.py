"""Estimates against the truth that the demo's generator planted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.layout import (
    MARGIN,
    add_panel,
    draw_key,
    in_bands,
    is_narrow,
    key_height,
    new_sheet,
    sheet_width,
    shorten,
    write,
)
from frameshift.figures.series import in_units, select_cells
from frameshift.figures.style import GREY, SMALL, NothingToDraw, source_colours, styled
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD, FOOT, TICKS = 8.0, 10.0, 9.0  # mm around each panel


@styled
def plot_estimate_vs_truth(
    prevalence: pl.DataFrame,
    truth: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    given: Sequence[str],
    measure: str,
    n_sources: int,
    grain: str = "year",
) -> tuple[Figure, pl.DataFrame]:
    """Estimated intensity or share by source and year against the true share of sentences; one panel a frame.

    `truth` has frame, given, source, grain, period, weighting (as in comparisons/prevalence) and realised (the true
    share, 0 to 1). One row of panels for all passages and one for each issue of `given`; each states Spearman's rank
    correlation.
    Raises NothingToDraw where no cell has both.
    """
    cell = ["frame", "given", "source", "grain", "period", "weighting"]
    true = truth.select(*cell, "realised")
    pairs = []
    for issue in (None, *given):
        try:
            cells = select_cells(prevalence, frames=frames, given=issue, measure=measure, grain=grain)
        except NothingToDraw:
            continue
        pairs.append(
            cells.filter(pl.col("source") != ALL_SOURCES, pl.col("estimate").is_not_null()).join(
                true, on=cell, nulls_equal=True, maintain_order="left"
            )
        )
    table = pl.concat(pairs) if pairs else pl.DataFrame()
    if table.is_empty():
        raise NothingToDraw("No cell has both an estimate and a true share.")
    styles = source_colours(counts, n_sources)
    return _draw(table, [frame for frame in frames if frame in set(table["frame"])], styles, grain), table


def _draw(table: pl.DataFrame, frames: list[str], styles: Mapping, grain: str) -> Figure:
    table, axis = in_units(table)
    issues = table["given"].unique(maintain_order=True).to_list()
    key = [(source, styles[source]) for source in styles if styles[source].named and source in set(table["source"])]
    columns = min(2 if is_narrow() else len(frames), len(frames))
    rows = [(issue, beside) for issue in issues for beside in in_bands(frames, columns)]
    room = (sheet_width() - 2 * MARGIN) / columns
    width = min(room - TICKS - 2, 60.0)
    height = min(width, 40.0)
    figure, top = new_sheet(
        key_height(key) + len(rows) * (HEAD + height + FOOT),
        header=[f"Estimated {axis} against the true share, by source and {grain}"],
        footer=[] if len(key) == table["source"].n_unique() else ["Grey: smaller sources."],
    )
    draw_key(figure, top, [(source, replace(style, dash="none")) for source, style in key])
    for row, (issue, beside) in enumerate(rows):
        for column, frame in enumerate(beside):
            cells = table.filter(pl.col("given").eq_missing(pl.lit(issue)), pl.col("frame") == frame)
            if cells.is_empty():
                continue
            left, y = MARGIN + TICKS + column * room, top + key_height(key) + row * (HEAD + height + FOOT)
            panel = add_panel(figure, left, y + HEAD, width, height)
            _draw_panel(panel, cells, styles)
            panel.set_xlabel("true share of sentences (%)", size=SMALL)
            title = frame if issue is None else f"{frame} given {issue}"
            write(figure, left - 4, y + 1, shorten(title, room - 6, weight="bold"), weight="bold")
            write(figure, left - 4, y + 4.2, _say_correlation(cells), size=SMALL, color=GREY)
    return figure


def _draw_panel(panel, cells: pl.DataFrame, styles: Mapping) -> None:
    for source in [source for source in reversed(styles) if source in set(cells["source"])]:
        style = styles[source]
        mine = cells.filter(pl.col("source") == source)
        for points, face in (
            (mine.filter(pl.col("low").is_not_null()), style.colour),
            (mine.filter(pl.col("low").is_null()), "white"),
        ):
            x, y, low, high = (points[name].to_numpy() for name in ("realised", "estimate", "low", "high"))
            panel.vlines(100 * x, low, high, color=style.colour, linewidth=0.6, alpha=0.5)
            panel.plot(100 * x, y, style.marker, color=style.colour, markerfacecolor=face, markersize=3)
    panel.locator_params(nbins=4)


def _say_correlation(cells: pl.DataFrame) -> str:
    n = cells.height
    if n < 3 or cells["realised"].n_unique() < 2 or cells["estimate"].n_unique() < 2:
        return f"n = {n}"
    rank = cells.select(pl.corr("realised", "estimate", method="spearman")).item()
    return f"rank correlation {rank:.2f} (n = {n})".replace("-", "−")
