"""The files a corpus consists of: single files, those in folders, and those in tar or zip archives."""

import bz2
import gzip
import io
import lzma
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, NoReturn

from frameshift.errors import UserError

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".cor": "text",
}
FORMATS = ("auto", "csv", "tsv", "jsonl", "json", "parquet", "excel", "html", "text", "pages", "lines")
# Files that people take for articles and that are not read here: they are accounted for, other files are passed over.
DOCUMENTS = (".doc", ".docx", ".epub", ".odt", ".pdf", ".rtf")
ARCHIVES = (".zip", ".tar", ".tgz", ".7z", ".rar")

MAX_WHOLE = 512 << 20  # bytes of a file that has to be in memory as a whole
_BOMB_BYTES, _BOMB_RATIO = 200 << 20, 100  # real text shrinks to a third or a tenth, a bomb to a thousandth

Member = tuple[str, Callable[[], BinaryIO]]  # name relative to the corpus ("" for a single file), and how to open it


class Refused(NamedTuple):
    """In place of a member's opener: why this one is never opened."""

    problem: str

    def __call__(self) -> NoReturn:
        raise UserError(self.problem)


def find_inputs(path: str | Sequence[str], *, key: str = "corpus.path") -> list[Path]:
    """The files, folders and archives that `path` names, in the order given; a pattern's matches are sorted.

    `key` is the configuration's that holds `path`, for messages.

    In a pattern `*` stands for any part of a name and `**` for any number of folders; with `**` only files count, as
    the folders hold them. Raises UserError where nothing is there, where a pattern matches nothing, and where a file
    is named twice, be it by itself and in a folder.
    """
    found = [match for item in ([path] if isinstance(path, str) else path) for match in _expand(item, key)]
    _check_once(found, key)
    return found


def list_members(path: Path) -> Iterator[Member]:
    """The files of the corpus at `path`, in a fixed order; hidden ones are left out.

    A stream must be read before the next member is taken: a tar archive is read from front to back, once. What must
    not be opened (a link, a name that leads outside the archive, an encrypted file) has a `Refused` for its opener.
    Raises UserError if nothing is there, and (while reading) if an archive is damaged or grows like a bomb.
    """
    with damage_reported(path):
        if not path.exists():
            raise UserError(_describe_absence(path))
        if path.is_dir():
            yield from _list_folder(path)
            return
        suffix = suffix_of(path.name)
        if suffix in DOCUMENTS:  # .docx is a zip archive, too
            raise UserError(
                f"{path}: {suffix} files cannot be read. Save the articles as text (.txt), or as a table (CSV, Excel)."
            )
        if suffix in (".7z", ".rar"):
            raise UserError(f"{path}: {suffix} archives cannot be read. Unpack it and set corpus.path to the folder.")
        if SUFFIXES.get(suffix) != "excel" and zipfile.is_zipfile(path):  # .xlsx is one, too
            yield from _list_zip(path)
        elif suffix == ".zip":
            raise UserError(_describe_damage(path, "the list of its files is not there"))
        elif _looks_like_tar(path):
            yield from _list_tar(path)
        else:
            yield "", partial(_open_file, path)


def choose_format(path: Path, format: str) -> str:
    """`format`, or for "auto" the one format that the suffixes at `path` tell; UserError for none, or several."""
    if format != "auto":
        return format
    members = [name or path.name for name, _ in list_members(path)]
    if not members:
        kind = "folder" if path.is_dir() else "archive"
        raise UserError(f"{path} is an empty {kind}. Put the articles there, or set corpus.path to where they are.")
    found = Counter(kind for name in members if (kind := SUFFIXES.get(suffix_of(name))))
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


def read_whole(stream: BinaryIO, where: str) -> bytes:
    """All of a stream; UserError if it is longer than MAX_WHOLE."""
    raw = read_at_most(stream, MAX_WHOLE)
    if raw is None:
        raise UserError(
            f"{where} has more than {MAX_WHOLE >> 20} MB, and a file of this format has to be held in memory as a "
            "whole. Divide it, or save it as CSV or as JSON lines, which are read row by row."
        )
    return raw


def read_at_most(stream: BinaryIO, limit: int) -> bytes | None:
    """All of a stream, or None if it has more than `limit` bytes."""
    raw = bytearray()
    while len(raw) <= limit:
        if not (chunk := stream.read(1 << 18)):  # a read of `limit` would set aside the memory for it
            return bytes(raw)
        raw += chunk
    return None


