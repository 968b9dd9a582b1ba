from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.oaxaca import OaxacaBlinder
from test_comparisons_contrasts import GAP
from test_comparisons_contrasts import OPTIONS as TESTS
from test_comparisons_prevalence import find, forget_dates, make_articles, make_scores, spread_articles

from frameshift.comparisons import contrasts
from frameshift.comparisons.decomposition import chosen_fits, decompose, overlapping_words
from frameshift.comparisons.kitagawa import PARTS, find_sides, find_slopes, split_difference, split_topics
from frameshift.comparisons.series import find_outcomes
from frameshift.tables import ALL_SOURCES

MIDDLE = date(2015, 6, 1)  # week 21 of spread_articles
FINDING = {"name": "more", "frame": "threat", "source": "Albion", "kind": "mix", "date": "2015-06-01"}
OPTIONS = {"scale": "intensity", "split": MIDDLE, "patterns": {}, "min_articles": 3}


def assign(topics):
    return pl.DataFrame({"topic": pl.Series(topics, dtype=pl.Int64)}).select(
        pl.format("a{}", pl.int_range(pl.len())).alias("article_id"), "topic"
    )


def describe(n_topics, words="coal mine"):
    number = pl.int_range(n_topics, eager=True)
    return pl.DataFrame({"topic": number, "label": number.cast(str), "words": [words] * n_topics}).with_columns(
        stability=pl.lit(0.9)
    )


def split_by_topic(scores, articles, fits, findings=(), **options):
    """By one model, "lda", of which `fits` are the topics of articles a0, a1, … by each seed."""
    outcomes = find_outcomes(scores, measure="combined", given=["migration"], scale="intensity")
    assignments, topics = {"lda": [assign(fit) for fit in fits]}, {"lda": describe(9)}
    return decompose(outcomes, articles, assignments, topics, list(findings), **(OPTIONS | options))


def reasons(omitted):
    return omitted["reason"].to_list()


def make_corpus(n_weeks):
    """Articles of two sources, their scores and their topics, which all change at MIDDLE."""
    rng = np.random.default_rng(20151105)
    articles = spread_articles(n_weeks, a_week=6)
    later, n = (articles["date"] >= MIDDLE).to_numpy(), len(articles)
    topic = np.where(rng.random(n) < np.where(later, 0.6, 0.3), 0, rng.integers(1, 4, n))
    values = np.array([2.0, 0.0, 1.0, -1.0])[topic] + 0.5 * later + rng.normal(size=n)
    return articles, values, topic


@pytest.fixture
def corpus():
    return make_corpus(60)


def test_the_parts_are_those_of_oaxaca_and_blinder_on_dummies_of_the_topics(corpus):
    articles, values, topic = corpus
    table, _, _ = split_by_topic(make_scores(values), articles, [topic])
    later = (articles["date"] >= MIDDLE).to_numpy()
    dummies = (topic[:, None] == np.arange(4)).astype(float)
    # Its gap is the group of the higher mean minus the other: later minus earlier.
    peer = OaxacaBlinder(values, np.column_stack([dummies, ~later]), 4, hasconst=True)
    mix, within, interaction, _ = peer.three_fold().params
    unexplained, explained, total = peer.two_fold(two_fold_type="self_submitted", submitted_weight=0.5).params
    expected = {
        **{("three-fold", "mix"): mix, ("three-fold", "within"): within, ("three-fold", "interaction"): interaction},
        **{("two-fold", "mix"): explained, ("two-fold", "within"): unexplained, ("two-fold", "total"): total},
    }
    for (form, part), value in expected.items():
        row = find(table, source=ALL_SOURCES, form=form, part=part)
        assert row["estimate"] == pytest.approx(value, abs=1e-10), (form, part)


