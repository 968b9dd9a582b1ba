from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.signal import lfilter
from scipy.special import logit
from scipy.stats import t

from frameshift.comparisons.prevalence import estimate_prevalence, topic_prevalence
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES

OPTIONS = {
    "measure": "combined",
    "grains": ["quarter"],
    "given": ["migration"],
    "min_articles": 3,
    "scale": "intensity",
}
NEVER, EVERYWHERE = pl.lit(None, pl.String), pl.lit(True)


def make_articles(rows):
    """Articles a0, a1, … from (source, date) pairs, none of them copied."""
    return pl.DataFrame(
        {"source": [source for source, _ in rows], "date": pl.Series([day for _, day in rows], dtype=pl.Date)}
    ).with_columns(
        article_id=pl.format("a{}", pl.int_range(pl.len())),
        wire_cluster=pl.format("a{}", pl.int_range(pl.len())),
        duplicate_of=NEVER,
        date_precision=pl.when(pl.col("date").is_not_null()).then(pl.lit("day")),
    )


def make_scores(values, *, frame="threat", given=None, n_passages=1, measure="combined", weight=1.0):
    """Scores of articles a0, a1, … of one frame; shares are the same numbers."""
    values = pl.Series("score", values, dtype=pl.Float64)
    return (
        pl.select(values)
        .with_columns(
            article_id=pl.format("a{}", pl.int_range(pl.len())),
            share="score",
            n_passages=pl.lit(n_passages, pl.Int64) if isinstance(n_passages, int) else pl.Series(n_passages),
            weight=pl.lit(weight) if isinstance(weight, float) else pl.Series(weight),
            frame=pl.lit(frame),
            given=pl.lit(given, pl.String),
            measure=pl.lit(measure),
        )
        .with_columns(passages=pl.col("n_passages").cast(pl.Float64))
    )


def spread_articles(n_weeks, *, sources=("Albion", "Brook"), a_week=3):
    """`a_week` articles of each source in each of `n_weeks` weeks from Monday 5 January 2015."""
    return make_articles(
        [
            (source, date(2015, 1, 5) + timedelta(weeks=week, days=day))
            for week in range(n_weeks)
            for source in sources
            for day in range(a_week)
        ]
    )


def forget_dates(articles, *, where=EVERYWHERE):
    return articles.with_columns(pl.when(~where).then(pl.col("date", "date_precision")))


def blur_dates(articles, precision, *, where=EVERYWHERE):
    """`articles` of which only the month or the year is known, all or those `where`."""
    start = pl.col("date").dt.truncate({"month": "1mo", "year": "1y"}[precision])
    return articles.with_columns(
        date=pl.when(where).then(start).otherwise("date"),
        date_precision=pl.when(where).then(pl.lit(precision)).otherwise("date_precision"),
    )


def find(prevalence, **values):
    """The one row with these values."""
    for column, value in values.items():
        prevalence = prevalence.filter(pl.col(column).eq_missing(pl.lit(value)))
    assert len(prevalence) == 1
    return prevalence.row(0, named=True)


@pytest.fixture
def twelve():
    """Seven articles of Albion and five of Brook in two quarters, with scores and numbers of passages."""
    january, april = date(2015, 1, 7), date(2015, 4, 8)
    articles = make_articles(
        [("Albion", january)] * 4 + [("Albion", april)] * 3 + [("Brook", january)] * 2 + [("Brook", april)] * 3
    )
    passages = [1, 2, 3, 4, 1, 1, 8, 5, 5, 2, 2, 6]
    scores = make_scores([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 0.0, 1.0, -0.3, 0.3, 0.6], n_passages=passages)
    return articles, scores


