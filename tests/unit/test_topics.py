"""Tokens, phrases, words, coherence, stability, fits, choice and assignment, on data small enough to reckon by hand."""

import logging
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameshift.errors import UserError
from frameshift.topics.assign import assign_articles, describe_topics
from frameshift.topics.bertopic import assign_bertopic, fit_bertopic
from frameshift.topics.coherence import diversity, score_coherence
from frameshift.topics.fits import Fit, by_size, digest_settings, feasible, keep_fits, read_parameters, tabulate_fits
from frameshift.topics.fits import write_fits as write_all
from frameshift.topics.kmeans import assign_kmeans, fit_kmeans
from frameshift.topics.lda import assign_lda, fit_lda
from frameshift.topics.nmf import assign_nmf, fit_nmf
from frameshift.topics.phrases import GAP, join_phrases
from frameshift.topics.select import choose_fits, chosen_rows
from frameshift.topics.stability import agreement, match_topics
from frameshift.topics.tokens import Tokens, read_tokens, stop_words, tokenise, write_tokens
from frameshift.topics.words import class_tfidf, count_articles, exclusivity, frex, heaviest, keyness

ANY = {"min_letters": 3, "min_articles": 1, "max_share": 1.0, "phrases": False, "lemmas": False}
WORD_MODELS = {"lda": (fit_lda, assign_lda), "nmf": (fit_nmf, assign_nmf)}


def articles(*texts: str, **columns) -> pl.DataFrame:
    ids = [f"a{number:02d}" for number in range(len(texts))]
    table = pl.DataFrame({"article_id": ids, "title": "", "text": list(texts), "language": "en"})
    return table.with_columns(duplicate_of=pl.lit(None, pl.String)).with_columns(**columns)


def spell(tokens: Tokens) -> list[list[str]]:
    return [[tokens.vocabulary[word] for word in row] for row in np.split(tokens.words, tokens.starts[1:-1])]


def make_tokens(*rows: str) -> Tokens:
    texts = [row.split() for row in rows]
    vocabulary = sorted({word for text in texts for word in text})
    words = np.array([vocabulary.index(word) for text in texts for word in text], np.int32)
    starts = np.cumsum([0, *map(len, texts)])
    return Tokens([f"a{number:02d}" for number in range(len(rows))], words, starts, vocabulary)


def test_words_are_lowered_and_lose_stop_words_numbers_contractions_and_possessives():
    table = articles("The City’s 12 guards don't patrol", "City guards, at no. 7, patrol!")
    assert spell(tokenise(table, **ANY)) == [["city", "guards", "patrol"]] * 2


def test_each_article_loses_the_stop_words_of_its_own_language():
    table = articles("the men die out", "les men die out", "the Mann die Stadt", language=pl.Series(["en", "fr", "de"]))
    assert spell(tokenise(table, **ANY)) == [["men", "die"], ["men", "die", "out"], ["the", "mann", "stadt"]]


def test_a_stop_word_that_runs_into_a_word_is_taken_off():
    table = articles("L’asile, l'asile et qu'asile", language=pl.lit("fr"))
    assert spell(tokenise(table, **ANY)) == [["asile"] * 3]


def test_a_language_without_a_list_keeps_its_words_and_the_log_says_so_once(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("frameshift"), "propagate", True)
    stop_words.cache_clear()
    assert [stop_words("sw"), stop_words("sw")] == [frozenset()] * 2
    assert [record.getMessage() for record in caplog.records] == [
        "no list of stop words for the language 'sw': its most common words are kept"
    ]


def test_words_that_are_too_rare_or_too_common_are_dropped():
    table = articles("red green", "red blue", "red blue", "rare")
    assert spell(tokenise(table, **{**ANY, "min_articles": 2, "max_share": 0.6})) == [[], ["blue"], ["blue"], []]


def test_copies_are_not_counted():
    table = articles("red green", "red green", duplicate_of=pl.Series([None, "a00"]))
    assert tokenise(table, **ANY).articles == ["a00"]


