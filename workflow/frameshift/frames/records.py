"""Tables that people bring beside the articles: labels, and scores from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import groupby
from math import isfinite
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from frameshift.corpus.files import SUFFIXES, damage_reported, find_inputs, list_members, suffix_of
from frameshift.corpus.inputs import READERS
from frameshift.corpus.records import Reading
from frameshift.errors import UserError

TABLES = ("csv", "tsv", "jsonl", "json", "parquet", "excel")
_BLANK = ("", "na", "nan")  # what R and pandas write where there is nothing
_LOCK = "~$"  # Excel's own beside an open workbook


class Table(NamedTuple):
    """The records of one file. `columns` are all that any record has: those of JSON need not have the same."""

    where: str
    columns: tuple[str, ...]
    records: list[tuple[int, dict[str, Any]]]  # row, fields


def read_tables(path: str, *, key: str) -> list[Table]:
    """What read_records reads, by file. Files without records are left out."""
    files = groupby(read_records(path, key=key), lambda found: found[0])
    rows = ((where, [(row, record) for _, row, record in found]) for where, found in files)
    return [Table(where, tuple(dict.fromkeys(c for _, r in records for c in r)), records) for where, records in rows]


def read_records(path: str, *, key: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """File, row and fields of every record at `path`: a file, a folder, an archive or a pattern of tables.

    `key` is the configuration's that names the path. Files that are no tables, and rows in which nothing stands, are
    passed over; blanks around the names of columns are dropped. Raises UserError where nothing is there, where no file
    is a table, and for a row that cannot be read.
    """
    n_tables = 0
    for place in find_inputs(path, key=key):
        for name, open_member in list_members(place):
            file = PurePosixPath(name or place.name).name
            kind = SUFFIXES.get(suffix_of(file))
            if kind not in TABLES or file.startswith(_LOCK):
                continue
            n_tables += 1
            where = f"{place}/{name}" if name else str(place)
            with damage_reported(where), open_member() as stream:
                for row, record, problem in READERS[kind](stream, where, Reading({})):
                    if record is None:
                        raise UserError(f"{where}, row {row}: {problem}; correct the row or take it out")
                    if any(value is not None and value != "" for value in record.values()):
                        yield where, row, {str(column).strip(): value for column, value in record.items()}
    if not n_tables:
        endings = ", ".join(ending for ending, kind in SUFFIXES.items() if kind in TABLES)
        raise UserError(f"{key}: {path} is no table and holds none; save it as CSV, Excel, JSON or Parquet ({endings})")


def find_name(names: Iterable[str], wanted: str) -> str | None:
    """The one of `names` that is `wanted`, if need be but for capitals; None where there is none.

    >>> find_name(["Threat", "text"], "threat")
    'Threat'
    """
    names = list(names)
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    return wanted if wanted in names else next(iter(alike), None)


def need_column(columns: Iterable[str], wanted: str, *, where: str, key: str) -> str:
    """find_name for a column that must be there; UserError names the columns that are."""
    columns = list(columns)
    column = find_name(columns, wanted)
    if column is None:
        close = get_close_matches(wanted, columns, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise UserError(f"{where} has no column {wanted!r} ({key}); {hint}it has {', '.join(map(repr, columns))}")
    return column


def read_cell(record: Mapping[str, Any], column: str | None) -> str | None:
    """What stands in a field, without blanks around it; None where it is empty, NA or not there."""
    value = record.get(column)
    said = "" if value is None else str(value).strip()
    return None if said.lower() in _BLANK else said


def read_number(said: str | None) -> float | None:
    """The number that `said` is, with a point or a comma before its decimals; None where it is none, or not finite.

    >>> read_number("0,3")
    0.3
    """
    try:
        number = float((said or "").replace(",", ".", 1))
    except ValueError:
        return None
    return number if isfinite(number) else None
