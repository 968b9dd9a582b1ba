"""What a finished run found, in a few lines for the terminal."""

import json
from pathlib import Path

import polars as pl

from frameshift.errors import UserError
from frameshift.report.findings import describe_findings


def summarise(folder: str | Path) -> str:
    """The findings of the run in `folder` as sentences, on the demo the planted beside the estimated, and the path.

    Raises UserError where the run is not finished.
    """
    folder = Path(folder)
    page = folder / "report.html"
    if not page.exists():
        raise UserError(
            f"{page}: there is no such page; the run is not finished (make run CONFIG=config/{folder.name}.yaml)"
        )
    declared = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["config"]["findings"]
    contrasts, omitted = (pl.read_parquet(folder / f"comparisons/{name}.parquet") for name in ("contrasts", "omitted"))
    lines = ["Findings:"] if declared else ["No findings were declared in the configuration."]
    for finding in describe_findings(contrasts, declared, omitted):
        lines += [f"  {finding['name']}: {finding['sentence']} Verdict: {finding['verdict']}."]
    recovery = folder / "demo" / "recovery.parquet"
    if recovery.exists():
        lines += ["", *_compare_planted(pl.read_parquet(recovery))]
    return "\n".join([*lines, "", f"Page: {page}", f"Figures: {folder / 'figures'}"])


def _compare_planted(recovery: pl.DataFrame) -> list[str]:
    """The table of planted and estimated changes, a line each."""
    scale = recovery["scale"][0]
    factor, digits, unit = (1, 2, "intensity") if scale == "intensity" else (100, 1, "calibrated share, in points")
    lines = [
        "Planted (change of the expected share), realised (of the share in these articles), and estimated (of the",
        f"{unit}, with 95% interval):",
        f"  {'effect':<9}{'source':<17}{'frame':<28}{'planted':>13}{'realised':>13}{'estimated':>11}{'interval':>18}"
        "  result",
    ]
    for row in recovery.iter_rows(named=True):
        frame = row["frame"] if row["given"] is None else f"{row['frame']} given {row['given']}"
        planted, realised = (f"{100 * row[name]:+.1f} points" for name in ("planted", "realised"))
        estimated = "–" if row["estimate"] is None else f"{factor * row['estimate']:+.{digits}f}"
        interval = (
            "–" if row["low"] is None else f"{factor * row['low']:+.{digits}f} to {factor * row['high']:+.{digits}f}"
        )
        lines.append(
            f"  {row['name']:<9}{row['source']:<17}{frame:<28}{planted:>13}{realised:>13}{estimated:>11}{interval:>18}"
            f"  {row['result']}"
        )
    return lines
