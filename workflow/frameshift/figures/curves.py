"""One panel of one frame: how coders agree, or the ROC, precision–recall or calibration curves of its measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from frameshift.figures.layout import text_width
from frameshift.figures.style import FAINT, GREY, INK, SMALL, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Curve(NamedTuple):
    """What a kind of curve is called, what its axes are, and the metric (and its short name) that sums it up."""

    title: str
    across: str
    up: str
    metric: str
    short: str


AGREEMENT = {"krippendorff alpha": "α", "cohen kappa": "κ", "gwet ac1": "AC1"}
CURVES = {
    "roc": Curve("ROC curve", "false positive rate", "recall", "auc", "AUC"),
    "pr": Curve("precision and recall", "recall", "precision", "average precision", "AP"),
    "calibration": Curve("calibration", "calibrated share", "coded share", "calibration error", "ECE"),
}
PREVALENCE = Style(GREY, "none", (0, (3, 2)))
LIMITS = (-0.02, 1.02)


def draw_agreement(panel: Axes, cells: pl.DataFrame, metrics: Sequence[str], *, least: float, width: float) -> None:
    """A line for each of `metrics`: point, 95% interval and the number, in a panel of `width` mm from `least` to 1.

    `cells` has metric, estimate, low and high. A point without an interval is hollow.
    """
    left, right = min(0.0, least) - 0.03, 1.03
    panel.set_xlim(left, right)
    panel.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    panel.set_ylim(0, len(metrics))
    heights = [len(metrics) - i - 0.74 for i in range(len(metrics))]
    panel.set_yticks(heights, [AGREEMENT[metric] for metric in metrics])
    panel.axvline(0, color=FAINT, linewidth=0.5, zorder=0)
    known = {metric: ends for metric, *ends in cells.select("metric", "estimate", "low", "high").iter_rows()}
    if not known.keys() & set(metrics):
        _say_nothing(panel, "not coded twice")
        return
    for metric, y in zip(metrics, heights, strict=True):
        if metric in known:
            estimate, low, high = known[metric]
            panel.plot([low, high], [y, y], color=INK, linewidth=0.7)
            panel.plot(estimate, y, "o", color=INK, markerfacecolor=_face(INK, low), markersize=3)
            half = text_width(say_number(estimate), size=SMALL) / 2 / width * (right - left)  # kept within the panel
            x = min(max(estimate, left + half), right - half)
            panel.text(x, y + 0.2, say_number(estimate), ha="center", va="bottom", size=SMALL)


def draw_measures(panel: Axes, cells: pl.DataFrame, kind: str, styles: Mapping[str, Style]) -> None:
    """The curves of `kind` (a key of CURVES), one a measure of `styles`, the first in front.

    `cells` has metric, measure, x, estimate, low and high, of one frame. A precision–recall curve is drawn in steps,
    because the line between two of its points would promise too much (Davis & Goadrich 2006).
    """
    panel.set_xlim(*LIMITS)
    panel.set_ylim(*LIMITS)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_ticks([0, 0.5, 1], ["0", "0.5", "1"])
    panel.set_xlabel(CURVES[kind].across, size=SMALL, labelpad=1.5)
    panel.set_ylabel(CURVES[kind].up, size=SMALL, labelpad=1.5)
    points = cells.filter(pl.col("metric") == kind)
    if points.is_empty():
        _say_nothing(panel, "not defined")
        return
    if kind == "pr":
        for prevalence in cells.filter(pl.col("metric") == "prevalence")["estimate"]:
            panel.axhline(prevalence, color=PREVALENCE.colour, linestyle=PREVALENCE.dash, linewidth=0.7, zorder=1)
    else:
        panel.plot([0, 1], [0, 1], color=FAINT, linewidth=0.7, zorder=0)
    present = set(points["measure"])
    for i, (measure, style) in reversed(list(enumerate(styles.items()))):
        if measure in present:
            mine = points.filter(pl.col("measure") == measure)
            if kind == "calibration":
                _draw_bins(panel, mine, style)
            else:
                _draw_line(panel, mine, style, steps=kind == "pr", first_mark=0.1 + 0.07 * i)


def _draw_line(panel: Axes, points: pl.DataFrame, style: Style, *, steps: bool, first_mark: float) -> None:
    x, y = points["x"].to_numpy(), points["estimate"].to_numpy()
    if steps:  # the first begins at the axis
        x, y = np.append(0, x), np.append(y[0], y)
    line = {"color": style.colour, "linestyle": style.dash, "linewidth": 0.9, "zorder": 3}
    # Marks are few, and apart from those of other curves: their distance is a part of the panel's diagonal.
    marks = {"marker": style.marker, "markersize": 2.4, "markeredgewidth": 0, "markevery": (first_mark, 0.6)}
    panel.plot(x, y, drawstyle="steps-pre" if steps else "default", **line, **marks)


def _draw_bins(panel: Axes, points: pl.DataFrame, style: Style) -> None:
    panel.plot(points["x"], points["estimate"], color=style.colour, linestyle=style.dash, linewidth=0.6)
    for x, y, low, high in points.select("x", "estimate", "low", "high").iter_rows():
        panel.plot([x, x], [low, high], color=style.colour, linewidth=0.7)
        panel.plot(x, y, style.marker, color=style.colour, markerfacecolor=_face(style.colour, low), markersize=2.6)


def say_number(value: float) -> str:
    """Two decimals, with a true minus and no negative zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def say_interval(estimate: float, low: float | None, high: float | None) -> str:
    """The number, and its interval in brackets where there is one."""
    said = say_number(estimate)
    return said if low is None or high is None else f"{said} [{say_number(low)}, {say_number(high)}]"


def _face(colour: str, low: float | None) -> str:
    return "white" if low is None else colour


def _say_nothing(panel: Axes, text: str) -> None:
    panel.text(0.5, 0.5, text, transform=panel.transAxes, ha="center", va="center", size=SMALL, color=GREY)
