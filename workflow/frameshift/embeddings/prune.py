"""What the cache of vectors holds, and how it is kept within a size: the least recently used blocks go first.

A block that a job is about to read may be gone when it comes to it; the job encodes those texts again.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from frameshift.errors import UserError

STALE = 86_400  # seconds after which an unfinished file belongs to a job that was killed
LIMIT = "20GB"
_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True)
class Holding:
    """What the cache has of one encoder: bytes, and the days since it was last used."""

    folder: Path
    encoder: str
    blocks: int
    size: int
    days: float


def cache_limit() -> int:
    """Bytes that the cache may take: FRAMESHIFT_CACHE_LIMIT, or LIMIT where that is not set."""
    return parse_size(os.environ.get("FRAMESHIFT_CACHE_LIMIT") or LIMIT)


def parse_size(text: str) -> int:
    """Bytes of "500MB" or "1.5 GB"; UserError for anything else."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*", text.upper())
    unit = found and (found[2] if found[2] in _UNITS else found[2] + "B")
    if not found or unit not in _UNITS:
        raise UserError(f"{text!r} is no size: write it as 500MB or 20GB")
    return int(float(found[1]) * _UNITS[unit])


def survey_cache(home: Path) -> list[Holding]:
    """What the cache in `home` holds, the largest first."""
    return sorted((_survey(folder) for folder in _encoders(home)), key=lambda one: -one.size)


def prune_cache(home: Path, limit: int) -> tuple[int, int]:
    """Remove the least recently used blocks until `home` takes at most `limit` bytes; returns blocks and bytes removed.

    Prepared models count and stay, unless no block of theirs is left and the size still asks for it. Unfinished files
    of killed jobs go in any case, once they are a day old.
    """
    _sweep(home)
    blocks = sorted((*_stat(block), block) for folder in _encoders(home) for block in folder.rglob("*.block"))
    total, removed, freed = sum(one.size for one in survey_cache(home)), 0, 0
    for _, size, block in blocks:
        if total - freed <= limit:
            break
        block.unlink(missing_ok=True)
        removed, freed = removed + 1, freed + size
    for holding in survey_cache(home):
        if holding.blocks == 0 and total - freed > limit:
            shutil.rmtree(holding.folder, ignore_errors=True)
            freed += holding.size
    return removed, freed


def clear_cache(home: Path) -> int:
    """Remove everything that frameshift keeps in `home`; returns the bytes."""
    holdings = survey_cache(home)
    for holding in holdings:
        shutil.rmtree(holding.folder, ignore_errors=True)
    return sum(holding.size for holding in holdings)


def _encoders(home: Path) -> Iterator[Path]:
    """The folders of encoders, by their names: nothing else in a folder that the user chose is touched."""
    if home.is_dir():
        yield from (one for one in sorted(home.iterdir()) if one.is_dir() and re.fullmatch(r"[0-9a-f]{16}", one.name))


def _survey(folder: Path) -> Holding:
    files = [(*_stat(file), file) for file in folder.rglob("*") if file.is_file()]
    used = max((when for when, _, _ in files), default=0.0)
    blocks = sum(file.suffix == ".block" for _, _, file in files)
    days = (time.time() - used) / 86_400
    return Holding(folder, _name(folder), blocks, sum(size for _, size, _ in files), days)


def _name(folder: Path) -> str:
    try:
        record = json.loads((folder / "encoder.json").read_text())
        return f"{record['model']}, {record['backend']}, {record['precision']}"
    except (OSError, ValueError, KeyError):
        return "of another version"


def _stat(file: Path) -> tuple[float, int]:
    """When a file was last used, and its bytes; zeros where another job has just removed it."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0.0, 0
    return found.st_mtime, found.st_size


def _sweep(home: Path) -> None:
    for folder in _encoders(home):
        for part in folder.rglob(".*.part"):
            if time.time() - _stat(part)[0] > STALE:
                shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)
