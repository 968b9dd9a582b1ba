"""The curves behind the accuracy: what figures draw of it."""

import numpy as np
import polars as pl

from frameshift.frames.accuracy import bin_shares, count_twice, keep_comparable
from frameshift.frames.resample import LEVEL


def curves(labelled: pl.DataFrame) -> pl.DataFrame:
    """Points of the curves of every frame and measure: frame, measure, curve, x, y, low, high, in drawing order.

    `labelled` is frames/labelled, of which keep_comparable is drawn; passages count 1/probability, and those on which
    coders are divided as both. `curve` is "roc" (x the share of absent passages taken as present, y that of present
    ones), "pr" (x recall, y precision) or, where every passage has a share, "calibration" (x mean share, y mean label,
    over bins of equal weight). `low` and `high` bound y by 95%, on calibration curves only: Clopper–Pearson limits with
    the effective sample size, clustered by wire story (Korn & Graubard 1998, Survey Methodology 24:193-201). Without
    positives or without negatives there is no roc and no pr.
    """
    parts = [pl.DataFrame(schema=_SCHEMA)]
    ordered = keep_comparable(labelled)[0].sort("frame", "measure", "passage_id")
    for (frame, measure), part in ordered.partition_by("frame", "measure", as_dict=True, maintain_order=True).items():
        label, weight = part["label"].to_numpy(), (1 / part["probability"]).to_numpy()
        points = []
        if 0 < label.sum() < len(label):
            points += _ranking_points(part["score"].to_numpy(), label, weight)
        if part["share"].null_count() == 0:
            points += _calibration_points(part["share"].to_numpy(), label, weight, part["cluster"].to_numpy())
        parts.append(pl.DataFrame([{"frame": frame, "measure": measure} | point for point in points], schema=_SCHEMA))
    return pl.concat(parts)


_SCHEMA = {
    **dict.fromkeys(["frame", "measure", "curve"], pl.String),
    **dict.fromkeys(["x", "y", "low", "high"], pl.Float64),
}


def _ranking_points(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> list[dict]:
    from sklearn.metrics import precision_recall_curve, roc_curve

    labels, scores, weights = count_twice(score, label, weight)
    false, true, _ = roc_curve(labels, scores, sample_weight=weights)
    precision, recall, _ = precision_recall_curve(labels, scores, sample_weight=weights, drop_intermediate=True)
    return [
        *({"curve": "roc", "x": float(x), "y": float(y)} for x, y in zip(false, true, strict=True)),
        *({"curve": "pr", "x": float(x), "y": float(y)} for x, y in zip(recall[::-1], precision[::-1], strict=True)),
    ]


def _calibration_points(share: np.ndarray, label: np.ndarray, weight: np.ndarray, cluster: np.ndarray) -> list[dict]:
    number = bin_shares(share, weight)
    points = []
    for of_bin in (number == b for b in range(number.max() + 1)):
        y = float(np.average(label[of_bin], weights=weight[of_bin]))
        low, high = _limits(y, label[of_bin], weight[of_bin], cluster[of_bin])
        x = float(np.average(share[of_bin], weights=weight[of_bin]))
        points.append({"curve": "calibration", "x": x, "y": y, "low": low, "high": high})
    return points


def _limits(mean: float, label: np.ndarray, weight: np.ndarray, cluster: np.ndarray) -> tuple[float, float]:
    from scipy.stats import beta

    _, number = np.unique(cluster, return_inverse=True)
    part = weight / weight.sum()
    effective = 1 / (np.bincount(number, part) ** 2).sum()  # as if each cluster were one passage
    variance = (np.bincount(number, part * (label - mean)) ** 2).sum()
    if variance > 0:
        effective = min(mean * (1 - mean) / variance, len(label))
    present, absent = effective * mean, effective * (1 - mean)
    tail = (1 - LEVEL) / 2
    low = beta.ppf(tail, present, absent + 1) if present > 0 else 0.0
    high = beta.ppf(1 - tail, present + 1, absent) if absent > 0 else 1.0
    return float(low), float(high)
