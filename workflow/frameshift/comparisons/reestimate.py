"""One declared finding estimated from a run's tables, as they are or by other settings (respecify.py)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from frameshift.comparisons.contrasts import test_contrasts
from frameshift.comparisons.decomposition import decompose
from frameshift.comparisons.events import study_events
from frameshift.comparisons.families import CORRECTED
from frameshift.comparisons.groups import merge_sources, name_by_source
from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.comparisons.omissions import Impossible
from frameshift.comparisons.respecify import Run
from frameshift.comparisons.series import Panel, find_outcomes, weekly_panels, weigh_once
from frameshift.comparisons.trends import test_trends
from frameshift.contracts import DESIGN_BASED
from frameshift.frames.pool import choose_scale
from frameshift.tables import ALL_SOURCES

UNUSED = "unused"  # the family of what is tested besides the finding, and not looked at
_CORRECTED = ("change", "gap", "trend")  # the kinds of findings that are estimated from corrected shares
_ROW = {
    **dict.fromkeys(("finding", "scale"), pl.String),
    **dict.fromkeys(("estimate", "low", "high"), pl.Float64),
}


def estimate_finding(run: Run, finding: Mapping) -> dict:
    """scale, estimate, low and high (null without an interval) of a declared finding, and `deviation`.

    That is the standard deviation of the articles' outcomes in the unit of the scale, of corrected shares that of the
    uncorrected ones, which people's codes of single passages do not blow up. Raises Impossible with the reason where
    the finding cannot be estimated.
    """
    about = pl.col("given").eq_missing(pl.lit(finding.get("given"), pl.String)) & (pl.col("frame") == finding["frame"])
    scale = choose_scale(run.scores, run.measure)
    run = replace(
        run,
        articles=_merge_group(run, finding["source"]),
        scores=run.scores.filter(about),
        corrected=run.corrected.filter(about) if run.is_corrected else None,
    )
    if run.is_corrected and finding["kind"] not in _CORRECTED:
        raise Impossible(f"shares are corrected for findings of the kinds {', '.join(_CORRECTED)} only")
    row = _ESTIMATORS[finding["kind"]](run, dict(finding), scale)
    deviation = _deviation(_outcomes(run, finding, scale), run.articles)
    return {key: row[key] for key in ("scale", "estimate", "low", "high")} | {"deviation": deviation}


def _merge_group(run: Run, source: str) -> pl.DataFrame:
    """The articles; those of the group that the finding is about, if it is one, under its name."""
    names = next((names for names in name_by_source(run.groups).values() if source in names.values()), {})
    articles = merge_sources(run.articles, names)
    if source != ALL_SOURCES and source not in articles["source"]:
        raise Impossible(f"{source} has no articles by these settings")
    return articles


def _outcomes(run: Run, finding: Mapping, scale: str) -> pl.DataFrame:
    given = [finding["given"]] if finding.get("given") else []
    return find_outcomes(run.scores, measure=run.measure, given=given, scale=scale)


def _contrast(run: Run, finding: dict, scale: str) -> dict:
    options = {"measure": run.measure, "given": [], "min_articles": run.min_articles, "scale": scale, "groups": {}}
    table, omitted = test_contrasts(run.scores, run.articles, [finding], **options, outcomes=run.corrected)
    estimator = pl.lit(DESIGN_BASED if run.is_corrected else None, pl.String)
    return _pick(table.filter(pl.col("estimator").eq_missing(estimator)), omitted["reason"], finding)


def _trend(run: Run, finding: dict, scale: str) -> dict:
    panels, lacking = _panels(run, finding, scale)
    rows, omitted = test_trends(panels, [finding], scale=CORRECTED if run.is_corrected else scale, family=UNUSED)
    return _pick(pl.DataFrame(rows, schema=_ROW), _reasons(lacking, omitted), finding)


def _event(run: Run, finding: dict, scale: str) -> dict:
    panels, lacking = _panels(run, finding, scale)
    table, omitted = study_events(panels, run.events, [finding], scale=scale, reference=run.reference)
    return _pick(table, [*_reasons(lacking), *omitted["reason"]], finding)


def _part(run: Run, finding: dict, scale: str) -> dict:
    if not run.assignments:
        raise Impossible("no topic model was fitted")
    fit = run.assignments[run.model].select("article_id", "topic")
    unnamed = {"label": pl.lit(""), "words": pl.lit(""), "stability": pl.lit(None, pl.Float64)}
    table, _, omitted = decompose(
        _outcomes(run, finding, scale),
        run.articles,
        {run.model: [fit]},
        {run.model: fit.select("topic").unique().with_columns(**unnamed)},
        [finding],
        scale=scale,
        split=None,
        patterns={},
        min_articles=run.min_articles,
    )
    return _pick(table, omitted["reason"], finding)


def _panels(run: Run, finding: dict, scale: str) -> tuple[list[Panel], list[dict]]:
    """The weekly series of what the finding is about, corrected where the run is."""
    outcomes = _outcomes(run, finding, scale)
    if run.is_corrected:
        corrected = weigh_once(run.corrected.filter(estimator=DESIGN_BASED))
        _check_labels(corrected, run.articles, finding["source"])
        corrected = corrected.select("article_id", "frame", "given", "total", "weight")
        outcomes = corrected.join(outcomes.select("article_id", "counted"), on="article_id")
    return weekly_panels(outcomes, run.articles, min_articles=run.min_articles)


def _check_labels(corrected: pl.DataFrame, articles: pl.DataFrame, source: str) -> None:
    chosen = articles if source == ALL_SOURCES else articles.filter(source=source)
    n_labels = corrected.join(chosen, on="article_id", how="semi")["n_labels"].sum()
    if n_labels < MIN_LABELS:
        raise Impossible(f"not corrected: {n_labels} coded passages, where {MIN_LABELS} are needed")


_ESTIMATORS = {
    **{"change": _contrast, "gap": _contrast, "trend": _trend},
    **{"event": _event, "mix": _part, "within": _part},
}


def _reasons(*omitted: list[dict]) -> list[str]:
    return [row["reason"] for rows in omitted for row in rows]


def _pick(table: pl.DataFrame, reasons: Iterable[str], finding: Mapping) -> dict:
    """The one row of the finding; or Impossible with those of the `reasons` that name it."""
    found = table.filter(finding=finding["name"])
    if len(found):
        return found.row(0, named=True)
    prefix = f"finding {finding['name']}: "
    own = dict.fromkeys(reason.removeprefix(prefix) for reason in reasons if reason.startswith(prefix))
    raise Impossible("; ".join(own) or "it has no estimate by these settings")


def _deviation(outcomes: pl.DataFrame, articles: pl.DataFrame) -> float | None:
    """Weighted standard deviation of the outcomes of the articles that count; None where they do not differ."""
    kept = articles.filter(pl.col("duplicate_of").is_null())
    some = outcomes.filter(pl.col("weight") > 0).join(kept, on="article_id", how="semi")
    weight = some["weight"].to_numpy()
    values = some["total"].to_numpy() / weight
    variance = np.average((values - np.average(values, weights=weight)) ** 2, weights=weight)
    return float(np.sqrt(variance)) if variance > 0 else None
