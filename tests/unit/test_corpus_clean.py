"""Cleaning and dates."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameshift.corpus.clean import clean_line, clean_text, count_words
from frameshift.corpus.dates import parse_date


def parse(value, formats=("%Y-%m-%d", "%m/%d/%y")):
    return parse_date(value, formats=formats, earliest=date(1990, 1, 1), latest=date(2030, 12, 31))


def test_text_is_composed_and_its_lines_are_paragraphs():
    assert clean_text("Cafe\u0301\u00a0 au\t lait \r\n\r\n \rnext\u2028last\x0bend") == "Café au lait\nnext\nlast\nend"


def test_what_nobody_sees_is_removed():
    assert clean_text("a\x00b mi\u00adgrant \ufeffzero\u200bwidth \ud800lone\x9c") == "ab migrant zerowidth lone"


def test_joiners_that_change_a_spelling_stay():
    assert clean_text("\u0645\u06cc\u200c\u062e\u0648") == "\u0645\u06cc\u200c\u062e\u0648"


@given(st.text())
def test_cleaning_twice_changes_nothing_and_the_text_can_be_written(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert "\n\n" not in cleaned


def test_a_line_is_one_line_and_nothing_is_an_empty_line():
    assert clean_line(" The\nDaily  Post ") == "The Daily Post"
    assert clean_line(None) == ""
    assert count_words("one two\nthree") == 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2015-07-17", (date(2015, 7, 17), None)),
        (" 7/4/15 ", (date(2015, 7, 4), None)),
        (date(2015, 7, 17), (date(2015, 7, 17), None)),
        (datetime(2015, 7, 17, 23, 59), (date(2015, 7, 17), None)),
        ("", (None, "missing")),
        ("  ", (None, "missing")),
        (None, (None, "missing")),
        ("17 July 2015", (None, "unparsable")),
        ("2015-07-17T12:00", (None, "unparsable")),
        ("2015-02-30", (None, "unparsable")),
        ("0001-01-01", (None, "out of range")),
        ("2050-01-01", (None, "out of range")),
        (date(1989, 12, 31), (None, "out of range")),
    ],
)
def test_a_date_is_read_or_its_problem_named(value, expected):
    assert parse(value) == expected


def test_the_first_format_that_fits_wins():
    assert parse("3/4/2015", ["%d/%m/%Y", "%m/%d/%Y"])[0] == date(2015, 4, 3)
    assert parse("3/4/2015", ["%m/%d/%Y", "%d/%m/%Y"])[0] == date(2015, 3, 4)
