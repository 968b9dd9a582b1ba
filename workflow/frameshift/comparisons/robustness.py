"""Whether the declared findings depend on our choices: estimated again under every specification of the sweep.

A description, not a test: the specifications are neither a sample of all that would be defensible nor independent of
each other (Simonsohn, Simmons & Nelson 2020; Steegen et al. 2016). What is read off is whether the sign stays, how far
the estimate ranges, and what moves it most.
"""

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from frameshift.comparisons.omissions import Impossible, list_omissions
from frameshift.comparisons.reestimate import estimate_finding
from frameshift.comparisons.respecify import ReadMeasured, Run, Settings, respecify
from frameshift.comparisons.sweep import MAIN, SETTINGS, Sweep
from frameshift.tables import check_table, empty_table

_TYPES = {str: pl.String, int: pl.Int64, float: pl.Float64}
_SETTINGS = {name: _TYPES.get(allowed[0], pl.String) for name, allowed in SETTINGS.items()}
_CONTRACT = empty_table("comparisons/robustness").schema
_COLUMNS = {
    "specification": pl.String,
    **_SETTINGS,
    **_CONTRACT,
    "kind": pl.String,
    **dict.fromkeys(["deviation", "relative"], pl.Float64),
}
_ABOUT_TOPICS = ("mix", "within")  # the kinds of findings for which topics matter


def compare_specifications(
    run: Run, findings: list[dict], sweep: Sweep, read_measured: Callable[[str], tuple[pl.DataFrame, pl.DataFrame]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every finding under the settings of the run (specification "main") and of `sweep`.

    Returns (comparisons/robustness, comparisons/omitted). `read_measured` gives the label-free scores of passages and
    the passages (frames/passages, corpus/passages) of a specification, of MAIN those of the run. Settings that a
    specification does not change are null, and a finding that none of its settings can change is left out of it.

    `estimate`, `low` and `high` are on `scale`, and comparable only where it is the same. `relative` is comparable
    everywhere: the estimate in standard deviations of the articles' outcomes, which are `deviation`, in the unit of the
    scale (Cohen 1988). Like them it does not depend on how many articles there are, as a ratio to the standard error
    would.
    """
    rows, omitted = [], []
    for name, settings in {MAIN: {}, **sweep}.items():
        concerned = [finding for finding in findings if name == MAIN or _matters(settings, finding, run)]
        found, lacking = estimate_findings(run, concerned, settings, partial(read_measured, name))
        rows += [{"specification": name, **settings, **row} for row in found]
        if findings and not concerned:
            reason = "changes no setting that a declared finding depends on" if settings else "is the run as it is"
            lacking = [{"reason": reason}]
        omitted += [{**row, "reason": f"specification {name}: {row['reason']}"} for row in lacking]
    if not findings:
        omitted.append({"reason": "no findings are declared whose robustness could be shown: see `findings`"})
    table = pl.DataFrame(rows, schema=_COLUMNS).with_columns(relative=pl.col("estimate") / pl.col("deviation"))
    return check_table(table, "comparisons/robustness"), list_omissions("robustness", omitted)


def estimate_findings(
    run: Run, findings: list[dict], settings: Settings, read_measured: ReadMeasured
) -> tuple[list[dict], list[dict]]:
    """Rows (finding, kind, scale, estimate, low, high, deviation) with other `settings`, and what cannot be estimated.

    See respecify for `read_measured`.
    """
    if not findings:
        return [], []
    try:
        other = respecify(run, settings, read_measured)
    except Impossible as impossible:
        return [], [{"reason": str(impossible)}]
    rows, omitted = [], []
    for finding in findings:
        windowed = finding | ({"weeks": settings["weeks"]} if "date" in finding and "weeks" in settings else {})
        try:
            row = estimate_finding(other, windowed)
        except Impossible as impossible:
            reason = f"finding {finding['name']}: {impossible}"
            omitted.append({"frame": finding["frame"], "source": finding["source"], "reason": reason})
            continue
        rows.append({"finding": finding["name"], "kind": finding["kind"], **row})
    return rows, omitted


def _matters(settings: Settings, finding: Mapping, run: Run) -> bool:
    """Whether one of the settings can change the estimate of a finding."""
    is_about_topics = finding["kind"] in _ABOUT_TOPICS
    limits = {
        "threshold": finding.get("given") is not None,
        "weeks": "date" in finding and finding.get("weeks") != settings.get("weeks"),
        "sources": finding["kind"] == "gap" or finding["source"] not in run.articles["source"],
        **dict.fromkeys(("model", "n_topics", "seed"), is_about_topics),
    }
    return any(limits.get(name, True) for name in settings)
