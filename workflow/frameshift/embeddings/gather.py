"""Shards of vectors to one memory-mapped matrix in the order of the passages, and one vector an article.

Passages are read in batches: memory does not grow with them, but for some 30 bytes each.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from frameshift.embeddings.cache import text_keys
from frameshift.embeddings.embed import shard_of
from frameshift.tables import sweep_unfinished, write_whole

BATCH = 32_768  # passages
IDS = pa.schema(
    [("passage_id", pa.string()), ("article_id", pa.string()), ("n_tokens", pa.uint32()), ("truncated", pa.bool_())]
)


def read_texts(passages: str | Path) -> Iterator[list[str]]:
    """The texts of all passages of the table in the file `passages`, in batches."""
    for batch in _read(passages, "text"):
        yield batch.column("text").to_pylist()


def gather_vectors(
    passages: str | Path, shards: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], output: str | Path
) -> np.ndarray:
    """Write the vectors of all passages to `output` (.npy, (n, d), as precise as the shards).

    `shards` are keys (m, 2), tokens (m,) and vectors (m, d) of each, as `embed_shard` left them, the vectors
    memory-mapped. Returns the number of tokens of each passage (n,). Raises ValueError where a passage has no vector.
    """
    orders = [np.lexsort(keys.T[::-1]) for keys, _, _ in shards]
    known = [_as_records(keys[order]) for (keys, _, _), order in zip(shards, orders, strict=True)]
    count = pq.ParquetFile(passages).metadata.num_rows
    width = max((vectors.shape[1] for _, _, vectors in shards), default=0)
    tokens = np.zeros(count, dtype=np.uint32)

    def write(temporary: Path) -> None:
        matrix = np.lib.format.open_memmap(temporary, mode="w+", dtype=shards[0][2].dtype, shape=(count, width))
        start = 0
        for texts in read_texts(passages):
            keys = text_keys(texts)
            shard = shard_of(keys, len(shards))
            wanted = _as_records(keys)
            for number in np.unique(shard):
                targets = np.flatnonzero(shard == number)
                place = np.searchsorted(known[number], wanted[targets])
                if place.max() >= len(known[number]) or (known[number][place] != wanted[targets]).any():
                    raise ValueError(f"shard {number} lacks passages: it was embedded from another table")
                rows = orders[number][place]
                matrix[start + targets] = shards[number][2][rows]
                tokens[start + targets] = shards[number][1][rows]
            start += len(texts)
        matrix.flush()

    sweep_unfinished(output)
    write_whole(output, write)
    return tokens


def write_ids(passages: str | Path, tokens: np.ndarray, window: int | None, output: str | Path) -> int:
    """Write passage_id, article_id, n_tokens and truncated of each passage to `output`, and return how many are cut.

    `tokens` (n,) are those of each passage, of which the encoder reads `window`; where that is None, tokens are not
    counted and n_tokens is null.
    """
    truncated = tokens > window if window else np.zeros(len(tokens), dtype=bool)

    def write(temporary: Path) -> None:
        start = 0
        with pq.ParquetWriter(temporary, IDS) as writer:
            for batch in _read(passages, "passage_id", "article_id"):
                part = slice(start, start + len(batch))
                counts = pa.array(tokens[part]) if window else pa.nulls(len(batch), pa.uint32())
                columns = [*batch.columns, counts, pa.array(truncated[part])]
                writer.write_batch(pa.record_batch(columns, schema=IDS))
                start += len(batch)

    write_whole(output, write)
    return int(truncated.sum())


def pool_articles(vectors: np.ndarray, passages: str | Path, output: str | Path) -> None:
    """Write each article's vector to `output` (.npy, float32 (articles, d)).

    It is the mean of its passages' `vectors` (n, d), weighted by their words, scaled to length one. Articles come in
    the order of their first passage (`article_order`). Raises ValueError where an article's passages are apart.
    """
    count = len(article_order(pl.scan_parquet(passages).select("article_id").collect()))

    def write(temporary: Path) -> None:
        shape = (count, vectors.shape[1])
        pooled = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float32, shape=shape)
        start, last, article = 0, -1, None
        for batch in _read(passages, "article_id", "n_words"):
            ids = np.array(batch.column("article_id").to_pylist())
            begins = np.r_[ids[0] != article, ids[1:] != ids[:-1]]
            weights = np.maximum(batch.column("n_words").to_numpy(), 1).astype(np.float32)
            rows = last + np.cumsum(begins)
            if rows[-1] >= count:
                raise ValueError(f"{passages}: the passages of an article stand apart")
            weighted = np.asarray(vectors[start : start + len(ids)], dtype=np.float32) * weights[:, None]
            firsts = np.r_[0, np.flatnonzero(begins[1:]) + 1]
            pooled[rows[firsts]] += np.add.reduceat(weighted, firsts, axis=0)
            start, last, article = start + len(ids), int(rows[-1]), ids[-1]
        for first in range(0, count, BATCH):
            part = pooled[first : first + BATCH]
            part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12)
        pooled.flush()

    write_whole(output, write)


def article_order(passages: pl.DataFrame) -> list[str]:
    """The article ids in the order of their first passage."""
    return passages["article_id"].unique(maintain_order=True).to_list()


def _as_records(keys: np.ndarray) -> np.ndarray:
    """Keys (n, 2) as one array (n,) that can be searched."""
    return keys.view([("", "<u8")] * 2).ravel()


def _read(passages: str | Path, *columns: str) -> Iterator[pa.RecordBatch]:
    return pq.ParquetFile(passages).iter_batches(BATCH, columns=list(columns))
