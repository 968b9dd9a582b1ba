from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.stats import t

from frameshift.comparisons.events import study_events
from frameshift.comparisons.placebo import (
    BASELINE,
    FADE,
    WINDOW,
    find_ordinary,
    measure_chance,
    remove_trend,
    respond,
    subtract,
)
from frameshift.comparisons.series import Panel
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES

SOURCES = ["Albion", "Brook", "Cape"]
FIRST = 2348  # the week of 5 January 2015
EVENT = {"name": "Attack", "date": "2016-06-09"}  # a Thursday in week 74 of the panels
WEEK = 74
FINDING = {
    **{"name": "attack", "kind": "event", "frame": "threat", "source": "Albion", "event": "Attack"},
    **{"family": "declared", "expect": "rise"},
}


def make_panel(means, counts=4.0, *, frame="threat", given=None, compared=None):
    """A panel of weekly means (sources, weeks), each of so many articles."""
    means = np.asarray(means, dtype=float)
    counts = np.broadcast_to(np.asarray(counts, dtype=float), means.shape)
    sources = SOURCES[: len(means)]
    return Panel(frame, given, sources, compared or sources, FIRST, means * counts, counts, counts)


def draw_means(*, n_weeks=150, n_sources=3, seed=1):
    return np.random.default_rng(seed).normal(size=(n_sources, n_weeks))


def shift(means, by, *, sources=slice(None), week=WEEK, weeks=None):
    means = means.copy()
    means[sources, week : None if weeks is None else week + weeks] += by
    return means


def study(panel, events=(EVENT,), findings=(), **options):
    panels = panel if isinstance(panel, list) else [panel]
    return study_events(panels, list(events), list(findings), **({"scale": "intensity", "reference": None} | options))


def find(table, **wanted):
    """The one row of `table`; lag=None is the tested one."""
    wanted = {"source": "Albion", "design": "interrupted", "lag": None, "event": "Attack", **wanted}
    return table.row(by_predicate=pl.all_horizontal(pl.col(k).eq_missing(v) for k, v in wanted.items()), named=True)


def reasons(omitted):
    return omitted["reason"].to_list()


def test_the_tested_response_is_the_mean_of_13_weeks_from_the_events_own_on_minus_that_of_26_before():
    means, counts = (
        draw_means(n_weeks=100),
        np.random.default_rng(2).integers(1, 9, size=(3, 100)),
    )  # no line: too short
    table, omitted = study(make_panel(means, counts))
    after, before = slice(WEEK, WEEK + WINDOW), slice(WEEK - BASELINE, WEEK)
    for source, rows in [("Albion", [0]), (ALL_SOURCES, [0, 1, 2])]:
        mean = [np.average(means[rows, side], weights=counts[rows, side]) for side in (after, before)]
        row = find(table, source=source)
        assert row["estimate"] == pytest.approx(mean[0] - mean[1])
        assert (row["n_articles"], row["n_clusters"]) == (counts[rows, after].sum(), WINDOW)
        assert (row["scale"], row["frame"], row["reference"], row["finding"]) == ("intensity", "threat", None, None)
    assert omitted.is_empty()


def test_each_lag_is_the_mean_of_the_four_weeks_that_begin_there_minus_the_same_counterfactual():
    means = draw_means(n_weeks=100)
    table, _ = study(make_panel(means))
    course = table.filter(pl.col("lag").is_not_null(), source="Albion", design="interrupted")
    assert course["lag"].to_list() == list(range(-24, 24, 4))
    blocks = [means[0, WEEK + lag : WEEK + lag + 4].mean() for lag in course["lag"]]
    assert course["estimate"].to_numpy() == pytest.approx(blocks - means[0, WEEK - BASELINE : WEEK].mean())
    assert course["p"].null_count() == course["q"].null_count() == len(course)
    assert (course["low"] < course["estimate"]).all()
    assert (course["estimate"] < course["high"]).all()


def test_a_straight_line_and_an_annual_wave_are_no_response():
    week = np.arange(260)
    drift = 0.02 * week + 2 * np.sin(2 * np.pi * week / (365.25 / 7) + 1)
    noise = draw_means(n_weeks=260)
    counts = np.random.default_rng(3).integers(1, 9, size=(3, 260))
    plain, moved = (study(make_panel(means, counts))[0] for means in (noise, noise + drift))
    for column in ("estimate", "low", "high", "p"):
        np.testing.assert_allclose(moved[column].to_numpy(), plain[column].to_numpy(), atol=1e-8)


