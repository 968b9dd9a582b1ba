"""Draw how well the measures agree with people, and people with each other."""

import polars as pl

from frameshift.figures.style import draw_or_say_why, save_figure
from frameshift.figures.validation import plot_validation
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_validation,
        pl.read_parquet(inputs.validation),
        pl.read_parquet(inputs.curves),
        frames=params.frames,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
