"""Sums over the weeks of sources and periods, and the means of those cells with their intervals."""

import numpy as np
import polars as pl

from frameshift.comparisons.blocks import QUARTER, add_story_weeks, estimate_dependence
from frameshift.comparisons.intervals import (
    MIN_ARTICLES,
    MIN_CLUSTERS,
    ROUNDING,
    degrees_of_freedom,
    edge_limits,
    logit_limits,
    sum_variances,
    t_limits,
)
from frameshift.comparisons.periods import period_of, period_start, tells_period
from frameshift.tables import ALL_SOURCES

SERIES = ["frame", "given", "weighting", "source"]
CELL = [*SERIES, "grain", "period", "start"]
MIN_KNOWN = 0.9  # of a cell's weight must be in known weeks for an interval, which the rest then hardly moves
_DEPENDENT = ["frame", "given", "weighting", "everything"]


def usable_articles(articles: pl.DataFrame, *, min_articles: int) -> tuple[pl.DataFrame, list[str], list[dict]]:
    """The articles that are compared, the sources large enough to be shown alone, and what is left out.

    Returns (article_id, source, date, date_precision, week), without merged copies; without undated articles too,
    unless no article has a date: then all are kept. The week is null unless the day is known. Sources are sorted; the
    omissions are rows with source and reason.
    """
    kept = add_story_weeks(articles).filter(pl.col("duplicate_of").is_null())
    undated = kept.filter(pl.col("date").is_null()).group_by("source").len().sort("source")
    omitted = [{"source": s, "reason": f"articles without a date are left out: {n}"} for s, n in undated.iter_rows()]
    if undated["len"].sum() == len(kept):
        omitted = [{"reason": f"none of the {len(kept)} articles has a date: no periods, blocks or intervals"}]
    else:
        kept = kept.filter(pl.col("date").is_not_null())
    sizes = kept.group_by("source").len().sort("source")
    omitted += [
        {"source": source, "reason": f"not compared by itself: articles below min_articles ({n} of {min_articles})"}
        for source, n in sizes.filter(pl.col("len") < min_articles).iter_rows()
    ]
    if len(sizes) == 1:
        omitted.append({"source": sizes["source"][0], "reason": "the only source: sources cannot be compared"})
    large = sizes.filter(pl.col("len") >= min_articles)["source"].to_list()
    return kept.select("article_id", "source", "date", "date_precision", "week"), large, omitted


def list_imprecise(usable: pl.DataFrame, *, grains: list[str]) -> list[dict]:
    """Omissions (reason and source) at each of `grains`: the dated articles whose date does not tell the period."""
    dated = usable.filter(pl.col("date").is_not_null())
    omitted = []
    for grain in grains:
        vague = dated.filter(~tells_period(pl.col("date_precision"), grain))
        if 0 < len(vague) == len(dated):
            known = "month" if "month" in vague["date_precision"] else "year"
            omitted.append(
                {"reason": f"nothing by {grain}: the dates of all {len(vague)} articles tell only the {known}"}
            )
            continue
        omitted += [
            {"source": source, "reason": f"articles whose date does not tell the {grain} are left out by {grain}: {n}"}
            for source, n in vague.group_by("source").len().sort("source").iter_rows()
        ]
    return omitted


def list_unbounded(usable: pl.DataFrame) -> list[dict]:
    """Omissions (reason and source) of intervals over the whole span: too many dated articles of unknown week."""
    dated = usable.filter(pl.col("date").is_not_null())
    if 0 < len(dated) == dated["week"].null_count():
        return [{"reason": f"no intervals: the week of all {len(dated)} articles is unknown"}]
    sizes = dated.group_by("source").agg(n=pl.len(), known=pl.col("week").count()).sort("source")
    return [
        {
            "source": source,
            "reason": f"no interval over the whole span: the week of {n - known} of {n} articles is unknown",
        }
        for source, n, known in sizes.filter(pl.col("known") < MIN_KNOWN * pl.col("n")).iter_rows()
    ]


