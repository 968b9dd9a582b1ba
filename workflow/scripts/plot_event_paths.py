"""Draw the course of framing around each event."""

import polars as pl

from frameshift.events import read_events
from frameshift.figures.event_paths import plot_event_paths
from frameshift.figures.style import count_articles, draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    figure, table = draw_or_say_why(
        plot_event_paths,
        pl.read_parquet(inputs.responses),
        counts=count_articles(pl.read_parquet(inputs.articles, columns=["source", "duplicate_of"])),
        frames=params.frames,
        given=params.given,
        n_sources=params.n_sources,
        events=read_events(inputs.get("events") or None),
    )
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
