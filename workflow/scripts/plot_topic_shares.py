"""Draw the share of articles on each topic."""

import polars as pl

from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.figures.topics import plot_topic_shares
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_topic_shares,
        pl.read_parquet(inputs.prevalence),
        pl.read_parquet(inputs.topics),
        counts=count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"])),
        model=params.model,
        grain=params.grain,
        n_topics=params.n_topics,
        n_sources=params.n_sources,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
