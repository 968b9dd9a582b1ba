"""See what the results owe to the very statements and patterns of the codebook."""

import json
from functools import partial
from pathlib import Path

import numpy as np

from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import Encoder
from frameshift.frames.codebook import load_codebook
from frameshift.frames.passages import read_passages
from frameshift.frames.sensitivity import draw_passages, resample_codebook
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output: str, params) -> None:
    encoder = Encoder(json.loads(Path(inputs.encoder).read_text()), params.cache)
    passages = read_passages(inputs.passages, inputs.articles)
    rows = draw_passages(passages, min_articles=params.min_articles, seed=params.seed)
    table = resample_codebook(
        passages[rows],
        np.load(inputs.vectors, mmap_mode="r")[rows],
        partial(embed_texts, encoder=encoder),
        load_codebook(inputs.codebook),
        params.measures,
        best=params.best,
        seed=params.seed,
    )
    write_table(table, output, "frames/sensitivity")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params)
