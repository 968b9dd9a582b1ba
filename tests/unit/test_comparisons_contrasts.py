from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.stats import t
from test_comparisons_prevalence import blur_dates, find, forget_dates, make_articles, make_scores, spread_articles

from frameshift.comparisons import contrasts
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES

OPTIONS = {"measure": "combined", "given": ["migration"], "min_articles": 3, "scale": "intensity", "groups": {}}
CHANGE = {
    **{"name": "attack", "frame": "threat", "source": "Albion", "kind": "change", "date": "2015-03-30", "weeks": 12},
    **{"family": "declared", "expect": "rise"},
}
GAP = {"name": "gap", "frame": "threat", "source": "Albion", "kind": "gap", "family": "declared", "expect": "higher"}


def compare(scores, articles, findings=(), **options):
    return contrasts.test_contrasts(scores, articles, list(findings), **(OPTIONS | options))


def reasons(omitted):
    return omitted["reason"].to_list()


def test_a_change_is_the_mean_from_the_date_on_minus_the_mean_before():
    days = ["2015-03-15", "2015-03-16", "2015-03-22", "2015-03-29", "2015-03-30", "2015-04-12", "2015-04-13"]
    articles = make_articles([("Albion", date.fromisoformat(day)) for day in days])
    scores = make_scores([100, 1, 2, 4, 10, 20, 100])
    table, omitted = compare(scores, articles, [CHANGE | {"weeks": 2}])
    row = find(table, finding="attack")
    assert row["estimate"] == pytest.approx(15 - 7 / 3)
    assert (row["n_articles"], row["n_clusters"], row["p"], row["q"], row["low"]) == (5, 2, None, None, None)
    assert row["contrast"] == "2 weeks from 2015-03-30 minus 2 weeks before"
    assert row["period"] == "2015-03-16 to 2015-04-12"
    assert (row["kind"], row["expect"], row["given"], row["scale"]) == ("change", "rise", None, "intensity")
    assert reasons(omitted)[-1] == "finding attack: too few for a test: 2 weeks and 2 articles on the thinner side"


def test_a_change_can_be_given_as_two_windows():
    articles = spread_articles(30, sources=["Albion"])
    windows = [(date(2015, 1, 5), date(2015, 1, 11)), (date(2015, 6, 1), date(2015, 6, 14))]
    wanted = {key: value for key, value in CHANGE.items() if key not in ("date", "weeks")} | {"windows": windows}
    table, _ = compare(make_scores(np.arange(90.0)), articles, [wanted])
    row = find(table, finding="attack")
    assert row["estimate"] == pytest.approx(np.mean(range(63, 69)) - 1)  # weeks 21 and 22 against week 0
    assert row["contrast"] == "2015-06-01 to 2015-06-14 minus 2015-01-05 to 2015-01-11"


def test_articles_count_as_much_as_they_are_likely_to_be_about_the_issue():
    articles = make_articles([("Albion", date(2015, 1, 7))] * 2 + [("Brook", date(2015, 1, 7))] * 2)
    scores = make_scores([1, 2, 6, 4], given="migration", weight=[0.25, 0.75, 0.9, 0.1])
    table, _ = compare(scores, articles, [GAP | {"given": "migration"}], min_articles=1)
    assert find(table, finding="gap")["estimate"] == pytest.approx((0.25 + 1.5) - (5.4 + 0.4))


def test_a_gap_is_the_source_minus_the_articles_of_all_others():
    articles = make_articles(
        [("Albion", date(2015, 1, 7))] * 3 + [("Brook", date(2015, 1, 7)), ("Cape", date(2015, 1, 7))]
    )
    table, _ = compare(make_scores([1, 2, 6, 4, 1]), articles, [GAP], min_articles=1)
    assert find(table, finding="gap")["estimate"] == pytest.approx(3 - 2.5)
    explored = table.filter(family="exploratory").select("source", "estimate", "contrast")
    assert explored.rows() == [
        ("Albion", pytest.approx(0.5), "the source minus the rest"),
        ("Brook", pytest.approx(4 - 2.5), "the source minus the rest"),
        ("Cape", pytest.approx(1 - 13 / 4), "the source minus the rest"),
    ]