def test_parts_add_up_to_the_change_of_the_mean_to_twelve_digits(corpus):
    articles, values, topic = corpus
    table, by_topic, _ = split_by_topic(make_scores(values), articles, [topic])
    chosen = (articles["source"] == "Albion").to_numpy()
    later = (articles["date"] >= MIDDLE).to_numpy()
    change = values[chosen & later].mean() - values[chosen & ~later].mean()
    mine = table.filter(source="Albion", kind="change")
    for form in ("two-fold", "three-fold"):
        parts = mine.filter(pl.col("form") == form, pl.col("part") != "total")["estimate"].sum()
        assert abs(parts - change) < 1e-12
        assert abs(find(mine, form=form, part="total")["estimate"] - change) < 1e-12
    topics = by_topic.filter(source="Albion", kind="change")
    for part in ("mix", "within"):
        assert abs(topics[part].sum() - find(mine, form="two-fold", part=part)["estimate"]) < 1e-12


def test_a_topic_absent_from_one_side_takes_the_other_sides_mean_so_that_it_is_mix():
    weights, totals = np.array([[3.0, 1.0, 0.0], [2.0, 0.0, 2.0]]), np.array([[3.0, 5.0, 0.0], [2.0, 0.0, 8.0]])
    parts = dict(zip(PARTS, split_difference(find_sides(weights, totals)), strict=True))
    assert parts["two-fold", "within"] == parts["three-fold", "within"] == parts["three-fold", "interaction"] == 0
    assert parts["two-fold", "mix"] == pytest.approx(10 / 4 - 8 / 4)


def test_slopes_are_the_derivatives_of_the_parts_where_a_topic_is_absent_too():
    rng = np.random.default_rng(3)
    weights, totals = rng.random((2, 4)) + 0.1, rng.normal(size=(2, 4))
    weights[0, 2] = totals[0, 2] = 0
    sides = find_sides(weights, totals)
    by_share, by_mean = find_slopes(sides)
    for cell in np.argwhere(weights > 0):
        step = np.zeros((2, 4))
        step[tuple(cell)] = 1e-6
        moved = split_difference(sides._replace(shares=sides.shares + step)) - split_difference(
            sides._replace(shares=sides.shares - step)
        )
        np.testing.assert_allclose(moved / 2e-6, by_share[:, *cell], atol=1e-8)
        moved = split_difference(find_sides(weights, totals + step * weights)) - split_difference(
            find_sides(weights, totals - step * weights)
        )
        np.testing.assert_allclose(moved / 2e-6, by_mean[:, *cell], atol=1e-8)


def test_what_a_topic_contributes_to_the_mix_does_not_depend_on_the_zero_of_the_scale():
    rng = np.random.default_rng(1)
    weights, totals = rng.random((2, 4)), rng.random((2, 4))
    mix, within = split_topics(find_sides(weights, totals))
    moved_mix, moved_within = split_topics(find_sides(weights, totals + 7 * weights))
    np.testing.assert_allclose(moved_mix, mix, atol=1e-12)
    np.testing.assert_allclose(moved_within, within, atol=1e-12)


def test_total_and_its_interval_are_those_of_the_contrast():
    articles, values, topic = make_corpus(104)  # over fewer weeks the contrast takes the wild bootstrap
    scores = make_scores(values)
    change = GAP | {"name": "change", "kind": "change", "date": "2015-06-01", "weeks": 12}
    tested, _ = contrasts.test_contrasts(scores, articles, [GAP, change], **TESTS)
    table, _, _ = split_by_topic(scores, articles, [topic], [FINDING | {"weeks": 12}])
    gap = find(table, source="Albion", kind="gap", form="two-fold", part="total")
    short = pl.col("from") == "2015-03-09/2015-05-31"
    change = find(table.filter(short), source="Albion", kind="change", form="two-fold", part="total")
    assert change["to"] == "2015-06-01/2015-08-23"
    expected = find(tested, finding="gap")
    for column in ("estimate", "low", "high", "p"):
        assert gap[column] == pytest.approx(expected[column])
    # The weeks of the windows alone tell how weeks depend on each other, where the contrast has those of all.
    assert change["estimate"] == pytest.approx(find(tested, finding="change")["estimate"])


