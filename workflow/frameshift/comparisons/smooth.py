"""A smooth curve through the weeks of a series, fitted to weekly sums, and the variance of what it predicts.

The model of the mean is g(μ) = spline + annual wave, with g the logit for shares (fractional logit: Papke & Wooldridge
1996) or the identity. Its moment equations, Σ x (total - weight μ) = 0, need only the sums of each week, so articles
are never touched again, and outcomes corrected by labels, which can leave [0, 1], are as good as any.
"""

from typing import NamedTuple

import numpy as np

from frameshift.comparisons.blocks import YEAR, Dependence, annual_wave, shows_season
from frameshift.comparisons.intervals import MIN_ARTICLES, MIN_TESTED
from frameshift.comparisons.omissions import Impossible

MAX_KNOTS = 10
ARTICLES_PER_KNOT = 25
EXTREME = 12.0  # logits; a prediction beyond it means that the equations have no finite solution
MAX_LEVERAGE = 0.9  # of a week on its own fit


class Series(NamedTuple):
    """The weeks of one source, from its first to its last with articles (n,)."""

    first: int  # the panel's column of its first week
    totals: np.ndarray
    weights: np.ndarray
    counts: np.ndarray


class Fit(NamedTuple):
    """A fitted curve: p coefficients from n weeks."""

    coefficients: np.ndarray  # (p,)
    terms: np.ndarray  # (n, p)
    residuals: np.ndarray  # (n,) total - weight μ, over the root of one less the week's leverage
    slopes: np.ndarray  # (n,) weight dμ/dη
    inverse: np.ndarray  # (p, p) of Σ slope x x'


def cut_span(totals: np.ndarray, weights: np.ndarray, counts: np.ndarray) -> Series:
    """The weeks from the first to the last with articles, of all weeks of a panel.

    Raises Impossible where there is none.
    """
    covered = np.flatnonzero(counts > 0)
    if not len(covered):
        raise Impossible("no articles")
    span = slice(covered[0], covered[-1] + 1)
    return Series(int(covered[0]), totals[span], weights[span], counts[span])


def check_size(series: Series, dependence: Dependence) -> None:
    """Raise Impossible for fewer than MIN_ARTICLES articles, or than MIN_TESTED blocks of weeks with articles."""
    n_articles, n_weeks = int(series.counts.sum()), int((series.counts > 0).sum())
    if n_articles < MIN_ARTICLES or n_weeks < MIN_TESTED * dependence.weeks:
        found = f"{n_articles} articles in {n_weeks} weeks, blocks of {dependence.weeks} weeks"
        raise Impossible(f"too few for a trend: {found}")