def test_lemmas_join_the_forms_of_a_word_where_the_language_has_them():
    table = articles("immigrants", "immigrant", "wakimbizi", language=pl.Series(["en", "en", "xx"]))
    assert spell(tokenise(table, **{**ANY, "lemmas": True})) == [["immigrant"], ["immigrant"], ["wakimbizi"]]


def test_two_words_that_always_stand_together_are_one_but_not_over_a_border():
    filler = "lamp stone river cloud paper"
    together = [f"{filler.split()[i % 5]} white house {filler.split()[(i + 2) % 5]}" for i in range(30)]
    table = articles(*together, "white. House", "white 7 house", "white the house", "white", "house")
    words = spell(tokenise(table, **{**ANY, "min_articles": 5, "phrases": True}))
    assert all("white_house" in row and "white" not in row for row in words[:30])
    assert not any("white_house" in row for row in words[30:])


@given(
    st.lists(st.lists(st.integers(GAP, 4), max_size=12), min_size=1, max_size=4),
    st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6),
)
def test_phrases_are_joined_as_a_plain_loop_joins_them(texts, pairs):
    number = {pair: 5 + place for place, pair in enumerate(sorted(pairs))}
    expected = []
    for text in texts:
        row, place = [], 0
        while place < len(text):
            pair = tuple(text[place : place + 2])
            row.append(number.get(pair, text[place]))
            place += 2 if pair in number else 1
        expected.append(row)
    words, starts = np.array([word for text in texts for word in text], np.int32), np.cumsum([0, *map(len, texts)])
    words, starts = join_phrases(words, starts, 5, pairs)
    assert [words[a:b].tolist() for a, b in pairwise(starts)] == expected


@pytest.mark.parametrize("rows", [("b a b", "", "c"), ()])
def test_tokens_are_read_as_they_were_written(tmp_path, rows):
    tokens = make_tokens(*rows)
    write_tokens(tokens, tmp_path / "tokens.parquet")
    again = read_tokens(tmp_path / "tokens.parquet")
    assert (again.articles, again.vocabulary) == (tokens.articles, tokens.vocabulary)
    assert again.words.tolist() == tokens.words.tolist()
    assert again.starts.tolist() == tokens.starts.tolist()


def test_counts_of_words_and_some_of_the_articles():
    tokens = make_tokens("b a b", "", "c")
    assert tokens.counts.toarray().tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 1]]
    assert spell(tokens.take([2, 0])) == [["c"], ["b", "a", "b"]]


@pytest.mark.parametrize("measure", ["c_npmi", "c_v"])
def test_coherence_is_that_of_gensim_to_the_last_digits(measure):
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    rng = np.random.default_rng(3)
    lengths = [0, 1, 5, 9, 10, 11, 109, 110, 111, 150, *rng.integers(5, 200, 20)]
    tokens = make_tokens(*(" ".join(f"w{word:02d}" for word in rng.zipf(1.3, n).clip(0, 40)) for n in lengths))
    topics = np.array([rng.choice(len(tokens.vocabulary), 6, replace=False) for _ in range(8)])
    texts, named = spell(tokens), [[tokens.vocabulary[word] for word in row] for row in topics]
    model = CoherenceModel(
        topics=named, texts=texts, dictionary=Dictionary(texts), coherence=measure, topn=6, processes=1
    )
    ours = dict(zip(("c_npmi", "c_v"), score_coherence(topics, tokens), strict=True))[measure]
    assert ours == pytest.approx(model.get_coherence_per_topic(), abs=1e-9)


def test_diversity_by_hand():
    assert diversity(np.array([[1, 2], [2, 3]])) == 0.75


def test_keyness_is_the_log_likelihood_ratio_of_articles_and_negative_where_a_word_is_rarer():
    from scipy.stats import chi2_contingency

    found, sizes = np.array([[8, 1], [2, 6]]), np.array([10, 30])
    ratio = chi2_contingency([[8, 2], [2, 28]], lambda_="log-likelihood", correction=False).statistic
    scores = keyness(found, sizes)
    assert scores[0, 0] == pytest.approx(ratio)
    assert scores[1, 0] == pytest.approx(-ratio)


