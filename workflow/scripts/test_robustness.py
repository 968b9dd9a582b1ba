"""Estimate every finding again under the specifications of the sweep."""

import polars as pl

from frameshift.comparisons.respecify import Run
from frameshift.comparisons.robustness import compare_specifications
from frameshift.comparisons.sweep import MAIN
from frameshift.events import read_events
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    measured = {MAIN: (inputs.scores, inputs.passages)}
    measured |= dict(zip(params.anew, zip(inputs.scores_anew, inputs.passages_anew, strict=True), strict=True))

    def read_measured(specification: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        scores, passages = measured.get(specification, measured[MAIN])
        return pl.read_parquet(scores), pl.read_parquet(passages, columns=["passage_id", "article_id"])

    run = Run(
        articles=pl.read_parquet(inputs.articles),
        scores=pl.read_parquet(inputs.frames),
        corrected=pl.read_parquet(inputs.outcomes) if inputs.get("outcomes") else None,
        assignments=dict(zip(params.models, map(pl.read_parquet, inputs.assignments), strict=True)),
        fits=dict(zip(params.models, map(pl.read_parquet, inputs.fits), strict=True)),
        selection=pl.read_parquet(inputs.selection) if params.models else None,
        events=read_events(inputs.get("events") or None),
        **params.run,
    )
    table, omitted = compare_specifications(run, params.findings, params.sweep, read_measured)
    write_table(table, output.table, "comparisons/robustness")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
