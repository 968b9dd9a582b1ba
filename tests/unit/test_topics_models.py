"""Each model on planted topics: found, the same again, and assigned to without refitting."""

from functools import cache

import numpy as np
import pytest
from test_topics_tokens import make_tokens

from frameshift.topics.bertopic import _take_in, assign_bertopic, fit_bertopic
from frameshift.topics.fits import Fit, tabulate_fits
from frameshift.topics.kmeans import assign_kmeans, fit_kmeans
from frameshift.topics.lda import assign_lda, fit_lda
from frameshift.topics.nmf import assign_nmf, fit_nmf
from frameshift.topics.select import choose_fits, chosen_rows

FITS = {"lda": fit_lda, "nmf": fit_nmf, "kmeans": fit_kmeans, "bertopic": fit_bertopic}
ASSIGN = {"lda": assign_lda, "nmf": assign_nmf, "kmeans": assign_kmeans, "bertopic": assign_bertopic}
BY_WORDS = ("lda", "nmf")
MODELS = ["lda", "nmf", "kmeans", pytest.param("bertopic", marks=pytest.mark.models)]

RNG = np.random.default_rng(1)
PLANTED = RNG.permutation(np.repeat([0, 1, 2], [50, 40, 30]))  # by size, as topics are numbered
WORDS = [[f"{topic}{letter}" for letter in "abcdefghijkl"] for topic in "xyz"]
TOKENS = make_tokens(*(" ".join(RNG.choice(WORDS[topic], 30)) for topic in PLANTED))


def scale(points: np.ndarray) -> np.ndarray:
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


VECTORS = scale(np.eye(3, 16)[PLANTED] + RNG.normal(0, 0.05, (120, 16)))


def fit_planted(model: str, n_topics=(3,), seeds=(5,)) -> list[Fit]:
    given = (TOKENS,) if model in BY_WORDS else (VECTORS, TOKENS)
    return list(FITS[model](*given, n_topics=n_topics, seeds=seeds))


@cache
def fitted(model: str) -> Fit:
    return fit_planted(model)[0]


def material(model: str):
    return TOKENS.counts if model in BY_WORDS else VECTORS


@pytest.mark.parametrize("model", MODELS)
def test_planted_topics_are_found_with_their_words(model):
    fit = fitted(model)
    assert fit.topic.tolist() == PLANTED.tolist()
    assert (fit.n_topics, fit.seed, fit.words.shape) == (3, 5, (3, 36))
    assert fit.words.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-4)
    for topic, words in enumerate(np.argsort(-fit.words, axis=1)[:, :12]):
        assert sorted(TOKENS.vocabulary[word] for word in words) == WORDS[topic]


