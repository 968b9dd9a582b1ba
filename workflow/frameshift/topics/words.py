"""Which words stand for a topic: of all models by one rule, from the articles that each assigns to it."""

import numpy as np

TOP_WORDS = 10
LABEL_WORDS = 3


def count_articles(counts, topic: np.ndarray, n_topics: int) -> np.ndarray:
    """In how many of each topic's articles each word stands: (topics, vocabulary).

    `counts` is a sparse matrix (articles, vocabulary), `topic` (articles,) the topic of each, -1 for none.
    """
    return _sum_by_topic(counts.sign(), topic, n_topics)


def class_tfidf(counts, topic: np.ndarray, n_topics: int) -> np.ndarray:
    """Class-based TF-IDF (Grootendorst 2022) as distributions: (topics, vocabulary), rows sum to one."""
    sums = _sum_by_topic(counts, topic, n_topics)
    share = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1)
    weights = share * np.log1p(sums.sum() / max(n_topics, 1) / np.maximum(sums.sum(axis=0), 1))
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)


def keyness(found: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """How surely a word is more common in a topic's articles than in all: G² (Dunning 1993), negative where rarer.

    `found` (topics, vocabulary) counts the articles with each word, `sizes` (topics,) all articles of each topic.
    """
    total = sizes.sum()
    rows, columns = sizes[:, None].astype(float), found.sum(axis=0, keepdims=True).astype(float)
    expected = rows * columns / max(total, 1)
    cells = (
        (found, expected),
        (rows - found, rows - expected),
        (columns - found, columns - expected),
        (total - rows - columns + found, total - rows - columns + expected),
    )
    evidence = 2 * sum(_times_log_ratio(seen, due) for seen, due in cells)
    return np.where(found >= expected, evidence, -evidence)


def exclusivity(found: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Share that each topic has of a word's rates in all topics: (topics, vocabulary), 0 to 1."""
    rates = found / np.maximum(sizes, 1)[:, None]
    return rates / np.maximum(rates.sum(axis=0, keepdims=True), 1e-12)


def frex(found: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Frequency and exclusivity, the harmonic mean of a word's ranks in both (Bischof & Airoldi 2012), 0 to 1."""
    from scipy.stats import rankdata

    ranks = [rankdata(value, axis=1) / found.shape[1] for value in (found, exclusivity(found, sizes))]
    return 2 / (1 / ranks[0] + 1 / ranks[1])


def heaviest(weights: np.ndarray, n: int = TOP_WORDS) -> np.ndarray:
    """Columns of the `n` heaviest words of each topic, heaviest first: (topics, n)."""
    return np.argsort(-weights, axis=1, kind="stable")[:, :n]


def _sum_by_topic(counts, topic: np.ndarray, n_topics: int) -> np.ndarray:
    from scipy.sparse import csr_matrix

    rows = np.flatnonzero(topic >= 0)
    member = csr_matrix((np.ones(len(rows)), (topic[rows], rows)), shape=(n_topics, len(topic)))
    return np.asarray((member @ counts).todense(), dtype=float)


def _times_log_ratio(seen: np.ndarray, due: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(seen > 0, seen * np.log(seen / due), 0.0)
