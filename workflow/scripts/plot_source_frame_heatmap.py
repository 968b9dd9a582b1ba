"""Draw sources against frames."""

import polars as pl

from frameshift.figures.heatmap import plot_source_frame_heatmap
from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_source_frame_heatmap,
        pl.read_parquet(inputs.prevalence),
        counts=count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"])),
        frames=params.frames,
        given=params.given,
        measure=params.measure,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
