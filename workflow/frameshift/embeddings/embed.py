"""Texts to vectors through the cache, in blocks that are committed whole: what a killed job encoded is not lost."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from frameshift.embeddings.cache import VectorCache, text_keys
from frameshift.embeddings.encoder import Encoder
from frameshift.jobs import log

BLOCK = 512  # texts a block: some seconds of work, so that little is lost
QUIET = 10  # seconds between two lines of progress


def cache_folder(encoder_key: str, default: str | Path) -> Path:
    """The encoder's folder in the cache: under FRAMESHIFT_CACHE where that is set, else under `default`."""
    return Path(os.environ.get("FRAMESHIFT_CACHE") or default) / encoder_key


def shard_of(key: bytes, shards: int) -> int:
    """The shard of a text, 0 to shards - 1; it depends on the text alone."""
    return int.from_bytes(key[:8], "little") % shards


def embed_texts(texts: Sequence[str], encoder: Encoder, cache: VectorCache) -> np.ndarray:
    """Unit vectors of `texts`, float32 (n, d); a text that repeats is encoded once, a cached one not at all."""
    keys = text_keys(texts)
    text_of = dict(zip(keys, texts, strict=True))
    distinct = sorted(text_of)
    found, cached = cache.get(distinct)
    missing = [key for key, hit in zip(distinct, found, strict=True) if not hit]
    encoded = _encode({key: text_of[key] for key in missing}, encoder, cache)
    vectors = np.empty((len(distinct), max(cached.shape[1], encoded.shape[1])), dtype=np.float32)
    if len(cached):
        vectors[found] = cached
    if missing:
        vectors[~found] = encoded
    place = {key: row for row, key in enumerate(distinct)}
    return vectors[[place[key] for key in keys]]


def _encode(texts: dict[bytes, str], encoder: Encoder, cache: VectorCache) -> np.ndarray:
    """Vectors of `texts` in their order, encoded and committed in blocks of similar length (less padding)."""
    if not texts:
        return np.empty((0, 0), dtype=np.float32)
    # Longest first: the remaining time is overstated rather than understated, and memory peaks at once.
    keys = sorted(texts, key=lambda key: (-len(texts[key]), key))
    letters, done, started, said = sum(map(len, texts.values())), 0, time.monotonic(), 0.0
    vectors: dict[bytes, np.ndarray] = {}
    for start in range(0, len(keys), BLOCK):
        block = keys[start : start + BLOCK]
        encoded = encoder.encode([texts[key] for key in block])
        cache.add(block, encoded)
        vectors.update(zip(block, encoded, strict=True))
        done += sum(len(texts[key]) for key in block)
        seconds, count = time.monotonic() - started, start + len(block)
        if seconds - said > QUIET or count == len(keys):
            said, rate, left = seconds, count / max(seconds, 1e-9), seconds * (letters - done) / max(done, 1)
            log.info("encoded %d of %d texts, %.0f a second, about %.0f s to go", count, len(keys), rate, left)
    return np.stack([vectors[key] for key in texts])
