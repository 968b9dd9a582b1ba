"""Write the page."""

import json
from pathlib import Path

import polars as pl

import frameshift
from frameshift.frames.codebook import load_codebook
from frameshift.jobs import logged
from frameshift.report.page import write_page

READ = ("articles", "voices", "sensitivity", "validation", "disagreements", "contrasts", "omitted", "selection")
READ += ("changepoints", "events", "decomposition", "decomposition_topics", "distances", "words", "contexts")
READ += ("topics", "assignments")
CAPTIONS = Path(frameshift.__file__).parents[1] / "report"


def main(inputs, output: str, params) -> None:
    planted, robustness = inputs.get("recovery"), inputs.get("robustness")
    write_page(
        output,
        config=params.config,
        **{name: pl.read_parquet(getattr(inputs, name)) for name in READ},
        accounts=json.loads(Path(inputs.accounts).read_text()),
        encoder=json.loads(Path(inputs.encoder).read_text()),
        truncated=pl.read_parquet(inputs.ids, columns=["truncated"])["truncated"],
        codebook=load_codebook(inputs.codebook),
        n_coded=pl.read_parquet(inputs.labels)["passage_id"].n_unique() if inputs.get("labels") else 0,
        prevalence=pl.read_parquet(inputs.prevalence, columns=["measure", "scale"]),
        figures=[Path(figure).with_suffix("") for figure in inputs.figures],
        captions=CAPTIONS,
        tables=params.tables,
        robustness=pl.read_parquet(robustness) if robustness else None,
        planted=pl.read_parquet(planted) if planted else None,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params)