def test_means_over_articles_and_over_passages(twelve):
    articles, scores = twelve
    prevalence, omitted = estimate_prevalence(scores, articles, **OPTIONS)
    means = {
        ("Albion", "2015-Q1"): (0.25, (0.1 + 0.4 + 0.9 + 1.6) / 10, 4),
        ("Albion", "2015-Q2"): (0.7, (0.5 + 0.7 + 7.2) / 10, 3),
        ("Albion", "all"): (3.1 / 7, (3.0 + 8.4) / 20, 7),
        ("Brook", "all"): (1.6 / 5, (0 + 5 - 0.6 + 0.6 + 3.6) / 20, 5),
        (ALL_SOURCES, "2015-Q1"): (2 / 6, (3.0 + 5.0) / 20, 6),
        (ALL_SOURCES, "all"): (4.7 / 12, (11.4 + 8.6) / 40, 12),
    }
    for (source, period), (by_article, by_passage, n) in means.items():
        for weighting, mean in (("article", by_article), ("passage", by_passage)):
            row = find(prevalence, source=source, period=period, weighting=weighting)
            assert row["estimate"] == pytest.approx(mean)
            assert row["n_articles"] == n
            assert row["low"] is None  # one or two weeks
    assert find(prevalence, source="Brook", period="2015-Q2", weighting="article")["start"] == date(2015, 4, 1)
    assert len(prevalence) == 3 * 3 * 2
    assert omitted.is_empty()


def test_within_an_issue_only_articles_about_it_count(twelve):
    articles, scores = twelve
    within = make_scores([0.5, 0.9], given="migration", n_passages=[1, 3])
    elsewhere = make_scores([9.0], given="taxes")
    prevalence, _ = estimate_prevalence(pl.concat([scores, within, elsewhere]), articles, **OPTIONS)
    row = find(prevalence, given="migration", source="Albion", period="all", weighting="passage")
    assert (row["estimate"], row["n_articles"]) == (pytest.approx(0.8), 2)
    assert set(prevalence["given"]) == {None, "migration"}


def test_an_article_counts_as_much_as_it_is_likely_to_be_about_the_issue(twelve):
    articles, scores = twelve
    within = make_scores([0.9, 0.1, 0.5], given="migration", weight=[0.75, 0.25, 0.5])
    within = within.with_columns(passages=pl.Series([3.0, 1.0, 0.5]))
    prevalence, _ = estimate_prevalence(pl.concat([scores, within]), articles, **(OPTIONS | {"scale": "share"}))
    by_article, by_passage = (
        find(prevalence, given="migration", source="Albion", period="all", weighting=weighting)
        for weighting in ("article", "passage")
    )
    assert by_article["estimate"] == pytest.approx((0.9 * 0.75 + 0.1 * 0.25 + 0.5 * 0.5) / 1.5)
    assert by_passage["estimate"] == pytest.approx((0.9 * 3 + 0.1 * 1 + 0.5 * 0.5) / 4.5)
    assert by_article["n_articles"] == by_passage["n_articles"] == 2  # as likely as not, or more


def test_an_article_that_weighs_nothing_changes_nothing(twelve):
    articles, scores = twelve
    weight = [1.0] * 11 + [0.0]
    options = OPTIONS | {"given": []}
    without, _ = estimate_prevalence(scores.head(11), articles, **options)
    faint = scores.with_columns(weight=pl.Series(weight), passages=pl.col("passages") * pl.Series(weight))
    prevalence, _ = estimate_prevalence(faint, articles, **options)
    assert prevalence.equals(without)


def test_where_frames_have_no_share_within_an_issue_it_is_said(twelve):
    articles, scores = twelve
    within = make_scores([0.5, 0.9], given="migration").with_columns(share=pl.lit(None, pl.Float64))
    prevalence, omitted = estimate_prevalence(pl.concat([scores, within]), articles, **(OPTIONS | {"scale": "share"}))
    assert set(prevalence["given"]) == {None}
    assert ("prevalence", "threat", None, None, "no article has a share by combined within migration") in omitted.rows()


