"""Choose the passages that the page keeps behind each estimate."""

import polars as pl

from frameshift.comparisons.reading import read_articles
from frameshift.frames.codebook import load_codebook
from frameshift.jobs import log, logged
from frameshift.report.evidence import gather_evidence, select_points
from frameshift.tables import write_table


def main(inputs, output: str, params) -> None:
    joint = inputs.get("joint")
    prevalence, codebook = pl.read_parquet(inputs.prevalence), load_codebook(inputs.codebook)
    evidence = gather_evidence(
        select_points(prevalence, measure=params.measure, entries=list(codebook)),
        read_articles(inputs.articles),
        pl.scan_parquet(inputs.passages),
        pl.scan_parquet(inputs.scores),
        pl.scan_parquet(joint) if joint else None,
        measure=params.measure,
        groups=params.groups,
        threshold=params.threshold,
        highest=params.highest,
        random=params.random,
    )
    write_table(evidence, output, "report/evidence")
    log.info("%d passages, %d times", evidence["passage_id"].n_unique(), len(evidence))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params)
