"""Write the figures' floats and the tables of a paper."""

import shutil
from pathlib import Path

import polars as pl

import frameshift
from frameshift.figures.panels import Panel
from frameshift.jobs import logged
from frameshift.report.findings import describe_findings
from frameshift.report.page import list_sources
from frameshift.report.paper import list_tables, write_floats, write_tables

CAPTIONS = Path(frameshift.__file__).parents[1] / "report"


def main(inputs, folder: Path, panels: dict[str, list], findings: list[dict]) -> None:
    contrasts = pl.read_parquet(inputs.contrasts)
    robustness = pl.read_parquet(inputs.robustness) if inputs.get("robustness") else None
    kept = pl.read_parquet(inputs.articles).filter(pl.col("duplicate_of").is_null())
    write_floats(folder, {name: Panel(*panel) for name, panel in panels.items()}, CAPTIONS)
    tables = list_tables(
        sources=pl.DataFrame(list_sources(kept)).rename({"n": "articles"}),
        contrasts=contrasts,
        findings=describe_findings(contrasts, findings, pl.read_parquet(inputs.omitted), robustness),
        validation=pl.read_parquet(inputs.validation),
        topics=pl.read_parquet(inputs.topics),
    )
    write_tables(folder, tables)
    shutil.copyfile(inputs.numbers, folder / "numbers.tex")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        params = snakemake.params
        main(snakemake.input, Path(snakemake.output.numbers).parent, params.panels, params.findings)
