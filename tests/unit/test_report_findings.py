import polars as pl
import pytest

from frameshift.comparisons.sweep import SETTINGS
from frameshift.report.findings import describe_contrast, describe_findings, judge, list_exploratory
from frameshift.tables import empty_table

ROW = {
    **{"frame": "security", "given": "migration", "source": "Albion Courier", "scale": "intensity", "kind": "change"},
    **{"contrast": "52 weeks from 2018-01-08 minus 52 weeks before", "period": "", "family": "declared"},
    **{"estimate": 0.231, "low": 0.1, "high": 0.36, "p": 0.0001, "q": 0.0002, "finding": "law", "smallest": None},
    **{
        "estimator": None,
        "leads": True,
        "estimate_throughout": None,
        "models_low": None,
        "models_high": None,
        "total": None,
        "expect": "rise",
    },
}
GAP = ROW | {
    **{"kind": "gap", "contrast": "the source minus the rest", "source": "Evening Echo", "finding": None},
    **{"family": "exploratory", "given": None, "estimate": -0.1, "low": -0.3, "high": 0.1, "q": 0.2},
}
POINTS = ROW | {"scale": "corrected share", "estimator": "design-based", "smallest": 0.03}
LAW = {"name": "law", "frame": "security", "source": "Albion Courier", "expect": "rise"}


def show(rows):
    return pl.DataFrame(rows, infer_schema_length=None)


def omit(frame, source, reason):
    schema = empty_table("comparisons/omitted").schema
    return pl.DataFrame([("contrasts", frame, source, None, reason)], schema=schema, orient="row")


def tell(rows, omitted=None):
    nothing = empty_table("comparisons/omitted")
    (told,) = describe_findings(show(rows), [LAW], nothing if omitted is None else omitted)
    return told


def test_a_change_is_told_with_both_spans_and_its_evidence():
    assert describe_contrast(ROW) == (
        "Security in passages about migration in Albion Courier: 0.23 standard deviations higher in the 52 weeks from "
        "2018-01-08 than in the 52 weeks before (95% interval 0.10 to 0.36; q < 0.001)."
    )
    open_ended = ROW | {"contrast": "all weeks from 2018-01-08 minus all weeks before"}
    assert "higher in all weeks from 2018-01-08 than in all weeks before (" in describe_contrast(open_ended)


def test_a_gap_is_told_against_all_other_sources():
    assert describe_contrast(GAP) == (
        "Security in Evening Echo: 0.10 standard deviations lower than in all other sources together "
        "(95% interval −0.30 to 0.10; q = 0.200)."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "trend", "contrast": "the end minus the start"}, "Courier: rises by 6.7 points over the span (95%"),
        ({"kind": "trend", "contrast": "the end minus the start", "estimate": -0.067}, "falls by 6.7 points over the"),
        (
            {"kind": "trend", "contrast": "the source's change over the span minus the rest's"},
            "its change over the span is 6.7 points higher than that of all other sources together (95%",
        ),
        (
            {"kind": "event", "contrast": "13 weeks after Attack"},
            "6.7 points above what the trend before gives, in the 13 weeks after Attack (95%",
        ),
        (
            {"kind": "mix", "contrast": "after minus before", "total": 0.08},
            "of the difference of 8.0 points (after minus before), 6.7 points come from the mix of topics (95%",
        ),
        (
            {"kind": "within", "contrast": "after minus before", "estimate": -0.012},
            "of the difference (after minus before), −1.2 points come from how the same topics are framed (95%",
        ),
    ],
)
def test_each_kind_of_finding_has_its_sentence(changed, said):
    assert said in describe_contrast(POINTS | {"estimate": 0.067} | changed)


def test_shares_are_told_in_points_with_their_interval():
    sentence = describe_contrast(POINTS | {"estimate": 0.067, "low": 0.031, "high": 0.103})
    assert "6.7 points higher in the" in sentence
    assert "(95% interval 3.1 to 10.3; q < 0.001)" in sentence


def test_without_a_test_or_an_interval_the_sentence_says_so():
    assert describe_contrast(ROW | {"low": None, "high": None}).endswith("(no interval; q < 0.001).")
    assert describe_contrast(ROW | {"q": None}).endswith("(too few articles for a test).")


@pytest.mark.parametrize(
    ("estimate", "q", "expect", "verdict"),
    [
        (0.2, 0.01, "rise", "established as expected (rise)"),
        (-0.2, 0.01, "rise", "contrary to what was expected (rise)"),
        (-0.2, 0.01, "lower", "established as expected (lower)"),
        (0.2, 0.2, "rise", "no difference established (expected: rise)"),
        (0.2, 0.2, "none", "no difference established, as expected"),
        (0.2, 0.01, "none", "a difference is established, where none was expected"),
        (0.2, None, "none", "not tested"),
    ],
)
def test_a_verdict_compares_the_test_with_what_was_declared(estimate, q, expect, verdict):
    assert judge(ROW | {"estimate": estimate, "q": q}, expect) == verdict


