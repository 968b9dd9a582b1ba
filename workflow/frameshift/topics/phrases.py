"""Pairs of words that belong together ("white house"), found by gensim's Phrases (Mikolov et al. 2013; Bouma 2009)."""

from collections.abc import Iterable, Iterator

import numpy as np

GAP = -1  # in place of a word, what parts its neighbours
Chunk = tuple[np.ndarray, np.ndarray]  # numbers of the words of some articles, and where each of these starts and ends
MARK = "_"
ASSOCIATION = 0.6  # normalised pointwise mutual information from which two neighbours are a phrase
LEARNT_FROM = 5_000_000  # words at the most: the pairs that matter are found by then


def learn_phrases(chunks: list[Chunk], vocabulary: list[str], *, min_count: int) -> dict[tuple[int, int], str]:
    """Pairs of numbers of words and what they are called together; each occurs at least `min_count` times.

    In a large corpus every n-th article is read.
    """
    from gensim.models.phrases import Phrases

    step = -(-sum(len(words) for words, _ in chunks) // LEARNT_FROM) or 1
    model = Phrases(
        (stretch for words, starts in chunks for stretch in _stretches(words, starts, vocabulary, step)),
        min_count=max(1, min_count // step),
        threshold=ASSOCIATION,
        scoring="npmi",
        delimiter=MARK,
    )
    number = {word: column for column, word in enumerate(vocabulary)}
    pairs = {}
    for phrase in sorted(model.export_phrases()):
        left, right = phrase.split(MARK)
        pairs[number[left], number[right]] = phrase
    return pairs


def join_phrases(
    words: np.ndarray, starts: np.ndarray, size: int, pairs: Iterable[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """`words` and `starts` with `pairs` as words of their own; of pairs that overlap the first is joined.

    The pairs are numbered from `size` on, the number of words, in their order.
    """
    codes = np.array(sorted(left * size + right for left, right in pairs), dtype=np.int64)
    if not len(codes) or not len(words):
        return words, starts
    wide = words.astype(np.int64)
    code = np.where((wide[:-1] != GAP) & (wide[1:] != GAP), wide[:-1] * size + wide[1:], GAP)
    code[starts[1:-1][(starts[1:-1] > 0) & (starts[1:-1] < len(words))] - 1] = GAP  # the last word of an article
    place = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
    first = np.append(codes[place] == code, False)
    # In a run of pairs that overlap (a b, b c, c d) every other one is joined.
    position = np.arange(len(words))
    run_start = np.maximum.accumulate(np.where(first & ~np.append(False, first[:-1]), position, 0))
    first &= (position - run_start) % 2 == 0
    second = np.append(False, first[:-1])
    joined = np.where(first, size + np.append(place, 0), words).astype(np.int32)
    lost = np.append(0, np.cumsum(second))
    return joined[~second], starts - lost[starts]


def _stretches(words: np.ndarray, starts: np.ndarray, vocabulary: list[str], step: int) -> Iterator[list[str]]:
    """The words between two gaps, as strings, of every `step`-th article."""
    for row in range(0, len(starts) - 1, step):
        stretch: list[str] = []
        for number in words[starts[row] : starts[row + 1]].tolist():
            if number == GAP:
                if stretch:
                    yield stretch
                stretch = []
            else:
                stretch.append(vocabulary[number])
        if stretch:
            yield stretch
