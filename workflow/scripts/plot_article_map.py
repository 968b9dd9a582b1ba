"""Draw the articles as points on a map, named by topic."""

import polars as pl

from frameshift.figures.article_map import plot_article_map
from frameshift.figures.style import draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_article_map,
        pl.read_parquet(inputs.map),
        pl.read_parquet(inputs.assignments),
        pl.read_parquet(inputs.topics),
        n_topics=params.n_topics,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
