"""Every passage scored for every entry by every measure, and by their combination.

A measure is a function from passages and an entry's wording to a number a passage; a new one is a function and a line
in MEASURES.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from frameshift.errors import UserError
from frameshift.frames.axis import score_axis
from frameshift.frames.codebook import Entry
from frameshift.frames.combine import combine, read_reference, reference_statistics
from frameshift.frames.lexicon import score_lexicon
from frameshift.names import COMBINED, REFERENCE_LANGUAGE

Encode = Callable[[list[str]], np.ndarray]  # texts to vectors of length one, float32 (texts, dimensions)


@dataclass(frozen=True)
class Passages:
    """What a measure may look at: texts (n,), their vectors (n, dimensions), and how they were encoded."""

    texts: Sequence[str]
    vectors: np.ndarray
    encode: Encode


def measure_lexicon(passages: Passages, codebook: Mapping[str, Entry], *, language: str, best: int) -> np.ndarray:
    """See score_lexicon; `best` is the axis's."""
    return score_lexicon(passages.texts, codebook, language)


def measure_axis(passages: Passages, codebook: Mapping[str, Entry], *, language: str, best: int) -> np.ndarray:
    """score_axis for each entry, float32 (passages, entries)."""
    wordings = [entry.wording(language) for entry in codebook.values()]
    poles = [(passages.encode(list(w.anchors)), passages.encode(list(w.neutral))) for w in wordings]
    return np.column_stack([score_axis(passages.vectors, *pole, best=best) for pole in poles])


MEASURES: dict[str, Callable[..., np.ndarray]] = {"lexicon": measure_lexicon, "axis": measure_axis}


def score_passages(
    texts: Sequence[str],
    vectors: np.ndarray,
    encode: Encode,
    codebook: Mapping[str, Entry],
    measures: Sequence[str],
    *,
    best: int,
    languages: Sequence[str],
) -> pl.DataFrame:
    """Score `texts` (n,) with `vectors` (n, dimensions) by each of `measures` and by their combination.

    Each text is scored with the wording of its own of `languages` (n,) (ISO 639-1). `encode` is the encoder the vectors
    came from; it encodes the codebook's statements and the reference sentences. `best` is how many of the closest
    statements of each pole the axis takes. Returns row (Int64, from 0), frame, measure, score (Float64): n × entries ×
    (measures + 1) rows, the passages in order within each frame and measure. Scores of a single measure are on its own
    scale, `combined` is a mean of z-scores, in every language those of the reference (see combine.py). Raises UserError
    for an unknown measure or a language that an entry does not have.
    """
    _check_measures(measures)
    if not len(texts) == len(vectors) == len(languages):
        raise ValueError(f"{len(texts)} texts, but {len(vectors)} vectors and {len(languages)} languages")
    reference_texts = read_reference()
    reference = Passages(reference_texts, encode(reference_texts), encode)
    statistics = {
        measure: reference_statistics(MEASURES[measure](reference, codebook, language=REFERENCE_LANGUAGE, best=best))
        for measure in measures
    }
    scores = {measure: np.empty((len(texts), len(codebook))) for measure in [*measures, COMBINED]}
    for language, rows in _rows_by_language(languages).items():
        passages = Passages([texts[row] for row in rows], _take_rows(vectors, rows), encode)
        own = {measure: MEASURES[measure](passages, codebook, language=language, best=best) for measure in measures}
        for measure, matrix in {**own, COMBINED: combine(own, statistics)}.items():
            scores[measure][rows] = matrix
    return _lengthen(scores, list(codebook))


def _rows_by_language(languages: Sequence[str]) -> dict[str, np.ndarray]:
    """The numbers of the passages in each language."""
    names, number = np.unique(np.asarray(languages, dtype=str), return_inverse=True)
    return {str(name): np.flatnonzero(number == i) for i, name in enumerate(names)}


def _take_rows(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """`vectors` of `rows`; all of them as they are, because a copy of what is memory-mapped fills the memory."""
    return vectors if len(rows) == len(vectors) else vectors[rows]


def _check_measures(measures: Sequence[str]) -> None:
    if not measures or not set(measures) <= MEASURES.keys():
        raise UserError(f"`frames.measures` is {list(measures)}; it takes one or more of {', '.join(MEASURES)}")


def _lengthen(scores: Mapping[str, np.ndarray], entries: list[str]) -> pl.DataFrame:
    """Matrices (passages, entries) by measure as one long table."""
    parts = [
        pl.DataFrame({"score": matrix[:, column].astype(np.float64)})
        .with_row_index("row")
        .select(
            pl.col("row").cast(pl.Int64),
            pl.lit(entry).alias("frame"),
            pl.lit(measure).alias("measure"),
            "score",
        )
        for column, entry in enumerate(entries)
        for measure, matrix in scores.items()
    ]
    return pl.concat(parts)
