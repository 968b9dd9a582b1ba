"""Trends: the smooth curve of each frame in every source, and tests of the change over its whole span."""

from datetime import timedelta

import numpy as np
import polars as pl

from frameshift.comparisons.blocks import Dependence, estimate_dependence
from frameshift.comparisons.intervals import MIN_CLUSTERS, ROUNDING, degrees_of_freedom, t_limits
from frameshift.comparisons.omissions import Impossible
from frameshift.comparisons.periods import monday_of
from frameshift.comparisons.series import Panel
from frameshift.comparisons.smooth import (
    Series,
    check_size,
    choose_knots,
    curve_terms,
    curve_variances,
    cut_span,
    effective_clusters,
    fit_series,
    inverse_link,
    level_p,
    week_influences,
)
from frameshift.tables import ALL_SOURCES, check_table, empty_table

STEP, MAX_GAP = 4, 26  # weeks between two points of a curve; and without articles, across which it is not drawn
LINE = "the end of the span minus its start, by a straight line"
AGAINST = "the source's change over the span minus the rest's, by straight lines"


def estimate_trends(panels: list[Panel], *, scale: str) -> tuple[pl.DataFrame, list[dict]]:
    """The curve of every frame in each compared source and in all together: (comparisons/trends, omissions).

    A point every four weeks, a Monday: the expected mean of that week by a natural cubic spline (about one knot a
    year) and, from three years on, an annual wave; on the logit scale for shares (fractional logit: Papke & Wooldridge
    1996), on their own for intensities. So a change of a few weeks is smoothed away: that is for events and breaks.
    `low` and `high` are the limits of a 95% interval for each point, symmetric on the scale of the fit, from the
    variance of intervals.py and t with its degrees of freedom, for as many weeks as carry the point; there are none
    where fewer than MIN_CLUSTERS weeks carry it. A point stands inside its source's own span, and never in more than
    MAX_GAP weeks without articles. `block_weeks` is the length of a block. Omissions are rows
    with reason, source and, for series, frame, for gaps, period.
    """
    logit = scale != "intensity"
    curves, omitted = [empty_table("comparisons/trends")], []
    for panel in panels:
        dependences = _find_dependences(panel, logit=logit)
        for source in _list_sources(panel):
            try:
                series = cut_span(*panel.take(source))
                curve = _draw_curve(series, dependences[source == ALL_SOURCES], logit=logit)
            except Impossible as impossible:
                omitted.append({"frame": panel.frame, "source": source, "reason": _within(panel.given, impossible)})
                continue
            for start, end in _find_gaps(series.counts):
                curve = curve.filter(~pl.col("week").is_between(start, end))
                reason = _within(panel.given, f"no curve in {end - start + 1} weeks without articles")
                period = _period(panel, series.first + start, series.first + end)
                gap = {"source": source, "period": period, "reason": reason}
                omitted += [gap] if gap not in omitted else []  # every frame has the same
            days = 7 * (panel.first_week + series.first + pl.col("week")) + 4
            named = {"frame": panel.frame, "given": panel.given, "source": source, "scale": scale}
            curves.append(
                curve.with_columns(
                    pl.col("low", "high").fill_nan(None),
                    start=pl.from_epoch(days, time_unit="d"),
                    **{name: pl.lit(value, pl.String) for name, value in named.items()},
                ).drop("week")
            )
    return check_table(pl.concat(curves, how="diagonal"), "comparisons/trends"), omitted


