"""Key words in context (Luhn 1960): what stands around the words that set a source or a period apart."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, pairwise

import numpy as np
import polars as pl

from frameshift.tables import ALL_SOURCES, check_table, empty_table
from frameshift.topics.phrases import MARK
from frameshift.topics.tokens import PIECE, normaliser

REACH = 60  # characters shown on each side at most
TRIED = 4  # articles looked at for each passage wanted: in some, the word stands in another passage or in the title


def find_contexts(
    words: pl.DataFrame,
    counts,
    vocabulary: list[str],
    articles: pl.DataFrame,
    passages: pl.DataFrame | pl.LazyFrame,
    *,
    min_letters: int,
    lemmas: bool,
    most: int,
) -> pl.DataFrame:
    """Up to `most` passages with each word of `words`: the table comparisons/contexts.

    `words` are rows of comparisons/words of one `given`; `counts` (CSR, articles × vocabulary) is what they were found
    in, and `articles` has its rows: article_id, source, date, period (the year, say), wire_cluster, language.
    `passages` (article_id, passage_id, position, text) are those that may be shown; a lazy table is read only where
    needed. Words of sources that no article has are passed over. `min_letters` and `lemmas` are as in topics.tokens.

    An example stands for its part of the time: the articles of the source and period that use the word, one of each
    wire story, are put in order of their dates and cut into `most` equal parts, and of each the article nearest to its
    middle is shown that has the word in one of the passages. `before` and `after` are up to REACH characters, cut
    between words.
    """
    column = {word: i for i, word in enumerate(vocabulary)}
    order = articles.select(pl.arg_sort_by("date", "article_id")).to_series().to_numpy()
    by_word = counts[order].tocsc()
    by_date = articles[order]
    rows = [row for row in words.iter_rows(named=True) if row["word"] in column]
    parts = [_spread_articles(row, by_date[_users(by_word, column[row["word"]])], most=most) for row in rows]
    wanted: dict[str, set[str]] = {}
    for row, part in zip(rows, parts, strict=True):
        for id in chain.from_iterable(part):
            wanted.setdefault(id, set()).add(row["word"])
    texts = _read_passages(passages, articles.filter(pl.col("article_id").is_in(list(wanted))))
    normalise = cache(normaliser(min_letters, lemmas))
    phrases = frozenset(word for word in vocabulary if MARK in word)

    @cache
    def find_spans(id: str) -> dict[str, dict]:
        return _find_spans(texts.get((id,)), wanted[id], normalise, phrases)

    found = []
    for row, part in zip(rows, parts, strict=True):
        for tried in part:
            context = next((spans[row["word"]] for spans in map(find_spans, tried) if row["word"] in spans), None)
            if context:
                found.append({key: row[key] for key in ("source", "given", "period", "word")} | context)
    return check_table(pl.DataFrame(found, schema=empty_table("comparisons/contexts").schema), "comparisons/contexts")


def _users(by_word, column: int) -> np.ndarray:
    """Rows of the articles that use a word, in their order."""
    return np.sort(by_word.indices[by_word.indptr[column] : by_word.indptr[column + 1]])


def _spread_articles(row: dict, users: pl.DataFrame, *, most: int) -> list[list[str]]:
    """The articles to look at for each context of a word, the best first, from parts of equal size of its `users`."""
    using = users.filter(
        row["source"] == ALL_SOURCES or pl.col("source") == row["source"],
        row["period"] == "all" or pl.col("period") == row["period"],
    ).unique("wire_cluster", keep="first", maintain_order=True)
    bounds = np.linspace(0, len(using), min(most, len(using)) + 1).astype(int)
    parts = []
    for start, end in pairwise(bounds):
        nearest = np.argsort(np.abs(np.arange(start, end) - (start + end - 1) / 2), kind="stable")[:TRIED]
        parts.append(using["article_id"][start + nearest].to_list())
    return parts


def _read_passages(passages: pl.DataFrame | pl.LazyFrame, articles: pl.DataFrame) -> dict[tuple, pl.DataFrame]:
    """The passages of `articles`, by article, with the pieces of their texts (topics.tokens)."""
    texts = (
        passages.lazy()
        .select("article_id", "passage_id", "position", text=pl.col("text").str.replace_all(r"\s+", " "))
        .join(articles.lazy().select("article_id", "language", "date"), on="article_id")
        .sort("article_id", "position")
        .with_columns(piece=pl.col("text").str.replace_all("’", "'").str.extract_all(PIECE))
        .collect()
    )
    return texts.partition_by("article_id", as_dict=True)


def _find_spans(
    passages: pl.DataFrame | None, wanted: set[str], normalise: Callable, phrases: frozenset[str]
) -> dict[str, dict]:
    """The first context of each of the `wanted` words in the passages of an article."""
    spans: dict[str, dict] = {}
    parts = {part for word in wanted for part in word.split(MARK)}
    for passage in [] if passages is None else passages.iter_rows(named=True):
        words = [normalise(piece.lower(), passage["language"]) for piece in passage["piece"]]
        if parts.isdisjoint(words):
            continue
        places = list(_find_pieces(passage["text"], passage["piece"]))
        for word, first, last in _join_phrases(words, phrases):
            if word in wanted and word not in spans:
                before, match, after = _cut(passage["text"], places[first][0], places[last][1])
                known = {key: passage[key] for key in ("article_id", "passage_id", "date")}
                spans[word] = {**known, "before": before, "match": match, "after": after}
    return spans


def _find_pieces(text: str, pieces: list[str]) -> Iterator[tuple[int, int]]:
    """Where each of the pieces of a text starts and ends; what is between them is space, hyphen or apostrophe."""
    text, end = text.replace("’", "'"), 0
    for piece in pieces:
        start = text.index(piece, end)
        end = start + len(piece)
        yield start, end


def _join_phrases(words: list[str | None], phrases: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    """Each word that counts, with the numbers of its first and last piece: two for a phrase."""
    i = 0
    while i < len(words):
        first, word = i, words[i]
        i += 1
        if word and i < len(words) and words[i] and (phrase := word + MARK + words[i]) in phrases:
            word = phrase
            i += 1
        if word:
            yield word, first, i - 1


def _cut(text: str, start: int, end: int) -> tuple[str, str, str]:
    """What stands before, the match itself, and what stands after, at most REACH characters and whole words."""
    before, after = text[:start], text[end:]
    if len(before) > REACH:
        before = before[-REACH - 1 :].partition(" ")[2]
    if len(after) > REACH:
        after = after[: REACH + 1].rpartition(" ")[0]
    return before, text[start:end], after
