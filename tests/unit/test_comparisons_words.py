import numpy as np
import polars as pl
import pytest
from scipy import sparse
from scipy.stats import false_discovery_control, t

from frameshift.comparisons.passage_words import count_passage_words
from frameshift.comparisons.words import PRIOR, compare_periods, compare_words
from frameshift.tables import ALL_SOURCES
from frameshift.topics.tokens import tokenise

VOCABULARY = ["border", "wave", "school"]
OPTIONS = {"given": None, "min_articles": 2, "top": 10}


def compare(counts, sources, clusters=None, vocabulary=VOCABULARY, **options):
    clusters = clusters or [f"c{i}" for i in range(len(sources))]
    options = {"given": None, "min_articles": 2, "top": 10} | options
    return compare_words(sparse.csr_matrix(np.array(counts)), vocabulary, sources, clusters, **options)


def weigh(counts, inside):
    """Log-odds, their variance under independent tokens and the sum of squared influences, row by row."""
    counts, inside = np.array(counts, dtype=float), np.array(inside)
    here, there = counts[inside].sum(axis=0), counts[~inside].sum(axis=0)
    size = PRIOR * min(here.sum(), there.sum())
    prior = size * counts.sum(axis=0) / counts.sum()
    p, q = (here + prior) / (here.sum() + size), (there + prior) / (there.sum() + size)
    influence = np.where(
        inside[:, None],
        (counts - counts.sum(axis=1, keepdims=True) * here / here.sum()) / (here.sum() + size) / (p * (1 - p)),
        -(counts - counts.sum(axis=1, keepdims=True) * there / there.sum()) / (there.sum() + size) / (q * (1 - q)),
    )
    return np.log(p / (1 - p)) - np.log(q / (1 - q)), 1 / (here + prior) + 1 / (there + prior), influence


def test_log_odds_of_two_sources_and_three_words_by_hand():
    words, omitted = compare([[4, 1, 1], [4, 0, 0], [1, 5, 2], [0, 6, 6]], ["a", "a", "b", "b"])
    # 10 tokens of a against 20 of b: the prior is one token, in the corpus' proportions 9, 12 and 9 of 30
    border = np.log(8.3 / (11 - 8.3)) - np.log(1.3 / (21 - 1.3))
    row = words.filter(source="a").row(0, named=True)
    assert (row["word"], row["given"], row["period"]) == ("border", None, "all")
    assert row["log_odds"] == pytest.approx(border)
    assert words.filter(source="b")["word"].to_list() == ["wave", "school"]  # only words used more than by the rest
    assert words.filter(source="b", word="school")["log_odds"][0] == pytest.approx(
        np.log(8.3 / 12.7) - np.log(1.3 / 9.7)
    )
    assert omitted.is_empty()


def test_z_and_q_are_those_of_influences_summed_over_articles():
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(0.5, 2, size=(60, 3)))  # words in bursts
    sources = ["a"] * 25 + ["b"] * 35
    log_odds, tokens, influence = weigh(counts, np.array(sources) == "a")
    variance = 60 / 59 * (influence**2).sum(axis=0)
    assert (variance > tokens).all()
    z = log_odds / np.sqrt(variance)
    q = false_discovery_control(2 * t.sf(np.abs(z), (counts > 0).sum(axis=0) - 1))
    words, _ = compare(counts, sources)
    for word, *found in words.filter(source="a").select("word", "log_odds", "z", "q").iter_rows():
        column = VOCABULARY.index(word)
        assert found == pytest.approx([log_odds[column], z[column], q[column]])


