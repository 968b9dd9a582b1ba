"""The articles on a plane, near those with similar vectors: UMAP (McInnes et al. 2018) to two dimensions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.embeddings.gather import article_order
from frameshift.jobs import log
from frameshift.topics.fits import MIN_ARTICLES

MOST = 10_000  # points; more of them on a page are a blot
NEIGHBOURS = 15
APART = 0.5  # how close points may come (umap's min_dist): with less, topics shrink to clots in an empty field
DIGITS = 4
SCHEMA = {"article_id": pl.String, "x": pl.Float64, "y": pl.Float64}


def pick_articles(ids: str | Path, n: int = MOST) -> list[str]:
    """The articles to be mapped, at most `n`, in the order of their ids; `ids` is the file embeddings/ids.

    Ids are digests of what the articles say, so that the first `n` are a simple random sample.
    """
    articles = sorted(article_order(pl.scan_parquet(ids).select("article_id").collect()))
    if len(articles) > n:
        log.info("Mapping a random sample of %d of %d articles", n, len(articles))
    return articles[:n]


def lay_out(articles: Sequence[str], vectors: np.ndarray, *, seed: int) -> pl.DataFrame:
    """topics/map: x and y of each of `articles`, whose `vectors` are float32 (articles, d).

    Neighbours are found by cosine. The map is turned so that it is widest along x; its unit has no meaning. One thread
    and a seed: the same on one machine, while between machines the last digits differ. Of fewer than MIN_ARTICLES
    articles there is no map: the table is empty.
    """
    if len(articles) < MIN_ARTICLES:
        log.warning("Warning: no map of %d articles is made: it takes %d", len(articles), MIN_ARTICLES)
        return pl.DataFrame(schema=SCHEMA)
    from threadpoolctl import threadpool_limits
    from umap import UMAP

    with threadpool_limits(1):
        model = UMAP(n_neighbors=NEIGHBOURS, min_dist=APART, metric="cosine", random_state=seed, n_jobs=1)
        places = _turn(model.fit_transform(vectors).astype(float)).round(DIGITS)
    return pl.DataFrame({"article_id": articles, "x": places[:, 0], "y": places[:, 1]}, schema=SCHEMA).sort(
        "article_id"
    )


def _turn(places: np.ndarray) -> np.ndarray:
    """`places` (n, 2) about their centre, turned onto their principal axes, the longer one first."""
    centred = places - places.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return centred @ axes[:, ::-1]
