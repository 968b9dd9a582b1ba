"""What passages are about, and which frames are compared within it."""

from frameshift.frames.given import Given, list_pairs, parse_given

ENTRIES = ["threat", "security", "victim", "migration"]


def test_a_name_is_an_issue_or_an_issue_without_a_frame():
    assert parse_given("migration") == Given("migration", "migration", None)
    assert parse_given("migration without victim") == Given("migration without victim", "migration", "victim")


def test_a_name_that_only_resembles_the_word_without_is_an_issue():
    assert parse_given("withoutness").issue == "withoutness"
    assert parse_given("labour_without_papers") == Given("labour_without_papers", "labour_without_papers", None)


def test_every_frame_is_compared_but_what_the_passages_are_about_or_lack():
    pairs = [(frame, given.name) for frame, given in list_pairs(ENTRIES, ["migration", "migration without victim"])]
    assert pairs == [
        *((frame, "migration") for frame in ("threat", "security", "victim")),
        *((frame, "migration without victim") for frame in ("threat", "security")),
    ]


def test_another_issue_is_compared_within_an_issue():
    assert [frame for frame, _ in list_pairs(["threat", "migration", "climate"], ["migration"])] == [
        "threat",
        "climate",
    ]


def test_without_anything_given_nothing_is_compared_within():
    assert list_pairs(ENTRIES, []) == []
