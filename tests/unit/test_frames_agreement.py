"""Agreement against the libraries, and what is left out."""

from itertools import combinations

import krippendorff
import numpy as np
import polars as pl
import pytest
from labelled_tables import make_codes, make_labelled
from sklearn.metrics import cohen_kappa_score

from frameshift.frames.agreement import coefficients_of_draws, measure_agreement, measure_coefficients
from frameshift.names import ADJUDICATOR, ALL_SOURCES


def draw_matrix(*, n=200, coders=4, values=2, seed=5) -> np.ndarray:
    """Codes that agree in part, some missing; at least two a passage."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(values, size=n)
    matrix = np.where(rng.random((n, coders)) < 0.3, rng.integers(values, size=(n, coders)), truth[:, None])
    matrix[:, 2:][rng.random((n, coders - 2)) < 0.4] = -1
    return matrix


@pytest.mark.parametrize("values", [2, 3])
def test_the_closed_forms_are_those_of_the_libraries_for_every_draw(values):
    matrix = draw_matrix(values=values)
    times = np.random.default_rng(1).multinomial(200, np.full(200, 1 / 200), size=5).astype(float)
    for drawn, row in zip(coefficients_of_draws(times, matrix, values), times.astype(int), strict=True):
        repeated = np.repeat(matrix, row, axis=0)
        alpha = krippendorff.alpha(np.where(repeated < 0, np.nan, repeated).T, level_of_measurement="nominal")
        expected = measure_coefficients(repeated, values)
        assert expected["krippendorff alpha"] == pytest.approx(alpha, abs=1e-12)
        assert drawn == pytest.approx(list(expected.values()), abs=1e-12)


def test_kappa_of_several_coders_is_the_mean_over_pairs_by_what_they_share():
    matrix = draw_matrix(coders=3)
    kappas, sizes = [], []
    for a, b in combinations(range(3), 2):
        both = (matrix[:, a] >= 0) & (matrix[:, b] >= 0)
        kappas.append(cohen_kappa_score(matrix[both, a], matrix[both, b]))
        sizes.append(both.sum())
    assert len(set(sizes)) > 1
    assert measure_coefficients(matrix, 2)["cohen kappa"] == pytest.approx(np.average(kappas, weights=sizes))


def test_gwets_coefficient_stays_high_where_a_rare_code_makes_kappa_negative():
    matrix = np.repeat([[1, 1], [0, 0], [1, 0], [0, 1]], [0, 118, 5, 2], axis=0)
    found = measure_coefficients(matrix, 2)
    chance = 2 * (7 / 250) * (1 - 7 / 250)
    assert found["percent agreement"] == pytest.approx(118 / 125)
    assert found["gwet ac1"] == pytest.approx((118 / 125 - chance) / (1 - chance))
    assert found["cohen kappa"] < 0


def measured(codes, labelled, metric, source=ALL_SOURCES) -> dict:
    rows, _ = measure_agreement(codes, labelled, seed=1)
    (row,) = (row for row in rows if row["metric"] == metric and row["source"] == source)
    return row


def test_coders_who_err_alike_often_agree_as_planted_in_all_and_by_source():
    labelled = make_labelled(1000)
    codes = make_codes(labelled, error=0.1)
    for source in (ALL_SOURCES, "Albion", "Brook"):
        row = measured(codes, labelled, "percent agreement", source)
        assert row["low"] < 0.9**2 + 0.1**2 < row["high"]
        assert row["n"] == (1000 if source == ALL_SOURCES else 500)


def test_only_passages_that_two_people_coded_count():
    labelled = make_labelled(400)
    assert measured(make_codes(labelled, twice=0.5), labelled, "gwet ac1")["n"] == 200


def test_an_adjudicator_is_no_coder():
    labelled = make_labelled(200)
    codes = make_codes(labelled)
    adjudicated = codes.filter(pl.col("coder") == "Ada").with_columns(coder=pl.lit(ADJUDICATOR))
    assert measure_agreement(pl.concat([codes, adjudicated]), labelled, seed=1) == measure_agreement(
        codes, labelled, seed=1
    )


def test_copies_of_a_story_do_not_narrow_an_interval():
    labelled = make_labelled(300)
    codes = make_codes(labelled)
    copies = [table.with_columns(passage_id=pl.col("passage_id") + "b") for table in (codes, labelled)]
    doubled = [pl.concat(pair) for pair in zip((codes, labelled), copies, strict=True)]
    apart = doubled[1].with_columns(cluster="passage_id")

    def width(row: dict) -> float:
        return row["high"] - row["low"]

    once = width(measured(codes, labelled, "percent agreement"))
    assert width(measured(*doubled, "percent agreement")) == pytest.approx(once, rel=0.05)
    assert width(measured(doubled[0], apart, "percent agreement")) < 0.85 * once


def test_people_who_never_overlap_get_a_reason_that_names_them():
    labelled = make_labelled(100)
    codes = make_codes(labelled)
    odd = pl.col("row") % 2 == 1
    apart = codes.filter((pl.col("coder") == "Ada") == odd)
    rows, reasons = measure_agreement(apart, labelled, seed=1)
    assert rows == []
    assert [reason["frame"] for reason in reasons] == ["threat"]
    assert "Ada, Ben" in reasons[0]["reason"]


def test_one_value_throughout_is_no_agreement_beyond_chance():
    labelled = make_labelled(100)
    rows, reasons = measure_agreement(make_codes(labelled).with_columns(code=0), labelled, seed=1)
    assert rows == []
    assert all("so nothing could differ" in reason["reason"] for reason in reasons)


def test_a_small_source_has_no_row_but_a_reason():
    labelled = make_labelled(100).with_columns(
        source=pl.when(pl.col("passage_id") < "p00010").then(pl.lit("Cape")).otherwise(pl.lit("Dale"))
    )
    rows, reasons = measure_agreement(make_codes(labelled), labelled, seed=1)
    assert {row["source"] for row in rows} == {ALL_SOURCES, "Dale"}
    assert [(reason["source"], reason["reason"]) for reason in reasons] == [
        ("Cape", "no agreement: passages coded twice below 30 (10)")
    ]


@pytest.mark.parametrize(("n", "error"), [(24, 0.2), (200, 0.0)])
def test_few_clusters_and_perfect_agreement_have_no_interval(n, error):
    labelled = make_labelled(n)
    row = measured(make_codes(labelled, error=error), labelled, "krippendorff alpha")
    assert (row["low"], row["high"]) == (None, None)


def test_voices_are_compared_where_both_saw_the_frame():
    labelled = make_labelled(1000)
    codes = make_codes(labelled, error=0.0)
    row = measured(codes, labelled, "voice percent agreement")
    assert row["n"] == codes.filter(pl.col("coder") == "Ada")["code"].sum()
    assert row["low"] < 0.8**2 + 0.2**2 < row["high"]
