"""The language of a text is told where it can be, and in doubt a text is kept."""

import pytest

from frameshift.corpus.language import check_languages, detect_languages, read_code
from frameshift.errors import UserError

TEXTS = {
    "de": "Die neue Brücke über den Fluss ist seit gestern für Fußgänger offen.",
    "fr": "La ville ouvre chaque vendredi un marché de nuit sur la place de la mairie.",
    "es": "La cosecha de aceitunas empezó este año dos semanas más tarde que de costumbre.",
    "it": "Il ministro ha detto che i porti resteranno chiusi alle navi dei soccorritori.",
    "nl": "Het kabinet wil strengere regels voor mensen die in ons land asiel aanvragen.",
    "pt": "O governo anunciou ontem novas regras para os imigrantes que chegam ao país.",
    "en": "The new bridge over the river has been open to walkers since yesterday.",
}
OTHERS = ["de", "es", "fr", "it", "nl", "pt"]


def test_languages_are_told_apart():
    assert detect_languages(list(TEXTS.values()), keep=["en"], others=OTHERS) == list(TEXTS)


def test_several_languages_can_be_kept():
    assert detect_languages(list(TEXTS.values()), keep=["en", "de", "fr"], others=["es", "it", "nl", "pt"]) == list(
        TEXTS
    )


def test_a_script_that_no_language_uses_is_no_language():
    assert detect_languages(
        ["Правительство объявило о новых правилах.", "政府宣布新规定"], keep=["en"], others=["de"]
    ) == [None, None]


@pytest.mark.parametrize("text", ["", "1234 5678", "Brexit", "NATO", "Trump in Berlin", "Jihadi John"])
def test_in_doubt_a_text_is_in_the_language_to_keep(text):
    assert detect_languages([text], keep=["en"], others=OTHERS) == ["en"]


def test_a_quotation_does_not_decide():
    english = (
        "Members of the council met on Monday evening to talk about the market, which has been closed since the flood. "
        "The mayor promised that stalls would be back before Easter, while farmers asked who would pay for them. "
    )
    quoted = "„Wir haben das alles schon lange gewusst und nichts wurde getan“, sagte eine ältere Frau aus dem Dorf. "
    for text in (quoted + english * 2, english + quoted + english, english * 2 + quoted):
        assert detect_languages([text], keep=["en"], others=OTHERS) == ["en"]


@pytest.mark.parametrize(
    ("value", "code"),
    [("en", "en"), ("EN-us", "en"), ("pt_BR", "pt"), ("deu", "de"), ("German", "de"), ("", None), ("??", None)],
)
def test_languages_are_read_as_corpora_write_them(value, code):
    assert read_code(value) == code


def test_a_language_that_cannot_be_told_apart_is_named():
    with pytest.raises(UserError, match=r"corpus\.languages.*'xx'.*known are .*de, .*en"):
        check_languages(["en", "xx"], key="corpus.languages")
