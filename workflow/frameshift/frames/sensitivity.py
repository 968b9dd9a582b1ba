"""What the results owe to the very statements and patterns of the codebook: a bootstrap over them.

Had others written the codebook, they would have found other examples. So anchors, neutral statements and patterns are
drawn anew with replacement, everything is measured again, and it is seen how far the sources' differences move.
(Leaving out one at a time understates this.)
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from frameshift.frames.axis import mean_of_best
from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.combine import combine, read_reference, reference_statistics
from frameshift.frames.lexicon import hits_by_pattern
from frameshift.frames.score import Encode, rows_by_language
from frameshift.names import ALL_SOURCES, REFERENCE_LANGUAGE
from frameshift.tables import check_table

DRAWS = 200
MOST = 300  # passages of a source, drawn at random: enough to see how its mean moves


def resample_codebook(
    passages: pl.DataFrame,
    vectors: np.ndarray,
    encode: Encode,
    codebook: Mapping[str, Entry],
    measures: Sequence[str],
    *,
    best: int,
    seed: int,
) -> pl.DataFrame:
    """How the combined score depends on the codebook's wording: the table frames/sensitivity.

    `passages` has text, language and source, `vectors` (n, d) are theirs. By frame and source: `difference` of the
    source's mean from that of all passages here, with the 2.5th and 97.5th percentile over DRAWS codebooks; in the row
    of all sources the median rank correlation with the passages' own scores (`agreement`).
    """
    rng = np.random.default_rng(seed)
    reference = read_reference()
    reference_vectors = encode(reference)
    sources = passages["source"].to_numpy()
    names = sorted(set(sources))
    member = np.array([sources == name for name in names], dtype=float)
    member /= member.sum(axis=1, keepdims=True)
    by_language = rows_by_language(passages["language"].to_list())
    rows = []
    for frame, entry in codebook.items():
        english = entry.wording(REFERENCE_LANGUAGE)
        base = _Evidence(reference, reference_vectors, english, encode, measures, best)
        parts = [
            (rows, _Evidence(passages["text"][rows], vectors[rows], entry.wording(language), encode, measures, best))
            for language, rows in by_language.items()
        ]
        own = _score(base, parts, None, len(passages))
        drawn = np.array([_score(base, parts, rng, len(passages)) for _ in range(DRAWS)])
        moved = drawn @ member.T - drawn.mean(axis=1, keepdims=True)
        low, high = np.percentile(moved, [2.5, 97.5], axis=0)
        difference = member @ own - own.mean()
        counts = (member > 0).sum(axis=1)
        rows += list(zip([frame] * len(names), names, counts, difference, low, high, [None] * len(names), strict=True))
        rows.append((frame, ALL_SOURCES, len(passages), 0.0, 0.0, 0.0, _median_rank_correlation(own, drawn)))
    columns = ["frame", "source", "n_passages", "difference", "low", "high", "agreement"]
    types = [pl.String, pl.String, pl.Int64, *[pl.Float64] * 4]
    return check_table(
        pl.DataFrame(rows, schema=dict(zip(columns, types, strict=True)), orient="row"), "frames/sensitivity"
    )


def draw_passages(passages: pl.DataFrame, *, min_articles: int, seed: int) -> np.ndarray:
    """Rows of at most MOST passages of each source that is compared by itself, in order.

    Where fewer than two are, of every source. `passages` has article_id, source and duplicate_of; no copy is drawn.
    """
    own = pl.col("duplicate_of").is_null()
    sizes = passages.filter(own).group_by("source").agg(n=pl.col("article_id").n_unique())
    large = sizes.filter(pl.col("n") >= min_articles)["source"].to_list()
    compared = pl.col("source").is_in(large) if len(large) > 1 else pl.lit(True)
    luck = pl.when(own).then("luck").rank("ordinal").over("source")  # null for copies
    drawn = passages.with_columns(luck=np.random.default_rng(seed).random(len(passages))).select(
        ((luck <= MOST) & compared).fill_null(False)
    )
    return np.flatnonzero(drawn.to_series().to_numpy())


class _Evidence:
    """What each statement and pattern alone says of some texts, so that any draw of them is scored by arithmetic."""

    def __init__(self, texts, vectors, wording: Wording, encode: Encode, measures: Sequence[str], best: int):
        texts = pl.Series(texts, dtype=pl.String)
        self.best, self.measures = best, measures
        unit = np.asarray(vectors, dtype=np.float32)
        self.anchors, self.neutral = unit @ encode(list(wording.anchors)).T, unit @ encode(list(wording.neutral)).T
        words = np.maximum(texts.str.count_matches(r"\w+").to_numpy(), 1)
        self.hits = hits_by_pattern(texts, wording) / np.sqrt(words)[:, None]

    def score(self, rng: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Scores (n, 1) by measure, of one draw, or of the wording as it is."""
        anchors, neutral, hits = (_draw(evidence, rng) for evidence in (self.anchors, self.neutral, self.hits))
        scores = {
            "axis": mean_of_best(anchors, self.best) - mean_of_best(neutral, self.best),
            "lexicon": hits.sum(axis=1),
        }
        return {measure: scores[measure][:, None] for measure in self.measures}


def _draw(evidence: np.ndarray, rng: np.random.Generator | None) -> np.ndarray:
    return evidence if rng is None else evidence[:, rng.integers(0, evidence.shape[1], evidence.shape[1])]


def _score(base: _Evidence, parts, rng: np.random.Generator | None, n: int) -> np.ndarray:
    """Combined scores (n,), with the reference measured by the same draw where the wording is the same."""
    state = None if rng is None else rng.bit_generator.state
    statistics = {measure: reference_statistics(scores) for measure, scores in base.score(rng).items()}
    combined = np.empty(n)
    for rows, evidence in parts:
        if rng is not None:
            rng.bit_generator.state = state
        combined[rows] = combine(evidence.score(rng), statistics)[:, 0]
    return combined


def _median_rank_correlation(own: np.ndarray, drawn: np.ndarray) -> float | None:
    """Median over draws (draws, n); None where all passages score alike, and 0 for a draw in which they do."""
    from scipy.stats import rankdata

    if np.ptp(own) == 0:
        return None
    ranks = rankdata(np.vstack([own, drawn]), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    lengths = np.maximum(np.linalg.norm(ranks, axis=1), 1)
    return float(np.median(ranks[1:] @ ranks[0] / (lengths[1:] * lengths[0])))
