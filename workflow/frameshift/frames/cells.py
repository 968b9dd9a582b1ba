"""What a cell of a coded table says, as tired people and their spreadsheets write it."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from frameshift.contracts import VOICES
from frameshift.errors import UserError
from frameshift.frames.records import find_name, read_cell, read_number

KEY = "frames.labels"
GUARD = r"^'([=+\-@])"  # a sheet has the apostrophe before a text that a spreadsheet would take for a formula
YES, NO = ("1", "true", "yes"), ("0", "false", "no")
_WHOLE = re.compile(r"(\d+)[.,]0+")


def read_code(record: Mapping[str, Any], column: str, values: set[str] | None, place: str) -> int | None:
    """1 where the cell has one of `values` (their forms) or, without values, a yes; None where it is empty.

    Raises UserError, naming `place`, for what is neither yes nor no.
    """
    written = form(record.get(column))
    if values is not None and written in values:
        return 1
    said = read_cell(record, column)
    if said is None:
        return None
    if values is not None:
        return 0
    if written in YES or written in NO:
        return int(written in YES)
    raise UserError(
        f"{place}: {column} is {said!r}; a code is 1 or 0 (yes or no, true or false). Where other words mean "
        f"that the entry is there, list them under `{KEY}` as values"
    )


def form(value: Any) -> str:
    """`value` as it is compared: without capitals, and a whole number without decimals."""
    said = "" if value is None else str(value).strip().casefold()
    number = _WHOLE.fullmatch(said)
    return number[1] if number else said


def forms_of(values: Sequence) -> set[str]:
    """The forms of `values`; an unquoted yes is true in YAML, and stands for every yes."""
    words = {True: YES, False: NO}
    return {word for value in values for word in (words[value] if isinstance(value, bool) else [form(value)])}


def read_voice(said: str | None, place: str) -> str | None:
    """One of VOICES, or None; UserError, naming `place`, for another word."""
    voice = None if said is None else find_name(VOICES, said)
    if said is not None and voice is None:
        raise UserError(f"{place}: voice is {said!r}; it is one of {', '.join(VOICES)}, or empty")
    return voice


def read_time(said: str | None, place: str) -> str | None:
    """An ISO 8601 time in UTC, which sorts as text; UserError, naming `place`, for another way of writing it."""
    if said is None:
        return None
    try:
        time = datetime.fromisoformat(said)
    except ValueError:
        raise UserError(
            f"{place}: coded_at is {said!r}; write it as 2024-01-31 or 2024-01-31 18:30, or leave it empty"
        ) from None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="milliseconds")


def read_probability(said: str | None, place: str) -> float:
    """In (0, 1], 1 where `said` is None; UserError, naming `place`, for anything else."""
    probability = 1.0 if said is None else read_number(said)
    if probability is None or not 0 < probability <= 1:
        raise UserError(
            f"{place}: probability is {said!r}; it is that with which the passage was drawn, above 0 up to 1, or empty "
            "where that is unknown"
        )
    return probability


def clean_text(text: str) -> str:
    """`text` as passages are (corpus/clean.py), without a guarding apostrophe."""
    return re.sub(GUARD, r"\1", " ".join(normalize("NFC", text).split()))
