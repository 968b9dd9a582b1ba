"""All articles to the topics of the chosen fit: as it placed them, and others without refitting."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from frameshift.errors import UserError
from frameshift.jobs import log
from frameshift.topics.bertopic import assign_bertopic
from frameshift.topics.fits import name_words
from frameshift.topics.kmeans import assign_kmeans
from frameshift.topics.lda import assign_lda
from frameshift.topics.nmf import assign_nmf
from frameshift.topics.tokens import Tokens

BY_WORDS = {"lda": assign_lda, "nmf": assign_nmf}
BY_VECTORS = {"kmeans": assign_kmeans, "bertopic": assign_bertopic}
BATCH = 10_000  # articles weighed at once
STILL_THERE = 0.9  # share of the fitted articles that the corpus must still hold
REPRESENTATIVE = 3  # articles a topic


def assign_articles(
    model: str,
    parameters: Mapping[str, np.ndarray],
    fitted: pl.DataFrame,
    tokens: Tokens,
    read_vectors: Callable[[list[str]], np.ndarray],
) -> tuple[pl.DataFrame, np.ndarray]:
    """topics/assignments of all articles of `tokens`, and their topic weights, float16 (articles, topics).

    `fitted` are the assignments of the articles that the model was fitted on, `read_vectors` gives those of some
    articles. Words that the fit did not know are passed over. Raises UserError where the corpus is another one than the
    model was fitted on.
    """
    known = set(fitted["article_id"])
    present = len(known.intersection(tokens.articles))
    if present < STILL_THERE * len(known):
        raise UserError(
            f"the topics ({model}) were fitted on {len(known)} articles, of which {len(known) - present} are no longer "
            "in the corpus: fit them again with `topics.refit: true`"
        )
    parts = [
        _weigh(model, parameters, tokens.take(range(start, min(start + BATCH, len(tokens.articles)))), read_vectors)
        for start in range(0, len(tokens.articles), BATCH)
    ]
    best, heaviest = (np.concatenate([part[number] for part in parts]) for number in (1, 2))
    weights = np.concatenate([part[0] for part in parts])
    own = dict(zip(fitted["article_id"], zip(fitted["topic"], fitted["weight"], strict=True), strict=True))
    placed = [own.get(article) or (int(best[row]), float(heaviest[row])) for row, article in enumerate(tokens.articles)]
    log.info("%s: %d articles as fitted, %d assigned without refitting", model, present, len(placed) - present)
    topics, strengths = zip(*placed, strict=True)
    assignments = pl.DataFrame(
        {
            "article_id": tokens.articles,
            "topic": topics,
            "weight": strengths,
            "fitted": [a in own for a in tokens.articles],
        },
        schema_overrides={"topic": pl.Int64, "weight": pl.Float64},
    )
    return assignments, weights


def describe_topics(
    topics: pl.DataFrame, assignments: pl.DataFrame, articles: pl.DataFrame, labels: Mapping[str, str]
) -> pl.DataFrame:
    """`topics` with label (from `labels`, by number, else of words), n_articles and articles, the most typical ones.

    These are the heaviest of each topic (ids), no two of one wire story or title. `articles` is corpus/articles.
    """
    named = {int(topic): label for topic, label in labels.items()}
    sizes = dict(assignments.group_by("topic").len().iter_rows())
    typical = (
        assignments.filter(pl.col("topic") >= 0)
        .join(articles.select("article_id", "wire_cluster", "title"), on="article_id")
        .sort(["topic", "weight", "article_id"], descending=[False, True, False])
        .unique(["topic", "wire_cluster"], keep="first", maintain_order=True)
        .with_columns(named=pl.when(pl.col("title") == "").then("article_id").otherwise("title"))
        .unique(["topic", "named"], keep="first", maintain_order=True)
        .group_by("topic", maintain_order=True)
        .agg(pl.col("article_id").head(REPRESENTATIVE))
    )
    examples = dict(typical.iter_rows())
    rows = topics.select("topic", "frex").rows()
    return topics.with_columns(
        label=pl.Series([named.get(topic, name_words(words)) for topic, words in rows], dtype=pl.String),
        n_articles=pl.Series([sizes.get(topic, 0) for topic, _ in rows], dtype=pl.Int64),
        articles=pl.Series([examples.get(topic, []) for topic, _ in rows], dtype=pl.List(pl.String)),
    )


def _weigh(model: str, parameters: Mapping[str, np.ndarray], tokens: Tokens, read_vectors):
    """Topic weights of some articles in half precision, and from the exact ones the topic and weight of each."""
    if model in BY_VECTORS:
        weights = BY_VECTORS[model](parameters, read_vectors(tokens.articles))
    else:
        weights = BY_WORDS[model](parameters, _in_words_of(parameters["vocabulary"].tolist(), tokens))
    best = np.where(weights.any(axis=1), weights.argmax(axis=1), -1)
    return weights.astype(np.float16), best, weights.max(axis=1)


def _in_words_of(vocabulary: list[str], tokens: Tokens):
    """Counts of the words of `vocabulary` in the articles of `tokens`: sparse (articles, vocabulary)."""
    from scipy.sparse import csr_matrix

    column = {word: number for number, word in enumerate(vocabulary)}
    pairs = [(number, column[word]) for number, word in enumerate(tokens.vocabulary) if word in column]
    now, then = np.array(pairs, dtype=int).reshape(-1, 2).T
    shape = (len(tokens.vocabulary), len(vocabulary))
    return (tokens.counts @ csr_matrix((np.ones(len(now), np.float32), (now, then)), shape=shape)).tocsr()
