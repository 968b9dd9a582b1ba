"""The passages as the measures want them."""

from pathlib import Path

import polars as pl


def read_passages(passages: str | Path, articles: str | Path) -> pl.DataFrame:
    """passage_id, article_id, text and language of corpus/passages, in its order."""
    return pl.read_parquet(passages, columns=["passage_id", "article_id", "text"]).join(
        pl.read_parquet(articles, columns=["article_id", "language"]),
        on="article_id",
        how="left",
        maintain_order="left",
    )
