"""How well scores rank: the areas under the two curves, for many weightings of the same passages at once."""

import numpy as np


def measure_areas(positive: np.ndarray, negative: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUC and average precision for each weighting, (weightings,) both; NaN where a class has no weight.

    `score` (n,) falls or stays the same from one passage to the next; `positive` and `negative` (weightings, n) are the
    weights with which each passage counts as either, so a passage on which coders are divided counts as both. Equal to
    scikit-learn's `roc_auc_score` and `average_precision_score` with sample weights: ties of score count half for the
    AUC (Hanley & McNeil 1982, Radiology 143:29-36), and are one step of the precision-recall curve.
    """
    starts = np.flatnonzero(np.diff(score, prepend=np.inf))
    if len(starts) < len(score):
        positive, negative = (np.add.reduceat(weights, starts, axis=1) for weights in (positive, negative))
    hits, false = positive.cumsum(axis=1), negative.cumsum(axis=1)
    all_positive, all_negative = hits[:, -1], false[:, -1]
    found = hits + false
    precision = np.divide(hits, found, out=np.zeros_like(hits), where=found > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        below = all_negative - np.einsum("st,st->s", positive, false - negative / 2) / all_positive
        return below / all_negative, np.einsum("st,st->s", positive, precision) / all_positive
