"""Vectors cached by content, so that no text is encoded twice, in this run or another.

A cache folder belongs to one encoder and one precision. It holds blocks: files with the keys of some texts (digests),
how many tokens each had, and their vectors. A block is named by the digest of its own bytes, written whole or not at
all, never changed, and checked when read; many jobs can write at once, also from several machines, because no two ever
write one file with different content.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from frameshift.errors import UserError
from frameshift.jobs import log
from frameshift.tables import write_whole

KEY = np.dtype("<u8")  # a key is two of these
MAGIC = b"fsblock2"  # other versions' blocks begin otherwise and are not read
HEADER = np.dtype([("magic", "S8"), ("count", "<u4"), ("width", "<u4"), ("dtype", "S8")])
_DIGEST = 40  # hexadecimal digits of a block's name


def text_keys(texts: Iterable[str]) -> np.ndarray:
    """Digest of each of n texts: uint64 array (n, 2)."""
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts)
    return np.frombuffer(digests, dtype=KEY).reshape(-1, 2)


@dataclass(frozen=True)
class Cached:
    """What a cache holds of n keys: which, boolean (n,), and of those the vectors (found, d) and tokens (found,)."""

    found: np.ndarray
    vectors: np.ndarray
    tokens: np.ndarray


class VectorCache:
    """The blocks in `folder`; `dtype` (float16 or float32) is that of all its vectors."""

    def __init__(self, folder: str | Path, dtype: str = "float32"):
        self.folder, self.dtype = Path(folder), np.dtype(dtype)
        self._blocks: list[Path] = []
        self._parts: list[np.ndarray] = []  # keys by block
        self._index: tuple[np.ndarray, ...] | None = None
        for block in sorted(self.folder.glob("*.block")):
            self._note(block, _read_keys(block))

    def contains(self, keys: np.ndarray) -> np.ndarray:
        """Which of `keys` (n, 2) the cache has: boolean (n,). A damaged block is not noticed yet."""
        return self._locate(keys)[0]

    def get(self, keys: np.ndarray) -> Cached:
        """What is cached of `keys` (n, 2).

        A damaged block is reported and removed; its keys count as not cached, like those of a block that another job
        has cleaned away.
        """
        found, block_of, row_of = self._locate(keys)
        places, vectors, tokens = [], [], []
        for number in np.unique(block_of[found]):
            block = self._blocks[number]
            content = _read_block(block, self.dtype)
            targets = np.flatnonzero(found & (block_of == number))
            if content is None:
                found[targets] = False
                continue
            os.utime(block)  # clean-up takes the least recently used first
            rows = row_of[targets]
            places.append(targets)
            tokens.append(content[0][rows])
            vectors.append(content[1][rows])
        if not places:
            return Cached(found, np.empty((0, 0), self.dtype), np.empty(0, np.uint32))
        order = np.argsort(np.concatenate(places))
        return Cached(found, np.concatenate(vectors)[order], np.concatenate(tokens)[order])

    def add(self, keys: np.ndarray, vectors: np.ndarray, tokens: np.ndarray) -> None:
        """Commit one block: `keys` (n, 2), `vectors` (n, d), and the number of `tokens` (n,) of each text.

        Raises UserError where the disk is full; nothing half-written stays.
        """
        header = np.array([(MAGIC, len(keys), vectors.shape[1], self.dtype.str.encode())], dtype=HEADER)
        content = b"".join(
            [
                header.tobytes(),
                np.ascontiguousarray(keys, dtype=KEY).tobytes(),
                np.ascontiguousarray(tokens, dtype="<u4").tobytes(),
                np.ascontiguousarray(vectors, dtype=self.dtype).tobytes(),
            ]
        )
        path = self.folder / f"{hashlib.sha256(content).hexdigest()[:_DIGEST]}.block"
        try:
            write_whole(path, lambda temporary: temporary.write_bytes(content))
        except OSError as error:
            raise UserError(
                f"the cache of vectors cannot be written: {error.strerror or error} ({self.folder}). Free some space "
                "(`frameshift cache --limit 5GB` removes what was used least recently), or let FRAMESHIFT_CACHE name "
                "another folder; then start the run again, which goes on where it stopped"
            ) from error
        self._note(path, keys)

    def _note(self, block: Path, keys: np.ndarray) -> None:
        self._blocks.append(block)
        self._parts.append(keys)
        self._index = None

    def _locate(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each key: whether it is known, in which block, and in which row of it."""
        if self._index is None:
            sizes = [len(part) for part in self._parts]
            known = np.concatenate([np.empty((0, 2), KEY), *self._parts])
            order = np.argsort(known[:, 0], kind="stable")
            block_of = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)[order]
            row_of = np.concatenate([np.empty(0, np.uint32), *(np.arange(n, dtype=np.uint32) for n in sizes)])[order]
            self._index = (known[order], block_of, row_of)
        known, block_of, row_of = self._index
        if not len(known):
            none = np.zeros(len(keys), dtype=np.uint32)
            return none.astype(bool), none, none
        place = np.minimum(np.searchsorted(known[:, 0], keys[:, 0]), len(known) - 1)
        # Two keys that share only their first half: the second counts as unknown, and is encoded again.
        return (known[place] == keys).all(axis=1), block_of[place], row_of[place]


def _read_keys(block: Path) -> np.ndarray:
    none = np.empty((0, 2), KEY)
    try:
        with block.open("rb") as file:
            header = np.frombuffer(file.read(HEADER.itemsize), dtype=HEADER)
            if not len(header) or header["magic"][0] != MAGIC:
                return none
            most = os.fstat(file.fileno()).st_size  # a damaged count may ask for more than there is memory
            keys = np.frombuffer(file.read(min(16 * int(header["count"][0]), most)), dtype=np.uint8)
    except (OSError, ValueError):  # cleaned away by another job, or cut off within the header
        return none
    return keys[: len(keys) // 16 * 16].view(KEY).reshape(-1, 2)


def _read_block(block: Path, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray] | None:
    """Tokens and vectors of a block; None where it is damaged or gone."""
    try:
        content = block.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(content).hexdigest()[:_DIGEST] != block.stem:
        log.warning("Warning: cache block %s is damaged; its texts are encoded again", block.name)
        block.unlink(missing_ok=True)
        return None
    header = np.frombuffer(content, dtype=HEADER, count=1)[0]
    count, width = int(header["count"]), int(header["width"])
    if header["dtype"] != dtype.str.encode():
        return None
    start = HEADER.itemsize + 16 * count
    tokens = np.frombuffer(content, "<u4", count, start)
    return tokens, np.frombuffer(content, dtype, count * width, start + 4 * count).reshape(count, width)
