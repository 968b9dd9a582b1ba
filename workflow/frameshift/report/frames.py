"""What the page says of the frames: what they are, how firmly they are measured, and how that compares with people."""

from collections.abc import Mapping, Sequence

import polars as pl

from frameshift.frames.codebook import Entry
from frameshift.names import ALL_SOURCES, CODERS

METRICS = {  # of the accuracy of a measure, in the order of the page
    "auc": "AUC",
    "average precision": "Average precision",
    "f1": "F1",
    "calibration error": "Calibration error",
}
AGREEMENT = {"krippendorff alpha": "Krippendorff's α", "cohen kappa": "Cohen's κ", "gwet ac1": "Gwet's AC1"}
DIFFERENCES = {"q source": "sources", "q era": "eras"}
MOST_DISAGREED = 3  # passages shown of each entry


def describe_entries(codebook: Mapping[str, Entry], voices: pl.DataFrame, sensitivity: pl.DataFrame) -> list[dict]:
    """Each entry with its definition and, over all sources, what is quoted and denied, and how firm the codebook is.

    `firm` of `n_sources` sources lie on the same side of the mean of all in 95% of the codebooks drawn anew;
    `agreement` is the rank correlation of passages between them and the codebook as it is.
    """
    entries = []
    for name, entry in codebook.items():
        spoken = voices.filter(frame=name, source=ALL_SOURCES)
        drawn = sensitivity.filter(pl.col("frame") == name)
        sources = drawn.filter(pl.col("source") != ALL_SOURCES)
        whole = drawn.filter(pl.col("source") == ALL_SOURCES)
        entries.append(
            {
                **{"name": name, "label": entry.label, "kind": entry.kind, "definition": entry.definition},
                "n_passages": spoken["n_passages"].sum(),
                "quoted": spoken["quoted"].item() if len(spoken) else None,
                "denied": spoken["denied"].item() if len(spoken) else None,
                "agreement": whole["agreement"].item() if len(whole) else None,
                "n_sources": len(sources),
                "firm": len(sources.filter((pl.col("low") > 0) | (pl.col("high") < 0))),
            }
        )
    return entries


def describe_validation(validation: pl.DataFrame, entries: Sequence[str]) -> dict[str, list]:
    """frames/validation over all sources and times: `agreement` and `accuracy` as rows of text, and `differences`.

    A row of accuracy has frame, measure, n and a cell for each of METRICS; one of agreement frame, n and a cell for
    each of AGREEMENT; a difference says of a frame and measure that its errors differ (q < .05) by source or era.
    Frames stand in the order of `entries`.
    """
    place = pl.col("frame").replace_strict(list(entries), range(len(entries)), return_dtype=pl.Int64)
    overall = validation.filter(pl.col("source") == ALL_SOURCES, pl.col("period") == "all").sort(
        place, maintain_order=True
    )
    of_people = pl.col("measure") == CODERS
    tests = overall.filter(pl.col("metric").is_in(list(DIFFERENCES)), pl.col("estimate") < 0.05)
    return {
        "agreement": _tabulate(overall.filter(of_people), AGREEMENT),
        "accuracy": _tabulate(overall.filter(~of_people), METRICS),
        "differences": [
            {**row, "between": DIFFERENCES[row["metric"]]}
            for row in tests.select("frame", "measure", "metric", "estimate").iter_rows(named=True)
        ],
    }


def _tabulate(table: pl.DataFrame, metrics: Mapping[str, str]) -> list[dict]:
    wanted = table.filter(pl.col("metric").is_in(list(metrics)))
    rows = []
    for (frame, measure), group in wanted.group_by("frame", "measure", maintain_order=True):
        values = {row["metric"]: row for row in group.iter_rows(named=True)}
        rows.append(
            {
                **{"frame": frame, "measure": measure, "n": group["n"].max()},
                "cells": [say_interval(values.get(metric)) for metric in metrics],
            }
        )
    return rows


def say_interval(row: Mapping | None) -> str:
    """An estimate with its interval as text: ".87 (.83 to .91)"."""
    if row is None or row["estimate"] is None:
        return "–"
    said = _say(row["estimate"])
    return said if row["low"] is None else f"{said} ({_say(row['low'])} to {_say(row['high'])})"


def _say(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def list_disagreed(disagreements: pl.DataFrame, articles: pl.DataFrame) -> list[dict]:
    """Of each frame the passages on which measures disagree most: frame, text, source, date, percentiles."""
    first = disagreements.filter(pl.col("rank") <= MOST_DISAGREED)
    known = first.join(
        articles.select("article_id", "source", "date"), on="article_id", how="left", maintain_order="left"
    )
    return [
        {
            **{"frame": frame, "text": rows["text"][0], "source": rows["source"][0], "date": rows["date"][0]},
            "percentiles": [
                (measure, f"{value:.0f}") for measure, value in rows.select("measure", "percentile").rows()
            ],
        }
        for (frame, _), rows in known.group_by("frame", "rank", maintain_order=True)
    ]