@pytest.mark.parametrize("level", [0.02, 0.5, 0.98])
def test_shares_weighted_by_likelihood_lie_in_an_interval_within_0_and_1_symmetric_in_logits(level):
    rng = np.random.default_rng(11)
    articles = spread_articles(60)
    share = rng.beta(level * 2, (1 - level) * 2, size=360)
    scores = make_scores(share, given="migration", weight=rng.random(360))
    options = OPTIONS | {"scale": "share", "grains": ["month", "quarter"]}
    cells = estimate_prevalence(scores, articles, **options)[0].filter(pl.col("low").is_not_null())
    assert cells.filter(grain="quarter").height >= 12
    assert cells.filter((pl.col("low") <= 0) | (pl.col("high") >= 1)).is_empty()
    low, estimate, high = (logit(cells[column].to_numpy()) for column in ("low", "estimate", "high"))
    np.testing.assert_allclose(high - estimate, estimate - low, rtol=1e-6)


def whole_span(y, n_weeks, scale="intensity"):
    """The row of the whole span of one source with three articles a week, all with that week's score."""
    articles = spread_articles(n_weeks, sources=["Albion"])
    prevalence, _ = estimate_prevalence(make_scores(np.repeat(y, 3)), articles, **(OPTIONS | {"scale": scale}))
    return find(prevalence, source="Albion", period="all", weighting="article")


def test_where_neighbouring_weeks_differ_the_interval_is_that_of_weekly_clusters():
    y = np.array([3, 0, 1, 3, 0, 2, 1, 0] * 5, dtype=float)
    row = whole_span(y, 40)
    reach = t.ppf(0.975, 0.75 * 40 / row["block_weeks"]) * np.std(y, ddof=1) / np.sqrt(40)
    assert (row["estimate"], row["n_articles"], row["n_clusters"]) == (pytest.approx(1.25), 120, 40)
    assert (row["low"], row["high"]) == (pytest.approx(1.25 - reach), pytest.approx(1.25 + reach))


def test_where_neighbouring_weeks_resemble_each_other_the_interval_is_wider():
    persistent = lfilter([1], [1, -0.8], np.random.default_rng(1).normal(size=260))
    mixed = whole_span(np.random.default_rng(2).permutation(persistent), 260)
    lasting = whole_span(persistent, 260)
    assert lasting["high"] - lasting["low"] > 2 * (mixed["high"] - mixed["low"])
    assert lasting["block_weeks"] >= mixed["block_weeks"] == 11


def test_shares_stay_within_0_and_1_also_where_none_or_all_are_framed():
    articles = spread_articles(26)
    framed = (pl.col("source") == "Albion") & (pl.col("date") >= date(2015, 4, 1)) & (pl.col("date").dt.week() % 2 == 0)
    y = articles.select(framed.cast(pl.Float64)).to_series()
    prevalence, _ = estimate_prevalence(make_scores(y), articles, **(OPTIONS | {"scale": "share"}))
    cells = prevalence.filter(pl.col("low").is_not_null(), pl.col("weighting") == "article")
    assert cells.filter((pl.col("low") < 0) | (pl.col("high") > 1)).is_empty()
    never = find(cells, source="Brook", period="2015-Q1")  # no source's effective size is known: each week counts once
    assert (never["estimate"], never["low"], never["high"]) == (0, 0, pytest.approx(1 - 0.025 ** (1 / 13)))
    whole, none = (find(cells, source="Albion", period=period) for period in ("all", "2015-Q1"))
    p = whole["estimate"]
    df = 0.75 * 26 / whole["block_weeks"]
    design_effect = ((logit(whole["high"]) - logit(p)) / t.ppf(0.975, df)) ** 2 * p * (1 - p) * whole["n_articles"]
    size = max(none["n_articles"] / design_effect, none["n_clusters"])  # never fewer than the weeks
    assert (none["low"], none["high"]) == (0, pytest.approx(1 - 0.025 ** (1 / size)))


