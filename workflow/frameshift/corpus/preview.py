"""What a corpus will amount to, told from a sample before the first job."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from frameshift.corpus.ingest import Rejection, Rules, judge_row, map_columns, read_rules
from frameshift.corpus.inputs import Row, read_rows
from frameshift.corpus.passages import cut_passages

MAX_ROWS = 100_000  # counting stops here: the estimate is for a line on the screen, not for a table


def preview_corpus(
    path: str | Path, settings: Mapping[str, Any], *, passages: Mapping[str, int], sample: int = 200
) -> dict[str, Any]:
    """Estimate the size of the corpus at `path` from `sample` to 2 × `sample` rows spread evenly over it.

    `settings` and `passages` are the configuration's sections corpus and passages. Returns rows (counted), articles,
    passages and words (estimated for the rows counted, before copies are merged), sample_texts (the texts of the
    sample's passages), and stopped (true if there are more than MAX_ROWS rows, the rest of which was not counted).
    Raises UserError as `read_rows` does.
    """
    rules = read_rules(settings)
    rows, chosen, stopped = 0, [], False
    every = 1
    for row in read_rows(path, format=settings["format"], columns=map_columns(settings)):
        if rows == MAX_ROWS:
            stopped = True
            break
        if rows % every == 0:
            chosen.append(row)
        if len(chosen) == 2 * sample:  # thin out and take half as many from here on
            chosen = chosen[::2]
            every *= 2
        rows += 1
    cut = _cut_sample(chosen, rules, passages)
    scale = rows / len(chosen)
    return {
        "rows": rows,
        "articles": round(cut["article_id"].n_unique() * scale),
        "passages": round(cut.height * scale),
        "words": round(cut["n_words"].sum() * scale),
        "sample_texts": cut["text"].to_list(),
        "stopped": stopped,
    }


def _cut_sample(rows: list[Row], rules: Rules, passages: Mapping[str, int]) -> pl.DataFrame:
    judged = [judge_row(row, rules) for row in rows]
    articles = [
        {"article_id": str(i), "duplicate_of": None, **{k: article[k] for k in ("language", "title", "text")}}
        for i, article in enumerate(judged)
        if not isinstance(article, Rejection)
    ]
    schema = dict.fromkeys(("article_id", "duplicate_of", "language", "title", "text"), pl.String)
    return cut_passages(pl.DataFrame(articles, schema=schema), **passages)
