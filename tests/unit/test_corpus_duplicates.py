"""Copies are found whether identical or edited, and each policy keeps what it says."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from frameshift.corpus.duplicates import _find_near_copies, cluster_copies, mark_duplicates

VOCABULARY = [f"word{i}" for i in range(3000)]
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


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_edited_copies_are_found_and_nothing_else(share):
    rng = np.random.default_rng(1)
    originals = invent_texts(150, 150, rng)
    texts = pl.Series(originals + [edit(text, share, rng) for text in originals])
    assert {tuple(pair) for pair in _find_near_copies(texts, similarity=0.5).tolist()} == {
        (i, i + 150) for i in range(150)
    }


def test_the_threshold_is_the_true_jaccard_similarity():
    # 10 words give 8 shingles of 3; changing the last word leaves 7 of 9 in the union
    texts = pl.Series(["a b c d e f g h i j", "a b c d e f g h i x"])
    assert len(set(cluster_copies(texts, similarity=7 / 9).tolist())) == 1
    assert len(set(cluster_copies(texts, similarity=7 / 9 + 0.01).tolist())) == 2


def test_case_and_punctuation_do_not_tell_copies_apart():
    first, second, other = cluster_copies(pl.Series(["Go home.", "GO -- home", "go away"]), similarity=0.5)
    assert first == second != other


def test_texts_too_short_for_a_shingle_or_without_words_are_no_copies_of_each_other():
    assert len(set(cluster_copies(pl.Series(["one two", "two one", "…", "!!", ""]), similarity=0.5).tolist())) == 5


def test_a_chain_of_copies_is_one_cluster():
    words = VOCABULARY[:200]
    chain = [" ".join(words[start : start + 100]) for start in (0, 25, 50, 75)]  # neighbours share .59, ends .14
    assert len(set(cluster_copies(pl.Series(chain), similarity=0.5).tolist())) == 1
    assert len(set(cluster_copies(pl.Series([chain[0], chain[3]]), similarity=0.5).tolist())) == 2


def test_hundreds_of_edited_copies_are_one_cluster():
    rng = np.random.default_rng(2)
    template, *others = invent_texts(21, 150, rng)
    texts = [edit(template, 0.05, rng) for _ in range(400)] + others
    clusters = cluster_copies(pl.Series(texts), similarity=0.5).tolist()
    assert len(set(clusters[:400])) == 1
    assert len(set(clusters)) == 21


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
