"""Records with named fields from JSON, JSON lines, Parquet and Excel."""

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, BinaryIO, NamedTuple

from frameshift.corpus.encoding import Lines, read_text
from frameshift.corpus.files import MAX_WHOLE, read_whole
from frameshift.errors import UserError

Record = tuple[int, dict[str, Any] | None, str | None]  # row, the record as the file has it, problem


class Reading(NamedTuple):
    """How files are read: what the configuration says about them."""

    mapped: Mapping[str, str]  # our names of the columns that are mapped: the file's
    encoding: str = "auto"
    page_break: re.Pattern[str] | None = None


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


def read_json_lines(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """One object a line; blank lines are passed over."""
    lines = Lines(stream, where, encoding=reading.encoding)
    for line in lines:
        if problem := lines.end_record():
            yield lines.number, None, problem
        elif not line.isspace():
            try:
                yield _as_record(lines.number, json.loads(line))
            except (json.JSONDecodeError, RecursionError) as error:
                yield lines.number, None, f"broken JSON ({error})"


def read_json(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """A file that is one object, a list of objects, or, against its name, one object a line."""
    raw = read_whole(stream, where)
    text, problem = read_text(io.BytesIO(raw), where, encoding=reading.encoding, limit=MAX_WHOLE)
    if problem:
        yield 1, None, problem
        return
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        if str(error).startswith("Extra data") and "\n" in text.strip():
            yield from read_json_lines(io.BytesIO(raw), where, reading)
        else:
            yield 1, None, f"broken JSON ({error})"
        return
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield _as_record(number, item)


def read_parquet(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """The rows of a Parquet file, from 1, of which only the mapped columns are read (all, if none is mapped)."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        on_disk = isinstance(getattr(stream, "raw", None), io.FileIO)
        file = ParquetFile(stream if on_disk else io.BytesIO(read_whole(stream, where)))  # it is read from its end
        check_columns(file.schema_arrow.names, reading.mapped, where=where)
        number = 0
        for batch in file.iter_batches(batch_size=1000, columns=list(reading.mapped.values()) or None):
            for record in batch.to_pylist():
                number += 1
                yield number, record, None
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{where} is not a readable Parquet file ({error}). Write or copy it again.") from error


def read_excel(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """The rows of the first sheet that has any, under a header that is the first row which is not empty.

    Row numbers are the sheet's. Sheets that are passed over are named in the log.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    from frameshift.jobs import log

    try:
        book = CalamineWorkbook.from_object(io.BytesIO(read_whole(stream, where)))
        names = [name for name in book.sheet_names if book.get_sheet_by_name(name).height > 1]
        rows = book.get_sheet_by_name(names[0]).iter_rows() if names else iter(())
        filled = ((number, row) for number, row in enumerate(rows, start=1) if any(cell != "" for cell in row))
        _, header = next(filled, (0, []))
        header = [str(cell) for cell in header]
        if names:
            check_columns(header, reading.mapped, where=where)
        if names[1:]:
            log.warning(
                "Warning: %s: only the sheet %r is read, not %s; save each as a file of its own to have all",
                *(where, names[0], ", ".join(map(repr, names[1:]))),
            )
        for number, row in filled:
            yield number, dict(zip(header, map(_read_cell, row), strict=True)), None
    except CalamineError as error:
        raise UserError(f"{where} is not a readable Excel file ({error}). Save it again, or as CSV.") from error


def _read_cell(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer():  # a sheet knows no whole numbers
        return int(cell)
    return None if cell == "" else cell


def _as_record(number: int, value: Any) -> Record:
    if isinstance(value, dict):
        return number, value, None
    return number, None, f"not a JSON object but a {type(value).__name__}"