def test_a_wire_story_counts_in_the_week_of_its_first_copy_and_the_period_of_its_own():
    articles = make_articles([("Albion", date(2015, 3, 31)), ("Brook", date(2015, 4, 7))])
    options = OPTIONS | {"min_articles": 1}
    apart, _ = estimate_prevalence(make_scores([1, 3]), articles, **options)
    wired, _ = estimate_prevalence(make_scores([1, 3]), articles.with_columns(wire_cluster=pl.lit("a0")), **options)
    whole = {"source": ALL_SOURCES, "period": "all", "weighting": "article"}
    assert (find(apart, **whole)["n_clusters"], find(wired, **whole)["n_clusters"]) == (2, 1)
    assert find(wired, source="Brook", weighting="article", grain="quarter")["period"] == "2015-Q2"


def test_merged_copies_do_not_count(twelve):
    articles, scores = twelve
    merged = articles.with_columns(duplicate_of=pl.when(article_id="a6").then(pl.lit("a5")))
    prevalence, _ = estimate_prevalence(scores, merged, **OPTIONS)
    row = find(prevalence, source="Albion", period="2015-Q2", weighting="article")
    assert (row["estimate"], row["n_articles"]) == (pytest.approx(0.6), 2)


def test_small_sources_are_not_shown_alone_but_count_in_the_whole(twelve):
    articles, scores = twelve
    prevalence, omitted = estimate_prevalence(scores, articles, **(OPTIONS | {"min_articles": 6}))
    assert set(prevalence["source"]) == {"Albion", ALL_SOURCES}
    assert find(prevalence, source=ALL_SOURCES, period="all", weighting="article")["n_articles"] == 12
    assert omitted.rows() == [
        ("prevalence", None, "Brook", None, "not compared by itself: articles below min_articles (5 of 6)")
    ]


def test_undated_articles_count_in_nothing_but_the_omissions(twelve):
    articles, scores = twelve
    undated = forget_dates(articles, where=pl.col("article_id") == "a0")
    prevalence, omitted = estimate_prevalence(scores, undated, **OPTIONS)
    assert find(prevalence, source="Albion", period="all", weighting="article")["n_articles"] == 6
    assert omitted["reason"].to_list() == ["articles without a date are left out: 1"]


def test_without_any_date_there_are_means_but_no_periods_and_no_intervals():
    articles = forget_dates(spread_articles(20))
    prevalence, omitted = estimate_prevalence(make_scores(np.arange(120.0)), articles, **OPTIONS)
    row = find(prevalence, source=ALL_SOURCES, weighting="article")
    assert (row["estimate"], row["grain"], row["low"], row["n_clusters"]) == (59.5, "all", None, 0)
    assert omitted["reason"].to_list() == ["none of the 120 articles has a date: no periods, blocks or intervals"]


def test_an_article_counts_at_the_grains_that_its_date_tells():
    articles = spread_articles(40)  # five articles of Albion known by month, one of Brook by year
    articles = blur_dates(articles, "month", where=pl.col("article_id").is_in(["a0", "a1", "a2", "a60", "a120"]))
    articles = blur_dates(articles, "year", where=pl.col("article_id") == "a3")
    grains = ["week", "month", "quarter", "year"]
    prevalence, omitted = estimate_prevalence(make_scores(np.arange(240.0)), articles, **OPTIONS | {"grains": grains})
    counted = prevalence.filter(weighting="article").group_by("source", "grain").agg(pl.col("n_articles").sum())
    assert {(source, grain): n for source, grain, n in counted.iter_rows() if source != ALL_SOURCES} == {
        **{("Albion", "week"): 115, ("Albion", "month"): 120, ("Albion", "quarter"): 120, ("Albion", "year"): 120},
        **{("Brook", "week"): 119, ("Brook", "month"): 119, ("Brook", "quarter"): 119, ("Brook", "year"): 120},
        **{("Albion", "all"): 120, ("Brook", "all"): 120},
    }
    assert omitted.select("source", "reason").rows() == [
        ("Albion", "articles whose date does not tell the week are left out by week: 5"),
        ("Brook", "articles whose date does not tell the week are left out by week: 1"),
        ("Brook", "articles whose date does not tell the month are left out by month: 1"),
        ("Brook", "articles whose date does not tell the quarter are left out by quarter: 1"),
        (None, "the only year with articles: no change over time"),
    ]
    january = find(prevalence, source="Albion", period="2015-01", weighting="article")
    assert january["n_articles"] == 12


