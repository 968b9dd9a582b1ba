"""Draw how passages about an issue are framed, over time."""

import polars as pl

from frameshift.events import read_events
from frameshift.figures.joint import plot_joint_framing
from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    counts = count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"]))
    figure, table = draw_or_say_why(
        plot_joint_framing,
        pl.read_parquet(inputs.prevalence),
        counts=counts,
        frames=params.frames,
        given=params.given,
        measure=params.measure,
        grain=params.grain,
        n_sources=params.n_sources,
        events=read_events(inputs.get("events") or None),
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
