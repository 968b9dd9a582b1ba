"""Tests that stand beside the contrasts: trends, and the declared findings among events and decompositions."""

import polars as pl

from frameshift.comparisons.placebo import WINDOW
from frameshift.tables import empty_table

_TREND = {
    **empty_table("comparisons/contrasts").schema,
    "p_any": pl.Float64,
    **dict.fromkeys(["n_articles", "n_clusters", "block_weeks"], pl.Int64),
}
_COMPARISON = ["frame", "given", "source", "kind", "from", "to", "form"]


def tabulate_trends(rows: list[dict]) -> pl.DataFrame:
    """The rows of trends.test_trends as a table, before q is added."""
    table = pl.DataFrame(rows, schema=_TREND)
    return table.drop("q", "leads")


def gather_tests(trends: pl.DataFrame, events: pl.DataFrame, decomposition: pl.DataFrame) -> pl.DataFrame:
    """Rows for contrasts.test_contrasts (its `elsewhere`), in the words of comparisons/contrasts.

    `trends` are the tests of trends.test_trends, all of which are taken; of comparisons/events and comparisons/
    decomposition those rows that bear the name of a finding, with the range of the part over all models and seeds.
    """
    named = pl.col("finding").is_not_null()
    of_events = events.filter(named, pl.col("lag").is_null()).with_columns(
        contrast=pl.format("{} weeks after {}", pl.lit(WINDOW), "event"), period=pl.col("event")
    )
    totals = decomposition.filter(pl.col("part") == "total").select(*_COMPARISON, "model", total="estimate")
    ranges = decomposition.group_by(*_COMPARISON, "part").agg(
        models_low=pl.min_horizontal("estimate", "seed_low").min(),
        models_high=pl.max_horizontal("estimate", "seed_high").max(),
    )
    same = {"how": "left", "nulls_equal": True, "maintain_order": "left"}
    parts = (
        decomposition.filter(named)
        .join(totals, on=[*_COMPARISON, "model"], **same)
        .join(ranges, on=[*_COMPARISON, "part"], **same)
    )
    earlier, later = (pl.col(side).str.replace("/", " to ") for side in ("from", "to"))
    of_parts = parts.with_columns(
        contrast=pl.format("{} against {}", later, earlier), period=pl.format("{}, {}", earlier, later)
    ).drop("kind")
    return pl.concat([trends, of_events, of_parts], how="diagonal")
