"""Invariance: whether a measure errs alike in every source and every era.

Where it does, equal scores stand for equal chances of the frame, whoever wrote the passage and when: E[label | score,
group] = f(score) (measurement invariance; Meredith 1993, Psychometrika 58:525-543; Davidov et al. 2014, Annual Review
of Sociology 40:55-75). Only then do differences between groups in the mean score say something about the framing.

The test is one of scores (Rao 1948; with clusters, Boos 1992, The American Statistician 46:327-333), not Wald's: it
fits only the curve that the groups share, so it stands where a group's own cannot be fitted. Its distribution is
simulated, because the chi-square one rejects too often with rare frames or many sources.

Simulated (600 replications a row, so ± .02; a curve that is not quite logistic, sources of different mean score, a
fifth of the passages in clusters of two, high scores drawn with certainty and others with .1 to .3): rejections at 5%,
where sources do not differ and where one is a logit above the others.

    sources  labels each  prevalence     here  chi-square, plain 1/π  Wald's F
       5         250          .20        .055         .057              .060
       5         250          .08        .045         .072              .062
       5         100          .20        .055         .075              .042
       5          60          .15        .025         .052              .075
      10          60          .20        .052         .095              .055
       4         250          .25        .042         .043              .073     (clusters of 20)
       4         250          .33        .942         .948              .940     one a logit above
       5         250          .20        .752         .797              .798     likewise
       2         250          .15        .755         .748              .740     likewise

With very many labels the test also finds where the curve is not the one assumed, if sources differ in their scores.
"""

import warnings

import numpy as np
import polars as pl

from frameshift.frames.resample import MIN_CLUSTERS
from frameshift.names import ALL_SOURCES

MIN_PASSAGES = 30  # a group with fewer labelled passages is left out
MIN_CLASS = 5  # likewise, with fewer positives or negatives
DRAWS = 499
_GROUPINGS = {"source": "sources", "era": "eras"}
_SHARE_LIMIT = 0.001  # shares beyond are taken as this, which is as far as a logit goes
_BATCH = 50_000  # numbers held at once: few enough for a cache


def test_invariance(labelled: pl.DataFrame, *, seed: int) -> tuple[list[dict], list[dict]]:
    """p that sources (eras) do not differ, by frame and measure: rows of frames/validation, and reasons for gaps.

    `labelled` is frames/labelled with `era` (see add_eras). Metrics "p source" and "p era", not corrected for how many
    are tested. `n` counts the passages of the groups that are compared. Groups with fewer than MIN_PASSAGES labelled
    passages or MIN_CLASS positives or negatives, and passages of no source or date, are left out.
    """
    labelled = labelled.sort("frame", "measure", "passage_id")
    rows, reasons = [], []
    for (frame, measure), part in labelled.partition_by("frame", "measure", as_dict=True, maintain_order=True).items():
        place = {"frame": frame, "source": ALL_SOURCES, "period": "all"}
        for column, groups in _GROUPINGS.items():
            compared, small = _large_groups(part, column)
            if small:
                reason = f"{measure}: differences of {groups} are tested without {', '.join(small)}: too few labels"
                reasons.append(place | {"reason": reason})
            try:
                p = _test(compared, column, seed=seed)
            except _Impossible as impossible:
                reasons.append(place | {"reason": f"{measure}: differences of {groups} not tested: {impossible}"})
                continue
            row = {"measure": measure, "n": len(compared), "metric": f"p {column}", "estimate": p}
            rows.append(place | row | {"low": None, "high": None})
    return rows, reasons


test_invariance.__test__ = False  # pytest takes the name for a test's


class _Impossible(Exception):
    """A test that cannot be made; the message is the reason."""


def _large_groups(part: pl.DataFrame, column: str) -> tuple[pl.DataFrame, list[str]]:
    """The passages of groups large enough to be compared, and the names of the others."""
    known = part.filter(pl.col(column).is_not_null())
    positives = pl.col("label").sum().over(column)
    size = pl.len().over(column)
    large = known.filter(size >= MIN_PASSAGES, positives >= MIN_CLASS, size - positives >= MIN_CLASS)
    return large, sorted(set(known[column]) - set(large[column]))


