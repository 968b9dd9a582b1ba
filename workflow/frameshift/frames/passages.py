"""The passages as the measures want them."""

from pathlib import Path

import polars as pl


def read_passages(passages: str | Path, articles: str | Path) -> pl.DataFrame:
    """passage_id, article_id and text of corpus/passages, in its order, with language, source and duplicate_of of the
    article."""
    return pl.read_parquet(passages, columns=["passage_id", "article_id", "text"]).join(
        pl.read_parquet(articles, columns=["article_id", "language", "source", "duplicate_of"]),
        on="article_id",
        how="left",
        maintain_order="left",
    )
