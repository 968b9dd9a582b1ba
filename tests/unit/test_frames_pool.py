"""From passages to articles, by hand."""

import polars as pl
import pytest

from frameshift.errors import UserError
from frameshift.frames.pool import choose_scale, find_passages_about, pool_frames

PASSAGES = pl.DataFrame({"passage_id": ["p1", "p2", "p3", "q1"], "article_id": ["p", "p", "p", "q"]})


def scores(frame: str, measure: str, values: list[float], shares: list[float] | None = None) -> pl.DataFrame:
    return PASSAGES.select(
        "passage_id",
        frame=pl.lit(frame),
        measure=pl.lit(measure),
        score=pl.Series(values, dtype=pl.Float64),
        share=pl.Series(shares or [None] * 4, dtype=pl.Float64),
    )


SCORES = pl.concat(
    [
        scores("threat", "lexicon", [0.0, 0.0, 0.6, 0.0]),
        scores("threat", "combined", [1.0, 2.0, 6.0, 4.0]),
        scores("victim", "lexicon", [0.0, 0.0, 0.3, 0.0]),
        scores("victim", "combined", [0.0, 0.0, 5.0, 3.0]),
        scores("migration", "lexicon", [0.5, 0.0, 0.2, 0.0]),
        scores("migration", "combined", [3.0, 0.0, 1.0, 2.0]),
    ]
)
SHARED = pl.concat(
    [
        scores("threat", "combined", [1.0, 2.0, 6.0, 4.0], [0.1, 0.2, 0.9, 0.4]),
        scores("migration", "combined", [3.0, 0.0, 1.0, 2.0], [0.8, 0.0, 0.4, 0.5]),
        SCORES.filter(measure="lexicon"),
    ]
)
JOINT = PASSAGES.select(
    "passage_id",
    frame=pl.lit("threat"),
    given=pl.lit("migration"),
    share=pl.Series([0.2, 0.0, 0.4, 0.0]),
    about=pl.Series([0.8, 0.0, 0.4, 0.0]),
)


def rows(table: pl.DataFrame, frame: str, measure: str) -> list[tuple]:
    chosen = table.filter(pl.col("frame") == frame, pl.col("measure") == measure)
    return chosen.select("article_id", "given", "score", "n_passages").rows()


def pick(table: pl.DataFrame, *columns: str, **values) -> tuple:
    """The one row with these values."""
    for column, value in values.items():
        table = table.filter(pl.col(column).eq_missing(pl.lit(value)))
    assert len(table) == 1
    return table.select(columns).row(0)


def test_an_article_has_the_mean_of_its_passages_and_of_those_that_have_the_issues_words():
    table = pool_frames(SCORES, PASSAGES, None, given=["migration"], threshold=None)
    assert rows(table, "threat", "combined") == [("p", None, 3.0, 3), ("p", "migration", 3.5, 2), ("q", None, 4.0, 1)]
    assert table["share"].null_count() == table.height


def test_with_a_threshold_the_combined_score_says_which_passages_are_about_the_issue():
    table = pool_frames(SCORES, PASSAGES, None, given=["migration"], threshold=2.0)
    assert rows(table, "threat", "combined") == [
        ("p", None, 3.0, 3),
        ("p", "migration", 1.0, 1),
        ("q", None, 4.0, 1),
        ("q", "migration", 4.0, 1),
    ]


def test_without_given_issues_every_row_is_over_all_passages():
    table = pool_frames(SCORES, PASSAGES, None, given=[], threshold=None)
    assert table["given"].null_count() == table.height == 2 * 6


@pytest.mark.parametrize(
    ("threshold", "about", "without"), [(None, ["p1", "p3"], ["p1"]), (1.0, ["p1", "p3", "q1"], ["p1"])]
)
def test_an_issue_without_a_frame_leaves_out_the_passages_that_show_it(threshold, about, without):
    def found(name):
        return find_passages_about(SCORES, name, threshold=threshold)["passage_id"].to_list()

    assert found("migration") == about
    assert found("migration without victim") == without


def test_what_an_issue_is_or_lacks_is_not_pooled_within_it():
    given = ["migration", "migration without victim"]
    table = pool_frames(SCORES, PASSAGES, None, given=given, threshold=None).drop_nulls("given")
    assert sorted(table.select("given", "frame").unique().rows()) == [
        ("migration", "threat"),
        ("migration", "victim"),
        ("migration without victim", "threat"),
    ]


def test_without_joint_shares_an_article_counts_one_and_stands_for_the_passages_that_are_counted():
    table = pool_frames(SCORES, PASSAGES, None, given=["migration"], threshold=None)
    assert set(table["weight"]) == {1.0}
    assert table["passages"].to_list() == table["n_passages"].cast(float).to_list()
    assert pick(table, "passages", frame="threat", measure="combined", article_id="p", given="migration") == (2,)


