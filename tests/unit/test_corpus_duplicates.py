"""Copies are found whether identical or edited, and each policy keeps what it says."""

from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from frameshift.corpus.duplicates import _digest, _pair_candidates, cluster_copies, mark_duplicates

VOCABULARY = np.array([f"word{i}" for i in range(3000)])
ONE = "the ministers met on monday to speak about the border and left without a word to the press"
TWO = "a storm closed the harbour for two days and the ferries stayed in port until the wind had fallen"


def invent_texts(n, n_words, rng):
    return [" ".join(rng.choice(VOCABULARY, n_words)) for _ in range(n)]


def edit(text, share, rng):
    words = text.split()
    for place in rng.choice(len(words), round(len(words) * share), replace=False):
        words[place] = rng.choice(VOCABULARY)
    return " ".join(words)


def table(rows):
    return pl.DataFrame(
        rows,
        schema={"article_id": pl.String, "source": pl.String, "date": pl.Date, "text": pl.String},
        orient="row",
    )


def mark(articles, policy):
    return mark_duplicates(articles, policy=policy, similarity=0.5)


def cluster(texts, similarity=0.5):
    return cluster_copies(pl.Series(texts), similarity=similarity).tolist()


def are_copies(one, other, similarity=0.5):
    first, second = cluster([one, other], similarity)
    return first == second


def count_candidates(texts):
    return len(_pair_candidates(_digest(pl.Series(texts))[1], similarity=0.5))


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_edited_copies_are_found_and_nothing_else(share):
    rng = np.random.default_rng(1)
    originals = invent_texts(150, 150, rng)
    clusters = cluster(originals + [edit(text, share, rng) for text in originals])
    assert clusters[:150] == clusters[150:]
    assert len(set(clusters)) == 150


def test_the_threshold_is_the_true_jaccard_similarity():
    # 10 words and the mark after them give 11 shingles of 3; one word changed leaves 8 of the 14 in the union
    texts = "a b c d e f g h i j", "a b c d e f g h i x"
    assert are_copies(*texts, similarity=8 / 14)
    assert not are_copies(*texts, similarity=8 / 14 + 0.01)


@pytest.mark.parametrize("n_words", [5, 6, 7, 8, 9, 12, 16])
def test_one_other_word_makes_no_copy_under_eight_words_and_leaves_one_from_eight_on_wherever_it_stands(n_words):
    words = VOCABULARY[:n_words]
    for place in range(n_words):
        changed = [*words[:place], "other", *words[place + 1 :]]
        assert are_copies(" ".join(words), " ".join(changed)) == (n_words >= 8)


@pytest.mark.parametrize(("n_words", "copies"), [(16, False), (17, True)])
def test_two_other_words_leave_a_copy_from_seventeen_words_on(n_words, copies):
    words = VOCABULARY[:n_words]
    assert are_copies(" ".join(words), " ".join([*words[:4], "other", *words[5:10], "new", *words[11:]])) == copies


def test_the_order_of_the_words_matters():
    words = VOCABULARY[:30]
    assert not are_copies(" ".join(words), " ".join(words[::-1]))
    assert not are_copies(" ".join(words), " ".join(np.random.default_rng(1).permutation(words)))


def test_case_and_punctuation_do_not_tell_copies_apart():
    first, second, other = cluster(["Go home.", "GO -- home", "go away"])
    assert first == second != other


def test_texts_of_two_words_or_none_are_no_copies_of_each_other():
    assert len(set(cluster(["one two", "two one", "one", "two", "…", "!!", ""]))) == 7


def test_no_chain_of_copies_leads_to_a_text_that_is_no_copy():
    words = VOCABULARY[:175]
    chain = [" ".join(words[start : start + 100]) for start in (0, 25, 50, 75)]  # neighbours share .57, others less
    assert all(are_copies(one, other) for one, other in pairwise(chain))
    clusters = cluster(chain)
    assert sorted(Counter(clusters).values()) == [1, 3]
    assert clusters[0] != clusters[3]


def test_hundreds_of_edited_copies_are_one_cluster():
    rng = np.random.default_rng(2)
    template, *others = invent_texts(21, 150, rng)
    clusters = cluster([edit(template, 0.05, rng) for _ in range(400)] + others)
    assert len(set(clusters[:400])) == 1
    assert len(set(clusters)) == 21


def test_one_text_over_and_over_is_one_cluster():
    assert cluster([ONE] * 500) == [0] * 500


def test_comparisons_grow_with_the_number_of_texts_and_not_of_pairs():
    rng = np.random.default_rng(5)
    template = invent_texts(1, 100, rng)[0]
    counts = [count_candidates([edit(template, 0.05, rng) for _ in range(n)]) for n in (200, 800, 3200)]
    assert counts[1] < 6 * counts[0]  # 4 times the texts, 16 times the pairs
    assert counts[2] < 6 * counts[1]


def test_texts_are_the_same_in_batches_of_any_size(monkeypatch):
    rng = np.random.default_rng(6)
    originals = [*invent_texts(40, 30, rng), "", "one", "…"]
    texts = originals + [edit(text, 0.05, rng) for text in originals[:40]]
    whole = cluster(texts)
    monkeypatch.setattr("frameshift.corpus.duplicates._BATCH", 3000)
    assert cluster(texts) == whole
    assert len(set(whole)) == 43


def test_the_order_of_the_articles_does_not_matter():
    rng = np.random.default_rng(3)
    texts = invent_texts(30, 60, rng)
    rows = [(f"{i:02}", "AB"[i % 2], date(2015, 1, 1), texts[i % 20]) for i in range(30)]
    straight, turned = mark(table(rows), "per_source"), mark(table(rows[::-1]), "per_source")
    assert straight.equals(turned.sort("article_id"))


def test_no_articles_have_no_copies():
    assert mark(table([]), "per_source").height == 0


COPIES = [
    ("a1", "A", date(2015, 1, 3), ONE),
    ("a2", "A", date(2015, 1, 2), ONE.upper()),
    ("b1", "B", date(2015, 1, 1), ONE + " today"),
    ("b2", "B", None, ONE),
    ("b3", "B", date(2015, 1, 1), TWO),
]


@pytest.mark.parametrize(
    ("policy", "duplicate_of"),
    [
        ("per_source", ["a2", None, None, "b1", None]),
        ("first", ["b1", "b1", None, "b1", None]),
        ("all", [None, None, None, None, None]),
    ],
)
def test_a_policy_keeps_the_first_copy_by_date_with_unknown_dates_last(policy, duplicate_of):
    marked = mark(table(COPIES), policy)
    assert marked["duplicate_of"].to_list() == duplicate_of
    assert marked["wire_cluster"].to_list() == ["b1", "b1", "b1", "b1", "b3"]


def test_equal_dates_are_decided_by_the_article_id():
    rows = [("z", "A", date(2015, 1, 1), ONE), ("y", "A", date(2015, 1, 1), ONE)]
    assert mark(table(rows), "first")["duplicate_of"].to_list() == ["y", None]
