"""Coherence beside gensim's, and diversity."""

import numpy as np
import pytest
from test_topics_tokens import make_tokens, spell

from frameshift.topics.coherence import diversity, score_coherence
from frameshift.topics.tokens import Tokens

LENGTHS = [0, 1, 5, 9, 10, 11, 109, 110, 111, 150]  # about both windows


def random_tokens(rng) -> Tokens:
    """Articles of few words that come back often and of many that hardly do."""
    lengths = [*LENGTHS, *rng.integers(2, 200, 12)]
    return make_tokens(*(" ".join(f"w{word:02d}" for word in rng.zipf(1.3, n).clip(0, 40)) for n in lengths))


def gensim_scores(topics: np.ndarray, tokens: Tokens, measure: str) -> list[float]:
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    texts, named = spell(tokens), [[tokens.vocabulary[word] for word in row] for row in topics]
    given = {"texts": texts, "dictionary": Dictionary(texts), "topn": topics.shape[1], "processes": 1}
    return CoherenceModel(topics=named, coherence=measure, **given).get_coherence_per_topic()


def assert_as_gensim(topics: np.ndarray, tokens: Tokens) -> None:
    for measure, scores in zip(("c_npmi", "c_v"), score_coherence(topics, tokens), strict=True):
        assert scores == pytest.approx(gensim_scores(topics, tokens, measure), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_coherence_is_that_of_gensim_to_the_last_digits(seed):
    rng = np.random.default_rng(seed)
    tokens = random_tokens(rng)
    assert_as_gensim(np.array([rng.choice(len(tokens.vocabulary), 6, replace=False) for _ in range(6)]), tokens)


def test_words_that_never_stand_together_score_as_with_gensim():
    tokens = make_tokens("a b", "c d", "a b c", "", "e " * 30 + "f")
    assert_as_gensim(np.array([[0, 3, 4], [1, 4, 5], [0, 1, 2]]), tokens)


def test_a_word_that_comes_back_within_a_window_counts_as_with_gensim():
    tokens = make_tokens("a x x x a x x x x x x x x b x x x a", "a b " * 80, "x " * 120 + "a b a")
    assert_as_gensim(np.array([[0, 1], [1, 2], [2, 0]]), tokens)


def test_npmi_of_two_words_by_hand():
    npmi, _ = score_coherence(np.array([[0, 1], [0, 2]]), make_tokens("a b", "c"))
    assert npmi == pytest.approx([1, np.log(1e-12 / 0.25) / -np.log(1e-12)])


def test_a_topic_scores_the_same_whatever_others_are_scored_with_it():
    rng = np.random.default_rng(7)
    tokens = random_tokens(rng)
    topics = np.array([rng.choice(len(tokens.vocabulary), 5, replace=False) for _ in range(4)])
    alone = [score_coherence(topics[row : row + 1], tokens) for row in range(4)]
    assert np.concatenate(alone, axis=1) == pytest.approx(np.array(score_coherence(topics, tokens)), abs=1e-12)


def test_no_topics_have_no_coherence():
    assert [scores.shape for scores in score_coherence(np.empty((0, 10), int), make_tokens("a"))] == [(0,), (0,)]


@pytest.mark.parametrize(("topics", "share"), [([[1, 2], [3, 4]], 1), ([[1, 2], [2, 3]], 0.75), ([[1], [1]], 0.5)])
def test_diversity_is_the_share_of_distinct_words(topics, share):
    assert diversity(np.array(topics)) == share