def test_articles_of_unknown_week_count_in_the_mean_and_leave_the_interval_its_width():
    rng = np.random.default_rng(4)
    articles, scores = spread_articles(60, sources=["Albion"], a_week=10), rng.normal(size=600)
    vague = pl.col("article_id").is_in([f"a{i}" for i in range(0, 600, 10)])  # one in ten, one a week
    sharp, known = (
        find(
            estimate_prevalence(make_scores(scores), part, **OPTIONS)[0],
            period="all",
            weighting="article",
            source="Albion",
        )
        for part in (articles, articles.filter(~vague))
    )
    prevalence, omitted = estimate_prevalence(
        make_scores(scores), blur_dates(articles, "month", where=vague), **OPTIONS
    )
    assert not any("interval" in reason for reason in omitted["reason"])
    mixed = find(prevalence, source="Albion", period="all", weighting="article")
    assert (mixed["estimate"], mixed["n_articles"]) == (pytest.approx(sharp["estimate"]), 600)
    assert mixed["high"] - mixed["low"] == pytest.approx(known["high"] - known["low"])
    more = blur_dates(articles, "month", where=vague | (pl.col("article_id") == "a1"))
    prevalence, omitted = estimate_prevalence(make_scores(scores), more, **OPTIONS)
    assert find(prevalence, source="Albion", period="all", weighting="article")["low"] is None
    reason = "no interval over the whole span: the week of 61 of 600 articles is unknown"
    assert reason in omitted.filter(source="Albion")["reason"].to_list()


@pytest.mark.parametrize("scale", ["intensity", "share"])
def test_a_corpus_that_knows_only_years_has_yearly_means_without_intervals(scale, recwarn):
    articles = blur_dates(spread_articles(150), "year")
    scores = make_scores(np.random.default_rng(5).integers(0, 2, 900))
    options = OPTIONS | {"grains": ["quarter", "year"], "scale": scale}
    prevalence, omitted = estimate_prevalence(scores, articles, **options)
    cells = prevalence.filter(source="Albion", weighting="article").sort("period")
    assert cells["period"].to_list() == ["2015", "2016", "2017", "all"]
    assert cells["n_articles"].to_list() == [156, 156, 138, 450]  # 52, 52 and 46 weeks
    assert cells["estimate"][3] == pytest.approx(np.average(cells["estimate"][:3], weights=[156, 156, 138]))
    assert prevalence.select("low", "high", "block_weeks").null_count().row(0) == (len(prevalence),) * 3
    assert omitted["reason"].to_list() == [
        "nothing by quarter: the dates of all 900 articles tell only the year",
        "no intervals: the week of all 900 articles is unknown",
    ]
    assert not recwarn.list


def test_topics_of_a_corpus_that_knows_only_months_are_estimated_by_quarter_and_not_by_week():
    articles = blur_dates(spread_articles(30), "month")
    assignments = articles.select("article_id", topic=pl.int_range(pl.len()) % 2, weight=pl.lit(1.0))
    prevalence, omitted = topic_prevalence(
        assignments, articles, model="lda", labels={}, grains=["week", "quarter"], min_articles=3
    )
    assert {*prevalence["grain"]} == {"all", "quarter"}
    assert (
        find(prevalence, frame="topic 1", source="Albion", period="2015-Q1")["n_articles"] == 38
    )  # 31 March was a Tuesday
    assert "nothing by week: the dates of all 180 articles tell only the month" in omitted["reason"].to_list()