def test_copies_of_one_wire_story_are_one_observation_also_across_sources():
    rng = np.random.default_rng(2)
    counts = np.repeat(rng.poisson(rng.gamma(0.5, 2, size=(20, 3))), 3, axis=0)
    sources, clusters = ["a", "a", "b"] * 20, [f"w{i // 3}" for i in range(60)]
    log_odds, tokens, influence = weigh(counts, np.array(sources) == "a")
    variance = 20 / 19 * (influence.reshape(20, 3, 3).sum(axis=1) ** 2).sum(axis=0)
    words, _ = compare(counts, sources, clusters)
    for word, z in words.filter(source="a").select("word", "z").iter_rows():
        column = VOCABULARY.index(word)
        assert z == pytest.approx((log_odds / np.sqrt(np.maximum(variance, tokens)))[column])


def test_a_word_in_one_burst_does_not_pass_while_a_habit_does():
    rng = np.random.default_rng(3)
    counts = np.column_stack([rng.poisson(10, 200), np.zeros(200), np.zeros(200)]).astype(int)
    counts[:100, 1] = 1  # one "wave" in each article of a
    counts[0, 2] = 100  # and a hundred times "school" in a single one
    words, _ = compare(counts, ["a"] * 100 + ["b"] * 100)
    q = dict(words.filter(source="a").select("word", "q").iter_rows())
    assert q["wave"] < 0.001
    assert q["school"] > 0.05


def test_words_are_ranked_by_the_dirichlet_z_and_cut_at_the_top():
    counts = np.tile([[6, 3, 1, 5], [2, 2, 1, 10]], (30, 1))
    words, _ = compare(counts, ["a", "b"] * 30, vocabulary=["border", "wave", "school", "tax"], top=2)
    assert words.filter(source="a")["word"].to_list() == ["border", "wave"]
    assert words.filter(source="b")["word"].to_list() == ["tax"]


def test_unused_words_of_the_vocabulary_are_no_part_of_the_comparison():
    counts = np.tile([[3, 1, 0], [1, 3, 0]], (10, 1))
    words, _ = compare(counts, ["a", "b"] * 10, given="migration")
    assert set(words["word"]) == {"border", "wave"}
    assert set(words["given"]) == {"migration"}


def test_what_cannot_be_compared_is_listed(recwarn):
    counts = np.ones((12, 3), dtype=int)
    words, omitted = compare(counts, ["a"] * 12)
    assert words.is_empty()
    assert omitted["reason"].to_list() == ["the only source: there is no rest to compare it with"]
    _, omitted = compare(counts, ["a"] * 8 + ["b"] * 4, min_articles=5)
    assert omitted.select("source", "reason").rows() == [
        ("b", "not compared by itself: articles below min_articles (4 of 5)")
    ]
    silent = np.vstack([counts[:6], np.zeros((6, 3), dtype=int)])
    _, omitted = compare(silent, ["a"] * 6 + ["b"] * 6)
    assert omitted["source"].to_list() == ["a", "b"]
    words, omitted = compare(np.zeros((4, 3), dtype=int), ["a", "a", "b", "b"])
    assert words.is_empty()
    assert omitted["reason"].to_list() == ["by source: the articles use fewer than two words"]
    assert not recwarn.list


def test_periods_are_compared_in_all_sources_together_by_blocks_of_weeks():
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.gamma(0.5, 2, size=(96, 3)))
    periods, weeks = ["2015"] * 48 + ["2016"] * 48, list(range(96))
    words, omitted = compare_periods(
        sparse.csr_matrix(counts), VOCABULARY, periods, weeks, given=None, min_articles=2, top=10
    )
    log_odds, tokens, influence = weigh(counts, np.array(periods) == "2016")
    blocks = influence.reshape(24, 4, 3).sum(axis=1)
    variance = np.maximum(24 / 23 * (blocks**2).sum(axis=0), tokens)
    assert set(words["source"]) == {ALL_SOURCES}
    for word, z in words.filter(period="2016").select("word", "z").iter_rows():
        column = VOCABULARY.index(word)
        assert z == pytest.approx((log_odds / np.sqrt(variance))[column])
    assert set(words.filter(period="2015")["word"]).isdisjoint(words.filter(period="2016")["word"])
    assert omitted.is_empty()


