"""Whether topics come back when a model is fitted again from another seed."""

from collections.abc import Sequence

import numpy as np

UNSTABLE = 0.5  # a topic of less stability does not come back, and should carry no conclusion


def match_topics(words: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
    """How surely each topic comes back in other fits: (topics,), 0 to 1; NaN where there are no others.

    `words` are distributions (topics, vocabulary). Topics are matched one to one by the cosine similarity of words
    (Hungarian algorithm, Kuhn 1955; Greene et al. 2014); a topic that finds no partner scores 0 there. The mean over
    `others` is returned.
    """
    from scipy.optimize import linear_sum_assignment

    scores = np.zeros((len(others), len(words)))
    unit = _unit(words)
    for row, other in enumerate(others):
        similarity = unit @ _unit(other).T
        left, right = linear_sum_assignment(-similarity)
        scores[row, left] = similarity[left, right]
    return scores.mean(axis=0) if len(others) else np.full(len(words), np.nan)


def agreement(topics: Sequence[np.ndarray]) -> np.ndarray:
    """Mean adjusted Rand index (Hubert & Arabie 1985) of each fit's assignments with the others': (fits,)."""
    from sklearn.metrics import adjusted_rand_score

    n = len(topics)
    scores = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(i):
            scores[i, j] = scores[j, i] = adjusted_rand_score(topics[i], topics[j])
    return np.array([np.nanmean(np.delete(row, i)) if n > 1 else np.nan for i, row in enumerate(scores)])


def _unit(words: np.ndarray) -> np.ndarray:
    return words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-12)
