"""Estimates over time: which cells of the prevalence table, on which time axis, with which events, and how drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from frameshift.comparisons.periods import tells_period
from frameshift.contracts import GRAINS
from frameshift.figures.layout import shorten, spread, text_width
from frameshift.figures.style import BAND, FAINT, GREY, SMALL, NothingToDraw, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVERY = {"week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
AXES = {  # what the vertical axis measures
    "intensity": "intensity (standard deviations above ordinary news)",
    "share": "share of passages (%), calibrated on passages coded by people",
}
MOST_POINTS = 60  # of one line that still can be told apart
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COLUMNS = [
    *("frame", "given", "measure", "source", "grain", "period", "start", "weighting", "scale", "estimator"),
    *("estimate", "low", "high", "n_articles", "n_clusters"),
]


def select_cells(
    prevalence: pl.DataFrame,
    *,
    frames: Sequence[str],
    given: str | None,
    measure: str,
    grain: str,
) -> pl.DataFrame:
    """The rows of comparisons/prevalence that one figure draws: articles weighted alike, one row a cell, not corrected
    by labels (most cells have too few of them).

    Raises NothingToDraw where none is left, and ValueError where two estimators compete for one cell.
    """
    about = pl.col("given").is_null() if given is None else pl.col("given") == given
    cells = (
        prevalence.filter(
            about,
            pl.col("frame").is_in(list(frames)),
            pl.col("measure") == measure,
            pl.col("grain") == grain,
            pl.col("weighting") == "article",
            pl.col("scale") != "corrected share",
        )
        .select(COLUMNS)
        .sort("frame", "source", "start", "period")
    )
    if cells.filter(pl.col("estimate").is_not_null()).is_empty():
        within = "" if given is None else f" within {given}"
        over = "" if grain == "all" else f" by {grain}"
        raise NothingToDraw(f"There is no estimate{within}{over} to draw: see the list of what was left out.")
    if cells.select("frame", "source", "period").is_duplicated().any():
        raise ValueError(f"several estimators for one cell: {cells['estimator'].unique().sort().to_list()}")
    return cells


def in_units(cells: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The cells as they are drawn, shares in percent, and what the axis measures.

    Raises ValueError for cells on several scales.
    """
    (scale,) = cells["scale"].unique()
    if scale == "intensity":
        return cells, AXES[scale]
    return cells.with_columns(pl.col("^(estimate|low|high|level|difference)$") * 100), AXES[scale]


def select_over_time(prevalence: pl.DataFrame, *, grain: str, **selection) -> pl.DataFrame:
    """`select_cells` at a grain of time; raises NothingToDraw where fewer than two periods are dated."""
    try:
        cells = select_cells(prevalence, grain=grain, **selection)
    except NothingToDraw as nothing:
        if prevalence["start"].null_count() == len(prevalence):
            raise NothingToDraw("The articles have no dates, so there is nothing to draw over time.") from nothing
        raise
    if cells["start"].n_unique() < 2:
        raise NothingToDraw(f"All dated articles lie in one {grain}, so there is nothing to draw over time.")
    return cells


def told_grain(kept: pl.DataFrame, grain: str) -> str:
    """`grain`, or the next coarser one of which the date of one of the `kept` articles tells the period."""
    precisions = kept.select("date_precision").unique()
    coarser = GRAINS[GRAINS.index(grain) : 0 : -1]  # from `grain` to the year
    return next((g for g in coarser if precisions.select(tells_period(pl.first(), g).any()).item()), grain)


def list_periods(starts: pl.Series, grain: str) -> pl.DataFrame:
    """Every period from the first of `starts` to the last, present or not: start, middle (where it is drawn), end."""
    first, last = starts.min(), starts.max()
    periods = pl.DataFrame({"start": pl.date_range(first, last, EVERY[grain], eager=True)})
    end = pl.col("start").dt.offset_by(EVERY[grain])
    return periods.with_columns(middle=pl.col("start").cast(pl.Datetime("ms")) + (end - pl.col("start")) / 2, end=end)


def draw_series(
    axes: Axes,
    cells: pl.DataFrame,
    periods: pl.DataFrame,
    style: Style,
    *,
    limits: tuple[float, float] | None = None,
) -> None:
    """One line with its 95% band; it breaks at missing periods, and points without an interval are hollow.

    Above 60 periods points would hide the line: it is thin where there is no interval. With `limits` they become those
    of the axis, and an arrow at its edge stands for each point beyond.

    `cells` are the rows of one source and frame; `periods` comes from list_periods.
    """
    row = periods.join(cells, on="start", how="left", maintain_order="left")
    x = row["middle"].to_numpy()
    y, low, high = (row[name].cast(pl.Float64).to_numpy() for name in ("estimate", "low", "high"))
    known, sure = np.isfinite(y), np.isfinite(low) & np.isfinite(high)
    axes.fill_between(x, low, high, where=sure, color=style.colour, alpha=BAND, linewidth=0, zorder=2)
    alone = sure & ~_beside(sure)  # a band needs two neighbours; a lone interval is drawn as a bar
    axes.vlines(x[alone], low[alone], high[alone], color=style.colour, alpha=0.5, linewidth=1.6, zorder=2)
    crowded = len(x) > MOST_POINTS  # then only points without neighbours are drawn, and a thin line has no interval
    shown = known & ~_beside(known) if crowded else known
    axes.plot(x, y, color=style.colour, linestyle=style.dash, linewidth=0.5 if crowded else 1.0, zorder=3)
    if crowded:
        axes.plot(x, np.where(sure, y, np.nan), color=style.colour, linestyle=style.dash, linewidth=1.2, zorder=3)
    size = 2.6 if len(x) <= MOST_POINTS / 2 else 1.6
    point = {"linestyle": "none", "marker": style.marker, "markeredgecolor": style.colour, "markeredgewidth": 0.6}
    for points, face in ((shown & sure, style.colour), (shown & ~sure, "white")):
        axes.plot(x[points], y[points], markersize=size, markerfacecolor=face, zorder=4, **point)
    if limits:
        axes.set_ylim(*limits)
        arrows = {"color": style.colour, "markersize": 3, "markeredgewidth": 0, "clip_on": False, "linestyle": "none"}
        for beyond, edge, arrow in ((y > limits[1], limits[1], "^"), (y < limits[0], limits[0], "v")):
            if beyond.any():
                axes.plot(x[beyond], np.full(beyond.sum(), edge), marker=arrow, **arrows)


