"""The table of validation: agreement between people, accuracy of each measure, and whether it errs alike everywhere."""

import polars as pl

from frameshift.frames.accuracy import keep_comparable, measure_accuracy
from frameshift.frames.agreement import measure_agreement
from frameshift.frames.eras import add_eras
from frameshift.frames.invariance import test_invariance
from frameshift.names import CODERS
from frameshift.tables import check_table, empty_table


def validate(codes: pl.DataFrame, labelled: pl.DataFrame, *, seed: int) -> tuple[pl.DataFrame, list[dict]]:
    """frames/validation, and a reason (frame, source, period, reason) for each thing that could not be measured.

    `codes` is frames/codes, `labelled` frames/labelled. Rows of measure CODERS are agreement between people, the others
    accuracy and invariance of a measure; what the metrics mean stands in agreement.py, accuracy.py and invariance.py.
    Beside each "p source" and "p era" stands a q, that of Benjamini & Hochberg (1995) over all of them. `seed` seeds
    the draws for intervals and tests. Nothing depends on the order of the rows.
    """
    agreement, reasons = measure_agreement(codes, labelled, seed=seed)
    rows = [{"measure": CODERS} | row for row in agreement]
    kept, outside = keep_comparable(labelled)
    reasons += outside
    kept = add_eras(kept)
    for judge in (measure_accuracy, test_invariance):
        found, lacking = judge(kept, seed=seed)
        rows += found
        reasons += lacking
    table = _add_q(pl.DataFrame(rows, schema=empty_table("frames/validation").schema))
    table = table.sort("frame", "measure", "source", "period", "metric")
    return check_table(table, "frames/validation"), list({tuple(r.values()): r for r in reasons}.values())


def _add_q(table: pl.DataFrame) -> pl.DataFrame:
    from scipy.stats import false_discovery_control

    tests = table.filter(pl.col("metric").str.starts_with("p "), pl.col("estimate").is_not_null())
    q = false_discovery_control(tests["estimate"].to_numpy()) if len(tests) else []
    corrected = tests.with_columns(
        metric=pl.col("metric").str.replace("p ", "q ", literal=True), estimate=pl.Series(q, dtype=pl.Float64)
    )
    return pl.concat([table, corrected])
