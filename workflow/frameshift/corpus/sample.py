"""Some articles of a corpus, spread over it, read in seconds however large it is."""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from frameshift.corpus.files import DOCUMENTS, SUFFIXES, Refused, damage_reported, list_members, suffix_of
from frameshift.corpus.inputs import READERS
from frameshift.corpus.records import Reading

MAX_ROWS = 10_000  # rows read at most: of a large file the beginning
MAX_FILES = 5000  # files read at most of a folder or an archive
MAX_PAGES = 100  # web pages read at most, as finding the article in one takes a twentieth of a second

T = TypeVar("T")


class Member(NamedTuple):
    """A file of the corpus: the path it is in, and its name there ("" where the path is the file)."""

    path: Path
    name: str


class Records(NamedTuple):
    """Records under the names that the files have for fields."""

    records: list[dict[str, Any]]
    n_rows: int  # that were read
    n_unreadable: int  # of these
    is_whole: bool  # whether these are all rows of the corpus


def spread(items: Sequence[T], n: int) -> list[T]:
    """At most `n` of the items, evenly spaced from the first on."""
    n = min(n, len(items))
    return [items[i * len(items) // n] for i in range(n)]


def thin(items: Iterable[T], size: int) -> tuple[list[T], int]:
    """Of a stream `size` to 2 × `size` items evenly spaced from the first on (all, if it has fewer), and its length."""
    chosen: list[T] = []
    every, n = 1, 0
    for n, item in enumerate(items, start=1):
        if (n - 1) % every == 0:
            chosen.append(item)
        if len(chosen) == 2 * size:
            chosen = chosen[::2]
            every *= 2
    return chosen, n


def list_files(paths: Sequence[Path]) -> list[Member]:
    """The files at `paths`, in order; in folders and archives, those that cannot be opened are left out."""
    return [
        Member(path, name) for path in paths for name, opener in list_members(path) if not isinstance(opener, Refused)
    ]


def tell_kind(paths: str | Path | Sequence[str | Path], format: str) -> str | None:
    """`format`, or for "auto" that of the first file that has one; whether all have it, `read_rows` will say."""
    if format != "auto":
        return format
    first = Path(paths) if isinstance(paths, str | Path) else Path(paths[0])
    kinds = (SUFFIXES.get(suffix_of(name or first.name)) for name, _ in list_members(first))
    return next(filter(None, kinds), None)


def format_of(file: Member) -> str | None:
    """The format that a file's name tells, if it does."""
    return SUFFIXES.get(suffix_of(file.name or file.path.name))


def is_document(file: Member) -> bool:
    """Whether people take the file for an article and it cannot be read (.docx, .pdf, …)."""
    return suffix_of(file.name or file.path.name) in DOCUMENTS


def name_files(files: Sequence[Member]) -> list[str]:
    """The names that corpus.file_names is about: below the path where there is one, else below the common folder."""
    paths = list(dict.fromkeys(file.path for file in files))
    if len(paths) == 1:
        return [file.name or file.path.name for file in files]
    common = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    return [(file.path.absolute().relative_to(common) / file.name).as_posix() for file in files]


def read_heads(files: Sequence[Member], n_bytes: int) -> list[bytes]:
    """The first bytes of each file."""
    return [stream.read(n_bytes) for _, stream in _open_each(files)]


def sample_records(files: Sequence[Member], kind: str, *, encoding: str = "auto", size: int = 2000) -> Records:
    """`size` to 2 × `size` records of the `files`, spread over these and over what is read of each.

    At most MAX_ROWS rows of MAX_FILES files are read, or MAX_PAGES web pages. Raises UserError as `read_rows` does.
    """
    chosen = spread(files, MAX_PAGES if kind == "html" else MAX_FILES)
    each = ceil(MAX_ROWS / max(len(chosen), 1))
    counts: list[int] = []  # rows read of each

    def read() -> Iterator[tuple[int, dict | None, str | None]]:
        for where, stream in _open_each(chosen):
            counts.append(0)
            for record in islice(READERS[kind](stream, where, Reading({}, encoding)), each):
                counts[-1] += 1
                yield record

    rows, n_rows = thin(read(), size)
    records = [record for _, record, _ in rows if record is not None]
    is_whole = len(chosen) == len(files) and max(counts, default=0) < each
    return Records(records, n_rows, len(rows) - len(records), is_whole)


def _open_each(files: Sequence[Member]) -> Iterator[tuple[str, Any]]:
    """What messages call each file, and its bytes; an archive is read through once."""
    for path in dict.fromkeys(file.path for file in files):
        wanted = {file.name for file in files if file.path == path}
        for name, opener in list_members(path):
            if name in wanted:
                wanted.remove(name)
                where = f"{path}: {name}" if name else str(path)
                with damage_reported(where), opener() as stream:
                    yield where, stream
            if not wanted:
                break
