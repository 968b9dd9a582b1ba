"""When a frame's prevalence broke, in each source and in all of them together."""

from datetime import date, timedelta

import polars as pl

from frameshift.comparisons.breaks import Break, find_breaks
from frameshift.comparisons.intervals import LEVEL
from frameshift.comparisons.multiplicity import add_q
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.periods import monday_of
from frameshift.comparisons.series import Panel
from frameshift.tables import ALL_SOURCES, check_table, empty_table

_COLUMNS = {**empty_table("comparisons/changepoints").schema, "rank": pl.Int64, "segment": pl.String}


def find_changepoints(panels: list[Panel], *, scale: str, draws: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The date at which each series most likely broke: (comparisons/changepoints, comparisons/omitted).

    A series is a panel's source of those compared, or all sources. It has one row of `rank` 1, its best date, even
    where p is large; rank 2 are breaks within a side of that one, rank 3 within a side of these, only those with
    p ≤ .05 (binary segmentation: Vostrikova 1981). `segment` is the first and the last day of the weeks in which it
    was searched for.

    p tests that the expected rate is constant in the segment (see breaks.py): a trend can make it small too, a pulse of
    some weeks hardly ever. `shape` says whether one step or one straight line gains more in the weighted sum of
    squares, beyond what it gains by chance; null where p > .05. It knows a step (81–100% of those found, simulated),
    but a line only where it is steep: at four articles a week 15% of the lines found of 8 points, 77% of those of 20.
    Of a trend `date` only parts the halves that differ most; it has no interval, and no further breaks are sought.
    q controls the false discovery rate over all series (Benjamini & Hochberg 1995), within each rank.

    `shift` is the mean from `date` on minus the mean before, within the segment and without the annual wave, on the
    scale of the outcome. `low` and `high` hold for all dates at once (95%), because the date was chosen for its large
    shift: they exclude 0 just where p < .05. `date_low` and `date_high` are the first and last week that fit the step
    nearly as well as the best, by what searching again in bootstrap draws around it loses at the true date in 95% of
    them (Eo & Morley 2015); null where p > .05. `draws` is the number of bootstrap draws of each test.
    """
    rows, omitted = [], []
    for panel in panels:
        named = {"frame": panel.frame, "given": panel.given}
        for source in [*panel.compared, ALL_SOURCES]:
            found, reason = find_breaks(*panel.take(source), draws=draws, seed=seed)
            rows += [{**named, "source": source, **_describe(each, panel.first_week)} for each in found]
            if reason:
                within = f" within {panel.given}" if panel.given else ""
                omitted.append({"frame": panel.frame, "source": source, "reason": f"no break{within}: {reason}"})
    changepoints = add_q(pl.DataFrame(rows, schema=_COLUMNS).with_columns(scale=pl.lit(scale)), within=["rank"])
    kept = changepoints.filter((pl.col("rank") == 1) | (pl.col("p") <= 1 - LEVEL))
    return check_table(kept, "comparisons/changepoints"), list_omissions("changepoints", omitted)


def _describe(found: Break, first_week: int) -> dict:
    """A row of the table."""

    def day(week: int) -> date:
        return monday_of(first_week + week)

    real = found.p <= 1 - LEVEL
    dated = real and found.shape == "step"
    return {
        "date": day(found.week),
        "date_low": day(found.week_low) if dated else None,
        "date_high": day(found.week_high) if dated else None,
        "shape": found.shape if real else None,
        **{name: getattr(found, name) for name in ("shift", "low", "high", "p", "rank")},
        "segment": f"{day(found.start)}/{day(found.end) - timedelta(days=1)}",
    }
