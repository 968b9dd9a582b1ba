import json
import tarfile
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameshift.corpus import dates as module
from frameshift.corpus.dates import LANGUAGES, DateSample, describe_dates, parse_date, read_date_rules
from frameshift.errors import UserError

SETTINGS = {"order": None, "formats": [], "zone": None, "earliest": "1900-01-01", "latest": "2100-01-01"}
DATA = Path(__file__).parents[3] / "shared" / "data"


def parse(value, **settings):
    return parse_date(value, read_date_rules(SETTINGS | settings))


def day(value, **settings):
    """The date as it is written in ISO 8601 with its precision, or the problem."""
    found = parse(value, **settings)
    assert (found.date is None) == (found.precision is None) == (found.problem is not None)
    return found.problem or found.date.isoformat()[: {"day": 10, "month": 7, "year": 4}[found.precision]]


@pytest.mark.parametrize(
    "value",
    [
        *("2015-03-04", "20150304", "2015/03/04", "2015/3/4", "2015.03.04", " 2015-03-04\n"),
        *("2015-03-04T10:15", "2015-03-04 10:15:00", "2015-03-04T10:15:00Z", "2015-03-04T10:15:00.1234567+01:00"),
        *("20150304T101500Z", "20150304101500", "201503041015", "2015/03/04 10:15", "2015-03-04 10:15:00+00"),
        *("Wed, 04 Mar 2015 10:15:00 +0100", "4 Mar 2015 10:15 GMT", "Wed, 04 Mar 15 10:15:00 GMT"),
        *("Wed Mar  4 10:15:00 2015", "Wed Mar 04 10:15:00 +0000 2015", "2015-03-04 10:15:00 +0000 UTC"),
        "Wed Mar 04 2015 10:15:00 GMT+0100 (Central European Standard Time)",
        *("March 4, 2015", "March 4 2015", "4 March 2015", "4th of March 2015", "4th March, 2015", "Mar. 4th, 2015"),
        *("Wednesday, March 4, 2015", "Wed. 4 Mar 2015", "MARCH 4, 2015", "4 March, 2015", "March\u00a04,\u00a02015"),
        *("Mar 4 2015 10:15 PM EST", "March 4, 2015 at 10:15 p.m. ET", "March 4, 2015, 10pm", "4 March 2015 - 10:15"),
        *(
            "10:15 GMT, 4 March 2015",
            "10.15am, 4 March 2015",
            "2015-Mar-04",
            "2015 March 4",
            "04-Mar-2015",
            "04MAR2015",
        ),
        *("04-Mar-15", "Mar 4, 15", "1425463200", "1425463200.0", "1425463200000", "20150304.0"),
    ],
)
def test_a_day_in_many_forms(value):
    assert day(value) == "2015-03-04"


@pytest.mark.parametrize(
    "value",
    [
        *("4. März 2015", "Mittwoch, 4. März 2015, 10:15 Uhr", "Mi., 4. Mär. 2015", "4 mars 2015", "mer. 4 mars 2015"),
        *(
            "4 de marzo de 2015",
            "miércoles, 4 de marzo de 2015",
            "4 marzo 2015",
            "mercoledì 4 marzo 2015",
            "4° marzo 2015",
        ),
        *(
            "4 maart 2015",
            "wo 4 mrt 2015",
            "4 de março de 2015",
            "quarta-feira, 4 de março de 2015",
            "4 de marco de 2015",
        ),
        *("4 marca 2015 r.", "środa, 4 marca 2015", "4. Ma\u0308rz 2015"),
    ],
)
def test_names_of_months_in_other_languages(value):
    assert day(value) == "2015-03-04"


def test_the_weekday_that_looks_like_a_month_is_known_by_the_month_behind_it():
    assert day("mar. 3 févr. 2015") == "2015-02-03"
    assert day("mar 3 2015") == "2015-03-03"


