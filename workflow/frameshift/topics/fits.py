"""The shape to which every topic model is brought, and the tables of all fits of a model.

A fit is one model at one setting with one seed. Topic -1 holds the articles that a model assigns to no topic; the
others are numbered by their size. What it takes to assign further articles is kept as arrays (`parameters`).
"""

import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.digests import digest_json
from frameshift.jobs import log
from frameshift.tables import empty_table, write_arrays, write_whole
from frameshift.topics.coherence import diversity, score_coherence
from frameshift.topics.stability import agreement, match_topics
from frameshift.topics.tokens import Tokens
from frameshift.topics.words import LABEL_WORDS, TOP_WORDS, count_articles, exclusivity, frex, heaviest, keyness

MIN_ARTICLES = 50  # below this a topic model describes single articles, not topics
MIN_EACH = 5  # articles a topic at the least, on average


@dataclass(frozen=True)
class Fit:
    """One fitted topic model."""

    n_topics: int  # as asked for; a model may find fewer
    seed: int
    words: np.ndarray  # (topics, vocabulary) as the model weighs them, rows sum to one
    topic: np.ndarray  # (articles,) the topic of each, -1 for none
    weights: np.ndarray  # (articles, topics) how strongly each belongs to each, 0 to 1
    parameters: Mapping[str, np.ndarray]  # those of PER_TOPIC by topic
    seconds: float
    outliers: float = 0.0  # share of the articles that the model itself left out, before the nearest topic took them

    @property
    def setting(self) -> str:
        return f"n_topics={self.n_topics}"

    @property
    def sizes(self) -> np.ndarray:
        """How many articles each topic has: (topics,)."""
        return np.bincount(self.topic[self.topic >= 0], minlength=len(self.words))


PER_TOPIC = ("topics", "centres", "limits")  # parameters with a row for each topic
TABLES = ("scores", "topics", "assignments")
KEY = {"model": pl.String, "setting": pl.String, "seed": pl.Int64}
EMPTY = {
    "scores": {**KEY, "n_topics": pl.Int64, **empty_table("topics/selection").drop("chosen", *KEY).schema},
    "topics": {**KEY, **empty_table("topics/topics").drop("label", "n_articles", "articles").schema},
    "assignments": {**KEY, **empty_table("topics/assignments").drop("fitted").schema},
}


def by_size(fit: Fit) -> Fit:
    """The same fit with its topics numbered by how many articles they have; topics without any are dropped."""
    order = np.argsort(-fit.sizes, kind="stable")
    order = order[fit.sizes[order] > 0]
    number = np.full(len(fit.sizes) + 1, -1)
    number[order] = np.arange(len(order))  # the last entry is that of topic -1
    parameters = {name: value[order] if name in PER_TOPIC else value for name, value in fit.parameters.items()}
    return replace(
        fit, words=fit.words[order], topic=number[fit.topic], weights=fit.weights[:, order], parameters=parameters
    )


def feasible(n_topics: Sequence[int], tokens: Tokens) -> list[int]:
    """Those of `n_topics` that this many articles and words allow; the log names the others, and why."""
    articles, words = len(tokens.articles), len(tokens.vocabulary)
    if articles < MIN_ARTICLES or words < 2 * TOP_WORDS:
        log.warning(
            "Warning: no topic model is fitted: %d articles and %d words after the filters of `topics.words`; it takes "
            "%d and %d",
            *(articles, words, MIN_ARTICLES, 2 * TOP_WORDS),
        )
        return []
    most = articles // MIN_EACH
    if left_out := [k for k in n_topics if k > most]:
        log.warning("Warning: `topics.n_topics` %s: too many for %d articles (at most %d)", left_out, articles, most)
    return [k for k in n_topics if k <= most]


