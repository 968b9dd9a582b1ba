"""Vectors cached by content, so that no text is encoded twice, in this run or another.

A cache folder belongs to one encoder. It holds blocks: files of keys (digests of texts) and vectors, each named
by the digest of its own bytes. A block is written whole or not at all, never changed, and checked when read; two
jobs can write at once, because they never write the same file with different content.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from frameshift.jobs import log
from frameshift.tables import write_whole

KEY_BYTES = 16


def text_keys(texts: Iterable[str]) -> list[bytes]:
    """Digest of each text, 16 bytes."""
    return [hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).digest() for text in texts]


class VectorCache:
    """The blocks of one encoder in `folder`."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self._where: dict[bytes, tuple[Path, int]] = {}
        for block in sorted(self.folder.glob("*.block")):
            self._note(block, _read_keys(block))

    def __contains__(self, key: bytes) -> bool:
        return key in self._where

    def get(self, keys: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
        """Which of n `keys` are cached, boolean (n,), and the vectors of those, float32 (cached, d).

        A damaged block is reported and removed; its keys count as not cached.
        """
        rows_by_block: dict[Path, list[tuple[int, int]]] = {}
        for target, key in enumerate(keys):
            if key in self._where:
                block, row = self._where[key]
                rows_by_block.setdefault(block, []).append((target, row))
        places, parts = [], []
        for block, rows in rows_by_block.items():
            vectors = _read_vectors(block)
            if vectors is None:
                log.warning("Warning: cache block %s is damaged; its %d texts are encoded again", block.name, len(rows))
                block.unlink(missing_ok=True)
                continue
            targets, sources = zip(*rows, strict=True)
            places.extend(targets)
            parts.append(vectors[list(sources)])
        found = np.zeros(len(keys), dtype=bool)
        if not places:
            return found, np.empty((0, 0), dtype=np.float32)
        found[places] = True
        return found, np.concatenate(parts)[np.argsort(places)]

    def add(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Commit one block: n `keys` and their `vectors`, float32 (n, d)."""
        header = np.array([len(keys), vectors.shape[1]], dtype="<i8").tobytes()
        content = header + b"".join(keys) + np.ascontiguousarray(vectors, dtype="<f4").tobytes()
        path = self.folder / f"{hashlib.sha256(content).hexdigest()[:40]}.block"
        write_whole(path, lambda temporary: temporary.write_bytes(content))
        self._note(path, keys)

    def _note(self, block: Path, keys: Sequence[bytes]) -> None:
        self._where.update({key: (block, row) for row, key in enumerate(keys)})


def _read_keys(block: Path) -> list[bytes]:
    with block.open("rb") as file:
        header = file.read(16)
        if len(header) < 16:
            return []
        count = int(np.frombuffer(header, dtype="<i8")[0])
        data = file.read(max(count, 0) * KEY_BYTES)
    return [data[start : start + KEY_BYTES] for start in range(0, len(data) - KEY_BYTES + 1, KEY_BYTES)]


def _read_vectors(block: Path) -> np.ndarray | None:
    content = block.read_bytes()
    if hashlib.sha256(content).hexdigest()[:40] != block.stem:
        return None
    count, width = np.frombuffer(content[:16], dtype="<i8")
    return np.frombuffer(content, dtype="<f4", offset=16 + count * KEY_BYTES).reshape(count, width)
