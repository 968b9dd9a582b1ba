from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from frameshift.comparisons.series import corrected_panels, find_outcomes, weekly_panels
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES

MONDAY = date(2015, 1, 5)


def make_articles(sources="AAABB", weeks=(0, 0, 2, 1, 2)) -> pl.DataFrame:
    ids = [f"a{i}" for i in range(len(sources))]
    return pl.DataFrame(
        {
            "article_id": ids,
            "source": list(sources),
            "date": [MONDAY + timedelta(weeks=week) for week in weeks],
            "date_precision": ["day"] * len(ids),
            "duplicate_of": pl.Series([None] * len(ids), dtype=pl.String),
            "wire_cluster": ids,
        }
    )


def make_scores(scores, *, weight=1.0, given=None) -> pl.DataFrame:
    return pl.DataFrame({"article_id": [f"a{i}" for i in range(len(scores))], "score": scores}).with_columns(
        frame=pl.lit("threat"),
        given=pl.lit(given, pl.String),
        measure=pl.lit("combined"),
        share=pl.col("score") / 10,
        weight=pl.lit(weight),
    )


def test_an_outcome_is_a_total_and_a_weight():
    outcomes = find_outcomes(make_scores([1.0, 3.0], weight=0.4), measure="combined", given=[], scale="share")
    assert outcomes["total"].to_list() == pytest.approx([0.04, 0.12])
    assert outcomes["counted"].to_list() == [False, False]


def test_issues_that_were_not_asked_for_and_rows_without_a_value_are_left_out():
    scores = pl.concat([make_scores([1.0]), make_scores([2.0], given="migration"), make_scores([None])])
    outcomes = find_outcomes(scores, measure="combined", given=["health"], scale="intensity")
    assert outcomes["total"].to_list() == [1.0]


def test_a_measure_that_was_not_scored_is_refused_with_those_that_were():
    with pytest.raises(UserError, match="'axis' was not scored; use one of combined"):
        find_outcomes(make_scores([1.0]), measure="axis", given=[], scale="share")


def test_panels_hold_weekly_sums_of_every_source_and_name_the_large_ones():
    outcomes = find_outcomes(make_scores([1.0, 2.0, 3.0, 4.0, 5.0]), measure="combined", given=[], scale="intensity")
    (panel,), _ = weekly_panels(outcomes, make_articles(), min_articles=3)
    assert (panel.sources, panel.compared) == (["A", "B"], ["A"])
    np.testing.assert_array_equal(panel.totals, [[3, 0, 3], [0, 4, 5]])
    np.testing.assert_array_equal(panel.counts, [[2, 0, 1], [0, 1, 1]])
    totals, weights, _ = panel.take(ALL_SOURCES)
    np.testing.assert_array_equal(totals / weights, [1.5, 4.0, 4.0])
    np.testing.assert_array_equal(panel.take("B")[0], [0, 4, 5])


def test_articles_of_unknown_week_are_no_part_of_a_panel():
    articles = make_articles().with_columns(
        date_precision=pl.when(pl.col("article_id") == "a0").then(pl.lit("month")).otherwise("date_precision")
    )
    outcomes = find_outcomes(make_scores([1.0, 2.0, 3.0, 4.0, 5.0]), measure="combined", given=[], scale="intensity")
    (panel,), omitted = weekly_panels(outcomes, articles, min_articles=1)
    assert panel.counts.sum() == 4
    assert any("does not tell the week" in row["reason"] for row in omitted)


def make_outcomes(labels) -> pl.DataFrame:
    parts = [
        pl.DataFrame({"article_id": [f"a{i}" for i in range(5)], "n_labels": labels}).with_columns(
            frame=pl.lit("threat"), given=pl.lit(None, pl.String), estimator=pl.lit(estimator),
            weighting=pl.lit(weighting), total=pl.lit(total), weight=pl.lit(1.0), counted=pl.lit(True),
        )
        for estimator, weighting, total in (
            ("design-based", "article", 0.2), ("design-based", "passage", 9.0), ("prediction-powered", "article", 9.0)
        )
    ]  # fmt: skip
    return pl.concat(parts)


def test_corrected_panels_are_design_based_and_compare_only_sources_with_enough_labels():
    (panel,) = corrected_panels(make_outcomes([20, 20, 20, 5, 4]), make_articles(), min_articles=1)
    assert panel.compared == ["A"]
    assert panel.totals.sum() == pytest.approx(1.0)


def test_without_enough_labels_in_all_sources_together_there_is_no_corrected_panel():
    assert corrected_panels(make_outcomes([9, 9, 9, 9, 9]), make_articles(), min_articles=1) == []
