"""One tokenisation for topic models, coherence and word lists."""

import re
from functools import cache

import numpy as np
import polars as pl

from frameshift.jobs import log

# Letters of any script, perhaps with an apostrophe inside ("don't" is one word); a number is no word.
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
CONTRACTION = re.compile(r"'(?:t|ll|ve|re|d|m)$")


def tokenise(articles: pl.DataFrame, *, min_letters: int, min_articles: int, max_share: float) -> pl.DataFrame:
    """Words of each article that is kept: table of article_id and tokens (list of words, in their order).

    Kept are words of at least `min_letters` letters, no stop words, that stand in at least `min_articles` articles
    and at most the share `max_share` of them.
    """
    kept = articles.filter(pl.col("duplicate_of").is_null()).sort("article_id")
    words = [
        _words(f"{row['title']}\n{row['text']}", row["language"], min_letters) for row in kept.iter_rows(named=True)
    ]
    table = pl.DataFrame({"article_id": kept["article_id"], "tokens": words}, schema_overrides={"tokens": pl.List(str)})
    found = (
        table.explode("tokens")
        .drop_nulls()
        .unique()
        .group_by("tokens")
        .len()
        .filter((pl.col("len") >= min_articles) & (pl.col("len") <= max_share * len(kept)))
    )
    vocabulary = set(found["tokens"])
    return table.with_columns(
        pl.Series("tokens", [[w for w in row if w in vocabulary] for row in words], dtype=pl.List(str))
    )


def count_words(tokens: pl.DataFrame):
    """Counts of each word in each article: (sparse CSR matrix articles × vocabulary, sorted vocabulary)."""
    from scipy.sparse import csr_matrix

    long = tokens.with_row_index("row").select("row", pl.col("tokens").alias("word")).explode("word").drop_nulls()
    vocabulary = long["word"].unique().sort()
    column = {word: number for number, word in enumerate(vocabulary)}
    rows, columns = long["row"].to_numpy(), np.array([column[word] for word in long["word"]], dtype=int)
    shape = (len(tokens), len(vocabulary))
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape), vocabulary.to_list()


def _words(text: str, language: str, min_letters: int) -> list[str]:
    # A possessive is no word of its own: "the city's" counts as "city"; "don't" and "we'll" say nothing of a topic.
    lowered = text.lower().replace("’", "'")
    stop = stop_words(language)
    words = (_strip_elided(match.group().removesuffix("'s"), stop) for match in WORD.finditer(lowered))
    return [word for word in words if len(word) >= min_letters and word not in stop and not CONTRACTION.search(word)]


def _strip_elided(word: str, stop: frozenset[str]) -> str:
    """`word` without a stop word that runs into it: "l'asile" and "asile" are one word where "l'" is a stop word."""
    head, mark, rest = word.partition("'")
    return rest if head + mark in stop else word


@cache
def stop_words(language: str) -> frozenset[str]:
    """Stop words of a language (ISO 639-1).

    English has scikit-learn's list, the others those of the package stop-words; a language without any goes without,
    and the log says so once.
    """
    if language == "en":
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        return ENGLISH_STOP_WORDS
    from stop_words import StopWordError, get_stop_words

    try:
        return frozenset(get_stop_words(language))
    except StopWordError:
        log.warning("no list of stop words for the language %r: its most common words are kept", language)
        return frozenset()