def test_a_gap_sets_a_source_against_all_others_small_ones_too():
    articles = make_articles([(source, date(2015, 1, 7)) for source in ["Albion"] * 3 + ["Brook"] * 2 + ["Cape"]])
    table, by_topic, _ = split_by_topic(make_scores([1, 2, 3, 4, 6, 8]), articles, [[0, 0, 1, 1, 0, 0]])
    gaps = table.filter(kind="gap")
    assert gaps["source"].unique().to_list() == ["Albion"]
    assert gaps.select("from", "to").unique().rows() == [("all other sources", "Albion")]
    # Albion: 2/3 in topic 0 with mean 1.5, topic 1 with 3. Others: 2/3 in topic 0 with mean 7, topic 1 with 4.
    assert find(gaps, form="two-fold", part="mix")["estimate"] == pytest.approx(0)
    assert find(gaps, form="two-fold", part="within")["estimate"] == pytest.approx(2 / 3 * -5.5 + 1 / 3 * -1)
    row = find(by_topic, topic=0)
    assert (row["share_from"], row["mean_from"], row["mean_to"]) == pytest.approx((2 / 3, 7, 1.5))


def test_within_an_issue_topics_are_shares_of_what_is_about_it():
    articles = spread_articles(2, sources=["Albion"], a_week=2)
    scores = make_scores([1, 3, 1, 3], given="migration", weight=[0.75, 0.25, 0.2, 0.6])
    table, by_topic, _ = split_by_topic(scores, articles, [[0, 1, 0, 1]], split=date(2015, 1, 12))
    row = find(table.filter(source="Albion"), form="two-fold", part="mix")
    assert row["estimate"] == pytest.approx(0.25 * 1 + 0.75 * 3 - (0.75 * 1 + 0.25 * 3))
    assert by_topic.filter(source="Albion").sort("topic")["share_to"].to_list() == pytest.approx([0.25, 0.75])


def test_articles_without_a_topic_are_a_topic_of_their_own_and_counted(corpus):
    articles, values, topic = corpus
    with_none = np.where(topic == 3, -1, topic)
    table, by_topic, _ = split_by_topic(make_scores(values), articles, [with_none])
    expected, _, _ = split_by_topic(make_scores(values), articles, [topic])
    assert table["estimate"].to_list() == pytest.approx(expected["estimate"].to_list())
    assert find(by_topic.filter(source="Albion", kind="gap"), topic=-1)["label"] == "no topic"
    gap = table.filter(source="Albion", kind="gap")["unassigned"][0]
    shares = [(with_none[articles["source"] == source] == -1).mean() for source in ("Albion", "Brook")]
    assert gap == pytest.approx(np.mean(shares))


def test_the_range_over_seeds_holds_the_estimate_of_every_fit(corpus):
    articles, values, topic = corpus
    other = np.roll(topic, 1)
    scores = make_scores(values)
    table, _, _ = split_by_topic(scores, articles, [topic, other])
    alone, _, _ = split_by_topic(scores, articles, [other])
    low, high = pl.min_horizontal("estimate", alone["estimate"]), pl.max_horizontal("estimate", alone["estimate"])
    assert table["seed_low"].to_list() == pytest.approx(table.select(low).to_series().to_list())
    assert table["seed_high"].to_list() == pytest.approx(table.select(high).to_series().to_list())
    assert alone["seed_low"].null_count() == len(alone)


def test_a_finding_stands_at_its_part_of_the_two_fold_form_by_the_first_model(corpus):
    articles, values, topic = corpus
    outcomes = find_outcomes(make_scores(values), measure="combined", given=[], scale="intensity")
    models = {name: [assign(topic)] for name in ("nmf", "lda")}
    topics = {name: describe(4) for name in models}
    findings = [FINDING, FINDING | {"name": "group", "source": "leaning: left"}, FINDING | {"kind": "change"}]
    table, _, omitted = decompose(outcomes, articles, models, topics, findings, **OPTIONS)
    marked = table.filter(pl.col("finding").is_not_null())
    assert marked.select("model", "source", "form", "part", "finding").rows() == [
        ("nmf", "Albion", "two-fold", "mix", "more")
    ]
    assert omitted.is_empty()


