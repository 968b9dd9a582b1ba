"""The supervised measure: what people coded, learned from the passages' vectors by regularised logistic regression."""

from collections.abc import Iterator, Sequence

import numpy as np

STRENGTHS = (1.0, 10.0, 100.0)
"""Inverse strengths of the ridge penalty that are tried; vectors have length one, so their coordinates are small."""

FOLDS = 5
MIN_CODED = 10  # passages with, and without, the entry: fewer teach nothing that could be checked


def learn(
    features: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    clusters: Sequence[str],
    *,
    strengths: Sequence[float],
    seed: int,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Ridge logistic regression of `labels` (n,), 0 to 1, on `features` (n, d).

    Returns coefficients (d + 1,), the intercept last, the log-odds (n,) out of fold, and the strength of the penalty.

    The penalty is that of `strengths` with the smallest weighted log loss out of fold, in folds that keep clusters
    whole (a wire story and its copies, an article's passages). A label between 0 and 1, of coders who disagree, counts
    as so much of each. Uses scikit-learn's LogisticRegression.
    """
    from threadpoolctl import threadpool_limits

    folds = list(split_folds(labels, clusters, seed=seed))
    with threadpool_limits(1):  # matrices so small are faster so, and their last digits do not depend on threads
        tried = [_predict_out_of_fold(features, labels, weights, folds, strength) for strength in strengths]
        losses = [np.average(log_loss(labels, log_odds), weights=weights) for log_odds in tried]
        best = int(np.argmin(losses))
        return fit_logistic(features, labels, weights, strengths[best]), tried[best], strengths[best]


def can_learn(labels: np.ndarray, clusters: Sequence[str]) -> bool:
    """Whether enough passages were coded with the entry and without it, and lie in clusters enough to be held out."""
    sides = [np.asarray(clusters)[labels > 0.5], np.asarray(clusters)[labels < 0.5]]
    return all(len(side) >= MIN_CODED and len(set(side)) >= FOLDS for side in sides)


def split_folds(labels: np.ndarray, clusters: Sequence[str], *, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows of FOLDS folds that keep clusters whole and have alike shares of the label.

    Clusters are dealt out like cards, those with most passages of the label first. (scikit-learn's StratifiedGroupKFold
    tries every fold for every cluster, which took longer than all the regressions.)
    """
    names, cluster = np.unique(np.asarray(clusters), return_inverse=True)
    present = np.bincount(cluster, labels > 0.5, minlength=len(names))
    luck = np.random.default_rng(seed).random(len(names))
    fold = np.empty(len(names), dtype=int)
    fold[np.lexsort([luck, np.bincount(cluster), present])[::-1]] = np.arange(len(names)) % FOLDS
    for number in range(FOLDS):
        yield np.flatnonzero(fold[cluster] != number), np.flatnonzero(fold[cluster] == number)


def fit_logistic(features: np.ndarray, labels: np.ndarray, weights: np.ndarray, strength: float) -> np.ndarray:
    """Coefficients (d + 1,), the intercept last."""
    from sklearn.linear_model import LogisticRegression

    share = float(np.average(labels, weights=weights))
    if share in (0, 1):  # a fold may hold out every passage of one kind
        return np.append(np.zeros(features.shape[1]), 10.0 * (2 * share - 1))
    # scikit-learn takes no fractions: a passage is a positive with weight w·y and a negative with weight w·(1 - y).
    rows = np.concatenate([np.flatnonzero(labels > 0), np.flatnonzero(labels < 1)])
    present = np.arange(len(rows)) < np.sum(labels > 0)
    mass = np.where(present, labels[rows], 1 - labels[rows]) * weights[rows]
    solver = "newton-cholesky" if features.shape[1] < 100 else "lbfgs"  # each several times faster where it stands
    model = LogisticRegression(C=strength, solver=solver, max_iter=1000)
    model.fit(features[rows], present, sample_weight=mass)
    return np.append(model.coef_[0], model.intercept_[0])


def log_loss(labels: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Minus the log-likelihood of each label (n,)."""
    return np.logaddexp(0, log_odds) - labels * log_odds


def _predict_out_of_fold(features, labels, weights, folds, strength) -> np.ndarray:
    log_odds = np.zeros(len(labels))
    for train, test in folds:
        coefficients = fit_logistic(features[train], labels[train], weights[train], strength)
        log_odds[test] = features[test] @ coefficients[:-1] + coefficients[-1]
    return log_odds
