import polars as pl

from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.usage import find_suspects


def make_codebook(*patterns: str) -> dict[str, Entry]:
    wording = Wording(("a",), ("b",), patterns)
    return {"threat": Entry("threat", "frame", "Threat", "", "", "", {"en": wording}, (), ())}


def suspect(
    *patterns: str, texts=("The bomb went off.", "The ship sailed.", "The sun shone.", "A menace.")
) -> list[str]:
    passages = pl.DataFrame({"text": list(texts), "language": "en"}, schema={"text": pl.String, "language": pl.String})
    return list(find_suspects(passages, make_codebook(*patterns)))


def test_a_word_that_stands_nearly_everywhere_is_named_with_its_key():
    (said,) = suspect("the", "bomb*")
    assert (
        said
        == "entries.threat.languages.en.patterns: 'the' occurs in 75% of the passages and tells nothing; take it out"
    )


def test_an_entry_of_which_no_pattern_occurs_is_named():
    (said,) = suspect("tsunami", "earthquake*")
    assert said.startswith("entries.threat.languages.en.patterns: none of the 2 patterns occurs in 4 passages")


def test_a_pattern_that_is_merely_rare_is_none_of_our_business():
    assert suspect("bomb*", "tsunami") == []
    assert suspect("bomb*", texts=()) == []
