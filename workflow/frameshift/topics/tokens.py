"""One tokenisation for topic models, coherence and word lists.

Articles become sequences of word numbers. What says nothing of a topic (stop words, short words, numbers, punctuation)
leaves a gap, so that words on both its sides are not taken for neighbours; gaps go when phrases are joined.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from frameshift.jobs import log
from frameshift.tables import write_whole
from frameshift.topics.phrases import GAP, MARK, Chunk, join_phrases, learn_phrases

# A word: letters of any script, perhaps with an apostrophe inside ("don't" is one word). Anything else that is neither
# space, hyphen nor apostrophe parts its neighbours.
PIECE = r"\p{L}[\p{L}\p{M}]*(?:'\p{L}[\p{L}\p{M}]*)?|[^\s\p{L}\p{M}'’-]+"
CONTRACTIONS = ("'t", "'ll", "'ve", "'re", "'d", "'m")
BATCH = 2000  # articles split at once


@dataclass(frozen=True)
class Tokens:
    """The words of articles, in their order: `words[starts[i]:starts[i + 1]]` are those of `articles[i]`."""

    articles: list[str]  # ids
    words: np.ndarray  # int32, columns of the vocabulary
    starts: np.ndarray  # int64, (articles + 1,)
    vocabulary: list[str]  # sorted

    @cached_property
    def counts(self):
        """How often each word stands in each article: float32 CSR matrix (articles, vocabulary)."""
        from scipy.sparse import csr_matrix

        shape = (len(self.articles), len(self.vocabulary))
        counts = csr_matrix((np.ones(len(self.words), np.float32), self.words.copy(), self.starts), shape=shape)
        counts.sum_duplicates()
        return counts

    @property
    def row(self) -> np.ndarray:
        """The article of each word."""
        return np.repeat(np.arange(len(self.articles)), np.diff(self.starts))

    def take(self, rows: Sequence[int]) -> "Tokens":
        """Some of the articles, in the order of `rows`, with the same vocabulary."""
        parts = [self.words[self.starts[row] : self.starts[row + 1]] for row in rows]
        starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
        words = np.concatenate([np.empty(0, np.int32), *parts])
        return Tokens([self.articles[row] for row in rows], words, starts, self.vocabulary)


def tokenise(
    articles: pl.DataFrame, *, min_letters: int, min_articles: int, max_share: float, phrases: bool, lemmas: bool
) -> Tokens:
    """Words of each article that is kept, by article_id.

    Kept are words of at least `min_letters` letters, no stop words, that stand in at least `min_articles` articles and
    at most the share `max_share` of them. With `lemmas`, words come in their dictionary form (simplemma; Barbaresi
    2021). With `phrases`, pairs that belong together are one word: white_house (phrases.py).
    """
    ids = articles.select("article_id", "duplicate_of").with_row_index("row").filter(pl.col("duplicate_of").is_null())
    ids = ids.sort("article_id")
    chunks, vocabulary = split_text(articles, ids["row"], normaliser(min_letters, lemmas))
    if phrases:
        pairs = learn_phrases(chunks, vocabulary, min_count=min_articles)
        chunks = [join_phrases(words, starts, len(vocabulary), pairs) for words, starts in chunks]
        vocabulary = vocabulary + [pairs[pair] for pair in sorted(pairs)]
    n_articles = sum(
        (_count_articles(*chunk, len(vocabulary)) for chunk in chunks), np.zeros(len(vocabulary), np.int64)
    )
    good = (n_articles >= min_articles) & (n_articles <= max_share * len(ids))
    order = sorted(np.flatnonzero(good), key=vocabulary.__getitem__)
    column = np.full(len(vocabulary) + 1, GAP, np.int32)  # the last one is that of a gap
    column[order] = np.arange(len(order))
    parts, lengths = [np.empty(0, np.int32)], [np.zeros(1, np.int64)]
    for words, starts in chunks:
        found = column[words]
        parts.append(found[found != GAP])
        lengths.append(np.diff(np.append(0, np.cumsum(found != GAP))[starts]))
    starts = np.cumsum(np.concatenate(lengths))
    return Tokens(ids["article_id"].to_list(), np.concatenate(parts), starts, [vocabulary[number] for number in order])


def write_tokens(tokens: Tokens, path: str | Path) -> None:
    """Write article_id and tokens (lists of numbers) to `path`; the vocabulary goes into the file's description."""
    lists = pa.LargeListArray.from_arrays(pa.array(tokens.starts), pa.array(tokens.words, pa.int32()))
    table = pa.table({"article_id": pa.array(tokens.articles, pa.string()), "tokens": lists})
    table = table.replace_schema_metadata({"vocabulary": json.dumps(tokens.vocabulary, ensure_ascii=False)})
    write_whole(path, lambda part: pq.write_table(table, part))


