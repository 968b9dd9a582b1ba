"""Copies of one text: identical ones by their words, edited ones by MinHash, both gathered into clusters."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Three words a shingle. An edited word breaks as many shingles as a shingle has words, so a copy with 5% of its words
# edited keeps a Jaccard similarity of about .77 with shingles of 3 words and .64 with 5; with 10% edited, .60 and .43.
# Texts that are no copies of each other hardly share three words in a row anyway: in 4 million pairs of news articles
# the closest two that were written independently reached .32, by quoting the same statement at length, and the closest
# follow-ups of one outlet, which repeat its own paragraphs, .47. A similarity of .5 lies above both; 5 words would need
# .35.
SHINGLE_WORDS = 3

# Shingles run in a ring: after the last word comes a mark, after the mark the first word. So every word stands in
# three shingles, the first and the last ones too, and an edit weighs the same wherever it is. With k words replaced
# among n, apart from each other, the similarity is (n + 1 - 3k) / (n + 1 + 3k): at .5, a word in nine may differ, one
# in a headline of 8 to 16 words and none in a shorter one. Without the ring, five words that differ in the last would
# be copies, "Man charged over fatal crash" of "Man charged over fatal stabbing".
_MARK = np.uint64(0x5851F42D4C957F2D)

_PERMUTATIONS = 120  # divides into bands of 1 to 6 rows; the estimated similarity has a standard error of at most .046
_DOUBT = 0.2  # pairs whose estimate is so far below the threshold, 4 standard errors, are not verified
_MISSED = 0.01  # the share of pairs just at the threshold that the bands may overlook
_NEIGHBOURS = 3  # a text is compared with so many of those in its bucket: a thousand copies cost no million comparisons
_BATCH = 4_000_000  # bytes of text whose words are held in memory at a time by each thread,
_TEXT = 1000  # where a text counts so many bytes more: its signature takes memory however short it is


def mark_duplicates(articles: pl.DataFrame, *, policy: str, similarity: float) -> pl.DataFrame:
    """Return `articles` (article_id, source, date, text, …) with the columns wire_cluster and duplicate_of.

    wire_cluster is the article_id of the cluster's first copy (by date, unknown dates last, then by article_id), its
    own id for an article without copies. duplicate_of is the article_id of the copy that is kept, null for kept
    articles: `policy` per_source keeps the first of a cluster in each source, first keeps one, all keeps every article.
    """
    clusters = cluster_copies(articles["text"], similarity=similarity)
    order = articles.select(pl.arg_sort_by("date", "article_id", nulls_last=True)).to_series()
    first = pl.col("article_id").first()
    kept = {"per_source": first.over("cluster", "source"), "first": first.over("cluster"), "all": pl.col("article_id")}
    marks = articles.select("article_id", "source", cluster=pl.Series(clusters))[order].select(
        duplicate_of=pl.when(kept[policy] != pl.col("article_id")).then(kept[policy]),
        wire_cluster=first.over("cluster"),
    )[order.arg_sort()]
    return articles.hstack(marks)


def cluster_copies(texts: pl.Series, *, similarity: float) -> np.ndarray:
    """Number the clusters of copies: an integer for each of the n texts, equal for copies of each other.

    Two texts are copies if their words are the same (case and punctuation aside), or if the Jaccard similarity of
    their shingles is at least `similarity` (0–1). A cluster is one text, the hub, and copies of it: a copy's copy that
    is none of the hub stays outside, so that no chain leads from one story to another.

    Candidates come from MinHash signatures in bands (Broder 1997; Leskovec, Rajaraman & Ullman, Mining of Massive
    Datasets, ch. 3), each compared with the first of its bucket and with its neighbours in order (Hernández & Stolfo
    1995); every candidate pair is verified on the shingles themselves. Time grows with the number of words, not with
    the number of pairs.
    """
    if texts.is_empty():
        return np.zeros(0, dtype=np.int64)
    wording, signatures = _digest(texts)
    # only texts that differ are compared: exact copies cost nothing; their order, by hash, is that of no input
    _, first, same = np.unique(wording, return_index=True, return_inverse=True)
    signatures = signatures[first]
    candidates = _pair_candidates(signatures, similarity=similarity)
    pairs = _verify(texts.gather(first), candidates, similarity=similarity)
    return _gather_around_hubs(pairs, len(first))[same]


def _digest(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """A hash of each text's words in order (uint64, n) and its MinHash signature (uint32, n × permutations)."""
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        wordings, signatures = zip(*pool.map(_digest_batch, _batches(texts)), strict=True)
    return np.concatenate(wordings), np.concatenate(signatures)