def test_trends(panels: list[Panel], findings: list[dict], *, scale: str, family: str) -> tuple[list[dict], list[dict]]:
    """Change over the whole span, declared and exploratory: (rows of comparisons/contrasts without q, omissions).

    Each of `findings` has name, frame, source (or ALL_SOURCES), family, expect, and may have `given`. In `family`, that
    of what was not declared, stands the trend of every panel in each compared source and in all together; in the family
    of that name with "against the rest", each source's minus that of all others, in the weeks that both span.

    `estimate` is what a straight line in the log-odds (of the intensity itself, for intensities) predicts for the last
    week of the span minus what it predicts for the first, in the unit of the scale; from three years on an annual wave
    is part of the model, and both predictions are averaged over the seasons of the span. That is the direction of the
    span as a whole and no claim that the change was steady: `p_any` tests that the smooth curve of estimate_trends is
    level (null where that is the line, or the blocks are fewer than its knots). Intervals and p by t with the blocks
    of the weeks that carry the line, less one, as degrees of freedom; series below six blocks or 20 articles are
    left out. The interval is on the scale of the estimate (delta method), so that it excludes 0 where p is below .05.
    """
    logit = scale != "intensity"
    by_key = {(panel.frame, panel.given): panel for panel in panels}
    dependences = {key: _find_dependences(panel, logit=logit) for key, panel in by_key.items()}
    explored = [
        {"frame": panel.frame, "given": panel.given, "source": source, "family": family + suffix}
        for panel in panels
        for suffix in ("", " against the rest")
        for source in _list_sources(panel)
        if not suffix or (source != ALL_SOURCES and len(panel.sources) > 1)
    ]
    rows, omitted = [], []
    for wanted in [*findings, *explored]:
        key = wanted["frame"], wanted.get("given")
        against = "name" not in wanted and wanted["family"] != family
        try:
            panel = _choose_panel(by_key, key, wanted["source"])
            test = _test_difference if against else _test_line
            found = test(panel, wanted["source"], dependences[key], logit=logit)
        except Impossible as impossible:
            name = f"finding {wanted['name']}: " if "name" in wanted else f"{wanted['family']}: "
            reason = name + _within(wanted.get("given"), impossible)
            omitted.append({"frame": wanted["frame"], "source": wanted["source"], "reason": reason})
            continue
        declared = {name: wanted.get(name) for name in ("frame", "given", "family", "source", "expect")}
        contrast = (AGAINST if against else LINE) + (" in the log-odds" if logit else "")
        rows.append(
            declared | {"kind": "trend", "contrast": contrast, "scale": scale, "finding": wanted.get("name")} | found
        )
    return rows, omitted


def _list_sources(panel: Panel) -> list[str]:
    return [ALL_SOURCES, *panel.compared] if len(panel.sources) > 1 else panel.compared


def _choose_panel(panels: dict, key: tuple, source: str) -> Panel:
    if key not in panels or source not in (ALL_SOURCES, *panels[key].sources):
        raise Impossible("no article of known day has such a score")
    if source not in (ALL_SOURCES, *panels[key].compared):
        raise Impossible("this source has fewer articles than min_articles")
    return panels[key]


def _find_dependences(panel: Panel, *, logit: bool) -> dict[bool, Dependence]:
    """How weeks depend on each other within the compared sources, pooled (False), and in all sources (True)."""
    rows = [panel.sources.index(source) for source in panel.compared]
    everything = panel.totals.sum(axis=0, keepdims=True), panel.weights.sum(axis=0, keepdims=True)
    single = (panel.totals[rows], panel.weights[rows]) if rows else everything
    return {False: estimate_dependence(*single, logit=logit), True: estimate_dependence(*everything, logit=logit)}


def _draw_curve(series: Series, dependence: Dependence, *, logit: bool) -> pl.DataFrame:
    """Week of the series, estimate, low and high of each point of the curve, and block_weeks."""
    knots = choose_knots(series.counts)
    check_size(series, dependence)
    fit, wave = fit_series(series, knots, logit=logit)
    week = np.arange(-series.first % STEP, len(series.totals), STEP)
    terms = curve_terms(week, knots, wave=wave)
    influences, shares = week_influences(fit, terms)
    n_effective = effective_clusters(shares, weeks=1)
    df = degrees_of_freedom(n_effective, n_weeks=dependence.n_weeks, block=dependence.weeks)
    predictor = terms @ fit.coefficients
    low, high = t_limits(predictor, curve_variances(influences, shares, dependence), df)
    estimate, low, high = (inverse_link(value, logit=logit)[0] for value in (predictor, low, high))
    low[n_effective < MIN_CLUSTERS] = high[n_effective < MIN_CLUSTERS] = np.nan
    points = pl.DataFrame({"week": week, "estimate": estimate, "low": low, "high": high})
    return points.with_columns(block_weeks=pl.lit(dependence.weeks, pl.Int64))


