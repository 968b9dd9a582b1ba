"""Draw the findings by other settings."""

import polars as pl

from frameshift.figures.robustness import plot_robustness
from frameshift.figures.style import draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    robustness, omitted = pl.read_parquet(inputs.robustness), pl.read_parquet(inputs.omitted)
    figure, table = draw_or_say_why(plot_robustness, robustness, omitted, findings=params.findings)
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
