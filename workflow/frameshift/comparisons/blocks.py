"""How weeks depend on each other: the week of a story, the length of a block, and the covariance between weeks.

News comes in weeks that resemble their neighbours, and sources share them. So the week, not the article, is the unit
that is drawn, and what neighbouring weeks have in common is added to every variance. A quarter holds 13 weeks: too few
for blocks of a month, and too few to show its own autocorrelation. The covariance between weeks is therefore estimated
on the whole series, from all sources together, and carried into each cell.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from frameshift.comparisons.periods import tells_period, week_of

MONTH, QUARTER, YEAR = 4, 13, 365.25 / 7  # in weeks


class Dependence(NamedTuple):
    """What weeks have in common: a block of `weeks` weeks, the covariances at lags 1, 2, … weeks, and the span."""

    weeks: int
    covariances: np.ndarray  # (weeks - 1,), of weekly means, in the squared unit of the outcome
    n_weeks: int  # weeks with articles


def add_story_weeks(articles: pl.DataFrame) -> pl.DataFrame:
    """Add `week`: the week of each article's story, which is that of the first copy with a day in its wire cluster.

    Copies of one wire story are one observation, so they belong to one week even where a source prints them days
    later. An article of which the day is unknown has no week, whatever its copies' dates.
    """
    known = tells_period(pl.col("date_precision"), "week")
    first = pl.col("date").filter(known).min().over("wire_cluster")
    return articles.with_columns(week=pl.when(known).then(week_of(first)))


def estimate_dependence(
    totals: np.ndarray, weights: np.ndarray, *, logit: bool = False, step: int | None = None
) -> Dependence:
    """Covariance between the weekly means of the series (rows), pooled over them.

    `totals` and `weights` (series × weeks) are the sums of w·y and of w; the covariance at lag k is
    Σ r_t r_{t+k} / Σ w_t w_{t+k}, with r_t the sums of residuals from a smooth trend. Only pairs of different weeks
    enter, so that chance within a week does not, and series of any size can be pooled. With `logit` the outcomes are
    shares and each series is brought to the logit scale, where sources of different levels are comparable. A change
    that is itself tested, in week `step` (0 is the first), is part of the trend: else it would count as dependence.
    """
    trend = _smooth_trend(totals.shape[1])
    if step is not None:
        trend = np.column_stack([trend, np.arange(len(trend)) >= step])
    residuals = _remove_trend(totals, weights, trend)
    if logit:
        mean = totals.sum(axis=1) / weights.sum(axis=1)
        residuals = residuals / np.where((mean > 0) & (mean < 1), mean * (1 - mean), 1.0)[:, None]
    covered = weights.sum(axis=0) > 0
    weeks = find_block_length(residuals.sum(axis=0)[covered] / weights.sum(axis=0)[covered])
    covariances = _week_covariances(residuals, weights, window=weeks, n_terms=trend.shape[1])
    return Dependence(weeks, covariances, int(covered.sum()))


def find_block_length(residuals: np.ndarray) -> int:
    """Length of a block, in weeks, for a series of weekly residuals from their trend.

    Politis & White (2004), corrected by Patton, Politis & White (2009), rounded up, and not less than
    `least_block`. At most a quarter (or a third of a shorter series), because what lasts longer is a change to be
    reported and not noise, and because fewer blocks than that say nothing about their variance.
    """
    n_weeks = len(residuals)
    least = least_block(n_weeks)
    longest = max(least, min(QUARTER, n_weeks // 3))
    if longest == least or np.ptp(residuals) == 0:
        return least
    from arch.bootstrap import optimal_block_length

    return int(np.clip(np.ceil(optimal_block_length(residuals)["circular"].iloc[0]), least, longest))


def least_block(n_weeks: int) -> int:
    """The least length of a block, in weeks: a month, or .65 times the square root of the weeks (11 in five years).

    What a series chooses for itself makes the smallest error of its variance, but tests that find too much: a month
    misses an eighth of what weeks of autocorrelation .5 share. Longer windows hold the level, with the degrees of
    freedom that they leave; this length leaves those that Lazarus, Lewis, Stock & Watson (2018) recommend,
    1.5 n / 1.3 √n, in terms of the flat-top window. Never longer than a quarter.
    """
    return max(MONTH, min(int(np.ceil(0.65 * np.sqrt(n_weeks))), QUARTER))


def shows_season(n_weeks: int) -> bool:
    """Whether so many weeks tell an annual wave from chance: three years do."""
    return n_weeks >= 3 * YEAR - 1


def annual_wave(week: np.ndarray) -> np.ndarray:
    """Sine and cosine of the year in each week: (weeks, 2)."""
    phase = 2 * np.pi * np.asarray(week) / YEAR
    return np.stack([np.sin(phase), np.cos(phase)], axis=1)


def _smooth_trend(n_weeks: int) -> np.ndarray:
    """Level and straight line, and an annual wave once three years tell it from chance: (weeks, terms)."""
    week = np.arange(n_weeks)
    terms = [np.ones(n_weeks), week / n_weeks]
    if shows_season(n_weeks):
        terms += [*annual_wave(week).T]
    return np.stack(terms, axis=1)


def _remove_trend(totals: np.ndarray, weights: np.ndarray, trend: np.ndarray) -> np.ndarray:
    """Weekly sums of the residuals from each series' own trend, fitted by least squares over the articles."""
    gram = np.einsum("st,tp,tq->spq", weights, trend, trend)
    fitted = np.linalg.pinv(gram, hermitian=True) @ (totals @ trend)[:, :, None]
    return totals - weights * (fitted[:, :, 0] @ trend.T)


def _week_covariances(residuals: np.ndarray, weights: np.ndarray, *, window: int, n_terms: int) -> np.ndarray:
    """Covariances at lags 1 … window - 1, tapered by the flat-top window of Politis & Romano (1995).

    A fitted trend of p terms takes about p/T of the long-run variance out of each autocovariance (T weeks); it is put
    back, which matters for corpora of one or two years.
    """
    n_weeks = residuals.shape[1]
    lags = np.arange(min(window, n_weeks))
    raw = np.array(
        [
            (residuals[:, : n_weeks - lag] * residuals[:, lag:]).sum()
            / max((weights[:, : n_weeks - lag] * weights[:, lag:]).sum(), np.finfo(float).tiny)
            for lag in lags
        ]
    )
    taper = np.minimum(1, 2 * (1 - lags / window))
    reach = 2 * taper.sum() - 1  # how many autocovariances, of both signs of the lag, make up the long-run variance
    kept = max(1 - n_terms * reach / n_weeks, 0.25)  # a shorter series cannot bear a larger correction
    long_run = max(2 * (taper * raw).sum() - raw[0], 0) / kept
    return (taper * (raw + n_terms * long_run / n_weeks))[1:]
