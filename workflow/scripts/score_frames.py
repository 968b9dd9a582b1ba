"""Score every passage for every entry of the codebook."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import Encoder
from frameshift.embeddings.source import PACKAGED
from frameshift.frames.codebook import load_codebook
from frameshift.frames.score import score_passages
from frameshift.jobs import log, logged
from frameshift.tables import write_table


def main(inputs, output: str, encoder: Encoder, measures: list[str], best: int) -> None:
    passages = pl.read_parquet(inputs.passages, columns=["passage_id", "article_id", "text"]).join(
        pl.read_parquet(inputs.articles, columns=["article_id", "language"]),
        on="article_id",
        how="left",
        maintain_order="left",
    )
    if encoder.record["model"] == PACKAGED and set(passages["language"]) - {"en"}:
        log.warning("Warning: %s knows English only: set `embeddings.model` to a multilingual encoder", PACKAGED)
    scores = score_passages(
        passages["text"].to_list(),
        np.load(inputs.vectors, mmap_mode="r"),
        partial(embed_texts, encoder=encoder),
        load_codebook(inputs.codebook),
        measures,
        best=best,
        languages=passages["language"].to_list(),
    )
    ids = passages.select("passage_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    write_table(scores.join(ids, on="row", maintain_order="left").drop("row"), output, "frames/passages")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        params = snakemake.params
        encoder = Encoder(json.loads(Path(snakemake.input.encoder).read_text()), params.cache)
        main(snakemake.input, snakemake.output[0], encoder, params.measures, params.best)
