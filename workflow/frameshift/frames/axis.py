"""The axis: how much closer a passage lies to what the entry says than to what it does not."""

import numpy as np

BATCH = 8192  # passages read at once: 13 MB at 384 dimensions


def score_axis(vectors: np.ndarray, anchors: np.ndarray, neutral: np.ndarray, *, best: int) -> np.ndarray:
    """Mean cosine to the `best` closest anchors minus that to as many neutral statements: float32 (passages,).

    `vectors` (passages, dimensions), `anchors` (statements, dimensions) and `neutral` likewise have length one each.
    `vectors` may be memory-mapped and is read in batches. A pole with fewer than `best` statements uses them all.
    Follows FrameAxis (Kwak, An, Jing & Ahn 2021, PeerJ Computer Science 7:e644), with sentences instead of words at the
    poles, and the few best instead of all, because an entry has several faces and a passage need show only one.
    """
    scores = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), BATCH):
        batch = np.asarray(vectors[start : start + BATCH], dtype=np.float32)
        scores[start : start + BATCH] = mean_of_best(batch @ anchors.T, best) - mean_of_best(batch @ neutral.T, best)
    return scores


def mean_of_best(similarities: np.ndarray, best: int) -> np.ndarray:
    """Row means over the `best` largest columns."""
    n = similarities.shape[1]
    if best < n:
        similarities = np.partition(similarities, n - best, axis=1)[:, n - best :]
    return similarities.mean(axis=1)
