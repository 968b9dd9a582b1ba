"""Text becomes readable, and its lines paragraphs."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameshift.corpus.clean import clean_line, clean_text, count_words


def test_text_is_composed_and_its_lines_are_paragraphs():
    assert clean_text("Cafe\u0301\u00a0 au\t lait \r\n\r\n \rnext\u2028last\x0bend") == "Café au lait\nnext\nlast\nend"


def test_what_nobody_sees_is_removed():
    assert clean_text("a\x00b mi\u00adgrant \ufeffzero\u200bwidth \ud800lone\x81") == "ab migrant zerowidth lone"


def test_joiners_that_change_a_spelling_stay():
    assert clean_text("\u0645\u06cc\u200c\u062e\u0648") == "\u0645\u06cc\u200c\u062e\u0648"


# Letters that cannot be taken for text in the wrong encoding, or for HTML: what those stand for may look like one, too.
plain = st.one_of(st.characters(max_codepoint=0x7F, exclude_characters="&"), st.characters(min_codepoint=0x500))


@given(st.text(plain))
def test_cleaning_twice_changes_nothing_and_the_text_can_be_written(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert "\n\n" not in cleaned


def test_a_line_is_one_line_and_nothing_is_an_empty_line():
    assert clean_line(" The\nDaily  Post ") == "The Daily Post"
    assert clean_line(None) == ""
    assert count_words("one two\nthree") == 3


@pytest.mark.parametrize(
    ("broken", "meant"),
    [
        ("â€œWe donâ€™t knowâ€\x9d", "“We don’t know”"),  # UTF-8 read as Windows-1252
        ("MÃ¼nchen, CafÃ© and SÃ£o Paulo", "München, Café and São Paulo"),
        ("Al Qaeda\x92s branch", "Al Qaeda’s branch"),  # Windows-1252 read as Latin-1
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("AT&amp;T &#8212; R&amp;D &quot;lab&quot;", 'AT&T — R&D "lab"'),
    ],
)
def test_text_decoded_in_the_wrong_encoding_is_repaired(broken, meant):
    assert clean_text(broken) == meant


@pytest.mark.parametrize(
    "text", ["“naïve” – São Paulo’s Größe…", "B&B; Q&A & more", "Ça va, dit-elle : « à demain »", "Вёз ёж её"]
)
def test_text_that_is_whole_stays(text):
    assert clean_text(text) == text


PARAGRAPHS = [
    "The harbour was closed for two days while a storm passed over the coast, and ferries stayed in port until the "
    "sea was calm enough for the pilots to go out again, which took longer than anyone had thought.",
    "Parliament debated the budget until midnight and adjourned without a vote. The speaker said that members would "
    "meet again on Thursday, when the committee is to bring forward the amendments that both sides had asked for.",
    "Three climbers reached the summit.",
]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_hard_wrapped_lines_are_joined_again(width, between):
    wrapped = between.join(textwrap.fill(paragraph, width, break_on_hyphens=False) for paragraph in PARAGRAPHS)
    assert wrapped.count("\n") > 5
    assert clean_text(wrapped) == "\n".join(PARAGRAPHS)


def test_lines_that_are_paragraphs_stay_apart():
    short = ["Rain fell on the hills all night.", "Roads were closed near the river.", "Schools stayed shut on Monday."]
    for lines in (PARAGRAPHS, short * 3, ["Q: Were you there?", "A: I was.", "Q: And he?", "A: He was not."]):
        assert clean_text("\n".join(lines)) == "\n".join(lines)