def test_p_and_interval_of_a_gap_are_those_of_clustered_regression_where_weeks_do_not_resemble_each_other():
    articles = spread_articles(260)
    source = (articles["source"] == "Albion").to_numpy()
    swing = np.array([3, 0, 1, 3, 0, 2, 1, 0] * 33)[:260].repeat(6)
    y = swing * np.where(source, 1.0, -1.0) + 2 * source
    row = find(compare(make_scores(y), articles, [GAP])[0], finding="gap")
    week = np.arange(260).repeat(6)
    peer = sm.OLS(y, sm.add_constant(source.astype(float))).fit(cov_type="cluster", cov_kwds={"groups": week})
    error = peer.bse[1] * np.sqrt(1558 / 1559)  # without its factor (N - 1) / (N - K)
    df = 0.75 * 260 / row["block_weeks"]
    assert row["estimate"] == pytest.approx(peer.params[1])
    assert row["p"] == pytest.approx(2 * t.sf(row["estimate"] / error, df))
    assert row["high"] == pytest.approx(row["estimate"] + t.ppf(0.975, df) * error)


def test_what_sources_share_week_by_week_does_not_blur_their_gap():
    articles = spread_articles(52)
    rng = np.random.default_rng(3)
    shared = np.repeat(rng.normal(scale=5, size=52), 6)
    y = shared + rng.normal(size=312) + 0.5 * (articles["source"] == "Albion").to_numpy()
    row = find(compare(make_scores(y), articles, [GAP])[0], finding="gap")
    assert row["high"] - row["low"] < 1
    assert row["p"] < 0.01


def test_a_step_common_to_all_sources_is_found_and_a_flat_series_is_not():
    articles = spread_articles(104)
    noise = np.random.default_rng(5).normal(size=624)
    step = (articles["date"] >= date(2015, 12, 28)).to_numpy()
    scores = pl.concat([make_scores(noise + step), make_scores(noise, frame="victim")])
    common = CHANGE | {"source": ALL_SOURCES, "date": date(2015, 12, 28), "weeks": 26}
    table, omitted = compare(scores, articles, [common, common | {"name": "flat", "frame": "victim"}])
    found, flat = (find(table, finding=name) for name in ("attack", "flat"))
    assert (found["n_articles"], found["n_clusters"]) == (312, 26)
    assert found["q"] < 0.001
    assert flat["low"] < 0 < flat["high"]
    for limit in ("low", "high"):  # the step itself makes the interval no wider
        assert found[limit] == pytest.approx(flat[limit] + 1)
    assert omitted.is_empty()


def test_q_is_that_of_benjamini_and_hochberg_within_each_family():
    articles = spread_articles(30, sources=["Albion", "Brook", "Cape", "Dale"])
    rng = np.random.default_rng(5)
    scores = pl.concat(make_scores(rng.normal(size=360), frame=frame) for frame in ("threat", "victim", "security"))
    findings = [GAP | {"name": name, "frame": name} for name in ("threat", "victim", "security")]
    table, _ = compare(scores, articles, findings)
    for family, size in (("declared", 3), ("exploratory", 12)):
        tested = table.filter(family=family).sort("p")
        assert len(tested) == size
        scaled = tested["p"].to_numpy() * size / np.arange(1, size + 1)
        np.testing.assert_allclose(tested["q"], np.minimum.accumulate(scaled[::-1])[::-1])


def test_frames_are_explored_within_the_issues_compared():
    articles = spread_articles(30)
    rng = np.random.default_rng(6)
    scores = pl.concat(make_scores(rng.normal(size=180), given=given) for given in (None, "migration", "taxes"))
    table, _ = compare(scores, articles)
    assert table.select("given", "source").sort("given", "source").rows() == [
        *((None, source) for source in ("Albion", "Brook")),
        *(("migration", source) for source in ("Albion", "Brook")),
    ]


