"""Which words set a source apart from the others."""

import numpy as np
import polars as pl

from frameshift.comparisons.omissions import list_omissions
from frameshift.tables import check_table, empty_table

# Tokens of the prior, as a share of the smaller side's: enough for finite odds of words that a side never uses, and
# little enough to leave common words theirs.
PRIOR = 0.1


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
    `clusters` name each article's source and wire cluster. `given` is the issue whose passages were counted, or None.

    `log_odds` is the difference between the source's and the rest's log-odds of a word, with an informative Dirichlet
    prior in proportion to the whole corpus (Monroe, Colaresi & Quinn 2008). Words are ranked by its z under
    independent tokens, which keeps rare words from leading by chance; only words used more than by the rest are kept.
    But a word comes in bursts, in some articles many times, and wire copies repeat each other, so that this z
    overstates the evidence: the reported `z` is from the linearised variance over wire clusters, never smaller than
    that of independent tokens. `q` is from it by t with as many degrees of freedom as clusters use the word, less one,
    so that one article's hobby is no evidence (two-sided; Benjamini & Hochberg 1995 over the words of a source).
    """
    from scipy.sparse import csr_array
    from scipy.stats import false_discovery_control, t

    counts, sources = csr_array(counts, dtype=float), np.asarray(sources)
    used = np.flatnonzero(counts.sum(axis=0))
    counts, words = counts[:, used], np.asarray(vocabulary)[used]
    cluster = np.unique(clusters, return_inverse=True)[1]
    gather = csr_array((np.ones(len(cluster)), (cluster, np.arange(len(cluster)))))
    df = np.maximum((gather @ counts > 0).sum(axis=0) - 1, 1)
    omitted, tables = [], [empty_table("comparisons/words")]
    for source in np.unique(sources):
        inside = sources == source
        if reason := _too_little(counts, inside, min_articles=min_articles):
            omitted.append({"source": str(source), "reason": reason})
            continue
        log_odds, token_variance, cluster_variance = _log_odds(
            gather[:, inside] @ counts[inside], gather[:, ~inside] @ counts[~inside]
        )
        z = log_odds / np.sqrt(np.maximum(token_variance, cluster_variance))
        q = false_discovery_control(2 * t.sf(np.abs(z), df))
        tables.append(
            pl.DataFrame(
                {"word": words, "log_odds": log_odds, "z": z, "q": q, "rank": log_odds / np.sqrt(token_variance)}
            )
            .filter(pl.col("log_odds") > 0)
            .sort("rank", "word", descending=[True, False])
            .head(top)
            .select("word", "log_odds", "z", "q", source=pl.lit(str(source)), given=pl.lit(given, pl.String))
        )
    table = pl.concat(tables, how="diagonal")
    return check_table(table, "comparisons/words"), list_omissions("words", omitted)


def _too_little(counts, inside: np.ndarray, *, min_articles: int) -> str | None:
    """Why the articles `inside` cannot be compared with the others, if so."""
    if inside.sum() < min_articles:
        return f"not compared by itself: articles below min_articles ({inside.sum()} of {min_articles})"
    if inside.all():
        return "the only source: there is no rest to compare it with"
    if inside.sum() < 2 or (~inside).sum() < 2 or not counts[inside].sum() or not counts[~inside].sum():
        return "too few articles with words of the vocabulary, here or in the rest"
    return None


def _log_odds(here, there) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-odds of each word here against there, its variance under independent tokens, and over clusters.

    `here` and `there` are counts (CSR, clusters × words) of the same clusters. A cluster's influence on a word's
    log-odds is its count beyond what its length makes expected, over (n + α₀) p (1 - p), here minus there; the sum of
    squares is expanded, so that no dense clusters × words table arises.
    """
    sides = [(side.sum(axis=0), side.sum(axis=1)) for side in (here, there)]
    prior_size = PRIOR * min(words.sum() for words, _ in sides)
    prior = prior_size * sum(words for words, _ in sides) / sum(words.sum() for words, _ in sides)
    logits, slopes, expected = [], [], []
    for words, lengths in sides:
        p = (words + prior) / (lengths.sum() + prior_size)
        logits.append(np.log(p / (1 - p)))
        slopes.append(1 / ((lengths.sum() + prior_size) * p * (1 - p)))
        expected.append(slopes[-1] * words / lengths.sum())
    beyond = (here.multiply(slopes[0][None]) - there.multiply(slopes[1][None])).tocsr()
    (_, n_here), (_, n_there) = sides
    squares = (
        beyond.multiply(beyond).sum(axis=0)
        - 2 * (expected[0] * (beyond.T @ n_here) - expected[1] * (beyond.T @ n_there))
        + expected[0] ** 2 * (n_here @ n_here)
        - 2 * expected[0] * expected[1] * (n_here @ n_there)
        + expected[1] ** 2 * (n_there @ n_there)
    )
    n_clusters = here.shape[0]
    token_variance = sum(1 / (words + prior) for words, _ in sides)
    return logits[0] - logits[1], token_variance, squares * n_clusters / (n_clusters - 1)
