"""The files a corpus consists of: one file, the files in a folder, or those in a tar or zip archive."""

import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from frameshift.errors import UserError

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".txt": "text",
    ".cor": "text",
}
FORMATS = ("auto", "csv", "tsv", "jsonl", "json", "parquet", "text", "lines")
# Files that people take for articles and that are not read here: they are accounted for, other files are passed over.
DOCUMENTS = (".doc", ".docx", ".epub", ".htm", ".html", ".odt", ".pdf", ".rtf", ".xls", ".xlsx")

Member = tuple[str, Callable[[], BinaryIO]]  # name relative to the corpus ("" for a single file), and how to open it


def list_members(path: Path) -> Iterator[Member]:
    """The files of the corpus at `path`, in a fixed order; hidden ones are left out.

    A stream must be read before the next member is taken: a tar archive is read from front to back, once.
    Raises UserError if nothing is there, and (while reading) if an archive is damaged.
    """
    if not path.exists():
        raise UserError(_describe_absence(path))
    if suffix_of(path.name) in DOCUMENTS:  # .docx and .xlsx are zip archives, too
        raise UserError(f"{path}: {suffix_of(path.name)} files cannot be read. Save the articles as CSV in UTF-8.")
    with damage_reported(path):
        if path.is_dir():
            yield from _list_folder(path)
        elif zipfile.is_zipfile(path):
            yield from _list_zip(path)
        elif _looks_like_tar(path):
            yield from _list_tar(path)
        elif path.suffix == ".gz":
            yield "", partial(gzip.open, path, "rb")
        else:
            yield "", partial(path.open, "rb")


def choose_format(path: Path, format: str) -> str:
    """`format`, or for "auto" the one format that the suffixes at `path` tell; UserError for none, or several."""
    if format != "auto":
        return format
    found = Counter(kind for name, _ in list_members(path) if (kind := SUFFIXES.get(suffix_of(name or path.name))))
    if len(found) == 1:
        return next(iter(found))
    choices = f"Set corpus.format to one of {', '.join(FORMATS[1:])}"
    if not found:
        raise UserError(f"{path}: no file ends in one of {', '.join(SUFFIXES)}. {choices}, or check corpus.path.")
    counts = ", ".join(f"{n} {kind}" for kind, n in found.most_common())
    raise UserError(f"{path} holds files of several formats ({counts}). {choices}: files of others are passed over.")


def suffix_of(name: str) -> str:
    """The suffix that tells the format, in lower case: ".csv" for "News.CSV.gz"."""
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix


@contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Turn what the decompressors raise for a damaged file, and a refused permission, into a UserError."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is damaged or was cut off ({error}). Fetch or copy it again.") from error
    except PermissionError as error:
        raise UserError(f"{path}: {error.filename} may not be read. Change its permissions.") from error


def _list_folder(folder: Path) -> Iterator[Member]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not _is_hidden(name):
            yield name, partial(gzip.open if file.suffix == ".gz" else open, file, "rb")


def _list_zip(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("/") and not _is_hidden(name):
                yield name, partial(archive.open, name)


def _list_tar(path: Path) -> Iterator[Member]:
    with tarfile.open(path, "r|*") as archive:
        for info in archive:
            if info.isfile() and not _is_hidden(info.name):
                yield info.name.removeprefix("./"), partial(archive.extractfile, info)


def _looks_like_tar(path: Path) -> bool:
    named_so = path.name.lower().endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))
    return named_so or tarfile.is_tarfile(path)  # the name tells of a damaged one, too


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _describe_absence(path: Path) -> str:
    message = f"There is no corpus at {path} (seen from {Path.cwd()})."
    neighbours = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    if close := get_close_matches(path.name, neighbours, n=1):
        message += f" Did you mean {path.parent / close[0]}?"
    return f"{message} Set corpus.path to a file, a folder or an archive of articles."
