"""Gather the shards into one matrix in the order of the passages, and pool it to articles."""

import json
from pathlib import Path

import numpy as np

from frameshift.embeddings.encoder import cache_home
from frameshift.embeddings.gather import gather_vectors, pool_articles, write_ids
from frameshift.embeddings.prune import cache_limit, prune_cache
from frameshift.jobs import log, logged


def main(inputs, output, cache: str) -> None:
    window = json.loads(Path(inputs.encoder).read_text())["window"]
    texts = [np.load(file) for file in inputs.texts]
    vectors = [np.load(file, mmap_mode="r") for file in inputs.vectors]
    shards = [(text["keys"], text["tokens"], part) for text, part in zip(texts, vectors, strict=True)]
    tokens = gather_vectors(inputs.passages, shards, output.vectors)
    truncated = write_ids(inputs.passages, tokens, window, output.ids)
    log.info("%d passages; %d exceed the encoder's window and are read in part", len(tokens), truncated)
    pool_articles(np.load(output.vectors, mmap_mode="r"), inputs.passages, output.articles)
    blocks, size = prune_cache(cache_home(cache), cache_limit())
    if blocks:
        log.info(
            "The cache was over its limit: %d blocks used least recently were removed, %.0f MB", blocks, size / 1e6
        )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params.cache)
