"""Variances clustered by week, with what neighbouring weeks have in common, and 95% intervals from them.

The estimate is a ratio of sums over weeks, Σ w y / Σ w; its linearised variance is the sum of squared influences of the
weeks (clusters), plus twice the products of neighbouring weeks' weights with their covariance (blocks.py), never less
than without. That is the heteroscedasticity and autocorrelation consistent variance of Newey & West (1987) and Driscoll
& Kraay (1998), with the off-diagonal terms taken from the whole series, because 13 weeks cannot show them. Quantiles
are of t with min(weeks - 1, .75 span / block) degrees of freedom.

Simulated (1,000 replications a row; 4 sources of 9 articles a week, weeks of sd .35 shared by the sources, source-weeks
of .25, articles of 1; intensity / share of .17): coverage by the 95% interval of a quarter and of the whole span, and
rejections at 5% of a change of half a year (half of shorter spans) on each side and of a gap where there is none.

    weeks  autocorrelation  block  one source's quarter  all sources' quarter  all sources' span  change      gap
       26        0             4       .988 / .987           .981 / .986        .988 / .990     .007 / .005  .044 / .030
       26        .5            4       .960 / .979           .951 / .975        .958 / .975     .029 / .012  .046 / .030
       52        0             5       .984 / .974           .991 / .982        .991 / .987     .024 / .024  .018 / .015
       52        .5            5       .970 / .959           .974 / .969        .943 / .948     .031 / .023  .037 / .020
      104        0             7       .964 / .956           .961 / .961        .966 / .971     .028 / .032  .020 / .031
      104        .5            7       .955 / .950           .959 / .962        .957 / .955     .032 / .027  .034 / .031
      260        0            11       .936 / .958           .950 / .956        .970 / .973     .042 / .027  .028 / .028
      260        .5           11       .964 / .954           .973 / .959        .946 / .956     .046 / .052  .039 / .032
       52        .8            5       .944 / .960           .924 / .939        .879 / .911     .086 / .050  .035 / .021
      104        .8            8       .942 / .972           .945 / .948        .900 / .917     .081 / .063  .045 / .028
      260        .8           12       .967 / .972           .976 / .971        .951 / .946     .041 / .038  .041 / .037

Weekly clusters alone cover .78 to .86 at autocorrelation .5. So spans up to a year make wide intervals, and at .8 only
years of weeks give honest ones for a whole span. That what weeks share is never less than nothing makes intervals some
5% too long where they do not resemble each other; were it allowed to be negative, changes would be found in .052 to
.063 of the demo's corpora without one and without autocorrelation (450 of each size).
"""

import numpy as np

MIN_CLUSTERS, MIN_ARTICLES = 8, 20  # fewer weeks or articles: no interval
MIN_TESTED = 6  # fewer weeks: no test
MIN_LABELS = 50  # with fewer, a handful of errors decides, and their own spread is not to be trusted
LEVEL = 0.95
FLAT_TOP = 0.75  # one over the integral of the squared window, 1 up to half its length and then falling to 0
ROUNDING = 1e-24  # a variance below this is rounding: nothing varies


def sum_variances(
    *, cell: np.ndarray, week: np.ndarray, influence: np.ndarray, weight: np.ndarray, covariances: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of each cell's estimate, and the part of it that comes from the weeks' own influences.

    Rows are weeks of cells: `cell` (0 … n - 1), `week`, the week's `influence` on the estimate, and its `weight` (a
    share of the cell's weight, negative on the side that is subtracted). A cell has at most one row a week.
    `covariances` (cells × lags) holds the covariance between weeks 1, 2, … apart. Both parts carry the factor
    G / (G - 1); with weeks that resemble each other, residuals from the cell's own mean are too small by just that.
    """
    n_cells, n_lags = covariances.shape
    n_clusters = np.bincount(cell, minlength=n_cells)
    own = np.bincount(cell, influence**2, minlength=n_cells)
    code = cell * (np.ptp(week) + n_lags + 1) + week - week.min()
    order = np.argsort(code)
    code, cell, weight = code[order], cell[order], weight[order]
    shared = np.zeros(n_cells)
    for lag in range(1, n_lags + 1):
        later = np.searchsorted(code, code + lag).clip(max=len(code) - 1)
        pairs = weight * weight[later] * (code[later] == code + lag)
        shared += 2 * covariances[:, lag - 1] * np.bincount(cell, pairs, minlength=n_cells)
    factor = n_clusters / np.maximum(n_clusters - 1, 1)
    return factor * (own + np.maximum(shared, 0)), factor * own


def degrees_of_freedom(n_clusters: np.ndarray, *, n_weeks: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Degrees of freedom: one less than the weeks of a cell or, where that is fewer, what the covariances are worth.

    A variance over n weeks by a flat-top window of b weeks varies as one of n / (b ∫ k²) = .75 n / b degrees of freedom
    (Politis & Romano 1995; for windows in general Priestley 1981, section 6.2).
    """
    return np.maximum(np.minimum(n_clusters - 1, FLAT_TOP * n_weeks / block), 1)


def t_limits(estimate: np.ndarray, variance: np.ndarray, df: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the 95% interval on the scale of the estimate."""
    from scipy.stats import t

    reach = t.ppf((1 + LEVEL) / 2, df) * np.sqrt(variance)
    return estimate - reach, estimate + reach


def logit_limits(estimate: np.ndarray, variance: np.ndarray, df: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits for a share strictly between 0 and 1, symmetric on the logit scale, on which `variance` is."""
    from scipy.special import expit, logit

    low, high = t_limits(logit(estimate), variance, df)
    return expit(low), expit(high)


def edge_limits(estimate: np.ndarray, n_effective: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits for a share of exactly 0 or 1: Clopper–Pearson with the effective sample size (Korn & Graubard 1998)."""
    reach = 1 - ((1 - LEVEL) / 2) ** (1 / n_effective)
    return np.where(estimate == 0, 0.0, 1 - reach), np.where(estimate == 0, reach, 1.0)
