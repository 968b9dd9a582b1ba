"""The combination of measures, on a scale that does not move when articles are added.

Each measure is centred and scaled by its mean and deviation over fixed reference sentences of the project's own,
mixed roughly as news is, and the results are averaged. So the statistics depend on the codebook and the encoder alone.

The reference sentences are English, and passages in every language are held against them: the entries' English wording
gives the mean and deviation, the wording in the passage's own language its score. So a hit, or as much similarity,
counts alike in every language. Centring each language on its own passages instead would make languages equal by
construction and let new articles move old scores. The price is an English wording of every entry and, for the axis, an
encoder that places a sentence and its translation alike; and how far ordinary news in another language lies from the
zero is not known, so sources of different languages are compared in their changes rather than in their levels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

WEIGHTS = {"lexicon": 0.5}
"""How much a measure counts in the combination; 1 where nothing stands here. A word of the lexicon is shared by those
who threaten, those who protect and those who suffer, so it is weaker evidence than a whole sentence; and as most
passages have none, the few that have one lie further out in z-scores than any passage does on the axis. Chosen as a
round number with the development labels in view (threat in headlines: AUC .86 with equal weights, .87 with this)."""

Z_LIMIT = 8.0
"""No z-score counts for more. It only guards against entries whose words are so rare that the reference deviation is
next to nothing; one hit for a common issue lies four or five deviations out, and a limit below that makes ties of
passages with one hit and with many (development labels, migration: average precision .70 at 3, .77 at 8)."""


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
    """Weighted mean of the measures' z-scores, float64 (passages, entries); with one measure, its z-score.

    `scores` holds an array (passages, entries) by measure, NaN where it has none for a passage and entry; `statistics`
    the same measures over the reference sentences: those without are not combined. NaN where no measure has a score.
    """
    z = np.array([standardise(scores[m], statistics[m]) for m in statistics])
    weights = np.array([WEIGHTS.get(measure, 1.0) for measure in statistics])[:, None, None] * ~np.isnan(z)
    total = weights.sum(axis=0)
    return (np.nan_to_num(z) * weights).sum(axis=0) / np.where(total > 0, total, np.nan)
