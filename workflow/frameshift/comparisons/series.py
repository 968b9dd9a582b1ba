"""The weekly series of each frame in every source: what trends, breaks and events are estimated from.

An outcome is a total and a weight an article, so that the mean of any set of articles is Σ total / Σ weight. Measured
scores give outcomes (find_outcomes), and so do shares corrected by labels (corrected.py).
"""

from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from frameshift.comparisons.cells import list_imprecise, usable_articles
from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.comparisons.prevalence import HALF, select_scores
from frameshift.contracts import DESIGN_BASED
from frameshift.tables import ALL_SOURCES

Table = TypeVar("Table", pl.DataFrame, pl.LazyFrame)


class Panel(NamedTuple):
    """Weekly sums of one frame, alone or within an issue, in every source (rows, sorted by name)."""

    frame: str
    given: str | None
    sources: list[str]  # of all rows
    compared: list[str]  # those with at least min_articles articles, which are shown alone
    first_week: int  # the number of the first column's week (periods.week_of)
    totals: np.ndarray  # (sources, weeks) Σ total
    weights: np.ndarray  # (sources, weeks) Σ weight
    counts: np.ndarray  # (sources, weeks) articles that count

    def take(self, source: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Totals, weights and counts (weeks,) of one source, or of ALL_SOURCES together."""
        rows = slice(None) if source == ALL_SOURCES else [self.sources.index(source)]
        return self.totals[rows].sum(axis=0), self.weights[rows].sum(axis=0), self.counts[rows].sum(axis=0)


def find_outcomes(scores: pl.DataFrame, *, measure: str, given: list[str], scale: str) -> pl.DataFrame:
    """Outcomes by `measure`: article_id, frame, given, total, weight, counted (bool: the article counts as one).

    `scores` is frames/articles; for the rest see prevalence.select_scores. Each article weighs one or, within an issue
    with shares, as much as it is likely to be about it.
    """
    return select_scores(scores, measure=measure, given=given, scale=scale).select(
        *("article_id", "frame", "given", "weight"),
        total=pl.col("y") * pl.col("weight"),
        counted=pl.col("weight") >= HALF,
    )


def weekly_panels(
    outcomes: pl.DataFrame, articles: pl.DataFrame, *, min_articles: int
) -> tuple[list[Panel], list[dict]]:
    """A panel for each frame and given of `outcomes`, sorted, and what is left out (rows with source and reason).

    `articles` is corpus/articles. Only articles of known week enter, copies of a wire story in the week of its first.
    """
    usable, compared, omitted = usable_articles(articles, min_articles=min_articles)
    omitted += list_imprecise(usable, grains=["week"])
    dated = usable.filter(pl.col("week").is_not_null()).select("article_id", "source", "week")
    sums = (
        outcomes.join(dated, on="article_id")
        .group_by("frame", "given", "source", "week")
        .agg(pl.col("total", "weight", "counted").sum())
        .sort("frame", "given", "source", "week")
    )
    panels = []
    for (frame, given), part in sums.group_by("frame", "given", maintain_order=True):
        sources = part["source"].unique().sort()
        week = part["week"].to_numpy() - part["week"].min()
        row = sources.search_sorted(part["source"]).to_numpy()
        arrays = np.zeros((3, len(sources), week.max() + 1))
        for array, column in zip(arrays, ("total", "weight", "counted"), strict=True):
            array[row, week] = part[column].to_numpy()
        among = [source for source in compared if source in sources]
        panels.append(Panel(frame, given, sources.to_list(), among, int(part["week"].min()), *arrays))
    return panels, omitted


def weigh_once(outcomes: Table) -> Table:
    """The rows of comparisons/outcomes by the weighting that is compared: of articles or, within an issue, passages."""
    weighting = pl.when(pl.col("given").is_null()).then(pl.lit("article")).otherwise(pl.lit("passage"))
    return outcomes.filter(pl.col("weighting") == weighting)


def corrected_panels(
    outcomes: pl.DataFrame | pl.LazyFrame, articles: pl.DataFrame, *, min_articles: int
) -> list[Panel]:
    """The panels of shares corrected by labels (the design-based rows of comparisons/outcomes).

    For their weighting see weigh_once. Only sources with MIN_LABELS coded passages are
    compared, and only panels in which all sources together have so many are there.
    """
    leading = weigh_once(outcomes.lazy().filter(pl.col("estimator") == DESIGN_BASED)).collect()
    panels, _ = weekly_panels(leading, articles, min_articles=min_articles)
    coded = leading.filter(pl.col("n_labels") > 0).join(articles.select("article_id", "source"), on="article_id")
    labels = {
        key: dict(part.select("source", "n_labels").iter_rows())
        for key, part in coded.group_by("frame", "given", "source")
        .agg(pl.col("n_labels").sum())
        .group_by("frame", "given")
    }
    kept = []
    for panel in panels:
        counts = labels.get((panel.frame, panel.given), {})
        if sum(counts.values()) >= MIN_LABELS:
            among = [source for source in panel.compared if counts.get(source, 0) >= MIN_LABELS]
            kept.append(panel._replace(compared=among))
    return kept
