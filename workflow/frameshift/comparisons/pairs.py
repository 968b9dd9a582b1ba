"""Which two sides are set against each other: changes at a date, gaps between sources, and what findings declare."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from frameshift.tables import ALL_SOURCES

REST = "all other sources"  # what a source is compared with in a gap


class Rows(NamedTuple):
    """The articles that count for one frame and given, as arrays of one length."""

    article: np.ndarray  # its number among all articles
    source: np.ndarray  # its source's number among those compared; the next number stands for all others
    week: np.ndarray  # 0 is the first
    day: np.ndarray  # datetime64
    total: np.ndarray
    weight: np.ndarray
    counted: np.ndarray


class Panel(NamedTuple):
    """One frame, alone or within an issue, and the sources compared one by one."""

    frame: str
    given: str | None
    compared: list[str]
    rows: Rows


class Pair(NamedTuple):
    """Two sides in several sources: the days from `middle` on against those before it; or each source against all
    others, where there is no `middle`."""

    kind: str  # change or gap
    first: str  # what the table calls the side compared with,
    second: str | None  # and the other; null: its source
    sources: list[str]
    middle: date | None = None
    span: tuple[date, date] | None = None  # the first day and the last

    def within(self, rows: Rows) -> Rows:
        """The rows inside the span; week 0 is the first of them."""
        if self.span is None:
            return rows
        first, last = (np.datetime64(day) for day in self.span)
        inside = (rows.day >= first) & (rows.day <= last)
        rows = Rows(*(array[inside] for array in rows))
        return rows._replace(week=rows.week - rows.week.min(initial=rows.week.max(initial=0)))


class Comparison(NamedTuple):
    """A pair of one panel, and the names of findings by source and part."""

    panel: Panel
    pair: Pair
    marks: dict[tuple[str, str], str]
    alone: bool  # whether only the sources of the findings are asked for


def list_panels(outcomes: pl.DataFrame, dated: pl.DataFrame, *, compared: list[str]) -> list[Panel]:
    """A panel for each frame and given of `outcomes`, sorted; `dated` are articles with their number and week."""
    joined = outcomes.join(dated, on="article_id").sort("frame", "given", "article")
    panels = []
    for (frame, given), part in joined.group_by("frame", "given", maintain_order=True):
        among = [source for source in compared if source in part["source"]]
        numbers = {source: number for number, source in enumerate(among)}
        source = part["source"].replace_strict(numbers, default=len(among), return_dtype=pl.Int64)
        columns = [part["article"], source, part["week"] - dated["week"].min(), part["date"]]
        columns += [part[column].cast(pl.Float64) for column in ("total", "weight", "counted")]
        panels.append(Panel(frame, given, among, Rows(*(column.to_numpy() for column in columns))))
    return panels


def plan_comparisons(
    dated: pl.DataFrame, panels: Sequence[Panel], findings: Sequence[Mapping], *, split: date | None
) -> tuple[list[Comparison], list[dict]]:
    """The change at `split` and the gaps of each panel, and the changes of the findings; and what cannot be made.

    Where `split` is null, it is the Monday of the middle article's week. See decomposition.decompose for the findings.
    """
    days = dated["date"].sort()
    first, last, center = days[0], days[-1], days[len(days) // 2]
    middle = split or center - timedelta(days=center.weekday())
    whole = (first, middle, last)
    outside = _tell_outside(middle, first, last)
    omitted = [{"reason": f"change: {outside}"}] if outside else []
    planned, scored = [], {(panel.frame, panel.given) for panel in panels}
    for panel in panels:
        changes = {} if outside else {whole: {}}
        for finding in findings:
            if (finding["frame"], finding.get("given")) != (panel.frame, panel.given):
                continue
            day = date.fromisoformat(str(finding["date"]))
            reason = _tell_outside(day, first, last)
            if finding["source"] not in (*panel.compared, ALL_SOURCES):
                reason = "this source has fewer articles than min_articles"
            if reason:
                omitted.append(_omit(finding, reason))
                continue
            marks = changes.setdefault(_window(day, finding.get("weeks"), first, last), {})
            marks.setdefault((finding["source"], finding["kind"]), finding["name"])
        for window, marks in changes.items():
            planned.append(Comparison(panel, _change(panel, *window), marks, alone=window != whole or bool(outside)))
        if panel.compared and np.ptp(panel.rows.source) > 0:
            planned.append(Comparison(panel, Pair("gap", REST, None, panel.compared), {}, alone=False))
    unscored = [finding for finding in findings if (finding["frame"], finding.get("given")) not in scored]
    return planned, omitted + [_omit(finding, "no article of known day has such a score") for finding in unscored]


def _change(panel: Panel, first: date, middle: date, last: date) -> Pair:
    before, after = f"{first}/{middle - timedelta(days=1)}", f"{middle}/{last}"
    return Pair("change", before, after, [*panel.compared, ALL_SOURCES], middle, (first, last))


def _window(middle: date, weeks: int | None, first: date, last: date) -> tuple[date, date, date]:
    """First day, first day of the second side, and last day."""
    if weeks is None:
        return first, middle, last
    return middle - timedelta(weeks=weeks), middle, middle + timedelta(weeks=weeks, days=-1)


def _tell_outside(day: date, first: date, last: date) -> str | None:
    return None if first < day <= last else f"{day} lies outside the span of the articles, {first} to {last}"


def _omit(finding: Mapping, reason: str) -> dict:
    return {"frame": finding["frame"], "source": finding["source"], "reason": f"finding {finding['name']}: {reason}"}
