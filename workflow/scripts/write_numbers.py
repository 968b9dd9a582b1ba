"""Write every number of the run as a LaTeX macro."""

import json
from pathlib import Path

import polars as pl

from frameshift.jobs import logged
from frameshift.report.findings import describe_findings
from frameshift.report.numbers import count_corpus, list_finding_numbers, write_numbers


def main(inputs, output: str, findings: list[dict]) -> None:
    accounts = json.loads(Path(inputs.accounts).read_text())
    n_passages = pl.scan_parquet(inputs.passages).select(pl.len()).collect().item()
    corpus = count_corpus(accounts, pl.read_parquet(inputs.articles), n_passages=n_passages)
    robustness = pl.read_parquet(inputs.robustness) if inputs.get("robustness") else None
    contrasts = pl.read_parquet(inputs.contrasts)
    described = describe_findings(contrasts, findings, pl.read_parquet(inputs.omitted), robustness)
    write_numbers(output, corpus | list_finding_numbers(contrasts, findings, described))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params.findings)
