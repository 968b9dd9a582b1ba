"""Logistic regression of what people coded: its folds, its penalty, and that it learns nothing from copies."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from frameshift.frames.learn import FOLDS, MIN_CODED, STRENGTHS, can_learn, fit_logistic, learn, log_loss, split_folds

D = 24


def make_vectors(rng, n, d=D):
    vectors = rng.normal(size=(n, d))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make_copies(seed, stories=80, each=6):
    """Near-copies of stories whose label is drawn at random: vectors, labels, and the story of each."""
    rng = np.random.default_rng(seed)
    story = np.arange(stories).repeat(each)
    vectors = make_vectors(rng, stories, 100)[story] + 0.01 * rng.normal(size=(len(story), 100))
    return vectors, rng.integers(0, 2, stories)[story].astype(float), story


def area_out_of_fold(vectors, labels, clusters, **options):
    weights = np.ones(len(labels))
    options = {"strengths": STRENGTHS, "seed": 1} | options
    return roc_auc_score(labels, learn(vectors, labels, weights, clusters, **options)[1])


def test_random_labels_are_not_predicted_however_many_copies_a_story_has():
    areas = [area_out_of_fold(*make_copies(seed)) for seed in range(8)]
    assert np.mean(areas) == pytest.approx(0.5, abs=0.05)


def test_the_same_random_labels_seem_predicted_where_clusters_are_ignored():
    vectors, labels, _ = make_copies(0)
    assert area_out_of_fold(vectors, labels, np.arange(len(labels))) > 0.9


def test_what_is_there_is_learned_out_of_fold():
    rng = np.random.default_rng(3)
    vectors, direction = make_vectors(rng, 600), rng.normal(size=D)
    chance = expit(4 * vectors @ direction)
    labels = (rng.random(600) < chance).astype(float)
    area = area_out_of_fold(vectors, labels, np.arange(600) // 2)
    assert roc_auc_score(labels, chance) - 0.05 < area < roc_auc_score(labels, chance)


def test_folds_hold_out_every_passage_once_keep_clusters_whole_and_share_the_label():
    rng = np.random.default_rng(4)
    clusters = rng.integers(0, 150, size=500).astype(str)
    labels = (rng.random(500) < 0.08).astype(float)
    folds = list(split_folds(labels, clusters, seed=2))
    assert len(folds) == FOLDS
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(500))
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(500))
        assert not set(clusters[train]) & set(clusters[test])
    present = [labels[test].sum() for _, test in folds]
    sizes = [len(test) for _, test in folds]
    assert max(present) - min(present) <= 2
    assert max(sizes) - min(sizes) <= 20


def test_folds_depend_on_the_seed_and_not_on_the_order_of_the_passages():
    rng = np.random.default_rng(5)
    clusters, labels = rng.integers(0, 60, size=200).astype(str), rng.integers(0, 2, size=200).astype(float)
    order = rng.permutation(200)

    def members(labels, clusters, names, seed=1):
        return [sorted(names[test]) for _, test in split_folds(labels, clusters, seed=seed)]

    names = np.arange(200)
    assert members(labels, clusters, names) == members(labels[order], clusters[order], names[order])
    assert members(labels, clusters, names) != members(labels, clusters, names, seed=2)


@pytest.mark.parametrize(
    ("present", "clusters", "enough"),
    [
        (MIN_CODED, 100, True),
        (MIN_CODED - 1, 100, False),
        (100 - MIN_CODED + 1, 100, False),
        (0, 100, False),
        (100, 100, False),
        (50, FOLDS - 1, False),
    ],
)
def test_enough_is_ten_with_and_ten_without_in_five_clusters_each(present, clusters, enough):
    labels = (np.arange(100) < present).astype(float)
    assert can_learn(labels, np.arange(100) % clusters) == enough


def test_passages_on_which_coders_disagree_are_on_neither_side():
    labels = np.array([1.0] * 9 + [0.5] * 20 + [0.0] * 30)
    assert not can_learn(labels, np.arange(59))


def test_a_label_between_counts_as_so_much_of_each():
    rng = np.random.default_rng(6)
    features = rng.normal(size=(40, 3))
    labels = rng.choice([0, 0.25, 0.5, 1], size=40)
    weights = rng.uniform(0.5, 2, size=40)
    split = fit_logistic(
        *(np.vstack([features, features]), np.repeat([1.0, 0.0], 40)),
        *(np.concatenate([weights * labels, weights * (1 - labels)]), 1.0),
    )
    np.testing.assert_allclose(fit_logistic(features, labels, weights, 1.0), split, atol=1e-4)


def test_the_mean_of_the_fitted_probabilities_is_the_weighted_mean_of_the_labels():
    rng = np.random.default_rng(7)
    features, labels, weights = rng.normal(size=(200, 4)), rng.random(200), rng.uniform(0.1, 5, size=200)
    coefficients = fit_logistic(features, labels, weights, 0.01)
    fitted = expit(features @ coefficients[:-1] + coefficients[-1])
    assert np.average(fitted, weights=weights) == pytest.approx(np.average(labels, weights=weights), abs=1e-3)


@pytest.mark.parametrize(("label", "sign"), [(0.0, -1), (1.0, 1)])
def test_where_a_fold_holds_out_every_passage_of_a_kind_the_other_is_sure(label, sign):
    coefficients = fit_logistic(np.ones((5, 2)), np.full(5, label), np.ones(5), 1.0)
    assert coefficients.tolist() == [0, 0, 10 * sign]


def test_the_strength_chosen_is_that_of_the_smallest_loss_out_of_fold():
    rng = np.random.default_rng(8)
    noise = make_vectors(rng, 300)
    labels = rng.integers(0, 2, 300).astype(float)
    clear = (noise @ rng.normal(size=D) > 0).astype(float)
    clusters, weights = np.arange(300), np.ones(300)
    for wanted, strengths in ((labels, (0.001, 1000.0)), (clear, (1000.0, 0.001))):
        _, log_odds, chosen = learn(noise, wanted, weights, clusters, strengths=strengths, seed=1)
        _, other, _ = learn(noise, wanted, weights, clusters, strengths=strengths[1:], seed=1)
        assert chosen == strengths[0]
        assert log_loss(wanted, log_odds).mean() < log_loss(wanted, other).mean()


def test_the_loss_is_minus_the_log_of_the_labels_probability():
    assert log_loss(np.array([1.0, 0.0, 0.5]), np.array([2.0, 2.0, 2.0])) == pytest.approx(
        [-np.log(expit(2)), -np.log(expit(-2)), -0.5 * np.log(expit(2)) - 0.5 * np.log(expit(-2))]
    )


def test_the_same_labels_are_learned_in_the_same_way_twice():
    vectors, labels, story = make_copies(2, stories=40)
    weights = np.ones(len(labels))
    first, second = (learn(vectors, labels, weights, story, strengths=STRENGTHS, seed=1) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
