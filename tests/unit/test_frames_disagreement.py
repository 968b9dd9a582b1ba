"""The passages on which measures disagree, by hand."""

import polars as pl

from frameshift.frames.disagreement import list_disagreements

PASSAGES = pl.DataFrame({"passage_id": ["p1", "p2", "p3", "p4", "p5"], "article_id": ["a", "a", "b", "b", "c"]})
PASSAGES = PASSAGES.with_columns(text=pl.format("text of {}", "passage_id"))


def scores(measure: str, values: list[float | None], frame: str = "threat") -> pl.DataFrame:
    column = pl.Series(values, dtype=pl.Float64)
    table = PASSAGES.select("passage_id", frame=pl.lit(frame), measure=pl.lit(measure), score=column)
    return table.filter(pl.col("score").is_not_null())


AXIS = scores("axis", [0.9, 0.7, 0.5, 0.3, 0.1])
LEXICON = scores("lexicon", [0.0, 2.0, 0.0, 1.0, 0.0])  # percentiles 30, 90, 30, 70, 30
SCORES = pl.concat([AXIS, LEXICON, scores("combined", [0.0, 9.0, 0.0, 0.0, 9.0])])


def listed(table: pl.DataFrame) -> list[tuple]:
    return table.select("rank", "passage_id", "measure", "percentile").rows()


def test_the_largest_spread_between_percentiles_comes_first_and_combined_is_no_measure():
    table = list_disagreements(SCORES, PASSAGES, n=2)
    assert listed(table) == [
        (1, "p1", "axis", 90.0),
        (1, "p1", "lexicon", 30.0),
        (2, "p4", "axis", 30.0),
        (2, "p4", "lexicon", 70.0),
    ]
    assert table["spread"].to_list() == [60.0, 60.0, 40.0, 40.0]
    assert table["text"][0] == "text of p1"


def test_equal_spreads_stand_in_the_order_of_the_passages_whatever_the_order_of_the_rows():
    tied = pl.concat([AXIS, scores("other", [0.1, 0.3, 0.5, 0.7, 0.9])])
    shuffled = tied.sample(fraction=1, shuffle=True, seed=1)
    assert list_disagreements(shuffled, PASSAGES.reverse())["passage_id"].unique(maintain_order=True).to_list() == [
        "p1",
        "p5",
        "p2",
        "p4",
        "p3",
    ]


def test_frames_are_listed_apart_and_each_has_its_own_number():
    both = pl.concat([SCORES, SCORES.with_columns(frame=pl.lit("migration"))])
    table = list_disagreements(both, PASSAGES, n=1)
    assert table["frame"].unique().sort().to_list() == ["migration", "threat"]
    assert set(table["rank"]) == {1}


def test_the_same_text_is_listed_once():
    copied = PASSAGES.with_columns(text=pl.lit("an agency's text"))
    assert list_disagreements(SCORES, copied)["passage_id"].unique().to_list() == ["p1"]


def test_a_measure_that_scored_a_part_is_ranked_within_it():
    part = scores("model", [None, None, 0.2, 0.1, None])
    table = list_disagreements(pl.concat([AXIS, part]), PASSAGES)
    assert listed(table) == [
        (1, "p3", "axis", 50.0),
        (1, "p3", "model", 75.0),
        (2, "p4", "axis", 30.0),
        (2, "p4", "model", 25.0),
    ]


def test_one_measure_has_nothing_to_disagree_with():
    table = list_disagreements(pl.concat([AXIS, scores("combined", [1.0] * 5)]), PASSAGES)
    assert table.is_empty()
    assert table.columns == ["frame", "rank", "passage_id", "article_id", "text", "spread", "measure", "percentile"]
