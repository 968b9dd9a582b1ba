from datetime import date

import numpy as np
import polars as pl
from scipy.signal import lfilter

from frameshift.comparisons.blocks import MONTH, QUARTER, add_story_weeks, estimate_dependence, find_block_length


def draw_series(*, n_weeks, autocorrelation, seed=1):
    """A stationary AR(1) series of variance 1."""
    noise = np.random.default_rng(seed).normal(size=n_weeks)
    noise[1:] *= np.sqrt(1 - autocorrelation**2)
    return lfilter([1], [1, -autocorrelation], noise)


def test_a_wire_story_belongs_to_the_week_of_its_first_copy():
    articles = pl.DataFrame(
        {
            "wire_cluster": ["w", "w", "w", "w", "alone", "month"],
            "date": [date(2015, 1, 12), date(2015, 1, 11), None, *[date(2015, 1, day) for day in (1, 12, 1)]],
            "date_precision": ["day", "day", None, "month", "day", "month"],
        }
    )
    assert add_story_weeks(articles)["week"].to_list() == [2348, 2348, None, None, 2349, None]


def test_a_block_is_short_where_weeks_are_independent_and_longer_where_they_are_not():
    independent, dependent = (
        [find_block_length(draw_series(n_weeks=260, autocorrelation=phi, seed=seed)) for seed in range(15)]
        for phi in (0, 0.8)
    )
    assert np.median(independent) == 11
    assert 11 < np.median(dependent) <= max(dependent) <= QUARTER


def test_a_block_grows_with_the_square_root_of_a_series_up_to_a_quarter():
    lengths = [find_block_length(np.zeros(n_weeks)) for n_weeks in (37, 38, 100, 260, 400, 5000)]
    assert lengths == [MONTH, 5, 7, 11, QUARTER, QUARTER]
    assert find_block_length(draw_series(n_weeks=5000, autocorrelation=0)) == QUARTER


def test_a_block_is_at_most_a_third_of_a_short_series_and_never_less_than_a_month():
    trending = np.arange(24.0)
    assert find_block_length(trending) <= 8
    assert find_block_length(trending[:9]) == MONTH
    assert find_block_length(np.zeros(26)) == MONTH


def test_covariances_are_those_of_the_weekly_means_whatever_the_number_of_articles():
    means = np.stack([draw_series(n_weeks=4000, autocorrelation=0.5)] * 2)
    weights = np.random.default_rng(2).poisson(3, size=means.shape) + np.array([[0.0], [20.0]])
    found = estimate_dependence(means * weights, weights)
    np.testing.assert_allclose(found.covariances[:2], [0.5, 0.25], atol=0.06)
    assert found.n_weeks == 4000


def test_a_straight_line_is_a_trend_and_no_dependence():
    line = 3 + 0.1 * np.arange(60.0)[None]
    np.testing.assert_allclose(estimate_dependence(line, np.ones_like(line)).covariances, 0, atol=1e-12)


def test_a_change_under_test_is_no_dependence_either():
    step = np.repeat([0.0, 1.0], 30)[None]
    assert estimate_dependence(step, np.ones_like(step)).covariances[0] > 0.01
    np.testing.assert_allclose(estimate_dependence(step, np.ones_like(step), step=30).covariances, 0, atol=1e-12)


def test_the_covariance_between_two_weeks_by_hand():
    totals = np.zeros((1, 9))
    totals[0, [0, 1, 4, 7, 8]] = [1, 1, -4, 1, 1]  # no level and no slope to remove
    found = estimate_dependence(totals, np.ones_like(totals))
    # raw autocovariances: lag 0 20/9, lag 1 2/8, lag 2 0, lag 3 -8/6; the taper over four lags is 1, 1, 1, 1/2
    long_run = (20 / 9 + 2 * (2 / 8 + 0 - 4 / 6)) / 0.25  # two terms times six lags over nine weeks: the floor of 1/4
    lost = 2 * long_run / 9
    np.testing.assert_allclose(found.covariances, [2 / 8 + lost, 0 + lost, (-8 / 6 + lost) / 2])


def test_on_the_logit_scale_sources_of_different_level_have_the_same_covariance():
    effects = draw_series(n_weeks=3000, autocorrelation=0.5) * 0.1
    shares = np.stack([0.5 + 0.25 * effects, 0.05 + 0.0475 * effects])  # the slopes p (1 - p)
    low, high = (estimate_dependence(row[None], np.ones((1, 3000)), logit=True).covariances[0] for row in shares)
    np.testing.assert_allclose(low, high, rtol=0.01)
    np.testing.assert_allclose(low, 0.005, rtol=0.15)


def test_few_weeks_give_covariances_and_no_error():
    for n_weeks in (1, 2, 3, 5, 12):
        totals = np.arange(float(n_weeks))[None] ** 2
        found = estimate_dependence(totals, np.ones_like(totals))
        assert found.weeks == MONTH
        assert np.isfinite(found.covariances).all()
