"""The pieces of the calibration study, on a few corpora; and its results as they stand in the documentation."""

import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

FOLDER = Path(__file__).parents[1] / "calibration"
sys.path.insert(0, str(FOLDER))

import study  # noqa: E402
import study_corpus  # noqa: E402
from expected import Expected, difference, parts  # noqa: E402
from study_corpus import Setting, expect_cells, replicate  # noqa: E402
from study_results import BEGIN, END, draw, summarise, tabulate  # noqa: E402

from frameshift.demo.knobs import SOURCES  # noqa: E402
from frameshift.tables import ALL_SOURCES  # noqa: E402


def make_outcomes(values, quantity="false positives", method="trend") -> pl.DataFrame:
    return pl.DataFrame({"seed": range(len(values)), "method": method, "quantity": quantity, "value": values})


@pytest.mark.parametrize(
    ("values", "quantity", "phi", "verdict"),
    [
        ([0.0, 0.1] * 200, "false positives", 0.0, "holds"),
        ([0.2, 0.1] * 200, "false positives", 0.5, "misses"),
        ([0.2, 0.1] * 200, "false positives", 0.8, "reported"),
        ([0.9, 1.0] * 200, "coverage, a year", 0.5, "holds"),
        ([0.8, 0.9] * 200, "coverage, a year", 0.5, "misses"),
        ([0.99, 1.0] * 200, "coverage, a year", 0.5, "wider than needed"),
        ([0.0, 1.0] * 200, "power, attack", 0.5, "reported"),
    ],
)
def test_a_row_says_whether_what_is_promised_lies_in_its_interval(values, quantity, phi, verdict):
    row = summarise(make_outcomes(values, quantity), Setting(phi, 2500))
    assert row["verdict"].item() == verdict
    assert row["estimate"].item() == pytest.approx(sum(values) / len(values))
    assert row["low"].item() <= row["estimate"].item() <= row["high"].item()


def test_a_corpus_counts_once_whatever_its_number_of_tests():
    row = summarise(make_outcomes([0.0, 0.5]), Setting(0.0, 2500))
    assert row["replications"].item() == 2
    assert row["high"].item() == pytest.approx(1.0)  # two corpora tell next to nothing
    assert row["verdict"].item() == "too few"


def test_values_of_0_and_1_have_the_interval_of_a_share():
    row = summarise(make_outcomes([0.0] * 30, "nothing in E"), Setting(0.0, 2500, 1.0))
    assert (row["low"].item(), row["high"].item()) == pytest.approx((0.0, 1 - 0.025 ** (1 / 30)))


def test_without_effects_every_comparison_is_asked_for_false_positives_and_coverage():
    found = replicate(Setting(0.5, 1000), 3)
    assert {method for method, _, _ in found} == {
        *("prevalence", "change", "gap", "trend", "break", "event", "decomposition"),
    }
    assert all(0 <= value <= 1 for _, _, value in found)
    assert found == replicate(Setting(0.5, 1000), 3)


def test_with_effects_it_is_asked_what_is_found():
    quantities = {quantity for _, quantity, _ in replicate(Setting(0.5, 2500, 1.0), 3)}
    assert quantities >= {"power, attack", "power, law in A", "power, trend in C", "power, mix in D", "nothing in E"}


def test_of_labelled_corpora_it_is_asked_whether_corrected_shares_cover():
    found = replicate(Setting(0.5, study.LABELLED, labelled=True), 3)
    assert {quantity for _, quantity, _ in found} == {
        f"coverage, {estimator}{issue}"
        for estimator in ("design-based", "prediction-powered")
        for issue in ("", ", given the issue")
    }


def test_levels_take_all_replications_corrected_shares_half_and_what_is_reported_a_fifth():
    assert {setting.phi for setting, part in study.SETTINGS if part == 1} == {0.0, 0.5}
    assert not any(setting.effect or setting.labelled for setting, part in study.SETTINGS if part == 1)
    assert {part for setting, part in study.SETTINGS if setting.labelled and setting.phi < 0.8} == {0.5}
    assert {part for setting, part in study.SETTINGS if setting.effect or setting.phi == 0.8} == {0.2}
    assert len({setting.name for setting, _ in study.SETTINGS}) == len(study.SETTINGS)


def test_what_is_expected_of_a_change_and_of_a_gap_is_the_difference_of_the_cells():
    setting = Setting(0.5, 2500, 1.0)
    known = Expected(study_corpus.make_knobs(setting, 1))
    cells = expect_cells(setting).filter(frame="security", given="migration", weighting="article")

    def rate(source, period):
        return cells.filter(source=source, period=period)["expected"].item()

    span = date(2015, 1, 1), date(2017, 1, 1)
    change = known.change("security", "migration", SOURCES["A"], middle=date(2016, 1, 1), span=span)
    assert difference(*change) == pytest.approx(rate(SOURCES["A"], "2016") - rate(SOURCES["A"], "2015"))
    rest, own = known.gap("security", "migration", SOURCES["B"])
    assert own[0].sum() / own[1].sum() == pytest.approx(rate(SOURCES["B"], "all"))
    whole = (own[0].sum() + rest[0].sum()) / (own[1].sum() + rest[1].sum())
    assert whole == pytest.approx(rate(ALL_SOURCES, "all"))
    split = parts(rest, own)
    assert split["two-fold", "mix"] + split["two-fold", "within"] == pytest.approx(difference(rest, own))


def test_what_was_kept_is_read_again_and_a_line_cut_off_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "STORE", tmp_path)
    study.keep("0.5_2500_nothing", [(1, "trend", "false positives", 0.1), (1, "break", "false positives", 0.2)])
    with (tmp_path / "0.5_2500_nothing.jsonl").open("a") as file:
        file.write('[[2, "trend", "false positives", 0.')
    assert study.read_kept("0.5_2500_nothing")["seed"].to_list() == [1, 1]
    study.keep("0.5_2500_nothing", [(3, "trend", "false positives", 0.3)])  # goes on in the line that was cut off
    study.keep("0.5_2500_nothing", [(4, "trend", "false positives", 0.4)])
    assert study.read_kept("0.5_2500_nothing")["seed"].to_list() == [1, 1, 4]


def test_cells_with_and_without_planted_effects_stand_in_rows_of_their_own():
    parts = [
        summarise(make_outcomes([0.9, 1.0], "coverage, a year"), Setting(0.5, 2500, effect)) for effect in (0.0, 1.0)
    ]
    assert len(tabulate(pl.concat(parts)).splitlines()) == 4


def test_the_table_in_the_documentation_is_that_of_the_results_and_the_figure_can_be_drawn():
    table = pl.read_csv(FOLDER / "results.csv")
    shown = (FOLDER / "README.md").read_text().split(BEGIN)[1].split(END)[0]
    assert shown == tabulate(table)
    assert len(draw(table).axes) == 2
