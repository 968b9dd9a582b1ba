"""Draw the estimates against the planted truth."""

import polars as pl

from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.figures.truth import plot_estimate_vs_truth
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_estimate_vs_truth,
        pl.read_parquet(inputs.prevalence),
        pl.read_parquet(inputs.cells).filter(weighting="article"),
        counts=count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"])),
        frames=params.frames,
        given=params.given,
        measure=params.measure,
        n_sources=params.n_sources,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
