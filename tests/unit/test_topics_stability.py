"""Topics of several seeds beside each other."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from frameshift.topics.stability import agreement, match_topics


def test_topics_that_come_back_in_another_order_are_stable():
    assert match_topics(np.eye(3), [np.eye(3)[[2, 0, 1]], np.eye(3)]) == pytest.approx([1, 1, 1])


def test_a_topic_without_partner_scores_nothing_there():
    assert match_topics(np.eye(3), [np.eye(3)[[2, 0]], np.eye(3)]) == pytest.approx([1, 0.5, 1])


def test_topics_are_matched_one_to_one_by_cosine():
    words = np.array([[1.0, 0, 0], [0.8, 0.6, 0]])
    other = np.array([[2.0, 0, 0], [0, 0, 1]])  # both would be matched with the first; together only one can be
    assert match_topics(words, [other]) == pytest.approx([1, 0])


def test_one_fit_is_neither_stable_nor_unstable():
    assert np.isnan(match_topics(np.eye(3), [])).tolist() == [True] * 3
    assert np.isnan(agreement([np.array([0, 0, 1, 1])])).tolist() == [True]


def test_agreement_is_the_mean_over_the_other_fits():
    same, other = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert agreement([same, 1 - same, other]) == pytest.approx([(1 - 0.5) / 2, (1 - 0.5) / 2, -0.5])


def test_agreement_is_the_adjusted_rand_index_of_scikit_learn():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 4, 80)
    fits = [np.where(rng.random(80) < share, truth, rng.integers(-1, 4, 80)) for share in (0.9, 0.7, 0.5, 0.1)]
    expected = [np.mean([adjusted_rand_score(one, other) for other in fits if other is not one]) for one in fits]
    assert agreement(fits) == pytest.approx(expected)
