"""Which words set a source apart from the others, or a period from the other periods."""

from typing import NamedTuple

import numpy as np
import polars as pl

from frameshift.comparisons.omissions import list_omissions
from frameshift.tables import ALL_SOURCES, check_table, empty_table

# Tokens of the prior, as a share of the smaller side's: enough for finite odds of words that a side never uses, and
# little enough to leave common words theirs.
PRIOR = 0.1
BLOCK = 4  # weeks that are one cluster where periods are compared


def compare_words(
    counts,
    vocabulary: list[str],
    sources: list[str],
    clusters: list[str],
    *,
    given: str | None,
    min_articles: int,
    top: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The `top` words that set each source apart from the rest: (comparisons/words, comparisons/omitted).

    `counts` (scipy.sparse CSR, articles × vocabulary) holds how often each article uses each word; `sources` and
    `clusters` name each article's source and wire cluster. `given` is the issue whose passages were counted
    (passage_words.py), or None.

    `log_odds` is the difference between the source's and the rest's log-odds of a word, with an informative Dirichlet
    prior in proportion to the whole corpus (Monroe, Colaresi & Quinn 2008). Words are ranked by its z under
    independent tokens, which keeps rare words from leading by chance; only words used more than by the rest are kept.
    But a word comes in bursts, in some articles many times, and wire copies repeat each other, so that this z
    overstates the evidence: the reported `z` is from the linearised variance over clusters, never smaller than
    that of independent tokens. `q` is from it by t with as many degrees of freedom as clusters use the word, less one,
    so that one article's hobby is no evidence (two-sided; Benjamini & Hochberg 1995 over the words of a source).
    (Sources drawn by lot for the articles of AllSides, 12 times: of 9,879 words 154 would pass at q < .05 by
    independent tokens, and none does.)
    """
    table, omitted = _compare_sides(
        counts, vocabulary, sources, clusters, side="source", min_articles=min_articles, top=top
    )
    return _finish(table.with_columns(period=pl.lit("all")), omitted, given=given)


def compare_periods(
    counts,
    vocabulary: list[str],
    periods: list[str | None],
    weeks: list[int | None],
    *,
    given: str | None,
    min_articles: int,
    top: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The `top` words that set each period apart from all others, in all sources together, as in compare_words.

    `periods` names each article's period ("2016"), `weeks` the number of its story's week (blocks.add_story_weeks);
    articles that lack either are left out. An event fills the pages of all sources for weeks, so that articles are no
    independent evidence of what a year was like: the clusters are blocks of BLOCK weeks.
    """
    known = np.array([None not in pair for pair in zip(periods, weeks, strict=True)], dtype=bool)
    omitted = [{"reason": f"by period: articles without a known week are left out: {n}"}] if (n := sum(~known)) else []
    if not known.any():
        return _finish(empty_table("comparisons/words"), omitted, given=given)
    rows = np.flatnonzero(known)
    table, lacking = _compare_sides(
        counts[rows],
        vocabulary,
        [periods[row] for row in rows],
        [weeks[row] // BLOCK for row in rows],
        side="period",
        min_articles=min_articles,
        top=top,
    )
    omitted += [{"source": ALL_SOURCES, **row} for row in lacking]
    return _finish(table.with_columns(source=pl.lit(ALL_SOURCES)), omitted, given=given)


def _finish(table: pl.DataFrame, omitted: list[dict], *, given: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    within = "" if given is None else f"within {given}: "
    omitted = [row | {"reason": within + row["reason"]} for row in omitted]
    table = table.with_columns(given=pl.lit(given, pl.String))
    return check_table(table, "comparisons/words"), list_omissions("words", omitted)


def _compare_sides(
    counts, vocabulary: list[str], sides: list[str], clusters: list, *, side: str, min_articles: int, top: int
) -> tuple[pl.DataFrame, list[dict]]:
    """The words of each of `sides` against all others, with the side's name in the column `side`; and omissions."""
    from scipy.sparse import csr_array
    from scipy.stats import false_discovery_control, t

    schema = dict.fromkeys(["word", side], pl.String) | dict.fromkeys(["log_odds", "z", "q"], pl.Float64)
    if not sides:
        return pl.DataFrame(schema=schema), [{"reason": f"by {side}: no article has such words"}]
    counts, sides = csr_array(counts, dtype=float), np.asarray(sides)
    used = np.flatnonzero(counts.sum(axis=0))
    if len(used) < 2:
        return pl.DataFrame(schema=schema), [{"reason": f"by {side}: the articles use fewer than two words"}]
    counts, words = counts[:, used], np.asarray(vocabulary)[used]
    lengths = counts.sum(axis=1)
    cluster = np.unique(clusters, return_inverse=True)[1]
    gather = csr_array((np.ones(len(cluster)), (cluster, np.arange(len(cluster)))))
    corpus = _sum_corpus(gather @ counts)
    df = np.maximum((corpus.counts > 0).sum(axis=0) - 1, 1)
    omitted, tables = [], [pl.DataFrame(schema=schema)]
    for name in np.unique(sides):
        inside = sides == name
        if reason := _too_little(lengths, inside, side=side, min_articles=min_articles):
            omitted.append({side: str(name), "reason": reason})
            continue
        log_odds, token_variance, cluster_variance = _log_odds(gather[:, inside] @ counts[inside], corpus)
        z = log_odds / np.sqrt(np.maximum(token_variance, cluster_variance))
        q = false_discovery_control(2 * t.sf(np.abs(z), df))
        tables.append(
            pl.DataFrame(
                {"word": words, "log_odds": log_odds, "z": z, "q": q, "rank": log_odds / np.sqrt(token_variance)}
            )
            .filter(pl.col("log_odds") > 0)
            .sort("rank", "word", descending=[True, False])
            .head(top)
            .select("word", pl.lit(str(name)).alias(side), "log_odds", "z", "q")
        )
    return pl.concat(tables), omitted


def _too_little(lengths: np.ndarray, inside: np.ndarray, *, side: str, min_articles: int) -> str | None:
    """Why the articles `inside` cannot be compared with the others, if so; `lengths` counts the words of each."""
    if inside.sum() < min_articles:
        return f"not compared by itself: articles below min_articles ({inside.sum()} of {min_articles})"
    if inside.all():
        return f"the only {side}: there is no rest to compare it with"
    if inside.sum() < 2 or (~inside).sum() < 2 or not lengths[inside].sum() or not lengths[~inside].sum():
        return "too few articles with words of the vocabulary, here or in the rest"
    return None


class _Corpus(NamedTuple):
    """Counts of all articles (CSR, clusters × words), and what every comparison needs of them."""

    counts: object
    words: np.ndarray  # (words,) Σ counts
    lengths: np.ndarray  # (clusters,) Σ counts
    squares: np.ndarray  # (words,) Σ counts²
    by_length: np.ndarray  # (words,) Σ counts · lengths


def _sum_corpus(counts) -> _Corpus:
    lengths = counts.sum(axis=1)
    return _Corpus(counts, counts.sum(axis=0), lengths, counts.multiply(counts).sum(axis=0), counts.T @ lengths)


def _log_odds(here, corpus: _Corpus) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-odds of each word here against all other articles, its variance under independent tokens, and over clusters.

    `here` holds the counts (CSR, clusters × words) of one side, in the rows of the corpus. A cluster's influence on a
    word's log-odds is its count beyond what its length makes expected, over (n + α₀) p (1 - p), here minus there. The
    sum of squares is expanded, so that no dense clusters × words table arises, and the other side is the corpus less
    this one, so that only this side's articles are read.
    """
    n_here = here.sum(axis=1)
    rows = np.flatnonzero(n_here)
    here, everything, n_here = here[rows], corpus.counts[rows], n_here[rows]
    words = here.sum(axis=0)
    sides = [(words, n_here.sum()), (corpus.words - words, corpus.lengths.sum() - n_here.sum())]
    prior_size = PRIOR * min(total for _, total in sides)
    prior = prior_size * corpus.words / corpus.lengths.sum()
    logits, slopes, expected = [], [], []
    for words, total in sides:
        p = (words + prior) / (total + prior_size)
        logits.append(np.log(p / (1 - p)))
        slopes.append(1 / ((total + prior_size) * p * (1 - p)))
        expected.append(slopes[-1] * words / total)
    # An influence is both · here - slope · everything - expected here · n_here + expected there · n_there.
    both, slope = slopes[0] + slopes[1], slopes[1]
    n_there = corpus.lengths[rows] - n_here
    everything_n_here = everything.T @ n_here
    squares = (
        both**2 * here.multiply(here).sum(axis=0)
        - 2 * both * slope * here.multiply(everything).sum(axis=0)
        + slope**2 * corpus.squares
        - 2 * expected[0] * (both * (here.T @ n_here) - slope * everything_n_here)
        + 2 * expected[1] * (both * (here.T @ n_there) - slope * (corpus.by_length - everything_n_here))
        + expected[0] ** 2 * (n_here @ n_here)
        - 2 * expected[0] * expected[1] * (n_here @ n_there)
        + expected[1] ** 2
        * (corpus.lengths @ corpus.lengths - corpus.lengths[rows] @ corpus.lengths[rows] + n_there @ n_there)
    )
    n_clusters = len(corpus.lengths)
    token_variance = sum(1 / (words + prior) for words, _ in sides)
    return logits[0] - logits[1], token_variance, squares * n_clusters / (n_clusters - 1)
