from datetime import date

import polars as pl
import pytest

from frameshift.report.shifts import (
    MOST,
    describe_breaks,
    describe_distances,
    describe_events,
    describe_mix,
    list_words,
)
from frameshift.tables import check_table, empty_table

SERIES = {"frame": "threat", "given": "migration", "source": "A", "scale": "share"}
BREAK = SERIES | {
    **{"date": date(2018, 1, 8), "date_low": date(2017, 11, 6), "date_high": date(2018, 3, 5), "shape": "step"},
    **{"shift": 0.05, "low": 0.01, "high": 0.09, "p": 0.001, "q": 0.004},
}
EVENT = SERIES | {
    **{"event": "Law", "design": "interrupted", "lag": None, "estimate": -0.02, "low": -0.03, "high": -0.01},
    **{"p": 0.01, "q": 0.02, "finding": None, "reference": None},
}
PART = SERIES | {
    **{"kind": "change", "from": "2015-01-05/2017-12-31", "to": "2018-01-01/2019-12-29", "model": "lda"},
    **{"form": "two-fold", "seed_low": None, "seed_high": None, "p": None, "finding": None},
}


def spaced(cells: list[str]) -> list[str]:
    return [cell.replace("\u00a0", " ") for cell in cells]


def make_table(contract: str, *rows: dict, **more) -> pl.DataFrame:
    schema = empty_table(f"comparisons/{contract}").schema
    return check_table(pl.DataFrame(list(rows), schema={**schema, **more}), f"comparisons/{contract}")


def test_breaks_that_pass_the_correction_are_listed_with_the_interval_of_their_date():
    told = describe_breaks(make_table("changepoints", BREAK, BREAK | {"source": "B", "q": 0.2}))
    assert (told["n_searched"], told["n_found"]) == (2, 1)
    name, source, when, shift, shape, q = spaced(told["rows"][0])
    assert (name, source, shape, q) == ("Threat in passages about migration", "A", "a step", "0.004")
    assert when == "2018-01-08 (2017-11-06 to 2018-03-05)"
    assert shift == "+5.0 (+1.0 to +9.0)"


def test_events_are_told_with_what_they_are_held_against_and_only_the_tested_mean():
    rows = [EVENT, EVENT | {"lag": 4, "q": None, "p": None}, EVENT | {"design": "differential", "reference": "B"}]
    told = describe_events(make_table("events", *rows, reference=pl.String))
    assert (told["n_tested"], told["n_found"]) == (2, 2)
    assert [row[3] for row in told["rows"]] == ["its own course", "B"]
    assert spaced(told["rows"][0])[4] == "−2.0 (−3.0 to −1.0)"


def test_a_declared_event_is_told_though_nothing_came_of_it():
    told = describe_events(make_table("events", EVENT | {"q": 0.8, "finding": "law"}, reference=pl.String))
    assert told["rows"][0][-1] == "0.800"


def make_parts(total: tuple[float, float, float], **more) -> list[dict]:
    mix = {"estimate": total[0] / 2, "low": 0.0, "high": total[2]}
    whole = dict(zip(("estimate", "low", "high"), total, strict=True))
    parts = {"total": whole, "mix": mix, "within": mix}
    p = 0.2 if total[1] < 0 else 0.01
    return [PART | more | {"part": part, "p": p} | limits for part, limits in parts.items()]


def test_changes_are_taken_apart_with_the_topics_that_contribute_most_and_a_mark_on_circular_ones():
    changes = make_table("decomposition", *make_parts((0.04, 0.01, 0.07)), *make_parts((0.04, -0.01, 0.07), source="B"))
    key = {name: PART[name] for name in ("frame", "given", "source", "kind", "from", "to", "model")}
    topics = [
        key | {"topic": topic, "label": f"topic {topic}", "mix": mix, "within": 0.0, "overlap": overlap}
        for topic, mix, overlap in ((0, 0.001, ""), (1, -0.03, "refugee"), (2, 0.02, ""), (3, 0.01, ""))
    ]
    told = describe_mix(changes, make_table("decomposition_topics", *topics), "lda")
    assert (told["n_compared"], told["n_found"], told["model"]) == (2, 1, "LDA")
    (row,) = told["rows"]
    assert spaced(row)[2] == "from 2018-01-01 on against before"
    assert spaced(row[3:6]) == ["+4.0 (+1.0 to +7.0)", "+2.0 (+0.0 to +7.0)", "+2.0 (+0.0 to +7.0)"]
    assert row[6] == "topic 1*; topic 2"


def test_other_topic_models_are_not_mixed_in():
    other = make_table("decomposition", *make_parts((0.04, 0.01, 0.07), model="nmf"))
    assert describe_mix(other, empty_table("comparisons/decomposition_topics"), "lda")["n_compared"] == 0


def test_distances_are_told_by_kind():
    pair = {"kind": "topics", "frame": None, "given": None, "source": "A", "other": "B", "distance": 0.31, "q": 0.01}
    rows = [pair, pair | {"kind": "embedding", "frame": "threat", "distance": 0.002}, pair | {"q": 0.3}]
    told = describe_distances(make_table("distances", *rows))
    assert (told["n_compared"], told["n_found"]) == (3, 2)
    assert [row[0] for row in told["rows"]] == ["topics", "passages that show threat"]


@pytest.mark.parametrize("describe", [describe_breaks, describe_events, describe_distances])
def test_no_more_rows_are_shown_than_can_be_read(describe):
    many, contract, extra = {
        describe_breaks: (BREAK, "changepoints", {}),
        describe_events: (EVENT, "events", {"reference": pl.String}),
        describe_distances: (
            {"kind": "topics", "source": "A", "other": "B", "distance": 0.1, "q": 0.01},
            "distances",
            {},
        ),
    }[describe]
    told = describe(make_table(contract, *[many] * (MOST + 5), **extra))
    assert len(told["rows"]) == MOST
    assert told["n_found"] == MOST + 5


def test_established_words_are_listed_by_source_and_issue_with_their_contexts():
    word = {"source": "A", "given": None, "period": "all", "word": "white_house", "log_odds": 1.0, "z": 5.0, "q": 0.001}
    words = make_table(
        "words", word, word | {"word": "maybe", "q": 0.4}, word | {"given": "migration"}, word | {"period": "2015"}
    )
    context = {"source": "A", "given": None, "period": "all", "word": "white_house", "article_id": "a"}
    context |= {"passage_id": "p", "date": None, "before": "at the", "match": "White House", "after": "today"}
    told = list_words(words, make_table("contexts", context))
    assert [(part["given"], part["source"], len(part["words"])) for part in told] == [
        (None, "A", 1),
        ("migration", "A", 1),
    ]
    assert told[0]["words"][0]["word"] == "white house"
    assert [c["match"] for c in told[0]["words"][0]["contexts"]] == ["White House"]
    assert told[1]["words"][0]["contexts"] == []