def test_with_six_or_seven_weeks_there_is_a_test_and_no_interval():
    rng = np.random.default_rng(7)
    for n_weeks, tested, bounded in ((5, False, False), (7, True, False), (8, True, True)):
        articles = spread_articles(n_weeks, a_week=5)
        row = find(compare(make_scores(rng.normal(size=10 * n_weeks)), articles, [GAP])[0], finding="gap")
        assert (row["p"] is not None, row["low"] is not None) == (tested, bounded)


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (CHANGE | {"date": "2019-01-01"}, "2019-01-01 lies outside the span of the articles, 2015-01-05 to 2015-07-29"),
        (CHANGE | {"frame": "victim"}, "no article of known day has such a score"),
        (CHANGE | {"given": "taxes"}, "no article of known day has such a score"),
        (GAP | {"source": ALL_SOURCES}, "articles on one side only"),
        (GAP | {"frame": "constant"}, "the score does not vary: no test"),
    ],
)
def test_what_cannot_be_compared_is_listed_with_its_reason(finding, reason):
    articles = spread_articles(30)
    rng = np.random.default_rng(8)
    scores = pl.concat([make_scores(rng.normal(size=180)), make_scores([0.1] * 180, frame="constant")])
    _, omitted = compare(scores, articles, [finding])
    assert f"finding {finding['name']}: {reason}" in reasons(omitted)


def test_a_small_source_is_not_compared_and_an_unknown_one_is_a_mistake():
    articles, scores = spread_articles(30), make_scores(np.random.default_rng(8).normal(size=180))
    _, omitted = compare(scores, articles, [CHANGE | {"source": "Albion"}], min_articles=91)
    assert f"finding {CHANGE['name']}: this source has fewer articles than min_articles" in reasons(omitted)
    with pytest.raises(UserError, match="no article has the source 'Albin'; did you mean 'Albion'"):
        compare(scores, articles, [CHANGE | {"source": "Albin"}])


def test_one_source_leaves_the_changes_and_no_gaps():
    articles = spread_articles(30, sources=["Albion"])
    table, omitted = compare(make_scores(np.random.default_rng(9).normal(size=90)), articles, [CHANGE, GAP])
    assert table["finding"].to_list() == ["attack"]
    assert table["p"].is_not_null().all()
    assert reasons(omitted) == [
        "the only source: sources cannot be compared",
        "finding gap: articles on one side only",
    ]


def test_only_articles_of_known_day_are_tested():
    rng = np.random.default_rng(10)
    articles, scores = spread_articles(30), make_scores(rng.normal(size=180))
    vague = pl.col("article_id").is_in(["a0", "a1", "a90"])
    table, omitted = compare(scores, blur_dates(articles, "month", where=vague), [CHANGE, GAP])
    without, _ = compare(scores, articles.filter(~vague), [CHANGE, GAP])
    assert table.equals(without)
    assert reasons(omitted) == ["articles whose date does not tell the week are left out by week: 3"]


def test_where_no_day_is_known_nothing_is_tested(recwarn):
    articles = blur_dates(spread_articles(30), "year")
    table, omitted = compare(make_scores(np.arange(180.0)), articles, [CHANGE, GAP])
    assert table.is_empty()
    assert reasons(omitted) == [
        "nothing by week: the dates of all 180 articles tell only the year",
        "finding attack: no article of known day has such a score",
        "finding gap: no article of known day has such a score",
    ]
    assert not recwarn.list


def test_without_dates_nothing_is_tested_and_no_warning_given(recwarn):
    articles = forget_dates(spread_articles(30))
    table, omitted = compare(make_scores(np.arange(180.0)), articles, [CHANGE])
    assert table.is_empty()
    assert "finding attack: no article of known day has such a score" in reasons(omitted)
    assert not recwarn.list


def make_outcomes(scores, *, total, n_labels, weight=1.0, weighting="article"):
    """Outcomes of the articles of `scores` as corrected by both estimators, alike."""
    columns = {"total": total, "n_labels": n_labels, "weight": weight, "expected_weight": 1.0, "counted": True}
    columns |= {"weighting": weighting}
    outcomes = scores.select("article_id", "frame", "given").hstack(pl.DataFrame(columns))
    return pl.concat(
        outcomes.with_columns(estimator=pl.lit(estimator)) for estimator in ("design-based", "prediction-powered")
    )


def test_without_weeks_a_change_compares_everything_before_with_everything_after():
    articles, y = spread_articles(30, sources=["Albion"]), np.arange(90.0)
    row = find(compare(make_scores(y), articles, [CHANGE | {"weeks": None}])[0], finding="attack")
    assert row["estimate"] == pytest.approx(y[36:].mean() - y[:36].mean())
    assert row["contrast"] == "all weeks from 2015-03-30 minus all weeks before"
    assert row["period"] == "2015-01-05 to 2015-07-29"


