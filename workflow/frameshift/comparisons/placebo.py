"""What a series does after a date, against what it did after the dates on which nothing happened.

The response at a date is the mean of some weeks from it on minus a counterfactual: the mean of the BASELINE weeks
before it, moved along the series' own straight line and annual wave. Its error cannot be read from the weeks' own
variance, which takes neighbouring weeks for independent. So the same response is computed at every date that lies clear
of all events, and the spread of these placebo responses tells how far chance alone goes (Bertrand, Duflo & Mullainathan
2004). A response is divided by the standard error that it would have if weeks were independent, since weeks of few
articles scatter more. Placebo dates overlap, so their spread is known only as well as from a smaller number of
independent ones, and line and wave were fitted to them; with that number, less their terms, as degrees of freedom, the
response in units of the spread is compared with t.

Simulated (2,500 replications a row, one series of 1 / 10 articles a week, weeks of sd .35 and .25, articles of 1; an
event of no effect): rejections at 5% by t, and by the rank among the placebo responses, which takes each for a new one.

    weeks  events  placebo dates  degrees of freedom  autocorrelation 0   .5           .8           rank, .5
      260       2            133                  12        .043 / .052   .049 / .056  .053 / .060   .067 / .076
      260       1            184                  17        .045 / .049   .046 / .053  .054 / .065   .062 / .075
      156       1             80                   6        .039 / .031   .042 / .038  .050 / .058   .094 / .089
      104       1             45                   5        .039 / .040   .040 / .042  .041 / .052   .096 / .103
       78       1             30                   4        .035 / .035   .039 / .042  .044 / .051   .100 / .117
      450       5            170                  20        .052 / .049   .048 / .045  .052 / .060   .058 / .062

Were the estimation of line and wave left out of the standard errors, .11 and more would be rejected in the first row.
"""

from typing import NamedTuple

import numpy as np

from frameshift.comparisons.blocks import annual_wave, shows_season
from frameshift.comparisons.intervals import ROUNDING, t_limits

WINDOW = 13  # weeks from an event on whose mean is tested
BASELINE = 26  # weeks before it that they are compared with
MIN_BASELINE = 13  # of these must lie clear of other events
FADE = 26  # weeks from an event on that are not ordinary: later ones show what has become of its effect for good
MIN_LINE = 104  # ordinary weeks; a line through fewer is too uncertain to be carried forward
MIN_EFFECTIVE = 4  # degrees of freedom that the placebo dates must be worth
NOTHING = 1e-9  # what sums over weeks without articles can leave by rounding


class Series(NamedTuple):
    """A series without its line and wave, summed so that any weeks' sums are at hand.

    The columns are Σ w (y - line - wave), Σ w, its variance, whether the week is ordinary, the variance of ordinary
    weeks, Σ w times line and wave (k columns), and their solutions times the variance (k columns).
    """

    below: np.ndarray  # (weeks + 1, 5 + 2k) sums over all weeks before each
    before: np.ndarray  # (weeks, 5 + 2k) sums over the ordinary ones of the BASELINE weeks before each
    covariance: np.ndarray  # (k, k) of the coefficients of line and wave, were weeks independent


class Responses(NamedTuple):
    """One entry for each week as the date of an event."""

    estimate: np.ndarray  # (weeks,) NaN where one side has no articles
    variance: np.ndarray  # (weeks,) were weeks independent; NaN where nothing varies
    placebo: np.ndarray  # (weeks,) bool: no event is near
    n_removed: int  # terms of line and wave


class Chance(NamedTuple):
    """How far placebo responses go."""

    spread: float  # root mean square of the placebo responses over their standard errors
    df: float  # how many independent dates they are worth, less the terms of line and wave
    n_placebo: int  # how many they are


def find_ordinary(n_weeks: int, events: list[int]) -> np.ndarray:
    """Which weeks (n_weeks,) do not lie within FADE weeks from an event on; `events` are weeks, 0 being the first."""
    ordinary = np.ones(n_weeks, dtype=bool)
    for event in events:
        ordinary[max(event, 0) : max(event + FADE, 0)] = False
    return ordinary


def remove_trend(totals: np.ndarray, weights: np.ndarray, events: list[int]) -> Series:
    """Take line and wave out of weekly sums (weeks,); `events` are the weeks of all events, 0 being the first week.

    Both are fitted by least squares over the articles of ordinary weeks, with a step at each event: what an event
    changed for good is no trend. A line needs MIN_LINE weeks, a wave three years. The variance of a week's total is
    a w² + b |w|: what its articles have in common, and what each has of its own.
    """
    from scipy.optimize import nnls

    week, ordinary = np.arange(len(totals)), find_ordinary(len(totals), events)
    removed = [week / len(week)] if ordinary.sum() >= MIN_LINE else []
    removed += [*annual_wave(week).T] if shows_season(len(week)) else []
    steps = [week >= event for event in events if 0 < event < len(week)]
    terms = np.stack([*removed, np.ones(len(week)), *steps], axis=1)
    gram = terms.T @ (terms * (weights * ordinary)[:, None])
    solution = (terms * ordinary[:, None]) @ np.linalg.pinv(gram, hermitian=True)
    left = totals - weights * (terms @ (totals @ solution))
    used, size = ordinary & (weights != 0), np.abs(weights)
    (common, own), _ = nnls(np.stack([size, np.ones(len(size))], axis=1)[used], left[used] ** 2 / size[used])
    terms, solution = terms[:, : len(removed)], solution[:, : len(removed)]
    deviations, variances = totals - weights * (terms @ (totals @ solution)), common * weights**2 + own * size
    sums = [deviations, weights, variances, ordinary, variances * ordinary]
    columns = np.column_stack([*sums, weights[:, None] * terms, variances[:, None] * solution])
    before = _sum_weeks(_sum_below(columns * ordinary[:, None]), -BASELINE, 0)
    return Series(_sum_below(columns), before, solution.T @ (variances[:, None] * solution))


