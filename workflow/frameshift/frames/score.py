"""Every passage scored for every entry by every measure that needs no labels.

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
from frameshift.frames.combine import ReferenceStatistics, combine, read_reference, reference_statistics
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
) -> dict[str, np.ndarray]:
    """Score `texts` (n,) with `vectors` (n, dimensions) by each of `measures`: float64 (n, entries) by measure.

    Each text is scored with the wording of its own of `languages` (n,) (ISO 639-1). `encode` is the encoder the vectors
    came from; it encodes the codebook's statements. Each measure is on its own scale. Raises UserError for an unknown
    measure or a language that an entry does not have.
    """
    _check_measures(measures)
    if not len(texts) == len(vectors) == len(languages):
        raise ValueError(f"{len(texts)} texts, but {len(vectors)} vectors and {len(languages)} languages")
    scores = {measure: np.empty((len(texts), len(codebook))) for measure in measures}
    for language, rows in rows_by_language(languages).items():
        passages = Passages([texts[row] for row in rows], _take_rows(vectors, rows), encode)
        for measure, matrix in scores.items():
            matrix[rows] = MEASURES[measure](passages, codebook, language=language, best=best)
    return scores


def score_and_combine(
    passage_ids: pl.Series,
    texts: Sequence[str],
    vectors: np.ndarray,
    encode: Encode,
    codebook: Mapping[str, Entry],
    measures: Sequence[str],
    *,
    best: int,
    languages: Sequence[str],
) -> pl.DataFrame:
    """Every measure of `measures` and their combination, a mean of z-scores (see combine.py), as `lengthen` has it."""
    scores = score_passages(texts, vectors, encode, codebook, measures, best=best, languages=languages)
    _, statistics = reference_scores(encode, codebook, measures, best=best)
    return lengthen(passage_ids, {**scores, COMBINED: combine(scores, statistics)}, list(codebook))


def reference_scores(
    encode: Encode, codebook: Mapping[str, Entry], measures: Sequence[str], *, best: int
) -> tuple[np.ndarray, dict[str, ReferenceStatistics]]:
    """Vectors (sentences, dimensions) of the reference sentences, and their statistics by measure (see combine.py)."""
    texts = read_reference()
    vectors = encode(texts)
    languages = [REFERENCE_LANGUAGE] * len(texts)
    scores = score_passages(texts, vectors, encode, codebook, measures, best=best, languages=languages)
    return vectors, {measure: reference_statistics(matrix) for measure, matrix in scores.items()}


def lengthen(passage_ids: pl.Series, scores: Mapping[str, np.ndarray], entries: Sequence[str]) -> pl.DataFrame:
    """Matrices (passages, entries) by measure as one table: passage_id, frame, measure, score; without NaN.

    The passages stand in order within each frame and measure.
    """
    parts = [
        pl.DataFrame({"passage_id": passage_ids, "score": matrix[:, column]}).select(
            "passage_id", frame=pl.lit(entry), measure=pl.lit(measure), score=pl.col("score").cast(pl.Float64)
        )
        for column, entry in enumerate(entries)
        for measure, matrix in scores.items()
    ]
    return pl.concat(parts).filter(pl.col("score").is_not_nan())


def widen(scores: pl.DataFrame, passage_ids: pl.Series, entries: Sequence[str]) -> dict[str, np.ndarray]:
    """The reverse of `lengthen`: float64 (passages, entries) by measure, NaN where there is no score."""
    place = pl.DataFrame({"passage_id": passage_ids}).with_row_index("row")
    column = {entry: number for number, entry in enumerate(entries)}
    matrices = {}
    for (measure,), rows in scores.group_by("measure", maintain_order=True):
        found = rows.join(place, on="passage_id", maintain_order="left")
        matrix = np.full((len(passage_ids), len(entries)), np.nan)
        matrix[found["row"].to_numpy(), found["frame"].replace_strict(column).to_numpy()] = found["score"].to_numpy()
        matrices[measure] = matrix
    return matrices


def rows_by_language(languages: Sequence[str]) -> dict[str, np.ndarray]:
    """The numbers of the passages in each language."""
    names, number = np.unique(np.asarray(languages, dtype=str), return_inverse=True)
    return {str(name): np.flatnonzero(number == i) for i, name in enumerate(names)}


def _take_rows(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """`vectors` of `rows`; all of them as they are, because a copy of what is memory-mapped fills the memory."""
    return vectors if len(rows) == len(vectors) else vectors[rows]


def _check_measures(measures: Sequence[str]) -> None:
    if not measures or not set(measures) <= MEASURES.keys():
        raise UserError(f"`frames.measures` is {list(measures)}; it takes one or more of {', '.join(MEASURES)}")