def read_tokens(path: str | Path) -> Tokens:
    """What `write_tokens` wrote."""
    table = pq.read_table(path)
    lists = table["tokens"].combine_chunks()
    words, starts = lists.values.to_numpy(), lists.offsets.to_numpy().astype(np.int64)
    vocabulary = json.loads(table.schema.metadata[b"vocabulary"])
    return Tokens(table["article_id"].to_pylist(), words, starts, vocabulary)


def split_text(
    articles: pl.DataFrame, rows: pl.Series, normalise: Callable[[str, str], str | None]
) -> tuple[list[Chunk], list[str]]:
    """Numbers of the words of the articles in `rows`, with gaps, in chunks; and the words by their numbers."""
    numbers: dict[str, int] = {}
    known: dict[tuple[str, str], int] = {}
    chunks = []
    texts = articles.select("title", "text", "language")
    for first in range(0, len(rows), BATCH):
        batch = texts[rows[first : first + BATCH]]
        pieces = batch.select(
            "language",
            pl.concat_str("title", pl.lit("\n.\n"), "text")
            .str.to_lowercase()
            .str.replace_all("’", "'")
            .str.extract_all(PIECE)
            .alias("piece"),
        )
        starts = np.append(0, np.cumsum(pieces["piece"].list.len().to_numpy().astype(np.int64)))
        long = pieces.explode("piece", empty_as_null=False)
        found = long.unique(maintain_order=True)
        for language, piece in found.iter_rows():
            if (language, piece) not in known:
                word = normalise(piece, language)
                known[language, piece] = GAP if word is None else numbers.setdefault(word, len(numbers))
        code = pl.Series("code", [known[row] for row in found.iter_rows()], dtype=pl.Int32)
        joined = long.join(found.with_columns(code), on=["language", "piece"], how="left", maintain_order="left")
        words = joined["code"].to_numpy()
        repeated = np.append(False, (words[1:] == GAP) & (words[:-1] == GAP))  # one gap parts as well as several
        chunks.append((words[~repeated], np.append(0, np.cumsum(~repeated))[starts]))
    return chunks, list(numbers)


def _count_articles(words: np.ndarray, starts: np.ndarray, size: int) -> np.ndarray:
    """In how many articles of a chunk each of `size` words stands."""
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[words != GAP]
    seen = np.unique(words[words != GAP].astype(np.int64) * len(starts) + rows)
    return np.bincount(seen // len(starts), minlength=size)


def normaliser(min_letters: int, lemmas: bool) -> Callable[[str, str], str | None]:
    """The function that makes of a piece of text the word it counts as, or None where it says nothing of a topic."""

    def normalise(piece: str, language: str) -> str | None:
        if not piece[0].isalpha():
            return None
        stop = stop_words(language)
        # A possessive is no word of its own: "the city's" counts as "city"; "don't" and "we'll" say nothing of a topic.
        word = _strip_elided(piece.removesuffix("'s"), stop)
        if not word or word in stop or word.endswith(CONTRACTIONS):
            return None
        if lemmas:
            word = _lemma(word, language)
        return word if len(word) >= min_letters and word not in stop else None

    return normalise


def _strip_elided(word: str, stop: frozenset[str]) -> str:
    """`word` without a stop word that runs into it: "l'asile" and "asile" are one word where "l'" is a stop word."""
    head, mark, rest = word.partition("'")
    return rest if head + mark in stop else word


def _lemma(word: str, language: str) -> str:
    import simplemma

    try:
        return simplemma.lemmatize(word, lang=language).lower().replace(MARK, "")  # burger_oorlog
    except ValueError:
        _warn_once(f"no lemmas for the language {language!r}: its words are kept as they are")
        return word


@cache
def _warn_once(message: str) -> None:
    log.warning(message)


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
