"""Embed the passages of one shard, through the cache."""

import polars as pl

from frameshift.embeddings.cache import VectorCache
from frameshift.embeddings.embed import cache_folder, embed_texts
from frameshift.embeddings.encoder import Encoder
from frameshift.embeddings.gather import texts_of_shard
from frameshift.jobs import logged
from frameshift.tables import write_array


def main(passages: str, output: str, shard: int, shards: int, encoder: Encoder, cache: str) -> None:
    texts = texts_of_shard(pl.read_parquet(passages, columns=["text"]), shard, shards)
    write_array(embed_texts(texts, encoder, VectorCache(cache_folder(encoder.key, cache))), output)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        params = snakemake.params
        encoder = Encoder(**params.encoder, threads=snakemake.threads)
        shard = int(snakemake.wildcards.shard)
        main(snakemake.input[0], snakemake.output[0], shard, params.shards, encoder, params.cache)
