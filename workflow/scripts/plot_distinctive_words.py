"""Draw the words that set sources apart, in all articles or in what is about an issue."""

import polars as pl

from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.figures.words import count_about, plot_distinctive_words
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    given = params.get("given")
    figure, table = draw_or_say_why(
        plot_distinctive_words,
        pl.read_parquet(inputs.words),
        counts=count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"])),
        n_sources=params.n_sources,
        given=given,
        sizes=count_about(pl.read_parquet(inputs.prevalence), given) if given else None,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
