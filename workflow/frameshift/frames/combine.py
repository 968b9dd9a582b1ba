"""The combination of measures, on a scale that does not move when articles are added.

Each measure is centred and scaled by its mean and deviation over fixed reference sentences of the project's own,
mixed roughly as news is, and the results are averaged. The statistics thus depend on the codebook and the encoder alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

Z_LIMIT = 3.0
"""A z-score counts for no more than this. The lexicon is nought for most passages, so that the reference deviation of
an entry with rare words is small and one word alone would outvote every other measure."""


@dataclass(frozen=True)
class ReferenceStatistics:
    """Mean and standard deviation of a measure over the reference sentences, each (entries,)."""

    mean: np.ndarray
    deviation: np.ndarray


def read_reference() -> list[str]:
    """The reference sentences that come with the package."""
    lines = files("frameshift.frames").joinpath("reference.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line]


def reference_statistics(scores: np.ndarray) -> ReferenceStatistics:
    """Mean and standard deviation of `scores` (reference sentences, entries) by entry."""
    scores = np.asarray(scores, dtype=np.float64)
    return ReferenceStatistics(mean=scores.mean(axis=0), deviation=scores.std(axis=0, ddof=1))


def standardise(scores: np.ndarray, statistics: ReferenceStatistics) -> np.ndarray:
    """z-scores of `scores` (passages, entries) within ±Z_LIMIT, float64.

    Where no reference sentence has any of an entry's words there is no deviation to divide by: a passage that has them
    is as far out as the scale goes.
    """
    smallest = np.finfo(np.float32).eps
    z = (scores - statistics.mean) / np.maximum(statistics.deviation, smallest)
    return np.clip(z, -Z_LIMIT, Z_LIMIT)


def combine(scores: Mapping[str, np.ndarray], statistics: Mapping[str, ReferenceStatistics]) -> np.ndarray:
    """The mean over measures of the z-scores of `scores` {measure: (passages, entries)}, float64 (passages, entries)."""
    return np.mean([standardise(scores[measure], statistics[measure]) for measure in scores], axis=0)
