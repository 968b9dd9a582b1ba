from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import ruptures

from frameshift.comparisons.breaks import find_breaks
from frameshift.comparisons.changepoints import find_changepoints
from frameshift.comparisons.periods import week_of
from frameshift.comparisons.series import Panel
from frameshift.tables import ALL_SOURCES

START = date(2015, 1, 5)
FIRST_WEEK = int(pl.select(week_of(pl.lit(START))).item())


def draw_series(signal, *, seed=2, articles=8, sd=0.3):
    """Totals, weights and counts of weeks whose mean is `signal` and noise."""
    rng = np.random.default_rng(seed)
    weights = rng.poisson(articles, size=len(signal)).astype(float)
    return weights * signal + np.sqrt(weights) * sd * rng.normal(size=len(signal)), weights, weights


def make_panel(**series):
    totals, weights, counts = (np.stack(rows) for rows in zip(*series.values(), strict=True))
    return Panel("threat", None, list(series), list(series), FIRST_WEEK, totals, weights, counts)


def search(*panels, **options):
    return find_changepoints(list(panels), **{"scale": "share", "draws": 299, "seed": 1, **options})


def after(week, n_weeks=260):
    return (np.arange(n_weeks) >= week).astype(float)


def test_a_step_is_dated_measured_and_bounded():
    table, omitted = search(make_panel(Albion=draw_series(0.2 + 0.2 * after(157))))
    assert omitted.is_empty()
    assert table["source"].to_list() == ["Albion", ALL_SOURCES]
    row = table.row(0, named=True)
    assert abs((row["date"] - START).days // 7 - 157) <= 3
    assert row["date"].weekday() == 0
    assert row["date_low"] <= START + timedelta(weeks=157) <= row["date_high"]
    assert (row["date_high"] - row["date_low"]).days < 26 * 7
    assert row["low"] < 0.2 < row["high"]
    assert row["low"] > 0
    assert row["shape"] == "step"
    assert row["p"] < 0.02
    assert row["rank"] == 1
    assert row["segment"] == "2015-01-05/2019-12-29"


def test_the_same_date_is_found_as_by_ruptures_where_weeks_weigh_alike():
    means = np.random.default_rng(5).normal(size=150) + 1.5 * after(60, 150)
    weights = np.full(150, 5.0)
    (found, *_), _ = find_breaks(5 * means, weights, weights, draws=99, seed=1)
    inner = means[:, None]
    [expected, _] = ruptures.Dynp(model="l2", min_size=13, jump=1).fit(inner).predict(n_bkps=1)
    assert found.week == expected
    assert found.shift == pytest.approx(means[expected:].mean() - means[:expected].mean())


def test_weeks_weigh_as_much_as_they_have_articles():
    totals, weights, counts = draw_series(0.3 + 0.3 * after(60, 150), articles=20)
    loud = totals.copy()
    loud[100:], weights[100:] = 0.0, 0.05  # a different mean, of next to nothing
    (found, *_), _ = find_breaks(loud, weights, counts, draws=99, seed=1)
    assert abs(found.week - 60) <= 3


def test_constant_rates_have_a_row_but_no_dates_and_no_further_breaks():
    table, _ = search(make_panel(Albion=draw_series(0.2 + 0 * after(1), seed=3)))
    row = table.row(0, named=True)
    assert row["p"] > 0.05
    assert row["low"] < 0 < row["high"]
    assert row["date_low"] is None
    assert row["date_high"] is None
    assert row["shape"] is None
    assert table["rank"].to_list() == [1, 1]


def test_the_interval_of_the_shift_excludes_nothing_just_where_p_is_small():
    panels = [make_panel(Albion=draw_series(0.2 + 0.01 * size * after(100), seed=size)) for size in range(12)]
    rows = search(*panels)[0].filter(pl.col("rank") == 1)
    excluded = (rows["low"] > 0) | (rows["high"] < 0)
    assert excluded.to_list() == (rows["p"] < 0.05).to_list()
    assert 0 < excluded.sum() < len(rows)


def test_a_line_is_a_trend_without_dates_and_is_not_cut_further():
    table, _ = search(make_panel(Albion=draw_series(0.1 + 0.4 * np.arange(260) / 260)))
    row = table.filter(pl.col("source") == "Albion").row(0, named=True)
    assert row["shape"] == "trend"
    assert row["p"] < 0.05
    assert row["date_low"] is None
    assert len(table) == 2


def test_two_steps_are_found_one_within_a_side_of_the_other():
    signal = 0.2 + 0.3 * after(100, 312) - 0.15 * after(220, 312)
    table, _ = search(make_panel(Albion=draw_series(signal)))
    found = table.filter(pl.col("source") == "Albion").sort("rank")
    weeks = sorted((day - START).days // 7 for day in found["date"])
    assert found["rank"].to_list() == [1, 2]
    np.testing.assert_allclose(weeks, [100, 220], atol=13)
    first, last = found["segment"][1].split("/")
    assert date.fromisoformat(first) <= found["date_low"][1] <= found["date_high"][1] <= date.fromisoformat(last)


def test_a_season_changes_nothing_in_three_years_and_looks_like_a_shift_in_two():
    wave = 0.2 * np.sin(2 * np.pi * np.arange(260) * 7 / 365.25)
    flat, seasonal = (find_breaks(*draw_series(0.4 + x * wave), draws=299, seed=1)[0] for x in (0, 1))
    assert [each.week for each in seasonal] == [each.week for each in flat]
    assert seasonal[0].p == flat[0].p
    assert seasonal[0].shift == pytest.approx(flat[0].shift)
    (cut, *_), _ = find_breaks(*draw_series(0.4 + wave[:104]), draws=299, seed=1)
    assert abs(cut.shift) > 0.1


def test_q_is_adjusted_over_the_main_breaks_of_all_series():
    panel = make_panel(Albion=draw_series(0.2 + 0.2 * after(157)), Brook=draw_series(0.2 + 0 * after(1), seed=3))
    rows = search(panel)[0].filter(pl.col("rank") == 1).sort("p")
    assert (rows["q"] >= rows["p"]).all()
    assert rows["q"][-1] == rows["p"][-1]


def test_what_cannot_be_searched_is_left_out_with_the_reason():
    few = draw_series(0 * after(1), articles=0.05)
    even = np.full(260, 4.0)
    constant = 0.3 * even, even, even
    table, omitted = search(make_panel(Constant=constant, Few=few)._replace(given="migration"))
    assert table["source"].to_list() == [ALL_SOURCES]
    reasons = dict(omitted.select("source", "reason").rows())
    assert "within migration: the score does not vary" in reasons["Constant"]
    assert "20 articles" in reasons["Few"]
    short, omitted = search(make_panel(Albion=draw_series(0.2 + 0 * after(1, 60))))
    assert short.is_empty()
    assert "60 weeks" in omitted["reason"][0]


def test_no_panels_make_empty_tables():
    table, omitted = search()
    assert table.is_empty()
    assert omitted.is_empty()


def test_corrected_weeks_may_be_negative():
    totals, weights, counts = draw_series(0.2 + 0.2 * after(157))
    rng = np.random.default_rng(7)
    swing = rng.normal(scale=12, size=260) * (rng.random(260) < 0.2)
    (found, *_), _ = find_breaks(totals + 0.3 * swing, weights + swing, counts, draws=99, seed=1)
    assert (weights + swing).min() < 0
    assert abs(found.week - 157) <= 26
    assert np.isfinite([found.shift, found.low, found.high, found.p]).all()


def test_the_same_seed_gives_the_same_table_whatever_other_series_there_are():
    albion, brook = draw_series(0.2 + 0.1 * after(157)), draw_series(0.3 + 0 * after(1), seed=2)
    alone, both = (search(make_panel(**series))[0] for series in ({"A": albion}, {"A": albion, "B": brook}))
    columns = pl.exclude("q")
    assert (
        alone.filter(pl.col("source") == "A")
        .select(columns)
        .equals(both.filter(pl.col("source") == "A").select(columns))
    )