def test_corrected_outcomes_have_rows_of_their_own_and_the_design_based_one_leads():
    articles, rng = spread_articles(30), np.random.default_rng(11)
    scores = make_scores(rng.random(180))
    corrected = rng.normal(size=180)
    outcomes = make_outcomes(scores, total=corrected, n_labels=[1] * 180)
    table, omitted = compare(scores, articles, [GAP], outcomes=outcomes, scale="share")
    rows = table.filter(finding="gap").sort("estimator", nulls_last=True)
    assert rows.select("scale", "estimator", "leads").rows() == [
        ("corrected share", "design-based", True),
        ("corrected share", "prediction-powered", False),
        ("share", None, False),
    ]
    source = (articles["source"] == "Albion").to_numpy()
    assert rows["estimate"][0] == pytest.approx(corrected[source].mean() - corrected[~source].mean())
    peer = find(
        compare(scores.with_columns(share=pl.Series(corrected)), articles, [GAP], scale="share")[0], finding="gap"
    )
    for column in (
        "low",
        "high",
        "p",
        "q",
        "n_articles",
        "n_clusters",
    ):  # what corrects is tested like what is measured
        assert rows[column][0] == pytest.approx(peer[column])
    assert table.filter(family="exploratory").group_by("leads").len().sort("leads")["len"].to_list() == [4, 2]
    assert omitted.is_empty()


def test_below_fifty_labels_on_a_side_nothing_is_corrected():
    articles, scores = spread_articles(30), make_scores(np.random.default_rng(12).random(180))
    labelled = (articles["source"] == "Albion") | (pl.Series(range(180)) % 9 < 4)
    outcomes = make_outcomes(scores, total=scores["share"], n_labels=labelled.cast(pl.Int64))
    table, omitted = compare(scores, articles, [GAP], outcomes=outcomes, scale="share")
    assert table.select("estimator", "leads").unique().rows() == [(None, True)]
    labels = int(labelled.sum()) - 90
    assert labels < 50
    needed = f"not corrected: {labels} and 90 coded passages, where 50 on each side are needed"
    assert [reason for reason in reasons(omitted) if reason.startswith("finding")] == [f"finding gap: {needed}"]


def test_within_an_issue_corrected_shares_weigh_passages_and_weights_may_be_negative():
    articles, rng = spread_articles(60), np.random.default_rng(13)
    scores = make_scores(rng.random(360), given="migration")
    weight = rng.normal(1, 2, 360)
    outcomes = make_outcomes(
        scores,
        total=0.3 * weight + rng.normal(size=360),
        n_labels=[1] * 360,
        weighting="passage",
        weight=weight,
    )
    table, _ = compare(scores, articles, [GAP | {"given": "migration"}], outcomes=outcomes, scale="share")
    row = find(table, finding="gap", estimator="design-based")
    source = (articles["source"] == "Albion").to_numpy()
    total = outcomes["total"].to_numpy()[:360]
    ratios = [total[side].sum() / weight[side].sum() for side in (source, ~source)]
    assert row["estimate"] == pytest.approx(ratios[0] - ratios[1])
    assert row["low"] < row["estimate"] < row["high"]
    assert row["high"] - row["low"] < 1


def test_q_counts_what_was_estimated_elsewhere_with_its_family():
    articles, rng = spread_articles(30), np.random.default_rng(14)
    scores = make_scores(rng.normal(size=180))
    trend = {"name": "trend", "frame": "threat", "source": "Albion", "kind": "trend"}
    trend |= {"family": "declared", "expect": "rise"}
    row = {"finding": "trend", "frame": "threat", "given": None, "source": "Albion", "contrast": "end minus start"}
    row |= {"period": "all", "scale": "intensity", "estimate": 0.2, "low": 0.1, "high": 0.3, "p": 1e-6}
    row |= {"n_articles": 90, "n_clusters": 30}
    undeclared = row | {"finding": None, "family": "exploratory: trends", "kind": "trend", "expect": None}
    elsewhere = pl.DataFrame([row, undeclared], infer_schema_length=None)
    table, _ = compare(scores, articles, [GAP, trend], elsewhere=elsewhere)
    alone, _ = compare(scores, articles, [GAP])
    found = find(table, finding="trend")
    assert (found["kind"], found["family"], found["expect"], found["leads"]) == ("trend", "declared", "rise", True)
    assert found["q"] == pytest.approx(2e-6)  # two tests in the family
    assert find(table, finding="gap")["q"] == find(alone, finding="gap")["p"]  # the larger of two p
    assert find(table, family="exploratory: trends")["q"] == pytest.approx(1e-6)