@pytest.mark.parametrize("model", MODELS)
def test_the_same_seed_gives_the_same_fit(model):
    first, again = fitted(model), fit_planted(model)[0]
    for name in ("words", "topic", "weights"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert first.parameters.keys() == again.parameters.keys()
    assert all(np.array_equal(first.parameters[name], again.parameters[name]) for name in first.parameters)


@pytest.mark.parametrize("model", MODELS)
def test_fitted_articles_are_assigned_to_the_topics_they_were_fitted_in(model):
    fit = fitted(model)
    weights = ASSIGN[model](fit.parameters, material(model))
    placed = weights.any(axis=1)
    assert placed.mean() >= (0.9 if model == "bertopic" else 1)  # the least typical twentieth could not join anew
    assert weights[placed].argmax(axis=1).tolist() == fit.topic[placed].tolist()
    assert weights[placed].max(axis=1) == pytest.approx(fit.weights[placed].max(axis=1), abs=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_an_article_is_assigned_alone_as_among_others(model):
    fit = fitted(model)
    together = ASSIGN[model](fit.parameters, material(model))
    for row in (0, 7, 119):
        alone = ASSIGN[model](fit.parameters, material(model)[row : row + 1])
        assert alone[0] == pytest.approx(together[row], abs=1e-3 if model == "nmf" else 1e-6)


@pytest.mark.parametrize("model", MODELS[:3])
def test_every_number_of_topics_is_fitted_with_every_seed(model):
    found = sorted((fit.n_topics, fit.seed) for fit in fit_planted(model, (2, 3), (1, 2)))
    assert found == [(2, 1), (2, 2), (3, 1), (3, 2)]


@pytest.mark.parametrize("model", MODELS[:3])
def test_the_chosen_fit_is_one_of_the_planted_topics(model):
    scores, topics, assignments, _ = tabulate_fits(fit_planted(model, (3, 6), (1, 2)), model, TOKENS)
    selection = choose_fits(scores, ["npmi", "exclusivity", "stability"])
    assert selection.filter("chosen")["n_topics"].to_list() == [3]
    chosen = [set(row.split()) for row in chosen_rows(topics, selection, model)["words"]]
    assert all(words <= set(planted) for words, planted in zip(chosen, WORDS, strict=True))
    assert chosen_rows(assignments, selection, model)["topic"].to_list() == PLANTED.tolist()


@pytest.mark.parametrize("model", FITS)
def test_without_numbers_of_topics_nothing_is_fitted(model):
    assert fit_planted(model, ()) == []


@pytest.mark.parametrize("model", MODELS)
def test_weights_lie_between_nothing_and_one(model):
    weights = fitted(model).weights
    assert weights.shape == (120, 3)
    assert ((weights >= 0) & (weights <= 1)).all()


@pytest.mark.parametrize("model", BY_WORDS)
def test_weights_by_words_sum_to_one(model):
    assert fitted(model).weights.sum(axis=1) == pytest.approx(np.ones(120))


def test_an_article_that_mixes_topics_has_the_weights_of_both():
    mixed = TOKENS.counts[np.flatnonzero(PLANTED == 0)[0]] + TOKENS.counts[np.flatnonzero(PLANTED == 2)[0]]
    for model in BY_WORDS:
        assert ASSIGN[model](fitted(model).parameters, mixed)[0] == pytest.approx([0.5, 0, 0.5], abs=0.1)


def test_lda_does_not_look_at_other_articles_of_the_batch():
    parameters = fitted("lda").parameters
    together = assign_lda(parameters, TOKENS.counts)
    for row in range(20):
        assert np.array_equal(assign_lda(parameters, TOKENS.counts[row])[0], together[row])


def test_nmf_weighs_topics_in_words_whatever_their_scale():
    stored = {"topics": np.array([[1, 1, 0, 0], [0, 0, 9, 9]], np.float32), "rarity": np.ones(4, np.float32)}
    assert assign_nmf(stored, make_tokens("a b c d").counts)[0] == pytest.approx([0.5, 0.5], abs=1e-3)


def test_nmf_gives_no_weight_where_no_topic_fits():
    empty = TOKENS.counts[:1] * 0
    assert assign_nmf(fitted("nmf").parameters, empty).tolist() == [[0, 0, 0]]
    assert assign_nmf(fitted("nmf").parameters, TOKENS.counts[:0]).shape == (0, 3)


def test_kmeans_weighs_one_at_the_centre_and_less_away_from_it():
    stored = fitted("kmeans").parameters
    centres = stored["mean"] + stored["centres"] @ stored["components"]
    assert np.diag(assign_kmeans(stored, centres)) == pytest.approx(np.ones(3), abs=1e-3)
    outward = centres[0] + np.array([[0.5], [1], [4]]) * (centres[0] - centres[1]) / np.linalg.norm(
        centres[0] - centres[1]
    )
    assert assign_kmeans(stored, outward)[:, 0] == pytest.approx([1 / 1.5, 1 / 2, 1 / 5], abs=1e-3)


def test_bertopic_assigns_to_no_topic_what_is_below_its_limit():
    stored = {"centres": np.eye(2, 3, dtype=np.float32), "limits": np.array([0.9, 0.5], np.float32)}
    vectors = scale(np.array([[1, 0, 0], [0.8, 0.6, 0], [0.8, 0, 0.6], [-1, 0, 0]]))
    assert assign_bertopic(stored, vectors) == pytest.approx(np.array([[1, 0], [0, 0.6], [0, 0], [0, 0]]))


def test_bertopic_takes_in_what_is_near_and_leaves_out_what_is_far():
    own = np.where(np.arange(120) < 100, PLANTED, -1)
    vectors = np.concatenate([VECTORS[:100], scale(np.eye(3, 16)), np.eye(16, dtype=np.float32)[3:4]])
    fit = _take_in(vectors, np.append(own[:100], [-1] * 4), np.eye(3), 3, 1)
    assert fit.topic.tolist() == [*PLANTED[:100], 0, 1, 2, -1]
    assert fit.outliers == 4 / 104
    again = assign_bertopic(fit.parameters, vectors[100:])
    assert again.any(axis=1).tolist() == [True, True, True, False]


@pytest.mark.models
def test_bertopic_keeps_what_umap_made_of_the_vectors():
    reduced = fitted("bertopic").parameters["reduced"]
    assert (reduced.shape, reduced.dtype) == ((120, 5), np.float32)


@pytest.mark.models
def test_bertopic_merges_clusters_to_the_number_asked_for():
    two, many = fit_planted("bertopic", (2, 9))
    assert len(two.words) == 2
    assert sorted(two.sizes.tolist()) in ([30, 90], [40, 80], [50, 70])
    assert len(many.words) == 3  # no more than HDBSCAN finds
