"""Tokens, scores and the choice among fits, on data small enough to reckon by hand."""

import logging

import numpy as np
import polars as pl
import pytest

from frameshift.topics.fits import Fit, coherence, diversity, exclusivity, stability, tabulate_fits, top_words
from frameshift.topics.lda import fit_lda
from frameshift.topics.select import choose_fits, chosen_rows, name_topics
from frameshift.topics.tokens import count_words, stop_words, tokenise


def articles(*texts: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "article_id": [f"a{number}" for number in range(len(texts))],
            "title": "",
            "text": list(texts),
            "language": "en",
            "duplicate_of": pl.Series([None] * len(texts), dtype=pl.String),
        }
    )


def test_words_are_lowered_and_lose_stop_words_numbers_contractions_and_possessives():
    table = tokenise(
        articles("The City’s 12 guards don't patrol", "City guards, at no. 7, patrol!"),
        min_letters=3,
        min_articles=2,
        max_share=1.0,
    )
    assert table["tokens"].to_list() == [["city", "guards", "patrol"], ["city", "guards", "patrol"]]


def test_each_article_loses_the_stop_words_of_its_own_language():
    table = articles("the men die out", "les men die out", "the Mann die Stadt").with_columns(
        language=pl.Series(["en", "fr", "de"])
    )
    words = tokenise(table, min_letters=3, min_articles=1, max_share=1.0)["tokens"].to_list()
    assert words == [["men", "die"], ["men", "die", "out"], ["the", "mann", "stadt"]]


def test_a_stop_word_that_runs_into_a_word_is_taken_off():
    table = articles("L’asile, l'asile et qu'asile").with_columns(language=pl.lit("fr"))
    assert tokenise(table, min_letters=3, min_articles=1, max_share=1.0)["tokens"].to_list() == [["asile"] * 3]


def test_a_language_without_a_list_keeps_its_words_and_the_log_says_so_once(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("frameshift"), "propagate", True)
    stop_words.cache_clear()
    assert [stop_words("sw"), stop_words("sw")] == [frozenset()] * 2
    assert [record.getMessage() for record in caplog.records] == [
        "no list of stop words for the language 'sw': its most common words are kept"
    ]


def test_words_that_are_too_rare_or_too_common_are_dropped():
    table = tokenise(
        articles("red green", "red blue", "red blue", "rare"), min_letters=3, min_articles=2, max_share=0.6
    )
    assert table["tokens"].to_list() == [[], ["blue"], ["blue"], []]


def test_copies_are_not_counted():
    table = articles("red green", "red green").with_columns(duplicate_of=pl.Series([None, "a0"]))
    assert tokenise(table, min_letters=3, min_articles=1, max_share=1.0)["article_id"].to_list() == ["a0"]


def test_counts_of_words():
    counts, vocabulary = count_words(pl.DataFrame({"article_id": ["x", "y"], "tokens": [["b", "a", "b"], []]}))
    assert vocabulary == ["a", "b"]
    assert counts.toarray().tolist() == [[1, 2], [0, 0]]


def test_exclusivity_and_diversity_by_hand():
    words = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    assert exclusivity(words, n=2) == pytest.approx([0.75, 0.75])
    assert top_words(words, ["a", "b", "c"], n=2) == [["a", "b"], ["b", "c"]]
    assert diversity([["a", "b"], ["b", "c"]]) == 0.75


def test_a_topic_that_comes_back_in_another_order_is_stable_and_a_lost_one_is_not():
    words = np.eye(3)
    assert stability(words, [np.eye(3)[[2, 0, 1]]]) == pytest.approx([1, 1, 1])
    assert stability(words, [np.eye(3)[[2, 0]]]) == pytest.approx([1, 0, 1])
    assert np.isnan(stability(words, [])).all()


