"""Calibrated probabilities: what share of people would see a frame in a passage, alone and within an issue.

Two stages. The first learns each entry from the vectors (learn.py). The second is a logistic regression of each target
on the first stage and on all other measures of all entries: Platt's (1999) scaling with several scores; from ISOTONIC
labels on, isotonic regression follows (Zadrozny & Elkan 2002). A target is an entry, alone or within an issue. Within
an issue the probability of a frame is Platt's scaling again, of the frame's log-odds, on the passages that people coded
with the issue; what is joint is that times the probability of the issue, by the chain rule, and so never a product of
two shares. Few coded passages about an issue suffice for it.

Only passages drawn from the corpus calibrate, weighted by their inclusion probabilities, because the odds of a frame
elsewhere are not those here. Passages that were coded are predicted by models that did not see their cluster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from frameshift.frames.learn import STRENGTHS, can_learn, learn, split_folds

ISOTONIC = 1000  # labels from which isotonic regression beats Platt's scaling (Niculescu-Mizil & Caruana 2005)
Target = tuple[int, ...]  # the number of an entry, then that of an issue within which, then ~i for "without entry i"
_WITHIN = (1.0,)  # of one feature, which needs no penalty to speak of
_SECOND = (0.01, 0.1, 1.0)  # inverse strengths of the second stage, whose features are standardised


@dataclass(frozen=True)
class Coded:
    """Coded passages: vectors (n, d), label-free scores (n, features), labels (n, entries) with NaN for what was not
    coded, weights (n,), clusters (n,), and whether they calibrate (n,)."""

    vectors: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    clusters: np.ndarray
    in_corpus: np.ndarray

    def take(self, rows: np.ndarray) -> "Coded":
        return Coded(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Model:
    """Both stages: coefficients of the first (d + 1, entries), NaN for an entry that cannot be learned; centre and
    scale (2, features) and coefficients (features + 1,) of the second by target, of a joint one those (2,) of the
    frame's log-odds within what it is compared in; and the strengths of the penalties, by entry and by target."""

    first: np.ndarray
    scaling: np.ndarray
    second: Mapping[Target, np.ndarray]
    strengths: Mapping[int | Target, float]

    def predict_log_odds(self, vectors: np.ndarray) -> np.ndarray:
        """The supervised measure, (n, entries)."""
        return np.asarray(vectors, dtype=np.float32) @ self.first[:-1].astype(np.float32) + self.first[-1]

    def predict_shares(self, log_odds: np.ndarray, scores: np.ndarray) -> dict[Target, np.ndarray]:
        """Probability (n,) by target."""
        from scipy.special import expit

        features = _standardise(np.column_stack([log_odds, scores]), self.scaling)
        predicted = {target: features @ c[:-1] + c[-1] for target, c in self.second.items() if len(target) == 1}
        shares = {target: expit(log_odds) for target, log_odds in predicted.items()}
        for target in sorted(self.second.keys() - predicted.keys(), key=len):
            within, (slope, intercept) = target[1:], self.second[target]
            if within not in shares:  # an issue without a frame: the issue, less what is both
                shares[within] = shares[within[:1]] - shares[~within[1], within[0]]
            shares[target] = shares[within] * expit(slope * predicted[target[:1]] + intercept)
        return shares


def fit_model(
    coded: Coded, targets: Sequence[Target], *, seed: int, strengths: Mapping[int | Target, float] | None = None
) -> Model:
    """Both stages on `coded`: with `strengths`, of what it names with the penalties it gives; else of all that can be
    learned, with those that predict best out of fold."""
    chosen: dict[int | Target, float] = {}

    def regress(key: int | Target, features, labels, weights, rows, usual: Sequence[float]):
        """Coefficients and log-odds out of fold; None where there is too little to learn from."""
        if strengths is not None:
            tried = [strengths[key]] if key in strengths else []
        else:
            tried = usual if can_learn(labels[rows], coded.clusters[rows]) else []
        if not tried:
            return None
        own = weights[rows] / weights[rows].mean()
        coefficients, out_of_fold, chosen[key] = learn(
            features[rows], labels[rows], own, coded.clusters[rows], strengths=tried, seed=seed
        )
        log_odds = features @ coefficients[:-1] + coefficients[-1]
        log_odds[rows] = out_of_fold
        return coefficients, log_odds

    first, log_odds = _fit_first(coded, regress)
    scores = np.column_stack([log_odds, coded.scores])
    scaling = _find_scaling(scores[coded.in_corpus])
    second = _fit_second(coded, targets, _standardise(scores, scaling), regress)
    return Model(first, scaling, second, chosen)


