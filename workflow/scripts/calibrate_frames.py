"""Learn from what people coded: the supervised measure, and calibrated shares, alone and joint."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import Encoder
from frameshift.frames.codebook import load_codebook
from frameshift.frames.supervise import describe_labels, score_outside, supervise
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    encode = partial(embed_texts, encoder=Encoder(json.loads(Path(inputs.encoder).read_text()), params.cache))
    codebook, labels = load_codebook(inputs.codebook), pl.read_parquet(inputs.labels)
    outside, reference = score_outside(labels, encode, codebook, params.measures, best=params.best)
    passages, joint, labelled = supervise(
        pl.read_parquet(inputs.scores),
        pl.read_parquet(inputs.passages, columns=["passage_id"])["passage_id"],
        np.load(inputs.vectors, mmap_mode="r"),
        labels,
        outside,
        reference,
        list(codebook),
        params.given,
        seed=params.seed,
    )
    describe_labels(labels, passages, joint, params.given)
    write_table(passages, output.passages, "frames/passages")
    write_table(joint, output.joint, "frames/joint")
    write_table(labelled, output.labelled, "frames/labelled")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
