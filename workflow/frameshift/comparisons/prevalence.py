"""How prevalent each frame is, and each topic, by source and period."""

import polars as pl

from frameshift.comparisons.cells import (
    add_all_sources,
    estimate_cells,
    list_imprecise,
    list_unbounded,
    sum_periods,
    usable_articles,
)
from frameshift.comparisons.gaps import list_gaps
from frameshift.comparisons.omissions import list_omissions
from frameshift.errors import UserError
from frameshift.frames.pool import SCALED
from frameshift.tables import check_table

HALF = 0.5  # an article is counted as one about an issue from this probability on


def select_scores(scores: pl.DataFrame, *, measure: str, given: list[str], scale: str) -> pl.DataFrame:
    """Rows of frames/articles by `measure` with `y`, their value on the scale ("intensity" or "share").

    `given` names what frames are compared within; null, all passages, is always among it. Rows without a value are
    dropped. Raises UserError for a measure that was not scored.
    """
    if not scores.is_empty() and measure not in (found := sorted(scores["measure"].unique())):
        raise UserError(f"comparisons.measure: {measure!r} was not scored; use one of {', '.join(found)}")
    wanted = pl.col("given").is_null() | pl.col("given").is_in(given)
    return scores.filter(pl.col("measure") == measure, wanted, pl.col(SCALED[scale]).is_not_null()).with_columns(
        y=SCALED[scale]
    )


def join_scores(
    scores: pl.DataFrame, articles: pl.DataFrame, *, measure: str, given: list[str], scale: str
) -> pl.DataFrame:
    """select_scores with source, date, date_precision and week of `articles`: frame, given, y, weight, passages.

    `weight` is what an article counts in a mean over articles, `passages` in one over passages.
    """
    return (
        select_scores(scores, measure=measure, given=given, scale=scale)
        .select("article_id", "frame", "given", "weight", "passages", "y")
        .join(articles, on="article_id", maintain_order="left")
        .drop("article_id")
    )


