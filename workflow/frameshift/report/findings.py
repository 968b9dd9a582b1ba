"""Findings as sentences that someone who does not read tables can check against them."""

from collections.abc import Mapping, Sequence

import polars as pl

from frameshift.comparisons.robustness_summary import summarise_robustness
from frameshift.contracts import ADJUSTED
from frameshift.names import ALL_SOURCES

Q = 0.05  # differences with a larger q are called not established
UNITS = {"intensity": (1, 2, "standard deviations"), "share": (100, 1, "points"), "corrected share": (100, 1, "points")}
FINDABLE = 2.8  # standard errors: what a test at 5% finds in eight of ten samples
DIRECTION_ONLY = "Direction only: it is not corrected for errors of the measure."
_HALF_WIDTH = 1.96  # standard errors from the estimate to each end of its interval
_UPWARDS = ("rise", "higher")


def describe_findings(
    contrasts: pl.DataFrame,
    findings: Sequence[Mapping],
    omitted: pl.DataFrame,
    robustness: pl.DataFrame | None = None,
) -> list[dict[str, str | None]]:
    """Each declared finding as {name, sentence, verdict}, in the order of the configuration.

    `contrasts` is comparisons/contrasts; `findings` the configuration's section. The sentence is about the row that
    leads, with the uncorrected estimate beside a corrected one, and with what other settings say of it where
    `robustness` (comparisons/robustness) is given; a finding without a row is explained from comparisons/omitted.
    """
    swept = {} if robustness is None else {row["finding"]: row for row in summarise_robustness(robustness).to_dicts()}
    declared = contrasts.filter(pl.col("finding").is_not_null())
    leading = {row["finding"]: row for row in declared.filter("leads").iter_rows(named=True)}
    measured = {row["finding"]: row for row in declared.filter(pl.col("estimator").is_null()).iter_rows(named=True)}
    out: list[dict[str, str | None]] = []
    for finding in findings:
        row = leading.get(finding["name"])
        if row is None:
            sentence, verdict = _explain_absence(finding, omitted), "not estimated"
        else:
            beside = measured.get(finding["name"])
            remarks = _add_remarks(row, beside, _list_reasons(finding, omitted))
            remarks += [_say_robustness(swept[finding["name"]], row)] if finding["name"] in swept else []
            sentence = " ".join([describe_contrast(row), *remarks])
            verdict = judge(row, finding["expect"])
        out.append({"name": finding["name"], "sentence": sentence, "verdict": verdict})
    return out


def describe_contrast(row: Mapping) -> str:
    """One row of comparisons/contrasts as a sentence.

    >>> describe_contrast({"frame": "threat", "given": None, "source": "all sources", "scale": "intensity",
    ...     "contrast": "13 weeks from 2017-01-09 minus 13 weeks before", "kind": "change", "total": None,
    ...     "estimate": 0.12, "low": None, "high": None, "q": None})
    'Threat in all sources: 0.12 standard deviations higher in the 13 weeks from 2017-01-09 than in the 13 weeks \
before (too few articles for a test).'
    """
    return f"{name_frame(row)} in {row['source']}: {_say_difference(row)}{_say_evidence(row)}."


def name_frame(row: Mapping) -> str:
    """What a row is about: "Threat in passages about migration"."""
    frame = row["frame"] if row["given"] is None else f"{row['frame']} in passages about {row['given']}"
    return frame[0].upper() + frame[1:]


def judge(row: Mapping, expect: str) -> str:
    """What the test says about the declared expectation (rise, fall, higher, lower or none), and of the size.

    A difference is established where q is below .05. Whether it is as large as the smallest effect of interest is read
    from the 95% interval, but not for shares that no labels correct: these tell no size.
    """
    if row["q"] is None:
        return "not tested"
    if row["q"] >= Q:
        return _judge_absence(row, expect)
    if expect == "none":
        verdict = "a difference is established, where none was expected"
    elif (row["estimate"] > 0) != (expect in _UPWARDS):
        return f"contrary to what was expected ({expect})"
    else:
        verdict = f"established as expected ({expect})"
    if row["smallest"] is None or row["low"] is None:
        return verdict
    if row["scale"] == "share":
        return f"{verdict}; the size is unknown"
    nearest, farthest = sorted((abs(row["low"]), abs(row["high"])))
    if row["low"] * row["high"] > 0 and nearest >= row["smallest"]:
        return f"{verdict}, and at least as large as the smallest effect of interest"
    if farthest < row["smallest"]:
        return f"{verdict}, but smaller than the smallest effect of interest"
    return f"{verdict}; it may be smaller than the smallest effect of interest"


def list_exploratory(contrasts: pl.DataFrame, *, most: int = 8) -> list[str]:
    """The undeclared contrasts with q below 0.05 as sentences, the largest first, at most `most`."""
    found = contrasts.filter("leads", pl.col("finding").is_null(), pl.col("q") < Q).sort(
        pl.col("estimate").abs(), "frame", "source", "given", descending=[True, False, False, False]
    )
    told = ((describe_contrast(row), row["scale"]) for row in found.head(most).iter_rows(named=True))
    return [f"{said} {DIRECTION_ONLY}" if scale == "share" else said for said, scale in told]


