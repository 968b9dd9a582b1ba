"""The passages on which measures disagree most: where to read before a measure is believed."""

import polars as pl

from frameshift.names import COMBINED

_SCHEMA = {
    "frame": pl.String,
    "rank": pl.Int64,
    "passage_id": pl.String,
    "article_id": pl.String,
    "text": pl.String,
    "spread": pl.Float64,
    "measure": pl.String,
    "percentile": pl.Float64,
}


def list_disagreements(scores: pl.DataFrame, passages: pl.DataFrame, *, n: int = 20) -> pl.DataFrame:
    """The `n` passages of each frame with the largest spread between measures, one row for each of their measures.

    `scores` is frames/passages, `passages` corpus/passages. Measures have different scales, so passages are compared by
    their percentile within a frame and measure: the percentage of passages with a lower score, equal ones counting
    half. `spread` is the highest percentile minus the lowest, from 0 to 100, `rank` 1 for the largest; equal spreads
    stand in the order of passage_id. The combined measure is none of its own and is left out. A text that stands in
    several articles is listed once. Fewer than two measures leave nothing to list.

    Returns frame, rank, passage_id, article_id, text, spread, measure, percentile.
    """
    by = ["frame", "measure"]
    ranked = (
        scores.lazy()
        .filter(pl.col("measure") != COMBINED)
        .select(
            *by, "passage_id", percentile=100 * (pl.col("score").rank("average").over(by) - 0.5) / pl.len().over(by)
        )
    )
    most = (
        ranked.group_by("frame", "passage_id")
        .agg(spread=pl.col("percentile").max() - pl.col("percentile").min(), n_measures=pl.len())
        .filter(pl.col("n_measures") > 1)
        .join(passages.lazy().select("passage_id", "article_id", "text"), on="passage_id", how="inner")
        .sort(["frame", "spread", "passage_id"], descending=[False, True, False])
        .unique(["frame", "text"], keep="first", maintain_order=True)
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("frame"))
        .filter(pl.col("rank") <= n)
    )
    listed = most.join(ranked, on=["frame", "passage_id"], how="left").sort("frame", "rank", "measure")
    return listed.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items()).collect()
