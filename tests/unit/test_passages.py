"""Passages hold the whole article, in order, within their limits, under lasting ids."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from frameshift.corpus.clean import clean_line, clean_text
from frameshift.corpus.passages import HARD_LIMIT, cut_passages, split_sentences
from frameshift.tables import check_table

SCHEMA = dict.fromkeys(("article_id", "duplicate_of", "language", "title", "text"), pl.String)


def article(text, title="", article_id="a", duplicate_of=None, language="en"):
    return (article_id, duplicate_of, language, title, text)


def cut(*articles, max_words=60, max_sentences=5):
    table = pl.DataFrame(articles, schema=SCHEMA, orient="row")
    return cut_passages(table, max_words=max_words, max_sentences=max_sentences)


def split(text, language="en", max_words=60):
    return split_sentences(text, language=language, max_words=max_words)


def test_the_headline_has_position_0_and_the_text_begins_at_1():
    passages = cut(article("One came. Two left.", "A headline"), article("Three stayed.", "", "b"))
    assert passages.select("article_id", "position", "text", "n_words").rows() == [
        ("a", 0, "A headline", 2),
        ("a", 1, "One came. Two left.", 4),
        ("b", 1, "Three stayed.", 2),
    ]
    check_table(passages, "corpus/passages")


def test_sentences_are_joined_up_to_either_limit_and_across_paragraphs():
    text = "One two.\nThree four. Five six seven.\nEight."
    assert cut(article(text), max_words=5)["text"].to_list() == ["One two. Three four.", "Five six seven. Eight."]
    assert cut(article(text), max_sentences=3)["text"].to_list() == [
        "One two. Three four. Five six seven.",
        "Eight.",
    ]


def test_a_long_sentence_stands_alone_and_is_cut_at_the_hard_limit():
    long = " ".join(["word"] * 7) + "."
    assert cut(article(f"Go on. {long} Stop."), max_words=5)["n_words"].to_list() == [2, 7, 1]
    longer = " ".join(["word"] * 40)
    assert cut(article(longer, longer), max_words=5)["n_words"].to_list() == [15, 15, 10, 15, 15, 10]


def test_merged_articles_have_no_passages():
    passages = cut(article("One came."), article("One came.", "", "b", duplicate_of="a"))
    assert passages["article_id"].to_list() == ["a"]
    assert cut().height == 0


def test_abbreviations_numbers_and_initials_do_not_end_a_sentence():
    text = "Mr. Smith met Sen. Rubio (R-Fla.) on Jan. 5 in Washington, D.C. at noon. He paid 3.5 percent to J. R. Roe."
    assert split(text) == [
        "Mr. Smith met Sen. Rubio (R-Fla.) on Jan. 5 in Washington, D.C. at noon.",
        "He paid 3.5 percent to J. R. Roe.",
    ]


def test_a_quotation_is_kept_together_unless_it_is_too_long():
    text = "He left. “They came at night. Dr. Roe ran,” she said. Then (so it seems) it rained."
    assert split(text) == ["He left.", "“They came at night. Dr. Roe ran,” she said.", "Then (so it seems) it rained."]
    assert split(text, max_words=5) == [
        "He left.",
        "“They came at night.",
        "Dr. Roe ran,” she said.",
        "Then (so it seems) it rained.",
    ]


def test_an_opening_mark_stays_with_the_sentence_it_opens():
    text = "“She wrote that “nobody came. “Nobody left.” It isn't (said. (Done so) over.”"
    assert split(text, max_words=3) == [
        "“She wrote that “nobody came.",
        "“Nobody left.”",
        "It isn't (said.",
        "(Done so) over.”",
    ]


def test_other_languages_have_their_own_abbreviations_and_unknown_ones_are_split_too():
    assert split("Am 3. Mai kam Dr. Meier z.B. nicht. Er rief an.", "de") == [
        "Am 3. Mai kam Dr. Meier z.B. nicht.",
        "Er rief an.",
    ]
    assert split("One came. Two left.", "zz") == ["One came.", "Two left."]


pieces = st.sampled_from(
    [
        "Mr. ",
        "U.S. ",
        "word ",
        "Ünï ",
        '"',
        "“",
        "”",
        "'",
        "’",
        "(",
        ")",
        "[",
        ". ",
        "! ",
        "? ",
        "… ",
        "\n",
        "3.5 ",
        "。",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.lists(pieces, max_size=60).map("".join)),
    st.text(max_size=30),
    st.integers(1, 12),
    st.integers(1, 4),
)
def test_nothing_of_an_article_is_lost_and_no_limit_is_passed(text, title, max_words, max_sentences):
    text, title = clean_text(text), clean_line(title)
    passages = cut(article(text, title), max_words=max_words, max_sentences=max_sentences)
    whole = "".join(passages["text"])
    assert "".join(whole.split()) == "".join((title + text).split())
    assert passages["n_words"].max() is None or passages["n_words"].max() <= HARD_LIMIT * max_words
    assert passages["position"].to_list() == list(range(0 if title else 1, passages.height + (0 if title else 1)))


def test_ids_do_not_change_when_articles_are_inserted():
    first, second = article("One came. Two left.", "Title"), article("Three stayed.", "", "b")
    before = cut(first, second, max_sentences=1)
    after = cut(article("New.", "", "c"), first, article("Other.", "", "d"), second, max_sentences=1)
    assert set(before["passage_id"]) < set(after["passage_id"])
    assert before.equals(after.filter(pl.col("article_id").is_in(["a", "b"])))


def test_the_same_text_elsewhere_has_another_id():
    passages = cut(article("Go on. Go on.", "Go on."), article("Go on.", "", "b"), max_sentences=1)
    assert passages["text"].unique().to_list() == ["Go on."]
    assert passages["passage_id"].n_unique() == 4
