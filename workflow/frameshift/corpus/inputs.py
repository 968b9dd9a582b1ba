"""Rows of any corpus, one at a time: the same small record from CSV, JSON, Parquet and plain text."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from frameshift.corpus.files import DOCUMENTS, SUFFIXES, choose_format, damage_reported, list_members, suffix_of
from frameshift.errors import UserError

csv.field_size_limit(2**31 - 1)  # an article may be longer than the 131,072 characters that the module allows


class Row(NamedTuple):
    """One article candidate.

    `row` is the line on which the record begins (CSV, TSV, JSON lines, lines), the record's place (a Parquet file, a
    list in a JSON file), or 1 (a file that is one article); lines and places count from 1. Either `fields` (the
    keys of `columns` that are mapped) or `problem`, why it cannot be read, is given.
    """

    file: str
    row: int
    fields: dict[str, str | date | None] | None
    problem: str | None


Record = tuple[int, dict[str, Any] | None, str | None]  # row, the record as the file has it, problem


def read_rows(
    path: str | Path, *, format: str, columns: Mapping[str, str | None], label: str | None = None
) -> Iterator[Row]:
    """Read the corpus at `path` row by row; `columns` maps our names (title, text, …) to the file's, or to None.

    `format` is one of files.FORMATS; `label` is how `Row.file` calls the corpus (its own name, if None). In a folder
    or archive only files of the format are read, and documents that cannot be (.docx, .pdf, …) become rows with
    a problem. The formats `text` and `lines` have no fields but the text, whatever `columns` says.

    Raises UserError for what no single row can be blamed for: nothing at `path`, no rows, a damaged archive, a text
    that is not UTF-8, a mapped column that is not there.
    """
    path = Path(path)
    label = label or path.name
    format = choose_format(path, format)
    mapped = {"text": "text"} if format in ("text", "lines") else {ours: name for ours, name in columns.items() if name}
    absent, found = set(mapped.values()), {}
    n_rows = 0
    for name, open_member in list_members(path):
        if name and suffix_of(name) in DOCUMENTS:
            n_rows += 1
            yield Row(f"{label}/{name}", 1, None, f"{suffix_of(name)} files cannot be read")
        if name and not _is_of_format(name, format):
            continue
        where = f"{path}: {name}" if name else str(path)
        with damage_reported(path), open_member() as stream:
            for number, record, problem in READERS[format](stream, where, mapped):
                n_rows += 1
                if record is not None and absent:
                    absent -= record.keys()
                    found |= record
                yield _as_row(f"{label}/{name}" if name else label, number, record, problem, mapped)
    if not n_rows:
        raise UserError(f"{path} holds no rows of format {format}. Check corpus.path and corpus.format.")
    if found:  # records of JSON need not have the same fields: a column is absent when no record has it
        check_columns(found, mapped, where=str(path))


def check_columns(found: Iterable[str], mapped: Mapping[str, str], *, where: str) -> None:
    """Raise UserError if a column that is mapped is not among those found, naming the closest."""
    found = list(found)
    for ours, name in mapped.items():
        if name not in found:
            close = get_close_matches(name, found, n=1)
            raise UserError(
                f"{where} has no column {name!r} (corpus.columns.{ours}). "
                + (f"Did you mean {close[0]!r}? " if close else "")
                + f"Columns found: {', '.join(map(repr, found))}. "
                + f"Set corpus.columns.{ours} to one of them"
                + ("." if ours == "text" else ", or to null if the corpus has none.")
            )


def _is_of_format(name: str, format: str) -> bool:
    return SUFFIXES.get(suffix_of(name)) == ("text" if format == "lines" else format)


def _as_row(file: str, number: int, record: dict | None, problem: str | None, mapped: Mapping[str, str]) -> Row:
    if record is None:
        return Row(file, number, None, problem)
    try:
        return Row(file, number, {ours: _as_value(record.get(name), name) for ours, name in mapped.items()}, None)
    except ValueError as error:
        return Row(file, number, None, str(error))


def _as_value(value: Any, name: str) -> str | date | None:
    if value is None or isinstance(value, str | date):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)  # a list of paragraphs
    if isinstance(value, dict | list):
        raise ValueError(f"field {name!r} holds a {type(value).__name__}, not text")
    if isinstance(value, float) and math.isnan(value):
        return None
    return str(value)


def _decode(raw: bytes, where: str, *, line: int = 1, offset: int = 0) -> str:
    """`raw` as UTF-8; a byte order mark at the beginning of the file is dropped."""
    try:
        return raw.decode("utf-8" if offset else "utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (
            3 if not offset and raw.startswith(b"\xef\xbb\xbf") else 0
        )  # the codec's count: after it
        line += raw.count(b"\n", 0, start)
        raise UserError(
            f"{where}: byte {offset + start + 1} (line {line}) is 0x{raw[start]:02x}, which is not UTF-8. Convert the "
            "file, for example: iconv -f WINDOWS-1252 -t UTF-8 old > new (UTF-16 in place of WINDOWS-1252 if Excel "
            "wrote it as Unicode text)."
        ) from error


class _Lines:
    """Decoded lines of a stream, with the number of the last one and the way back to the start of a record."""

    def __init__(self, stream: BinaryIO, where: str) -> None:
        self._stream, self._where = stream, where
        self._offset = self._read = 0
        self._ahead: list[str] = []  # lines given back, the next one last
        self.taken: list[str] = []  # lines since the record began
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._ahead:
            line = self._ahead.pop()
        else:
            raw = self._stream.readline()
            if not raw:
                raise StopIteration
            self._read += 1
            line = _decode(raw, self._where, line=self._read, offset=self._offset)
            self._offset += len(raw)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        back = self.taken[1:]
        self._ahead.extend(reversed(back))
        self.number -= len(back)
        self.taken = self.taken[:1]


def _read_separated(stream: BinaryIO, where: str, mapped: Mapping[str, str], *, tabs: bool) -> Iterator[Record]:
    """Records of a CSV or TSV file with a header; semicolons are understood where the header has no comma.

    A quote that is opened and never closed, or closed inside a field, costs its own line and no more: reading
    resumes on the next line, where a plain reader would swallow everything up to the next quote.
    """
    lines = _Lines(stream, where)
    first = next(lines, "")
    lines.taken.clear()
    separator = "\t" if tabs else ";" if ";" in first and "," not in first else ","
    header = next(csv.reader([first], delimiter=separator), [])
    if first:
        check_columns(header, mapped, where=where)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        start = lines.number + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            lines.give_back_all_but_first()
            yield start, None, f"broken quotes ({error})"
        else:
            if values is None:
                return
            if values and len(values) == len(header):
                yield start, dict(zip(header, values, strict=True)), None
            elif values:
                span = f" (lines {start} to {lines.number})" if lines.number > start else ""
                yield start, None, f"{len(values)} columns where the header has {len(header)}{span}"
        lines.taken.clear()


def _read_csv(stream: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Record]:
    return _read_separated(stream, where, mapped, tabs=False)


def _read_tsv(stream: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Record]:
    return _read_separated(stream, where, mapped, tabs=True)


def _read_json_lines(stream: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Record]:
    for number, line in _numbered_lines(stream, where):
        try:
            yield _as_record(number, json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            yield number, None, f"broken JSON ({error})"


def _read_json(stream: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Record]:
    """A file that is one object, a list of objects, or, against its name, one object a line."""
    raw = stream.read()
    text = _decode(raw, where)
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        if str(error).startswith("Extra data") and "\n" in text.strip():
            yield from _read_json_lines(io.BytesIO(raw), where, mapped)
        else:
            yield 1, None, f"broken JSON ({error})"
        return
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield _as_record(number, item)


def _as_record(number: int, value: Any) -> Record:
    if isinstance(value, dict):
        return number, value, None
    return number, None, f"not a JSON object but a {type(value).__name__}"


def _read_parquet(stream: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Record]:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        on_disk = isinstance(getattr(stream, "raw", None), io.FileIO)
        file = ParquetFile(stream if on_disk else io.BytesIO(stream.read()))  # Parquet is read from its end
        check_columns(file.schema_arrow.names, mapped, where=where)
        number = 0
        for batch in file.iter_batches(batch_size=1000, columns=list(mapped.values())):
            for record in batch.to_pylist():
                number += 1
                yield number, record, None
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{where} is not a readable Parquet file ({error}). Write or copy it again.") from error


def _read_text(stream: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Record]:
    yield 1, {"text": _decode(stream.read(), where)}, None


def _read_lines(stream: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Record]:
    for number, line in _numbered_lines(stream, where):
        yield number, {"text": line}, None


def _numbered_lines(stream: BinaryIO, where: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers."""
    lines = _Lines(stream, where)
    for line in lines:
        lines.taken.clear()
        if line.strip():
            yield lines.number, line


READERS: dict[str, Callable[[BinaryIO, str, Mapping[str, str]], Iterator[Record]]] = {
    "csv": _read_csv,
    "tsv": _read_tsv,
    "jsonl": _read_json_lines,
    "json": _read_json,
    "parquet": _read_parquet,
    "text": _read_text,
    "lines": _read_lines,
}
