"""The articles that topic models are fitted on, and all of them in the order of their words."""

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.embeddings.gather import article_order
from frameshift.jobs import log
from frameshift.topics.tokens import Tokens, read_tokens


def read_sample(tokens: str | Path, n: int) -> Tokens:
    """The words of the articles that models are fitted on, at most `n`.

    Ids are digests of what the articles say, so that the first `n` by id are a simple random sample, to which articles
    added later hardly make a difference.
    """
    whole = read_tokens(tokens)
    if len(whole.articles) <= n:
        return whole
    log.info("Fitting on %d of %d articles; the others are assigned afterwards", n, len(whole.articles))
    return whole.take(range(n))


def read_vectors(articles: list[str], ids: str | Path, vectors: str | Path) -> np.ndarray:
    """The vectors of `articles`, float32 (articles, d), from embeddings/ids and embeddings/articles.npy."""
    row = _rows(ids)
    return np.load(vectors, mmap_mode="r")[[row[article] for article in articles]]


@cache
def _rows(ids: str | Path) -> dict[str, int]:
    """The row of each article in embeddings/articles.npy; kept, because batch after batch asks for it."""
    order = article_order(pl.scan_parquet(ids).select("article_id").collect())
    return {article: number for number, article in enumerate(order)}
