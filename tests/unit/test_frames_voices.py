"""Quoted and denied framings, counted on sentences written for it."""

from dataclasses import replace

import polars as pl
import pytest

from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.voices import count_voices
from frameshift.tables import ALL_SOURCES

ENGLISH = Wording(
    anchors=("Danger is near.",),
    neutral=("All is calm.",),
    patterns=("danger*", "invasion", "flood of *grants"),
    exclude=("danger money",),
    negations=("no", "not"),
    not_negations=("not only",),
)
GERMAN = Wording(("Gefahr droht.",), ("Alles ist ruhig.",), ("gefahr*",), negations=("keine",))
THREAT = Entry("threat", "frame", "Threat", "…", "", "", {"en": ENGLISH, "de": GERMAN}, (), ())
ISSUE = replace(
    THREAT,
    name="migration",
    kind="issue",
    languages={
        "en": Wording(("They came.",), ("All is calm.",), ("refugee*",)),
        "de": Wording(("Sie kamen.",), ("Alles ist ruhig.",), ("flüchtling*",)),
    },
)


def count(*texts, source="Albion", language="en", codebook=None):
    passages = pl.DataFrame(
        {"text": texts, "source": source, "language": language}, schema_overrides={"text": pl.String}
    )
    return count_voices(passages, codebook or {"threat": THREAT})


def overall(*texts, **options):
    """n_passages, quoted and denied of all sources."""
    table = count(*texts, **options).filter(source=ALL_SOURCES)
    return table.select("n_passages", "quoted", "denied").row(0)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('The minister spoke of an "invasion".', 1),
        ("The minister spoke of an “invasion” by night.", 1),
        ("Der Minister sprach von „invasion“.", 1),
        ("Le ministre parle d'une «invasion».", 1),
        ('"We are calm," she said of the invasion.', 0),
        ('She said "yes", he said invasion, she said "yes".', 0),
        ('It began with "one and the danger never ended.', 0),
        ("‘It’s an invasion’, he said.", 1),
        ("He speaks of an ‘invasion’", 1),
        ("‘It’s calm’, he said of the people’s danger.", 0),
        ("The danger is real.", 0),
        ('They fear a "flood of migrants" here.', 1),
    ],
)
def test_a_hit_is_quoted_where_the_marks_open_before_and_close_after_it(text, quoted):
    assert overall(text) == (1, quoted, 0)


def test_marks_within_a_phrase_part_its_words():
    assert count('A "flood" of migrants came.').is_empty()


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("There is no danger.", 1),
        ("There is no sign of any danger.", 1),
        ("There is no danger, and no invasion.", 1),
        ("There is no danger, but an invasion.", 0),
        ("No. The danger grows.", 0),
        ("It is not only dangerous.", 0),
        ("It is dangerous.", 0),
    ],
)
def test_a_framing_is_denied_where_every_hit_is_negated(text, denied):
    assert overall(text) == (1, 0, denied)


def test_a_phrase_with_another_sense_is_no_hit_and_leaves_the_rest():
    assert overall("They get danger money.", "A danger.") == (1, 0, 0)
    assert overall("No danger money is paid for the invasion.") == (1, 0, 0)
    assert overall("They get danger money and face no danger.") == (1, 0, 1)


def test_a_framing_may_be_quoted_and_denied():
    assert overall('"There is no danger," she said.') == (1, 1, 1)


def test_an_issue_that_is_denied_is_still_talked_about():
    table = count('No refugees came, "no refugees".', codebook={"migration": ISSUE})
    assert table.filter(source=ALL_SOURCES).select("n_passages", "quoted", "denied").row(0) == (1, 1, 0)


def test_shares_are_those_of_the_passages_with_a_pattern_by_source_and_over_all():
    passages = pl.DataFrame(
        {
            "text": ["A danger.", 'A "danger".', "No danger.", "Nothing.", "Danger.", "Keine Gefahr."],
            "source": ["Albion", "Albion", "Albion", "Albion", "Brook", "Zeit"],
            "language": ["en"] * 5 + ["de"],
        }
    )
    table = count_voices(passages, {"threat": THREAT, "migration": ISSUE})
    assert table.select("frame", "source", "n_passages").rows() == [
        ("threat", "Albion", 3),
        ("threat", "Brook", 1),
        ("threat", "Zeit", 1),
        ("threat", ALL_SOURCES, 5),
    ]
    assert table["quoted"].to_list() == pytest.approx([1 / 3, 0, 0, 1 / 5])
    assert table["denied"].to_list() == pytest.approx([1 / 3, 0, 1, 2 / 5])


def test_each_language_has_its_own_patterns_and_negations():
    assert overall("Es ist keine Gefahr.", language="de") == (1, 0, 1)
    assert count("A danger.", language="de").is_empty()


@pytest.mark.parametrize("texts", [(), ("Nothing.", "All is calm.")])
def test_without_any_hit_the_table_is_empty(texts):
    table = count(*texts)
    assert table.is_empty()
    assert table.schema["quoted"] == pl.Float64


def test_the_order_of_the_passages_changes_nothing():
    texts = ["A danger.", 'A "danger".', "No danger.", "Danger is no danger."]
    assert count(*texts).equals(count(*reversed(texts)))
