"""Rows of any corpus, one at a time: the same small record from tables, JSON, text and web pages."""

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from frameshift.corpus.documents import read_article, read_html, read_lines, read_pages
from frameshift.corpus.files import (
    ARCHIVES,
    DOCUMENTS,
    SUFFIXES,
    Refused,
    choose_format,
    damage_reported,
    list_members,
    suffix_of,
)
from frameshift.corpus.names import compile_names, read_name
from frameshift.corpus.records import (
    Reading,
    Record,
    check_columns,
    read_excel,
    read_json,
    read_json_lines,
    read_parquet,
)
from frameshift.corpus.separated import read_separated
from frameshift.errors import UserError

READERS: dict[str, Callable[[BinaryIO, str, Reading], Iterator[Record]]] = {
    "csv": read_separated,
    "tsv": read_separated,
    "jsonl": read_json_lines,
    "json": read_json,
    "parquet": read_parquet,
    "excel": read_excel,
    "html": read_html,
    "text": read_article,
    "pages": read_pages,
    "lines": read_lines,
}
WITHOUT_COLUMNS = ("html", "text", "pages", "lines")  # formats whose readers give our own fields


class Row(NamedTuple):
    """One article candidate.

    `row` is the line on which the record begins (CSV, TSV, JSON lines, pages, lines), the sheet's row (Excel), the
    record's place (a Parquet file, a list in a JSON file), or 1 (a file that is one article); all count from 1. Either
    `fields` (the keys of `columns` that are mapped, or what a document tells) or `problem`, why it cannot be read, is
    given.
    """

    file: str
    row: int
    fields: dict[str, str | date | None] | None
    problem: str | None


class _File(NamedTuple):
    """A file to read, or the problem with it; `own_name` is what corpus.file_names is about."""

    name: str
    own_name: str
    where: str  # as messages call it
    open: Callable[[], BinaryIO]
    problem: str | None


def read_rows(
    paths: str | Path | Sequence[str | Path],
    *,
    format: str,
    columns: Mapping[str, str | None],
    encoding: str = "auto",
    page_break: str | None = None,
    file_names: str | None = None,
    label: str | None = None,
) -> Iterator[Row]:
    """Read the corpus at `paths` row by row; `columns` maps our names (title, text, …) to the file's, or to None.

    `format` is one of files.FORMATS, and "auto" is decided for each path. `Row.file` begins with the path below the
    common folder, or, of a single path, with its name or `label`. In a folder or archive only files of the format are
    read; documents that cannot be (.docx, .pdf, …), archives within, and members that must not be opened become rows
    with a problem. Text and web pages have the fields title, text, date, source, url and language as far as they tell,
    whatever `columns` says; what the file's name tells by the pattern `file_names` comes first.

    Raises UserError for what no single row can be blamed for: nothing at a path, no rows, a damaged archive, a mapped
    column that is not there, an unknown encoding, a pattern that makes no sense.
    """
    paths = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    labels = _label(paths, label)
    names = compile_names(file_names) if file_names else None
    reading = Reading({ours: name for ours, name in columns.items() if name}, encoding, _compile_break(page_break))
    absent, found = set(reading.mapped.values()), {}
    n_rows = 0
    for path in paths:
        kind = choose_format(path, format)
        _check_use(kind, path, file_names=file_names, page_break=page_break)
        mapped = None if kind in WITHOUT_COLUMNS else reading.mapped
        for file in _list_files(path, kind, labels[path], is_alone=len(paths) == 1):
            told = read_name(file.own_name, names) if names else {}
            if told is None and not file.problem:
                file = file._replace(problem=f"its name does not fit corpus.file_names, {file_names!r}")
            for number, record, problem in _read_file(file, kind, reading):
                n_rows += 1
                if mapped and absent and record is not None:
                    absent -= record.keys()
                    found |= record
                yield _as_row(file.name, number, record, problem, mapped, told)
    if not n_rows:
        raise UserError(f"{_join(paths)} holds no rows of format {kind}. Check corpus.path and corpus.format.")
    if found:  # records of JSON need not have the same fields: a column is absent when no record has it
        check_columns(found, reading.mapped, where=_join(paths))


def _list_files(path: Path, kind: str, label: str, *, is_alone: bool) -> Iterator[_File]:
    for name, open_member in list_members(path):
        suffix, problem = suffix_of(name), None
        if isinstance(open_member, Refused):
            problem = open_member.problem
        elif name and suffix in DOCUMENTS:
            problem = f"{suffix} files cannot be read"
        elif name and suffix in ARCHIVES:
            problem = "archives within a folder or an archive are not opened; name it in corpus.path"
        elif name and SUFFIXES.get(suffix) != ("text" if kind in ("pages", "lines") else kind):
            continue
        full_name = f"{label}/{name}" if name else label
        own_name = (name or path.name) if is_alone else full_name
        yield _File(full_name, own_name, f"{path}: {name}" if name else str(path), open_member, problem)


def _read_file(file: _File, kind: str, reading: Reading) -> Iterator[Record]:
    if file.problem:
        yield 1, None, file.problem
        return
    with damage_reported(file.where), file.open() as stream:
        yield from READERS[kind](stream, file.where, reading)


def _label(paths: list[Path], label: str | None) -> dict[Path, str]:
    places = {path: path.parent.resolve() / path.name for path in paths}  # "." has no name, its place has one
    if len(paths) == 1:
        return {paths[0]: label or places[paths[0]].name}
    common = os.path.commonpath([place.parent for place in places.values()])
    return {path: place.relative_to(common).as_posix() for path, place in places.items()}


def _compile_break(page_break: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(page_break) if page_break else None
    except re.error as error:
        raise UserError(f"corpus.page_break: {page_break!r} is no regular expression ({error}). Correct it.") from error


def _check_use(kind: str, path: Path, *, file_names: str | None, page_break: str | None) -> None:
    """Raise UserError for a setting that would not be used, as its writer must have meant something by it."""
    if file_names and kind not in WITHOUT_COLUMNS:
        raise UserError(
            f"corpus.file_names is for formats {', '.join(WITHOUT_COLUMNS)}, and {path} is {kind}. Set it to null, and "
            "corpus.columns to the columns that hold the same."
        )
    if page_break and kind != "pages":
        raise UserError(
            f"corpus.page_break is for format pages, and {path} is read as {kind}. Set corpus.format to pages, or "
            "corpus.page_break to null."
        )


def _join(paths: list[Path]) -> str:
    return ", ".join(map(str, paths[:3])) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _as_row(
    file: str,
    number: int,
    record: dict | None,
    problem: str | None,
    mapped: Mapping[str, str] | None,
    told: Mapping[str, str] | None,
) -> Row:
    if record is None:
        return Row(file, number, None, problem)
    if mapped is None:
        return Row(file, number, {**record, **(told or {})}, None)
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
