"""Score every passage for every entry of the codebook, without labels."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import Encoder
from frameshift.embeddings.source import PACKAGED
from frameshift.frames.codebook import load_codebook
from frameshift.frames.external import read_external
from frameshift.frames.passages import read_passages
from frameshift.frames.score import score_and_combine
from frameshift.frames.usage import find_suspects
from frameshift.jobs import log, logged
from frameshift.tables import write_table


def main(inputs, output: str, params) -> None:
    encoder = Encoder(json.loads(Path(inputs.encoder).read_text()), params.cache)
    passages = read_passages(inputs.passages, inputs.articles)
    if encoder.record["model"] == PACKAGED and set(passages["language"]) - {"en"}:
        log.warning("Warning: %s knows English only: set `embeddings.model` to a multilingual encoder", PACKAGED)
    codebook = load_codebook(inputs.codebook)
    for suspect in find_suspects(passages, codebook):
        log.warning("Warning: %s", suspect)
    scores = score_and_combine(
        passages["passage_id"], passages["text"].to_list(), np.load(inputs.vectors, mmap_mode="r"),
        partial(embed_texts, encoder=encoder), codebook, params.measures, best=params.best,
        languages=passages["language"].to_list(),
    )  # fmt: skip
    elsewhere = [read_external(measure, path, passages, codebook) for measure, path in params.external.items()]
    table = pl.concat([scores, *elsewhere]).with_columns(share=pl.lit(None, pl.Float64))
    write_table(table, output, "frames/passages")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params)
