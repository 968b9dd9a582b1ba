"""Draw how far sources are apart."""

import polars as pl

from frameshift.figures.distances import plot_source_distances
from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_source_distances,
        pl.read_parquet(inputs.distances),
        counts=count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"])),
        n_sources=params.n_sources,
        frames=params.frames,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
