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
    swept = folder / "comparisons" / "robustness.parquet"
    robustness = pl.read_parquet(swept) if swept.exists() else None
    lines = ["Findings:"] if declared else ["No findings were declared in the configuration."]
    for finding in describe_findings(contrasts, declared, omitted, robustness):
        lines += [f"  {finding['name']}: {finding['sentence']} Verdict: {finding['verdict']}."]
    recovery = folder / "demo" / "recovery.parquet"
    if recovery.exists():
        lines += ["", *_compare_planted(pl.read_parquet(recovery))]
    return "\n".join([*lines, "", f"Page: {page}", f"Figures: {folder / 'figures'}"])


def _compare_planted(recovery: pl.DataFrame) -> list[str]:
    """The table of planted and estimated changes, a line each."""
    is_intensity = "intensity" in recovery["scale"]
    factor, digits, unit = (1, 2, "intensity") if is_intensity else (100, 1, "share, in points")
    lines = [
        "Planted (change of the expected share), realised (of the share in these articles), measured (of the",
        f"{unit}), and estimated (corrected by what people coded, where it can be; with 95% interval):",
        f"  {'effect':<9}{'source':<17}{'frame':<26}{'planted':>9}{'realised':>9}{'measured':>9}{'estimated':>10}"
        f"{'interval':>16}  result",
    ]

    def say(value: float | None, factor: float = factor, digits: int = digits) -> str:
        return "–" if value is None else f"{factor * value:+.{digits}f}"

    for row in recovery.iter_rows(named=True):
        frame = row["frame"] if row["given"] is None else f"{row['frame']} given {row['given']}"
        planted, realised = (say(row[name], 100, 1) for name in ("planted", "realised"))
        interval = "–" if row["low"] is None else f"{say(row['low'])} to {say(row['high'])}"
        lines.append(
            f"  {row['name']:<9}{row['source']:<17}{frame:<26}{planted:>9}{realised:>9}{say(row['measured']):>9}"
            f"{say(row['estimate']):>10}{interval:>16}  {row['result']}"
        )
    return lines
