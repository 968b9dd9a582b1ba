"""Topic models side by side: how each criterion depends on the number of topics, and which setting was chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    draw_key,
    is_narrow,
    key_height,
    new_sheet,
    sheet_width,
    text_width,
    wrap,
    write,
)
from frameshift.figures.style import GREY, INK, SMALL, NothingToDraw, Style, styled
from frameshift.names import TOPIC_MODELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = {  # in the order of the key; lightness (CIE L*) 22, 71, 44, 54
    "lda": Style("#332288", "o", "-"),
    "nmf": Style("#E69F00", "s", (0, (4, 1))),
    "kmeans": Style("#117733", "^", (0, (2, 1))),
    "bertopic": Style("#D55E00", "D", (0, (5, 1, 1, 1))),
}
CRITERIA = {  # what the vertical axis measures
    "npmi": "NPMI coherence",
    "c_v": "C_V coherence",
    "diversity": "diversity (share of distinct words)",
    "exclusivity": "exclusivity",
    "stability": "stability (cosine of matched words)",
    "agreement": "agreement (adjusted Rand index)",
    "coverage": "articles with a topic (%)",
}
MOST_COLUMNS = 4
TICKS = 8.0  # mm left of a panel
BETWEEN = 3.0  # mm right of a panel
BELOW_KEY = 1.5
LEAST_SPAN = 0.02  # of a vertical axis, so that what is all but equal looks so


@styled
def plot_topic_selection(selection: pl.DataFrame, *, criteria: Sequence[str]) -> tuple[Figure, pl.DataFrame]:
    """Every fit of topics/selection by model and number of topics, one panel for each of `criteria` and for coverage.

    `criteria` are those that the choice was made by. A small dot is a fit, a line joins the means over seeds, and a
    ring marks each model's chosen setting. The table has a row a fit and criterion, with the mean of its setting.
    Raises NothingToDraw without fits.
    """
    if selection.is_empty():
        raise NothingToDraw("No topic model was fitted, so there is none to choose.")
    table = tabulate_fits(selection, list(dict.fromkeys([*criteria, "coverage"])))
    return _draw(table, len(selection), _explain(criteria)), table


def tabulate_fits(selection: pl.DataFrame, criteria: Sequence[str]) -> pl.DataFrame:
    """criterion, model, n_topics (asked for), seed, value, mean (over seeds), chosen (setting); in drawing order."""
    setting = ["model", "n_topics"]
    asked = pl.col("setting").str.extract(r"n_topics=(\d+)").cast(pl.Int64)
    fits = selection.with_columns(n_topics=asked).with_columns(chosen=pl.col("chosen").any().over(setting))
    return (
        fits.unpivot(criteria, index=[*setting, "seed", "chosen"], variable_name="criterion")
        .with_columns(pl.col("value").fill_nan(None))
        .sort(_rank("criterion", criteria), _rank("model", list(STYLES)), "n_topics", "seed")
        .with_columns(mean=pl.col("value").mean().over(["criterion", *setting]))
        .select("criterion", *setting, "seed", "value", "mean", "chosen")
    )


def _explain(criteria: Sequence[str]) -> str:
    by = ", ".join(CRITERIA[name].split(" (")[0] for name in criteria)
    rest = "" if "coverage" in criteria else " Articles with a topic took no part in the choice."
    return (
        "Small dot: one fit. Line: mean over the fits from different seeds. Ring: the number of topics chosen for the "
        f"model, by the best mean rank on {by}.{rest}"
    )


def _rank(column: str, order: Sequence[str]) -> pl.Expr:
    return pl.col(column).replace_strict(list(order), range(len(order)), return_dtype=pl.Int64)


def _draw(table: pl.DataFrame, n_fits: int, note: str) -> Figure:
    present, criteria = set(table["model"]), table["criterion"].unique(maintain_order=True).to_list()
    models = [model for model in STYLES if model in present]
    rows = -(-len(criteria) // (2 if is_narrow() else MOST_COLUMNS))
    columns = -(-len(criteria) // rows)
    key = [(TOPIC_MODELS[model], STYLES[model]) for model in models]
    width = (sheet_width() - 2 * MARGIN + BETWEEN) / columns - TICKS - BETWEEN
    titles = [wrap(CRITERIA[criterion], width + TICKS - 1, lines=2) for criterion in criteria]
    most = max(len(lines) for lines in titles)
    head, height, foot = most * LINE + 1.6, 38.0, 10.0
    fits = f"{n_fits:,} fit{'s' if n_fits > 1 else ''}"
    figure, top = new_sheet(
        key_height(key) + BELOW_KEY + rows * (head + height + foot),
        header=[f"Topic models compared ({fits}): what the number of topics changes. Higher is better in every panel."],
        footer=[note],
    )
    draw_key(figure, top, key)
    top += key_height(key) + BELOW_KEY
    for i, (criterion, lines) in enumerate(zip(criteria, titles, strict=True)):
        row, column = divmod(i, columns)
        left, y = MARGIN + TICKS + column * (width + TICKS + BETWEEN), top + row * (head + height + foot)
        for j, line in enumerate(lines):
            write(figure, left - TICKS, y + 0.4 + LINE * (j + most - len(lines)), line)
        panel = add_panel(figure, left, y + head, width, height)
        _draw_panel(panel, table.filter(pl.col("criterion") == criterion), models, width)
    return figure


def _draw_panel(panel: Axes, cells: pl.DataFrame, models: Sequence[str], width: float) -> None:
    asked = cells["n_topics"].unique().sort().to_list()
    places = {n: i for i, n in enumerate(asked)}  # evenly spaced, whatever the numbers
    step = 0.72 / len(models)
    size = min(3.4, step * width / len(asked) * 1.6 + 0.8)  # points, so that neighbours stay apart
    for j, model in enumerate(models):
        style = STYLES[model]
        shift = (j - (len(models) - 1) / 2) * step
        mine = cells.filter(pl.col("model") == model).drop_nulls("value")
        x = [places[n] + shift for n in mine["n_topics"]]
        small = {"markersize": max(1.0, size / 2), "markeredgewidth": 0, "alpha": 0.5}
        panel.plot(x, mine["value"], "o", color=style.colour, zorder=2, **small)
        means = mine.unique("n_topics", keep="first", maintain_order=True)
        x = [places[n] + shift for n in means["n_topics"]]
        panel.plot(x, means["mean"], color=style.colour, linestyle=style.dash, linewidth=0.8, zorder=3)
        panel.plot(x, means["mean"], style.marker, color=style.colour, markersize=size, markeredgewidth=0, zorder=4)
        for n, mean in means.filter("chosen").select("n_topics", "mean").iter_rows():
            ring = {"markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 0.7}
            panel.plot(places[n] + shift, mean, "o", markersize=size + 2.4, zorder=5, **ring)
    widest = max(text_width(str(n), size=SMALL) for n in asked) + 1.5
    every = math.ceil(len(asked) * widest / width)  # so that labels fit
    panel.set_xticks(range(len(asked)), [f"{n}" if i % every == 0 else "" for i, n in enumerate(asked)])
    panel.set_xlim(-0.5, len(asked) - 0.5)
    panel.set_xlabel("topics asked for")
    _set_values(panel, cells)


def _set_values(panel: Axes, cells: pl.DataFrame) -> None:
    """Limits and ticks of the vertical axis; no criterion exceeds 1, so nothing above is labelled."""
    from matplotlib.ticker import MaxNLocator

    values = cells["value"].drop_nulls()
    if values.is_empty():
        panel.set_yticks([])
        panel.text(0.5, 0.5, "not defined", transform=panel.transAxes, ha="center", va="center", size=SMALL, color=GREY)
        return
    low, high = float(values.min()), float(values.max())
    low = min(low, high - LEAST_SPAN)
    air = 0.09 * (high - low)
    ticks = [
        tick
        for tick in MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low - air, high + air)
        if low - air <= tick <= min(high + air, 1 + 1e-9)
    ]
    factor = 100 if cells["criterion"][0] == "coverage" else 1
    panel.set_yticks(ticks, [f"{round(factor * tick, 6) + 0.0:g}".replace("-", "−") for tick in ticks])
    panel.set_ylim(low - air, high + air)