def _fit_first(coded: Coded, regress) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (d + 1, entries), and log-odds (n, entries) that are out of fold where the entry was coded."""
    n, n_entries = coded.labels.shape
    first, log_odds = np.full((coded.vectors.shape[1] + 1, n_entries), np.nan), np.full((n, n_entries), np.nan)
    alike = np.ones(n)  # what a word means does not depend on how often a passage of its kind was drawn
    for entry in range(n_entries):
        rows = np.flatnonzero(~np.isnan(coded.labels[:, entry]))
        if found := regress(entry, coded.vectors, coded.labels[:, entry], alike, rows, STRENGTHS):
            first[:, entry], log_odds[:, entry] = found
    return first, log_odds


def _fit_second(coded: Coded, targets: Sequence[Target], features: np.ndarray, regress) -> dict[Target, np.ndarray]:
    """Coefficients by target: of an entry on all features, of an entry within an issue on the entry's log-odds."""
    second, log_odds = {}, {}
    for target in sorted(targets, key=len):
        within = target[1:]
        if not within:
            labels = coded.labels[:, target[0]]
            rows = np.flatnonzero(coded.in_corpus & ~np.isnan(labels))
            if found := regress(target, features, labels, coded.weights, rows, _SECOND):
                second[target], log_odds[target] = found
            continue
        parts = {target[:1], within[:1], *([(~within[1], within[0])] if len(within) > 1 else [])}
        if not parts <= second.keys():
            continue
        labels, about = coded.labels[:, target[0]], np.nan_to_num(code_target(coded.labels, within))
        rows = np.flatnonzero(coded.in_corpus & ~np.isnan(labels) & (about > 0))
        if found := regress(target, log_odds[target[:1]][:, None], labels, coded.weights * about, rows, _WITHIN):
            second[target] = found[0]
    return second


def code_target(labels: np.ndarray, target: Target) -> np.ndarray:
    """The code (n,) of a target from those of the entries: their product, with ~i for the absence of entry i."""
    return np.prod([1 - labels[:, ~i] if i < 0 else labels[:, i] for i in target], axis=0)


def _find_scaling(features: np.ndarray) -> np.ndarray:
    """Mean and deviation (2, features) over what was scored; 0 and 1 where nothing was."""
    known = np.ma.masked_invalid(features)
    deviation = np.maximum(known.std(axis=0).filled(1), 1e-6)
    return np.array([known.mean(axis=0).filled(0), deviation])


def _standardise(features: np.ndarray, scaling: np.ndarray) -> np.ndarray:
    """Features of the second stage: what was not scored, or cannot be learned, counts as the mean."""
    return np.nan_to_num((features - scaling[0]) / scaling[1])


@dataclass(frozen=True)
class Crossed:
    """Coded passages predicted out of fold: log-odds (n, entries), and probabilities (n,) by target."""

    log_odds: np.ndarray
    shares: dict[Target, np.ndarray]


def cross_fit(
    coded: Coded, targets: Sequence[Target], *, seed: int, strengths: Mapping[int | Target, float]
) -> Crossed:
    """Both stages fitted once a fold, each without the clusters it predicts (Chernozhukov et al. 2018).

    Only `strengths`, of what is learned and with which penalties, come from a model that saw them all.
    """
    log_odds = np.full(coded.labels.shape, np.nan)
    shares: dict[Target, np.ndarray] = {}
    learned = [key for key in strengths if isinstance(key, int)]
    if not learned:
        return Crossed(log_odds, shares)
    # Every fold needs some passages of the entry that has fewest.
    rarest = min(learned, key=lambda entry: np.sum(coded.labels[:, entry] > 0.5))
    for train, test in split_folds(np.nan_to_num(coded.labels[:, rarest]), coded.clusters, seed=seed):
        model = fit_model(coded.take(train), targets, seed=seed, strengths=strengths)
        held = coded.take(test)
        log_odds[test] = model.predict_log_odds(held.vectors)
        for target, share in model.predict_shares(log_odds[test], held.scores).items():
            shares.setdefault(target, np.full(len(log_odds), np.nan))[test] = share
    return Crossed(log_odds, shares)


def calibrate(
    crossed: np.ndarray, predicted: np.ndarray, labels: np.ndarray, weights: np.ndarray, clusters: np.ndarray, *,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Probabilities of coded (n,) and of all passages (m,) after isotonic regression.

    That is made where there are ISOTONIC labels, a tenth of them of the rarer kind; else they stay as they are.

    The regression is fitted on the out-of-fold probabilities `crossed`; for the coded passages themselves it is
    cross-fitted again.
    """
    rarer = min(np.sum(labels > 0.5), np.sum(labels < 0.5))
    if len(labels) < ISOTONIC or rarer < ISOTONIC / 10:
        return crossed, predicted
    own = np.empty_like(crossed)
    for train, test in split_folds(labels, clusters, seed=seed):
        own[test] = _isotonic(crossed[train], labels[train], weights[train]).predict(crossed[test])
    return own, _isotonic(crossed, labels, weights).predict(predicted)


def _isotonic(probabilities: np.ndarray, labels: np.ndarray, weights: np.ndarray):
    from sklearn.isotonic import IsotonicRegression

    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(probabilities, labels, sample_weight=weights)