def test_words_that_stand_together_are_more_coherent_than_words_that_do_not():
    tokens = [["sea", "boat"], ["sea", "boat"], ["bank", "money"], ["bank", "money"]]
    ((together, apart),) = coherence([[["sea", "boat"], ["sea", "money"]]], tokens, "c_npmi")
    assert together == pytest.approx(1.0, abs=1e-6)
    assert apart < 0


@pytest.fixture
def planted() -> pl.DataFrame:
    """60 articles of two topics that share no word."""
    rng = np.random.default_rng(1)
    topics = [[f"{letter}{letter}{letter}{number}" for number in "abcdefghijkl"] for letter in "xy"]
    return pl.DataFrame(
        {
            "article_id": [f"a{number:02d}" for number in range(60)],
            "tokens": [rng.choice(topics[number % 2], 30).tolist() for number in range(60)],
        }
    )


def test_lda_finds_planted_topics_and_the_same_seed_gives_the_same_fit(planted):
    counts, vocabulary = count_words(planted)
    first, again = (fit_lda(counts, vocabulary, n_topics=[2], seeds=[5])[0] for _ in range(2))
    assert (first.topic[::2] == first.topic[0]).all()
    assert (first.topic[1::2] != first.topic[0]).all()
    assert np.array_equal(first.words, again.words)
    assert first.words.sum(axis=1) == pytest.approx([1, 1])


def test_tables_of_all_fits_and_the_chosen_one(planted):
    counts, vocabulary = count_words(planted)
    fits = fit_lda(counts, vocabulary, n_topics=[2, 4], seeds=[1, 2])
    scores, topics, assignments = tabulate_fits(fits, "lda", planted, vocabulary)
    selection = choose_fits(scores)
    assert selection["chosen"].sum() == 1
    assert selection.filter("chosen")["setting"].item() == "n_topics=2"
    chosen = name_topics(chosen_rows(topics, selection, "lda"), {"1": "Named"})
    assert len(chosen) == 2
    assert chosen["label"][1] == "Named"
    assert chosen["label"][0].count(",") == 2
    assert chosen["n_articles"].to_list() == [30, 30]
    assert len(chosen_rows(assignments, selection, "lda")) == 60


def test_the_best_mean_rank_is_chosen_and_of_equals_the_smaller():
    scores = pl.DataFrame(
        {
            "model": ["lda"] * 3,
            "setting": ["n_topics=10", "n_topics=20", "n_topics=30"],
            "seed": [1, 1, 1],
            "n_topics": [10, 20, 30],
            "npmi": [0.1, 0.3, 0.2],
            "diversity": [0.9, 0.7, 0.8],
            "stability": [0.8, 0.8, 0.7],
        }
    )
    assert choose_fits(scores).filter("chosen")["setting"].to_list() == ["n_topics=10"]


def test_articles_of_no_topic_are_counted():
    fit = Fit(2, 1, np.eye(2), np.array([0, 1, -1, -1]), np.array([1, 1, 0, 0.0]), 0.1)
    tokens = pl.DataFrame({"article_id": list("wxyz"), "tokens": [["a"], ["b"], ["a"], ["b"]]})
    scores, topics, _ = tabulate_fits([fit], "bertopic", tokens, ["a", "b"])
    assert scores["unassigned"].item() == 0.5
    assert topics["n_articles"].to_list() == [1, 1]


@pytest.mark.models
def test_bertopic_finds_planted_clusters_and_the_same_seed_gives_the_same_fit(planted):
    from frameshift.topics.bertopic import fit_bertopic

    rng = np.random.default_rng(2)
    centres = np.eye(2, 16)[np.arange(60) % 2]
    vectors = (centres + rng.normal(0, 0.05, (60, 16))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _, vocabulary = count_words(planted)
    first, again = (
        fit_bertopic(vectors, planted["tokens"].to_list(), vocabulary, n_topics=[2], seeds=[3])[0] for _ in range(2)
    )
    assert np.array_equal(first.topic, again.topic)
    assert len(set(first.topic[::2]) & set(first.topic[1::2]) - {-1}) == 0
    assert first.words.shape == (2, len(vocabulary))
