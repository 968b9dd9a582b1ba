import numpy as np
import polars as pl
import pytest

from frameshift.comparisons.attenuation import MIN_KIND, adjust_changes, estimate_attenuation
from frameshift.contracts import ADJUSTED
from frameshift.tables import empty_table


def make_pairs(codes, shares, *, about=None, probability=0.1, given=None) -> pl.DataFrame:
    """What corrected.pair_codes gives of one frame, each passage of an article of its own."""
    n = len(codes)
    coded_about = np.zeros(n) if given is None else np.asarray(about, float)
    return pl.DataFrame(
        {
            "passage_id": [f"p{i}" for i in range(n)],
            "probability": np.broadcast_to(probability, n),
            "cluster": [f"c{i}" for i in range(n)],
            "frame": ["threat"] * n,
            "coded": np.asarray(codes, float) * (1 if given is None else coded_about),
            "predicted": np.asarray(shares, float) * (1 if given is None else 0.5),
            "coded_about": coded_about,
            "predicted_about": np.full(n, 0.0 if given is None else 0.5),
        }
    ).with_columns(given=pl.lit(given, pl.String))


def make_change(estimate=0.03, low=0.01, high=0.05, **more) -> dict:
    row = {"frame": "threat", "given": None, "family": "f", "kind": "change", "contrast": "c", "source": "A"}
    row |= {"period": "all", "scale": "share", "estimate": estimate, "low": low, "high": high, "p": 0.01, "q": 0.02}
    return row | {"leads": True, "finding": "law", "estimator": None} | more


def adjust(rows, slope=0.5, slack=0.1) -> list[dict]:
    known = pl.DataFrame(
        [{"frame": "threat", "given": None, "n_labels": 99, "estimate": slope, "low": slope - slack, "high": 1.0}],
        schema=empty_table("comparisons/attenuation").schema,
    )
    contrasts = pl.DataFrame(rows, schema=empty_table("comparisons/contrasts").schema)
    return adjust_changes(contrasts, known).to_dicts()


def test_the_attenuation_is_how_much_higher_the_share_is_where_people_see_the_frame():
    codes = [1] * 30 + [0] * 70
    shares = [0.6, 0.8] * 15 + [0.1, 0.3] * 35
    (row,) = estimate_attenuation(make_pairs(codes, shares)).to_dicts()
    assert row["estimate"] == pytest.approx(0.5)
    assert row["n_labels"] == 100
    error = np.sqrt(100 / 99 * (0.01 / 30 + 0.01 / 70))
    assert row["high"] - row["estimate"] == pytest.approx(1.96 * error)


def test_passages_count_as_many_as_they_stand_for():
    codes, shares = [1] * 40 + [0] * 40, [0.9, 0.5] * 20 + [0.1] * 40
    often = estimate_attenuation(make_pairs(codes, shares, probability=np.tile([0.5, 0.1], 40)))
    assert often["estimate"].item() == pytest.approx((0.9 * 2 + 0.5 * 10) / 12 - 0.1)


def test_within_an_issue_only_passages_about_it_count_and_by_the_share_among_these():
    codes, shares = [1] * 30 + [0] * 60, [0.8] * 30 + [0.2] * 30 + [0.99] * 30
    about = [1] * 60 + [0] * 30
    (row,) = estimate_attenuation(make_pairs(codes, shares, about=about, given="migration")).to_dicts()
    assert (row["given"], row["n_labels"]) == ("migration", 60)
    assert row["estimate"] == pytest.approx(0.6)


@pytest.mark.parametrize(("n_with", "n"), [(MIN_KIND - 1, 100), (20, 49)])
def test_too_few_coded_passages_tell_no_attenuation(n_with, n):
    codes = [1] * n_with + [0] * (n - n_with)
    assert estimate_attenuation(make_pairs(codes, np.linspace(0, 1, n))).is_empty()


def test_a_change_is_divided_by_the_attenuation_and_keeps_its_p_and_q():
    (row,) = adjust([make_change(total=0.1)])
    assert row["estimate"] == pytest.approx(0.06)
    assert row["total"] == pytest.approx(0.2)
    assert (row["p"], row["q"], row["attenuation"]) == (0.01, 0.02, 0.5)
    assert (row["scale"], row["estimator"]) == ("corrected share", ADJUSTED)
    assert row["low"] < row["estimate"] < row["high"]


def test_with_an_attenuation_known_for_certain_the_interval_is_divided_as_well():
    (row,) = adjust([make_change()], slack=0.0)
    assert (row["low"], row["high"]) == pytest.approx((0.02, 0.10))


def test_the_interval_is_fiellers_which_solves_the_test_of_every_ratio():
    (row,) = adjust([make_change(0.04, 0.01, 0.07)], slope=0.4, slack=0.15)
    for ratio in (row["low"], row["high"]):
        assert (0.04 - ratio * 0.4) ** 2 == pytest.approx(0.03**2 + (ratio * 0.15) ** 2)


@pytest.mark.parametrize(("low", "high"), [(0.0001, 0.0599), (-0.0001, 0.0601)])
def test_the_interval_excludes_no_change_just_where_that_of_the_change_does(low, high):
    (row,) = adjust([make_change(0.03, low, high)], slack=0.3)
    assert (row["low"] > 0) == (low > 0)


def test_a_change_without_an_interval_has_none_and_a_frame_without_attenuation_no_row():
    (row,) = adjust([make_change(low=None, high=None), make_change(frame="victim")])
    assert row["low"] is row["high"] is None
    assert row["frame"] == "threat"


@pytest.mark.parametrize("more", [{"kind": "gap"}, {"scale": "intensity"}, {"estimator": "design-based"}])
def test_gaps_intensities_and_what_is_corrected_already_are_left_alone(more):
    assert adjust([make_change(**more)]) == []


def test_nothing_is_divided_by_an_attenuation_that_may_be_zero():
    assert adjust([make_change()], slope=0.2, slack=0.21) == []
