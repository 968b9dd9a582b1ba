"""Draw the words that set sources apart."""

import polars as pl

from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.figures.words import plot_distinctive_words
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    counts = count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"]))
    words = pl.read_parquet(inputs.words)
    figure, table = draw_or_say_why(plot_distinctive_words, words, counts=counts, n_sources=params.n_sources)
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
