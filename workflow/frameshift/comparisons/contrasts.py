"""Differences tested: before and after a date, and between a source and the rest."""

from datetime import date, timedelta
from difflib import get_close_matches

import numpy as np
import polars as pl

from frameshift.comparisons.blocks import Dependence, estimate_dependence
from frameshift.comparisons.cells import list_imprecise, usable_articles, weekly_matrices
from frameshift.comparisons.groups import Groups, merge_sources, name_by_source
from frameshift.comparisons.intervals import (
    MIN_ARTICLES,
    MIN_CLUSTERS,
    MIN_TESTED,
    ROUNDING,
    degrees_of_freedom,
    sum_variances,
    t_limits,
)
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.prevalence import HALF, join_scores
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES, check_table, empty_table

EXPLORATORY = "exploratory"  # the family of what was not declared before the results were seen
_COLUMNS = {
    **empty_table("comparisons/contrasts").schema,
    **dict.fromkeys(["kind", "finding", "expect", "measure"], pl.String),
    **dict.fromkeys(["n_articles", "n_clusters", "block_weeks"], pl.Int64),
}


class _Impossible(Exception):
    """A contrast that cannot be made; the message is the reason for the table of omissions."""


def test_contrasts(
    scores: pl.DataFrame,
    articles: pl.DataFrame,
    findings: list[dict],
    *,
    measure: str,
    given: list[str],
    min_articles: int,
    scale: str,
    groups: Groups,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Declared and exploratory differences of mean framing: (comparisons/contrasts, comparisons/omitted).

    Each of `findings` has name, frame, source (or ALL_SOURCES), family, expect, kind, and may have `given` (an issue).
    A `change` is the mean of the `weeks` weeks from `date` on minus that of the `weeks` weeks before it, or, with
    `windows` instead, of two pairs of dates (the last day included), that of the second minus that of the first. A
    `gap` is the source minus all other sources over the whole span. In the family "exploratory" stand the gaps of every
    source of at least `min_articles` articles, for each frame, over all passages and within each issue of `given`.

    Each of `groups` is compared in the same ways as if it were one source (see groups.py), with all sources outside it
    as the rest. The undeclared gaps of each dimension are a family of their own, "exploratory: leaning": they ask
    another question than those of single sources, whose q must not change because sources were grouped as well.

    Estimates are on the scale of the outcome, each article weighing one or, within an issue with shares, as much as it
    is likely to be about it. Intervals and p are from the t distribution with the variance of intervals.py: both sides
    share weeks, so a week's influence is that on the difference, and the
    covariance between weeks is that of the series (change) or of the difference itself (gap). `n_clusters` counts
    weeks with articles on the thinner side: below 8, or 20 articles there, no interval; below 6 no test. q controls
    the false discovery rate within each family (Benjamini & Hochberg 1995). Raises UserError for a finding about a
    source that no article has, and for a source with the name of a group.
    """
    dimensions = name_by_source(groups)
    grouped = {name for names in dimensions.values() for name in names.values()}
    _check_sources(findings, sorted({*articles["source"], *grouped}))
    options = {"measure": measure, "given": given, "min_articles": min_articles, "scale": scale}
    single = [finding for finding in findings if finding["source"] not in grouped]
    rows, omitted = _contrast(scores, articles, single, family=EXPLORATORY, **options)
    for dimension, names in dimensions.items():
        among = set(names.values())
        declared = [finding for finding in findings if finding["source"] in among]
        found, lacking = _contrast(
            scores,
            merge_sources(articles, names),
            declared,
            family=f"{EXPLORATORY}: {dimension}",
            among=among,
            **options,
        )
        rows += found
        omitted += [row for row in lacking if row.get("source") in among]
    contrasts = pl.DataFrame(rows, schema=_COLUMNS).with_columns(scale=pl.lit(scale), measure=pl.lit(measure))
    return check_table(_add_q(contrasts), "comparisons/contrasts"), list_omissions("contrasts", omitted)


def _contrast(
    scores: pl.DataFrame,
    articles: pl.DataFrame,
    findings: list[dict],
    *,
    family: str,
    among: set[str] | None = None,
    measure: str,
    given: list[str],
    min_articles: int,
    scale: str,
) -> tuple[list[dict], list[dict]]:
    """Rows of the findings and, in `family`, of each source's gaps (only those `among`, where given); and omissions."""
    usable, sources, omitted = usable_articles(articles, min_articles=min_articles)
    omitted += list_imprecise(usable, grains=["week"])
    usable = usable.filter(pl.col("week").is_not_null())
    issues = [*given, *(finding["given"] for finding in findings if finding.get("given"))]
    days = (
        join_scores(scores, usable, measure=measure, given=issues, scale=scale)
        .group_by("frame", "given", "source", "date", "week", maintain_order=True)
        .agg(
            total=(pl.col("y") * pl.col("weight")).sum(),
            weight=pl.col("weight").sum(),
            counted=(pl.col("weight") >= HALF).any(),
        )
    )
    parts = dict(sorted(days.partition_by("frame", "given", as_dict=True).items(), key=lambda pair: str(pair[0])))
    explored = [
        {"frame": frame, "given": issue, "source": source, "kind": "gap", "family": family}
        for frame, issue in parts
        if issue in (None, *given) and days["source"].n_unique() > 1
        for source in sources
        if among is None or source in among
    ]
    rows = []
    for wanted in [*findings, *explored]:
        part = parts.get((wanted["frame"], wanted.get("given")), days.clear())
        try:
            row, reason = _test(part, wanted, sources)
            rows.append(row)
        except _Impossible as impossible:
            reason = str(impossible)
        if reason:
            name = f"finding {wanted['name']}: " if "name" in wanted else f"{wanted['family']} {wanted['kind']}: "
            omitted.append({"frame": wanted["frame"], "source": wanted["source"], "reason": name + reason})
    return rows, omitted


def _check_sources(findings: list[dict], known: list[str]) -> None:
    for finding in findings:
        if finding["source"] not in (*known, ALL_SOURCES):
            close = get_close_matches(finding["source"], [*known, ALL_SOURCES], n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"the corpus has {', '.join(known)}"
            raise UserError(f"findings, {finding['name']}: no article has the source {finding['source']!r}; {hint}")


def _test(days: pl.DataFrame, wanted: dict, sources: list[str]) -> tuple[dict, str | None]:
    """One contrast as a row, and the reason if it has no test."""
    source = wanted["source"]
    if days.is_empty():
        raise _Impossible("no article of known day has such a score")
    if source != ALL_SOURCES and source not in sources:
        raise _Impossible("this source has fewer articles than min_articles")
    if wanted["kind"] == "change":
        contrast, period, marked = _before_and_after(days, wanted)
        estimate, sides, weeks = _difference(marked)
        step = marked.filter(pl.col("plus"))["week"].min() - days["week"].min()
        dependence = _source_dependence(days, source, step=step)
    else:
        contrast, period = "the source minus the rest", "all"
        estimate, sides, weeks = _difference(days.with_columns(plus=pl.col("source") == source))
        weeks, dependence = _gap_dependence(weeks)
    n_clusters, n_articles = sides["n_weeks"].min(), int(sides["weight"].min())
    row = {
        **{key: wanted.get(key) for key in ("frame", "given", "family", "source", "kind", "expect")},
        "contrast": contrast,
        "period": period,
        "finding": wanted.get("name"),
        "estimate": estimate,
        "n_articles": int(sides["weight"].sum()),
        "n_clusters": n_clusters,
        "block_weeks": dependence.weeks,
    }
    if n_clusters < MIN_TESTED or n_articles < MIN_ARTICLES:
        return row, f"too few for a test: {n_clusters} weeks and {n_articles} articles on the thinner side"
    tested = _test_estimate(estimate, weeks, dependence, n_clusters=n_clusters)
    return row | tested, None if tested else "the score does not vary: no test"


def _test_estimate(estimate: float, weeks: pl.DataFrame, dependence: Dependence, *, n_clusters: int) -> dict:
    """p, and low and high from 8 clusters on; nothing where no week has an influence."""
    from scipy.stats import t

    variance, own = sum_variances(
        cell=np.zeros(len(weeks), dtype=int),
        **{column: weeks[column].to_numpy() for column in ("week", "influence", "weight")},
        covariances=dependence.covariances[None],
    )
    if own[0] < ROUNDING:
        return {}
    df = degrees_of_freedom(n_clusters, n_weeks=dependence.n_weeks, block=dependence.weeks)
    tested = {"p": float(2 * t.sf(abs(estimate) / np.sqrt(variance[0]), df))}
    if n_clusters >= MIN_CLUSTERS:
        low, high = t_limits(np.array([estimate]), variance, df)
        tested |= {"low": float(low[0]), "high": float(high[0])}
    return tested


def _before_and_after(days: pl.DataFrame, wanted: dict) -> tuple[str, str, pl.DataFrame]:
    """What the change is called, its period, and the source's days in it, those of the later window with `plus`."""
    if "windows" in wanted:
        before, after = wanted["windows"]
        contrast = "{} to {} minus {} to {}".format(*after, *before)
    else:
        event, span = date.fromisoformat(str(wanted["date"])), timedelta(weeks=wanted["weeks"])
        first, last = days["date"].min(), days["date"].max()
        if not first < event <= last:
            raise _Impossible(f"{event} lies outside the span of the articles, {first} to {last}")
        day = timedelta(days=1)
        before, after = (event - span, event - day), (event, event + span - day)
        contrast = f"{wanted['weeks']} weeks from {event} minus {wanted['weeks']} weeks before"
    chosen = pl.lit(True) if wanted["source"] == ALL_SOURCES else pl.col("source") == wanted["source"]
    in_before, in_after = (pl.col("date").is_between(*window) for window in (before, after))
    marked = days.filter(chosen, in_before | in_after).with_columns(plus=in_after)
    return contrast, f"{before[0]} to {after[1]}", marked


def _difference(marked: pl.DataFrame) -> tuple[float, pl.DataFrame, pl.DataFrame]:
    """Mean of the rows with `plus` minus that of the others; the sides; and each week's influence and weight."""
    sides = marked.group_by("plus").agg(
        mean=pl.col("total").sum() / pl.col("weight").sum(),
        weight=pl.col("weight").sum(),
        n_weeks=pl.col("week").filter("counted").n_unique(),
    )
    if len(sides) < 2:
        raise _Impossible("articles on one side only")
    sign = pl.when("plus").then(1.0).otherwise(-1.0) / pl.col("weight_right")
    weeks = (
        marked.join(sides, on="plus")
        .group_by("week")
        .agg(
            influence=(sign * (pl.col("total") - pl.col("mean") * pl.col("weight"))).sum(),
            weight=(sign * pl.col("weight")).sum(),
        )
        .sort("week")
    )
    mean = dict(sides.select("plus", "mean").iter_rows())
    return mean[True] - mean[False], sides, weeks


def _source_dependence(days: pl.DataFrame, source: str, *, step: int) -> Dependence:
    """How weeks depend on each other within single sources, pooled; or in all sources taken together."""
    _, totals, weights = weekly_matrices(days)
    if source == ALL_SOURCES:
        totals, weights = totals.sum(axis=0, keepdims=True), weights.sum(axis=0, keepdims=True)
    return estimate_dependence(totals, weights, step=step)


def _gap_dependence(weeks: pl.DataFrame) -> tuple[pl.DataFrame, Dependence]:
    """The weeks of a gap, weighing alike, and how their influences on it depend on each other."""
    week = weeks["week"].to_numpy() - weeks["week"].min()
    influence = np.zeros((1, week.max() + 1))
    influence[0, week] = weeks["influence"].to_numpy()
    weights = np.full_like(influence, 1 / influence.size)
    return weeks.with_columns(weight=pl.lit(weights[0, 0])), estimate_dependence(influence, weights)


def _add_q(contrasts: pl.DataFrame) -> pl.DataFrame:
    """Add q: p adjusted by Benjamini–Hochberg within each family, over the contrasts that were tested."""
    from scipy.stats import false_discovery_control

    tested = contrasts.filter(pl.col("p").is_not_null())
    parts = [
        part.with_columns(q=pl.Series(false_discovery_control(part["p"].to_numpy()), dtype=pl.Float64))
        for part in tested.partition_by("family", maintain_order=True)
    ]
    return pl.concat([*parts, contrasts.filter(pl.col("p").is_null())]).sort(
        "family", "finding", "frame", "given", "source"
    )