def sum_periods(days: pl.DataFrame, *, keys: list[str], grains: list[str]) -> pl.DataFrame:
    """Sums by `keys`, grain, period, start and week, of all other columns of `days` but date and date_precision.

    "all" is always among the grains; at the others only articles count whose date tells the period.
    """
    sums = pl.exclude(*keys, "date", "date_precision", "week", "grain", "period", "start").sum()
    by = [*keys, "grain", "period", "start", "week"]
    return pl.concat(
        days.filter(tells_period(pl.col("date_precision"), grain))
        .with_columns(
            grain=pl.lit(grain), period=period_of(pl.col("date"), grain), start=period_start(pl.col("date"), grain)
        )
        .group_by(by, maintain_order=True)
        .agg(sums)
        for grain in dict.fromkeys(["all", *grains])
    )


def add_all_sources(sums: pl.DataFrame, *, sources: list[str]) -> pl.DataFrame:
    """The rows of the given sources, and under ALL_SOURCES the sums over every source."""
    by = [c for c in sums.columns if c in (*CELL, "estimator", "week") and c != "source"]
    everything = sums.group_by(by, maintain_order=True).agg(pl.exclude(*by, "source").sum())
    return pl.concat(
        [
            sums.filter(pl.col("source").is_in(sources)),
            everything.with_columns(source=pl.lit(ALL_SOURCES)).select(sums.columns),
        ]
    )


def estimate_cells(sums: pl.DataFrame, *, scale: str) -> pl.DataFrame:
    """Mean of each cell, Σ total / Σ weight, with a 95% interval for the expected rate (see intervals.py).

    `sums` has a row per cell (frame, given, weighting, source, grain, period, start) and week, with total (Σ w y),
    weight (Σ w) and n_articles; the weeks of grain "all" tell how weeks depend on each other. With scale "share" the
    interval is symmetric on the logit scale, and inside [0, 1]; with "intensity" on the scale itself. Cells of fewer
    than 8 weeks or 20 articles have no interval, nor have those in which no week differs from another, except for
    shares of exactly 0 or 1, which have a one-sided reach (edge_limits). Articles of unknown week count in the mean,
    whose variance is taken to be that of the others' mean; where these make up less than MIN_KNOWN of the weight, there
    is no interval. `block_weeks` is the length of a block of the cell's series, in weeks.
    """
    logit = scale == "share"
    series, covariances = _series_dependence(sums, logit=logit)
    in_week = pl.col("week").is_not_null()
    cells = (
        sums.group_by(CELL, maintain_order=True)
        .agg(
            pl.col("total", "weight", "n_articles").sum(),
            n_clusters=pl.col("week").filter(in_week & (pl.col("n_articles") > 0)).n_unique(),
            known=pl.col("weight").filter(in_week).sum(),
            known_mean=pl.col("total").filter(in_week).sum() / pl.col("weight").filter(in_week).sum(),
        )
        .cast({"n_articles": pl.Int64, "n_clusters": pl.Int64})
        .filter(pl.col("weight") > 0)
        .with_columns(
            estimate=pl.col("total") / pl.col("weight"),
            everything=pl.col("source") == ALL_SOURCES,
            scale=pl.lit(scale),
            estimator=pl.lit("weekly clusters, logit t" if logit else "weekly clusters, t"),
        )
        .join(series, on=_DEPENDENT, how="left", nulls_equal=True, maintain_order="left")
    )
    enough = (
        (pl.col("n_clusters") >= MIN_CLUSTERS)
        & (pl.col("n_articles") >= MIN_ARTICLES)
        & (pl.col("known") >= MIN_KNOWN * pl.col("weight"))
    )
    limited = cells.filter(enough).with_row_index("cell").cast({"cell": pl.Int64})
    low, high = _cell_limits(limited, sums, covariances, logit=logit)
    return (
        pl.concat([limited.with_columns(low=low, high=high), cells.filter(~enough)], how="diagonal")
        .with_columns(pl.col("low", "high").fill_nan(None))
        .sort(CELL)
        .select(*CELL, "scale", "estimator", "estimate", "low", "high", "n_articles", "n_clusters", "block_weeks")
    )


