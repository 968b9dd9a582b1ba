"""Dates in the forms that corpora use, each with its precision: the day, the month or the year.

A date is read where it can mean one thing only, and else not at all. General parsers cannot be used for that:
python-dateutil and dateparser complete 2015-03 with today's day, read 4/13/2015 as April where the day is said to come
first, and drop a time zone of which they know only the name. What libraries do exactly is theirs: ISO 8601 is Python's,
names of months and days are those of the Unicode CLDR (babel), the calendars of places those of the IANA (zoneinfo).
"""

import calendar
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo, available_timezones

from frameshift.errors import UserError

DATE_PROBLEMS = ("missing", "unparsable", "out of range")

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pl", "pt")  # no name in them stands for two months
NO_DATE = {  # besides 0000-00-00, which MySQL writes
    *("", "-", "--", "–", "—", "?", "<na>", "n.a.", "n.d.", "n/a", "na", "nan", "nat", "nil", "no date", "none"),
    *("null", "undated", "unknown"),
}
ZONES = {  # whose clocks are meant: EST is often written in summer too, and ET always
    **dict.fromkeys(["Z", "UT", "UTC", "GMT"], "UTC"),
    **dict.fromkeys(["ET", "EST", "EDT"], "America/New_York"),
    **dict.fromkeys(["CT", "CST", "CDT"], "America/Chicago"),
    **dict.fromkeys(["MT", "MST", "MDT"], "America/Denver"),
    **dict.fromkeys(["PT", "PST", "PDT"], "America/Los_Angeles"),
    **dict.fromkeys(["CET", "CEST"], "Europe/Berlin"),
    **dict.fromkeys(["AEST", "AEDT"], "Australia/Sydney"),
    "BST": "Europe/London",
}

_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d|\d{8})(?:[T ]\d.*)?")
_DIGITS = re.compile(r"(?P<whole>\d+)(?P<fraction>\.\d+)?")
_CLOCK = re.compile(  # a time of day: 10:15, 10:15:30.5, 10:15 p.m., 10pm, 10.15 Uhr; with GMT, +0100 or -05:00
    r"(?:^|(?<=\d)T|[\s,;|–-]+(?:(?:at|um|om|à)\s+)?)"
    r"(?P<hour>[01]?\d|2[0-3])(?=[:h]\d\d|(?:[:.]\d\d)?\s*(?:[ap]\.?m\b|uhr))"
    r"(?:[:.h](?P<minute>[0-5]\d))?(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?"
    r"(?:\s*(?:(?P<half>[ap])\.?m\b\.?|uhr))?"
    r"(?:\s*(?-i:(?P<name>[A-Z]{1,5}))\b)?"
    r"(?:\s*(?P<offset>[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)(?!\d))?"
    r"(?:\s*(?:\([^)]*\)|UTC))?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"(?P<word>[^\W\d_]+(?:-[^\W\d_]+)?)\.?(?:,\s*|\s+)(?P<rest>\S.*)")

_MONTH, _DAY, _YEAR = r"(?P<month>[^\W\d_]{3,})\.?", r"(?P<day>\d\d?)", r"(?P<year>\d{4}|\d\d)"
_NTH, _OF = r"(?:(?:st|nd|rd|th|er|[oa°])(?![^\W\d_])|\.)?", r"(?:(?:of|de|del|di)\s+)?"
_BETWEEN = r"[\s.,/-]"
_SHAPES = [
    re.compile(shape, re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})(?:[-/](?P<month>\d\d?))?",
        r"(?P<month>\d\d?)\s*[-/.]\s*(?P<year>\d{4})",
        rf"(?P<year>\d{{4}})(?P<sep>\s*[-/.]\s*)(?P<month>\d\d?)(?P=sep){_DAY}\.?",
        rf"(?P<first>\d\d?)(?P<sep>\s*[-/.]\s*)(?P<second>\d\d?)(?P=sep){_YEAR}",
        rf"{_DAY}{_NTH}{_BETWEEN}*{_OF}{_MONTH}{_BETWEEN}*{_OF}{_YEAR}(?:\s*r\.?)?",
        rf"{_MONTH}{_BETWEEN}*{_DAY}{_NTH}{_BETWEEN}+{_YEAR}",
        rf"{_MONTH}{_BETWEEN}*{_OF}(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}}){_BETWEEN}*{_MONTH}(?:{_BETWEEN}*{_DAY}{_NTH})?",
    )
]

