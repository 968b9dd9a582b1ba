"""Draw changes and gaps as what the mix of topics makes of them, and what framing within topics does."""

import polars as pl

from frameshift.figures.mix import plot_mix_within
from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_mix_within,
        pl.read_parquet(inputs.decomposition),
        pl.read_parquet(inputs.topics),
        counts=count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"])),
        frames=params.frames,
        given=params.given,
        model=params.model,
        n_sources=params.n_sources,
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
