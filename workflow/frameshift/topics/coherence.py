"""Coherence of topics: NPMI and C_v (Röder, Both & Hinneburg 2015), as gensim defines them.

gensim's CoherenceModel slides a window over every word in Python, once a call and measure. Here pairs are counted
article by article on bits, all topics of all fits at once, and come to the same numbers, so that they can be compared
with those of other work. gensim forgets a word as soon as its first copy leaves the window, although another one may
still be in it; hence so do we.
"""

from collections.abc import Sequence

import numpy as np

from frameshift.topics.tokens import Tokens

NPMI_WINDOW, C_V_WINDOW = 10, 110  # words
TINY = 1e-12


def score_coherence(topics: np.ndarray, tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """NPMI and C_v of each topic: two arrays (topics,).

    `topics` are columns of the vocabulary, (topics, words). The reference is `tokens`.
    """
    if not len(topics):
        return np.empty(0), np.empty(0)
    words, rows = np.unique(topics, return_inverse=True)
    rows = rows.reshape(topics.shape)
    near, wide = (_npmi(words, rows, tokens, window) for window in (NPMI_WINDOW, C_V_WINDOW))
    lower = np.tril_indices(topics.shape[1], -1)
    npmi = near[:, lower[0], lower[1]].mean(axis=1)
    whole = wide.sum(axis=1, keepdims=True)  # the topic as one context; each word is compared with it
    norms = np.linalg.norm(wide, axis=2) * np.linalg.norm(whole, axis=2)
    return npmi, ((wide * whole).sum(axis=2) / np.maximum(norms, TINY)).mean(axis=1)


def _npmi(words: np.ndarray, topics: np.ndarray, tokens: Tokens, window: int) -> np.ndarray:
    """Normalised pointwise mutual information of all pairs within each topic: (topics, n, n)."""
    size = len(words)
    left, right = (
        np.repeat(topics, topics.shape[1], axis=1),
        np.tile(topics, (1, topics.shape[1])),
    )
    code = np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right)
    pairs, back = np.unique(code, return_inverse=True)
    both, single, total = count_windows(words, (pairs // size, pairs % size), tokens, window)
    joint = (both / total)[back].reshape(left.shape)
    alone = single / total
    product = alone[left] * alone[right]
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = np.log((joint + TINY) / product) / -np.log(joint + TINY)
    return np.where(product > 0, npmi, 0.0).reshape(len(topics), topics.shape[1], topics.shape[1])


def count_windows(
    words: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], tokens: Tokens, window: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """In how many windows both words of each pair stand, each word, and how many windows there are.

    A window is `window` words of one article in a row, or the whole of a shorter article. A word that stands in it
    twice counts until the first of both leaves it. `pairs` are rows of `words`, which are columns of the vocabulary.
    """
    number = np.full(len(tokens.vocabulary), -1)
    number[words] = np.arange(len(words))
    both, single, total = np.zeros(len(pairs[0]), np.int64), np.zeros(len(words), np.int64), 0
    place = np.zeros(len(words), np.int64)
    for start, end in zip(tokens.starts[:-1].tolist(), tokens.starts[1:].tolist(), strict=True):
        length = end - start
        windows = max(1, length - window + 1)
        total += windows
        word = number[tokens.words[start:end]]
        position = np.flatnonzero(word >= 0)
        present, row = np.unique(word[position], return_inverse=True)
        if not len(present):
            continue
        order = np.argsort(row, kind="stable")
        row, position = row[order], position[order]
        enters = np.maximum(position - window + 1, 0)
        leaves = position[np.searchsorted(row * length + position, row * length + enters)] + 1
        # +1 where a window begins to hold the word, -1 where it no longer does
        change = np.zeros((len(present), windows + 1), np.int16)
        np.add.at(change, (row, enters), 1)
        np.add.at(change, (row, np.minimum(leaves, windows)), -1)
        held = np.packbits(change[:, :-1].cumsum(axis=1) > 0, axis=1)
        single[present] += _count_bits(held)
        place[:] = -1
        place[present] = np.arange(len(present))
        first, second = place[pairs[0]], place[pairs[1]]
        found = np.flatnonzero((first >= 0) & (second >= 0))
        both[found] += _count_bits(held[first[found]] & held[second[found]])
    return both, single, max(total, 1)


def _count_bits(bits: np.ndarray) -> np.ndarray:
    return np.bitwise_count(bits).sum(axis=1, dtype=np.int64)


def diversity(topics: Sequence[Sequence[int]] | np.ndarray) -> float:
    """Share of distinct words among the words of all topics of a fit (Dieng, Ruiz & Blei 2020)."""
    flat = np.asarray(topics).ravel()
    return len(np.unique(flat)) / len(flat) if len(flat) else 0.0
