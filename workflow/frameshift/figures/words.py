"""The words that set sources apart, with the interval of each word's log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from frameshift.figures.layout import MARGIN, add_panel, new_sheet, say_hidden, sheet_size, shorten, text_width, write
from frameshift.figures.style import GREY, SMALL, NothingToDraw, source_colours, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD, FOOT, ROW = 5.0, 5.5, 3.4  # mm: the source's name, the numbers of the axis, a word
Q = 0.05


@styled
def plot_distinctive_words(
    words: pl.DataFrame, *, counts: Mapping[str, int], n_sources: int, n_words: int = 10, given: str | None = None
) -> tuple[Figure, pl.DataFrame]:
    """The `n_words` words of the highest z of each of the `n_sources` largest sources, from comparisons/words.

    A dot is the log-odds of the word in this source against the others, the bar its 95% interval (1.96 standard errors,
    which are log-odds / z). Hollow: q above 0.05. Raises NothingToDraw without words.
    """
    about = pl.col("given").is_null() if given is None else pl.col("given") == given
    styles = source_colours(counts, n_sources)
    words = words.filter(pl.col("period") == "all", pl.col("source").is_in(list(styles)))  # no groups of sources
    mine = words.filter(about, pl.col("z") > 0)
    sources = [source for source, style in styles.items() if style.named and source in set(mine["source"])]
    if not sources:
        raise NothingToDraw("No word sets one source apart from the others: see the list of what was left out.")
    table = (
        mine.filter(pl.col("source").is_in(sources))
        .sort(["source", "z", "word"], descending=[False, True, False])
        .group_by("source", maintain_order=True)
        .head(n_words)
        .with_columns(half=1.96 * (pl.col("log_odds") / pl.col("z")).abs())
        .with_columns(low=pl.col("log_odds") - pl.col("half"), high=pl.col("log_odds") + pl.col("half"))
        .drop("half")
    )
    hidden = words["source"].n_unique() - len(sources)
    notes = ["Hollow: q above 0.05."] if table["q"].fill_null(0).max() > Q else []
    notes += say_hidden(hidden, "source")
    columns = min(4 if len(sources) in (4, 7, 8) else 3, len(sources))
    rows = -(-len(sources) // columns)
    height = n_words * ROW
    figure, top = new_sheet(
        rows * (HEAD + height + FOOT),
        header=["Log-odds of a word in this source against the others, with 95% interval"],
        footer=notes,
    )
    room = (sheet_size(figure)[0] - 2 * MARGIN) / columns
    names = min(0.55 * room, max(text_width(word, size=SMALL) for word in table["word"]) + 2)
    width = room - names - 4
    highest = float(table["high"].max())
    for i, source in enumerate(sources):
        row, column = divmod(i, columns)
        left, y = MARGIN + column * room + names, top + row * (HEAD + height + FOOT)
        panel = add_panel(figure, left, y + HEAD, width, height)
        rows_here = table.filter(pl.col("source") == source)
        for j, (word, odds, low, high, q) in enumerate(
            rows_here.select("word", "log_odds", "low", "high", "q").iter_rows()
        ):
            face = "white" if q is not None and q > Q else styles[source].colour
            panel.hlines(j, low, high, color=styles[source].colour, linewidth=0.8)
            panel.plot(odds, j, "o", color=styles[source].colour, markerfacecolor=face, markersize=3)
            write(
                figure,
                left - 1.5,
                y + HEAD + (j + 0.5) * ROW,
                shorten(word.replace("_", " "), names - 2, size=SMALL),  # a phrase
                ha="right",
                va="center",
                size=SMALL,
            )
        panel.set_ylim(n_words - 0.5, -0.5)
        panel.set_xlim(min(0.0, float(table["low"].min())), highest * 1.03)
        panel.axvline(0, color=GREY, linewidth=0.4)
        panel.set_yticks([])
        panel.spines["left"].set_visible(False)
        panel.locator_params(axis="x", nbins=4)
        n = f" (n = {counts[source]:,})"
        name = shorten(source, room - 4 - text_width(n, weight="bold"), weight="bold")
        write(figure, MARGIN + column * room, y + 1, name + n, weight="bold")
    return figure, table
