from datetime import date

import polars as pl
import pytest

from frameshift.comparisons.periods import monday_of, period_of, period_start, tells_period, week_of


def evaluate(expression, *days):
    return pl.DataFrame({"date": days}).select(found=expression)["found"].to_list()


@pytest.mark.parametrize(
    ("grain", "label", "start"),
    [
        ("year", "2015", date(2015, 1, 1)),
        ("quarter", "2015-Q3", date(2015, 7, 1)),
        ("month", "2015-07", date(2015, 7, 1)),
        ("week", "2015-W31", date(2015, 7, 27)),
        ("all", "all", None),
    ],
)
def test_a_period_has_a_label_and_a_first_day(grain, label, start):
    day = date(2015, 7, 31)
    assert evaluate(period_of(pl.col("date"), grain), day) == [label]
    assert evaluate(period_start(pl.col("date"), grain), day) == [start]


def test_the_first_days_of_january_can_be_in_the_last_week_of_the_year_before():
    assert evaluate(period_of(pl.col("date"), "week"), date(2016, 1, 3), date(2016, 1, 4)) == ["2015-W53", "2016-W01"]


def test_weeks_are_counted_from_monday_to_sunday_before_1970_too():
    days = [date(1969, 12, 29), date(1970, 1, 4), date(1970, 1, 5), date(1970, 1, 11), date(2015, 7, 27)]
    assert evaluate(week_of(pl.col("date")), *days) == [-1, -1, 0, 0, 2377]


def test_an_unknown_date_has_no_period():
    for grain in ("year", "quarter", "month", "week"):
        assert evaluate(period_of(pl.col("date"), grain), None, date(2015, 1, 1))[0] is None


@pytest.mark.parametrize(
    ("precision", "told"),
    [("day", {"week", "month", "quarter", "year"}), ("month", {"month", "quarter", "year"}), ("year", {"year"})],
)
def test_a_date_tells_the_periods_that_are_no_finer_than_its_precision(precision, told):
    frame = pl.DataFrame({"precision": [precision, None]})
    for grain in ("week", "month", "quarter", "year", "all"):
        found = frame.with_columns(told=tells_period(pl.col("precision"), grain))["told"].to_list()
        assert found == ([True, True] if grain == "all" else [grain in told, False])


def test_a_week_begins_on_its_monday():
    assert [monday_of(week) for week in (-1, 0, 2401)] == [date(1969, 12, 29), date(1970, 1, 5), date(2016, 1, 11)]