def test_what_an_event_changed_for_good_is_no_trend():
    noise = draw_means(n_weeks=260)
    plain, moved = (study(make_panel(means))[0] for means in (noise, shift(noise, 5.0)))
    assert find(moved)["estimate"] == pytest.approx(find(plain)["estimate"] + 5)
    assert find(moved)["high"] - find(moved)["low"] == pytest.approx(find(plain)["high"] - find(plain)["low"])


def test_the_variance_is_that_of_the_response_as_a_linear_function_of_independent_weeks():
    rng = np.random.default_rng(4)
    n_weeks, events = 200, [60, 140]
    weights = rng.integers(1, 9, size=n_weeks).astype(float)
    series = remove_trend(weights * rng.normal(size=n_weeks), weights, events)
    ordinary = find_ordinary(n_weeks, events)
    variances = np.diff(series.below[:, 2])

    def contrast(date, lag, length):
        unit = np.zeros(n_weeks)
        before = np.arange(n_weeks)[date - BASELINE : date][ordinary[date - BASELINE : date]]
        unit[before] -= 1 / weights[before].sum()
        unit[date + lag : date + lag + length] += 1 / weights[date + lag : date + lag + length].sum()
        return unit

    week = np.arange(n_weeks)
    angle = 2 * np.pi * week / (365.25 / 7)
    terms = np.stack([week, np.sin(angle), np.cos(angle), week**0, week >= 60, week >= 140], axis=1)
    fit = np.linalg.solve(terms.T @ (terms * (weights * ordinary)[:, None]), terms.T * ordinary)[:3]
    for lag, length in [(0, 13), (-8, 4), (-2, 4)]:
        found = respond(series, lag=lag, length=length)
        for at in (60, 100, 150):
            unit = contrast(at, lag, length)
            unit = unit - (unit * weights) @ terms[:, :3] @ fit
            assert found.variance[at] == pytest.approx(unit**2 @ variances), (lag, at)


def test_p_and_interval_compare_the_response_with_the_spread_of_the_placebo_responses():
    rng = np.random.default_rng(5)
    totals, weights = rng.normal(size=200), np.ones(200)
    found = respond(remove_trend(totals, weights, [150]), lag=0, length=13)
    dates = [d for d in range(13, 200 - 12) if d + 12 < 150 or (d >= 150 + FADE + 13)]
    assert np.flatnonzero(found.placebo).tolist() == dates
    chance = measure_chance(found, lag=0, length=13)
    size = found.estimate[dates] / np.sqrt(found.variance[dates])
    assert chance.spread == pytest.approx(np.sqrt(np.mean(size**2)))
    panel = Panel("threat", None, ["Albion"], ["Albion"], FIRST, totals[None], weights[None], 2 * weights[None])
    row = find(study(panel, [EVENT | {"date": "2017-11-22"}])[0])
    error = chance.spread * np.sqrt(found.variance[150])
    assert row["p"] == pytest.approx(2 * t.sf(abs(row["estimate"]) / error, row["df"]))
    assert (row["high"] - row["low"]) / 2 == pytest.approx(t.ppf(0.975, row["df"]) * error)
    assert row["n_placebo"] == len(dates)


def test_placebo_dates_are_worth_fewer_independent_ones():
    weights = np.ones(1000)
    found = respond(remove_trend(np.random.default_rng(6).normal(size=1000), weights, []), lag=0, length=13)
    contrast = np.r_[np.full(26, -1 / 26), np.full(13, 1 / 13)]
    correlation = np.correlate(contrast, contrast, "full") / (contrast @ contrast)
    worth = measure_chance(found, lag=0, length=13).df + 3  # the terms of line and wave
    assert worth == pytest.approx(found.placebo.sum() / (correlation**2).sum(), rel=0.03)
    assert found.placebo.sum() / 11 < worth < found.placebo.sum() / 9


@pytest.mark.parametrize("seed", range(3))
def test_weeks_that_are_all_there_is_before_a_date_do_not_differ_from_themselves(seed):
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 9, size=100) / 7
    weights[30:50] = weights[54:74] = 0  # before week 74 there are articles in weeks 50 to 53 alone
    found = respond(remove_trend(1000 * weights * rng.normal(size=100), weights, []), lag=-24, length=4)
    assert found.estimate[74] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found.variance[74])
    assert not found.placebo[74]
    assert found.placebo[30]


def test_the_variances_of_a_source_and_its_reference_add_up():
    series = [remove_trend(3 * means, np.full(100, 3.0), [WEEK]) for means in draw_means(n_weeks=100, n_sources=2)]
    one, other = (respond(each, lag=0, length=13) for each in series)
    found = subtract(one, other)
    assert found.variance[WEEK] == pytest.approx(one.variance[WEEK] + other.variance[WEEK])
    assert found.estimate[WEEK] == pytest.approx(one.estimate[WEEK] - other.estimate[WEEK])


