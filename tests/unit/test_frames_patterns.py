"""What a pattern matches, and which patterns are refused."""

import polars as pl
import pytest

from frameshift.frames.codebook import Wording
from frameshift.frames.lexicon import count_hits
from frameshift.frames.patterns import find_pattern_fault


def hits(text: str, *patterns: str, exclude=(), negations=(), not_negations=()) -> int:
    wording = Wording(
        anchors=("a",),
        neutral=("b",),
        patterns=patterns,
        exclude=tuple(exclude),
        negations=tuple(negations),
        not_negations=tuple(not_negations),
    )
    return int(count_hits(pl.Series([text]), wording)[0])


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("terror*", "Terror, TERRORISTS and counterterrorism", 2),
        ("terror", "terrorists", 0),
        ("*phobia", "Islamophobia and phobias", 1),
        ("gunm*n", "one gunman, two gunmen, many guns", 2),
        ("border control*", "border controls, border-control, border\ncontrols, borders control", 3),
        ("put * at risk", "put lives at risk; put many lives at risk", 1),
        ("shi'a", "Shi’a and shi'a", 2),
        ("évad*", "Ils se sont évadés; ÉVADER", 2),
        ("u-boat", "a u boat", 1),
    ],
)
def test_a_pattern_matches_whole_words_with_wildcards_ignoring_case(pattern, text, expected):
    assert hits(text, pattern) == expected


def test_overlapping_patterns_count_one_stretch_of_text_once():
    assert hits("border guards", "border guard*", "guards", "border") == 1


def test_a_hit_within_an_excluded_phrase_does_not_count():
    assert hits("Social-security reform and national security", "security", exclude=["social security"]) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is no threat.", 0),
        ("There is no sign whatsoever of any threat.", 1),  # four words between
        ("There is no sign of any threat.", 0),  # three words between
        ("No one came. Threats followed.", 1),  # another sentence
        ("It isn't a threat.", 0),
        ("It isn’t a threat.", 0),
        ("Not only a threat to us", 1),
        ("Not a threat but a mortal, deadly, terrible threat", 1),
    ],
)
def test_a_negated_hit_does_not_count(text, expected):
    assert hits(text, "threat*", negations=["no", "not", "*n't"], not_negations=["not only"]) == expected


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("*", "everything"),
        ("* *", "everything"),
        ("a*", "nearly everything"),
        ("terror**", "two wildcards"),
        ("fear of *", "any"),
        ("terror(ist)?", "allowed"),
        ("two  blanks", "single blanks"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused_with_the_reason(pattern, fault):
    assert fault in find_pattern_fault(pattern, shortest=3)


@pytest.mark.parametrize("pattern", ["eu", "terror*", "put * at risk", "*n't", "vis-à-vis"])
def test_a_usable_pattern_has_no_fault(pattern):
    assert find_pattern_fault(pattern, shortest=2) is None
