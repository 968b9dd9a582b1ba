"""Calendar periods and weeks, as polars expressions over a column of dates."""

from datetime import date, timedelta

import polars as pl

WEEK_ZERO = date(1970, 1, 5)  # the Monday with which week 0 begins
_LABELS = {"year": "%Y", "month": "%Y-%m", "week": "%G-W%V"}  # ISO 8601 weeks: the year is the one the Thursday is in
_STEPS = {"year": "1y", "quarter": "1q", "month": "1mo", "week": "1w"}
_TELLING = {"week": ["day"], "month": ["day", "month"], "quarter": ["day", "month"], "year": ["day", "month", "year"]}


def tells_period(precision: pl.Expr, grain: str) -> pl.Expr:
    """Whether a date of that precision (day, month, year or null) tells its period: a month tells no week."""
    return pl.lit(True) if grain == "all" else precision.is_in(_TELLING[grain]).fill_null(False)


def period_of(dates: pl.Expr, grain: str) -> pl.Expr:
    """Label of the period that each date is in: "2015", "2015-Q3", "2015-07", "2015-W31", or "all"."""
    if grain == "all":
        return pl.lit("all")
    if grain == "quarter":
        return pl.format("{}-Q{}", dates.dt.strftime("%Y"), dates.dt.quarter())
    return dates.dt.strftime(_LABELS[grain])


def period_start(dates: pl.Expr, grain: str) -> pl.Expr:
    """First day of the period that each date is in; null for "all". Weeks begin on Monday."""
    return pl.lit(None, dtype=pl.Date) if grain == "all" else dates.dt.truncate(_STEPS[grain])


def week_of(dates: pl.Expr) -> pl.Expr:
    """Number of each date's week, counted in weeks from Monday to Sunday; week 0 began on Monday 5 January 1970."""
    return (dates.cast(pl.Int64) - 4) // 7


def monday_of(week: int) -> date:
    """The first day of the week with this number."""
    return WEEK_ZERO + timedelta(weeks=int(week))