@contextmanager
def damage_reported(where: str | Path) -> Iterator[None]:
    """Turn what the decompressors raise for a damaged file, and a refused permission, into a UserError."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UserError(_describe_damage(where, error)) from error
    except NotImplementedError as error:  # zipfile's, for rare kinds of compression
        raise UserError(f"{where} cannot be unpacked here ({error}). Unpack it and set corpus.path.") from error
    except PermissionError as error:
        raise UserError(f"{where}: {error.filename or 'it'} may not be read. Change its permissions.") from error
    except OSError as error:
        raise UserError(f"{where} could not be read ({error}). Fetch or copy it again.") from error


def _expand(item: str, key: str) -> list[Path]:
    path = Path(item).expanduser()
    with damage_reported(path):
        if path.exists():  # a name may contain brackets
            return [path]
        if not has_magic(item):
            raise UserError(_describe_absence(path, key))
    matches = sorted(map(Path, glob(str(path), recursive=True)))  # noqa: PTH207 Path.glob takes no absolute pattern
    if "**" in item:
        matches = [match for match in matches if match.is_file()]
    if not matches:
        raise UserError(
            f"{key}: nothing matches the pattern {item} (seen from {Path.cwd()}). "
            "* stands for any part of a name, ** for any number of folders."
        )
    return matches


def _check_once(paths: list[Path], key: str) -> None:
    real = [path.resolve() for path in paths]
    first = {}
    for path, place in zip(paths, real, strict=True):
        if place in first:
            raise UserError(f"{key} names the same file twice: {first[place]} and {path}. Name it once.")
        first[place] = path
    for path, place in zip(paths, real, strict=True):
        for folder in place.parents:
            if folder in first:
                raise UserError(f"{key} names {path} twice: it lies in {first[folder]}, too. Name one of them.")


def _list_folder(folder: Path) -> Iterator[Member]:
    files = []
    for place, folders, names in os.walk(folder, onerror=_raise):  # rglob passes over what it may not read
        folders[:] = [name for name in folders if not _is_hidden(name)]
        files += [Path(place, name) for name in names if not _is_hidden(name)]
    for file in sorted(files):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), partial(_open_file, file)


def _raise(error: OSError) -> NoReturn:
    raise error


def _list_zip(path: Path) -> Iterator[Member]:
    whole = _Meter(path, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            name = info.filename
            if problem := _find_trap(name, is_link=stat.S_ISLNK(info.external_attr >> 16)):
                yield name, Refused(problem)
            elif info.is_dir() or _is_hidden(name):
                continue
            elif info.flag_bits & 1:
                yield name, Refused(f"{name} is encrypted: unpack the archive with its password and set corpus.path")
            else:
                meters = (whole, _Meter(f"{path}: {name}", info.compress_size))
                yield name, partial(_open_member, partial(archive.open, info), name, meters)


def _list_tar(path: Path) -> Iterator[Member]:
    meters = (_Meter(path, path.stat().st_size),)
    with _open_file(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # it would keep a record of each
            name = info.name.removeprefix("./")
            if problem := _find_trap(name, is_link=info.issym() or info.islnk()):
                yield name, Refused(problem)
            elif info.isfile() and not _is_hidden(name):
                yield name, partial(_open_member, partial(archive.extractfile, info), name, meters)


def _find_trap(name: str, *, is_link: bool) -> str | None:
    """Why a member must not be opened, if it must not."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or parts[:1] == ("/",) or re.match("[A-Za-z]:", name):
        return f"{name} leads outside the archive"
    return f"{name} is a link, and may lead outside the archive" if is_link and not _is_hidden(name) else None


def _open_member(opener: Callable[[], BinaryIO], name: str, meters: "tuple[_Meter, ...]") -> BinaryIO:
    stream = opener()
    if name.lower().endswith(".gz"):
        stream = gzip.GzipFile(fileobj=stream)
    elif isinstance(stream, tarfile.ExFileObject):  # not packed on its own: the archive's meter counts its bytes
        return stream
    return io.BufferedReader(_Metered(stream, meters), 1 << 16)


def _open_file(path: Path) -> BinaryIO:
    """The file's bytes, decompressed where its first ones say that it is compressed."""
    file = path.open("rb")
    magic = file.peek(6)
    for start, decompress in ((b"\x1f\x8b", gzip.GzipFile), (b"BZh", bz2.BZ2File), (b"\xfd7zXZ", lzma.LZMAFile)):
        if magic.startswith(start):
            file.close()
            meter = _Meter(path, path.stat().st_size)
            return io.BufferedReader(_Metered(decompress(path), (meter,)), 1 << 16)
    return file


class _Meter:
    """Counts what a compressed file has expanded to."""

    def __init__(self, where: str | Path, packed: int) -> None:
        self._where, self._packed, self._expanded = where, packed, 0

    def add(self, n: int) -> None:
        """Raise UserError where the file has grown so much that no text can be the reason."""
        self._expanded += n
        if self._expanded > max(_BOMB_BYTES, _BOMB_RATIO * self._packed):
            raise UserError(
                f"{self._where}: {self._packed:,} bytes have expanded to more than {self._expanded >> 20} MB, as no "
                "text does. If it is no trap, unpack it yourself and set corpus.path to the folder."
            )


class _Metered(io.RawIOBase):
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: BinaryIO, meters: tuple[_Meter, ...]) -> None:
        self._stream, self._meters = stream, meters

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        n = self._stream.readinto(buffer)
        for meter in self._meters:
            meter.add(n)
        return n

    def close(self) -> None:
        self._stream.close()
        super().close()


def _looks_like_tar(path: Path) -> bool:
    named_so = path.name.lower().endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))
    return named_so or tarfile.is_tarfile(path)  # the name tells of a damaged one, too


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _describe_damage(where: str | Path, reason: object) -> str:
    return f"{where} is damaged or was cut off ({reason}). Fetch or copy it again."


def _describe_absence(path: Path, key: str = "corpus.path") -> str:
    message = f"There is {'no corpus' if key == 'corpus.path' else 'nothing'} at {path} (seen from {Path.cwd()})."
    neighbours = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    if close := get_close_matches(path.name, neighbours, n=1):
        message += f" Did you mean {path.parent / close[0]}?"
    holds = "articles" if key == "corpus.path" else "tables"
    return f"{message} Set {key} to a file, a folder or an archive of {holds}."