def _say_difference(row: Mapping) -> str:
    size, kind = _say_size(row, abs(row["estimate"])), row["kind"]
    up = row["estimate"] > 0
    if kind in ("mix", "within"):
        whole = "the difference" if row["total"] is None else f"the difference of {_say_size(row, row['total'])}"
        origin = "the mix of topics" if kind == "mix" else "how the same topics are framed"
        return f"of {whole} ({row['contrast']}), {_say_size(row, row['estimate'])} come from {origin}"
    if kind == "event":
        return f"{size} {'above' if up else 'below'} what the trend before gives, in the {row['contrast']}"
    if kind == "trend" and " minus the rest" not in row["contrast"]:
        return f"{'rises' if up else 'falls'} by {size} over the span"
    difference = f"{size} {'higher' if up else 'lower'}"
    if kind == "trend":
        return f"its change over the span is {difference} than that of all other sources together"
    if kind == "gap":
        return f"{difference} than in all other sources together"
    after, before = (span if span.startswith("all ") else f"the {span}" for span in row["contrast"].split(" minus "))
    return f"{difference} in {after} than in {before}"


def _say_evidence(row: Mapping) -> str:
    if row["q"] is None:
        return " (too few articles for a test)"
    q = "q < 0.001" if row["q"] < 0.001 else f"q = {row['q']:.3f}"
    if row["low"] is None:
        return f" (no interval; {q})"
    factor, digits, _ = UNITS[row["scale"]]
    low, high = (f"{row[end] * factor:.{digits}f}".replace("-", "−") for end in ("low", "high"))
    return f" (95% interval {low} to {high}; {q})"


def _say_size(row: Mapping, value: float) -> str:
    factor, digits, unit = UNITS[row["scale"]]
    return f"{value * factor:.{digits}f} {unit}".replace("-", "−")


def _add_remarks(row: Mapping, measured: Mapping | None, reasons: Sequence[str]) -> list[str]:
    """Sentences on what stands beside the estimate."""
    remarks = []
    if row["estimator"] is not None and measured is not None:
        how = "by what people coded there"
        if row["estimator"] == ADJUSTED:
            shown = f"{row['attenuation']:.0%} of a change shows"
            how = f"for errors of the measure, by which {shown} if they stay the same"
        remarks.append(f"Corrected {how}; uncorrected {_say_size(measured, measured['estimate'])}.")
    if row["estimate_throughout"] is not None:
        remarks.append(f"In the sources present throughout: {_say_size(row, row['estimate_throughout'])}.")
    if row["models_low"] is not None:
        low, high = (_say_size(row, row[end]) for end in ("models_low", "models_high"))
        remarks.append(f"Over all topic models and seeds: {low} to {high}.")
    if row["scale"] == "share":
        remarks.append(DIRECTION_ONLY)
        remarks += [f"{reason[0].upper()}{reason[1:]}." for reason in reasons if reason.startswith("not corrected")]
    elif row["smallest"] is not None:
        remarks.append(f"Smallest effect of interest: {_say_size(row, row['smallest'])}.")
    return remarks


def _say_robustness(swept: Mapping, row: Mapping) -> str:
    """What the other settings say of a finding, as a sentence."""
    if not swept["n_specifications"]:
        return "No other setting of the sweep can change it."
    n = round(swept["same_sign"] * swept["n_specifications"])
    low, high = (_say_size(swept, swept[end]) for end in ("lowest", "highest"))
    moved = f", most moved by {swept['moved_by']} ({swept['moved_settings']})" if swept["moved_by"] else ""
    uncorrected = "" if swept["scale"] == row["scale"] else "uncorrected "
    return f"Of {swept['n_specifications']} other settings {n} give the same sign; {uncorrected}{low} to {high}{moved}."


def _judge_absence(row: Mapping, expect: str) -> str:
    """What can be said where no difference is established: that none is so large, or that the data tell nothing."""
    hoped = "" if expect == "none" else f" (expected: {expect})"
    fits = ", as expected" if expect == "none" else hoped
    if row["smallest"] is None or row["low"] is None or row["scale"] == "share":
        return f"no difference established{fits}"
    if max(-row["low"], row["high"]) < row["smallest"]:
        return f"no difference as large as the smallest effect of interest{fits}"
    findable = _say_size(row, FINDABLE * (row["high"] - row["low"]) / (2 * _HALF_WIDTH))
    return f"too little data to tell{hoped}: only a difference of {findable} would probably be found"


def _explain_absence(finding: Mapping, omitted: pl.DataFrame) -> str:
    where = "all sources" if finding["source"] == ALL_SOURCES else finding["source"]
    frame = finding["frame"][0].upper() + finding["frame"][1:]
    reasons = "; ".join(_list_reasons(finding, omitted)) or "no reason was recorded"
    return f"{frame} in {where} could not be compared: {reasons}."


def _list_reasons(finding: Mapping, omitted: pl.DataFrame) -> list[str]:
    """What comparisons/omitted says of the finding."""
    prefix = f"finding {finding['name']}: "
    return [reason.removeprefix(prefix) for reason in omitted["reason"] if reason.startswith(prefix)]
