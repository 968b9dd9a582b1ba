"""What the estimates find of what was planted."""

import polars as pl

from frameshift.comparisons.contrasts import test_contrasts
from frameshift.frames.pool import choose_scale


def compare_planted(
    planted: pl.DataFrame,
    scores: pl.DataFrame,
    articles: pl.DataFrame,
    *,
    measure: str,
    outcomes: pl.DataFrame | None = None,
    attenuation: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Each planted effect with the change of the true share and the estimated one between the same windows.

    `planted` is the demo's truth_planted, `scores` frames/articles, `articles` corpus/articles; with comparisons/
    outcomes and attenuation the estimate is the one that leads among the corrected ones. Columns: name, source, frame,
    given, kind, planted and realised (change of the expected share and of the share in these articles, 0 to 1),
    measured (of the intensity or calibrated share), estimate, low, high (null with too few weeks), scale, estimator,
    result (in words).
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
    contrasts, _ = test_contrasts(
        scores,
        articles,
        effects,
        measure=measure,
        given=issues,
        min_articles=1,
        scale=choose_scale(scores, measure),
        groups={},
        outcomes=outcomes,
        attenuation=attenuation,
    )
    found = contrasts.filter(pl.col("finding").is_not_null()).with_columns(number=pl.col("finding").cast(pl.Int64))
    leading = found.filter("leads").select("number", "estimate", "low", "high", "scale", "estimator")
    measured = found.filter(pl.col("estimator").is_null()).select("number", measured="estimate")
    return (
        planted.with_row_index("number")
        .with_columns(
            pl.col("number").cast(pl.Int64),
            planted=pl.col("expected_after") - pl.col("expected_before"),
            realised=pl.col("realised_after") - pl.col("realised_before"),
        )
        .join(measured, on="number", how="left", maintain_order="left")
        .join(leading, on="number", how="left", maintain_order="left")
        .select(
            *("name", "source", "frame", "given", "kind", "planted", "realised", "measured", "estimate", "low", "high"),
            *("scale", "estimator"),
            result=_judge(),
        )
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
