"""Gather the shards into one matrix in the order of the passages, and pool it to articles."""

import numpy as np
import polars as pl

from frameshift.embeddings.gather import gather_vectors, pool_articles
from frameshift.jobs import logged
from frameshift.tables import write_array, write_whole


def main(passages_path: str, shards: list[str], output) -> None:
    passages = pl.read_parquet(passages_path)
    gather_vectors(passages, shards, output.vectors)
    write_array(pool_articles(np.load(output.vectors, mmap_mode="r"), passages), output.articles)
    write_whole(output.ids, passages.select("passage_id", "article_id").write_parquet)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input.passages, snakemake.input.shards, snakemake.output)
