"""Write the page."""

import json
from pathlib import Path

import polars as pl

import frameshift
from frameshift.events import read_events
from frameshift.frames.codebook import load_codebook
from frameshift.jobs import logged
from frameshift.report.downloads import pack_tables
from frameshift.report.page import write_page

READ = ["voices", "sensitivity", "validation", "disagreements", "contrasts", "omitted", "selection"]
READ += ["changepoints", "events", "decomposition", "decomposition_topics", "distances", "words", "contexts"]
READ += ["topics", "assignments", "prevalence", "evidence"]
SCANNED, OPTIONAL = ["passages", "scores"], ["robustness", "planted"]


def main(inputs, output: str, params) -> None:
    accounts, quotes = json.loads(Path(inputs.accounts).read_text()), params.config["report"]["snippet"] is None
    write_page(
        output,
        config=params.config,
        articles=pl.scan_parquet(inputs.articles).drop("text").collect(),
        **{name: pl.read_parquet(getattr(inputs, name)) for name in READ},
        **{name: pl.scan_parquet(getattr(inputs, name)) for name in SCANNED},
        **{name: pl.read_parquet(inputs.get(name)) for name in OPTIONAL if inputs.get(name)},
        accounts=accounts,
        encoder=json.loads(Path(inputs.encoder).read_text()),
        truncated=pl.read_parquet(inputs.ids, columns=["truncated"])["truncated"],
        codebook=load_codebook(inputs.codebook),
        n_coded=pl.read_parquet(inputs.labels)["passage_id"].n_unique() if inputs.get("labels") else 0,
        dated=read_events(inputs.get("dated") or None),
        figures=[Path(figure).with_suffix("") for figure in inputs.figures],
        captions=Path(frameshift.__file__).parents[1] / "report",
        tables=params.tables,
        downloads=pack_tables(inputs.downloads, Path(output).parent, params.tables, accounts, with_texts=quotes),
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params)