def test_one_source_one_quarter_and_a_constant_score_are_estimated_and_the_limits_named():
    articles = spread_articles(12, sources=["Albion"])
    prevalence, omitted = estimate_prevalence(make_scores([0.3] * 36), articles, **OPTIONS)
    row = find(prevalence, source="Albion", period="2015-Q1", weighting="article")
    assert (row["estimate"], row["low"], row["high"]) == (pytest.approx(0.3), None, None)
    assert omitted.select("frame", "source", "period", "reason").rows() == [
        (None, "Albion", None, "the only source: sources cannot be compared"),
        ("threat", None, None, "all 36 articles score 0.3: no interval"),
        (None, None, "2015-Q1", "the only quarter with articles: no change over time"),
    ]


def test_frames_without_shares_are_omitted_from_the_scale_of_shares(twelve):
    articles, scores = twelve
    scores = scores.with_columns(share=pl.lit(None, pl.Float64))
    prevalence, omitted = estimate_prevalence(scores, articles, **(OPTIONS | {"scale": "share"}))
    assert prevalence.is_empty()
    assert ("prevalence", "threat", None, None, "no article has a share by combined") in omitted.rows()


def test_a_measure_that_was_not_scored_is_refused_by_name(twelve):
    articles, scores = twelve
    with pytest.raises(UserError, match=r"comparisons.measure: 'axis' was not scored; use one of combined"):
        estimate_prevalence(scores, articles, **(OPTIONS | {"measure": "axis"}))


def test_no_number_is_nan_and_no_warning_is_given(recwarn):
    rng = np.random.default_rng(2)
    articles = spread_articles(60, sources=["Albion", "Brook", "Cape"], a_week=1)
    scores = pl.concat(
        make_scores((rng.random(180) < p).astype(float), frame=f"{p}", given=given)
        for p in (0, 0.01, 0.5, 1)
        for given in (None, "migration")
    )
    for scale in ("share", "intensity"):
        options = OPTIONS | {"scale": scale, "grains": ["week", "month", "quarter", "year"]}
        prevalence, _ = estimate_prevalence(scores, articles, **options)
        numbers = prevalence.select("estimate", "low", "high")
        assert not numbers.select(pl.any_horizontal(pl.all().is_nan()).fill_null(False).any()).item()
        assert prevalence.filter(pl.col("low") > pl.col("estimate") + 1e-12).is_empty()
    assert not recwarn.list


def test_topic_shares_include_the_unassigned_and_zeros(twelve):
    articles, _ = twelve
    topics = [0, 0, 1, -1, 1, 1, 1, 0, 0, 0, 0, 0]
    assignments = articles.select("article_id", topic=pl.Series(topics, dtype=pl.Int64), weight=pl.lit(1.0))
    prevalence, omitted = topic_prevalence(
        assignments, articles, model="lda", labels={1: "Border"}, grains=["quarter"], min_articles=3
    )
    shares = {
        ("topic 0", "Albion", "2015-Q1"): 0.5,
        ("topic 0", "Albion", "2015-Q2"): 0,
        ("topic 1", "Albion", "2015-Q2"): 1,
        ("topic -1", "Albion", "2015-Q1"): 0.25,
        ("topic 1", "Brook", "all"): 0,
        ("topic 1", ALL_SOURCES, "all"): 4 / 12,
    }
    for (frame, source, period), share in shares.items():
        assert find(prevalence, frame=frame, source=source, period=period)["estimate"] == pytest.approx(share)
    assert set(prevalence.filter(frame="topic 1")["label"]) == {"Border"}
    assert set(prevalence.filter(frame="topic 0")["label"]) == {None}
    assert set(prevalence["measure"]) == {"lda"}
    assert omitted.is_empty()
    sums = prevalence.group_by("source", "period").agg(pl.col("estimate").sum())
    np.testing.assert_allclose(sums["estimate"], 1)