@pytest.mark.parametrize(
    ("low", "high", "q", "expect", "verdict"),
    [
        (0.031, 0.10, 0.01, "rise", "established as expected (rise), and at least as large as the smallest effect"),
        (-0.10, -0.031, 0.01, "fall", "established as expected (fall), and at least as large as the smallest effect"),
        (0.01, 0.10, 0.01, "rise", "established as expected (rise); it may be smaller than the smallest effect"),
        (0.01, 0.02, 0.01, "rise", "established as expected (rise), but smaller than the smallest effect"),
        (-0.10, -0.05, 0.01, "rise", "contrary to what was expected (rise)"),
        (-0.02, 0.025, 0.5, "none", "no difference as large as the smallest effect of interest, as expected"),
        (-0.02, 0.025, 0.5, "rise", "no difference as large as the smallest effect of interest (expected: rise)"),
        (-0.05, 0.025, 0.5, "rise", "too little data to tell (expected: rise): only a difference of 5.4 points"),
        (-0.025, 0.05, 0.5, "none", "too little data to tell: only a difference of 5.4 points"),
    ],
)
def test_a_verdict_tells_the_size_from_the_interval(low, high, q, expect, verdict):
    row = POINTS | {"estimate": (low + high) / 2, "low": low, "high": high, "q": q}
    assert judge(row, expect).startswith(verdict)


def test_uncorrected_shares_tell_the_direction_and_no_size():
    row = POINTS | {"scale": "share", "estimator": None, "low": 0.04, "high": 0.1}
    assert judge(row, "rise") == "established as expected (rise); the size is unknown"
    assert judge(row | {"q": 0.5, "low": -0.01, "high": 0.01}, "none") == "no difference established, as expected"
    assert tell([row])["sentence"].endswith(" Direction only: it is not corrected for errors of the measure.")
    omitted = omit("security", "Albion Courier", "finding law: not corrected: 12 and 60 coded passages")
    assert tell([row], omitted)["sentence"].endswith(" Not corrected: 12 and 60 coded passages.")


def test_a_corrected_estimate_leads_and_the_uncorrected_one_stands_beside_it():
    measured = POINTS | {"scale": "share", "estimator": None, "leads": False, "estimate": 0.021}
    check = POINTS | {"estimator": "prediction-powered", "leads": False, "estimate": 0.07}
    told = tell([measured, check, POINTS | {"estimate": 0.067, "estimate_throughout": 0.05}])
    assert "6.7 points higher" in told["sentence"]
    assert told["sentence"].endswith(
        "Corrected by what people coded there; uncorrected 2.1 points. In the sources present throughout: 5.0 points. "
        "Smallest effect of interest: 3.0 points."
    )


def test_a_finding_that_could_not_be_estimated_says_why():
    omitted = omit("threat", "all sources", "finding attack: no dated article has such a score")
    findings = [{"name": "attack", "frame": "threat", "source": "all sources", "expect": "rise"}, LAW]
    attack, law = describe_findings(show([ROW]), findings, omitted)
    assert attack["sentence"] == ("Threat in all sources could not be compared: no dated article has such a score.")
    assert attack["verdict"] == "not estimated"
    assert law["verdict"] == "established as expected (rise)"


def test_only_undeclared_differences_that_lead_and_survive_the_others_count_as_exploratory():
    beside = GAP | {"q": 0.01, "estimate": 0.9, "leads": False}
    sentences = list_exploratory(show([ROW, GAP, GAP | {"q": 0.01}, GAP | {"q": 0.01, "estimate": 0.5}, beside]))
    assert len(sentences) == 2
    assert "0.50 standard deviations higher" in sentences[0]


def test_what_other_settings_say_stands_beside_a_finding():
    rows = [
        {"specification": "main", "estimate": 0.05, "low": 0.03, "high": 0.07, "relative": 0.5},
        {"specification": "half_year", "estimate": 0.01, "low": -0.01, "high": 0.03, "relative": 0.1, "weeks": 26},
        {"specification": "axis", "estimate": -0.1, "low": -0.2, "high": 0.0, "relative": -0.1, "measure": "axis"},
    ]
    every = dict.fromkeys(SETTINGS) | {"finding": "law", "scale": "share", "deviation": 0.1}
    swept = pl.DataFrame([every | row for row in rows], infer_schema_length=None)
    (told,) = describe_findings(show([ROW | {"scale": "share"}]), [LAW], empty_table("comparisons/omitted"), swept)
    assert told["sentence"].endswith(
        "Of 2 other settings 1 give the same sign; 1.0 points to 5.0 points, most moved by axis (measure axis)."
    )


def test_a_change_divided_by_the_attenuation_says_so_and_is_judged_by_its_size():
    measured = POINTS | {"scale": "share", "estimator": None, "leads": False, "estimate": 0.021}
    adjusted = POINTS | {"estimator": "attenuation-adjusted", "attenuation": 0.42, "estimate": 0.05}
    told = tell([measured, adjusted | {"low": 0.01, "high": 0.09}])
    assert "by which 42% of a change shows if they stay the same; uncorrected 2.1 points" in told["sentence"]
    assert told["verdict"].endswith("it may be smaller than the smallest effect of interest")
