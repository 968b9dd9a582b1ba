import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t
from statsmodels.stats.proportion import proportion_confint

from frameshift.comparisons.intervals import degrees_of_freedom, edge_limits, logit_limits, sum_variances, t_limits

NO_COVARIANCE = np.zeros((1, 3))


@pytest.fixture
def articles():
    """Outcome, weight and week of 200 articles in 12 weeks."""
    rng = np.random.default_rng(5)
    week = rng.integers(12, size=200)
    y = (rng.random(200) < 0.2 + 0.02 * week).astype(float)
    return y, rng.integers(1, 9, size=200).astype(float), week


def by_week(week, values):
    return np.bincount(week, values)


def test_the_variance_of_a_mean_is_statsmodels_cluster_robust_variance(articles):
    y, w, week = articles
    mean = (w @ y) / w.sum()
    influence = by_week(week, w * (y - mean)) / w.sum()
    variance, own = sum_variances(
        cell=np.zeros(12, int), week=np.arange(12), influence=influence, weight=influence, covariances=NO_COVARIANCE
    )
    peer = sm.WLS(y, np.ones(200), weights=w).fit(cov_type="cluster", cov_kwds={"groups": week})
    np.testing.assert_allclose([mean, variance[0], own[0]], [peer.params[0], peer.cov_params()[0, 0], variance[0]])


def test_the_logit_interval_is_that_of_statsmodels_binomial_model_with_t(articles):
    y, _, week = articles
    p = y.mean()
    influence = by_week(week, y - p) / len(y) / (p * (1 - p))
    variance, _ = sum_variances(
        cell=np.zeros(12, int), week=np.arange(12), influence=influence, weight=influence, covariances=NO_COVARIANCE
    )
    low, high = logit_limits(np.array([p]), variance, np.array([11]))
    peer = sm.GLM(y, np.ones(200), family=sm.families.Binomial()).fit(cov_type="cluster", cov_kwds={"groups": week})
    limits = peer.params[0] + np.array([-1, 1]) * t.ppf(0.975, 11) * peer.bse[0]
    np.testing.assert_allclose([low[0], high[0]], 1 / (1 + np.exp(-limits)), rtol=1e-6)


def test_a_difference_of_sides_that_share_weeks_is_statsmodels_cluster_robust_slope(articles):
    y, _, week = articles
    plus = np.arange(200) % 3 == 0
    residual = np.where(plus, (y - y[plus].mean()) / plus.sum(), -(y - y[~plus].mean()) / (~plus).sum())
    variance, _ = sum_variances(
        cell=np.zeros(12, int),
        week=np.arange(12),
        influence=by_week(week, residual),
        weight=np.zeros(12),
        covariances=NO_COVARIANCE,
    )
    peer = sm.OLS(y, sm.add_constant(plus.astype(float))).fit(cov_type="cluster", cov_kwds={"groups": week})
    np.testing.assert_allclose(variance[0], peer.cov_params()[1, 1] * 198 / 199)  # its factor (N - 1) / (N - K)


def test_neighbouring_weeks_add_twice_the_product_of_their_weights_and_covariance():
    # two cells; week 12 is missing from the first, so that lags 1 and 2 pair only 10-11 and 11-13
    variance, own = sum_variances(
        cell=np.array([0, 1, 0, 0, 1]),
        week=np.array([13, 10, 10, 11, 11]),
        influence=np.array([1.0, 3.0, 2.0, -3.0, -3.0]),
        weight=np.array([0.5, 1.0, 0.2, 0.3, -1.0]),
        covariances=np.array([[10.0, 4.0], [10.0, 4.0]]),
    )
    shared = 2 * (10 * 0.2 * 0.3 + 4 * 0.3 * 0.5)
    np.testing.assert_allclose(own, [3 / 2 * 14, 2 * 18])
    np.testing.assert_allclose(variance, [3 / 2 * (14 + shared), 2 * 18])  # the second cell's share would be negative


def test_degrees_of_freedom_are_the_weeks_less_one_or_what_the_covariances_are_worth():
    found = degrees_of_freedom(np.array([13, 104, 8]), n_weeks=np.array([104, 104, 8]), block=np.array([4, 4, 13]))
    np.testing.assert_allclose(found, [12, 19.5, 1])


def test_a_t_interval_by_hand():
    low, high = t_limits(np.array([0.5]), np.array([0.01]), np.array([9]))
    np.testing.assert_allclose([low[0], high[0]], [0.5 - 0.1 * 2.2621572, 0.5 + 0.1 * 2.2621572])


def test_a_share_of_none_or_all_has_the_limits_of_clopper_and_pearson():
    low, high = edge_limits(np.array([0.0, 1.0]), np.array([40, 40]))
    np.testing.assert_allclose([low[0], high[0]], proportion_confint(0, 40, method="beta"))
    np.testing.assert_allclose([low[1], high[1]], proportion_confint(40, 40, method="beta"))
