"""Whether the findings depend on our choices: each finding under every specification of the sweep."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from frameshift.comparisons.robustness_summary import summarise_robustness
from frameshift.comparisons.sweep import MAIN, SETTINGS
from frameshift.figures.forest import bare_axis, draw_bar, find_reach, is_cut
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    is_narrow,
    new_sheet,
    sheet_width,
    shorten,
    text_width,
    wrap,
    write,
)
from frameshift.figures.style import GAP, GREY, INK, SMALL, NothingToDraw, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SAID = {  # what a setting does, for the labels of rows; a specification is grouped by the first that it changes
    "measure": "measure {}",
    "labels": "labels {}",
    "threshold": "about an issue from {}",
    "weighting": "weighted by {}",
    "duplicates": "copies: {}",
    "sources": "sources {}",
    "weeks": "{} weeks on each side",
    "model": "topics by {}",
    "n_topics": "{} topics",
    "seed": "{} seed",
    "max_sentences": "≤ {} sentences",
    "max_words": "≤ {} words",
    "backend": "encoder {}",
}
COPIES = {"first": "only the first", "unique": "no wire stories", "all": "all count", "per_source": "one a source"}
PITCH = 2.7, 3.0  # mm of a row, in one column of a page and over both; so are the other pairs
GROUP = 1.1  # mm between groups of rows
SMALL_LINE = 2.7  # mm from one line of small text to the next
TICKS, APART = 7.0, 2.6  # mm below a line of panels, and between panels
NAMES = 33.0, 46.0  # mm of the rows' labels, at most
LEAST = 13.5, 23.0  # mm of a panel's width
ABSENT = "not estimated"
HALO = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
_REASON = re.compile(r"specification (\w+): (?:finding (\w+): )?(.*)", re.DOTALL)


class Row(NamedTuple):
    """A specification: its name, how it is labelled, and how far below a panel's top it is drawn, in mm."""

    name: str
    label: str
    middle: float


@styled
def plot_robustness(
    robustness: pl.DataFrame, omitted: pl.DataFrame, *, findings: Sequence[Mapping]
) -> tuple[Figure, pl.DataFrame]:
    """Each of `findings` (the configuration's) under every specification, from comparisons/robustness.

    A panel a finding, a row a specification, grouped by what it changes. The axis is `relative`, the estimate in
    standard deviations between articles, because scales differ between specifications; so are the bars, the 95%
    intervals. Shaded is the interval of the run itself, black what moves the finding most (robustness_summary). What
    could not be estimated is marked (from `omitted`, comparisons/omitted of the same rule); without a mark, the setting
    cannot change the finding. The table has the rows drawn, with `low` and `high` in the unit of `relative`,
    `moves_most`, and the `reason` of those not estimated. Raises NothingToDraw without an estimate.
    """
    named = [finding for finding in findings if finding["name"] in set(robustness["finding"])]
    if not named:
        raise NothingToDraw(
            "No declared finding could be estimated by other settings: see the list of what was left out."
        )
    drawn = robustness.filter(pl.col("finding").is_in([finding["name"] for finding in named]))
    moved = dict(summarise_robustness(drawn).select("finding", "moved_by").drop_nulls().iter_rows())
    table = drawn.with_columns(
        pl.col("low", "high") / pl.col("deviation"),
        moves_most=pl.col("specification").eq_missing(pl.col("finding").replace_strict(moved, default=None)),
        reason=pl.lit(None, pl.String),
    )
    table = pl.concat([table, _list_absent(omitted, [finding["name"] for finding in named])], how="diagonal")
    without = [finding["name"] for finding in findings if finding not in named]
    notes = [f"Not estimated by any setting: {', '.join(without)}."] if without else []
    return _draw(table, named, [*_list_elsewhere(omitted, table), *notes]), table