def test_exclusivity_and_frex_by_hand():
    found, sizes = np.array([[4, 2, 1], [0, 4, 3]]), np.array([4, 8])
    assert exclusivity(found, sizes)[0] == pytest.approx([1, 0.5, 0.25 / (0.25 + 3 / 8)])
    # ranks of the first topic: frequency 3, 2, 1 of 3; exclusivity 3, 2, 1 of 3
    assert frex(found, sizes)[0] == pytest.approx([1, 2 / 3, 1 / 3])
    assert heaviest(np.array([[1.0, 3, 3, 2]]), 3).tolist() == [[1, 2, 3]]


def test_articles_of_no_topic_count_for_none():
    tokens, topic = make_tokens("a a b", "b", "a c"), np.array([0, 1, -1])
    assert count_articles(tokens.counts, topic, 2).tolist() == [[1, 1, 0], [0, 1, 0]]
    weights = class_tfidf(tokens.counts, topic, 2)
    assert weights.sum(axis=1) == pytest.approx([1, 1])
    assert weights[0, 0] > weights[0, 1] > weights[0, 2] == 0


def test_a_topic_that_comes_back_in_another_order_is_stable_and_a_lost_one_is_not():
    words = np.eye(3)
    assert match_topics(words, [np.eye(3)[[2, 0, 1]]]) == pytest.approx([1, 1, 1])
    assert match_topics(words, [np.eye(3)[[2, 0]]]) == pytest.approx([1, 0, 1])
    assert np.isnan(match_topics(words, [])).all()


def test_agreement_is_the_mean_over_the_other_seeds():
    same, other = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert agreement([same, 1 - same, other]) == pytest.approx([(1 - 0.5) / 2, (1 - 0.5) / 2, -0.5])
    assert np.isnan(agreement([same])).all()


def make_fit(topic, **changes) -> Fit:
    topic = np.array(topic)
    k = max(topic.max() + 1, 1)
    words = np.eye(k, 4) + 0.1
    given = {"n_topics": k, "seed": 1, "words": words / words.sum(axis=1, keepdims=True), "topic": topic}
    given |= {"weights": np.eye(k)[topic] * (topic >= 0)[:, None], "parameters": {"centres": np.eye(k)}, "seconds": 0.1}
    return Fit(**given | changes)


def test_topics_are_numbered_by_size_and_those_without_articles_are_dropped():
    fit = by_size(make_fit([2, 2, 2, 0, -1], parameters={"centres": np.arange(3), "mean": np.arange(2)}))
    assert fit.topic.tolist() == [0, 0, 0, 1, -1]
    assert fit.parameters["centres"].tolist() == [2, 0]
    assert fit.parameters["mean"].tolist() == [0, 1]
    assert fit.weights.tolist() == [[1, 0], [1, 0], [1, 0], [0, 1], [0, 0]]
    assert fit.words.argmax(axis=1).tolist() == [2, 0]


def test_too_few_articles_or_words_or_too_many_topics_are_named(caplog, monkeypatch, planted):
    monkeypatch.setattr(logging.getLogger("frameshift"), "propagate", True)
    assert feasible([2, 12, 13], planted) == [2, 12]
    assert feasible([2], planted.take(range(49))) == []
    assert feasible([2], make_tokens(*["one two"] * 60)) == []
    said = [record.getMessage() for record in caplog.records]
    assert "`topics.n_topics` [13]: too many for 60 articles (at most 12)" in said[0]
    assert "49 articles and 24 words" in said[1]
    assert "60 articles and 2 words" in said[2]


