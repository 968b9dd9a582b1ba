"""Agreement: how far people who coded the same passages coded them alike."""

from itertools import combinations

import numpy as np
import polars as pl

from frameshift.contracts import VOICES
from frameshift.frames.resample import MIN_CLUSTERS, percentile_limits, resample
from frameshift.names import ADJUDICATOR, ALL_SOURCES

MIN_PASSAGES = 30  # a source with fewer passages coded twice is not shown by itself
CODES = (0, 1)
METRICS = ("krippendorff alpha", "cohen kappa", "gwet ac1", "percent agreement")
_ABSENT = -1  # in a matrix of codes, where a coder has not coded the passage


def measure_agreement(codes: pl.DataFrame, passages: pl.DataFrame, *, seed: int) -> tuple[list[dict], list[dict]]:
    """Agreement by frame, and by frame and source: rows of frames/validation less `measure`, and reasons for gaps.

    `codes` is frames/codes, `passages` has passage_id, source and cluster (null where unknown). An adjudicator has seen
    the others' codes and is left out. `n` counts the passages that two or more people coded; only they enter, each
    once, whatever its inclusion probability. Metrics: Krippendorff's α for nominal codes (Krippendorff 2018, Content
    Analysis, ch. 12); Cohen's κ (Cohen 1960), with more than two coders the mean over pairs weighted by their shared
    passages; Gwet's AC1 (Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29-48); and the share
    of pairs of codes of a passage that agree. For the voice of passages that two or more coded as present, the same
    with "voice" before the name. 95% percentile intervals from draws of wire clusters, null below MIN_CLUSTERS.
    """
    known = passages.select("passage_id", "source", "cluster").unique("passage_id")
    people = codes.filter(pl.col("coder") != ADJUDICATOR).join(known, on="passage_id", how="left")
    people = people.with_columns(pl.col("cluster").fill_null(pl.col("passage_id"))).sort("frame", "passage_id", "coder")
    rows, reasons = [], []
    for (frame,), coded in people.partition_by("frame", as_dict=True, maintain_order=True).items():
        shared = _coded_twice(coded)
        place = {"frame": frame, "source": ALL_SOURCES, "period": "all"}
        if shared.is_empty():
            coders = ", ".join(coded["coder"].unique().sort())
            reason = f"no agreement: no passage was coded by two people, only by one of {coders}; have some coded twice"
            reasons.append(place | {"reason": reason})
            continue
        for source, cell in _split_sources(shared):
            found, reason = _measure(cell, "code", CODES, is_part=source != ALL_SOURCES, seed=seed)
            rows += [place | {"source": source} | row for row in found]
            reasons += [place | {"source": source, "reason": f"no agreement: {reason}"}] if reason else []
        voiced = _coded_twice(shared.filter(pl.col("code") == 1, pl.col("voice").is_not_null()))
        if not voiced.is_empty():
            found, reason = _measure(voiced, "voice", VOICES, is_part=False, seed=seed)
            rows += [place | row | {"metric": f"voice {row['metric']}"} for row in found]
            reasons += [place | {"reason": f"no agreement on voice: {reason}"}] if reason else []
    return rows, reasons


def measure_coefficients(matrix: np.ndarray, n_values: int) -> dict[str, float]:
    """The METRICS of codes 0 … n_values - 1, int (passages, coders), -1 where a coder has not coded the passage.

    Each passage has two or more codes, and two or more values occur. κ is NaN where every pair of coders gave one value
    to all that they share.
    """
    import krippendorff
    from sklearn.metrics import cohen_kappa_score

    kappas, sizes = [], []
    for a, b in _pairs(matrix):
        if len(np.union1d(a, b)) > 1:
            kappas.append(cohen_kappa_score(a, b))
            sizes.append(len(a))
    counts = _count_values(matrix, n_values)
    _, _, ac1, agreement = coefficients_of_draws(np.ones((1, len(matrix))), matrix, n_values)[0]
    return {
        "krippendorff alpha": float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")),
        "cohen kappa": float(np.average(kappas, weights=sizes)) if kappas else np.nan,
        "gwet ac1": float(ac1),
        "percent agreement": float(agreement),
    }


