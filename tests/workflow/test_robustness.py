"""The findings by other settings, on a copy of the golden run: only what a setting changes is made anew."""

import shutil

import polars as pl
import pytest
from conftest import Checkout

ARGUMENTS = ("--configfile", "golden.yaml")
TABLE = "results/golden/comparisons/robustness.parquet"
FINDINGS = """
sweep: sweep.tsv
findings:
  - {name: gap, frame: threat, given: migration, source: Xenon, kind: gap, family: declared, expect: lower}
"""
HEADER = "specification\tduplicates\tmax_sentences\tbackend\n"
MEASURED_ANEW = {"embed_shard_sweep", "gather_vectors_sweep", "score_frames_sweep"}
ESTIMATED = {"plot_robustness", "test_robustness", "robustness"}


@pytest.fixture(scope="module")
def finished(golden, tmp_path_factory, cache) -> Checkout:
    """A copy of the finished run with a finding and a sweep; Snakemake's records come along."""
    copy = Checkout.__new__(Checkout)
    copy.folder, copy.cache = tmp_path_factory.mktemp("swept") / "copy", cache
    shutil.copytree(golden.folder, copy.folder, symlinks=True)
    with (copy.folder / "golden.yaml").open("a") as file:
        file.write(FINDINGS)
    return copy


def sweep(checkout: Checkout, *rows: str) -> None:
    (checkout.folder / "sweep.tsv").write_text(HEADER + "".join(f"{row}\n" for row in rows))


def test_cheap_settings_run_one_job(finished):
    sweep(finished, "copies\tall\t\t")
    assert finished.planned(*ARGUMENTS, "--", "robustness") == ESTIMATED


def test_another_backend_prepares_an_encoder_and_cuts_no_passages(finished):
    sweep(finished, "static\t\t\tstatic", "same\t\t1\topenvino")
    planned = finished.planned(*ARGUMENTS, "--", "robustness")
    assert planned == ESTIMATED | MEASURED_ANEW | {"prepare_encoder_sweep"}


def test_a_mistake_in_the_sweep_ends_the_run_before_the_first_job(finished):
    sweep(finished, "copies\tsome\t\t")
    output = finished.snakemake(*ARGUMENTS, "--dry-run", "--", "robustness")
    assert output.returncode != 0
    assert "sweep.tsv: line 2: duplicates is 'some'; allowed are per_source, first, all, unique" in output.stdout
    assert "Traceback" not in output.stdout


def test_longer_passages_are_cut_embedded_and_scored_and_nothing_else(finished):
    """By hand, see test_golden.py: two sentences with h hits score h / √8.

    Threat in passages about migration: x1 1, x3 2 and 0, x4 0, x6 0; y2 0, y3 2, y4 1, y5 2 hits.
    """
    sweep(finished, "copies\tall\t\t", "pairs\t\t2\t")
    planned = finished.planned(*ARGUMENTS, "--", "robustness")
    assert planned == ESTIMATED | MEASURED_ANEW | {"cut_passages_sweep"}
    finished.run(*ARGUMENTS, "--", "robustness")
    estimates = dict(pl.read_parquet(finished.folder / TABLE).select("specification", "estimate").iter_rows())
    assert estimates == {
        "main": pytest.approx(7 / 48 - 3 / 8, abs=1e-7),
        "copies": pytest.approx((1 / 4 + 1 / 4 + 1 / 3) / 5 - 3 / 8, abs=1e-7),
        "pairs": pytest.approx((2 / 4 - 5 / 4) / 8**0.5, abs=1e-7),
    }
    assert not finished.planned(*ARGUMENTS, "--", "robustness")
    sweep(finished, "pairs\t\t2\t", "first\tfirst\t\t")
    assert finished.planned(*ARGUMENTS, "--", "robustness") == ESTIMATED