def test_a_declared_change_adds_its_own_source_only(corpus):
    articles, values, topic = corpus
    finding = FINDING | {"kind": "within", "weeks": 10}
    table, by_topic, _ = split_by_topic(make_scores(values), articles, [topic], [finding])
    assert find(table, finding="more")["from"] == "2015-03-23/2015-05-31"
    assert table.filter(pl.col("from") == "2015-03-23/2015-05-31")["source"].unique().to_list() == ["Albion"]
    assert by_topic.filter(pl.col("from") == "2015-03-23/2015-05-31")["source"].unique().to_list() == ["Albion"]


def test_without_a_split_the_monday_of_the_middle_article_divides_the_weeks(corpus):
    articles, values, topic = corpus
    table, _, _ = split_by_topic(make_scores(values), articles, [topic], split=None)
    change = find(table, source=ALL_SOURCES, form="two-fold", part="mix")
    assert (change["from"], change["to"]) == ("2015-01-05/2015-08-02", "2015-08-03/2016-02-27")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"date": "2031-01-01"}, "2031-01-01 lies outside the span of the articles, 2015-01-05 to 2016-02-27"),
        ({"frame": "security"}, "no article of known day has such a score"),
        ({"source": "Cape"}, "this source has fewer articles than min_articles"),
        ({"weeks": 3}, "too few for a test: 3 weeks and 18 articles on the thinner side"),
    ],
)
def test_a_finding_that_cannot_be_made_is_omitted_with_the_reason(corpus, change, reason):
    articles, values, topic = corpus
    extra = make_articles([("Cape", date(2015, 1, 7))]).with_columns(article_id=pl.lit("b"), wire_cluster=pl.lit("b"))
    _, _, omitted = split_by_topic(
        make_scores(values), pl.concat([articles, extra.select(articles.columns)]), [topic], [FINDING | change]
    )
    assert f"finding more: {reason}" in reasons(omitted)


def test_five_weeks_have_no_test_seven_no_interval_and_eight_both():
    rng = np.random.default_rng(2)
    for weeks, has_p, has_interval in [(5, False, False), (7, True, False), (8, True, True)]:
        articles = spread_articles(weeks + 20, a_week=5)
        split = date(2015, 1, 5) + timedelta(weeks=weeks)
        topic = rng.integers(0, 2, len(articles))
        table, _, _ = split_by_topic(make_scores(rng.normal(size=len(articles))), articles, [topic], split=split)
        row = find(table, source="Albion", kind="change", form="two-fold", part="within")
        assert (row["p"] is not None, row["low"] is not None) == (has_p, has_interval)


def test_scores_that_do_not_vary_have_no_interval(corpus):
    articles, _, topic = corpus
    table, _, omitted = split_by_topic(make_scores([0.25] * 720), articles, [topic])
    assert table["estimate"].to_list() == pytest.approx([0] * len(table), abs=1e-12)
    assert table["p"].null_count() == table["low"].null_count() == len(table)
    assert "change: the score does not vary: no test" in reasons(omitted)


@pytest.mark.parametrize(
    ("articles", "reason"),
    [
        (spread_articles(3, sources=["Albion"]), "the only source: sources cannot be compared"),
        (
            spread_articles(1),
            f"change: {date(2015, 1, 5)} lies outside the span of the articles, 2015-01-05 to 2015-01-07",
        ),
        (forget_dates(spread_articles(3)), "none of the 18 articles has a date: no periods, blocks or intervals"),
    ],
    ids=["one source", "one week", "no dates"],
)
def test_bad_input_is_omitted_with_a_reason(articles, reason):
    n = len(articles)
    _, _, omitted = split_by_topic(make_scores(np.arange(n)), articles, [np.arange(n) % 2], split=None)
    assert reason in reasons(omitted)


