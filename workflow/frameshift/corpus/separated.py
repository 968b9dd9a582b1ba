"""Records from text with separators: CSV, TSV and their relatives."""

import csv
import re
from collections.abc import Collection, Iterator
from typing import BinaryIO

from frameshift.corpus.encoding import Lines
from frameshift.corpus.records import Reading, Record, check_columns
from frameshift.errors import UserError

csv.field_size_limit(2**31 - 1)  # an article may be longer than the 131,072 characters that the module allows

SEPARATORS = (",", ";", "\t", "|")
_STATED = re.compile(r'"?sep=([^\w\s"]|\t)"?\s*', re.IGNORECASE)  # Excel's first line that tells the separator


def read_separated(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """Records of a file with a header; `row` is the line on which a record begins.

    A quote that is opened and never closed, or closed inside a field, costs its own line and no more: reading resumes
    on the next line, where a plain reader would swallow everything up to the next quote. A record of which a line
    cannot be decoded is lost as a whole, and no other with it.
    """
    lines = Lines(stream, where, encoding=reading.encoding)
    first = _next_filled(lines)
    if stated := _STATED.fullmatch(first):
        first = _next_filled(lines)
    if problem := lines.end_record():
        raise UserError(f"{where}: the header cannot be read: {problem}.")
    if "\r" in first.rstrip("\r\n"):
        raise UserError(f"{where} has the line ends of old Macs. Save it again, as CSV UTF-8.")
    separator = stated[1] if stated else detect_separator(first, wanted=reading.mapped.values())
    header = _split(first, separator)
    if first:
        _check_header(header, reading, where)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        start = lines.number + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            lines.give_back_all_but_first()
            yield start, None, lines.end_record() or f"broken quotes ({error})"
        else:
            if values is None:
                return
            if problem := lines.end_record():
                yield start, None, problem
            elif values and len(values) == len(header):
                yield start, dict(zip(header, values, strict=True)), None
            elif values:
                span = f" (lines {start} to {lines.number})" if lines.number > start else ""
                yield start, None, f"{len(values)} columns where the header has {len(header)}{span}"


def detect_separator(header: str, *, wanted: Collection[str] = ()) -> str:
    """The separator with which most of the `wanted` names are columns of the header, and else most columns at all."""

    def count(separator: str) -> tuple[int, int]:
        names = _split(header, separator)
        return len(set(names) & set(wanted)), len(names)

    return max(SEPARATORS, key=count)


def _next_filled(lines: Lines) -> str:
    return next((line for line in lines if not line.isspace()), "")


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _check_header(header: list[str], reading: Reading, where: str) -> None:
    check_columns(header, reading.mapped, where=where)
    for ours, name in reading.mapped.items():
        if header.count(name) > 1:
            raise UserError(f"{where} has several columns {name!r} (corpus.columns.{ours}). Give each its own name.")