def respond(series: Series, *, lag: int, length: int) -> Responses:
    """The mean of `length` weeks from `lag` weeks after each date on, minus that of the ordinary weeks before the date.

    The variance takes account of the line and wave being estimated: the dates whose own weeks had a part in them look
    more ordinary than they are, and an event, whose weeks had none, less.
    """
    before, after = series.before, _sum_weeks(series.below, lag, lag + length)
    known = (before[:, 1] > NOTHING) & (after[:, 1] > NOTHING)
    w_after, w_before = (np.where(known, side[:, 1], np.nan) for side in (after, before))
    means = after / w_after[:, None] - before / w_before[:, None]
    drift, shared = np.split(means[:, 5:], 2, axis=1)  # of line and wave; and with the weeks they were fitted to
    of_sides = after[:, 2] / w_after**2 + before[:, 2] / w_before**2
    variance = of_sides - 2 * (drift * shared).sum(axis=1) + ((drift @ series.covariance) * drift).sum(axis=1)
    if lag < 0:  # some weeks are on both sides
        variance -= 2 * _sum_weeks(series.below[:, 4], lag, min(lag + length, 0)) / (w_after * w_before)
    # These can be all the articles that there are: then the sides differ by nothing but rounding.
    varies = known & (variance > NOTHING * of_sides) & (variance > ROUNDING)
    placebo = varies & (before[:, 3] >= MIN_BASELINE) & (after[:, 3] == length)
    estimate, variance = np.where(known, means[:, 0], np.nan), np.where(varies, variance, np.nan)
    return Responses(estimate, variance, placebo, n_removed=len(series.covariance))


def subtract(source: Responses, reference: Responses) -> Responses:
    """How much more the source responds than the reference does."""
    return Responses(
        source.estimate - reference.estimate,
        source.variance + reference.variance,
        source.placebo & reference.placebo,
        max(source.n_removed, reference.n_removed),
    )


def measure_chance(responses: Responses, *, lag: int, length: int) -> Chance:
    """How far the placebo responses go; the spread is 0 where there are none."""
    estimate, variance, placebo, n_removed = responses
    if not placebo.any():
        return Chance(0.0, 0.0, 0)
    spread = np.sqrt(np.mean(estimate[placebo] ** 2 / variance[placebo]))
    df = max(_count_independent(placebo, lag=lag, length=length) - n_removed, 0.0)
    return Chance(float(spread), df, int(placebo.sum()))


def judge(estimate: np.ndarray, error: np.ndarray, df: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """p of no response, and the limits of the 95% interval; `error` is the standard error times the spread."""
    from scipy.stats import t

    return 2 * t.sf(np.abs(estimate) / error, df), *t_limits(estimate, error**2, df)


def _count_independent(placebo: np.ndarray, *, lag: int, length: int) -> float:
    """n² / Σ ρ² over all pairs of the n placebo dates: of so many independent responses the mean square is as certain.

    ρ is the correlation between the responses at two dates that comes from sharing weeks, all weighing the same.
    """
    contrast = np.zeros(BASELINE + max(lag + length, 0))
    contrast[:BASELINE] = -1 / BASELINE
    contrast[BASELINE + lag : BASELINE + lag + length] += 1 / length
    covariance, pairs = (np.correlate(x, x, "full")[len(x) - 1 :] for x in (contrast, placebo.astype(float)))
    reach = min(len(covariance), len(pairs))
    squared = (covariance[:reach] / covariance[0]) ** 2 * pairs[:reach]
    return float(pairs[0] ** 2 / (2 * squared.sum() - squared[0]))


def _sum_below(values: np.ndarray) -> np.ndarray:
    """The sums of `values` (weeks, …) over the weeks before each week, and over all weeks: (weeks + 1, …)."""
    return np.concatenate([np.zeros_like(values[:1], dtype=float), np.cumsum(values, axis=0)])


def _sum_weeks(below: np.ndarray, first: int, last: int) -> np.ndarray:
    """For each week, the sum from `first` weeks after it to before `last` weeks after it (`below`: _sum_below)."""
    week = np.arange(len(below) - 1)
    return below[np.clip(week + last, 0, len(week))] - below[np.clip(week + first, 0, len(week))]