def _list_absent(omitted: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """What could not be estimated of the findings `names`: specification, finding, reason."""
    found = [match.groups() for reason in omitted["reason"] if (match := _REASON.fullmatch(reason))]
    rows = {(specification, finding): reason for specification, finding, reason in found if finding in names}
    schema = {"specification": pl.String, "finding": pl.String, "reason": pl.String}
    return pl.DataFrame([(*key, reason) for key, reason in rows.items()], schema=schema, orient="row")


def _list_elsewhere(omitted: pl.DataFrame, table: pl.DataFrame) -> list[str]:
    """A note on the specifications that have no row, because none of their findings could be looked at."""
    found = [match.groups() for reason in omitted["reason"] if (match := _REASON.fullmatch(reason))]
    rows = {name: reason.replace("`", "") for name, finding, reason in found if finding is None}
    said = [f"{name} ({reason})" for name, reason in rows.items() if name not in set(table["specification"])]
    return [f"Without a row: {'; '.join(said)}."] if said else []


def _explain(values: pl.DataFrame, reach: tuple[float, float], width: float) -> str:
    """What the marks say, as far as they occur."""
    said = ["Shaded: 95% interval of the run itself, dotted: its estimate. Black: what moves the finding most."]
    if (values["specification"] != MAIN).any():
        said.append("Sign: how many other settings have the sign of the run.")
    if values["reason"].count() and not _has_room(width):
        said.append(f"×: {ABSENT}.")
    if values.filter(pl.col("estimate").is_not_null())["low"].null_count():
        said.append("Without a bar: too little for an interval.")
    if is_cut(values, reach):
        said.append("Arrow: the interval goes on.")
    return " ".join([*said, "No mark: the setting cannot change the finding."])


def _has_room(width: float) -> bool:
    return text_width(ABSENT, size=SMALL) + 1 < width


def _group(table: pl.DataFrame) -> list[tuple[str, str, int]]:
    """Name, label and group of each specification: the run, then by the first setting changed, in SETTINGS' order.

    One that no finding could be estimated under is last, by its name.
    """
    order = list(SETTINGS)
    rows = []
    for row in table.unique("specification", keep="first", maintain_order=True).iter_rows(named=True):
        changes = [setting for setting in SETTINGS if row[setting] is not None]
        label = ", ".join(_say(setting, row[setting]) for setting in changes)
        if row["specification"] == MAIN:
            rows.append((MAIN, "as in the run", -1))
        else:
            group = order.index(changes[0]) if changes else len(order)
            rows.append((row["specification"], label or row["specification"], group))
    return sorted(rows, key=lambda row: row[2])


def _say(setting: str, value: object) -> str:
    if isinstance(value, float):
        value = f"{value:g}".replace("-", "−")
    return SAID[setting].format(COPIES.get(value, value) if setting == "duplicates" else value)


def _place(groups: Sequence[tuple[str, str, int]], among: set[str], pitch: float) -> list[Row]:
    """The rows of one line of panels: those of `among`, from the top down."""
    rows: list[Row] = []
    top, last = 0.0, None
    for name, label, group in groups:
        if name in among:
            top += GROUP if last is not None and group != last else 0.0
            rows.append(Row(name, label, top + pitch / 2))
            top, last = top + pitch, group
    return rows


def _draw(table: pl.DataFrame, findings: Sequence[Mapping], notes: Sequence[str]) -> Figure:
    wide = not is_narrow()
    groups = _group(table)
    names = min(NAMES[wide], max(text_width(label, size=SMALL) for _, label, _ in groups) + 3)
    room = sheet_width() - 2 * MARGIN - names
    across = max(1, int(room / (LEAST[wide] + APART)))
    across = -(-len(findings) // -(-len(findings) // across))
    width = room / across - APART
    values = table.with_columns(estimate="relative")
    reach = find_reach(values)
    grid = []
    for i in range(0, len(findings), across):
        line = findings[i : i + across]
        of_line = values.filter(pl.col("finding").is_in([finding["name"] for finding in line]))
        titles = {finding["name"]: _title(finding, width, of_line) for finding in line}
        grid.append((titles, _place(groups, set(of_line["specification"]), PITCH[wide])))
    heads = [max(map(_height, titles.values())) for titles, _ in grid]
    heights = [rows[-1].middle + PITCH[wide] / 2 for _, rows in grid]
    figure, top = new_sheet(
        sum(heads) + sum(heights) + TICKS * len(grid),
        header=["Estimate by other settings (standard deviations between articles)"],
        footer=[_explain(values, reach, width), *notes, *([] if wide else _list_findings(findings))],
    )
    for (titles, rows), head, height in zip(grid, heads, heights, strict=True):
        _draw_line(figure, titles, rows, values, (top + head, height, names, width), reach)
        top += head + height + TICKS
    return figure


def _draw_line(figure: Figure, titles: Mapping, rows: list[Row], values: pl.DataFrame, size, reach) -> None:
    """Panels side by side; `size` is their top and height, and the width of the labels and of each panel, in mm."""
    top, height, names, width = size
    for row in rows:
        weight = "bold" if row.name == MAIN else "normal"
        label = shorten(row.label, names - 2, size=SMALL, weight=weight)
        write(figure, MARGIN, top + row.middle, label, va="center", size=SMALL, weight=weight)
    for i, (name, title) in enumerate(titles.items()):
        left = MARGIN + names + i * (width + APART)
        _write_title(figure, left, top, title)
        panel = add_panel(figure, left, top, width, height)
        panel.set_xlim(*reach)
        bare_axis(panel, height)
        panel.locator_params(axis="x", nbins=2 if is_narrow() else 4)
        _draw_finding(panel, values.filter(finding=name), rows, reach, ABSENT if _has_room(width) else "×")


def _describe(finding: Mapping) -> str:
    """What a finding is about, and what was expected."""
    about = f"{finding['frame']} given {finding['given']}" if finding.get("given") else finding["frame"]
    when = finding.get("event") or finding.get("date")
    said = f"{about}, {finding['source']}: {finding['kind']}{f' {when}' if when else ''}"
    return f"{said}, expected: {finding['expect']}"


def _list_findings(findings: Sequence[Mapping]) -> list[str]:
    """What the findings are about, in paragraphs of a few."""
    said = [f"{finding['name']}: {_describe(finding)}" for finding in findings]
    return ["; ".join(said[i : i + 6]) + "." for i in range(0, len(said), 6)]


def _title(finding: Mapping, width: float, cells: pl.DataFrame) -> tuple[list[str], list[str]]:
    """Lines of a panel's title in bold, and in small text: what the finding is about, where there is room for that, and
    how many specifications have the sign of the run."""
    name = wrap(finding["name"].replace("_", "_ "), width + APART - 0.6, weight="bold", lines=2)
    name = [line.replace("_ ", "_") for line in name]
    below = [] if is_narrow() else wrap(_describe(finding), width, size=SMALL, lines=6)
    estimated = cells.filter(pl.col("finding") == finding["name"], pl.col("estimate").is_not_null())
    summary = summarise_robustness(estimated)
    if len(summary) and (n := summary["n_specifications"].item()):
        below.append(f"sign {round(summary['same_sign'].item() * n)}/{n}")
    return name, below


def _write_title(figure: Figure, left: float, low: float, title: tuple[list[str], list[str]]) -> None:
    """A panel's title, which ends at `low` mm from the top."""
    top = low - _height(title)
    for i, text in enumerate(title[0]):
        write(figure, left, top + i * LINE, text, weight="bold")
    for i, text in enumerate(title[1]):
        write(figure, left, top + LINE * len(title[0]) + i * SMALL_LINE, text, size=SMALL, color=GREY)


def _height(title: tuple[list[str], list[str]]) -> float:
    return LINE * len(title[0]) + SMALL_LINE * len(title[1]) + 0.8


def _draw_finding(
    panel: Axes, cells: pl.DataFrame, rows: Sequence[Row], reach: tuple[float, float], absent: str
) -> None:
    known = {row["specification"]: row for row in cells.iter_rows(named=True)}
    main = known.get(MAIN)
    if main and main["estimate"] is not None:
        panel.axvline(main["estimate"], color=INK, linewidth=0.6, linestyle=(0, (1, 1.5)), zorder=1)
        if main["low"] is not None:
            panel.axvspan(max(main["low"], reach[0]), min(main["high"], reach[1]), color=GAP, linewidth=0, zorder=0)
    for row in rows:
        cell = known.get(row.name)
        if cell is None:
            continue
        if cell["estimate"] is None:
            look = {"va": "center", "size": SMALL, "color": GREY, "bbox": HALO}
            panel.text(0.01, row.middle, absent, transform=panel.get_yaxis_transform(), **look)
            continue
        stands_out = cell["moves_most"] or row.name == MAIN
        look = {"colour": INK if stands_out else GREY, "linewidth": 1.3 if stands_out else 0.6}
        draw_bar(panel, row.middle, cell["low"], cell["high"], reach=reach, **look)
        marker, size = ("D", 3.4) if cell["moves_most"] else ("o", 3.0 if stands_out else 2.2)
        panel.plot(cell["estimate"], row.middle, marker, color=look["colour"], markersize=size, zorder=3)
