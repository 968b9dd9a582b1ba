"""Embed the passages of one shard, through the cache."""

import json
from functools import partial
from pathlib import Path

from frameshift.embeddings.embed import embed_shard
from frameshift.embeddings.encoder import Encoder
from frameshift.embeddings.gather import read_texts
from frameshift.jobs import logged
from frameshift.tables import write_arrays


def main(inputs, output, shard: int, shards: int, encoder: Encoder) -> None:
    keys, tokens = embed_shard(partial(read_texts, inputs.passages), shard, shards, encoder, Path(output.vectors))
    write_arrays(output.texts, keys=keys, tokens=tokens)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        params, record = snakemake.params, json.loads(Path(snakemake.input.encoder).read_text())
        encoder = Encoder(record, params.cache, threads=snakemake.threads)
        main(snakemake.input, snakemake.output, int(snakemake.wildcards.shard), params.shards, encoder)
