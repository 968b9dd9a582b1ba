"""Digests of plain values and of files, to see whether they are still the same."""

import hashlib
import json
from pathlib import Path


def digest_json(value: object) -> str:
    """SHA-256 of a plain value, whatever the order of its keys: a declared finding that is changed later shows."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def digest_path(path: str | Path) -> str | None:
    """SHA-256 of a file; of a folder, that of its files' relative names and digests; None where there is neither."""
    path = Path(path)
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if not path.is_dir():
        return None
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return digest_json([(file.relative_to(path).as_posix(), digest_path(file)) for file in files])
