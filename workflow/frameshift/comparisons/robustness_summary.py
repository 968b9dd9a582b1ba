"""What the sweep says of each finding: whether the sign stays, how far the estimate ranges, what moves it most."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from frameshift.comparisons.sweep import MAIN, SETTINGS

_SUMMARY = {
    "finding": pl.String,
    "scale": pl.String,
    "estimate": pl.Float64,
    "n_specifications": pl.Int64,
    **dict.fromkeys(["same_sign", "lowest", "highest", "lowest_relative", "highest_relative"], pl.Float64),
    "moved_by": pl.String,
    "moved_settings": pl.String,
    "moved": pl.Float64,
}


def summarise_robustness(table: pl.DataFrame) -> pl.DataFrame:
    """One row a finding of comparisons/robustness that could be estimated as in the run.

    finding, scale and estimate of the run; n_specifications besides it, same_sign (share of them with its sign); lowest
    and highest on its scale and by its measure, and lowest_relative and highest_relative of all, in standard deviations
    of the articles, all with the run's own. `moved_by` is the specification that moves the estimate furthest,
    `moved_settings` what it changes, and `moved` how far: in half-widths of the interval, so beyond 1 it lies outside;
    null without an interval. A specification on another scale is held against the one that only leaves the labels out,
    where the sweep has it, because the labels are not what it is about.
    """
    rows = [
        _summarise(part) for _, part in table.group_by("finding", maintain_order=True) if MAIN in part["specification"]
    ]
    return pl.DataFrame(rows, schema=_SUMMARY)


def _summarise(part: pl.DataFrame) -> dict:
    """The summary of one finding's rows."""
    rows = part.to_dicts()
    main = next(row for row in rows if row["specification"] == MAIN)
    others = [row for row in rows if row is not main]
    here = [row["estimate"] for row in rows if row["scale"] == main["scale"] and row["measure"] is None]
    relative = [row["relative"] for row in rows if row["relative"] is not None]
    summary = {
        **{key: main[key] for key in ("finding", "scale", "estimate")},
        "n_specifications": len(others),
        "same_sign": float(np.mean([row["estimate"] * main["estimate"] > 0 for row in others])) if others else None,
        **{"lowest": min(here), "highest": max(here)},
        **{"lowest_relative": min(relative, default=None), "highest_relative": max(relative, default=None)},
    }
    moves = {row["specification"]: _move(row, _reference(row, main, others)) for row in others}
    moves = {name: move for name, move in moves.items() if move is not None}
    if moves:
        name = max(moves, key=lambda name: moves[name])
        settings = _changed(next(row for row in others if row["specification"] == name))
        summary |= {"moved_by": name, "moved": moves[name]}
        summary |= {"moved_settings": ", ".join(f"{setting} {value}" for setting, value in settings.items())}
    return summary


def _changed(row: Mapping) -> dict:
    return {name: row[name] for name in SETTINGS if row[name] is not None}


def _reference(row: Mapping, main: dict, others: list[dict]) -> dict:
    """The row that differs from `row` by least: that of the run, or on another scale the one without labels."""
    if row["scale"] == main["scale"] or _changed(row) == {"labels": "unused"}:
        return main
    alike = (other for other in others if _changed(other) == {"labels": "unused"} and other["scale"] == row["scale"])
    return next(alike, main)


def _move(row: Mapping, reference: Mapping) -> float | None:
    """How far `row` lies from `reference`, in half-widths of the reference's interval; None without an interval."""
    if None in (row["relative"], reference["relative"], reference["low"], reference["high"]):
        return None
    half_width = (reference["high"] - reference["low"]) / 2 / reference["deviation"]
    return abs(row["relative"] - reference["relative"]) / half_width if half_width > 0 else None