def _digest_batch(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    from rensa import RMinHash

    words = _words(texts)
    joined = words.list.join(" ")
    wording = joined.zip_with(joined != "", texts).hash()  # texts without words are told apart by their characters
    hashes, bounds = _shingle(words)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, bounds.astype(np.uint64), _PERMUTATIONS, 1)
    return wording.to_numpy(), np.array(matrix.to_rows(), dtype=np.uint32)


def _words(texts: pl.Series) -> pl.Series:
    """The words of each text in lower case; a list column."""
    return texts.str.to_lowercase().str.extract_all(r"\w+")


def _shingle(words: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Hashes (uint64) of all shingles of all texts, and the n + 1 places where each text's begin and end."""
    lengths = words.list.len().to_numpy().astype(np.int64)
    written = lengths > 0
    tokens = words.explode(empty_as_null=False).hash().to_numpy()
    tokens = np.insert(tokens, np.cumsum(lengths)[written], _MARK)
    bounds = np.concatenate([[0], np.cumsum(lengths + written)])
    following = np.arange(1, len(tokens) + 1)
    following[bounds[1:][written] - 1] = bounds[:-1][written]
    shingles = token = tokens
    for _ in range(SHINGLE_WORDS - 1):  # a polynomial in an odd number, modulo 2⁶⁴: the order of words matters
        token = token[following]
        shingles = shingles * np.uint64(0x9E3779B97F4A7C15) + token
    return shingles, bounds


def _pair_candidates(signatures: np.ndarray, *, similarity: float) -> np.ndarray:
    """Pairs (i < j) of rows of `signatures` that agree in a band and seem similar enough; integers, p × 2."""
    n, rows = len(signatures), _rows_per_band(similarity)
    bands = [_hash_rows(signatures[:, i : i + rows]) for i in range(0, _PERMUTATIONS, rows)]
    found = np.empty(0, dtype=np.int64)
    for band, next_band in zip(bands, bands[1:] + bands[:1], strict=True):
        fresh = np.setdiff1d(_pair_in_buckets(band, next_band), found, assume_unique=True)
        found = np.concatenate([found, fresh[_estimate(signatures, fresh) >= similarity - _DOUBT]])
    return np.column_stack(np.divmod(np.sort(found), n))


def _rows_per_band(similarity: float) -> int:
    """The most rows (fewest false candidates) with which a pair at the threshold is still found: 1 − (1 − sʳ)ᵇ."""
    fitting = [r for r in range(1, 7) if (1 - similarity**r) ** (_PERMUTATIONS // r) <= _MISSED]
    return max(fitting, default=1)


def _hash_rows(band: np.ndarray) -> np.ndarray:
    combined = np.zeros(len(band), dtype=np.uint64)
    for column in band.T:
        combined = combined * np.uint64(0x9E3779B97F4A7C15) + column
    return combined


def _pair_in_buckets(band: np.ndarray, next_band: np.ndarray) -> np.ndarray:
    """Pairs i < j, each as i · n + j and once, of rows with equal `band`: each with its bucket's first and neighbours.

    The order within a bucket is that of `next_band`, so that rows which agree there too stand side by side.
    """
    order = np.argsort(band, kind="stable")
    repeated = band[order[1:]] == band[order[:-1]]
    order = order[np.append(repeated, False) | np.insert(repeated, 0, False)]  # most rows are alone in their bucket
    bucket = band[order]
    starts = np.flatnonzero(np.insert(bucket[1:] != bucket[:-1], 0, True)[: len(order)])
    firsts = np.repeat(order[starts], np.diff(np.append(starts, len(order))))
    order = order[np.lexsort((next_band[order], bucket))]
    pairs = [(firsts, order)]
    for lag in range(1, _NEIGHBOURS + 1):
        near = bucket[lag:] == bucket[:-lag]
        pairs.append((order[lag:][near], order[:-lag][near]))
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    keys = np.minimum(one, other) * len(band) + np.maximum(one, other)
    return np.unique(keys[one != other])


def _estimate(signatures: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Similarity of the pairs i · n + j of n rows: the share of permutations in which they agree."""
    n = len(signatures)
    parts = [(signatures[part // n] == signatures[part % n]).mean(axis=1) for part in _parts(keys, 50_000)]
    return np.concatenate([np.empty(0), *parts])


def _verify(texts: pl.Series, candidates: np.ndarray, *, similarity: float) -> np.ndarray:
    """Those of the pairs (p × 2) of texts whose shingles have a Jaccard similarity of at least `similarity`."""
    if not len(candidates):
        return candidates
    involved, places = np.unique(candidates, return_inverse=True)
    sets = _shingle_sets(texts.gather(involved))
    sizes = np.diff(sets.indptr)
    copies = []
    for one, other in (part.T for part in _parts(places.reshape(-1, 2), 500)):
        shared = np.diff(sets[one].multiply(sets[other]).indptr)
        copies.append(shared / np.maximum(sizes[one] + sizes[other] - shared, 1) >= similarity)
    return candidates[np.concatenate(copies)]


def _shingle_sets(texts: pl.Series) -> "csr_array":
    """A row for each text, with ones in the columns of its shingles; a column for each number of 63 bits."""
    from scipy.sparse import csr_array

    parts = [_shingle(_words(batch)) for batch in _batches(texts)]
    columns = np.concatenate([shingles for shingles, _ in parts]) >> np.uint64(1)
    bounds = np.append(0, np.cumsum(np.concatenate([np.diff(bounds) for _, bounds in parts])))
    ones = np.ones(len(columns), dtype=np.int8)
    sets = csr_array((ones, columns.astype(np.int64), bounds), shape=(len(texts), 2**63 - 1))
    sets.sum_duplicates()  # a shingle that a text repeats counts once
    sets.data[:] = 1
    return sets


def _gather_around_hubs(pairs: np.ndarray, n: int) -> np.ndarray:
    """The hub of each of n texts, itself for one without copies: those with the most copies come first; integers."""
    from scipy.sparse import coo_array

    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    links = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(n, n)).tocsr()
    degrees = np.diff(links.indptr)
    hubs = np.arange(n)
    free = np.ones(n, dtype=bool)
    for text in np.argsort(-degrees, kind="stable")[: np.count_nonzero(degrees)]:
        if free[text]:
            copies = links.indices[links.indptr[text] : links.indptr[text + 1]]
            copies = copies[free[copies]]
            hubs[copies] = text
            free[copies] = free[text] = False
    return hubs


def _parts(array: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (array[start : start + size] for start in range(0, len(array), size))


def _batches(texts: pl.Series) -> Iterator[pl.Series]:
    """The texts in turn, about `_BATCH` bytes at a time."""
    ends = (texts.str.len_bytes().cast(pl.Int64) + _TEXT).cum_sum().to_numpy()
    _, starts = np.unique(ends // _BATCH, return_index=True)
    return (texts[start:end] for start, end in pairwise([*starts.tolist(), len(texts)]))