def weekly_matrices(sums: pl.DataFrame) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Sources (sorted), and their weekly totals and weights as arrays (sources × weeks from the first to the last)."""
    sources = sums["source"].unique().sort()
    week = sums["week"].to_numpy() - sums["week"].min()
    row = sources.search_sorted(sums["source"]).to_numpy()
    arrays = np.zeros((2, len(sources), week.max() + 1))
    np.add.at(arrays[0], (row, week), sums["total"].to_numpy())
    np.add.at(arrays[1], (row, week), sums["weight"].to_numpy())
    return sources.to_list(), arrays[0], arrays[1]


def _series_dependence(sums: pl.DataFrame, *, logit: bool) -> tuple[pl.DataFrame, np.ndarray]:
    """For each frame, given and weighting, the dependence of the single sources' weeks, pooled, and of all sources'.

    Returns the series (with index `series`, block_weeks and n_weeks) and their covariances (series × lags).
    """
    rows, covariances = [], []
    weeks = sums.filter((pl.col("grain") == "all") & pl.col("week").is_not_null() & (pl.col("weight") > 0))
    for (frame, given, weighting), group in weeks.group_by(SERIES[:3], maintain_order=True):
        sources, totals, weights = weekly_matrices(group)
        for everything in (True, False):
            chosen = [(source == ALL_SOURCES) == everything for source in sources]
            if not any(chosen):
                continue
            found = estimate_dependence(totals[chosen], weights[chosen], logit=logit)
            rows.append((frame, given, weighting, everything, len(rows), found.weeks, found.n_weeks))
            covariances.append(np.pad(found.covariances, (0, QUARTER - 1 - len(found.covariances))))
    schema = dict.fromkeys(_DEPENDENT, pl.String) | {"everything": pl.Boolean}
    schema |= dict.fromkeys(["series", "block_weeks", "n_weeks"], pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row"), np.array(covariances).reshape(-1, QUARTER - 1)


def _cell_limits(
    cells: pl.DataFrame, sums: pl.DataFrame, covariances: np.ndarray, *, logit: bool
) -> tuple[pl.Series, pl.Series]:
    """Low and high of each cell; NaN where no week differs from another."""
    if cells.is_empty():
        return pl.Series(dtype=pl.Float64), pl.Series(dtype=pl.Float64)
    p = pl.col("estimate")
    slope = pl.when((p > 0) & (p < 1)).then(1 / (p * (1 - p))).otherwise(0.0) if logit else pl.lit(1.0)
    weeks = (
        sums.filter(pl.col("week").is_not_null())
        .join(cells.select(*CELL, "cell", "known", "known_mean", slope=slope), on=CELL, nulls_equal=True)
        .with_columns(pl.col("total", "weight") / pl.col("known"))
        .select(
            "cell",
            "week",
            "weight",
            influence=(pl.col("total") - pl.col("known_mean") * pl.col("weight")) * pl.col("slope"),
        )
    )
    estimate, n_clusters, block, n_weeks = (
        cells[column].to_numpy() for column in ("estimate", "n_clusters", "block_weeks", "n_weeks")
    )
    variance, own = sum_variances(
        **{column: weeks[column].to_numpy() for column in weeks.columns},
        covariances=covariances[cells["series"].to_numpy()],
    )
    variance = np.where(own > ROUNDING, variance, np.nan)
    df = degrees_of_freedom(n_clusters, n_weeks=n_weeks, block=block)
    if not logit:
        low, high = t_limits(estimate, variance, df)
    else:
        inside = (estimate > 0) & (estimate < 1)
        limits = logit_limits(np.where(inside, estimate, 0.5), variance, df)
        edges = edge_limits(estimate, _effective_size(cells, variance))
        low, high = (np.where(inside, limit, edge) for limit, edge in zip(limits, edges, strict=True))
    return pl.Series(low), pl.Series(high)


def _effective_size(cells: pl.DataFrame, variance: np.ndarray) -> np.ndarray:
    """Articles of each cell over the design effect of its series' whole span, but never fewer than the cell's weeks.

    What comes and goes over years has a huge design effect over the span, and none within a period without a case.
    """
    p, n = pl.col("estimate"), pl.col("n_articles")
    whole = (
        cells.with_columns(design_effect=pl.Series(variance) * p * (1 - p) * n)  # the variance is one of logits
        .filter(pl.col("grain") == "all", pl.col("design_effect").is_finite())
        .select(*SERIES, "design_effect")
    )
    known = cells.join(whole, on=SERIES, how="left", nulls_equal=True, maintain_order="left")
    size = pl.max_horizontal(n / pl.max_horizontal("design_effect", pl.lit(1.0)), "n_clusters")  # nulls are passed over
    return (
        known.select(pl.when(pl.col("design_effect").is_null()).then("n_clusters").otherwise(size))
        .to_series()
        .to_numpy()
    )
