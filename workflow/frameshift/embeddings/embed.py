"""Texts to vectors through the cache, in blocks that are committed whole: what a killed job encoded is not lost."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from frameshift.embeddings.cache import VectorCache, text_keys
from frameshift.embeddings.encoder import Encoder
from frameshift.jobs import log
from frameshift.tables import sweep_unfinished, write_whole

WINDOW = 16_384  # texts in memory at once
QUIET = 10  # seconds between two lines of progress


def embed_texts(texts: Sequence[str], encoder: Encoder) -> np.ndarray:
    """Unit vectors of `texts`, float32 (n, d); a text that repeats is encoded once, a cached one not at all."""
    text_of = {key.tobytes(): text for key, text in zip(text_keys(texts), texts, strict=True)}
    vectors, _ = _embed_window(list(text_of.values()), encoder, encoder.cache(), Progress(0, "texts"))
    place = {text: row for row, text in enumerate(text_of.values())}
    return vectors[[place[text] for text in texts]].astype(np.float32)


def shard_of(keys: np.ndarray, shards: int) -> np.ndarray:
    """The shard of each key (n, 2), 0 to shards - 1: it depends on the text alone."""
    return (keys[:, 0] % np.uint64(shards)).astype(np.int64)


def embed_shard(
    read_texts: Callable[[], Iterable[Sequence[str]]], shard: int, shards: int, encoder: Encoder, output: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Write the vectors of one shard's distinct texts to `output` (.npy, memory-mapped) as they first occur.

    `read_texts` gives all passages' texts in batches, and is called twice: first to see what there is to do, then to do
    it, so that only WINDOW texts are in memory. Returns keys (m, 2) and tokens (m,) of the rows written. What is cached
    is not encoded; what is encoded is committed block by block, so that a job that was killed goes on where it stopped,
    with the same blocks and hence the same bytes.
    """
    cache = encoder.cache()
    keys = np.concatenate([np.empty((0, 2), np.uint64), *(keys for keys, _ in _select(read_texts(), shard, shards))])
    missing = int(len(keys) - cache.contains(keys).sum())
    log.info("shard %d: %d distinct texts, of which %d are cached", shard, len(keys), len(keys) - missing)
    progress, tokens = Progress(missing, f"shard {shard}: texts"), np.zeros(len(keys), np.uint32)

    def write(temporary: Path) -> None:
        matrix, start = None, 0
        for texts in _windows(texts for _, texts in _select(read_texts(), shard, shards)):
            vectors, tokens[start : start + len(texts)] = _embed_window(texts, encoder, cache, progress)
            if matrix is None:
                shape = (len(keys), vectors.shape[1])
                matrix = np.lib.format.open_memmap(temporary, mode="w+", dtype=encoder.precision, shape=shape)
            matrix[start : start + len(texts)] = vectors
            start += len(texts)
        if matrix is None:  # a small corpus leaves shards empty
            np.lib.format.open_memmap(temporary, mode="w+", dtype=encoder.precision, shape=(0, 0))
        elif start != len(keys):
            raise ValueError(f"shard {shard} had {len(keys)} texts and then {start}: the passages changed meanwhile")
        else:
            matrix.flush()

    sweep_unfinished(output)
    write_whole(output, write)
    return keys, tokens


def _select(batches: Iterable[Sequence[str]], shard: int, shards: int):
    """Of each batch, the keys and texts that belong to `shard` and did not occur before."""
    seen: set[bytes] = set()
    for batch in batches:
        keys = text_keys(batch)
        new = []
        for row in np.flatnonzero(shard_of(keys, shards) == shard):
            key = keys[row].tobytes()
            if key not in seen:
                seen.add(key)
                new.append(row)
        yield keys[new], [batch[row] for row in new]


def _windows(batches: Iterable[list[str]]):
    """The same texts in lists of WINDOW, the last one shorter."""
    waiting: list[str] = []
    for batch in batches:
        waiting += batch
        while len(waiting) >= WINDOW:
            yield waiting[:WINDOW]
            waiting = waiting[WINDOW:]
    if waiting:
        yield waiting


def _embed_window(
    texts: list[str], encoder: Encoder, cache: VectorCache, progress: "Progress"
) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, d) in the encoder's precision and tokens (n,) of distinct `texts`; what is new is committed."""
    keys = text_keys(texts)
    cached = cache.get(keys)
    # Longest first, in blocks of similar length: less padding, and memory peaks at once.
    missing = sorted(np.flatnonzero(~cached.found), key=lambda row: (-len(texts[row]), keys[row].tobytes()))
    progress.expect(len(missing))
    rows, vectors, tokens = [np.flatnonzero(cached.found)], [cached.vectors], [cached.tokens]
    for start in range(0, len(missing), encoder.block):
        block = missing[start : start + encoder.block]
        new, counts = encoder.encode([texts[row] for row in block])
        if not np.isfinite(new).all():
            raise ValueError(f"the encoder gave vectors that are no numbers, for example of {texts[block[0]]!r}")
        cache.add(keys[block], new, counts)
        rows.append(np.array(block))
        vectors.append(new.astype(encoder.precision))
        tokens.append(counts)
        progress.add(len(block))
    order = np.argsort(np.concatenate(rows), kind="stable")
    filled = [part for part in vectors if len(part)]
    if not filled:
        return np.empty((0, 0), encoder.precision), np.empty(0, np.uint32)
    return np.concatenate(filled)[order], np.concatenate(tokens)[order]


class Progress:
    """How far the encoding is, at which rate, and how long it will take; said every QUIET seconds and at the end."""

    def __init__(self, total: int, what: str):
        self.total, self.what, self.done = total, what, 0
        self._started = time.monotonic()
        self._said = self._started

    def expect(self, count: int) -> None:
        """Of the texts of the next window `count` are to be encoded, also those whose block turned out damaged."""
        self.total = max(self.total, self.done + count)

    def add(self, count: int) -> None:
        """`count` more texts are done."""
        self.done += count
        now = time.monotonic()
        if now - self._said > QUIET or self.done >= self.total:
            self._said, seconds = now, max(now - self._started, 1e-9)
            rate = self.done / seconds
            left = (self.total - self.done) / rate
            log.info(
                "%s: %d of %d encoded, %.0f a second, about %.0f s to go", self.what, self.done, self.total, rate, left
            )
