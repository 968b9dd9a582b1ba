"""Articles cut into passages: the headline, then a few sentences each, well below the encoder's window."""

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import polars as pl
from sentencex import get_sentence_boundaries, segment

from frameshift.corpus.clean import count_words
from frameshift.tables import empty_table

# A sentence longer than so many times max_words is cut between words. At the default of 60 words a passage then has at
# most 180, which is about what the encoder's window of 256 word pieces holds; lists and menus are what is cut.
HARD_LIMIT = 3

_BATCH = 5000  # articles whose passages are held as Python objects at a time

# Quotation marks and brackets, but no apostrophes inside words.
_MARKS = re.compile(r"[“”„\"«»()\[\]]|(?<!\w)['‘’]|['‘’](?!\w)")
_OPENING_AT_END = re.compile(r"(?<=\s)[“„\"«(\['‘]+$")


def cut_passages(articles: pl.DataFrame, *, max_words: int, max_sentences: int) -> pl.DataFrame:
    """Cut the kept `articles` (duplicate_of is null) into passages; one row each, by article and position.

    Position 0 is the headline, left out where it is empty; the text begins at 1. Consecutive sentences are joined
    while they have at most `max_words` words and `max_sentences` sentences together, across paragraphs: news paragraphs
    are often one sentence, and cutting at each would leave passages too short to tell what they are about. A longer
    sentence stands alone, cut after every HARD_LIMIT × max_words words. No word of an article is lost or repeated.

    passage_id is a digest of article_id, position and text, so that other articles do not change it.
    """
    kept = articles.filter(pl.col("duplicate_of").is_null()).select("article_id", "language", "title", "text")
    parts = [empty_table("corpus/passages")]
    for batch in kept.iter_slices(_BATCH):
        columns: dict[str, list] = {name: [] for name in parts[0].columns}
        for article_id, language, title, text in batch.iter_rows():
            for position, passage in _cut_article(title, text, language, max_words, max_sentences):
                columns["passage_id"].append(_identify(article_id, position, passage))
                columns["article_id"].append(article_id)
                columns["position"].append(position)
                columns["text"].append(passage)
                columns["n_words"].append(count_words(passage))
        parts.append(pl.DataFrame(columns, schema=parts[0].schema))
    return pl.concat(parts)


def split_sentences(text: str, *, language: str, max_words: int) -> list[str]:
    """The sentences of a cleaned text, in order, without surrounding whitespace.

    The segmenter (sentencex) keeps what stands between a pair of quotation marks or brackets together. Where such
    a stretch is longer than `max_words` words it is split again with the marks hidden.
    """
    sentences = []
    for paragraph in text.split("\n"):
        for sentence in segment(language, paragraph):
            if count_words(sentence) > max_words:
                sentences.extend(_split_inside_marks(sentence, language))
            else:
                sentences.append(sentence)
    return [stripped for sentence in sentences if (stripped := sentence.strip())]


def _split_inside_marks(sentence: str, language: str) -> list[str]:
    hidden = _MARKS.sub(" ", sentence)
    pieces, start, end = [], 0, 0
    for part in get_sentence_boundaries(language, hidden):
        end += len(part["text"])
        stop = len(_OPENING_AT_END.sub("", sentence[:end]))  # an opening mark belongs to the sentence that follows
        pieces.append(sentence[start:stop])
        start = stop
    return [*pieces, sentence[start:]]


def _cut_article(title: str, text: str, language: str, max_words: int, max_sentences: int) -> Iterator[tuple[int, str]]:
    limit = HARD_LIMIT * max_words
    headline = list(_cut_long(title, limit))
    if headline:
        yield 0, headline[0]
    sentences = split_sentences(text, language=language, max_words=max_words)
    pieces = [*headline[1:], *(piece for sentence in sentences for piece in _cut_long(sentence, limit))]
    yield from enumerate(_join(pieces, max_words, max_sentences), start=1)


def _cut_long(sentence: str, limit: int) -> Iterator[str]:
    words = sentence.split()
    return (" ".join(words[start : start + limit]) for start in range(0, len(words), limit))


def _join(sentences: Iterable[str], max_words: int, max_sentences: int) -> Iterator[str]:
    window: list[str] = []
    n_words = 0
    for sentence in sentences:
        length = count_words(sentence)
        if window and (n_words + length > max_words or len(window) == max_sentences):
            yield " ".join(window)
            window, n_words = [], 0
        window.append(sentence)
        n_words += length
    if window:
        yield " ".join(window)


def _identify(article_id: str, position: int, text: str) -> str:
    return blake2b(f"{article_id}\x1f{position}\x1f{text}".encode(), digest_size=8).hexdigest()