def _test(groups: pl.DataFrame, column: str, *, seed: int) -> float:
    """p of the score test that the groups share one curve from score to label.

    The curve is logistic in the score's position and its square; the groups' own levels and slopes are tested. A label
    drawn from the fitted curve, the same chance for a whole cluster, makes the distribution of the statistic.
    """
    names, group = np.unique(groups[column].to_numpy(), return_inverse=True)
    clusters, cluster = np.unique(groups["cluster"].to_numpy(), return_inverse=True)
    n_tested = 2 * (len(names) - 1)
    if len(names) < 2:
        raise _Impossible("fewer than two are large enough")
    if len(clusters) < max(MIN_CLUSTERS, 3 * n_tested):
        raise _Impossible(f"wire clusters below {max(MIN_CLUSTERS, 3 * n_tested)} ({len(clusters)})")
    position = _position(groups)
    weight = _even_weights(1 / groups["probability"].to_numpy(), position, group)
    level = (group[:, None] == np.arange(1, len(names))).astype(np.float64)
    common = np.stack([np.ones_like(position), position, position**2], axis=1)
    fitted = _fit(groups["label"].to_numpy(), common, weight)
    influence = _project(np.hstack([level, level * position[:, None]]), common, weight * fitted * (1 - fitted))
    order = np.argsort(cluster, kind="stable")
    influence, fitted, cluster = (weight[:, None] * influence)[order], fitted[order], cluster[order]
    basis, size, _ = np.linalg.svd(influence, full_matrices=False)  # without what one group's equal scores make double
    basis = basis[:, size > 1e-8 * size[0]]
    observed = _statistic((groups["label"].to_numpy()[order] - fitted)[None], basis, cluster)[0]
    rng = np.random.default_rng(seed)
    as_large = 0
    for draws in np.array_split(np.arange(DRAWS), min(DRAWS, 1 + DRAWS * basis.size // _BATCH)):
        chance = rng.random((len(draws), len(clusters)))[:, cluster]
        as_large += (_statistic((chance < fitted) - fitted, basis, cluster) >= observed * (1 - 1e-9)).sum()
    return float((1 + as_large) / (1 + DRAWS))


def _position(groups: pl.DataFrame) -> np.ndarray:
    """Where each passage stands, with mean 0 and deviation 1: logit of its share or, scores having no scale, the normal
    score of its rank."""
    from scipy.special import logit
    from scipy.stats import norm, rankdata

    if groups["share"].null_count() == 0:
        position = logit(groups["share"].to_numpy().clip(_SHARE_LIMIT, 1 - _SHARE_LIMIT))
    else:
        position = norm.ppf((rankdata(groups["score"].to_numpy()) - 0.5) / len(groups))
    if np.ptp(position) < 1e-9:
        raise _Impossible("all scores are equal")
    return (position - position.mean()) / position.std()


def _even_weights(weight: np.ndarray, position: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Weights divided by their mean among passages of like score in the same group (Pfeffermann & Sverchkov 1999,
    Sankhyā B 61:166-186).

    What a model of the label given score and group needs of the weights is only what score and group do not explain;
    the rest lets a few passages of a rarely drawn stratum decide.
    """
    fifth = np.searchsorted(np.quantile(position, [0.2, 0.4, 0.6, 0.8]), position)
    _, cell = np.unique(5 * group + fifth, return_inverse=True)
    return weight / (np.bincount(cell, weight) / np.bincount(cell))[cell]


def _fit(label: np.ndarray, common: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Fitted chances of a weighted logistic regression of `label` (n,) on `common` (n, terms)."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

    model = sm.GLM(label, common, family=sm.families.Binomial(), var_weights=weight)
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return model.fit(maxiter=100).fittedvalues
        except (PerfectSeparationWarning, ConvergenceWarning):
            raise _Impossible("the scores separate the labels perfectly") from None


def _project(tested: np.ndarray, common: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What of `tested` (n, terms) the `common` terms do not explain, so that fitting them moves no score."""
    root = np.sqrt(weight)[:, None]
    return tested - common @ np.linalg.lstsq(root * common, root * tested, rcond=None)[0]


def _statistic(residual: np.ndarray, basis: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Score statistic with the variance between clusters, (samples,), of residuals (samples, n) sorted by cluster."""
    score = residual[:, None, :] * basis.T
    starts = np.flatnonzero(np.diff(cluster, prepend=-1))
    if len(starts) < len(cluster):
        score = np.add.reduceat(score, starts, axis=2)
    total = score.sum(axis=2, keepdims=True)
    variance = score @ score.transpose(0, 2, 1)
    return (total * np.linalg.solve(variance, total)).sum(axis=(1, 2))