def estimate_prevalence(
    scores: pl.DataFrame,
    articles: pl.DataFrame,
    *,
    measure: str,
    grains: list[str],
    given: list[str],
    min_articles: int,
    scale: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Mean framing by source and period: (comparisons/prevalence, comparisons/omitted).

    `scores` is frames/articles, `articles` corpus/articles. Estimated for every frame, over all passages and within
    each issue of `given`; by source (those of at least `min_articles` articles) and over all sources; over the whole
    span ("all") and by each of `grains` from the articles whose date tells it; with each article weighing one
    (`weighting` article) and each passage (passage) or, within an issue with shares, as much as it is likely to be
    about it; articles are then counted from probability HALF on. Intervals: see intervals.py. Raises UserError for a
    measure that was not scored.
    """
    usable, sources, omitted = usable_articles(articles, min_articles=min_articles)
    rows = join_scores(scores, usable, measure=measure, given=given, scale=scale)
    days = rows.group_by("frame", "given", "source", "date", "date_precision", "week", maintain_order=True).agg(
        n_articles=(pl.col("weight") >= HALF).sum(),
        articles=pl.col("weight").sum(),
        article=(pl.col("y") * pl.col("weight")).sum(),
        passages=pl.col("passages").sum(),
        passage=(pl.col("y") * pl.col("passages")).sum(),
    )
    periods = sum_periods(days, keys=["frame", "given", "source"], grains=grains)
    sums = pl.concat(
        periods.drop("articles", "article", "passages", "passage").with_columns(
            periods[total].alias("total"), periods[weight].alias("weight"), weighting=pl.lit(total)
        )
        for total, weight in (("article", "articles"), ("passage", "passages"))
    )
    prevalence = (
        add_all_sources(sums, sources=sources).pipe(estimate_cells, scale=scale).with_columns(measure=pl.lit(measure))
    )
    measured = scores.filter(pl.col("measure") == measure, pl.col("given").is_null() | pl.col("given").is_in(given))
    lacking = set.difference(*(set(table.select("frame", "given").unique().iter_rows()) for table in (measured, rows)))
    omitted += [
        {"frame": frame, "reason": f"no article has a {SCALED[scale]} by {measure}{within(issue)}"}
        for frame, issue in sorted(lacking, key=str)
    ]
    omitted += list_imprecise(usable, grains=grains) + list_unbounded(usable) + list_gaps(usable)
    omitted += _unvarying(rows) + _single_periods(prevalence, grains)
    return check_table(prevalence, "comparisons/prevalence"), list_omissions("prevalence", omitted)


def topic_prevalence(
    assignments: pl.DataFrame,
    articles: pl.DataFrame,
    *,
    model: str,
    labels: dict[int, str],
    grains: list[str],
    min_articles: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Share of the articles in each topic, by source and period: (comparisons/prevalence, comparisons/omitted).

    `assignments` is topics/assignments of one model. The frame is "topic 7", or "topic -1" for what the model left
    unassigned; the measure is the model; `label` is the topic's of `labels`, or null. A topic absent from a cell has
    a share of 0 there.
    """
    usable, sources, omitted = usable_articles(articles, min_articles=min_articles)
    rows = usable.join(assignments.select("article_id", "topic"), on="article_id", maintain_order="left")
    days = rows.group_by("source", "date", "date_precision", "week", "topic", maintain_order=True).agg(
        total=pl.len().cast(pl.Float64)
    )
    counts = sum_periods(days, keys=["source", "topic"], grains=grains)
    by = [column for column in counts.columns if column not in ("topic", "total")]
    topics = rows.select(pl.col("topic").unique().sort())
    sums = (
        counts.group_by(by, maintain_order=True)
        .agg(n_articles=pl.col("total").sum().cast(pl.UInt32), weight=pl.col("total").sum())
        .join(topics, how="cross")
        .join(counts, on=[*by, "topic"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("total").fill_null(0),
            frame=pl.format("topic {}", "topic"),
            given=pl.lit(None, pl.String),
            weighting=pl.lit("article"),
        )
        .drop("topic")
    )
    prevalence = (
        add_all_sources(sums, sources=sources)
        .pipe(estimate_cells, scale="share")
        .with_columns(
            measure=pl.lit(model),
            label=pl.col("frame").replace_strict(
                {f"topic {topic}": label for topic, label in labels.items()}, default=None, return_dtype=pl.String
            ),
        )
    )
    omitted += list_imprecise(usable, grains=grains) + list_unbounded(usable) + _single_periods(prevalence, grains)
    return check_table(prevalence, "comparisons/prevalence"), list_omissions("topic prevalence", omitted)


def within(given: str | None) -> str:
    """What a sentence about an outcome ends with: " within migration", or nothing."""
    return "" if given is None else f" within {given}"


def _unvarying(rows: pl.DataFrame) -> list[dict]:
    """Frames of which every article has the same score."""
    constant = (
        rows.group_by("frame", "given")
        .agg(pl.col("y").min(), n=pl.len(), spread=pl.col("y").max() - pl.col("y").min())
        .filter(pl.col("spread") == 0)
        .sort("frame", "given")
    )
    return [
        {
            "frame": row["frame"],
            "reason": f"all {row['n']} articles{within(row['given'])} score {row['y']:g}: no interval",
        }
        for row in constant.iter_rows(named=True)
    ]


def _single_periods(prevalence: pl.DataFrame, grains: list[str]) -> list[dict]:
    """Grains of which the articles cover one period only."""
    periods = {
        grain: prevalence.filter(pl.col("grain") == grain)["period"].unique() for grain in grains if grain != "all"
    }
    return [
        {"period": found[0], "reason": f"the only {grain} with articles: no change over time"}
        for grain, found in periods.items()
        if len(found) == 1
    ]
