"""What the comparisons read of large tables: no texts, and no scores but those compared."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from frameshift.names import COMBINED

DECIDING = ["lexicon", COMBINED]  # the measures that tell what a passage is about
TEXTS = ["title", "text", "url"]  # of an article; they take most of the memory, and no comparison looks at them


def read_articles(path: str | Path) -> pl.DataFrame:
    """corpus/articles without its TEXTS."""
    return pl.scan_parquet(path).drop(TEXTS).collect()


def read_scores(path: str | Path, measures: Sequence[str]) -> pl.DataFrame:
    """The rows by `measures` of frames/articles or frames/passages; all rows where there is none by them.

    So what takes the scores can name the measures that there are.
    """
    table = pl.scan_parquet(path)
    scores = table.filter(pl.col("measure").is_in(measures)).collect()
    return table.collect() if scores.is_empty() else scores
