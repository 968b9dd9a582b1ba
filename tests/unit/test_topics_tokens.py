"""Words, lemmas and phrases of articles, and the file that keeps them."""

import logging
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameshift.topics.phrases import GAP, join_phrases
from frameshift.topics.tokens import Tokens, read_tokens, stop_words, tokenise, write_tokens

ANY = {"min_letters": 3, "min_articles": 1, "max_share": 1.0, "phrases": False, "lemmas": False}
FILLER = ("lamp", "stone", "river", "cloud", "paper")
TOGETHER = [f"{FILLER[i % 5]} white house {FILLER[(i + 2) % 5]}" for i in range(30)]


def articles(*texts: str, **columns) -> pl.DataFrame:
    ids = [f"a{number:02d}" for number in range(len(texts))]
    table = pl.DataFrame({"article_id": ids, "title": "", "text": list(texts), "language": "en"})
    return table.with_columns(duplicate_of=pl.lit(None, pl.String)).with_columns(**columns)


def spell(tokens: Tokens) -> list[list[str]]:
    return [[tokens.vocabulary[word] for word in tokens.words[a:b]] for a, b in pairwise(tokens.starts)]


def split(table: pl.DataFrame, **options) -> list[list[str]]:
    return spell(tokenise(table, **ANY | options))


def make_tokens(*rows: str) -> Tokens:
    """Articles a000, a001, ... of these words."""
    texts = [row.split() for row in rows]
    vocabulary = sorted({word for text in texts for word in text})
    words = np.array([vocabulary.index(word) for text in texts for word in text], np.int32)
    return Tokens([f"a{n:03d}" for n in range(len(rows))], words, np.cumsum([0, *map(len, texts)]), vocabulary)


def test_words_are_lowered_and_lose_stop_words_numbers_contractions_and_possessives():
    table = articles("The City’s 12 guards don't patrol", "City guards, at no. 7, we'll patrol!")
    assert split(table) == [["city", "guards", "patrol"]] * 2


def test_the_title_comes_before_the_text():
    assert split(articles("red green", title=pl.lit("Blue"))) == [["blue", "red", "green"]]


def test_articles_come_by_their_ids_and_words_by_the_alphabet():
    tokens = tokenise(articles("red green", "blue", article_id=pl.Series(["b", "a"])), **ANY)
    assert (tokens.articles, tokens.vocabulary) == (["a", "b"], ["blue", "green", "red"])
    assert (tokens.words.tolist(), tokens.starts.tolist()) == ([0, 2, 1], [0, 1, 3])


def test_each_article_loses_the_stop_words_of_its_own_language():
    table = articles("the men die out", "les men die out", "the Mann die Stadt", language=pl.Series(["en", "fr", "de"]))
    assert split(table) == [["men", "die"], ["men", "die", "out"], ["the", "mann", "stadt"]]


def test_a_stop_word_that_runs_into_a_word_is_taken_off():
    assert split(articles("L’asile, l'asile et qu'asile", language=pl.lit("fr"))) == [["asile"] * 3]


def test_a_language_without_a_list_keeps_its_words_and_the_log_says_so_once(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("frameshift"), "propagate", True)
    stop_words.cache_clear()
    assert split(articles("the men", "les men", language=pl.lit("sw"))) == [["the", "men"], ["les", "men"]]
    assert [record.getMessage() for record in caplog.records] == [
        "no list of stop words for the language 'sw': its most common words are kept"
    ]


def test_short_words_are_dropped():
    assert split(articles("sea oar mast"), min_letters=4) == [["mast"]]


def test_words_that_are_too_rare_or_too_common_are_dropped():
    table = articles("red green", "red blue", "red blue", "rare rare")
    assert split(table, min_articles=2, max_share=0.6) == [[], ["blue"], ["blue"], []]


def test_copies_are_not_counted():
    table = articles("red green", "red green", duplicate_of=pl.Series([None, "a00"]))
    assert tokenise(table, **ANY).articles == ["a00"]
    assert split(table, min_articles=2) == [[]]


def test_lemmas_join_the_forms_of_a_word():
    table = articles("immigrants", "immigrant")
    assert split(table) == [["immigrants"], ["immigrant"]]
    assert split(table, lemmas=True) == [["immigrant"]] * 2


