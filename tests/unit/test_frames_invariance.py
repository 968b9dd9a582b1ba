"""Whether a measure errs differently: what is found, and what is not tested."""

import warnings

import polars as pl
import pytest
from labelled_tables import make_labelled

from frameshift.frames import invariance
from frameshift.frames.eras import add_eras

SHIFTED = {"Albion": 1.5}


def judge(labelled: pl.DataFrame) -> tuple[dict[tuple[str, str], float], list[str]]:
    """p by measure and metric, and the reasons."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows, reasons = invariance.test_invariance(add_eras(labelled), seed=1)
    return {(row["measure"], row["metric"]): row["estimate"] for row in rows}, [reason["reason"] for reason in reasons]


def test_a_source_that_a_measure_underrates_is_found_and_alike_eras_are_not():
    found, reasons = judge(make_labelled(600, shifts=SHIFTED))
    assert found["combined", "p source"] < 0.01
    assert found["axis", "p source"] < 0.01
    assert found["combined", "p era"] > 0.05
    assert reasons == []


def test_sources_alike_are_not_called_different():
    found, _ = judge(make_labelled(600))
    assert min(found.values()) > 0.05


def test_a_measure_that_is_upside_down_in_one_source_is_found_though_no_source_has_more_of_the_frame():
    labelled = make_labelled(600, measures=("axis",))
    mirrored = pl.when(pl.col("source") == "Albion").then(-2 - pl.col("score")).otherwise("score")
    assert judge(labelled.with_columns(score=mirrored))[0]["axis", "p source"] < 0.01


def test_sources_of_different_level_are_alike_if_equal_scores_mean_the_same():
    labelled = make_labelled(800, measures=("axis",), seed=21)
    leaning = labelled.filter((pl.col("source") == "Albion") | (pl.col("label") > 0) | (pl.col("score") > 0))
    by_score = labelled.filter((pl.col("source") == "Albion") | (pl.col("score") > -1))
    assert by_score.group_by("source").agg(pl.col("label").mean())["label"].max() > 0.4
    assert judge(by_score)[0]["axis", "p source"] > 0.05
    assert judge(leaning)[0]["axis", "p source"] < 0.01  # chosen by the label, it errs


def test_copies_of_a_story_add_no_evidence():
    labelled = make_labelled(300, measures=("combined",), shifts={"Albion": 0.45})
    copies = [labelled.with_columns(passage_id=pl.format("{}-{}", "passage_id", pl.lit(i))) for i in range(5)]
    doubled = pl.concat(copies)
    once = judge(labelled)[0]["combined", "p source"]
    assert judge(doubled)[0]["combined", "p source"] == pytest.approx(once, rel=0.5)
    assert judge(doubled.with_columns(cluster="passage_id"))[0]["combined", "p source"] < once / 10


def test_the_order_of_the_rows_and_the_scale_of_a_score_do_not_matter():
    labelled = make_labelled(400, shifts=SHIFTED)
    found = judge(labelled)
    assert judge(labelled.sample(fraction=1, shuffle=True, seed=3)) == found
    rescaled = labelled.with_columns(score=pl.col("score").exp())
    assert judge(rescaled)[0] == pytest.approx(found[0])


def test_small_sources_are_named_and_the_rest_judge():
    labelled = make_labelled(400, sources=("Albion", "Brook", "Cape")).filter(
        (pl.col("source") != "Cape") | (pl.col("passage_id") < "p00060")
    )
    found, reasons = judge(labelled)
    assert ("axis", "p source") in found
    assert "axis: differences of sources are tested without Cape: too few labels" in reasons


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"source": pl.lit("Albion")}, "sources not tested: fewer than two"),
        ({"score": pl.lit(1.0)}, "sources not tested: all scores are equal"),
        ({"label": (pl.col("score") > 0).cast(pl.Float64)}, "sources not tested: the scores separate the labels"),
        ({"cluster": pl.col("passage_id").str.slice(5)}, "sources not tested: wire clusters below 30 (10)"),
    ],
)
def test_what_cannot_be_tested_has_a_reason_and_no_warning(spoil, reason):
    found, reasons = judge(make_labelled(400, measures=("axis",)).with_columns(**spoil))
    assert ("axis", "p source") not in found
    assert any(reason in said for said in reasons), reasons


def test_a_source_with_equal_scores_throughout_is_compared_by_its_level():
    labelled = make_labelled(600, measures=("axis",), shifts={"Brook": -3.0})
    flat = pl.when(pl.col("source") == "Brook").then(pl.lit(0.0)).otherwise("score")
    assert judge(labelled.with_columns(score=flat))[0]["axis", "p source"] < 0.01
