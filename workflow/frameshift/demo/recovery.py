"""What the estimates find of what was planted."""

import polars as pl

from frameshift.comparisons.contrasts import test_contrasts
from frameshift.frames.pool import choose_scale


def compare_planted(
    planted: pl.DataFrame, scores: pl.DataFrame, articles: pl.DataFrame, *, measure: str
) -> pl.DataFrame:
    """Each planted effect with the change of the true share and of the estimated intensity between the same windows.

    `planted` is the demo's truth_planted, `scores` frames/articles, `articles` corpus/articles. Columns: name, source,
    frame, given, kind, planted and realised (change of the expected share and of the share in these articles, 0 to 1),
    estimate, low, high (of the intensity or share; null with too few weeks), scale, result (in words).
    """
    effects = [
        {
            "name": f"{number}",
            **{key: row[key] for key in ("frame", "given", "source")},
            "kind": "change",
            "windows": [(row[f"{side}_from"], row[f"{side}_to"]) for side in ("before", "after")],
            "family": "planted",
            "expect": "none" if row["kind"] == "none" else "rise",
        }
        for number, row in enumerate(planted.iter_rows(named=True))
    ]
    issues = sorted({effect["given"] for effect in effects if effect["given"]})
    scale = choose_scale(scores, measure)
    contrasts, _ = test_contrasts(
        scores, articles, effects, measure=measure, given=issues, min_articles=1, scale=scale, groups={}
    )
    found = contrasts.select(pl.col("finding").cast(pl.Int64).alias("number"), "estimate", "low", "high").drop_nulls(
        "number"
    )
    table = (
        planted.with_row_index("number")
        .with_columns(
            pl.col("number").cast(pl.Int64),
            planted=pl.col("expected_after") - pl.col("expected_before"),
            realised=pl.col("realised_after") - pl.col("realised_before"),
        )
        .join(found, on="number", how="left", maintain_order="left")
    )
    return table.select(
        *("name", "source", "frame", "given", "kind", "planted", "realised", "estimate", "low", "high"),
        scale=pl.lit(scale),
        result=_judge(),
    )


def _judge() -> pl.Expr:
    """What the interval says of the planted change."""
    significant = (pl.col("low") > 0) | (pl.col("high") < 0)
    same_side = pl.col("estimate").sign() == pl.col("planted").sign()
    nothing = pl.col("kind") == "none"
    return (
        pl.when(pl.col("low").is_null())
        .then(pl.lit("too few weeks for an interval"))
        .when(nothing & significant)
        .then(pl.lit("a change where none was planted"))
        .when(nothing)
        .then(pl.lit("nothing, as planted"))
        .when(significant & same_side)
        .then(pl.lit("found"))
        .when(significant)
        .then(pl.lit("found with the wrong sign"))
        .otherwise(pl.lit("not established"))
    )
