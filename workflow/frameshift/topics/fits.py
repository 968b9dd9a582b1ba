"""The shape to which every topic model is brought, and how fits are compared with one another.

A fit is one model at one setting with one seed. Its word weights are a matrix topics × vocabulary whose rows sum
to one. Topic -1 holds the articles that a model assigns to no topic.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.jobs import log
from frameshift.tables import empty_table, write_whole

TOP_WORDS = 10
MIN_ARTICLES = 50  # below this a topic model describes single articles, not topics


@dataclass(frozen=True)
class Fit:
    """One fitted topic model."""

    n_topics: int  # as asked for; a model may find fewer
    seed: int
    words: np.ndarray  # topics × vocabulary, rows sum to one
    topic: np.ndarray  # topic of each article, -1 for none
    weight: np.ndarray  # how strongly each article belongs to its topic, 0 to 1
    seconds: float

    @property
    def setting(self) -> str:
        return f"n_topics={self.n_topics}"


TABLES = ("scores", "topics", "assignments")
EMPTY = {
    "scores": {"n_topics": pl.Int64, **empty_table("topics/selection").drop("chosen").schema},
    "topics": {
        "model": pl.String,
        "setting": pl.String,
        "seed": pl.Int64,
        **empty_table("topics/topics").drop("label").schema,
    },
    "assignments": {
        "model": pl.String,
        "setting": pl.String,
        "seed": pl.Int64,
        **empty_table("topics/assignments").schema,
    },
}


def too_small(tokens: pl.DataFrame, vocabulary: list[str]) -> bool:
    """Whether there is too little text for a topic model; the log says so, and the tables stay empty."""
    if len(tokens) >= MIN_ARTICLES and len(vocabulary) >= TOP_WORDS:
        return False
    log.warning(
        "No topic model is fitted: %d articles and %d words after the filters of `topics.words`; it takes %d and %d",
        *(len(tokens), len(vocabulary), MIN_ARTICLES, TOP_WORDS),
    )
    return True


def write_fits(fits: list[Fit], model: str, tokens: pl.DataFrame, vocabulary: list[str], paths: dict[str, str]) -> None:
    """Write the tables of `tabulate_fits` to `paths` (by the names in TABLES); empty ones where there is no fit."""
    tables = tabulate_fits(fits, model, tokens, vocabulary) if fits else [pl.DataFrame(schema=EMPTY[n]) for n in TABLES]
    for name, table in zip(TABLES, tables, strict=True):
        write_whole(paths[name], table.write_parquet)


def read_fits(paths: list[str]) -> list[pl.DataFrame]:
    """The tables of all models one below the other, in the order of TABLES."""
    return [
        pl.concat([pl.read_parquet(path) for path in paths if Path(path).stem == name], how="diagonal")
        for name in TABLES
    ]


def top_words(words: np.ndarray, vocabulary: list[str], *, n: int = TOP_WORDS) -> list[list[str]]:
    """The `n` heaviest words of each topic, heaviest first."""
    order = np.argsort(-words, axis=1, kind="stable")[:, :n]
    return [[vocabulary[column] for column in row] for row in order]


def exclusivity(words: np.ndarray, *, n: int = TOP_WORDS) -> np.ndarray:
    """Mean share, over a topic's top words, that the topic has of the word's weight in all topics: (topics,), 0 to 1.

    The exclusivity half of FREX (Bischof & Airoldi 2012).
    """
    share = words / np.maximum(words.sum(axis=0, keepdims=True), 1e-12)
    order = np.argsort(-words, axis=1, kind="stable")[:, :n]
    return np.take_along_axis(share, order, axis=1).mean(axis=1)


def diversity(topics: list[list[str]]) -> float:
    """Share of distinct words among the top words of all topics (Dieng, Ruiz & Blei 2020)."""
    flat = [word for words in topics for word in words]
    return len(set(flat)) / len(flat) if flat else 0.0


def stability(words: np.ndarray, others: list[np.ndarray]) -> np.ndarray:
    """How surely each topic comes back in other fits: (topics,), 0 to 1.

    Topics are matched one to one by the cosine similarity of their words (Hungarian algorithm, Kuhn 1955; Greene et
    al. 2014); a topic that finds no partner scores 0 there. The mean over `others` is returned.
    """
    from scipy.optimize import linear_sum_assignment

    scores = np.zeros((len(others), len(words)))
    unit = words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-12)
    for row, other in enumerate(others):
        similarity = unit @ (other / np.maximum(np.linalg.norm(other, axis=1, keepdims=True), 1e-12)).T
        left, right = linear_sum_assignment(-similarity)
        scores[row, left] = similarity[left, right]
    return scores.mean(axis=0) if others else np.full(len(words), np.nan)


def coherence(topics: list[list[list[str]]], tokens: list[list[str]], measure: str) -> list[list[float]]:
    """Coherence of each topic of each fit: `measure` is "c_npmi" or "c_v" (Röder, Both & Hinneburg 2015).

    `tokens` are the articles' words, the reference. All fits are scored together, because counting costs the most.
    """
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    flat = [words for fit in topics for words in fit]
    model = CoherenceModel(
        topics=flat, texts=tokens, dictionary=Dictionary(tokens), coherence=measure, topn=TOP_WORDS, processes=1
    )
    values = iter(model.get_coherence_per_topic())
    return [[float(next(values)) for _ in fit] for fit in topics]


def tabulate_fits(
    fits: list[Fit], model: str, tokens: pl.DataFrame, vocabulary: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Three tables over all `fits`: scores (a row a fit), topics (a row a topic), assignments (a row an article)."""
    texts = tokens["tokens"].to_list()
    tops = [top_words(fit.words, vocabulary) for fit in fits]
    npmi, c_v = (coherence(tops, texts, measure) for measure in ("c_npmi", "c_v"))
    scores, topics, assignments = [], [], []
    for number, fit in enumerate(fits):
        twins = [other.words for other in fits if other.n_topics == fit.n_topics and other.seed != fit.seed]
        stable = stability(fit.words, twins)
        key = {"model": model, "setting": fit.setting, "seed": fit.seed}
        scores.append(
            key
            | {
                "n_topics": len(fit.words),
                "npmi": float(np.nanmean(npmi[number])),
                "c_v": float(np.nanmean(c_v[number])),
                "diversity": diversity(tops[number]),
                "exclusivity": float(exclusivity(fit.words).mean()),
                "stability": float(stable.mean()),
                "unassigned": float((fit.topic == -1).mean()),
                "seconds": fit.seconds,
            }
        )
        topics.append(
            pl.DataFrame(
                {
                    "topic": np.arange(len(fit.words)),
                    "words": [" ".join(words) for words in tops[number]],
                    "n_articles": np.bincount(fit.topic[fit.topic >= 0], minlength=len(fit.words)).astype(np.int64),
                    "npmi": npmi[number],
                    "c_v": c_v[number],
                    "exclusivity": exclusivity(fit.words),
                    "stability": stable,
                }
            ).with_columns(**{name: pl.lit(value) for name, value in key.items()})
        )
        assignments.append(
            pl.DataFrame(
                {"article_id": tokens["article_id"], "topic": fit.topic.astype(np.int64), "weight": fit.weight}
            ).with_columns(**{name: pl.lit(value) for name, value in key.items()})
        )
    return pl.DataFrame(scores), pl.concat(topics), pl.concat(assignments)
