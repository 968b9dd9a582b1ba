"""Copies of one text: identical ones by their words, edited ones by MinHash, both linked into clusters."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl

# Three words a shingle. An edited word breaks as many shingles as a shingle has words, so a copy with 5% of its words
# edited keeps a Jaccard similarity of about .77 with shingles of 3 words and .64 with 5; with 10% edited, .60 and .43.
# Texts that are no copies of each other hardly share three words in a row anyway: in 4 million pairs of news articles
# the closest two that were written independently reached .32, by quoting the same statement at length. So a similarity
# of .5 leaves room on both sides, where 5 words would need .35.
SHINGLE_WORDS = 3

_PERMUTATIONS = 120  # divides into bands of 1 to 6 rows; the estimated similarity has a standard error of at most .046
_MISSED = 0.01  # the share of pairs just at the threshold that the bands may overlook
_NEIGHBOURS = 8  # a text is compared with so many of those in its bucket: a thousand copies cost no million comparisons
_BATCH = 2000  # texts whose shingles are held in memory at a time


def mark_duplicates(articles: pl.DataFrame, *, policy: str, similarity: float) -> pl.DataFrame:
    """Return `articles` (article_id, source, date, text, …) with the columns wire_cluster and duplicate_of.

    wire_cluster is the article_id of the cluster's first copy (by date, unknown dates last, then by article_id), its
    own id for an article without copies. duplicate_of is the article_id of the copy that is kept, null for kept
    articles: `policy` per_source keeps the first of a cluster in each source, first keeps one, all keeps every article.
    """
    clusters = cluster_copies(articles["text"], similarity=similarity)
    first = pl.col("article_id").sort_by("date", "article_id", nulls_last=True).first()
    kept = {
        "per_source": first.over("_cluster", "source"),
        "first": first.over("_cluster"),
        "all": pl.col("article_id"),
    }[policy]
    return (
        articles.with_columns(_cluster=pl.Series(clusters))
        .with_columns(
            duplicate_of=pl.when(kept != pl.col("article_id")).then(kept), wire_cluster=first.over("_cluster")
        )
        .drop("_cluster")
    )


def cluster_copies(texts: pl.Series, *, similarity: float) -> np.ndarray:
    """Number the clusters of copies: an integer for each of the n texts, equal for copies of each other.

    Two texts are copies if their words are the same (case and punctuation aside), or if the Jaccard similarity of
    their shingles is at least `similarity` (0–1); clusters are connected components. Candidates come from MinHash
    signatures in bands (Broder 1997; Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, ch. 3), sorted within a
    band and compared with their neighbours (Hernández & Stolfo 1995), and each candidate pair is verified on the
    shingles themselves. Time grows with the number of words, not with the number of pairs.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if texts.is_empty():
        return np.zeros(0, dtype=np.int64)
    wording = pl.concat([_wording(batch).hash() for _, batch in _batches(texts)])
    _, first, same = np.unique(wording.to_numpy(), return_index=True, return_inverse=True)
    distinct = texts.gather(first)  # only these are compared: exact copies cost nothing
    pairs = _find_near_copies(distinct, similarity=similarity)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(distinct), len(distinct)))
    _, component = connected_components(links, directed=False)
    return component[same]


def _find_near_copies(texts: pl.Series, *, similarity: float) -> np.ndarray:
    """Pairs (i < j) of texts whose shingles have a Jaccard similarity of at least `similarity`; integers, p × 2."""
    signatures = _sign(texts)
    rows = _rows_per_band(similarity)
    bands = [signatures[:, i : i + rows] for i in range(0, _PERMUTATIONS, rows)]
    candidates = np.unique(np.concatenate([_pair_neighbours(band) for band in bands]), axis=0)
    likely = [_estimate(signatures, part) >= similarity - 0.2 for part in _parts(candidates)]  # 4 standard errors below
    candidates = candidates[np.concatenate(likely)] if likely else candidates
    involved = np.unique(candidates)
    shingles = dict(zip(involved.tolist(), _unique_shingles(texts.gather(involved)), strict=True))
    verified = [_jaccard(shingles[i], shingles[j]) >= similarity for i, j in candidates.tolist()]
    return candidates[np.array(verified, dtype=bool)]