def _fit_line(series: Series, *, logit: bool) -> tuple[float, np.ndarray, np.ndarray]:
    """The change along a straight line, end minus start, and the weeks' influences and shares (1, n) in it."""
    fit, _ = fit_series(series, np.array([0, len(series.totals) - 1.0]), logit=logit)
    start, end = fit.terms.copy(), fit.terms.copy()  # the seasons stay as they are
    start[:, :2], end[:, :2] = (1, 0), (0, 1)
    (before, slope_before), (after, slope_after) = (
        inverse_link(terms @ fit.coefficients, logit=logit) for terms in (start, end)
    )
    gradient = (slope_after @ end - slope_before @ start) / len(end)
    return float((after - before).mean()), *week_influences(fit, gradient[None])


def _test_line(panel: Panel, source: str, dependences: dict[bool, Dependence], *, logit: bool) -> dict:
    dependence = dependences[source == ALL_SOURCES]
    series = cut_span(*panel.take(source))
    check_size(series, dependence)
    estimate, influences, shares = _fit_line(series, logit=logit)
    row = _describe(panel, series, dependence)
    tested = _test(estimate, influences, shares, shares, dependence)
    return row | tested | {"p_any": _test_curve(series, dependence, n_weeks=row["n_clusters"], logit=logit)}


def _test_difference(panel: Panel, source: str, dependences: dict[bool, Dependence], *, logit: bool) -> dict:
    """The source's line minus that of the rest; how weeks depend on each other is the difference's own."""
    own = panel.take(source)
    rest = [whole - part for whole, part in zip(panel.take(ALL_SOURCES), own, strict=True)]
    spans = [cut_span(*part) for part in (own, rest)]
    common = slice(max(s.first for s in spans), min(s.first + len(s.totals) for s in spans))
    series, rest = (Series(common.start, *(array[common] for array in part)) for part in (own, rest))
    check_size(series, dependences[False])
    check_size(rest, dependences[True])
    (estimate, influences, shares), (other, less, _) = (_fit_line(part, logit=logit) for part in (series, rest))
    influences = influences - less
    even = np.full_like(influences, 1 / influences.size)
    dependence = estimate_dependence(influences, even)
    row = _describe(panel, series, dependence)
    return row | _test(estimate - other, influences, even, shares, dependence)


def _test(
    estimate: float, influences: np.ndarray, shares: np.ndarray, line_shares: np.ndarray, dependence: Dependence
) -> dict:
    """Estimate, low, high and p, with the blocks of the weeks that carry the line as degrees of freedom."""
    from scipy.stats import t

    variance = curve_variances(influences, shares, dependence)
    if (influences**2).sum() < ROUNDING:
        raise Impossible("the score does not vary")
    df = np.maximum(effective_clusters(line_shares, weeks=dependence.weeks) - 1, 1)
    low, high = t_limits(np.array([estimate]), variance, df)
    p = 2 * t.sf(abs(estimate) / np.sqrt(variance), df)
    return {"estimate": estimate, "low": float(low[0]), "high": float(high[0]), "p": float(p[0])}


def _test_curve(series: Series, dependence: Dependence, *, n_weeks: int, logit: bool) -> float | None:
    knots = choose_knots(series.counts)
    if len(knots) == 2:
        return None
    try:
        fit, _ = fit_series(series, knots, logit=logit)
    except Impossible:
        return None
    return level_p(fit, len(knots), dependence, n_weeks=n_weeks)


def _find_gaps(counts: np.ndarray) -> list[tuple[int, int]]:
    """First and last week of each stretch of more than MAX_GAP weeks without articles."""
    covered = np.flatnonzero(counts > 0)
    long = np.flatnonzero(np.diff(covered) > MAX_GAP + 1)
    return [(int(covered[i]) + 1, int(covered[i + 1]) - 1) for i in long]


def _describe(panel: Panel, series: Series, dependence: Dependence) -> dict:
    return {
        "period": _period(panel, series.first, series.first + len(series.totals) - 1),
        "n_articles": int(series.counts.sum()),
        "n_clusters": int((series.counts > 0).sum()),
        "block_weeks": dependence.weeks,
    }


def _period(panel: Panel, first: int, last: int) -> str:
    """From the Monday of the first to the Sunday of the last of these columns."""
    monday = monday_of(panel.first_week + first)
    return f"{monday} to {monday + timedelta(weeks=last - first, days=6)}"


def _within(given: str | None, reason: object) -> str:
    return str(reason) if given is None else f"within {given}: {reason}"