@pytest.fixture(scope="module")
def planted() -> Tokens:
    """60 articles of two topics that share no word."""
    rng = np.random.default_rng(1)
    topics = [[f"{letter}{letter}{letter}{number}" for number in "abcdefghijkl"] for letter in "xy"]
    return make_tokens(*(" ".join(rng.choice(topics[number % 2], 30)) for number in range(60)))


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Vectors of the same articles around two centres."""
    points = np.eye(2, 16)[np.arange(60) % 2] + np.random.default_rng(2).normal(0, 0.05, (60, 16))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def assert_planted(fit: Fit) -> None:
    assert (fit.topic[::2] == fit.topic[0]).all()
    assert (fit.topic[1::2] == 1 - fit.topic[0]).all()


@pytest.mark.parametrize("model", WORD_MODELS)
def test_models_of_words_find_planted_topics_again_and_assign_without_refitting(planted, model):
    fit_model, assign = WORD_MODELS[model]
    first, again = (next(fit_model(planted, n_topics=[2], seeds=[5])) for _ in range(2))
    assert_planted(first)
    assert np.array_equal(first.words, again.words)
    assert np.array_equal(first.weights, again.weights)
    assert first.words.sum(axis=1) == pytest.approx([1, 1], abs=1e-4)
    assert first.weights.sum(axis=1) == pytest.approx(np.ones(60))
    alone = assign(first.parameters, planted.take([7]).counts)
    assert alone[0] == pytest.approx(first.weights[7], abs=1e-3)


def test_kmeans_finds_planted_clusters_again_and_assigns_without_refitting(planted, vectors):
    first, again = (next(fit_kmeans(vectors, planted, n_topics=[2], seeds=[5])) for _ in range(2))
    assert_planted(first)
    assert np.array_equal(first.weights, again.weights)
    assert assign_kmeans(first.parameters, vectors[7:8]).argmax() == first.topic[7]


@pytest.mark.models
def test_bertopic_finds_planted_clusters_again_and_takes_in_only_what_is_near(planted, vectors):
    first, again = (next(fit_bertopic(vectors, planted, n_topics=[2], seeds=[3])) for _ in range(2))
    assert_planted(first)
    assert np.array_equal(first.topic, again.topic)
    assert np.array_equal(first.parameters["reduced"], again.parameters["reduced"])
    assert first.words.shape == (2, len(planted.vocabulary))
    centre, elsewhere = np.eye(16, dtype=np.float32)[[0, 9]]
    near, far = assign_bertopic(first.parameters, np.stack([centre, elsewhere]))
    assert near.argmax() == first.topic[0]
    assert not far.any()


def test_tables_of_all_fits_and_the_parameters_are_read_as_they_were_written(planted, tmp_path):
    fits = list(fit_lda(planted, n_topics=[2, 4], seeds=[1, 2]))
    paths = {name: str(tmp_path / f"{name}.parquet") for name in ("scores", "topics", "assignments")}
    paths["parameters"] = str(tmp_path / "parameters.npz")
    settings = digest_settings({"seeds": [1, 2], "refit": False})
    assert not keep_fits(paths, settings)
    write_all(fits, "lda", planted, paths, settings)
    selection = choose_fits(pl.read_parquet(paths["scores"]), ["npmi", "exclusivity", "stability"])
    chosen = selection.filter("chosen").row(0, named=True)
    assert chosen["setting"] == "n_topics=2"
    topics = chosen_rows(pl.read_parquet(paths["topics"]), selection, "lda")
    assert [{word[:3] for word in row.split()} for row in topics["words"]] in (
        [{"xxx"}, {"yyy"}],
        [{"yyy"}, {"xxx"}],
    )
    assert len(chosen_rows(pl.read_parquet(paths["assignments"]), selection, "lda")) == 60
    parameters = read_parameters(paths["parameters"], chosen["setting"], chosen["seed"])
    assert parameters["topics"].shape == (2, 24)
    assert parameters["vocabulary"].tolist() == planted.vocabulary
    assert keep_fits(paths, settings)
    assert keep_fits(paths, digest_settings({"seeds": [1, 2], "refit": True}))
    assert not keep_fits(paths, digest_settings({"seeds": [1, 3], "refit": False}))


def test_a_fit_of_one_topic_is_left_out_and_without_fits_the_tables_are_empty(caplog, monkeypatch, planted):
    monkeypatch.setattr(logging.getLogger("frameshift"), "propagate", True)
    scores, topics, assignments, parameters = tabulate_fits([make_fit([0] * 60)], "nmf", planted)
    assert len(scores) == len(topics) == len(assignments) == len(parameters) == 0
    assert choose_fits(scores, ["npmi"]).is_empty()
    assert "nmf, n_topics=1, seed 1 found one topic only: left out" in caplog.text


def scored(*rows) -> pl.DataFrame:
    """Scores of fits (setting, seed, npmi, stability, agreement)."""
    names = ("n_topics", "seed", "npmi", "stability", "agreement")
    rest = {"c_v": 0.5, "diversity": 0.9, "exclusivity": 0.4, "coverage": 1.0, "outliers": 0.0, "seconds": 1.0}
    table = pl.DataFrame([dict(zip(names, row, strict=True)) | rest | {"model": "lda"} for row in rows])
    return table.with_columns(setting=pl.format("n_topics={}", "n_topics"))


def choice(scores: pl.DataFrame, by: list[str]) -> tuple:
    return choose_fits(scores, by).filter("chosen").select("n_topics", "seed").row(0)


def test_the_best_mean_rank_over_seeds_is_chosen_and_of_its_seeds_the_most_typical():
    lucky = [(10, 1, 0.9, 0.5, 0.1), (10, 2, 0.0, 0.5, 0.2)]  # one lucky seed does not choose a setting
    steady = [(20, 1, 0.5, 0.6, 0.3), (20, 2, 0.5, 0.6, 0.4)]
    assert choice(scored(*lucky, *steady), ["npmi", "stability"]) == (20, 2)


def test_of_equals_the_fewer_topics_and_the_lower_seed_are_chosen_and_nan_ranks_nothing():
    rows = [(k, seed, 0.5, float("nan"), float("nan")) for k in (30, 10) for seed in (2, 1)]
    assert choice(scored(*rows), ["npmi", "stability"]) == (10, 1)


def no_vectors(articles):
    raise AssertionError("a model of words reads no vectors")


def test_new_articles_are_assigned_by_the_words_that_the_fit_knew(planted):
    fit = next(fit_lda(planted, n_topics=[2], seeds=[1]))
    fitted = pl.DataFrame({"article_id": planted.articles, "topic": fit.topic, "weight": np.full(60, 0.5)})
    rows = [" ".join(row) for row in spell(planted)]
    now = make_tokens(*rows, "aaa zzz xxxa xxxb xxxc xxxd", "aaa yyya yyyb yyyc yyyd")  # other words come in between
    parameters = {"vocabulary": np.array(planted.vocabulary), **fit.parameters}
    table, weights = assign_articles("lda", parameters, fitted, now, no_vectors)
    assert table["topic"].to_list() == [*fit.topic, fit.topic[0], fit.topic[1]]
    assert table["fitted"].to_list() == [True] * 60 + [False] * 2
    assert table["weight"][:60].to_list() == [0.5] * 60
    assert weights.shape == (62, 2)


def test_another_corpus_than_the_fitted_one_is_refused(planted):
    fit = next(fit_lda(planted, n_topics=[2], seeds=[1]))
    fitted = pl.DataFrame({"article_id": planted.articles, "topic": fit.topic, "weight": np.full(60, 0.5)})
    parameters = {"vocabulary": np.array(planted.vocabulary), **fit.parameters}
    assign_articles("lda", parameters, fitted, planted.take(range(54)), no_vectors)
    with pytest.raises(UserError, match=r"60 articles, of which 7 are no longer .*`topics.refit: true`"):
        assign_articles("lda", parameters, fitted, planted.take(range(53)), no_vectors)


def test_topics_are_named_and_have_their_most_typical_articles_without_repeats():
    topics = pl.DataFrame({"topic": [0, 1], "frex": ["white_house white border camp boat", "court"]})
    assignments = pl.DataFrame(
        {"article_id": list("abcdef"), "topic": [0] * 5 + [-1], "weight": [0.1, 0.9, 0.8, 0.7, 0.6, 1]}
    )
    articles = pl.DataFrame(
        {
            "article_id": list("abcdef"),
            "wire_cluster": list("abbdef"),
            "title": ["low", "high", "x", "high", "next", "y"],
        }
    )
    table = describe_topics(topics, assignments, articles, {"1": "Courts"})
    assert table["label"].to_list() == ["white house, border, camp", "Courts"]
    assert table["n_articles"].to_list() == [5, 0]
    assert table["articles"].to_list() == [["b", "e", "a"], []]  # c is b's copy, d has b's title
