"""From passages to articles, by hand."""

import polars as pl
import pytest

from frameshift.errors import UserError
from frameshift.frames.pool import pool_frames

PASSAGES = pl.DataFrame({"passage_id": ["p1", "p2", "p3", "q1"], "article_id": ["p", "p", "p", "q"]})


def scores(frame: str, measure: str, values: list[float]) -> pl.DataFrame:
    return PASSAGES.select(
        "passage_id", frame=pl.lit(frame), measure=pl.lit(measure), score=pl.Series(values, dtype=pl.Float64)
    )


SCORES = pl.concat(
    [
        scores("threat", "lexicon", [0.0, 0.0, 0.6, 0.0]),
        scores("threat", "combined", [1.0, 2.0, 6.0, 4.0]),
        scores("migration", "lexicon", [0.5, 0.0, 0.2, 0.0]),
        scores("migration", "combined", [3.0, 0.0, 1.0, 2.0]),
    ]
)


def rows(table: pl.DataFrame, frame: str, measure: str) -> list[tuple]:
    chosen = table.filter(pl.col("frame") == frame, pl.col("measure") == measure)
    return chosen.select("article_id", "given", "score", "n_passages").rows()


def test_an_article_has_the_mean_of_its_passages_and_of_those_that_have_the_issues_words():
    table = pool_frames(SCORES, PASSAGES, given=["migration"], threshold=None)
    assert rows(table, "threat", "combined") == [("p", None, 3.0, 3), ("p", "migration", 3.5, 2), ("q", None, 4.0, 1)]
    assert table["share"].null_count() == table.height


def test_with_a_threshold_the_combined_score_says_which_passages_are_about_the_issue():
    table = pool_frames(SCORES, PASSAGES, given=["migration"], threshold=2.0)
    assert rows(table, "threat", "combined") == [
        ("p", None, 3.0, 3),
        ("p", "migration", 1.0, 1),
        ("q", None, 4.0, 1),
        ("q", "migration", 4.0, 1),
    ]


def test_without_given_issues_every_row_is_over_all_passages():
    table = pool_frames(SCORES, PASSAGES, given=[], threshold=None)
    assert table["given"].null_count() == table.height == 2 * 4


def test_the_order_of_the_passages_does_not_change_the_table():
    shuffled = SCORES.sample(fraction=1, shuffle=True, seed=3)
    table = pool_frames(shuffled, PASSAGES.reverse(), given=["migration"], threshold=None)
    assert table.equals(pool_frames(SCORES, PASSAGES, given=["migration"], threshold=None))


def test_an_issue_that_was_not_scored_is_refused():
    with pytest.raises(UserError, match=r"comparisons\.given.*'climate'.*threat, migration"):
        pool_frames(SCORES, PASSAGES, given=["climate"], threshold=None)


def test_without_the_lexicon_a_threshold_is_asked_for():
    combined = SCORES.filter(pl.col("measure") == "combined")
    with pytest.raises(UserError, match=r"frames\.measures.*'lexicon'.*frames\.given_threshold"):
        pool_frames(combined, PASSAGES, given=["migration"], threshold=None)
