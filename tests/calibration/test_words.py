"""Words that set nothing apart: how many pass all the same, where sources write alike and years differ by chance alone.

Articles come in topics whose weights move from week to week with autocorrelation, and words in bursts.
"""

import numpy as np
import pytest
from planned import allowed_rejections
from scipy import sparse
from scipy.stats import false_discovery_control, norm

from frameshift.comparisons.words import compare_periods, compare_words
from frameshift.demo.plan import draw_ar1

REPLICATIONS = 200
WEEKS, A_WEEK, WORDS, TOPICS, LENGTH = 104, 6, 200, 6, 60
VOCABULARY = [f"word{i}" for i in range(WORDS)]
OPTIONS = {"given": None, "min_articles": 20, "top": WORDS}


def draw_counts(seed: int, *, lift: float = 1.0) -> tuple[sparse.csr_matrix, np.ndarray, list[str]]:
    """Counts (articles × words), the week of each article, and its source; Brook uses word 10 `lift` times as often."""
    rng = np.random.default_rng([20150105, seed])
    zipf = 1 / np.arange(1, WORDS + 1) * np.random.default_rng(1).gamma(0.5, 2, size=(TOPICS, WORDS))
    mix = np.exp(draw_ar1(rng, (WEEKS, TOPICS), 0.5, 0.8, None))
    week = np.repeat(np.arange(WEEKS), A_WEEK)
    below = np.cumsum(mix, axis=1)[week] / mix.sum(axis=1)[week, None]
    topic = (below[:, :-1] < rng.random(len(week))[:, None]).sum(axis=1)
    rate = LENGTH * (zipf / zipf.sum(axis=1, keepdims=True))[topic]
    bursts = rng.exponential(size=rate.shape) * rng.gamma(4, 0.25, size=(len(week), 1))
    sources = rng.choice(["Albion", "Brook", "Cape"], size=len(week), p=[0.1, 0.3, 0.6])
    rate[sources == "Brook", 10] *= lift
    return sparse.csr_matrix(rng.poisson(rate * bursts)), week, sources.tolist()


@pytest.fixture(scope="module")
def false_words() -> dict[str, np.ndarray]:
    """By comparison, how many words had q < .05 in each replication; of sources also by z under independent tokens."""
    found = {"sources": [], "tokens": [], "years": []}
    for seed in range(REPLICATIONS):
        counts, week, sources = draw_counts(seed)
        articles = [f"a{i}" for i in range(len(week))]
        words, _ = compare_words(counts, VOCABULARY, sources, articles, **OPTIONS)
        found["sources"].append((words["q"] < 0.05).sum())
        found["tokens"].append(count_by_tokens(counts, np.array(sources) == "Albion"))
        years = (week // 52).astype(str).tolist()
        words, _ = compare_periods(counts, VOCABULARY, years, week.tolist(), **OPTIONS)
        found["years"].append((words["q"] < 0.05).sum())
    return {name: np.array(values) for name, values in found.items()}


def count_by_tokens(counts: sparse.csr_matrix, inside: np.ndarray) -> int:
    """How many words of the first source would pass if tokens were independent, as Monroe, Colaresi & Quinn have it."""
    here, there = counts[inside].sum(axis=0).A1 + 0.5, counts[~inside].sum(axis=0).A1 + 0.5
    log_odds = np.log(here / (here.sum() - here)) - np.log(there / (there.sum() - there))
    z = log_odds / np.sqrt(1 / here + 1 / there)
    return int((false_discovery_control(2 * norm.sf(np.abs(z))) < 0.05).sum())


@pytest.mark.parametrize("comparison", ["sources", "years"])
def test_hardly_ever_does_any_word_pass_where_nothing_differs(false_words, comparison):
    sides = {"sources": 3, "years": 1}[comparison]  # families; what sets one year of two apart is the other's lack
    assert (false_words[comparison] > 0).mean() <= sides * allowed_rejections(REPLICATIONS)


def test_independent_tokens_would_let_many_words_pass(false_words):
    assert false_words["tokens"].mean() > 5


def test_a_word_that_one_source_uses_three_times_as_often_is_found():
    found = []
    for seed in range(40):
        counts, week, sources = draw_counts(seed, lift=3.0)
        words, _ = compare_words(counts, VOCABULARY, sources, [f"a{i}" for i in range(len(week))], **OPTIONS)
        found.append((words.filter(source="Brook", word="word10")["q"] < 0.05).any())
    assert np.mean(found) > 0.8
