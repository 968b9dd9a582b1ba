"""Shards of vectors to one memory-mapped matrix in the order of the passages, and one vector an article."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.embeddings.cache import text_keys
from frameshift.embeddings.embed import shard_of
from frameshift.tables import write_whole


def texts_of_shard(passages: pl.DataFrame, shard: int, shards: int) -> list[str]:
    """The distinct texts of `passages` that belong to `shard`, sorted."""
    texts = passages["text"].unique().to_list()
    return sorted(text for text, key in zip(texts, text_keys(texts), strict=True) if shard_of(key, shards) == shard)


def gather_vectors(passages: pl.DataFrame, shard_files: Iterable[Path], vectors_path: str | Path) -> None:
    """Write the vectors of all passages, float32 (n, d), to `vectors_path` as .npy, one shard in memory at a time.

    `shard_files` are .npy matrices in the order of the shards, each with the rows of `texts_of_shard`.
    Raises ValueError where a shard does not fit its texts.
    """
    files = list(shard_files)
    rows = passages.select("text").with_row_index("row")
    width = max((np.load(file, mmap_mode="r").shape[1] for file in files), default=0)

    def write(temporary: Path) -> None:
        matrix = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float32, shape=(len(rows), width))
        for shard, file in enumerate(files):
            vectors, texts = np.load(file), texts_of_shard(passages, shard, len(files))
            if len(vectors) != len(texts):
                raise ValueError(f"{file} holds {len(vectors)} vectors for {len(texts)} texts")
            wanted = pl.DataFrame({"text": texts}, schema={"text": pl.String}).with_row_index("source")
            places = rows.join(wanted, on="text")
            if texts:  # a small corpus leaves shards empty, and those have no width
                matrix[places["row"].to_numpy()] = vectors[places["source"].to_numpy()]
        matrix.flush()

    write_whole(vectors_path, write)


def pool_articles(vectors: np.ndarray, passages: pl.DataFrame) -> np.ndarray:
    """Length-weighted mean of each article's passage vectors, scaled to unit length: float32 (articles, d).

    Articles come in the order of their first passage (`article_order`).
    """
    index = {article: row for row, article in enumerate(article_order(passages))}
    rows = np.array([index[article] for article in passages["article_id"]], dtype=int)
    weights = np.maximum(passages["n_words"].to_numpy(), 1).astype(np.float32)
    pooled = np.zeros((len(index), vectors.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), 65_536):
        part = slice(start, start + 65_536)
        np.add.at(pooled, rows[part], vectors[part] * weights[part, None])
    return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)


def article_order(passages: pl.DataFrame) -> list[str]:
    """The article ids in the order of their first passage."""
    return passages["article_id"].unique(maintain_order=True).to_list()
