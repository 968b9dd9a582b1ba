"""Dates as the corpus writes them, read in the formats that the configuration states and in no other."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

DATE_PROBLEMS = ("missing", "unparsable", "out of range")


def parse_date(
    value: str | date | None, *, formats: Sequence[str], earliest: date, latest: date
) -> tuple[date | None, str | None]:
    """Read one date; return (date, None), or (None, problem) with a problem of DATE_PROBLEMS.

    `formats` (of `datetime.strptime`) are tried in order and the first that fits the whole value wins: with
    ["%d/%m/%Y", "%m/%d/%Y"], 3/4/2015 is the third of April. A time of day or a time zone must be part of the format;
    the date is kept as written, without conversion between zones. A date before `earliest` or after `latest`, such as
    the years 0001 and 2050 that archives use for "unknown", is out of range.
    """
    if isinstance(value, str):
        value = value.strip()
    if not value:
        return None, "missing"
    found = _parse(value, tuple(formats)) if isinstance(value, str) else _day(value)
    if found is None:
        return None, "unparsable"
    if not earliest <= found <= latest:
        return None, "out of range"
    return found, None


@lru_cache(maxsize=65536)  # a corpus has few distinct dates, and strptime is slow
def _parse(value: str, formats: tuple[str, ...]) -> date | None:
    for pattern in formats:
        try:
            return datetime.strptime(value, pattern).date()
        except ValueError:
            continue
    return None


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
