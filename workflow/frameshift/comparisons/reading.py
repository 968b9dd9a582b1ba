"""What the comparisons read of large tables: no texts, and no scores but those compared."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from frameshift.comparisons.series import find_outcomes
from frameshift.frames.pool import choose_scale
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


def read_outcomes(path: str | Path, *, measure: str, given: list[str]) -> tuple[pl.DataFrame, str]:
    """The outcomes by `measure` (series.find_outcomes) of frames/articles, and the scale that it allows."""
    scores = read_scores(path, [measure])
    scale = choose_scale(scores, measure)
    return find_outcomes(scores, measure=measure, given=given, scale=scale), scale
