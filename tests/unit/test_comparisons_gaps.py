from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from frameshift.comparisons.gaps import find_gaps, list_gaps

MONDAY = date(2015, 1, 5)


def make_articles(**weeks) -> pl.DataFrame:
    """Articles of the named sources, one on the Wednesday of each of their weeks."""
    rows = [(source, MONDAY + timedelta(weeks=int(week), days=2)) for source, each in weeks.items() for week in each]
    return pl.DataFrame(rows, schema=["source", "date"], orient="row")


def test_a_daily_that_is_missing_for_two_months_has_a_gap_from_monday_to_sunday():
    gaps = find_gaps(make_articles(daily=[w for w in range(104) if not 40 <= w < 49 for _ in range(3)]))
    assert gaps.rows() == [("daily", MONDAY + timedelta(weeks=40), MONDAY + timedelta(weeks=49, days=-1), 9)]


def test_a_source_with_few_articles_has_no_gap_between_them():
    assert find_gaps(make_articles(rare=range(0, 200, 10))).is_empty()


def test_nothing_is_missing_before_the_first_article_and_after_the_last():
    assert find_gaps(make_articles(daily=list(range(104)) * 3, late=list(range(80, 104)) * 3)).is_empty()


def test_a_break_of_three_weeks_is_no_gap():
    assert find_gaps(make_articles(daily=[w for w in range(104) if not 40 <= w < 43 for _ in range(30)])).is_empty()


@pytest.mark.parametrize("rate", [0.3, 1.0, 3.0])
def test_articles_that_come_independently_seldom_leave_a_gap(rate):
    rng = np.random.default_rng(7)
    found = [
        len(find_gaps(make_articles(source=rng.integers(0, 260, rng.poisson(260 * rate))))) > 0 for _ in range(200)
    ]
    assert sum(found) <= 8  # binomial with .01: 8 of 200 are exceeded once in 3,000


def test_no_article_no_gap():
    assert find_gaps(make_articles()).is_empty()


def test_a_gap_is_listed_with_its_source_and_weeks():
    usable = make_articles(daily=[w for w in range(104) if not 40 <= w < 49 for _ in range(3)])
    (row,) = list_gaps(usable.with_columns(week=pl.int_range(pl.len())))
    assert row["source"] == "daily"
    assert row["period"] == "2015-10-12 to 2015-12-13"
    assert row["reason"].startswith("no article for 9 weeks")
