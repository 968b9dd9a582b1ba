"""Accuracy: how well each measure agrees with people's labels, overall, by source and by era.

Labelled passages are a sample with known inclusion probabilities: each counts 1/probability, so the figures describe
the corpus and not the sample. A label between 0 and 1 says that coders were divided: the passage counts as present with
that part of its weight and as absent with the rest.
"""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from frameshift.frames.ranking import measure_areas
from frameshift.frames.resample import MIN_CLUSTERS, percentile_limits, resample
from frameshift.names import ALL_SOURCES

MIN_PASSAGES = 30  # a source or era with fewer labelled passages is not shown by itself
MIN_CLASS = 10  # effective positives or negatives below this: no interval
N_BINS = 10  # of the calibration error
N_FOLDS = 5  # of the threshold
CUT = 0.5  # from this share on, a passage is taken as present
RANKED = ("auc", "average precision", "precision", "recall", "f1", "prevalence")
CALIBRATED = ("brier", "calibration error", "bias")


def measure_accuracy(labelled: pl.DataFrame, *, seed: int) -> tuple[list[dict], list[dict]]:
    """Accuracy by frame, measure, source and era: rows of frames/validation, and reasons for those that are missing.

    `labelled` is frames/labelled with `era` (see add_eras); its scores must come from models that have not seen the
    passage's label. Metrics, all weighted by 1/probability: AUC and average precision (ranking.py); precision, recall
    and F1 of `share` at CUT or, for a measure without, of the score at a threshold (see predict_present); the
    prevalence of the label, which is the average precision of a measure that knows nothing. Where there are shares:
    the Brier score; the expected calibration error (Naeini, Cooper & Hauskrecht 2015) over N_BINS bins of equal weight;
    and the bias, the mean of label − share: above 0, people see more of the frame than the measure does.

    95% percentile intervals from draws of wire clusters, in which the threshold and the bins stay as they are; the
    calibration error has an interval of its own (see _reflect_squares). No interval with fewer than MIN_CLASS positives
    or negatives (Kish's effective number) or MIN_CLUSTERS clusters, no row where one of the two classes is missing.
    """
    labelled = labelled.sort("frame", "measure", "passage_id")
    rows, reasons = [], []
    for (frame, measure), part in labelled.partition_by("frame", "measure", as_dict=True, maintain_order=True).items():
        part = part.with_columns(present=predict_present(part, seed=seed))
        for source, period, cell in split_cells(part.sort("score", descending=True, maintain_order=True)):
            place = {"frame": frame, "source": source, "period": period}
            if len(cell) < min(MIN_PASSAGES, len(part)):
                reason = f"not validated by itself: labelled passages below {MIN_PASSAGES} ({len(cell)})"
                reasons.append(place | {"reason": reason})
                continue
            found, lacking = _measure_cell(cell, seed=seed)
            rows += [place | {"measure": measure, "n": len(cell)} | row for row in found]
            reasons += [place | {"reason": f"{measure}: {reason}"} for reason in lacking]
    return rows, reasons


def keep_comparable(labelled: pl.DataFrame) -> tuple[pl.DataFrame, list[dict]]:
    """The labelled passages that describe the corpus, and reasons for what is left out.

    Where a frame has MIN_PASSAGES labelled passages from the corpus, texts from elsewhere are left out: they have no
    inclusion probability and no share. With fewer, all stay: they are what there is. Where every passage of a frame and
    measure then has a share, that is what the measure says in the end, and takes the place of its score.
    """
    inside = pl.col("passage_id").filter("in_corpus").n_unique().over("frame") >= MIN_PASSAGES
    outside = labelled.filter(inside & ~pl.col("in_corpus")).group_by("frame").agg(n=pl.col("passage_id").n_unique())
    reasons = [
        {
            "frame": frame,
            "source": ALL_SOURCES,
            "period": "all",
            "reason": f"labelled texts that are not in the corpus tell nothing about accuracy in it: {n} left out",
        }
        for frame, n in outside.sort("frame").iter_rows()
    ]
    kept = labelled.filter(~inside | pl.col("in_corpus"))
    has_share = pl.col("share").is_not_null().all().over("frame", "measure")
    return kept.with_columns(score=pl.when(has_share).then("share").otherwise("score")), reasons