def test_no_name_stands_for_two_months():
    from babel import Locale

    numbers = {}
    for language in LANGUAGES:
        for names in module._forms(Locale.parse(language).months):
            for number, name in names.items():
                numbers.setdefault(module._fold(name), set()).add(number)
    assert {name: found for name, found in numbers.items() if len(found) > 1} == {}
    assert len(numbers) > 100


@pytest.mark.parametrize(
    ("value", "found"),
    [
        *(("2015", "2015"), ("2015.0", "2015"), ("2015-00-00", "2015")),
        *((value, "2015-03") for value in ("2015-03", "2015/03", "2015-3", "03/2015", "3.2015", "2015-03-00")),
        *((value, "2015-03") for value in ("March 2015", "Mar. 2015", "March, 2015", "2015 March", "marzo de 2015")),
    ],
)
def test_months_and_years_are_no_days(value, found):
    assert day(value) == found
    assert parse(value).date.day == 1


@pytest.mark.parametrize(
    "value",
    [
        *(
            "Published: 4 March 2015",
            "yesterday",
            "4 March",
            "May 15",
            "Mar-15",
            "10:15",
            "3/4",
            "Q1 2015",
            "2015-W10-1",
        ),
        *("2015-02-30", "30 February 2015", "31/4/2015", "2015-13-01", "March 32, 2015", "29/2/2015", "2015-00-04"),
        *("42066", "201503", "2015.03", "2015.5", "123456789", "2014-15", "March 3-4, 2015", "March 2015 10:15"),
        *("2015-03-04 25:00", "4 Foo 2015", "2015 2016", "2015030410", "Foo, 4 March 2015", "2015年3月4日"),
    ],
)
def test_what_is_no_date_or_may_be_another_is_unparsable(value):
    for order in (None, "dmy", "mdy"):
        assert day(value, order=order) == "unparsable"


@pytest.mark.parametrize(
    ("value", "plain", "dmy", "mdy"),
    [
        ("3/4/2015", None, "2015-04-03", "2015-03-04"),
        ("03.04.2015", None, "2015-04-03", "2015-03-04"),
        ("3. 4. 2015", None, "2015-04-03", "2015-03-04"),
        ("3-4-15", None, "2015-04-03", "2015-03-04"),
        ("3/4/15 10:15 PM", None, "2015-04-03", "2015-03-04"),
        ("Friday 3/4/2015", None, "2015-04-03", "2015-03-04"),
        ("13/4/2015", "2015-04-13", "2015-04-13", None),
        ("4/13/2015", "2015-04-13", None, "2015-04-13"),
        ("4/13/15", "2015-04-13", None, "2015-04-13"),
        ("5/5/2015", "2015-05-05", "2015-05-05", "2015-05-05"),
        ("13/13/2015", None, None, None),
        ("15-03-04", None, "2004-03-15", None),  # it may be the fourth of March 2015
        ("15-03-95", "1995-03-15", "1995-03-15", None),
        ("29/2/16", "2016-02-29", "2016-02-29", None),
    ],
)
def test_numbers_are_read_by_the_order_and_never_swapped(value, plain, dmy, mdy):
    for order, found in ((None, plain), ("dmy", dmy), ("mdy", mdy)):
        assert day(value, order=order) == (found or "unparsable")


@pytest.mark.parametrize(
    ("year", "bounds", "found"),
    [
        ("15", {}, "2015"),
        ("99", {}, "1999"),
        ("50", {}, "2050"),
        ("50", {"latest": "2020-12-31"}, "1950"),
        ("15", {"earliest": "1850-01-01", "latest": "1949-12-31"}, "1915"),
        ("99", {"earliest": "1800-01-01", "latest": "1949-12-31"}, "1899"),
    ],
)
def test_a_year_of_two_digits_is_in_the_century_that_the_bounds_allow(year, bounds, found):
    assert day(f"3/4/{year}", order="dmy", **bounds) == f"{found}-04-03"
    assert day(f"3/4/{year}", formats=["%d/%m/%y"], **bounds) == f"{found}-04-03"
    assert day(f"3 April {year}", **bounds) == f"{found}-04-03"