def test_stop_words_are_dropped_by_their_own_form_and_by_their_lemma():
    assert split(articles("boats made gives"), lemmas=True) == [["boat"]]  # make is none, give is one


def test_a_language_without_lemmas_keeps_its_words_and_the_log_says_so_once(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("frameshift"), "propagate", True)
    table = articles("immigrants", "immigrant", language=pl.lit("qx"))
    assert split(table, lemmas=True) == [["immigrants"], ["immigrant"]]
    said = [record.getMessage() for record in caplog.records if "lemmas" in record.getMessage()]
    assert said == ["no lemmas for the language 'qx': its words are kept as they are"]


def test_two_words_that_always_stand_together_are_one():
    assert split(articles(*TOGETHER), phrases=True) == [text.replace("te h", "te_h").split() for text in TOGETHER]
    assert split(articles(*TOGETHER)) == [text.split() for text in TOGETHER]


def test_a_lemma_of_several_parts_is_a_word_like_others():
    texts = [text.replace("white house", "burgeroorlog jansen") for text in TOGETHER]  # simplemma: burger_oorlog
    words = split(articles(*texts, "burger", language=pl.lit("nl")), phrases=True, lemmas=True)
    assert all(any("jansen" in word and "oorlog" in word for word in row) for row in words[:30])


@pytest.mark.parametrize("border", ["white. House", "white, house", "white 7 house", "white the house"])
def test_what_stands_between_two_words_keeps_them_apart(border):
    words = split(articles(*TOGETHER, border), phrases=True)
    assert "white_house" in words[0]
    assert words[-1] == ["white", "house"]


def test_phrases_end_with_the_title_and_with_the_article():
    table = articles(*TOGETHER, "house", "white", "house", title=pl.Series([""] * 30 + ["white", "", ""]))
    assert split(table, phrases=True)[30:] == [["white", "house"], ["white"], ["house"]]


def test_of_two_pairs_that_overlap_the_first_is_joined():
    words, starts = join_phrases(np.array([0, 1, 2, 1, 2]), np.array([0, 3, 5]), 3, [(0, 1), (1, 2)])
    assert (words.tolist(), starts.tolist()) == ([3, 2, 4], [0, 2, 3])


@given(
    st.lists(st.lists(st.integers(GAP, 4), max_size=12), min_size=1, max_size=4),
    st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6),
)
def test_phrases_are_joined_as_a_plain_loop_joins_them(texts, pairs):
    number = {pair: 5 + place for place, pair in enumerate(sorted(pairs))}
    expected = []
    for text in texts:
        row, place = [], 0
        while place < len(text):
            pair = tuple(text[place : place + 2])
            row.append(number.get(pair, text[place]))
            place += 2 if pair in number else 1
        expected.append(row)
    words, starts = np.array([word for text in texts for word in text], np.int32), np.cumsum([0, *map(len, texts)])
    words, starts = join_phrases(words, starts, 5, pairs)
    assert [words[a:b].tolist() for a, b in pairwise(starts)] == expected


def test_counts_tell_how_often_each_word_stands_in_each_article():
    assert make_tokens("b a b", "", "c").counts.toarray().tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 1]]


def test_the_article_of_each_word():
    assert make_tokens("b a b", "", "c").row.tolist() == [0, 0, 0, 2]


@pytest.mark.parametrize(("rows", "left"), [([2, 0], [["c"], ["b", "a", "b"]]), ([1], [[]]), ([], [])])
def test_some_of_the_articles_keep_their_words_and_the_vocabulary(rows, left):
    tokens = make_tokens("b a b", "", "c")
    some = tokens.take(rows)
    assert spell(some) == left
    assert some.articles == [tokens.articles[row] for row in rows]
    assert some.counts.shape == (len(rows), 3)


@pytest.mark.parametrize("rows", [("b é b", "", "c"), ("", ""), ()])
def test_tokens_are_read_as_they_were_written(tmp_path, rows):
    tokens = make_tokens(*rows)
    write_tokens(tokens, tmp_path / "tokens.parquet")
    again = read_tokens(tmp_path / "tokens.parquet")
    assert (again.articles, again.vocabulary) == (tokens.articles, tokens.vocabulary)
    assert again.words.tolist() == tokens.words.tolist()
    assert again.starts.tolist() == tokens.starts.tolist()