def split_cells(part: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Source, period and rows of everything, of each source and of each era, where there are two or more."""
    yield ALL_SOURCES, "all", part
    for column in ("source", "era"):
        cells = part.filter(pl.col(column).is_not_null()).partition_by(column, as_dict=True, maintain_order=True)
        for (name,), cell in sorted(cells.items()) if len(cells) > 1 else ():
            yield (name, "all", cell) if column == "source" else (ALL_SOURCES, name, cell)


def predict_present(part: pl.DataFrame, *, seed: int) -> pl.Series:
    """Which passages of one frame and measure are taken as present: Boolean, null where that cannot be told.

    Where every passage has a share, those of at least CUT. Else those whose score reaches the threshold that maximises
    the weighted F1 over the passages of the other folds, so that no passage is judged by a threshold it has chosen;
    folds keep wire clusters whole.
    """
    if part["share"].null_count() == 0:
        return part["share"] >= CUT
    from sklearn.metrics import precision_recall_curve
    from sklearn.model_selection import GroupKFold

    n_folds = min(N_FOLDS, part["cluster"].n_unique())
    if n_folds < 2:
        return pl.Series([None] * len(part), dtype=pl.Boolean)
    score, label, weight = (column.to_numpy() for column in _numbers(part))
    present = np.zeros(len(part), dtype=bool)
    folds = GroupKFold(n_folds, shuffle=True, random_state=seed)
    for others, own in folds.split(score, groups=part["cluster"].to_numpy()):
        if label[others].sum() == 0:  # nothing to find in the other folds: nothing is found in this one
            continue
        y, s, w = count_twice(score[others], label[others], weight[others])
        precision, recall, thresholds = precision_recall_curve(y, s, sample_weight=w)
        f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
        present[own] = score[own] >= thresholds[f1[:-1].argmax()]
    return pl.Series(present)


def count_twice(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each passage as a positive and as a negative, for functions that know nothing else: labels, scores, weights."""
    weights = np.concatenate([weight * label, weight * (1 - label)])
    labels, kept = np.repeat([1, 0], len(score)), weights > 0
    return labels[kept], np.tile(score, 2)[kept], weights[kept]


def bin_shares(share: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The bin of each share (n,), from 0: N_BINS of equal weight, fewer where shares are equal, which stay together."""
    inner = np.arange(1, N_BINS) / N_BINS
    edges = np.unique(np.quantile(share, inner, weights=weight, method="inverted_cdf"))
    return np.unique(np.searchsorted(edges, share, side="left"), return_inverse=True)[1]


def _numbers(part: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.Series]:
    return part["score"], part["label"], 1 / part["probability"]


def _measure_cell(cell: pl.DataFrame, *, seed: int) -> tuple[list[dict], list[str]]:
    """Rows of metric, estimate, low, high, and reasons, for passages sorted by falling score."""
    _, label, weight = (column.to_numpy() for column in _numbers(cell))
    if label.sum() == 0 or label.sum() == len(label):
        where = "absent from" if label.sum() == 0 else "present in"
        return [], [f"no accuracy: by the labels the frame is {where} all {len(label)} passages"]
    clusters = cell["cluster"].rank("dense").to_numpy()
    effective = min(_effective(weight * label, weight), _effective(weight * (1 - label), weight))
    n_clusters = len(np.unique(clusters))
    shown = effective >= MIN_CLASS and n_clusters >= MIN_CLUSTERS
    metrics, statistic = _prepare(cell)
    estimates = statistic(np.ones((1, len(cell))))[0]
    drawn = resample(statistic, clusters, seed=seed) if shown else None
    rows, reasons = [], []
    for number, metric in enumerate(metrics):
        estimate = float(estimates[number])
        if not np.isfinite(estimate):
            reasons.append(f"no {metric}: no passage is taken as present")
            continue
        low, high = percentile_limits(drawn[:, number]) if shown else (None, None)
        if metric == "calibration error" and low is not None:
            low, high = _reflect_squares(estimate, low, high)
        rows.append({"metric": metric, "estimate": estimate, "low": low, "high": high})
    if effective < MIN_CLASS:
        reasons.append(f"no intervals: effective positives or negatives below {MIN_CLASS} ({effective:.1f})")
    elif not shown:
        reasons.append(f"no intervals: wire clusters below {MIN_CLUSTERS} ({n_clusters})")
    return rows, reasons


def _reflect_squares(estimate: float, low: float, high: float) -> tuple[float, float]:
    """Limits of the calibration error from the quantiles of its draws.

    Chance in the bins makes the error too large, and in a draw once more: to about the same amount on the scale of
    squares, on which the quantiles are therefore reflected at the estimate (basic bootstrap; Davison & Hinkley 1997,
    ch. 5). The limits hold the estimate. Simulated, 200 or 1,000 passages, true errors of 0 to .11: coverage .91 to 1,
    where quantiles as they are have 0 to .94.
    """
    reflected = [max(2 * estimate**2 - quantile**2, 0.0) ** 0.5 for quantile in (high, low)]
    return min(reflected[0], estimate), max(reflected[1], estimate)


def _effective(counted: np.ndarray, weight: np.ndarray) -> float:
    """Kish's effective number of the passages that count `counted`, parts of their `weight`, each (n,)."""
    return counted.sum() ** 2 / (weight * counted).sum()


def _prepare(cell: pl.DataFrame) -> tuple[list[str], Callable[[np.ndarray], np.ndarray]]:
    """Names of the metrics, and the function from how often passages are drawn, (samples, n), to (samples, metrics)."""
    score, label, weight = (column.to_numpy() for column in _numbers(cell))
    positive, negative = weight * label, weight * (1 - label)
    is_known = cell["present"].null_count() == 0
    present = cell["present"].fill_null(False).to_numpy()
    sums = [weight, positive, weight * present, positive * present]
    metrics = [m for m in RANKED if is_known or m not in ("precision", "recall", "f1")]
    has_share = cell["share"].null_count() == 0
    if has_share:
        share = cell["share"].to_numpy()
        number = bin_shares(share, weight)
        gap = weight * (label - share)
        sums += [
            positive * (1 - share) ** 2 + negative * share**2,
            *(gap * (number == b) for b in range(number.max() + 1)),
        ]
        metrics += CALIBRATED
    summed = np.stack(sums, axis=1)

    def statistic(times: np.ndarray) -> np.ndarray:
        total, true, taken, hit, *calibration = (times @ summed).T
        auc, average_precision = measure_areas(times * positive, times * negative, score)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = {
                "auc": auc,
                "average precision": average_precision,
                "precision": hit / taken,
                "recall": hit / true,
                "f1": 2 * hit / (taken + true),
                "prevalence": true / total,
            }
        if has_share:
            brier, gaps = calibration[0], np.stack(calibration[1:])
            values["brier"] = brier / total
            values["calibration error"] = np.abs(gaps).sum(axis=0) / total
            values["bias"] = gaps.sum(axis=0) / total
        return np.stack([values[metric] for metric in metrics], axis=1)

    return metrics, statistic