def test_an_articles_share_is_the_mean_of_its_passages():
    table = pool_frames(SHARED, PASSAGES, None, given=[], threshold=None)
    assert pick(table, "share", frame="threat", measure="combined", article_id="p") == (pytest.approx(0.4),)
    assert pick(table, "share", frame="threat", measure="lexicon", article_id="p") == (None,)


def test_joint_shares_are_sums_over_sums_weighted_by_how_likely_the_article_is_about_the_issue():
    table = pool_frames(SHARED, PASSAGES, JOINT, given=["migration"], threshold=None)
    row = {"frame": "threat", "given": "migration", "measure": "combined"}
    # p: (.2 + 0 + .4) / (.8 + 0 + .4); score (1 × .8 + 6 × .4) / 1.2; weight 1 - .2 × 1 × .6
    found = pick(table, "article_id", "share", "score", "passages", "weight", "n_passages", **row)
    assert found == ("p", *map(pytest.approx, (0.5, 3.2 / 1.2, 1.2, 0.88)), 3)  # q is never about migration


def test_other_measures_keep_the_passages_with_a_word_of_the_issue_beside_joint_shares():
    table = pool_frames(SHARED, PASSAGES, JOINT, given=["migration"], threshold=None)
    row = {"frame": "threat", "given": "migration", "measure": "lexicon"}
    assert pick(table, "article_id", "score", "share", "passages", **row) == ("p", pytest.approx(0.3), None, 2)
    everywhere = {"frame": "threat", "given": None, "measure": "combined", "article_id": "p"}
    assert pick(table, "share", "weight", "passages", **everywhere) == (pytest.approx(0.4), 1.0, 3.0)


def test_where_joint_shares_lack_there_is_a_score_and_no_share_within_the_issue():
    for joint in (None, JOINT.clear()):
        table = pool_frames(SHARED, PASSAGES, joint, given=["migration"], threshold=None)
        row = {"frame": "threat", "given": "migration", "measure": "combined"}
        assert pick(table, "article_id", "score", "share", "weight", **row) == ("p", 3.5, None, 1.0)


def test_an_article_weighs_no_more_than_one_and_its_share_lies_within_0_and_1():
    sure = JOINT.with_columns(about=pl.lit(1.0), share=pl.lit(1.0))
    table = pool_frames(SHARED, PASSAGES, sure, given=["migration"], threshold=None)
    joint = table.filter(frame="threat", given="migration", measure="combined")
    assert joint.select("article_id", "share", "weight", "passages").rows() == [("p", 1, 1, 3), ("q", 1, 1, 1)]


def test_the_scale_is_that_of_shares_where_every_frame_has_one():
    table = pool_frames(SHARED, PASSAGES, JOINT, given=["migration"], threshold=None)
    assert choose_scale(table, "combined") == "share"
    assert choose_scale(table, "lexicon") == "intensity"
    one_lacks = pl.concat([SHARED, scores("victim", "combined", [1.0, 1.0, 1.0, 1.0])])
    assert choose_scale(pool_frames(one_lacks, PASSAGES, JOINT, given=[], threshold=None), "combined") == "intensity"
    assert choose_scale(table.clear(), "combined") == "intensity"


def test_joint_shares_that_lack_do_not_change_the_scale():
    table = pool_frames(SHARED, PASSAGES, JOINT.clear(), given=["migration"], threshold=None)
    assert choose_scale(table, "combined") == "share"


@pytest.mark.parametrize("joint", [None, JOINT], ids=["without joint shares", "with"])
def test_the_order_of_the_passages_does_not_change_the_table(joint):
    shuffled = SHARED.sample(fraction=1, shuffle=True, seed=3)
    given = {"given": ["migration"], "threshold": None}
    table = pool_frames(shuffled, PASSAGES.reverse(), None if joint is None else joint.reverse(), **given)
    expected = pool_frames(SHARED, PASSAGES, joint, **given)
    keys = ["article_id", "frame", "given", "measure"]
    assert table.select(keys).equals(expected.select(keys))
    for column in ("score", "share", "weight", "passages", "n_passages"):
        assert table[column].to_list() == pytest.approx(expected[column].to_list())


def test_an_issue_that_was_not_scored_is_refused():
    with pytest.raises(UserError, match=r"comparisons\.given.*'climate'.*threat, victim, migration"):
        pool_frames(SCORES, PASSAGES, None, given=["climate"], threshold=None)


def test_without_the_lexicon_a_threshold_is_asked_for():
    combined = SCORES.filter(pl.col("measure") == "combined")
    with pytest.raises(UserError, match=r"frames\.measures.*'lexicon'.*frames\.given_threshold"):
        pool_frames(combined, PASSAGES, None, given=["migration"], threshold=None)
