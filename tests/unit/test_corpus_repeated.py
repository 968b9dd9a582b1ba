"""What a source repeats is learnt and removed; what copies share, or one source alone says, is not."""

import polars as pl
import pytest

from frameshift.corpus.boilerplate import Removal
from frameshift.corpus.repeated import MIN_STORIES, remove_repeated

FOOTER = "The Herald is printed on paper from the hills."


WORDS = ["river", "harbour", "council", "market", "school", "winter"]
WORDS += ["bridge", "farmer", "doctor", "train", "garden", "mayor"]


def sentence(*numbers):
    named = " ".join(WORDS[(number * 7 + place) % len(WORDS)] for place, number in enumerate(numbers))
    return f"The {named} spoke."


def stories(n, source="Herald", start=0):
    texts = [
        "\n".join(sentence(i, line, i * 3 + line, line + 5, i // 12, i) for line in range(4))
        for i in range(start, start + n)
    ]
    assert len(set(texts)) == n
    return pl.DataFrame({"source": [source] * n, "text": texts})


def add(frame, rows, line):
    changed = [f"{text}\n{line}" if row in rows else text for row, text in enumerate(frame["text"])]
    return frame.with_columns(text=pl.Series(changed))


def test_a_line_in_many_stories_of_a_source_is_removed_and_listed():
    plain = stories(40)
    texts, removed = remove_repeated(add(plain, range(0, 40, 4), FOOTER), share=0.1)
    assert texts.to_list() == plain["text"].to_list()
    assert removed == {row: [Removal("repeated", FOOTER)] for row in range(0, 40, 4)}


def test_a_sentence_within_a_paragraph_is_removed_too():
    plain = stories(20)
    joined = plain.with_columns(text=pl.col("text").str.replace_all("\n", " ") + " " + pl.lit(FOOTER))
    texts, removed = remove_repeated(joined, share=0.1)
    assert texts.to_list() == plain["text"].str.replace_all("\n", " ").to_list()
    assert len(removed) == 20


def test_years_addresses_and_case_do_not_tell_two_lines_apart():
    frame = stories(20)
    lines = [f"Copy {2000 + i} of the herald: https://example.org/{i} {'HERE' if i % 2 else 'here'}" for i in range(20)]
    texts, removed = remove_repeated(frame.with_columns(text=frame["text"] + "\n" + pl.Series(lines)), share=0.5)
    assert texts.to_list() == frame["text"].to_list()
    assert [found[0].text for found in removed.values()] == lines


@pytest.mark.parametrize(("n", "is_removed"), [(MIN_STORIES - 1, False), (MIN_STORIES, True)])
def test_few_stories_prove_nothing(n, is_removed):
    _, removed = remove_repeated(add(stories(20), range(n), FOOTER), share=0.05)
    assert bool(removed) == is_removed


@pytest.mark.parametrize(("n", "is_removed"), [(10, False), (11, True)])
def test_the_share_must_be_exceeded(n, is_removed):
    _, removed = remove_repeated(add(stories(100), range(n), FOOTER), share=0.1)
    assert bool(removed) == is_removed


def test_what_another_source_repeats_stays():
    other = add(stories(1, "Post", start=100), [0], FOOTER)
    frame = pl.concat([add(stories(20), range(20), FOOTER), other])
    texts, removed = remove_repeated(frame, share=0.1)
    assert 20 not in removed
    assert texts[20].endswith(FOOTER)


def test_copies_of_one_article_are_one_story():
    copied = pl.concat([stories(20), *[stories(1)] * 12])
    texts, removed = remove_repeated(copied, share=0.05)
    assert removed == {}
    assert texts.to_list() == copied["text"].to_list()


def test_abbreviations_are_no_sentences():
    frame = stories(20).with_columns(
        text=pl.col("text") + "\nMr. Smith and Sen. Jones met Gov. Brown on " + pl.lit("day")
    )
    frame = frame.with_columns(text=pl.col("text") + pl.int_range(20).cast(str) + ".")
    assert remove_repeated(frame, share=0.1)[1] == {}


def test_an_article_of_nothing_else_is_emptied_only_if_stories_prove_it():
    only = pl.DataFrame({"source": ["Herald"] * 8, "text": [FOOTER] * 8})
    assert remove_repeated(only, share=0.1)[1] == {}
    texts, _ = remove_repeated(pl.concat([add(stories(20), range(20), FOOTER), only]), share=0.1)
    assert texts.to_list()[20:] == [""] * 8


def test_no_articles_are_no_fault():
    empty = pl.DataFrame({"source": [], "text": []}, schema={"source": pl.String, "text": pl.String})
    assert remove_repeated(empty, share=0.1)[1] == {}