def _beside(known: np.ndarray) -> np.ndarray:
    padded = np.concatenate([[False], known, [False]])
    return padded[:-2] | padded[2:]


def draw_behind(axes: Axes, cells: pl.DataFrame, periods: pl.DataFrame) -> None:
    """All series of `cells` as faint lines, for comparison."""
    for _, series in cells.group_by("source", maintain_order=True):
        row = periods.join(series, on="start", how="left", maintain_order="left")
        y = row["estimate"].cast(pl.Float64).to_numpy()
        axes.plot(row["middle"].to_numpy(), y, color=FAINT, linewidth=0.5, zorder=1)


def set_time_axis(axes: Axes, periods: pl.DataFrame, width: float, *, labels: bool = True) -> None:
    """Limits, ticks at round dates and their labels, for a panel of `width` mm."""
    first, last = periods["start"].min(), periods["end"].max()
    axes.set_xlim(np.datetime64(first), np.datetime64(last))
    ticks = choose_ticks(first, last, max(2, int(width / 11)))
    by_year = all(tick.month == 1 for tick in ticks) and len(ticks) > 1
    ticks = ticks if by_year or width > 9 * len(ticks) else ticks[:1]  # a month and year are some 7 mm wide
    names = [str(tick.year) if by_year else f"{MONTHS[tick.month - 1]}\n{tick.year}" for tick in ticks]
    axes.set_xticks([np.datetime64(tick) for tick in ticks], names if labels else [""] * len(ticks))


def choose_ticks(first: date, last: date, most: int) -> list[date]:
    """Round dates from `first` to `last`, at most `most` of them: every 1, 2, 3 or 6 months, or 1, 2, 5, 10 … years."""
    for step in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400):
        month = -(-(first.year * 12 + first.month - 1 + (first.day > 1)) // step) * step
        months = range(month, last.year * 12 + last.month - 1 + 1, step)
        ticks = [tick for m in months if (tick := date(m // 12, m % 12 + 1, 1)) <= last]
        if len(ticks) <= most:
            return ticks or [first]
    return [first]


def number_events(events: Sequence[Mapping], periods: pl.DataFrame) -> list[dict]:
    """The events within the periods, in order of date, numbered from 1: number, name, date, sources (or None)."""
    first, last = periods["start"].min(), periods["end"].max()
    dated = [(date.fromisoformat(str(event["date"])), event) for event in events]
    within = sorted(((day, event) for day, event in dated if first <= day <= last), key=lambda pair: pair[0])
    return [
        {"number": i, "name": str(event["name"]), "date": day, "sources": event.get("sources")}
        for i, (day, event) in enumerate(within, start=1)
    ]


def list_events(events: Sequence[Mapping]) -> list[str]:
    """The events as one paragraph for the foot of a figure (none without events)."""
    if not events:
        return []
    said = []
    for event in events:
        where = f", in {', '.join(event['sources'])}" if event["sources"] else ""
        said.append(f"{event['number']} {event['name']} ({event['date'].isoformat()}{where})")
    return ["Vertical lines, from left to right: " + "; ".join(said) + "."]


def draw_events(axes: Axes, events: Sequence[Mapping], *, source: str | None, width: float, labels: bool) -> None:
    """Thin vertical lines at the events that concern `source` (None: all), labelled above the panel where `labels`.

    Labels are names where these fit above a panel of `width` mm, else the events' numbers, else none.
    """
    shown = [event for event in events if source is None or not event["sources"] or source in event["sources"]]
    for event in shown:
        axes.axvline(np.datetime64(event["date"]), color=GREY, linewidth=0.5, linestyle=(0, (3, 2)), zorder=0)
    if not labels or not shown:
        return
    low, high = (float(limit) for limit in axes.get_xlim())
    at = [(axes.convert_xunits(np.datetime64(event["date"])) - low) / (high - low) * width for event in shown]
    for texts, reach in (
        ([shorten(event["name"], 18, size=SMALL) for event in shown], 6.0),
        ([str(event["number"]) for event in shown], math.inf),
    ):
        places = spread(at, [text_width(text, size=SMALL) + 1.2 for text in texts], -2, width + 2)
        if places and max(abs(a - b) for a, b in zip(at, places, strict=True)) <= reach:
            for text, place in zip(texts, places, strict=True):
                axes.text(
                    *(place / width, 1.0),
                    text,
                    transform=axes.transAxes,
                    ha="center",
                    va="bottom",
                    size=SMALL,
                    color=GREY,
                )
            return
