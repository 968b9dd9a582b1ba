"""Score every passage for every entry of the codebook."""

from functools import partial

import numpy as np
import polars as pl

from frameshift.embeddings.cache import VectorCache
from frameshift.embeddings.embed import cache_folder, embed_texts
from frameshift.embeddings.encoder import PACKAGED, Encoder
from frameshift.frames.codebook import load_codebook
from frameshift.frames.score import score_passages
from frameshift.jobs import log, logged
from frameshift.tables import write_table


def main(inputs, output: str, encoder: Encoder, cache: str, measures: list[str], best: int) -> None:
    passages = pl.read_parquet(inputs.passages, columns=["passage_id", "article_id", "text"]).join(
        pl.read_parquet(inputs.articles, columns=["article_id", "language"]),
        on="article_id",
        how="left",
        maintain_order="left",
    )
    if encoder.model == PACKAGED and set(passages["language"]) - {"en"}:
        log.warning("Warning: %s knows English only: set `embeddings.model` to a multilingual encoder", PACKAGED)
    scores = score_passages(
        passages["text"].to_list(),
        np.load(inputs.vectors, mmap_mode="r"),
        partial(embed_texts, encoder=encoder, cache=VectorCache(cache_folder(encoder.key, cache))),
        load_codebook(inputs.codebook),
        measures,
        best=best,
        languages=passages["language"].to_list(),
    )
    ids = passages.select("passage_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    write_table(scores.join(ids, on="row", maintain_order="left").drop("row"), output, "frames/passages")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        p = snakemake.params
        main(snakemake.input, snakemake.output[0], Encoder(**p.encoder), p.cache, p.measures, p.best)