def test_an_event_of_one_month_does_not_make_the_word_of_a_year_while_a_habit_does():
    rng = np.random.default_rng(5)
    counts = np.column_stack([rng.poisson(10, 208), np.zeros((208, 2))]).astype(int)
    weeks = np.repeat(np.arange(104), 2)
    counts[(weeks >= 52) & (np.arange(208) % 2 == 0), 1] = 1  # "wave" all through the second year
    counts[(weeks >= 60) & (weeks < 64), 2] = 6  # "school" in one month of it, in every article
    periods = np.where(weeks < 52, "2015", "2016").tolist()
    words, _ = compare_periods(sparse.csr_matrix(counts), VOCABULARY, periods, weeks.tolist(), **OPTIONS)
    q = dict(words.filter(period="2016").select("word", "q").iter_rows())
    assert q["wave"] < 0.001
    assert q["school"] > 0.05


def test_articles_of_unknown_week_are_left_out_of_periods_and_single_periods_listed(recwarn):
    counts = sparse.csr_matrix(np.ones((6, 3), dtype=int))
    words, omitted = compare_periods(counts, VOCABULARY, ["2015"] * 5 + [None], [1, 2, 3, 4, None, None], **OPTIONS)
    assert words.is_empty()
    assert omitted.select("source", "period", "reason").rows() == [
        (None, None, "by period: articles without a known week are left out: 2"),
        (ALL_SOURCES, "2015", "the only period: there is no rest to compare it with"),
    ]
    words, omitted = compare_periods(counts, VOCABULARY, [None] * 6, [None] * 6, **OPTIONS | {"given": "migration"})
    assert words.is_empty()
    assert omitted["reason"].to_list() == ["within migration: by period: articles without a known week are left out: 6"]
    assert not recwarn.list


def make_passages(*rows):
    schema = ["article_id", "position", "text"]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(language=pl.lit("en"))


def test_words_of_passages_are_counted_as_those_of_articles_are():
    texts = ["The White House met the City’s guards.", "No guard at the white house; a wave - of guards."] * 12
    texts += [f"guards {word}" for word in ("white", "house") for _ in range(3)]
    articles = pl.DataFrame(
        {"article_id": [f"a{i:02d}" for i in range(30)], "text": texts, "title": "", "language": "en"}
    )
    limits = {"min_letters": 3, "lemmas": False}
    tokens = tokenise(
        articles.with_columns(duplicate_of=pl.lit(None, pl.String)),
        min_articles=2,
        max_share=1.0,
        phrases=True,
        **limits,
    )
    assert "white_house" in tokens.vocabulary
    passages = articles.with_columns(position=pl.lit(1))
    counts, ids = count_passage_words(passages, tokens.vocabulary, **limits)
    assert ids == tokens.articles
    assert (counts != tokens.counts).nnz == 0


def test_only_the_given_passages_count_and_no_phrase_spans_two_of_them():
    vocabulary = ["camps", "house", "white", "white_house"]
    passages = make_passages(
        ("b", 2, "House of white houses"), ("b", 1, "The camps are white"), ("a", 0, "White House, White-House: camps!")
    )
    counts, ids = count_passage_words(passages, vocabulary, min_letters=3, lemmas=False)
    assert ids == ["a", "b"]
    assert counts.toarray().tolist() == [[1, 0, 0, 2], [1, 1, 2, 0]]
    counts, ids = count_passage_words(passages.clear(), vocabulary, min_letters=3, lemmas=False)
    assert (counts.shape, ids) == ((0, 4), [])


def test_words_of_passages_are_counted_in_their_dictionary_form():
    counts, _ = count_passage_words(
        make_passages(("a", 0, "Refugees crossed borders")), ["border", "cross", "refugee"], min_letters=3, lemmas=True
    )
    assert counts.toarray().tolist() == [[1, 1, 1]]
