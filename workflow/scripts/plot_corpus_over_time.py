"""Draw the corpus over time, by source."""

import polars as pl

from frameshift.figures.coverage import plot_corpus_over_time
from frameshift.figures.style import draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    articles = pl.read_parquet(inputs.articles, columns=["source", "date", "date_precision", "duplicate_of"])
    figure, table = draw_or_say_why(plot_corpus_over_time, articles, grain=params.grain, n_sources=params.n_sources)
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