def test_no_placebo_date_is_near_an_event_of_any_source():
    means = draw_means(n_weeks=260)
    other = {"name": "Law", "date": "2018-01-08", "sources": ["Brook"]}
    alone, both = (find(study(make_panel(means), events)[0]) for events in ([EVENT], [EVENT, other]))
    # 12 dates whose windows reach into the law's weeks, its own 26, and 13 with too little before them
    assert alone["n_placebo"] - both["n_placebo"] == 12 + 26 + 13


def test_a_shock_is_found_and_its_course_told():
    table, _ = study(make_panel(shift(draw_means(), 2.0, weeks=8)))
    assert find(table, source=ALL_SOURCES)["p"] < 0.001
    course = table.filter(pl.col("lag").is_not_null(), source=ALL_SOURCES)
    found = course.filter(pl.col("low") > 0)["lag"].to_list()
    assert found == [0, 4]


def test_the_differential_response_is_that_of_regression_with_dummies_of_weeks_and_sources():
    means, n_weeks = shift(draw_means(n_weeks=100), 1.0, sources=[0]), 100
    size = np.array([6.0, 3.0, 2.0])  # in every week: then weekly dummies weigh the weeks as the articles do
    event = EVENT | {"sources": ["Albion"]}
    table, _ = study(make_panel(means, size[:, None] * np.ones(n_weeks)), [event])
    source, week = (axis.ravel() for axis in np.mgrid[:3, :n_weeks])
    lag = week - WEEK
    kept = (lag >= -BASELINE) & (lag < 24)

    def regress(blocks):
        """Weighted least squares: dummies of source and week, and Albion in each of `blocks`."""
        dummies = [source == 0] + [week == w for w in np.unique(week[kept])]
        x = np.stack([*((source == 0) & block for block in blocks), *dummies], axis=1)[kept].astype(float)
        return sm.WLS(means.ravel()[kept], x, weights=size[source][kept]).fit().params

    row = find(table, design="differential")
    after = (lag >= 0) & (lag < WINDOW)
    assert row["estimate"] == pytest.approx(regress([after, lag >= WINDOW])[0])
    assert row["reference"] == "sources that the event does not concern"
    blocks = [(lag >= first) & (lag < first + 4) for first in range(0, 24, 4)]
    course = table.filter(pl.col("lag") >= 0, design="differential").sort("lag")
    assert course["estimate"].to_numpy() == pytest.approx(regress(blocks)[: len(blocks)])


def test_what_all_sources_share_is_no_differential_response():
    noise = draw_means(n_weeks=260)
    shared = shift(noise, 3.0, weeks=10)
    plain, moved = (study(make_panel(means))[0].filter(design="differential") for means in (noise, shared))
    np.testing.assert_allclose(moved["estimate"].to_numpy(), plain["estimate"].to_numpy(), atol=1e-9)
    assert set(moved["reference"]) == {"all other sources"}
    assert set(moved["source"]) == set(SOURCES)


def test_a_reference_can_be_named():
    means = draw_means()
    table, _ = study(make_panel(means), reference="Cape")
    differential = table.filter(pl.col("lag").is_null(), design="differential")
    assert differential["source"].to_list() == ["Albion", "Brook"]
    assert set(differential["reference"]) == {"Cape"}
    row = find(table, design="differential")
    assert row["estimate"] == pytest.approx(find(table)["estimate"] - find(table, source="Cape")["estimate"])


def test_a_reference_without_such_articles_is_told():
    table, omitted = study(make_panel(draw_means()), reference="Dale")
    assert set(table["design"]) == {"interrupted"}
    assert reasons(omitted) == ["differential: the reference Dale has no article with such a score"]
    assert omitted["frame"].to_list() == ["threat"]


def test_an_event_that_concerns_some_sources_is_studied_in_them_and_where_a_finding_asks():
    panel = make_panel(draw_means())
    event = EVENT | {"sources": ["Albion"]}
    assert set(study(panel, [event])[0]["source"]) == {"Albion"}
    asked = [FINDING, FINDING | {"name": "nothing", "source": "Cape", "expect": "none"}]
    table, omitted = study(panel, [event], asked)
    assert set(table.filter(design="differential")["source"]) == {"Albion"}
    named = table.filter(pl.col("finding").is_not_null()).select("source", "finding", "design", "lag")
    interrupted = ("interrupted", None)
    assert named.rows() == [("Albion", "attack", *interrupted), ("Cape", "nothing", *interrupted)]
    assert omitted.is_empty()