def coefficients_of_draws(times: np.ndarray, matrix: np.ndarray, n_values: int) -> np.ndarray:
    """The METRICS where each passage counts `times` (samples, passages): (samples, 4), NaN where not defined.

    The closed forms of what the libraries compute one sample at a time. Of the m (m - 1) ordered pairs of a passage's
    codes m² - Σ k_v² differ, with k_v codes of value v.
    """
    counts = _count_values(matrix, n_values).astype(np.float64)
    n_codes = counts.sum(axis=1)
    differing = (n_codes**2 - (counts**2).sum(axis=1)) / (n_codes - 1)
    totals, n_passages = times @ counts, times.sum(axis=1)
    all_codes = totals.sum(axis=1)
    agreement = 1 - times @ (differing / n_codes) / n_passages
    share = times @ (counts / n_codes[:, None]) / n_passages[:, None]
    by_chance = (share * (1 - share)).sum(axis=1) / (n_values - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = 1 - (all_codes - 1) * (times @ differing) / (all_codes**2 - (totals**2).sum(axis=1))
    ac1 = (agreement - by_chance) / (1 - by_chance)
    return np.stack([alpha, _mean_kappa(times, matrix, n_values), ac1, agreement], axis=1)


def _coded_twice(codes: pl.DataFrame) -> pl.DataFrame:
    return codes.filter(pl.len().over("passage_id") > 1)


def _split_sources(shared: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    parts = shared.filter(pl.col("source").is_not_null()).partition_by("source", as_dict=True)
    return [(ALL_SOURCES, shared), *(sorted((name, part) for (name,), part in parts.items()) if len(parts) > 1 else ())]


def _measure(
    shared: pl.DataFrame, column: str, values: tuple, *, is_part: bool, seed: int
) -> tuple[list[dict], str | None]:
    """Rows of n, metric, estimate, low, high for passages coded by several people, and the reason for what lacks."""
    n = shared["passage_id"].n_unique()
    if is_part and n < MIN_PASSAGES:
        return [], f"passages coded twice below {MIN_PASSAGES} ({n})"
    if shared[column].n_unique() == 1:
        return [], f"all codes of the {n} passages coded twice are {shared[column][0]}, so nothing could differ"
    matrix = _matrix(shared, column, values)
    clusters = shared.unique("passage_id", maintain_order=True)["cluster"].to_numpy()
    drawn = resample(lambda times: coefficients_of_draws(times, matrix, len(values)), clusters, seed=seed)
    limits = [percentile_limits(column) for column in drawn.T]
    if len(set(clusters)) < MIN_CLUSTERS:
        limits = [(None, None)] * len(limits)
    estimates = measure_coefficients(matrix, len(values))
    rows = [
        {"n": n, "metric": metric, "estimate": estimates[metric], "low": low, "high": high}
        for metric, (low, high) in zip(METRICS, limits, strict=True)
        if np.isfinite(estimates[metric])
    ]
    return rows, None if len(rows) == len(METRICS) else "κ is not defined: no two coders used two values between them"


def _matrix(shared: pl.DataFrame, column: str, values: tuple) -> np.ndarray:
    """The numbers of the values, int64 (passages, coders), both in order; _ABSENT where one has not coded the other."""
    passage = shared["passage_id"].rank("dense").to_numpy() - 1
    coder = shared["coder"].rank("dense").to_numpy() - 1
    matrix = np.full((passage.max() + 1, coder.max() + 1), _ABSENT)
    matrix[passage, coder] = shared[column].replace_strict(values, range(len(values)), return_dtype=pl.Int64).to_numpy()
    return matrix


def _pairs(matrix: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The codes of each pair of coders for the passages they share."""
    pairs = [pair[:, (pair != _ABSENT).all(axis=0)] for pair in map(np.stack, combinations(matrix.T, 2))]
    return [tuple(pair) for pair in pairs if pair.size]


def _count_values(matrix: np.ndarray, n_values: int) -> np.ndarray:
    """How many coders gave each passage each value: int64 (passages, values)."""
    return np.stack([(matrix == value).sum(axis=1) for value in range(n_values)], axis=1)


def _mean_kappa(times: np.ndarray, matrix: np.ndarray, n_values: int) -> np.ndarray:
    """Mean κ over the pairs of coders for whom it is defined, weighted by the passages they share: (samples,)."""
    total, weight = np.zeros(len(times)), np.zeros(len(times))
    for one, other in combinations(matrix.T, 2):
        both = (one != _ABSENT) & (other != _ABSENT)
        drawn, a, b = times[:, both], one[both], other[both]
        size = drawn.sum(axis=1)
        chance = sum((drawn @ (a == value)) * (drawn @ (b == value)) for value in range(n_values))
        defined = size**2 > chance
        kappa = np.divide(size * (drawn @ (a == b)) - chance, size**2 - chance, out=np.zeros_like(size), where=defined)
        total += size * kappa
        weight += size * defined
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
