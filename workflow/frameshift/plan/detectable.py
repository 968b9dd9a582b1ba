"""Smallest differences of intensity that the comparisons of a run can detect, from the run's own intervals.

A difference is called detectable where a two-sided test at 5% finds it in eight of ten samples. With the standard
error s of a difference and its degrees of freedom that is (t.975 + t.80) s (Bloom 1995, "Minimum detectable effects").
Standard errors are those of intervals.py, clustered by week: they are taken from the intervals that the run would draw,
so that a plan promises what the run will do. They hold for the pilot's articles; more articles a week narrow them only
as far as weeks do not differ.
"""

import numpy as np
import polars as pl

from frameshift.comparisons.cells import usable_articles
from frameshift.comparisons.contrasts import EXPLORATORY, test_contrasts
from frameshift.comparisons.groups import Groups
from frameshift.comparisons.intervals import LEVEL, degrees_of_freedom
from frameshift.comparisons.prevalence import estimate_prevalence, join_scores
from frameshift.tables import ALL_SOURCES

POWER = 0.8
SCHEMA = {
    **dict.fromkeys(["frame", "given", "kind", "comparison", "source", "period"], pl.String),
    **dict.fromkeys(["n_articles", "n_weeks"], pl.Int64),
    **dict.fromkeys(["se", "df", "detectable"], pl.Float64),
}


def detectable_differences(
    scores: pl.DataFrame,
    articles: pl.DataFrame,
    findings: list[dict],
    *,
    measure: str,
    grain: str,
    given: list[str],
    min_articles: int,
    groups: Groups,
) -> tuple[pl.DataFrame, list[str]]:
    """What each comparison of a run can detect, in units of the intensity; and what cannot be compared, and why.

    `scores` is frames/articles, `articles` corpus/articles; the other arguments are the run's configuration. A row for
    each frame and given (null, or an issue) and, by `kind`,

    - period: a source in a period of `grain`; `detectable` is the difference to another such cell,
    - span: a source over the whole span; the difference to another such source,
    - gap, group gap: a source, or a group of `groups`, against the rest,
    - finding: a declared one, whose name is in `comparison`.

    `se` is the standard error of the cell's mean (period, span) or of the difference. For two cells alike it is taken
    times √2: weeks that both share would make the difference more precise, which is not counted on. `df` are degrees of
    freedom. se, df and detectable are null where the run draws no interval (intervals.py). `n_weeks` counts weeks with
    articles, on the thinner side of a difference. Raises UserError for a measure that was not scored, and for a finding
    about an unknown source.
    """
    options = {"measure": measure, "given": given, "min_articles": min_articles, "scale": "intensity"}
    prevalence, lacking = estimate_prevalence(scores, articles, grains=[grain], **options)
    contrasts, untested = test_contrasts(scores, articles, findings, groups=groups, **options)
    rows = pl.concat([_of_cells(prevalence, grain=grain), _of_contrasts(contrasts)])
    usable = usable_articles(articles, min_articles=min_articles)[0]
    span = (
        join_scores(scores, usable, measure=measure, given=given, scale="intensity")
        .group_by("frame", "given")
        .agg(span=pl.col("week").drop_nulls().n_unique())
    )
    found = rows.join(span, on=["frame", "given"], how="left", nulls_equal=True, maintain_order="left")
    return _add_detectable(found), _list_reasons(pl.concat([lacking, untested]))


def power_quantiles(df: np.ndarray) -> np.ndarray:
    """How many standard errors large a detectable difference is: t.975 + t.80 with `df` degrees of freedom."""
    from scipy.stats import t

    return t.ppf((1 + LEVEL) / 2, df) + t.ppf(POWER, df)


def _of_cells(prevalence: pl.DataFrame, *, grain: str) -> pl.DataFrame:
    cells = prevalence.filter(pl.col("source") != ALL_SOURCES, pl.col("weighting") == "article")
    return cells.select(
        *("frame", "given", "source", "period", "n_articles", "n_clusters", "block_weeks", "low", "high"),
        kind=pl.when(pl.col("grain") == "all").then(pl.lit("span")).otherwise(pl.lit("period")),
        comparison=pl.when(pl.col("grain") == "all").then("source").otherwise(pl.format("{} {}", "source", "period")),
    )


def _of_contrasts(contrasts: pl.DataFrame) -> pl.DataFrame:
    is_declared, is_single = pl.col("finding").is_not_null(), pl.col("family") == EXPLORATORY
    kind = (
        pl.when(is_declared).then(pl.lit("finding")).when(is_single).then(pl.lit("gap")).otherwise(pl.lit("group gap"))
    )
    return contrasts.select(
        *("frame", "given", "source", "period", "n_articles", "n_clusters", "block_weeks", "low", "high"),
        kind=kind,
        comparison=pl.coalesce("finding", "source"),
    )


def _add_detectable(rows: pl.DataFrame) -> pl.DataFrame:
    """Add se, df and detectable from the intervals' half widths, which are t.975 standard errors."""
    from scipy.stats import t

    n_weeks, span, block = (rows[c].cast(pl.Float64).to_numpy() for c in ("n_clusters", "span", "block_weeks"))
    df = degrees_of_freedom(n_weeks, n_weeks=span, block=block)
    se = (rows["high"] - rows["low"]).to_numpy() / 2 / t.ppf((1 + LEVEL) / 2, df)
    alike = np.where(rows["kind"].is_in(["period", "span"]).to_numpy(), np.sqrt(2), 1.0)
    numbers = {"se": se, "df": np.where(np.isnan(se), np.nan, df), "detectable": power_quantiles(df) * alike * se}
    return (
        rows.rename({"n_clusters": "n_weeks"})
        .with_columns(**{name: pl.Series(values, dtype=pl.Float64).fill_nan(None) for name, values in numbers.items()})
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
    )


def _list_reasons(omitted: pl.DataFrame) -> list[str]:
    """The reasons of comparisons/omitted, each once; those that differ only in numbers by their first source."""
    named = omitted.with_columns(
        form=pl.col("reason").str.replace_all(r"\d+", "n"), about=pl.coalesce("source", "frame", pl.lit(""))
    ).unique(["about", "form"], keep="first", maintain_order=True)
    kinds = named.group_by("form", pl.col("source").is_null().alias("general"), maintain_order=True).agg(
        pl.col("about", "reason").first(), n=pl.len()
    )
    return [
        (f"{row['about']}: " if row["about"] else "")
        + row["reason"]
        + (f" (and {row['n'] - 1} more like it)" if row["n"] > 1 else "")
        for row in kinds.iter_rows(named=True)
    ]
