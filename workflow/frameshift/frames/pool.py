"""From passages to articles: means over all passages, and over those that are about an issue."""

from collections.abc import Sequence

import polars as pl

from frameshift.errors import UserError
from frameshift.frames.given import parse_given
from frameshift.names import COMBINED
from frameshift.tables import check_table

SCALED = {"intensity": "score", "share": "share"}  # the column of frames/articles that each scale is the mean of


def pool_frames(
    passage_scores: pl.DataFrame,
    passages: pl.DataFrame,
    joint: pl.DataFrame | None,
    *,
    given: Sequence[str],
    threshold: float | None,
) -> pl.DataFrame:
    """Mean score and share an article by frame, measure and issue: the table frames/articles.

    `passage_scores` is frames/passages, `passages` corpus/passages. Rows with `given` null are means over all passages
    of an article. For each of `given` there is a row only where the article has passages about it (see
    find_passages_about), over which the mean score is taken; it has no share, because passages with a word of the issue
    are not those about it. What an issue is, or lacks, is not compared within it.

    With `joint` (frames/joint) nothing has to be decided passage by passage: of the combined measure, score and share
    are means weighted by the probability that a passage is about the issue, so the share is ΣP(frame and issue) /
    ΣP(issue). `passages` is then the sum of these probabilities, and `weight` the probability that any passage is about
    it; else the number of passages about it, and 1. Raises UserError for an entry that was not scored, or not by the
    measure that is needed.
    """
    scores = passage_scores.join(
        passages.select("passage_id", "article_id"), on="passage_id", how="inner", maintain_order="left"
    )
    pooled = [_mean_by_article(scores, None)]
    for name in given:
        about = find_passages_about(passage_scores, name, threshold=threshold)
        within = scores.join(about, on="passage_id", how="semi", maintain_order="left").filter(
            ~pl.col("frame").is_in(parse_given(name))
        )
        pooled.append(_mean_by_article(within, name).with_columns(share=pl.lit(None, pl.Float64)))
    if joint is not None:
        likely = _mean_by_likelihood(scores.filter(pl.col("measure") == COMBINED), joint)
        pooled = [part.join(likely, on=_ROW, how="anti", maintain_order="left") for part in pooled]
        pooled.append(likely)
    return check_table(pl.concat(pooled).sort("article_id", "frame", "given", "measure"), "frames/articles")


_ROW = ["frame", "given", "measure"]


def choose_scale(scores: pl.DataFrame, measure: str) -> str:
    """The scale that `measure` of frames/articles allows: "share" where every frame has one, else "intensity"."""
    shares = scores.filter(pl.col("measure") == measure, pl.col("given").is_null())["share"]
    return "share" if len(shares) and not shares.null_count() else "intensity"


def find_passages_about(passage_scores: pl.DataFrame, name: str, *, threshold: float | None) -> pl.DataFrame:
    """The passages about `name` of `comparisons.given`, as a table of passage_id.

    Those that have one of the issue's words or, where `threshold` is a number, a combined score for the issue of at
    least that; "migration without victim" leaves out those that are about victim by the same rule.
    """
    given = parse_given(name)
    about = _find_entry(passage_scores, given.issue, threshold)
    if given.without:
        about = about.join(_find_entry(passage_scores, given.without, threshold), on="passage_id", how="anti")
    return about


def _find_entry(passage_scores: pl.DataFrame, entry: str, threshold: float | None) -> pl.DataFrame:
    measure = "lexicon" if threshold is None else COMBINED
    of_entry = passage_scores.filter(pl.col("frame") == entry)
    if of_entry.is_empty() and not passage_scores.is_empty():
        entries = ", ".join(passage_scores["frame"].unique(maintain_order=True))
        raise UserError(f"`comparisons.given` names '{entry}'; the codebook's entries are {entries}")
    by_measure = of_entry.filter(pl.col("measure") == measure)
    if by_measure.is_empty() and not of_entry.is_empty():
        raise UserError(
            f"`frames.measures` lacks '{measure}', which tells whether a passage is about {entry} "
            f"(`comparisons.given`); add it, or set `frames.given_threshold`"
        )
    is_about = pl.col("score") > 0 if threshold is None else pl.col("score") >= threshold
    return by_measure.filter(is_about).select("passage_id")


def _mean_by_article(scores: pl.DataFrame, given: str | None) -> pl.DataFrame:
    pooled = scores.group_by("article_id", "frame", "measure", maintain_order=True).agg(
        pl.col("score", "share").mean(), n_passages=pl.len().cast(pl.Int64), passages=pl.len().cast(pl.Float64)
    )
    return pooled.select(
        *("article_id", "frame", "measure", "score", "share", "n_passages", "passages"),
        given=pl.lit(given, dtype=pl.String),
        weight=pl.lit(1.0),
    )


def _mean_by_likelihood(scores: pl.DataFrame, joint: pl.DataFrame) -> pl.DataFrame:
    likely = scores.drop("share").join(joint, on=["passage_id", "frame"], maintain_order="left")
    pooled = likely.group_by("article_id", "frame", "given", "measure", maintain_order=True).agg(
        score=(pl.col("score") * pl.col("about")).sum() / pl.col("about").sum(),
        share=pl.col("share").sum() / pl.col("about").sum(),
        n_passages=pl.len().cast(pl.Int64),
        passages=pl.col("about").sum(),
        weight=1 - (1 - pl.col("about")).product(),
    )
    return pooled.filter(pl.col("passages") > 0).select(
        *("article_id", "frame", "measure", "score", "share", "n_passages", "passages", "given", "weight")
    )
