"""Findings as sentences that someone who does not read tables can check against them."""

from collections.abc import Mapping, Sequence

import polars as pl

from frameshift.tables import ALL_SOURCES

Q = 0.05  # differences with a larger q are called not established
UNITS = {"intensity": (1, "standard deviations"), "share": (100, "points"), "corrected share": (100, "points")}


def describe_findings(
    contrasts: pl.DataFrame, findings: Sequence[Mapping], omitted: pl.DataFrame
) -> list[dict[str, str | None]]:
    """Each declared finding as {name, sentence, verdict}, in the order of the configuration.

    `contrasts` is comparisons/contrasts with its columns `finding` and `kind`; `findings` the configuration's section;
    a finding without a row in it is explained from comparisons/omitted.
    """
    rows = {row["finding"]: row for row in contrasts.iter_rows(named=True) if row["finding"] is not None}
    out: list[dict[str, str | None]] = []
    for finding in findings:
        row = rows.get(finding["name"])
        if row is None:
            sentence, verdict = _explain_absence(finding, omitted), "not estimated"
        else:
            sentence, verdict = describe_contrast(row), judge(row, finding["expect"])
        out.append({"name": finding["name"], "sentence": sentence, "verdict": verdict})
    return out


def describe_contrast(row: Mapping) -> str:
    """One row of comparisons/contrasts as a sentence.

    >>> describe_contrast({"frame": "threat", "given": None, "source": "all sources", "scale": "intensity",
    ...     "contrast": "13 weeks from 2017-01-09 minus 13 weeks before", "kind": "change",
    ...     "estimate": 0.12, "low": None, "high": None, "q": None})
    'Threat in all sources: 0.12 standard deviations higher in the 13 weeks from 2017-01-09 than in the 13 weeks \
before (too few articles for a test).'
    """
    factor, unit = UNITS[row["scale"]]
    frame = row["frame"] if row["given"] is None else f"{row['frame']} in passages about {row['given']}"
    size = abs(row["estimate"]) * factor
    direction = "higher" if row["estimate"] > 0 else "lower"
    difference = f"{size:.2f} {unit} {direction}"
    if row["kind"] == "change":
        after, before = row["contrast"].split(" minus ")
        against = f" in the {after} than in the {before}"
    else:
        against = " than in all other sources together"
    return f"{frame[0].upper()}{frame[1:]} in {row['source']}: {difference}{against}{_say_evidence(row, factor)}."


def _say_evidence(row: Mapping, factor: float) -> str:
    if row["q"] is None:
        return " (too few articles for a test)"
    q = "q < 0.001" if row["q"] < 0.001 else f"q = {row['q']:.3f}"
    if row["low"] is None:
        return f" (too few weeks for an interval; {q})"
    interval = f"{row['low'] * factor:.2f} to {row['high'] * factor:.2f}".replace("-", "−")
    return f" (95% interval {interval}; {q})"


def judge(row: Mapping, expect: str) -> str:
    """What the test says about the declared expectation: rise, fall, higher, lower or none."""
    if row["q"] is None:
        return "not tested"
    if row["q"] >= Q:
        return "no difference established" + (", as expected" if expect == "none" else f" (expected: {expect})")
    if expect == "none":
        return "a difference, where none was expected"
    agrees = (row["estimate"] > 0) == (expect in ("rise", "higher"))
    return f"as expected ({expect})" if agrees else f"contrary to what was expected ({expect})"


def list_exploratory(contrasts: pl.DataFrame, *, most: int = 8) -> list[str]:
    """The undeclared contrasts with q below 0.05 as sentences, the largest first, at most `most`."""
    found = contrasts.filter(pl.col("finding").is_null(), pl.col("q") < Q).sort(
        pl.col("estimate").abs(), "frame", "source", "given", descending=[True, False, False, False]
    )
    return [describe_contrast(row) for row in found.head(most).iter_rows(named=True)]


def _explain_absence(finding: Mapping, omitted: pl.DataFrame) -> str:
    prefix = f"finding {finding['name']}: "
    reasons = [reason.removeprefix(prefix) for reason in omitted["reason"] if reason.startswith(prefix)]
    where = "all sources" if finding["source"] == ALL_SOURCES else finding["source"]
    frame = finding["frame"][0].upper() + finding["frame"][1:]
    return f"{frame} in {where} could not be compared: {'; '.join(reasons) or 'no reason was recorded'}."
