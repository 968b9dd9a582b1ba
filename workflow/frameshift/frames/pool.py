"""From passages to articles: means over all passages, and over those that are about an issue."""

from collections.abc import Sequence

import polars as pl

from frameshift.errors import UserError
from frameshift.names import COMBINED
from frameshift.tables import check_table


def pool_frames(
    passage_scores: pl.DataFrame, passages: pl.DataFrame, *, given: Sequence[str], threshold: float | None
) -> pl.DataFrame:
    """Mean score an article by frame, measure and issue: the table frames/articles.

    `passage_scores` is frames/passages, `passages` corpus/passages. Rows with `given` null are means over all
    passages of an article. For each issue in `given` there is a row only where the article has passages about it:
    those that have one of the issue's words or, where `threshold` is a number, a combined score for the issue of at
    least that. `share` is null: shares need labels. Raises UserError for an issue that was not scored, or not by the
    measure that is needed.
    """
    scores = passage_scores.join(
        passages.select("passage_id", "article_id"), on="passage_id", how="inner", maintain_order="left"
    )
    pooled = [_mean_by_article(scores).with_columns(given=pl.lit(None, dtype=pl.String))]
    for issue in given:
        about = find_passages_about(passage_scores, issue, threshold=threshold)
        within = scores.join(about, on="passage_id", how="semi", maintain_order="left")
        pooled.append(_mean_by_article(within).with_columns(given=pl.lit(issue)))
    table = pl.concat(pooled).with_columns(share=pl.lit(None, dtype=pl.Float64))
    return check_table(table.sort("article_id", "frame", "given", "measure"), "frames/articles")


def find_passages_about(passage_scores: pl.DataFrame, issue: str, *, threshold: float | None) -> pl.DataFrame:
    """The passages about `issue`, as a table of passage_id: see pool_frames."""
    measure = "lexicon" if threshold is None else COMBINED
    of_issue = passage_scores.filter(pl.col("frame") == issue)
    if of_issue.is_empty() and not passage_scores.is_empty():
        entries = ", ".join(passage_scores["frame"].unique(maintain_order=True))
        raise UserError(f"`comparisons.given` names '{issue}'; the codebook's entries are {entries}")
    by_measure = of_issue.filter(pl.col("measure") == measure)
    if by_measure.is_empty() and not of_issue.is_empty():
        raise UserError(
            f"`frames.measures` lacks '{measure}', which tells whether a passage is about {issue} "
            f"(`comparisons.given`); add it, or set `frames.given_threshold`"
        )
    is_about = pl.col("score") > 0 if threshold is None else pl.col("score") >= threshold
    return by_measure.filter(is_about).select("passage_id")


def _mean_by_article(scores: pl.DataFrame) -> pl.DataFrame:
    return scores.group_by("article_id", "frame", "measure", maintain_order=True).agg(
        pl.col("score").mean(), n_passages=pl.len().cast(pl.Int64)
    )