Found = tuple[date, str] | None  # the first day of what was found, and its precision


class DateRules(NamedTuple):
    """How dates are read: the configuration's section `corpus.dates`, checked."""

    order: str | None  # dmy or mdy: what 3/4/2015 means; None: it is not read
    formats: tuple[str, ...]  # of datetime.strptime, tried first
    zone: ZoneInfo | None
    earliest: date
    latest: date


class ParsedDate(NamedTuple):
    """A date (the first day of a month or year), its precision (day, month, year); or one of DATE_PROBLEMS."""

    date: date | None
    precision: str | None
    problem: str | None


class DateSample(NamedTuple):
    """What a sample tells about the dates of a corpus."""

    order: str | None  # dmy or mdy where the sample proves it and nothing in it contradicts
    n_values: int  # that are not missing
    n_parsed: int  # of these, with that order
    example: str | None  # the first that is not parsed


def read_date_rules(dates: Mapping[str, Any]) -> DateRules:
    """The rules from the configuration's section `corpus.dates`.

    Raises UserError for a zone that the time zone database lacks, and for a format that strptime cannot read or that
    has no year.
    """
    for pattern in dates["formats"]:
        _check_format(pattern)
    return DateRules(
        order=dates["order"],
        formats=tuple(dates["formats"]),
        zone=_find_zone(dates["zone"]) if dates["zone"] else None,
        earliest=date.fromisoformat(str(dates["earliest"])),  # YAML reads dates, JSON gives strings
        latest=date.fromisoformat(str(dates["latest"])),
    )


def parse_date(value: str | date | None, rules: DateRules) -> ParsedDate:
    """Read one date, in one of `rules.formats` or any form below; what could mean two days is unparsable.

    - 2015, 2015-03, 2015-03-04, 20150304, 2015/03/04, 03/2015; MySQL's 2015-03-00 is a month
    - March 3, 2015; Tue, 3rd of Mar. 2015; 03-Mar-15; March 2015; the names of LANGUAGES with or without accents
    - 3/4/2015, 3.4.15, 3-4-2015 by `rules.order`. Without an order only what fits one order: 13/4/2015, 5/5/2015; and
      not 15-03-04, which may begin with the year. With an order, what does not fit it is unparsable and not swapped.
    - with a time of day behind, before or inside (Tue Mar 3 10:00:00 +0000 2015), and Unix times of 10 digits
      (seconds) or 13 (milliseconds)

    A time with a zone counts on the day it was in `rules.zone`; without one, or where `rules.zone` is None, on the day
    as written. Unix times are UTC's where `rules.zone` is None. A zone known by an unfamiliar abbreviation only cannot
    be converted: unparsable. Years of two digits are 1969 to 2068, as in strptime, or where that is out of range, the
    latest that is not. What is written for "no date" (NO_DATE, 0000-00-00) is missing. A month or year is out of range
    where all its days are.
    """
    if isinstance(value, str):
        return _parse(value.strip(), rules)
    if value is None:
        return ParsedDate(None, None, "missing")
    return _judge((_day_of(value, rules.zone) if isinstance(value, datetime) else value, "day"), rules)


def describe_dates(values: Iterable[str]) -> DateSample:
    """The order of day and month that a sample of values proves, and how many of them can be read with it.

    A value proves an order where it is a date in that one only. Without proof, or with proofs of both, the order is
    None. Bounds are left out of account.
    """
    values = [value for value in map(str.strip, values) if not _is_missing(value)]
    plain, dmy, mdy = (DateRules(order, (), None, date.min, date.max) for order in (None, "dmy", "mdy"))
    proofs = set()
    for value in values:
        if parse_date(value, plain).date and parse_date(value, dmy) != parse_date(value, mdy):
            proofs.add("dmy" if parse_date(value, dmy).date else "mdy")
    order = proofs.pop() if len(proofs) == 1 else None
    unread = [value for value in values if not parse_date(value, plain._replace(order=order)).date]
    return DateSample(order, len(values), len(values) - len(unread), unread[0] if unread else None)


