"""See what the results owe to the very statements and patterns of the codebook."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import Encoder
from frameshift.frames.codebook import load_codebook
from frameshift.frames.sensitivity import draw_passages, list_large, resample_codebook
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output: str, params) -> None:
    encoder = Encoder(json.loads(Path(inputs.encoder).read_text()), params.cache)
    articles = pl.read_parquet(inputs.articles, columns=["article_id", "language", "source", "duplicate_of"])
    passages = pl.read_parquet(inputs.passages, columns=["article_id", "text"]).join(
        articles, on="article_id", maintain_order="left"
    )
    rows = draw_passages(passages["source"], list_large(articles, params.min_articles), seed=params.seed)
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
