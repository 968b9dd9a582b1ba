"""Draw the scores of every fit of every topic model."""

import polars as pl

from frameshift.figures.selection import plot_topic_selection
from frameshift.figures.style import draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    selection = pl.read_parquet(inputs.selection)
    figure, table = draw_or_say_why(plot_topic_selection, selection, criteria=params.criteria)
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
