"""Score every passage for every entry of the codebook."""

from functools import partial

import numpy as np
import polars as pl

from frameshift.embeddings.cache import VectorCache
from frameshift.embeddings.embed import cache_folder, embed_texts
from frameshift.embeddings.encoder import Encoder
from frameshift.frames.codebook import load_codebook
from frameshift.frames.score import score_passages
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output: str, encoder: Encoder, cache: str, measures: list[str], best: int, language: str) -> None:
    passages = pl.read_parquet(inputs.passages, columns=["passage_id", "text"])
    encode = partial(embed_texts, encoder=encoder, cache=VectorCache(cache_folder(encoder.key, cache)))
    scores = score_passages(
        passages["text"].to_list(),
        np.load(inputs.vectors, mmap_mode="r"),
        encode,
        load_codebook(inputs.codebook),
        measures,
        best=best,
        language=language,
    )
    ids = passages.select("passage_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    write_table(scores.join(ids, on="row", maintain_order="left").drop("row"), output, "frames/passages")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        p = snakemake.params
        main(snakemake.input, snakemake.output[0], Encoder(**p.encoder), p.cache, p.measures, p.best, p.language)
