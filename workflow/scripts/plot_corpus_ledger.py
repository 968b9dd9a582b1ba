"""Draw what became of the rows that were read."""

import polars as pl

from frameshift.figures.ledger import plot_corpus_ledger
from frameshift.figures.style import draw_or_say_why, save_figure
from frameshift.jobs import logged


def main(inputs, stem: str, params) -> None:
    tables = [
        pl.read_parquet(inputs.articles, columns=["article_id", "source", "date", "date_precision", "duplicate_of"]),
        pl.read_parquet(inputs.rejected, columns=["reason", "source"]),
        pl.read_parquet(inputs.removed, columns=["article_id", "form"]),
    ]
    figure, table = draw_or_say_why(plot_corpus_ledger, *tables, grain=params.grain, n_sources=params.n_sources)
    save_figure(figure, stem, table)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