def test_each_row_has_its_smallest_effect_of_interest():
    articles, scores = spread_articles(30), make_scores(np.random.default_rng(15).random(180))
    outcomes = make_outcomes(scores, total=scores["share"], n_labels=[1] * 180)
    findings = [GAP, GAP | {"name": "own", "smallest": 0.5}]
    options = {"outcomes": outcomes, "scale": "share"}
    table, _ = compare(scores, articles, findings, smallest={"share": 0.03, "intensity": 0.1}, **options)
    assert set(table.filter(finding="own")["smallest"]) == {0.5}
    assert set(table.filter(finding="gap")["smallest"]) == set(table.filter(family="exploratory")["smallest"]) == {0.03}
    table, _ = compare(scores, articles, findings)
    assert set(table.filter(finding="gap")["smallest"]) == {None}


def test_a_change_of_all_sources_is_shown_on_those_present_throughout():
    articles = spread_articles(52, sources=["Albion", "Brook", "Cape"])
    late = (pl.col("source") == "Cape") & (pl.col("date") < date(2015, 7, 1))
    kept = articles.filter(~late)
    y = np.random.default_rng(16).normal(size=len(articles)) + 5 * (articles["source"] == "Cape").to_numpy()
    common = CHANGE | {"source": ALL_SOURCES, "date": "2015-07-06", "weeks": 20}
    row = find(compare(make_scores(y), kept, [common])[0], finding="attack")
    others, _ = compare(make_scores(y), kept.filter(pl.col("source") != "Cape"), [common])
    assert row["estimate_throughout"] == pytest.approx(find(others, finding="attack")["estimate"])
    assert abs(row["estimate_throughout"]) < 1 < row["estimate"]
    for corpus, wanted in ((articles, common), (kept, common | {"source": "Albion"}), (kept, GAP | {"name": "attack"})):
        assert find(compare(make_scores(y), corpus, [wanted])[0], finding="attack")["estimate_throughout"] is None


def test_gaps_over_few_blocks_are_tested_by_the_wild_bootstrap_and_changes_by_t():
    rng = np.random.default_rng(17)
    for n_weeks, used in ((36, "wild bootstrap over blocks"), (104, "t over weeks")):
        articles = spread_articles(n_weeks)
        y = rng.normal(size=6 * n_weeks) + 2 * (articles["source"] == "Albion").to_numpy()
        table, _ = compare(make_scores(y), articles, [GAP, CHANGE])
        gap, change = find(table, finding="gap"), find(table, finding="attack")
        assert (gap["test"], change["test"]) == (used, "t over weeks")
        assert gap["p"] < 0.01
        assert 0 < gap["low"] < gap["estimate"] < gap["high"]
    again, _ = compare(make_scores(y), articles, [GAP, CHANGE])
    assert again.equals(table)


def test_a_change_stands_alone_where_the_sources_present_throughout_are_not_in_its_windows():
    weeks = [date(2015, 4, 6) + timedelta(weeks=week) for week in range(26)]
    quarters = [("Albion", day) for day in weeks[:13]] + [("Brook", day) for day in weeks[13:]]
    aside = [("Cape", date(2015, 4, 1)), ("Cape", date(2015, 9, 30))]  # in both quarters, and in neither window
    wanted = CHANGE | {"source": ALL_SOURCES, "date": "2015-07-06", "weeks": 12}
    table, _ = compare(make_scores(np.arange(28.0)), make_articles([*quarters, *aside]), [wanted], min_articles=1)
    row = find(table, finding="attack")
    assert row["estimate"] == pytest.approx(np.mean(range(13, 25)) - np.mean(range(1, 13)))
    assert row["estimate_throughout"] is None