def tabulate_fits(
    fits: Iterable[Fit], model: str, tokens: Tokens
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, dict[str, np.ndarray]]:
    """Tables over all `fits`: scores (a row a fit), topics, assignments; and the parameters of all, by name.

    Fits that found fewer than two topics are left out, and the log says so.
    """
    kept = []
    for fit in fits:
        if len(fit.words) < 2:
            log.warning("Warning: %s, %s, seed %d found one topic only: left out", model, fit.setting, fit.seed)
        else:
            kept.append(fit)
    if not kept:
        return *(pl.DataFrame(schema=EMPTY[name]) for name in TABLES), {}
    found = [count_articles(tokens.counts, fit.topic, len(fit.words)) for fit in kept]
    tops = [heaviest(keyness(one, fit.sizes)) for one, fit in zip(found, kept, strict=True)]
    npmi, c_v = score_coherence(np.concatenate(tops), tokens)
    twins = [[other for other in kept if other.n_topics == fit.n_topics] for fit in kept]
    agreed = {}  # by number of topics and seed
    for k in {fit.n_topics for fit in kept}:
        group = [fit for fit in kept if fit.n_topics == k]
        agreed |= {(k, fit.seed): score for fit, score in zip(group, agreement([f.topic for f in group]), strict=True)}
    scores, topics, assignments, parameters, first = [], [], [], {"vocabulary": np.array(tokens.vocabulary)}, 0
    for fit, counts, top, others in zip(kept, found, tops, twins, strict=True):
        values = (model, fit.setting, fit.seed)
        key = {name: pl.lit(value, kind) for (name, kind), value in zip(KEY.items(), values, strict=True)}
        mine, first = slice(first, first + len(top)), first + len(top)
        stable = match_topics(fit.words, [other.words for other in others if other is not fit])
        share = np.take_along_axis(exclusivity(counts, fit.sizes), top, axis=1).mean(axis=1)
        named = np.take_along_axis(top, heaviest(np.take_along_axis(frex(counts, fit.sizes), top, axis=1)), axis=1)
        scores.append(
            {"model": model, "setting": fit.setting, "seed": fit.seed, "n_topics": len(fit.words)}
            | {"npmi": npmi[mine].mean(), "c_v": c_v[mine].mean(), "diversity": diversity(top)}
            | {"exclusivity": share.mean(), "stability": stable.mean(), "agreement": agreed[fit.n_topics, fit.seed]}
            | {"coverage": (fit.topic >= 0).mean(), "outliers": fit.outliers, "seconds": fit.seconds}
        )
        spelt = [[" ".join(tokens.vocabulary[word] for word in row) for row in table] for table in (top, named)]
        rows = {"topic": np.arange(len(top)), "words": spelt[0], "frex": spelt[1], "npmi": npmi[mine], "c_v": c_v[mine]}
        rows |= {"exclusivity": share, "stability": stable}
        topics.append(pl.DataFrame(rows).with_columns(**key))
        weight = np.where(fit.topic >= 0, fit.weights[np.arange(len(fit.topic)), fit.topic], 0.0)
        rows = {"article_id": tokens.articles, "topic": fit.topic.astype(np.int64), "weight": weight.astype(float)}
        assignments.append(pl.DataFrame(rows).with_columns(**key))
        parameters |= {f"{fit.setting} {fit.seed} {name}": value for name, value in fit.parameters.items()}
    return pl.DataFrame(scores), pl.concat(topics), pl.concat(assignments), parameters


def write_fits(fits: Iterable[Fit], model: str, tokens: Tokens, paths: Mapping[str, str], settings: str) -> None:
    """Write what `tabulate_fits` gives to `paths`: by the names in TABLES, and at last `parameters` (.npz).

    `settings` is the digest of what they were made with.
    """
    *tables, parameters = tabulate_fits(fits, model, tokens)
    for name, table in zip(TABLES, tables, strict=True):
        write_whole(paths[name], table.write_parquet)
    write_arrays(paths["parameters"], settings=np.array(settings), **parameters)


def digest_settings(params: Mapping[str, object]) -> str:
    """The digest of all that makes fits what they are, but for the articles."""
    return digest_json({name: value for name, value in params.items() if name != "refit"})


def keep_fits(paths: Mapping[str, str], settings: str) -> bool:
    """Whether there are fits at `paths` already, made with the same settings; they then count as made now."""
    try:
        with np.load(paths["parameters"]) as stored:
            same = str(stored["settings"]) == settings and "vocabulary" in stored.files
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return False
    if not same or not all(Path(path).exists() for path in paths.values()):
        return False
    log.info("The topics stay as they were fitted; new articles are assigned to them (`topics.refit: false`)")
    for path in paths.values():
        os.utime(path)
    return True


def read_parameters(path: str, setting: str, seed: int) -> dict[str, np.ndarray]:
    """The parameters of one fit, and the vocabulary they speak of."""
    with np.load(path) as stored:
        prefix = f"{setting} {seed} "
        mine = {name.removeprefix(prefix): stored[name] for name in stored.files if name.startswith(prefix)}
        return {"vocabulary": stored["vocabulary"], **mine}


def name_words(frex: str) -> str:
    """A topic's name from its words in the order of FREX: the first three that share no part, phrases with spaces."""
    chosen, parts = [], set()
    for word in frex.split():
        if parts.isdisjoint(word.split("_")):
            chosen.append(word.replace("_", " "))
            parts.update(word.split("_"))
    return ", ".join(chosen[:LABEL_WORDS])