def test_q_is_within_each_design_over_the_whole_table():
    panels = [make_panel(draw_means(seed=seed), frame=f"f{seed}") for seed in range(4)]
    table, _ = study(panels)
    for design, n in (("interrupted", 16), ("differential", 12)):
        tested = table.filter(pl.col("p").is_not_null(), design=design).sort("p")
        assert len(tested) == n
        raw = tested["p"].to_numpy() * n / np.arange(1, n + 1)
        np.testing.assert_allclose(tested["q"], np.minimum.accumulate(raw[::-1])[::-1].clip(max=1))


def test_a_finding_about_an_unknown_event_and_two_about_the_same_are_refused():
    panel = make_panel(draw_means())
    with pytest.raises(UserError, match="findings, attack: 'Atack' is no event; the events are Attack"):
        study(panel, findings=[FINDING | {"event": "Atack"}])
    with pytest.raises(UserError, match="findings, again: the same is asked by 'attack'"):
        study(panel, findings=[FINDING, FINDING | {"name": "again"}])
    study(panel, findings=[FINDING, FINDING | {"name": "gap", "kind": "gap", "event": None}])


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2012-01-01", "lies outside the weeks of the articles, 2015-01-05 to 2017-11-19"),
        ("2017-11-20", "lies outside the weeks of the articles, 2015-01-05 to 2017-11-19"),
    ],
)
def test_an_event_outside_the_span_is_left_out(day, reason):
    table, omitted = study(make_panel(draw_means()), [EVENT | {"date": day}], [FINDING])
    assert table.is_empty()
    assert reasons(omitted) == [
        f"event Attack {reason}",
        "finding attack: the event Attack lies outside the weeks of the articles",
    ]


def test_an_event_with_too_little_before_or_after_has_no_test():
    panel = make_panel(draw_means(n_sources=1))
    table, omitted = study(panel, [EVENT | {"date": "2015-03-04"}])  # week 8
    assert table["p"].null_count() == table["low"].null_count() == len(table)
    reason = "event Attack: only 8 of the 26 weeks before the event lie in the series and clear of other events"
    assert reasons(omitted) == [reason] * 2
    table, omitted = study(panel, [EVENT | {"date": "2017-10-25"}], [FINDING])  # week 146
    assert table["lag"].max() == 0
    assert table["lag"].null_count() == table["p"].count() == 0
    reason = "only 4 of the 13 weeks from the event on lie in the series"
    assert reasons(omitted) == [f"finding attack: {reason}", f"event Attack: {reason}"]


def test_a_source_of_few_articles_has_an_estimate_but_no_test():
    counts = np.full((3, 150), 4.0)
    counts[1, ::2] = 0
    counts[1, 1::2] = 4
    table, omitted = study(make_panel(draw_means(), counts), [EVENT | {"sources": ["Brook"]}])
    assert find(table, source="Brook")["p"] is not None
    counts[1, 1::2] = 2
    table, omitted = study(make_panel(draw_means(), counts, given="migration"), [EVENT | {"sources": ["Brook"]}])
    row = find(table, source="Brook")
    assert (row["p"], row["low"], row["q"], row["n_articles"], row["n_clusters"]) == (None, None, None, 12, 6)
    assert reasons(omitted) == [
        "event Attack within migration: too few for a test: 6 weeks and 12 articles after the event"
    ]


def test_a_reference_of_few_articles_leaves_the_source_its_own_response():
    counts = np.full((3, 150), 4.0)
    counts[2, 20:] = 0.0
    counts[2, WEEK:] = 1.0
    table, omitted = study(make_panel(draw_means(), counts, compared=SOURCES[:2]), findings=[FINDING], reference="Cape")
    assert find(table)["p"] is not None
    assert table.filter(design="differential").is_empty()
    reason = "event Attack, against Cape: too few for a test: 0 weeks and 0 articles before the event"
    assert reasons(omitted) == [reason] * 2


def test_sums_of_single_weeks_may_be_negative():
    rng = np.random.default_rng(10)
    weights = 4 + 6 * rng.normal(size=(3, 200))  # shares within an issue that labels corrected
    totals = 0.3 * weights + rng.normal(size=weights.shape)
    panel = make_panel(totals, 5.0)._replace(totals=totals, weights=weights)
    table, _ = study(panel, scale="corrected share")
    row = find(table)
    sums = [x[0, WEEK : WEEK + 13].sum() / w[0, WEEK : WEEK + 13].sum() for x, w in [(totals, weights)]]
    assert row["low"] < row["estimate"] < row["high"]
    assert abs(row["estimate"] - (sums[0] - 0.3)) < 0.2
    assert set(table["scale"]) == {"corrected share"}


