"""The whole table: one contract, no dependence on order, and reasons where something is missing."""

from datetime import date

import polars as pl
import pytest
from labelled_tables import make_codes, make_labelled

from frameshift.frames.eras import add_eras
from frameshift.frames.validation import CODERS, validate
from frameshift.tables import empty_table


@pytest.fixture(scope="module")
def tables() -> tuple[pl.DataFrame, pl.DataFrame]:
    labelled = make_labelled(240, frames=("threat", "migration"))
    return make_codes(labelled), labelled


def test_every_question_has_its_rows(tables):
    table, reasons = validate(*tables, seed=1)
    assert set(table["measure"]) == {CODERS, "axis", "combined"}
    metrics = {name: set(part["metric"]) for (name,), part in table.partition_by("measure", as_dict=True).items()}
    ranked = {"auc", "average precision", "precision", "recall", "f1", "prevalence"}
    ranked |= {"p source", "p era", "q source", "q era"}
    assert metrics["axis"] == ranked
    assert metrics["combined"] == ranked | {"brier", "calibration error", "bias"}
    assert {"krippendorff alpha", "cohen kappa", "gwet ac1", "percent agreement"} < metrics[CODERS]
    assert table["estimate"].null_count() == 0
    assert reasons == []


def test_tests_are_corrected_for_their_number(tables):
    from statsmodels.stats.multitest import multipletests

    table, _ = validate(*tables, seed=1)
    p, q = (table.filter(pl.col("metric").str.starts_with(name)).sort("frame", "measure", "metric") for name in "pq")
    p = p.filter(pl.col("metric").is_in(["p source", "p era"]))
    assert q["estimate"].to_list() == pytest.approx(multipletests(p["estimate"], method="fdr_bh")[1])


def test_the_order_of_the_rows_changes_nothing(tables):
    shuffled = [table.sample(fraction=1, shuffle=True, seed=5) for table in tables]
    assert validate(*shuffled, seed=1)[0].equals(validate(*tables, seed=1)[0])


def test_without_labels_the_table_is_empty_and_keeps_its_columns():
    table, reasons = validate(empty_table("frames/codes"), empty_table("frames/labelled"), seed=1)
    assert table.equals(empty_table("frames/validation"))
    assert reasons == []


def test_three_labels_give_estimates_without_intervals_or_reasons_why_not(tables):
    codes, labelled = tables
    three = labelled.filter(pl.col("passage_id") < "p00003")
    table, reasons = validate(codes.filter(pl.col("passage_id") < "p00003"), three, seed=1)
    assert table["low"].null_count() == len(table)
    assert len(reasons) == len({tuple(reason.values()) for reason in reasons}) > 0
    assert all(set(reason) == {"frame", "source", "period", "reason"} for reason in reasons)


def test_texts_from_elsewhere_are_left_out_with_a_reason(tables):
    codes, labelled = tables
    partly = labelled.with_columns(in_corpus=pl.col("passage_id") < "p00100")
    table, reasons = validate(codes, partly, seed=1)
    assert table.filter(pl.col("metric") == "auc")["n"].max() == 100
    assert [reason["reason"][-12:] for reason in reasons[:2]] == ["140 left out"] * 2


def dated(*years: int | None) -> pl.DataFrame:
    dates = [None if year is None else date(year, 3, 1) for year in years]
    return pl.DataFrame({"passage_id": [f"p{i}" for i in range(len(years))], "date": pl.Series(dates, dtype=pl.Date)})


@pytest.mark.parametrize(
    ("years", "eras"),
    [
        ([2012, 2013, 2014, 2015, 2016, 2017], ["2012–2013", "2014–2015", "2016–2017"]),
        ([2012, 2012, 2012, 2013, 2020], ["2012", "2013–2020"]),
        ([2012, 2012, 2013, 2013], ["2012", "2013"]),
        ([2015, 2015, 2015], ["2015"]),
        ([None, None], [None]),
        ([2012, None, 2018, 2019], [None, "2012", "2018", "2019"]),
    ],
)
def test_eras_are_thirds_of_the_passages_cut_between_years(years, eras):
    found = add_eras(dated(*years))["era"].unique().sort().to_list()
    assert found == eras


def test_a_passage_counts_once_for_the_eras_in_however_many_rows():
    once = dated(*range(2010, 2019))
    often = pl.concat([once, *[once.filter(pl.col("date") < date(2013, 1, 1))] * 9])
    assert set(add_eras(often)["era"]) == set(add_eras(once)["era"]) == {"2010–2012", "2013–2015", "2016–2018"}