def _find_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown; no name of a file; a folder, such as Europe
        names = available_timezones()
        if not names:
            raise UserError(
                f"corpus.dates.zone: {name!r} cannot be looked up, because this machine has no time zone database. "
                "Install the Python package tzdata, or set corpus.dates.zone to null."
            ) from error
        close = get_close_matches(name, sorted(names), n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "give one such as Europe/London, or null"
        raise UserError(f"corpus.dates.zone: the time zone database has no {name!r}; {hint}") from error


def _check_format(pattern: str) -> None:
    sample = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    try:
        year = datetime.strptime(sample.strftime(pattern), pattern).year
    except ValueError as error:
        raise UserError(f"corpus.dates.formats: {pattern!r} is no format of Python's strptime ({error})") from error
    if year != sample.year:
        raise UserError(f"corpus.dates.formats: {pattern!r} has no year; add %Y (2015) or %y (15) where it stands")


def _is_missing(value: str) -> bool:
    return value.casefold() in NO_DATE or value.startswith("0000-00-00")


@lru_cache(maxsize=65536)  # most corpora have few distinct dates
def _parse(value: str, rules: DateRules) -> ParsedDate:
    if _is_missing(value):
        return ParsedDate(None, None, "missing")
    return _judge(
        _read_formats(value, rules)
        or _read_iso(value, rules.zone)
        or _read_digits(value, rules.zone)
        or _read_written(normalize("NFKC", value), rules),
        rules,
    )


def _judge(found: Found, rules: DateRules) -> ParsedDate:
    if found is None:
        return ParsedDate(None, None, "unparsable")
    first, precision = found
    last = first
    if precision == "year":
        last = first.replace(month=12, day=31)
    elif precision == "month":
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    if first > rules.latest or last < rules.earliest:
        return ParsedDate(None, None, "out of range")
    return ParsedDate(first, precision, None)


def _read_formats(value: str, rules: DateRules) -> Found:
    for pattern in rules.formats:
        try:
            day = _day_of(datetime.strptime(value, pattern), rules.zone)
        except ValueError:
            continue
        if "%y" in pattern:
            day = _make_date(f"{day.year % 100:02d}", day.month, day.day, rules) or day
        return day, _precision_of(pattern)
    return None


@lru_cache
def _precision_of(pattern: str) -> str:
    directives = set(re.findall(r"%(.)", pattern))
    if directives & set("djcxUWV"):  # strptime reads a week's number only together with its day
        return "day"
    return "month" if directives & set("mbB") else "year"


def _read_iso(value: str, zone: ZoneInfo | None) -> Found:
    if _ISO.fullmatch(value):
        with suppress(ValueError):
            return _day_of(datetime.fromisoformat(value), zone), "day"
    return None


def _read_digits(value: str, zone: ZoneInfo | None) -> Found:
    """A year, a date and time without any signs between, or a Unix time; of what is read as a number, 2015.0 too."""
    match = _DIGITS.fullmatch(value)
    if not match:
        return None
    digits, whole = match["whole"], not (match["fraction"] or "").strip(".0")
    if len(digits) == 10:
        if digits > "1900" and _read_iso(f"{digits[:8]}T{digits[8:]}", zone):
            return None  # 2015030410 is a second in 2033, but rather means an hour in 2015
        return datetime.fromtimestamp(int(digits), zone or UTC).date(), "day"
    if len(digits) == 13:
        return datetime.fromtimestamp(int(digits) // 1000, zone or UTC).date(), "day"
    if whole and len(digits) in (8, 12, 14):
        return _read_iso(f"{digits[:8]}T{digits[8:]}" if len(digits) > 8 else digits, zone)
    day = _date(int(digits), 1, 1) if whole and len(digits) == 4 else None
    return day and (day, "year")


def _read_written(value: str, rules: DateRules) -> Found:
    """A date in one of _SHAPES, after a weekday or not, with a time of day or not."""
    clock = _CLOCK.search(value)
    text = f"{value[: clock.start()]} {value[clock.end() :]}".strip(" ,;|–-") if clock else value
    found = _read_shapes(text, rules)
    if found is None and (match := _WEEKDAY.fullmatch(text)) and _fold(match["word"]) in _weekdays():
        found = _read_shapes(match["rest"], rules)
    if found is None or clock is None:
        return found
    return _place(found, clock, rules.zone)


def _place(found: tuple[date, str], clock: re.Match, zone: ZoneInfo | None) -> Found:
    """The day that it was in `zone`, if there is one; nothing where the time's own zone is not known."""
    day, precision = found
    if precision != "day":
        return None
    if zone is None or not (clock["name"] or clock["offset"]):
        return found
    if clock["offset"]:
        sign, digits = clock["offset"][0], clock["offset"][1:].replace(":", "").ljust(4, "0")
        away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        own = timezone(-away if sign == "-" else away)
    elif clock["name"] in ZONES:
        own = ZoneInfo(ZONES[clock["name"]])
    else:
        return None
    hour = int(clock["hour"])
    if clock["half"] and hour <= 12:
        hour = hour % 12 + 12 * (clock["half"] in "pP")
    when = datetime(day.year, day.month, day.day, hour, int(clock["minute"] or 0), tzinfo=own)
    return _day_of(when, zone), "day"


def _read_shapes(text: str, rules: DateRules) -> Found:
    for shape in _SHAPES:
        if match := shape.fullmatch(text):
            parts = match.groupdict()
            return _read_numbers(parts, rules) if "first" in parts else _read_parts(parts, rules)
    return None


def _read_parts(parts: Mapping[str, str | None], rules: DateRules) -> Found:
    """A date of which each part is known to be the year, the month or the day."""
    name, number = parts.get("month"), parts.get("day")
    known_day = number is not None and number != "00"
    if name is None or name == "00":
        day, precision = (None if known_day else _date(int(parts["year"]), 1, 1)), "year"
    else:
        month = int(name) if name.isdigit() else _months().get(_fold(name), 0)
        day = _make_date(parts["year"], month, int(number) if known_day else 1, rules)
        precision = "day" if known_day else "month"
    return day and (day, precision)


def _read_numbers(parts: Mapping[str, str], rules: DateRules) -> Found:
    """A date whose first two numbers are a day and a month; without an order, if it can mean one day only."""
    first, second, year = int(parts["first"]), int(parts["second"]), parts["year"]
    readings = {"dmy": _make_date(year, second, first, rules), "mdy": _make_date(year, first, second, rules)}
    if rules.order:
        day = readings[rules.order]
    else:
        if len(year) == 2 and "-" in parts["sep"]:
            readings["ymd"] = _make_date(f"{first:02d}", second, int(year), rules)
        possible = {*readings.values()} - {None}
        day = possible.pop() if len(possible) == 1 else None
    return day and (day, "day")


def _make_date(year: str, month: int, day: int, rules: DateRules) -> date | None:
    """The date, if there is such a day; a year of two digits in the century that parse_date promises."""
    number = int(year)
    years = [number]
    if len(year) == 2:
        years = [number + (1900 if number >= 69 else 2000), *range(number + 2000, 0, -100)]
    dates = [found for year in years if (found := _date(year, month, day))]
    return next((found for found in dates if rules.earliest <= found <= rules.latest), dates[0] if dates else None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_of(when: datetime, zone: ZoneInfo | None) -> date:
    if zone and when.tzinfo:
        with suppress(OverflowError):  # in the years 1 and 9999, which are out of range anyway
            when = when.astimezone(zone)
    return when.date()


@lru_cache
def _months() -> dict[str, int]:
    """Number of the month by its names and abbreviations, folded, in LANGUAGES."""
    return {
        _fold(name): number
        for locale in _locales()
        for names in _forms(locale.months)
        for number, name in names.items()
    }


@lru_cache
def _weekdays() -> set[str]:
    names = {_fold(name) for locale in _locales() for names in _forms(locale.days) for name in names.values()}
    return names | {"tues", "weds", "thur", "thurs"}


def _locales() -> list:
    from babel import Locale

    return [Locale.parse(language) for language in LANGUAGES]


def _forms(names: Mapping) -> list[Mapping[int, str]]:
    """Names as in "3 March" and by themselves, in full and abbreviated."""
    return [names[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated")]


def _fold(word: str) -> str:
    """`word` without case, accents and a final dot."""
    return "".join(c for c in normalize("NFKD", word.casefold()) if not combining(c)).rstrip(".")
