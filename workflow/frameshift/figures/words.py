"""The words that set sources apart, with the interval of each word's log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.layout import (
    MARGIN,
    add_panel,
    is_narrow,
    new_sheet,
    say_hidden,
    sheet_size,
    shorten,
    text_width,
    write,
)
from frameshift.figures.style import GREY, SMALL, NothingToDraw, source_colours, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEAD, FOOT, ROW = 5.0, 5.5, 3.4  # mm: the source's name, the numbers of the axis, a word
Q = 0.05


@styled
def plot_distinctive_words(
    words: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    n_sources: int,
    n_words: int = 10,
    given: str | None = None,
    sizes: Mapping[str, int] | None = None,
) -> tuple[Figure, pl.DataFrame]:
    """The `n_words` words of the highest z of each of the `n_sources` largest sources, from comparisons/words.

    A dot is the log-odds of the word in this source against the others, the bar its 95% interval (1.96 standard errors,
    which are log-odds / z). Hollow: q above 0.05. `given` is the issue whose passages were counted, or None for whole
    articles; `sizes` is articles with such passages per source, in place of `counts`, which rank the sources. Raises
    NothingToDraw without words.
    """
    about = pl.col("given").is_null() if given is None else pl.col("given") == given
    where = "" if given is None else f" in passages about {given}"
    known = counts if sizes is None else sizes
    styles = source_colours(counts, n_sources)
    words = words.filter(about, pl.col("period") == "all", pl.col("source").is_in(list(styles)))  # no groups of sources
    mine = words.filter(pl.col("z") > 0)
    sources = [source for source, style in styles.items() if style.named and source in set(mine["source"])]
    if not sources:
        raise NothingToDraw(f"No word sets one source apart from the others{where}: see the list of what was left out.")
    table = _choose_words(mine.filter(pl.col("source").is_in(sources)), n_words)
    hidden = words["source"].n_unique() - len(sources)
    notes = ["Hollow: q above 0.05."] if table["q"].fill_null(0).max() > Q else []
    notes += say_hidden(hidden, "source")
    columns = min(2 if is_narrow() else 4 if len(sources) in (4, 7, 8) else 3, len(sources))
    rows = -(-len(sources) // columns)
    height = n_words * ROW
    figure, top = new_sheet(
        rows * (HEAD + height + FOOT),
        header=[f"Log-odds of a word{where} in this source against the others, with 95% interval"],
        footer=notes,
    )
    room = (sheet_size(figure)[0] - 2 * MARGIN) / columns
    names = min(0.62 * room, max(text_width(word, size=SMALL) for word in table["word"]) + 2)
    limits = min(0.0, float(table["low"].min())), float(table["high"].max()) * 1.03
    for i, source in enumerate(sources):
        row, column = divmod(i, columns)
        left, y = MARGIN + column * room, top + row * (HEAD + height + FOOT)
        n = f" (n = {known[source]:,})" if source in known else ""
        name = shorten(source, room - 4 - text_width(n, weight="bold"), weight="bold")
        write(figure, left, y + 1, name + n, weight="bold")
        panel = add_panel(figure, left + names, y + HEAD, room - names - 4, height)
        mine = table.filter(pl.col("source") == source)
        _draw_words(panel, mine, styles[source].colour, n_words, limits)
        for j, word in enumerate(mine["word"]):
            text = shorten(word.replace("_", " "), names - 2, size=SMALL)  # a phrase
            at = y + HEAD + (j + 0.5) * ROW
            write(figure, left + names - 1.5, at, text, ha="right", va="center", size=SMALL)
    return figure, table


def _choose_words(words: pl.DataFrame, n: int) -> pl.DataFrame:
    """The `n` words of the highest z of each source, with `low` and `high`."""
    half = 1.96 * (pl.col("log_odds") / pl.col("z")).abs()
    return (
        words.sort(["source", "z", "word"], descending=[False, True, False])
        .group_by("source", maintain_order=True)
        .head(n)
        .with_columns(low=pl.col("log_odds") - half, high=pl.col("log_odds") + half)
    )


def _draw_words(panel: Axes, words: pl.DataFrame, colour: str, n_words: int, limits: tuple[float, float]) -> None:
    """The words of one source from the top down, each a dot on its interval."""
    for j, (odds, low, high, q) in enumerate(words.select("log_odds", "low", "high", "q").iter_rows()):
        face = "white" if q is not None and q > Q else colour
        panel.hlines(j, low, high, color=colour, linewidth=0.8)
        panel.plot(odds, j, "o", color=colour, markerfacecolor=face, markersize=3)
    panel.set_ylim(n_words - 0.5, -0.5)
    panel.set_xlim(*limits)
    panel.axvline(0, color=GREY, linewidth=0.4)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.locator_params(axis="x", nbins=4)


def count_about(prevalence: pl.DataFrame, given: str) -> dict[str, int]:
    """Articles with passages about the issue `given`, per source, from comparisons/prevalence."""
    whole = prevalence.filter(pl.col("given") == given, pl.col("grain") == "all", pl.col("weighting") == "article")
    return dict(whole.group_by("source").agg(pl.col("n_articles").max()).sort("source").iter_rows())
