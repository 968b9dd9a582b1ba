"""Are planted copies found, and are texts that only look alike left apart?

Texts are drawn word by word by Zipf's law, as natural texts share their frequent words. A copy has 5% of its words
replaced, left out or added to. Recall and precision are those of pairs: of all pairs planted, how many are in one
cluster, and of all pairs in one cluster, how many were planted.
"""

from collections import Counter

import numpy as np
import polars as pl
import pytest

from frameshift.corpus.duplicates import cluster_copies

VOCABULARY = np.array([f"word{i}" for i in range(20_000)])
CUMULATIVE = np.cumsum(1 / (np.arange(len(VOCABULARY)) + 2.7)) / np.sum(1 / (np.arange(len(VOCABULARY)) + 2.7))


def draw(n, rng):
    return VOCABULARY[np.searchsorted(CUMULATIVE, rng.random(n))]


def edit(words, share, rng):
    """`words` with a share of its places (at least one) replaced, left out or added to, each as likely."""
    edited = words.tolist()
    for place in sorted(rng.choice(len(words), max(1, round(share * len(words))), replace=False), reverse=True):
        kind = rng.integers(3)
        edited[place : place + (kind < 2)] = [] if kind == 0 else draw(1, rng)
    return np.array(edited)


def plant(rng, *, n_texts, n_words, n_edited, n_exact, share):
    """Texts in random order, and for each the number of its original; `n_words` are the least and the most."""
    originals = [draw(rng.integers(*n_words, endpoint=True), rng) for _ in range(n_texts)]
    copied = rng.integers(n_texts, size=n_edited + n_exact)
    texts = originals + [edit(originals[i], share, rng) for i in copied[:n_edited]]
    texts += [originals[i] for i in copied[n_edited:]]
    truth = np.concatenate([np.arange(n_texts), copied])
    order = rng.permutation(len(truth))
    return [texts[i] for i in order], truth[order]


def cluster(texts):
    return cluster_copies(pl.Series([" ".join(words) for words in texts]), similarity=0.5)


def count_pairs(labels):
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def score(clusters, truth):
    """Recall and precision over pairs."""
    both = count_pairs(zip(clusters.tolist(), truth.tolist(), strict=True))
    return both / count_pairs(truth.tolist()), both / count_pairs(clusters.tolist())


@pytest.mark.parametrize("seed", [1, 2])
def test_edited_articles(seed):
    texts, truth = plant(
        np.random.default_rng(seed), n_texts=2000, n_words=(200, 1200), n_edited=400, n_exact=200, share=0.05
    )
    recall, precision = score(cluster(texts), truth)
    assert recall >= 0.99
    assert precision >= 0.99


@pytest.mark.parametrize("n_words", [(8, 12), (13, 40), (40, 200)])
def test_edited_headlines_and_short_texts(n_words):
    # "5%" of 8 to 12 words is one word here, up to an eighth of the text
    texts, truth = plant(np.random.default_rng(3), n_texts=4000, n_words=n_words, n_edited=800, n_exact=400, share=0.05)
    recall, precision = score(cluster(texts), truth)
    assert recall >= 0.95
    assert precision >= 0.99


def test_two_copies_of_one_headline_differ_in_two_words_but_are_found_by_way_of_it():
    rng = np.random.default_rng(4)
    headline = draw(12, rng)
    copies = [np.append(headline[:-1], "one"), np.insert(headline, 4, "two")]
    first, second, third = cluster([headline, *copies]).tolist()
    assert first == second == third
    assert len(set(cluster(copies).tolist())) == 2


def test_headlines_under_eight_words_are_copies_only_where_they_say_the_same():
    # one word of seven is no slip of the pen: "Man charged over fatal crash", "Man charged over fatal stabbing"
    rng = np.random.default_rng(5)
    originals = [draw(rng.integers(4, 7, endpoint=True), rng) for _ in range(1000)]
    replaced = [words.copy() for words in originals]
    for i, words in enumerate(replaced):
        words[rng.integers(len(words))] = f"new{i}"
    clusters = cluster(originals + replaced)
    assert not np.any(clusters[:1000] == clusters[1000:])


def test_follow_ups_that_share_a_background_paragraph_stay_apart():
    rng = np.random.default_rng(6)
    background = draw(150, rng)  # 30% of each
    stories = [np.concatenate([draw(350, rng), background]) for _ in range(300)]
    assert len(set(cluster(stories).tolist())) == 300


def test_articles_that_share_a_footer_stay_apart():
    rng = np.random.default_rng(7)
    footer = draw(60, rng)
    stories = [np.concatenate([draw(rng.integers(80, 300), rng), footer]) for _ in range(500)]
    assert len(set(cluster(stories).tolist())) == 500


def fill_in(frame, n_facts, rng):
    """A report by the template `frame`, with facts spread evenly over it."""
    report = frame.astype(object)  # facts longer than any word of the frame
    places = np.linspace(2, len(frame) - 3, n_facts).round().astype(int)
    report[places] = [f"fact{i}" for i in rng.integers(10**12, size=n_facts)]
    return report


@pytest.mark.parametrize(("n_facts", "apart"), [(3, False), (4, False), (5, True), (8, True), (12, True)])
def test_reports_by_one_template_are_copies_up_to_one_fact_in_nine_words(n_facts, apart):
    rng = np.random.default_rng(8)
    frame = draw(40, rng)
    reports = [fill_in(frame, n_facts, rng) for _ in range(300)]
    assert len(set(cluster(reports).tolist())) == (300 if apart else 1)


def test_reports_that_share_some_facts_are_not_chained_into_one():
    # scores and weather: each fact has few values, so that by small steps any report leads to any other
    rng = np.random.default_rng(9)
    frame = draw(36, rng)
    reports = np.tile(frame, (1500, 1))
    for place in range(2, 36, 4):  # 9 facts of 4 values
        reports[:, place] = np.char.add("value", rng.integers(4, size=1500).astype(str))
    clusters = cluster(list(reports))
    for label in set(clusters.tolist()):
        members = reports[clusters == label]
        differing = (members[:, None] != members[None]).sum(axis=2)
        assert differing.max(axis=1).min() <= 4  # there is one, the hub, from which all differ in 4 words or fewer
    assert len(set(clusters.tolist())) > 20