def test_dates_outside_the_bounds_are_out_of_range():
    bounds = {"earliest": "2012-03-15", "latest": "2020-06-15"}
    for value in ("0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2050-01-01", "1/1/11", "9999999999"):
        assert day(value, order="dmy", **bounds) == "out of range"
        assert day(value, order="dmy", zone="Asia/Tokyo", **bounds) == "out of range"
    for value, found in (
        *(("2012-03-14", None), ("2012-03-15", "2012-03-15"), ("2020-06-15", "2020-06-15"), ("2020-06-16", None)),
        *(("2012-02", None), ("2012-03", "2012-03"), ("2020-06", "2020-06"), ("2020-07", None)),
        *(("2011", None), ("2012", "2012"), ("2020", "2020"), ("2021", None)),
    ):
        assert day(value, **bounds) == (found or "out of range")


@pytest.mark.parametrize(
    "value", [None, "", " ", "-", "n/a", "N/A", "None", "null", "NaN", "unknown", "0000-00-00 00:00:00"]
)
def test_words_for_no_date_are_missing(value):
    assert parse(value) == (None, None, "missing")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "2015-03-04T02:00:00Z",
            "2015-03-04 02:00:00+0000",
            "Wed, 04 Mar 2015 02:00:00 GMT",
            "1425434400",
            "1425434400000",
        ),
        *("Mar 3 2015 11:00 PM -0300", "March 3, 2015 9:00 pm ET"),
        *("10:00 p.m. ET, March 3, 2015", "2015-03-03T21:00:00-05:00", "20150304T020000Z"),
    ],
)
def test_a_time_counts_on_the_day_that_it_was_in_the_zone(value):
    assert day(value, zone="America/New_York") == "2015-03-03"
    assert day(value, zone="Asia/Tokyo") == "2015-03-04"


def test_a_time_without_a_zone_or_without_a_place_counts_as_written():
    assert day("2015-03-04 02:00", zone="America/New_York") == "2015-03-04"
    assert day("March 3, 2015 11:00 PM EST") == "2015-03-03"
    assert day("March 3, 2015 11:00 PM EST", zone="Europe/London") == "2015-03-04"
    assert day("July 3, 2015 12:30 AM ET", zone="Europe/London") == "2015-07-03"
    assert day("4 March 2015 02:00 IST") == "2015-03-04"
    assert day("4 March 2015 02:00 IST", zone="Europe/London") == "unparsable"


def test_dates_that_a_file_holds_as_such_are_taken_over():
    assert day(date(2015, 3, 4)) == "2015-03-04"
    assert day(datetime(2015, 3, 4, 23, 30)) == "2015-03-04"
    late = datetime(2015, 3, 4, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert (day(late), day(late, zone="Europe/London")) == ("2015-03-04", "2015-03-05")
    assert day(date(1815, 3, 4)) == "out of range"


@pytest.mark.parametrize(
    ("pattern", "value", "found"),
    [
        ("%d|%m|%Y", "04|03|2015", "2015-03-04"),
        ("%Y day %j", "2015 day 063", "2015-03-04"),
        ("%G week %V day %u", "2015 week 10 day 3", "2015-03-04"),
        ("issue of %B %Y", "issue of March 2015", "2015-03"),
        ("vol. %Y", "vol. 2015", "2015"),
        ("%Y%m", "201503", "2015-03"),
        ("%d.%m.%Y kl. %H:%M %z", "04.03.2015 kl. 23:30 -0500", "2015-03-05"),
    ],
)
def test_formats_are_read_with_the_precision_of_their_directives(pattern, value, found):
    assert day(value, formats=["%Y no", pattern], zone="Europe/London") == found


def test_formats_come_first_and_other_forms_are_still_read():
    assert day("2015-03-04", formats=["%Y-%d-%m"]) == "2015-04-03"
    assert day("4 March 2015", formats=["%Y-%d-%m"]) == "2015-03-04"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"zone": "Europe/Londn"}, "corpus.dates.zone: .* 'Europe/Londn'; did you mean Europe/London"),
        ({"zone": "Europe"}, "corpus.dates.zone: the time zone database has no 'Europe'"),
        ({"zone": "../etc/passwd"}, "corpus.dates.zone"),
        ({"formats": ["%d/%m/%Q"]}, "corpus.dates.formats: '%d/%m/%Q' is no format"),
        ({"formats": ["%d %B"]}, "corpus.dates.formats: '%d %B' has no year"),
    ],
)
def test_mistakes_in_the_rules_are_named(settings, message):
    with pytest.raises(UserError, match=message):
        read_date_rules(SETTINGS | settings)


