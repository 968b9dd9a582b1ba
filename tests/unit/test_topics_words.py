"""The words of topics, by counts that can be reckoned by hand."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from test_topics_tokens import make_tokens

from frameshift.topics.words import class_tfidf, count_articles, exclusivity, frex, heaviest, keyness


def test_keyness_is_the_log_likelihood_ratio_of_articles_and_negative_where_a_word_is_rarer():
    found, sizes = np.array([[8, 1, 0], [2, 6, 5], [3, 0, 9]]), np.array([10, 30, 15])
    scores = keyness(found, sizes)
    for topic, word in np.ndindex(found.shape):
        here, there = found[topic, word], found[:, word].sum() - found[topic, word]
        table = [[here, sizes[topic] - here], [there, sizes.sum() - sizes[topic] - there]]
        ratio = chi2_contingency(table, lambda_="log-likelihood", correction=False).statistic
        rarer = here / sizes[topic] < there / (sizes.sum() - sizes[topic])
        assert scores[topic, word] == pytest.approx(-ratio if rarer else ratio)


def test_keyness_of_a_two_by_two_table_by_hand():
    expected = 2 * (3 * np.log(3 / 2) + 1 * np.log(1 / 2) + 1 * np.log(1 / 2) + 3 * np.log(3 / 2))
    assert keyness(np.array([[3], [1]]), np.array([4, 4]))[:, 0] == pytest.approx([expected, -expected])


def test_a_word_in_every_article_or_in_none_is_key_to_no_topic():
    assert keyness(np.array([[4, 0], [8, 0]]), np.array([4, 8])).tolist() == [[0, 0], [0, 0]]


def test_exclusivity_is_a_share_of_rates():
    shares = exclusivity(np.array([[4, 2, 1, 0], [0, 4, 3, 0]]), np.array([4, 8]))
    assert shares == pytest.approx(np.array([[1, 0.5, 0.4, 0], [0, 0.5, 0.6, 0]]))


def test_frex_is_the_harmonic_mean_of_two_ranks():
    # the first topic: frequent 4, 3, 2, 1 of 4; exclusive 2, 1, 3, 4 of 4
    found, sizes = np.array([[8, 6, 4, 2], [6, 8, 1, 0]]), np.array([10, 10])
    assert frex(found, sizes)[0] == pytest.approx([2 / (4 / 4 + 4 / 2), 2 / (4 / 3 + 4), 2 / (4 / 2 + 4 / 3), 0.4])


def test_equal_words_share_a_rank():
    assert frex(np.array([[5, 5], [1, 1]]), np.array([5, 5]))[0] == pytest.approx([0.75, 0.75])


def test_class_tfidf_by_hand():
    weights = class_tfidf(make_tokens("a a b", "b b").counts, np.array([0, 1]), 2)
    # 2.5 words a topic; a stands twice, b three times
    a, b = 2 / 3 * np.log1p(2.5 / 2), 1 / 3 * np.log1p(2.5 / 3)
    assert weights == pytest.approx(np.array([[a / (a + b), b / (a + b)], [0, 1]]))


def test_rows_of_class_tfidf_sum_to_one():
    rng = np.random.default_rng(1)
    tokens = make_tokens(*(" ".join(rng.choice(list("abcdefgh"), 20)) for _ in range(30)))
    assert class_tfidf(tokens.counts, np.arange(30) % 4 - 1, 3).sum(axis=1) == pytest.approx(np.ones(3))


def test_articles_of_no_topic_count_for_none():
    tokens, topic = make_tokens("a a b", "b", "a c"), np.array([0, 1, -1])
    assert count_articles(tokens.counts, topic, 2).tolist() == [[1, 1, 0], [0, 1, 0]]
    assert not class_tfidf(tokens.counts, topic, 2)[:, 2].any()


def test_the_heaviest_words_come_first_and_equals_in_their_order():
    assert heaviest(np.array([[1.0, 3, 2, 3], [5, 5, 5, 5]]), 3).tolist() == [[1, 3, 2], [0, 1, 2]]
    assert heaviest(np.tile([0.0, 1.0], (1, 50)))[0].tolist() == list(range(1, 20, 2))