def test_where_every_source_is_small_only_all_of_them_together_are_compared(corpus):
    articles, values, topic = corpus
    table, _, omitted = split_by_topic(make_scores(values), articles, [topic], min_articles=1000)
    assert table.select("source", "kind").unique().rows() == [(ALL_SOURCES, "change")]
    assert "not compared by itself: articles below min_articles (360 of 1000)" in reasons(omitted)


def test_a_source_on_one_side_only_is_omitted_and_the_others_are_not(corpus):
    articles, values, topic = corpus
    early = (pl.col("source") == "Albion") & (pl.col("date") < MIDDLE)
    table, _, omitted = split_by_topic(make_scores(values), articles.filter(~early), [topic])
    assert ("threat", "Albion", "change: articles on one side only") in omitted.select(
        "frame", "source", "reason"
    ).rows()
    assert table.filter(kind="change")["source"].unique().sort().to_list() == ["Brook", ALL_SOURCES]


def test_a_topic_of_negative_corrected_weight_is_omitted(corpus):
    articles, values, topic = corpus
    outcomes = find_outcomes(make_scores(values), measure="combined", given=[], scale="intensity")
    outcomes = outcomes.with_columns(weight=pl.Series(np.where(topic == 3, -0.1, 1.0)))
    fits = {"lda": [assign(topic)]}
    table, _, omitted = decompose(outcomes, articles, fits, {"lda": describe(4)}, [], **OPTIONS)
    assert table.is_empty()
    assert "gap: a topic's weight, corrected by labels, is below zero on one side" in reasons(omitted)


def test_without_a_topic_model_the_tables_are_empty_and_say_why(corpus):
    articles, values, _ = corpus
    outcomes = find_outcomes(make_scores(values), measure="combined", given=[], scale="intensity")
    table, by_topic, omitted = decompose(outcomes, articles, {"lda": []}, {}, [FINDING], **OPTIONS)
    assert table.is_empty()
    assert by_topic.is_empty()
    assert reasons(omitted) == ["no topic model was fitted: no topics to compare by"]


def test_chosen_fits_are_the_seeds_of_the_chosen_setting_the_chosen_one_first():
    keys = [("k=2", 1), ("k=2", 2), ("k=2", 3), ("k=4", 2)]
    fits = pl.concat(
        assign([number]).with_columns(model=pl.lit("lda"), setting=pl.lit(setting), seed=pl.lit(seed))
        for number, (setting, seed) in enumerate(keys)
    )
    selection = pl.DataFrame(
        {"model": "lda", "setting": [k for k, _ in keys], "seed": [seed for _, seed in keys]}
    ).with_columns(chosen=(pl.col("setting") == "k=2") & (pl.col("seed") == 2))
    assert [fit["topic"].to_list() for fit in chosen_fits(fits, selection, "lda")] == [[1], [0], [2]]
    assert chosen_fits(fits, selection, "nmf") == []


def test_words_of_a_topic_that_the_codebook_looks_for_are_told_in_phrases_too():
    words = "terrorists border_security coal fences insecurity"
    assert overlapping_words(words, ["terror*", "security", "border fence*"]) == "terrorists border_security"
    assert overlapping_words(words, []) == ""


def test_a_topics_overlap_is_with_the_frame_it_is_split_for(corpus):
    articles, values, topic = corpus
    scores = pl.concat([make_scores(values), make_scores(values, frame="security")])
    outcomes = find_outcomes(scores, measure="combined", given=[], scale="intensity")
    topics = {"lda": describe(4, words="coal terrorists")}
    patterns = {"threat": ["terror*"], "security": ["police*"]}
    _, by_topic, _ = decompose(
        outcomes, articles, {"lda": [assign(topic)]}, topics, [], **(OPTIONS | {"patterns": patterns})
    )
    assert by_topic.select("frame", "overlap").unique().sort("frame").rows() == [
        ("security", ""),
        ("threat", "terrorists"),
    ]