def _words(texts: pl.Series) -> pl.Series:
    """The words of each text in lower case; a list column."""
    return texts.str.to_lowercase().str.extract_all(r"\w+")


def _wording(texts: pl.Series) -> pl.Series:
    """The words of each text as one string, or the text itself where it has no words."""
    joined = _words(texts).list.join(" ")
    return joined.zip_with(joined != "", texts)


def _shingle(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Hashes (uint64) of all shingles of all texts, and the n + 1 places where each text's begin and end."""
    words = _words(texts)
    lengths = words.list.len().to_numpy().astype(np.int64)
    hashes = words.explode(empty_as_null=False).hash().to_numpy()
    n_shingles = np.maximum(lengths - SHINGLE_WORDS + 1, 0)
    ends = np.cumsum(lengths)
    # the first word of every shingle that ends within its own text
    starts = np.arange(n_shingles.sum()) + np.repeat(ends - lengths - (np.cumsum(n_shingles) - n_shingles), n_shingles)
    combined = np.zeros(len(starts), dtype=np.uint64)
    for place in range(SHINGLE_WORDS):  # a polynomial in an odd number, modulo 2⁶⁴: the order of words matters
        combined = combined * np.uint64(0x9E3779B97F4A7C15) + hashes[starts + place]
    return combined, np.concatenate([[0], np.cumsum(n_shingles)])


def _unique_shingles(texts: pl.Series) -> Iterator[np.ndarray]:
    for _, batch in _batches(texts):
        hashes, bounds = _shingle(batch)
        for start, end in pairwise(bounds):
            yield np.unique(hashes[start:end])


def _sign(texts: pl.Series) -> np.ndarray:
    """MinHash signatures, uint32, n × permutations. Texts without a shingle get one that no other text has."""
    from rensa import RMinHash

    signatures = np.empty((len(texts), _PERMUTATIONS), dtype=np.uint32)
    for start, batch in _batches(texts):
        hashes, bounds = _shingle(batch)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, bounds.astype(np.uint64), _PERMUTATIONS, 1)
        signed = np.array(matrix.to_rows(), dtype=np.uint32)
        (empty,) = np.nonzero(np.diff(bounds) == 0)
        signed[empty] = (start + empty)[:, None]
        signatures[start : start + len(batch)] = signed
    return signatures


def _rows_per_band(similarity: float) -> int:
    """The most rows (fewest false candidates) with which a pair at the threshold is still found: 1 − (1 − sʳ)ᵇ."""
    fitting = [r for r in range(1, 7) if (1 - similarity**r) ** (_PERMUTATIONS // r) <= _MISSED]
    return max(fitting, default=1)


def _pair_neighbours(band: np.ndarray) -> np.ndarray:
    """Pairs (i < j) of rows of `band` (n × r) that are equal and near each other in order; integers, p × 2."""
    order = np.lexsort(band.T)
    ordered = band[order]
    pairs = []
    for lag in range(1, _NEIGHBOURS + 1):
        (place,) = np.nonzero((ordered[:-lag] == ordered[lag:]).all(axis=1))
        pairs.append(np.column_stack([order[place], order[place + lag]]))
    return np.sort(np.concatenate(pairs), axis=1)


def _estimate(signatures: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    return (signatures[pairs[:, 0]] == signatures[pairs[:, 1]]).mean(axis=1)


def _jaccard(one: np.ndarray, other: np.ndarray) -> float:
    """Jaccard similarity of two sets, given as arrays without repeats."""
    shared = np.intersect1d(one, other, assume_unique=True).size
    union = one.size + other.size - shared
    return shared / union if union else 0.0


def _parts(pairs: np.ndarray) -> Iterator[np.ndarray]:
    return (pairs[start : start + 50_000] for start in range(0, len(pairs), 50_000))


def _batches(texts: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    return ((start, texts.slice(start, _BATCH)) for start in range(0, len(texts), _BATCH))
