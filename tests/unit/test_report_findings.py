import polars as pl
import pytest

from frameshift.report.findings import describe_contrast, describe_findings, judge, list_exploratory
from frameshift.tables import empty_table

ROW = {
    **{"frame": "security", "given": "migration", "source": "Albion Courier", "scale": "intensity", "kind": "change"},
    **{"contrast": "52 weeks from 2018-01-08 minus 52 weeks before", "period": "", "family": "declared"},
    **{"estimate": 0.231, "low": 0.1, "high": 0.36, "p": 0.0001, "q": 0.0002, "finding": "law"},
}
GAP = ROW | {
    **{"kind": "gap", "contrast": "the source minus the rest", "source": "Evening Echo", "finding": None},
    **{"family": "exploratory", "given": None, "estimate": -0.1, "low": -0.3, "high": 0.1, "q": 0.2},
}


def test_a_change_is_told_with_both_spans_and_its_evidence():
    assert describe_contrast(ROW) == (
        "Security in passages about migration in Albion Courier: 0.23 standard deviations higher in the 52 weeks from "
        "2018-01-08 than in the 52 weeks before (95% interval 0.10 to 0.36; q < 0.001)."
    )


def test_a_gap_is_told_against_all_other_sources():
    assert describe_contrast(GAP) == (
        "Security in Evening Echo: 0.10 standard deviations lower than in all other sources together "
        "(95% interval −0.30 to 0.10; q = 0.200)."
    )


def test_without_a_test_or_an_interval_the_sentence_says_so():
    assert describe_contrast(ROW | {"low": None, "high": None}).endswith("(too few weeks for an interval; q < 0.001).")
    assert describe_contrast(ROW | {"q": None}).endswith("(too few articles for a test).")


@pytest.mark.parametrize(
    ("estimate", "q", "expect", "verdict"),
    [
        (0.2, 0.01, "rise", "as expected (rise)"),
        (-0.2, 0.01, "rise", "contrary to what was expected (rise)"),
        (-0.2, 0.01, "lower", "as expected (lower)"),
        (0.2, 0.2, "rise", "no difference established (expected: rise)"),
        (0.2, 0.2, "none", "no difference established, as expected"),
        (0.2, 0.01, "none", "a difference, where none was expected"),
        (0.2, None, "none", "not tested"),
    ],
)
def test_a_verdict_compares_the_test_with_what_was_declared(estimate, q, expect, verdict):
    assert judge({"estimate": estimate, "q": q}, expect) == verdict


def test_a_finding_that_could_not_be_estimated_says_why():
    contrasts = pl.DataFrame([ROW])
    omitted = empty_table("comparisons/omitted").vstack(
        pl.DataFrame(
            [("contrasts", "threat", "all sources", None, "finding attack: no dated article has such a score")],
            schema=empty_table("comparisons/omitted").schema,
            orient="row",
        )
    )
    findings = [
        {"name": "attack", "frame": "threat", "source": "all sources", "expect": "rise"},
        {"name": "law", "frame": "security", "source": "Albion Courier", "expect": "rise"},
    ]
    attack, law = describe_findings(contrasts, findings, omitted)
    assert attack["sentence"] == ("Threat in all sources could not be compared: no dated article has such a score.")
    assert attack["verdict"] == "not estimated"
    assert law["verdict"] == "as expected (rise)"


def test_only_corrected_and_undeclared_differences_count_as_exploratory():
    table = pl.DataFrame([ROW, GAP, GAP | {"q": 0.01}, GAP | {"q": 0.01, "estimate": 0.5}])
    sentences = list_exploratory(table)
    assert len(sentences) == 2
    assert "0.50 standard deviations higher" in sentences[0]
