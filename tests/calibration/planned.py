"""Weekly panels and articles from the demo's plan, without any text: thousands of corpora for the simulations."""

from datetime import timedelta

import numpy as np
import polars as pl

from frameshift.comparisons.series import Panel, weekly_panels
from frameshift.demo.knobs import FRAMES, ISSUE, START, Knobs
from frameshift.demo.plan import Plan, draw_plan
from frameshift.demo.truth import sum_articles


def list_articles(plan: Plan) -> pl.DataFrame:
    """The plan's articles as corpus/articles has them (article_id, source, date, date_precision, duplicate_of,
    wire_cluster), with topic, n_passages, n_migration and the true shares (share_threat, …)."""
    story = pl.format("s{}", "story")
    return sum_articles(plan).with_columns(
        pl.col("original_id").alias("article_id"),
        date_precision=pl.lit("day"),
        duplicate_of=pl.lit(None, pl.String),
        wire_cluster=story,
    )


def true_outcomes(articles: pl.DataFrame) -> pl.DataFrame:
    """Outcomes (see comparisons.series) of the flags themselves: every frame and the issue, and frames within it."""
    parts = [
        articles.select(
            "article_id",
            frame=pl.lit(frame),
            given=pl.lit(given, pl.String),
            total=pl.col(f"share_{frame}_given_{given}" if given else f"share_{frame}"),
        )
        for frame, given in [*((f, None) for f in (*FRAMES, ISSUE)), *((f, ISSUE) for f in FRAMES)]
    ]
    return pl.concat(parts).drop_nulls("total").with_columns(weight=pl.lit(1.0), counted=pl.lit(True))


def draw_panels(knobs: Knobs) -> dict[tuple[str, str | None], Panel]:
    """The panels of one draw of the plan, by frame and given."""
    articles = draw_articles(knobs)
    panels, _ = weekly_panels(true_outcomes(articles), articles, min_articles=20)
    return {(panel.frame, panel.given): panel for panel in panels}


def week_date(week: int):
    """The Monday of a week of the plan."""
    return START + timedelta(weeks=int(week))


def allowed_rejections(replications: int, level: float = 0.05) -> float:
    """The share of rejections that a test which holds its level stays below with probability .999."""
    from scipy.stats import binom

    return float(binom.ppf(0.999, replications, level) / replications)


def covered_range(replications: int, low: float = 0.93, high: float = 0.97) -> tuple[float, float]:
    """Where the coverage of an interval whose true coverage lies between `low` and `high` falls with 99.9%."""
    from scipy.stats import binom

    limits = binom.ppf(0.0005, replications, low), binom.ppf(0.9995, replications, high)
    return tuple(np.array(limits) / replications)


def draw_articles(knobs: Knobs) -> pl.DataFrame:
    """The articles of one draw of the plan (list_articles)."""
    return list_articles(draw_plan(knobs))


def true_scores(articles: pl.DataFrame) -> pl.DataFrame:
    """The flags themselves as frames/articles has scores: calibrated shares of the measure "true"."""
    outcomes = true_outcomes(articles).join(
        articles.select("article_id", "n_passages", "n_migration"), on="article_id", maintain_order="left"
    )
    passages = pl.when(pl.col("given").is_null()).then("n_passages").otherwise("n_migration")
    return outcomes.select(
        *("article_id", "frame", "given", "weight"),
        measure=pl.lit("true"),
        score="total",
        share="total",
        n_passages=passages,
        passages=passages.cast(pl.Float64),
    )