def choose_knots(counts: np.ndarray) -> np.ndarray:
    """Knots of a curve over n weeks with so many articles (n,): the first and last week, and one a year between them.

    Inner knots stand at quantiles of the articles. They are fewer than one a year where a knot would have less than
    ARTICLES_PER_KNOT articles; there are never more than MAX_KNOTS in all.
    """
    n_weeks, cumulated = len(counts), np.cumsum(counts)
    n_knots = min(2 + round(n_weeks / YEAR), cumulated[-1] // ARTICLES_PER_KNOT, MAX_KNOTS)
    quantiles = np.linspace(0, cumulated[-1], max(int(n_knots), 2))[1:-1]
    return np.unique([0.0, *np.searchsorted(cumulated, quantiles), n_weeks - 1.0])


def curve_terms(week: np.ndarray, knots: np.ndarray, *, wave: bool) -> np.ndarray:
    """Terms (n, p) of the curve in weeks `week` (n,): a natural cubic spline and, with `wave`, an annual wave.

    A coefficient of the spline is the curve's height at its knot; with two knots the spline is a straight line.
    """
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(knots, np.eye(len(knots)), bc_type="natural")(week)
    return np.column_stack([spline, annual_wave(week)]) if wave else spline


def fit_series(series: Series, knots: np.ndarray, *, logit: bool) -> tuple[Fit, bool]:
    """The curve with these knots, and whether it has an annual wave, as from three years on.

    Raises Impossible for a constant score, and where the equations have no solution.
    """
    n_weeks = len(series.totals)
    wave = shows_season(n_weeks)
    terms = curve_terms(np.arange(n_weeks), knots, wave=wave)
    if np.allclose(series.totals * series.weights.sum(), series.weights * series.totals.sum(), rtol=0, atol=1e-9):
        raise Impossible("the score does not vary")
    fit = fit_curve(series.totals, series.weights, terms, logit=logit)
    if fit is None:
        raise Impossible("the model has no finite solution, as where a frame is never or always there for long")
    return fit, wave


def fit_curve(totals: np.ndarray, weights: np.ndarray, terms: np.ndarray, *, logit: bool) -> Fit | None:
    """Solve Σ x (total - weight μ) = 0 over the weeks; None where no finite and unique solution exists.

    Leverages make the squares of the weeks' residuals unbiased (HC2, MacKinnon & White 1985).
    """
    from scipy.optimize import root
    from scipy.special import logit as to_logit

    if not weights.sum() > 0:
        return None
    mean = totals.sum() / weights.sum()
    if logit and not 0 < mean < 1:
        return None
    level = np.full(len(terms), to_logit(mean) if logit else mean)
    start = np.linalg.lstsq(terms, level, rcond=None)[0]

    def moments(coefficients):
        return terms.T @ (totals - weights * inverse_link(terms @ coefficients, logit=logit)[0])

    def slope(coefficients):
        return -_gram(terms, weights * inverse_link(terms @ coefficients, logit=logit)[1])

    solution = root(moments, start, jac=slope, tol=1e-10)
    mu, per_weight = inverse_link(terms @ solution.x, logit=logit)
    slopes = weights * per_weight
    gram = _gram(terms, slopes)
    solved = np.abs(moments(solution.x)).max() < 1e-6 * np.abs(weights).sum()
    if not solved or (logit and np.abs(terms @ solution.x).max() > EXTREME) or np.linalg.eigvalsh(gram)[0] <= 0:
        return None
    inverse = np.linalg.inv(gram)
    leverage = slopes * np.einsum("tp,pq,tq->t", terms, inverse, terms)
    residuals = (totals - weights * mu) / np.sqrt(1 - np.clip(leverage, 0, MAX_LEVERAGE))
    return Fit(solution.x, terms, residuals, slopes, inverse)


def inverse_link(predictor: np.ndarray, *, logit: bool) -> tuple[np.ndarray, np.ndarray]:
    """The mean at each value of the linear predictor, and its derivative there."""
    from scipy.special import expit

    if not logit:
        return predictor, np.ones_like(predictor)
    mean = expit(predictor)
    return mean, mean * (1 - mean)


def week_influences(fit: Fit, gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How each week moves `gradients` (m, p) times the coefficients: by its residual, and per unit of the predictor.

    Both are (m, n); the first sums to the error of the estimate, the second to one for a height of the curve.
    """
    pull = gradients @ fit.inverse @ fit.terms.T
    return pull * fit.residuals, pull * fit.slopes


def curve_variances(influences: np.ndarray, shares: np.ndarray, dependence: Dependence) -> np.ndarray:
    """Variances (m,) of estimates: Σ influence², and what neighbouring weeks have in common (see intervals.py)."""
    shared = np.zeros(len(influences))
    for lag, covariance in enumerate(dependence.covariances[: shares.shape[1] - 1], start=1):
        shared += 2 * covariance * (shares[:, :-lag] * shares[:, lag:]).sum(axis=1)
    return (influences**2).sum(axis=1) + np.maximum(shared, 0)


def effective_clusters(shares: np.ndarray, *, weeks: int) -> np.ndarray:
    """How many clusters of `weeks` weeks carry each estimate, (m,): Satterthwaite (1946), on the sums of share².

    Of n even weeks the mean rests on all; a straight line on those at its ends, and so on 5/9 of them; the height of a
    curve on those near it.
    """
    squares = np.add.reduceat(shares**2, np.arange(0, shares.shape[1], weeks), axis=1)
    return squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1)


def level_p(fit: Fit, n_knots: int, dependence: Dependence, *, n_weeks: int) -> float | None:
    """p that the curve has one height at all its knots (the annual wave apart); None below as many blocks.

    A Wald test of the q differences between neighbouring knots with F(q, df), where df is one less than the weeks that
    carry the weakest of them, or than the blocks. What neighbouring weeks have in common enters without its negative
    directions, as in curve_variances.
    """
    from scipy.stats import f

    q = n_knots - 1
    blocks = n_weeks / dependence.weeks
    if blocks < q + 1:
        return None
    differences = np.diff(np.eye(n_knots, len(fit.coefficients)), axis=0)
    influences, shares = week_influences(fit, differences)
    df = max(min(effective_clusters(shares, weeks=1).min(), blocks) - 1, 1)
    shared = np.zeros((q, q))
    for lag, covariance in enumerate(dependence.covariances[: shares.shape[1] - 1], start=1):
        product = covariance * shares[:, :-lag] @ shares[:, lag:].T
        shared += product + product.T
    values, directions = np.linalg.eigh(shared)
    variance = influences @ influences.T + (directions * np.maximum(values, 0)) @ directions.T
    change = differences @ fit.coefficients
    return float(f.sf(change @ np.linalg.solve(variance, change) / q, q, df))


def _gram(terms: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return (terms * slopes[:, None]).T @ terms
