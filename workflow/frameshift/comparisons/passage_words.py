"""The words of passages about an issue, in the forms in which the topic models count those of whole articles."""

import numpy as np
import polars as pl

from frameshift.topics.phrases import GAP, MARK, join_phrases
from frameshift.topics.tokens import normaliser, split_text


def count_passage_words(passages: pl.DataFrame, vocabulary: list[str], *, min_letters: int, lemmas: bool):
    """How often each article uses each word in some of its passages: (CSR matrix, article ids).

    `passages` has article_id, position, text and language (ISO 639-1) of the passages that count. The matrix is float32
    (articles × vocabulary), the articles sorted by id; only those with a passage are among them. `vocabulary`,
    `min_letters` and `lemmas` are those with which the articles were split (topics.tokens): words outside the
    vocabulary do not count, and its phrases ("white_house") are joined. Phrases that were too rare for the vocabulary
    are counted as their words, which is the one difference from the counts of whole articles.
    """
    from scipy.sparse import csr_matrix

    texts = (
        passages.sort("article_id", "position")
        .group_by("article_id", maintain_order=True)
        .agg(pl.col("language").first(), text=pl.col("text").str.join("\n.\n"))  # nothing is joined across passages
        .with_columns(title=pl.lit(""))
    )
    chunks, words = split_text(texts, texts.select(pl.int_range(pl.len())).to_series(), normaliser(min_letters, lemmas))
    number = {word: i for i, word in enumerate(words)}
    pairs = [tuple(number.get(part) for part in word.split(MARK)) for word in vocabulary if MARK in word]
    pairs = sorted(pair for pair in pairs if None not in pair)
    names = words + [words[left] + MARK + words[right] for left, right in pairs]
    column = {word: i for i, word in enumerate(vocabulary)}
    columns = np.array([*(column.get(name, GAP) for name in names), GAP])  # the last one is that of a gap
    counted, lengths = [np.empty(0, np.int64)], []
    for chunk in chunks:
        joined, starts = join_phrases(*chunk, len(words), pairs)
        found = columns[joined]
        counted.append(found[found != GAP])
        lengths.append(np.diff(np.append(0, np.cumsum(found != GAP))[starts]))
    ends = np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths]))
    columns = np.concatenate(counted)
    counts = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(texts), len(vocabulary)))
    counts.sum_duplicates()
    return counts, texts["article_id"].to_list()
