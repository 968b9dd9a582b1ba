"""What a corpus will amount to, told from a sample before the first job."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from frameshift.corpus.clean import count_words
from frameshift.corpus.inputs import Row, read_rows
from frameshift.corpus.judge import (
    Article,
    Rejection,
    Rules,
    judge_row,
    map_columns,
    read_options,
    read_rules,
    reject_short,
)
from frameshift.corpus.passages import cut_passages
from frameshift.corpus.sample import MAX_PAGES, tell_kind, thin

MAX_ROWS = 100_000  # counting stops here: the estimate is for a line on the screen, not for a table


def preview_corpus(
    paths: str | Path | Sequence[str | Path],
    settings: Mapping[str, Any],
    *,
    passages: Mapping[str, int],
    sample: int = 200,
) -> dict[str, Any]:
    """Estimate the size of the corpus at `paths` from `sample` to 2 × `sample` rows spread evenly over it.

    `settings` and `passages` are the configuration's sections corpus and passages. Returns rows (counted), articles,
    passages and words (estimated for the rows counted, before copies are merged, repeated lines removed and other
    languages set aside), sample_texts (the texts of the sample's passages), and stopped (true if there are more than
    MAX_ROWS rows, or MAX_PAGES web pages, the rest of which was not counted). Raises UserError as `read_rows` does.
    """
    rules = read_rules(settings)
    stream = read_rows(paths, columns=map_columns(settings), **read_options(settings))
    limit = MAX_PAGES if tell_kind(paths, settings["format"]) == "html" else MAX_ROWS
    chosen, rows = thin(islice(stream, limit), sample)
    stopped = next(stream, None) is not None
    cut = _cut_sample(chosen, rules, settings, passages)
    scale = rows / len(chosen)
    return {
        "rows": rows,
        "articles": round(cut["article_id"].n_unique() * scale),
        "passages": round(cut.height * scale),
        "words": round(cut["n_words"].sum() * scale),
        "sample_texts": cut["text"].to_list(),
        "stopped": stopped,
    }


def _cut_sample(
    rows: list[Row], rules: Rules, settings: Mapping[str, Any], passages: Mapping[str, int]
) -> pl.DataFrame:
    judged = [judge_row(row, rules) for row in rows]
    kept = [
        article
        for article in judged
        if not isinstance(article, Rejection)
        and not reject_short(count_words(article.columns["text"]), settings["min_words"], article.columns["source"])
    ]
    return cut_articles(kept, settings["languages"][0], passages)


def cut_articles(articles: Sequence[Article], language: str, passages: Mapping[str, int]) -> pl.DataFrame:
    """The passages of `articles` that single rows told, as if all were in `language`; article_id is the place."""
    rows = [
        {"article_id": str(i), "language": language, "title": article.columns["title"], "text": article.columns["text"]}
        for i, article in enumerate(articles)
    ]
    schema = dict.fromkeys(("article_id", "duplicate_of", "language", "title", "text"), pl.String)
    return cut_passages(pl.DataFrame(rows, schema=schema), **passages)
