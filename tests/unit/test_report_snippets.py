"""What the page shows of texts: marks where the lexicon counts, and no more characters than allowed."""

import polars as pl
import pytest
from evidence_tables import make_codebook
from hypothesis import given, settings
from hypothesis import strategies as st

from frameshift.frames.lexicon import count_hits
from frameshift.report.snippets import cut_passage, limit_quotes, mark_hits

CODEBOOK = make_codebook()
PIECES = st.sampled_from(
    ["danger", "Dangers", "money", "no", "not", "refugees", "grew", "calm", "😀", ".", "victim", "—"]
)


def mark(text):
    (marks,) = mark_hits([text], ["en"], CODEBOOK)
    return [(text[start:end], entry) for start, end, entry in marks]


def test_hits_are_marked_but_for_denied_ones_and_those_of_another_sense():
    assert mark("😀 The DANGER grew: refugees.") == [
        ("DANGER", "threat"),
        ("grew", "threat"),
        ("refugees", "migration"),
    ]
    assert mark("There is no danger. Danger money is paid.") == []
    assert mark("Danger money, and no victim. A danger") == [("victim", "victim"), ("danger", "threat")]
    assert mark_hits([], [], CODEBOOK) == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=12).map(" ".join), min_size=1, max_size=5))
def test_there_are_as_many_marks_as_the_lexicon_counts(texts):
    marks = mark_hits(texts, ["en"] * len(texts), CODEBOOK)
    for name, entry in CODEBOOK.items():
        counted = count_hits(pl.Series(texts), entry.wording("en"))
        assert [sum(found == name for _, _, found in each) for each in marks] == counted.tolist()


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=40).map(" ".join), st.integers(1, 60))
def test_a_cut_text_is_a_piece_of_the_whole_with_its_marks_in_place(text, most):
    (marks,) = mark_hits([text], ["en"], CODEBOOK)
    cut, kept = cut_passage(text, marks, most)
    piece = cut.strip("…")
    assert len(piece) <= most
    assert piece in text
    assert cut.startswith("…") == (not text.startswith(piece)) or text.count(piece) > 1
    spoken = [(text[start:end], entry) for start, end, entry in marks]
    assert all((cut[start:end], entry) in spoken for start, end, entry in kept)


def test_a_text_is_cut_around_its_first_mark_between_words():
    text = "It had been calm for many years until the danger grew in the north and people left."
    (marks,) = mark_hits([text], ["en"], CODEBOOK)
    assert cut_passage(text, marks, 30) == ("…until the danger grew in the…", [(11, 17, "threat"), (18, 22, "threat")])
    assert cut_passage(text, [], 18) == ("It had been calm…", [])
    assert cut_passage(text, marks, None) == (text, marks)
    assert cut_passage(text, marks, 0) == (None, [])
    assert cut_passage("Donaudampfschifffahrt", [], 5) == ("Donau…", [])


@pytest.mark.parametrize(("most", "text", "context"), [
    (None, "A long text that is quoted", ("stood before the", "word", "and after it")),
    (10, "A long tex…", ("…the", "word", "and…")),
])  # fmt: skip
def test_quotes_elsewhere_on_the_page_are_cut_too(most, text, context):
    disagreements = pl.DataFrame({"frame": ["threat"], "text": ["A long text that is quoted"]})
    contexts = pl.DataFrame({"before": ["stood before the"], "match": ["word"], "after": ["and after it"]})
    quoted, words = limit_quotes(disagreements, contexts, most)
    assert quoted["text"].to_list() == [text]
    assert words.row(0) == context


def test_without_texts_nothing_is_quoted():
    disagreements = pl.DataFrame({"frame": ["threat"], "text": ["A"]})
    contexts = pl.DataFrame({"before": ["a"], "match": ["b"], "after": ["c"]})
    assert [table.height for table in limit_quotes(disagreements, contexts, 0)] == [0, 0]
