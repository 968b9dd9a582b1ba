from datetime import date

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from frameshift.comparisons import trends
from frameshift.comparisons.blocks import Dependence
from frameshift.comparisons.series import Panel
from frameshift.comparisons.smooth import (
    choose_knots,
    curve_terms,
    curve_variances,
    effective_clusters,
    fit_curve,
    week_influences,
)
from frameshift.tables import ALL_SOURCES

FIRST_WEEK = 2348  # that of Monday 5 January 2015
FAMILY = "exploratory: trends"


def make_panel(totals, counts, *, weights=None, frame="threat", given=None, compared=None):
    totals, counts = np.atleast_2d(totals).astype(float), np.atleast_2d(counts).astype(float)
    sources = ["Albion", "Brook", "Cape", "Dale"][: len(totals)]
    compared = sources if compared is None else compared
    return Panel(frame, given, sources, compared, FIRST_WEEK, totals, counts if weights is None else weights, counts)


def draw_shares(*, n_weeks, sources=1, slope=0.0, seed=1, per_week=8):
    """A panel of which the log-odds rise by `slope` over the span."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(per_week, size=(sources, n_weeks))
    rates = expit(-1.5 + slope * np.linspace(0, 1, n_weeks) + rng.normal(scale=0.3, size=n_weeks))
    return make_panel(rng.binomial(counts, rates), counts)


def find(rows, **values):
    found = [row for row in rows if all(row[key] == value for key, value in values.items())]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("is_logit", [True, False])
def test_the_fit_and_its_variance_are_those_of_statsmodels(is_logit):
    panel = draw_shares(n_weeks=200, slope=1, seed=2)
    totals, weights = panel.totals[0], panel.weights[0]
    terms = curve_terms(np.arange(200), choose_knots(panel.counts[0]), wave=True)
    fit = fit_curve(totals, weights, terms, logit=is_logit)
    some = weights > 0
    means = totals[some] / weights[some]
    if is_logit:
        options = {"family": sm.families.Binomial(), "var_weights": weights[some]}
        expected = sm.GLM(means, terms[some], **options).fit(tol=1e-14, maxiter=200)
        robust = sm.GLM(means, terms[some], **options).fit(cov_type="HC0", tol=1e-14).bse
        raw = weights * expit(terms @ fit.coefficients)
    else:
        model = sm.WLS(means, terms[some], weights=weights[some])
        expected, robust = model.fit(), model.fit(cov_type="HC2").bse
        raw = None
    np.testing.assert_allclose(fit.coefficients, expected.params, rtol=1e-6)
    if raw is not None:  # HC0, which has no leverages
        fit = fit._replace(residuals=totals - raw)
    influences, shares = week_influences(fit, np.eye(terms.shape[1]))
    own = curve_variances(influences, shares, Dependence(4, np.zeros(3), 200))
    np.testing.assert_allclose(np.sqrt(own), robust, rtol=1e-5)


def test_with_dependent_weeks_the_variance_is_that_of_statsmodels_for_long_series():
    rng = np.random.default_rng(3)
    noise = rng.normal(size=3000)
    for week in range(1, 3000):
        noise[week] += 0.5 * noise[week - 1]
    terms = curve_terms(np.arange(3000), np.array([0, 1000, 2000, 2999]), wave=True)
    fit = fit_curve(noise, np.ones(3000), terms, logit=False)
    influences, shares = week_influences(fit, np.eye(6))
    covariances = 0.5 ** np.arange(1, 30) / 0.75
    found = np.sqrt(curve_variances(influences, shares, Dependence(30, covariances, 3000)))
    expected = sm.OLS(noise, terms).fit(cov_type="HAC", cov_kwds={"maxlags": 30}).bse
    np.testing.assert_allclose(found, expected, rtol=0.2)
    assert (found > 1.4 * sm.OLS(noise, terms).fit(cov_type="HC0").bse).all()


def test_a_coefficient_is_the_height_at_a_knot_and_two_knots_make_a_line():
    terms = curve_terms(np.arange(11), np.array([0, 5, 10]), wave=False)
    np.testing.assert_allclose(terms[[0, 5, 10]], np.eye(3), atol=1e-12)
    np.testing.assert_allclose(terms.sum(axis=1), 1)
    np.testing.assert_allclose(curve_terms(np.arange(11), np.array([0, 10]), wave=False)[:, 1], np.arange(11) / 10)


def test_there_is_a_knot_a_year_at_quantiles_of_the_articles_and_fewer_for_few_articles():
    assert choose_knots(np.full(260, 10)).tolist() == [0, 43, 86, 129, 173, 216, 259]
    assert len(choose_knots(np.full(1040, 10))) == 10
    assert len(choose_knots(np.full(260, 0.25))) == 2  # 65 articles
    assert choose_knots(np.full(20, 1)).tolist() == [0, 19]
    late = choose_knots(np.repeat([1, 9], 130))
    assert late[1] > 90


def test_the_weeks_that_carry_a_mean_a_line_and_bursts():
    n = 900
    line = np.arange(n) - (n - 1) / 2
    shares = np.stack([np.ones(n), line, np.arange(n) % 4 == 0]).astype(float)
    np.testing.assert_allclose(effective_clusters(shares, weeks=1), [n, n * 5 / 9, n / 4], rtol=0.01)
    np.testing.assert_allclose(effective_clusters(shares, weeks=4), [n / 4, n / 4 * 5 / 9, n / 4], rtol=0.01)


def test_a_line_in_the_log_odds_is_found_with_its_start_and_end():
    n_weeks = 100
    rates = expit(-2 + 1.5 * np.arange(n_weeks) / (n_weeks - 1))
    wobble = np.random.default_rng(12).normal(scale=0.01, size=n_weeks)
    counts = np.full(n_weeks, 50)
    rows, _ = trends.test_trends([make_panel(counts * (rates + wobble), counts)], [], scale="share", family=FAMILY)
    row = find(rows, source="Albion")
    assert row["estimate"] == pytest.approx(expit(-0.5) - expit(-2), abs=0.003)
    assert row["low"] < row["estimate"] < row["high"]
    assert row["p"] < 0.001
    assert row["p_any"] < 0.001
    assert row["period"] == "2015-01-05 to 2016-12-04"
    assert row["contrast"] == "the end of the span minus its start, by a straight line in the log-odds"
    assert (row["kind"], row["family"], row["scale"], row["finding"]) == ("trend", FAMILY, "share", None)
    assert (row["n_articles"], row["n_clusters"]) == (5000, 100)


def test_on_the_scale_of_intensity_the_line_is_straight_and_a_season_is_no_trend():
    week = np.arange(260)
    noise = np.random.default_rng(4).normal(scale=0.1, size=260)
    values = 1 + 2 * week / 259 + np.sin(2 * np.pi * week / (365.25 / 7)) + noise
    counts = np.full(260, 3)
    rows, _ = trends.test_trends([make_panel(counts * values, counts)], [], scale="intensity", family=FAMILY)
    row = find(rows, source="Albion")
    assert row["estimate"] == pytest.approx(2, abs=0.1)
    assert row["contrast"] == "the end of the span minus its start, by a straight line"
    assert row["high"] - row["low"] < 0.3  # the season is in no variance


def test_a_source_against_the_rest_is_the_difference_of_their_changes():
    panel = draw_shares(n_weeks=120, sources=3, slope=0.5, seed=5)
    panel.totals[0] = np.minimum(panel.counts[0], panel.totals[0] + np.linspace(0, 3, 120))
    rows, _ = trends.test_trends([panel], [], scale="share", family=FAMILY)
    rest = make_panel(panel.totals[1:].sum(axis=0), panel.counts[1:].sum(axis=0))
    (others,), _ = trends.test_trends([rest], [], scale="share", family=FAMILY)
    own = find(rows, source="Albion", family=FAMILY)
    against = find(rows, source="Albion", family="exploratory: trends against the rest")
    assert against["estimate"] == pytest.approx(own["estimate"] - others["estimate"])
    assert against["p"] < 0.01
    assert against["contrast"].startswith("the source's change over the span minus the rest's")
    assert [row["source"] for row in rows if row["family"] == FAMILY] == [ALL_SOURCES, "Albion", "Brook", "Cape"]
    assert len(rows) == 7


def test_findings_come_first_with_their_names_and_families_and_reasons():
    panel = draw_shares(n_weeks=80, sources=2, slope=1, seed=6)._replace(compared=["Albion"])
    declared = {"frame": "threat", "kind": "trend", "family": "declared", "expect": "rise"}
    findings = [
        declared | {"name": "rise", "source": "Albion"},
        declared | {"name": "small", "source": "Brook"},
        declared | {"name": "nowhere", "source": "Albion", "given": "migration"},
    ]
    rows, omitted = trends.test_trends([panel], findings, scale="share", family=FAMILY)
    assert (rows[0]["finding"], rows[0]["family"], rows[0]["expect"]) == ("rise", "declared", "rise")
    assert rows[0]["estimate"] == find(rows, source="Albion", family=FAMILY)["estimate"]
    assert {row["reason"] for row in omitted} == {
        "finding small: this source has fewer articles than min_articles",
        "finding nowhere: within migration: no article of known day has such a score",
    }
    keys = (
        "frame given family kind contrast source period scale estimate low high p finding expect n_articles n_clusters"
    )
    assert set(keys.split()) <= set(rows[0])


def test_a_curve_has_a_point_every_four_weeks_with_a_band_around_it():
    panel = draw_shares(n_weeks=160, sources=2, slope=1, seed=7)
    table, omitted = trends.estimate_trends([panel], scale="share")
    assert omitted == []
    curve = table.filter(pl.col("source") == ALL_SOURCES)
    assert curve["start"].to_list() == pl.date_range(date(2015, 1, 5), date(2018, 1, 28), "4w", eager=True).to_list()
    assert (curve["low"] < curve["estimate"]).all()
    assert (curve["estimate"] < curve["high"]).all()
    np.testing.assert_allclose(
        logit(curve["high"]) - logit(curve["estimate"]), logit(curve["estimate"]) - logit(curve["low"])
    )
    mean = panel.totals.sum() / panel.counts.sum()
    assert curve["estimate"].mean() == pytest.approx(mean, abs=0.01)
    assert curve["estimate"][-5:].mean() > curve["estimate"][:5].mean() + 0.05


def test_a_curve_stays_inside_the_span_of_its_source_and_out_of_gaps():
    panel = draw_shares(n_weeks=160, sources=2, seed=8)
    for array in (panel.totals, panel.weights, panel.counts):
        array[0, :10] = array[0, 150:] = array[0, 60:90] = array[0, 100:110] = 0
    table, omitted = trends.estimate_trends([panel], scale="share")
    starts = table.filter(pl.col("source") == "Albion")["start"].to_list()
    weeks = [(start - date(2015, 1, 5)).days // 7 for start in starts]
    assert weeks == [*range(12, 60, 4), *range(92, 150, 4)]  # the same Mondays as in the other source
    assert omitted == [
        {"source": "Albion", "period": "2016-02-29 to 2016-09-25", "reason": "no curve in 30 weeks without articles"}
    ]
    rows, _ = trends.test_trends([panel], [], scale="share", family=FAMILY)
    assert find(rows, source="Albion", family=FAMILY)["period"] == "2015-03-16 to 2017-11-19"


def test_points_that_few_weeks_carry_have_no_band():
    panel = draw_shares(n_weeks=160, seed=9)
    for array in (panel.totals, panel.weights, panel.counts):
        array[0, 3:40] = 0
    table, _ = trends.estimate_trends([panel], scale="share")
    assert table["low"][0] is None
    assert table["high"][0] is None
    assert table["low"].drop_nulls().len() > 20
    assert not table["low"].is_nan().any()


@pytest.mark.parametrize("scale", ["share", "corrected share", "intensity"])
def test_what_cannot_be_estimated_is_left_out_with_the_reason(scale):
    constant = make_panel(np.full(100, 2.4), np.full(100, 8))
    sparse = make_panel(np.tile([1, 0, 0, 0, 0], 20), np.tile([1, 0, 0, 0, 0], 20))
    short = draw_shares(n_weeks=20, seed=10)
    for panel, reason in ((constant, "does not vary"), (sparse, "too few for a trend"), (short, "too few for a trend")):
        panel = panel._replace(given="migration")
        table, omitted = trends.estimate_trends([panel], scale=scale)
        assert table.is_empty()
        assert reason in omitted[0]["reason"]
        assert omitted[0]["reason"].startswith("within migration: ")
        rows, omitted = trends.test_trends([panel], [], scale=scale, family=FAMILY)
        assert rows == []
        assert reason in omitted[0]["reason"]
    assert trends.estimate_trends([], scale=scale)[0].is_empty()


def test_a_share_that_is_never_there_for_years_has_no_curve_and_its_reason():
    counts = np.full(300, 8)
    panel = make_panel(np.where(np.arange(300) < 200, 0, np.tile([2, 5], 150)), counts)
    table, omitted = trends.estimate_trends([panel], scale="share")
    assert table.is_empty()
    assert "no finite solution" in omitted[0]["reason"]


def test_corrected_shares_outside_their_weeks_and_with_negative_weights_are_fitted():
    rng = np.random.default_rng(11)
    n_weeks = 200
    counts = np.full(n_weeks, 6.0)
    weights = counts + rng.normal(scale=4, size=n_weeks)
    rates = expit(-1 + np.arange(n_weeks) / n_weeks)
    totals = weights * rates + rng.normal(scale=1.5, size=n_weeks)
    assert (weights < 0).any()
    assert (totals < 0).any()
    panel = make_panel(totals, counts, weights=weights[None])
    table, omitted = trends.estimate_trends([panel], scale="corrected share")
    rows, _ = trends.test_trends([panel], [], scale="corrected share", family=FAMILY)
    assert omitted == []
    assert table["estimate"].is_between(0, 1).all()
    assert rows[0]["low"] < rates[-1] - rates[0] < rows[0]["high"]


def test_a_corpus_of_one_source_has_no_rest_and_no_row_for_all_sources():
    rows, omitted = trends.test_trends([draw_shares(n_weeks=60)], [], scale="share", family=FAMILY)
    assert [row["source"] for row in rows] == ["Albion"]
    assert omitted == []