def test_a_small_source_is_not_shown_alone_but_counts_among_the_others():
    means = draw_means()
    table, omitted = study(make_panel(means, compared=["Albion", "Brook"]), findings=[FINDING | {"source": "Cape"}])
    assert set(table["source"]) == {"Albion", "Brook", ALL_SOURCES}
    assert reasons(omitted) == [
        "finding attack: this source has fewer articles than min_articles, or none with such a score"
    ]
    full = study(make_panel(means))[0]
    for row in ({"source": ALL_SOURCES}, {"design": "differential"}):
        assert find(table, **row)["estimate"] == find(full, **row)["estimate"]


def test_events_near_each_other_are_told_and_the_earlier_ones_weeks_leave_the_baseline():
    means = shift(draw_means(n_weeks=100), 9.0, week=WEEK - 10, weeks=10)
    earlier = {"name": "Fire", "date": "2016-04-01"}  # 10 weeks earlier
    table, omitted = study(make_panel(means), [earlier, EVENT])
    expected = means[0, WEEK : WEEK + 13].mean() - means[0, WEEK - 26 : WEEK - 10].mean()
    assert find(table)["estimate"] == pytest.approx(expected)
    assert [reason for reason in reasons(omitted) if "near" in reason] == [
        "event Fire: near Attack; what is estimated may be due to either",
        "event Attack: near Fire; what is estimated may be due to either",
    ]


def test_events_of_different_sources_are_not_near():
    events = [EVENT | {"sources": ["Albion"]}, {"name": "Fire", "date": "2016-05-01", "sources": ["Brook"]}]
    assert not any("near" in reason for reason in reasons(study(make_panel(draw_means()), events)[1]))


def test_too_few_placebo_dates_give_no_test():
    table, omitted = study(make_panel(draw_means(n_weeks=95, n_sources=1)), findings=[FINDING])
    assert find(table)["p"] is not None
    events = [EVENT, {"name": "Fire", "date": "2015-07-01"}]  # week 25
    table, omitted = study(make_panel(draw_means(n_weeks=95, n_sources=1)), events, [FINDING])
    assert find(table)["estimate"] is not None
    assert table["low"].null_count() == len(table)
    reason = "no test: 0 dates lie clear of events, worth 0.0 independent ones beside line and wave, where 4 are needed"
    assert f"event Fire: {reason}" in reasons(omitted)
    assert f"finding attack: {reason}" in reasons(omitted)


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_constant_scores_are_left_out_without_a_warning(value):
    counts = np.random.default_rng(8).integers(1, 9, size=(3, 200))
    table, omitted = study(make_panel(np.full((3, 200), value), counts), findings=[FINDING])
    assert find(table)["estimate"] == pytest.approx(0)
    assert table["p"].null_count() == table["low"].null_count() == len(table)
    assert "finding attack: the score does not vary: no test" in reasons(omitted)


def test_one_source_has_no_differential_response():
    table, omitted = study(make_panel(draw_means(n_sources=1)))
    assert set(table["design"]) == {"interrupted"}
    assert omitted.is_empty()


def test_sparse_series_give_no_warning_and_no_nan():
    rng = np.random.default_rng(9)
    counts = rng.poisson(0.15, size=(3, 200)).astype(float)
    counts[2] += 3
    table, _ = study(make_panel(draw_means(n_weeks=200), counts))
    numbers = table.select(pl.selectors.float())
    assert numbers.select(pl.all().is_nan().any()).row(0) == (False,) * numbers.width
    assert table.filter(source="Cape", design="interrupted")["low"].null_count() == 0


def test_nothing_measured_gives_empty_tables():
    table, omitted = study([])
    assert table.is_empty()
    assert omitted.is_empty()
    assert reasons(study([], findings=[FINDING])[1]) == ["finding attack: no article of known day has such a score"]


def test_weeks_are_those_of_the_panel_and_the_order_of_rows_does_not_change():
    panels = [make_panel(draw_means(seed=s), frame="threat", given=g) for s, g in ((1, None), (2, "migration"))]
    table, _ = study(panels)
    assert date(1970, 1, 5) + timedelta(weeks=FIRST + WEEK) == date(2016, 6, 6)
    assert table["given"].unique(maintain_order=True).to_list() == [None, "migration"]
    assert table.equals(study(panels[::-1])[0])
