"""Groups of sources give what their sources would give under one name, and leave the sources as they were."""

from datetime import date
from functools import partial

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse
from test_comparisons_contrasts import CHANGE, GAP
from test_comparisons_contrasts import OPTIONS as TESTS
from test_comparisons_prevalence import OPTIONS, find, make_scores, spread_articles

from frameshift.comparisons import contrasts
from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.prevalence import estimate_prevalence, topic_prevalence
from frameshift.comparisons.words import compare_words
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES

SOURCES = ["Albion", "Brook", "Cape", "Dale", "Esk"]
GROUPS = {"leaning": {"left": ["Albion", "Brook"], "right": ["Cape", "Dale"]}, "country": {"here": ["Albion", "Esk"]}}
LEFT, RIGHT, HERE = "leaning: left", "leaning: right", "country: here"


@pytest.fixture
def corpus():
    """Articles and scores of five sources in 60 weeks that resemble their neighbours; some wire stories are shared."""
    rng = np.random.default_rng(1)
    articles = spread_articles(60, sources=SOURCES).sample(700, seed=1).sort("date", "source", "article_id")
    number = pl.int_range(pl.len())
    articles = articles.with_columns(
        article_id=pl.format("a{}", number), wire_cluster=pl.format("a{}", number - (number % 9 == 1))
    )
    week = ((articles["date"] - date(2015, 1, 5)).dt.total_days() // 7).to_numpy()
    swing = np.convolve(rng.normal(size=64), np.ones(5) / 2, mode="valid")[week]
    offset = articles["source"].replace_strict(dict(zip(SOURCES, [0, 1, 3, 2, 0], strict=True))).to_numpy()
    values = offset / 4 + swing + rng.normal(size=700)
    scores = pl.concat(
        [
            make_scores(values, n_passages=rng.integers(1, 9, 700).tolist()),
            make_scores(values[:400] ** 2, given="migration"),
        ]
    )
    return articles, scores


def rename(articles: pl.DataFrame, groups: dict[str, list[str]]) -> pl.DataFrame:
    """The corpus as it would be if each group were one source."""
    source = pl.col("source")
    for name, members in groups.items():
        source = pl.when(pl.col("source").is_in(members)).then(pl.lit(name)).otherwise(source)
    return articles.with_columns(source=source)


def test_estimates_and_intervals_of_groups_are_those_of_a_corpus_with_their_sources_renamed(corpus):
    articles, scores = corpus
    estimate = partial(estimate_prevalence, scores, **OPTIONS)
    table, _ = compare_groups(estimate, articles, GROUPS)
    renamed, _ = estimate(rename(articles, {LEFT: ["Albion", "Brook"], RIGHT: ["Cape", "Dale"]}))
    shown = pl.col("source").is_in([LEFT, RIGHT])
    assert_frame_equal(table.filter(shown), renamed.filter(shown), check_exact=True)
    assert table.filter(shown)["low"].null_count() < len(table.filter(shown)) / 2
    single, _ = estimate(articles)
    assert_frame_equal(table.filter(pl.col("source").is_in([*SOURCES, ALL_SOURCES])), single, check_exact=True)
    assert set(table["source"]) == {*SOURCES, ALL_SOURCES, LEFT, RIGHT, HERE}


def test_the_estimate_of_a_group_is_the_plain_mean_over_its_articles(corpus):
    articles, scores = corpus
    table, _ = compare_groups(partial(estimate_prevalence, scores, **OPTIONS), articles, GROUPS)
    mine = scores.filter(pl.col("given").is_null()).join(articles, on="article_id")
    mine = mine.filter(pl.col("source").is_in(["Albion", "Esk"]))
    row = find(table, source=HERE, period="all", given=None, weighting="article")
    assert (row["estimate"], row["n_articles"]) == (pytest.approx(mine["score"].mean()), len(mine))
    row = find(table, source=HERE, period="all", given=None, weighting="passage")
    assert row["estimate"] == pytest.approx(np.average(mine["score"], weights=mine["n_passages"]))


def test_a_group_may_be_large_enough_where_its_sources_are_not(corpus):
    articles, scores = corpus
    sizes = dict(articles.group_by("source").len().iter_rows())
    enough = sizes["Albion"] + sizes["Esk"]
    groups = GROUPS | {"size": {"small": ["Brook"]}}
    options = OPTIONS | {"min_articles": enough}
    table, omitted = compare_groups(partial(estimate_prevalence, scores, **options), articles, groups)
    assert HERE in set(table["source"])
    assert not {*SOURCES, "size: small"} & set(table["source"])
    reasons = dict(omitted.select("source", "reason").iter_rows())
    assert reasons["size: small"] == (
        f"not compared by itself: articles below min_articles ({sizes['Brook']} of {enough})"
    )
    assert omitted.filter(source="Brook").height == 1  # the dimensions do not repeat what is said of sources


def test_topic_shares_of_groups(corpus):
    articles, _ = corpus
    assignments = articles.select("article_id", topic=pl.int_range(pl.len()) % 3, weight=pl.lit(1.0))
    estimate = partial(topic_prevalence, assignments, model="lda", labels={}, grains=["year"], min_articles=3)
    table, _ = compare_groups(estimate, articles, GROUPS)
    inside = articles.with_columns(topic=pl.int_range(pl.len()) % 3).filter(pl.col("source").is_in(["Albion", "Brook"]))
    row = find(table, frame="topic 1", source=LEFT, period="all")
    assert (row["estimate"], row["n_articles"]) == (pytest.approx((inside["topic"] == 1).mean()), len(inside))


def test_words_that_set_groups_apart():
    sources = [*SOURCES, *SOURCES] * 2
    counts = sparse.csr_matrix([[9, 1] if source in ("Albion", "Brook") else [2, 8] for source in sources])
    articles = pl.DataFrame({"source": sources, "wire_cluster": [f"c{i}" for i in range(20)]})

    def compare(table):
        lists = table["source"].to_list(), table["wire_cluster"].to_list()
        return compare_words(counts, ["dear", "cheap"], *lists, given=None, min_articles=3, top=1)

    words, _ = compare_groups(compare, articles, GROUPS)
    top = dict(words.select("source", "word").iter_rows())
    assert (top[LEFT], top[RIGHT], top["Esk"]) == ("dear", "cheap", "cheap")


def test_contrasts_of_groups_are_those_of_a_corpus_with_their_sources_renamed(corpus):
    articles, scores = corpus
    declared = [
        GAP | {"name": "gap_left", "source": LEFT},
        CHANGE | {"name": "change_right", "source": RIGHT, "date": "2015-08-03", "weeks": 20},
        GAP | {"name": "gap_albion"},
    ]
    table, _ = contrasts.test_contrasts(scores, articles, declared, **(TESTS | {"groups": GROUPS}))
    renamed, _ = contrasts.test_contrasts(
        scores, rename(articles, {LEFT: ["Albion", "Brook"], RIGHT: ["Cape", "Dale"]}), declared[:2], **TESTS
    )
    shown = ["estimate", "low", "high", "p", "n_articles", "n_clusters", "block_weeks", "contrast", "period"]
    for finding in ("gap_left", "change_right"):
        row, peer = (find(found, finding=finding) for found in (table, renamed))
        assert {key: row[key] for key in shown} == {key: peer[key] for key in shown}
        assert row["low"] < row["estimate"] < row["high"]
    sizes = find(table, finding="gap_left")["n_articles"]
    assert sizes == len(articles)  # the rest holds Esk too, which is in no group


def test_the_undeclared_gaps_of_each_dimension_are_a_family_of_their_own(corpus):
    articles, scores = corpus
    table, _ = contrasts.test_contrasts(scores, articles, [], **(TESTS | {"groups": GROUPS}))
    families = {family: set(part["source"]) for (family,), part in table.partition_by("family", as_dict=True).items()}
    assert families == {
        "exploratory": set(SOURCES),
        "exploratory: leaning": {LEFT, RIGHT},
        "exploratory: country": {HERE},
    }
    alone, _ = contrasts.test_contrasts(scores, articles, [], **TESTS)
    assert_frame_equal(table.filter(family="exploratory"), alone, check_exact=True)


def test_findings_about_small_and_unknown_groups_are_named(corpus):
    articles, scores = corpus
    options = TESTS | {"groups": {"leaning": {"left": ["Albion"]}}, "min_articles": 300}
    _, omitted = contrasts.test_contrasts(scores, articles, [GAP | {"source": LEFT}], **options)
    assert "finding gap: this source has fewer articles than min_articles" in omitted.filter(source=LEFT)["reason"]
    with pytest.raises(UserError, match="no article has the source 'leaning: lefd'; did you mean 'leaning: left'"):
        contrasts.test_contrasts(scores, articles, [GAP | {"source": "leaning: lefd"}], **options)


def test_a_source_with_the_name_of_a_group_is_a_mistake(corpus):
    articles, scores = corpus
    clash = articles.with_columns(pl.col("source").replace("Esk", LEFT))
    with pytest.raises(UserError, match="makes 'leaning: left', but a source of the corpus is called so"):
        compare_groups(partial(estimate_prevalence, scores, **OPTIONS), clash, GROUPS)