def test_without_a_time_zone_database_the_remedy_is_named(monkeypatch):
    def lost(name):
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(module, "ZoneInfo", lost)
    monkeypatch.setattr(module, "available_timezones", set)
    with pytest.raises(
        UserError, match=r"'Europe/London' .* no time zone database\. Install the Python package tzdata"
    ):
        read_date_rules(SETTINGS | {"zone": "Europe/London"})


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_comes_back_from_every_form(when):
    for pattern in ("%Y-%m-%d", "%Y%m%d", "%A, %B %d, %Y", "%d %b %Y %H:%M:%S +0000", "%c", "%Y-%m-%dT%H:%M:%S.%fZ"):
        written = datetime(when.year, when.month, when.day).strftime(pattern)
        assert parse(written) == (when, "day", None)
    for order, pattern in (("dmy", "%d/%m/%Y"), ("mdy", "%m.%d.%Y")):
        assert parse(when.strftime(pattern), order=order) == (when, "day", None)
        assert parse(when.strftime(pattern)).date in (when, None)


@given(st.text(st.characters(max_codepoint=0x2030), max_size=40) | st.from_regex(r"[\d .,:/+-]{1,24}", fullmatch=True))
def test_no_text_is_an_error_and_none_becomes_a_date_without_its_year(text):
    found = parse(text, order="dmy", zone="Asia/Tokyo")
    if found.date:
        digits = "".join(str(int(c)) for c in text if c.isdecimal())
        years = (found.date.year - 1, found.date.year)  # in Tokyo the next year may have begun
        assert len(digits) >= 10 or any(f"{year % 100:02d}" in digits for year in years)


def test_a_sample_proves_an_order_or_not():
    assert describe_dates(["3/4/2015", "13/4/2015", "n/a", ""]) == DateSample("dmy", 2, 2, None)
    assert describe_dates(["3/4/2015", "4/13/15", "Spring 2015"]) == DateSample("mdy", 3, 2, "Spring 2015")
    assert describe_dates(["3/4/2015", "5/5/2015"]) == DateSample(None, 2, 1, "3/4/2015")
    assert describe_dates(["13/4/2015", "4/13/2015", "2015-03-04", "1/2/2015"]) == DateSample(None, 4, 3, "1/2/2015")
    assert describe_dates(["15-03-04", "15-03-05"]) == DateSample(None, 2, 0, "15-03-04")
    assert describe_dates([]) == DateSample(None, 0, 0, None)


def test_the_dates_of_a_real_archive_are_read_but_for_its_placeholders():
    path = DATA / "allsides_security.tar.gz"
    if not path.exists():
        pytest.skip("the archive of real articles is not on this machine")
    with tarfile.open(path) as archive:
        values = [json.load(archive.extractfile(member))["date"] for member in archive if member.name.endswith(".json")]
    assert describe_dates(values) == DateSample(None, 2472, 2472, None)
    problems = [parse(value, order="mdy", earliest="2012-01-01", latest="2020-12-31").problem for value in values]
    assert Counter(problems) == {None: 2469, "missing": 351, "out of range": 3}  # the years 0001 and 2050
