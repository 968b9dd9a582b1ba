"""The tables of an invented run, as the rooms before the comparisons write them: what comparisons.py times.

20 sources in ten years, one passage of 40 words an article, 100 words that count (of 30,000), three in ten about the
issue, shares and two thousand coded passages, and one topic model.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import yaml
from read_corpus import FUNCTION_WORDS, invent_words

from frameshift.config import lay_over
from frameshift.topics.tokens import Tokens, write_tokens

ROOT = Path(__file__).resolve().parents[2]
SEED = 1
PIECE = 100_000  # articles invented at once
N_SOURCES, N_WEEKS, N_TOPICS, N_CODED = 20, 520, 20, 2000
N_WORDS, IN_PASSAGE, IN_ARTICLE = 30_000, 40, 100  # words
DIMENSIONS = 384
FRAMES = ["threat", "security", "victim", "migration"]
WITHIN = [("migration", FRAMES[:3]), ("migration without victim", FRAMES[:2])]
MEASURES = ["axis", "combined", "lexicon", "supervised"]
ABOUT = 0.3  # of the articles
FINDING = {"frame": "threat", "source": "all sources", "family": "declared", "expect": "rise"}
SETTINGS = {
    "name": "invented",
    "topics": {"models": ["kmeans"], "primary": "kmeans"},
    "frames": {"labels": ["coded"], "codebook": str(ROOT / "config" / "frames.yaml")},
    "findings": [
        {**FINDING, "name": "change", "kind": "change", "date": "2015-06-01", "weeks": 26},
        {**FINDING, "name": "gap", "kind": "gap", "source": "Source 03", "given": "migration"},
        {**FINDING, "name": "trend", "kind": "trend", "given": "migration"},
        {**FINDING, "name": "event", "kind": "event", "event": "one"},
        {**FINDING, "name": "mix", "kind": "mix", "frame": "migration", "date": "2015-06-01"},
    ],
}
EVENTS = {"one": "2012-05-07", "two": "2014-10-06", "three": "2017-03-06"}


def invent_run(run: str, size: int) -> dict:
    """Write the tables of a run of `size` articles to the folder `run`, and return its configuration."""
    folder, rng = Path(run), np.random.default_rng(SEED)
    for name in ("corpus", "frames", "topics/kmeans/fits", "embeddings"):
        (folder / name).mkdir(parents=True)
    articles = invent_articles(size, rng)
    _write_articles(folder, articles, rng)
    _write_pieces(folder / "frames" / "articles.parquet", _score_articles(articles, rng))
    _write_pieces(folder / "frames" / "passages.parquet", _score_passages(articles, rng))
    _write_pieces(folder / "frames" / "joint.parquet", _join_issues(articles))
    _write_labels(folder, articles, rng)
    _write_topics(folder, articles, rng)
    _write_vectors(folder, articles, rng)
    (folder / "events.yaml").write_text(yaml.safe_dump([{"name": name, "date": day} for name, day in EVENTS.items()]))
    defaults = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    return lay_over(defaults, SETTINGS | {"events": str(folder / "events.yaml")})


def invent_articles(size: int, rng: np.random.Generator) -> pl.DataFrame:
    """article_id (sorted; its passage's too), source, date, about (the issue), and level, from which shares come."""
    number = np.sort(rng.choice(2**52, size, replace=False))
    source, day = rng.integers(0, N_SOURCES, size), rng.integers(0, 7 * N_WEEKS, size)
    return pl.DataFrame(
        {
            "article_id": [f"{n:016x}" for n in number],
            "source": [f"Source {n:02}" for n in source],
            "date": np.datetime64("2010-01-04") + day,
            "about": rng.random(size) < ABOUT,
            "level": source / N_SOURCES + 0.3 * (day > 3.5 * N_WEEKS) - 2,
        }
    ).with_columns(pl.col("date").cast(pl.Date))


def _write_articles(folder: Path, articles: pl.DataFrame, rng: np.random.Generator) -> None:
    """corpus/articles, corpus/passages and topics/tokens; a passage holds the first words of its article."""
    vocabulary = np.array(sorted(invent_words(N_WORDS, rng)[len(FUNCTION_WORDS.split()) :]))
    odds = rng.permutation(1 / (np.arange(N_WORDS) + 2.7))
    cumulative = np.cumsum(odds) / odds.sum()
    words = np.empty((len(articles), IN_ARTICLE), np.int32)
    for start in range(0, len(articles), PIECE):
        part = words[start : start + PIECE]
        part[:] = np.searchsorted(cumulative, rng.random(part.shape))
    starts = np.arange(0, words.size + 1, IN_ARTICLE, dtype=np.int64)
    write_tokens(Tokens(articles["article_id"].to_list(), words.ravel(), starts, vocabulary.tolist()),
                 folder / "topics" / "tokens.parquet")  # fmt: skip

    def texts() -> Iterator[pl.DataFrame]:
        for number, piece in enumerate(articles.iter_slices(PIECE)):
            rows = vocabulary[words[number * PIECE :][: len(piece), :IN_PASSAGE]].tolist()
            yield piece.with_columns(text=pl.Series([" ".join(row) for row in rows]))

    _write_pieces(
        folder / "corpus" / "articles.parquet",
        (
            piece.select(
                *("article_id", "source", "date", "text"),
                date_precision=pl.lit("day"),
                title=pl.col("text").str.head(60),
                url=pl.lit(None, pl.String),
                language=pl.lit("en"),
                n_words=pl.lit(IN_PASSAGE),
                duplicate_of=pl.lit(None, pl.String),
                wire_cluster="article_id",
            )
            for piece in texts()
        ),
    )
    passage = {"passage_id": "article_id", "position": pl.lit(0), "n_words": pl.lit(IN_PASSAGE)}
    _write_pieces(folder / "corpus" / "passages.parquet", (p.select("article_id", "text", **passage) for p in texts()))


def _score_articles(articles: pl.DataFrame, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    """frames/articles: within the issue only the combined measure has all articles, weighed by their likelihood."""
    pairs = [*product(FRAMES, [None]), *((frame, given) for given, among in WITHIN for frame in among)]
    rows = [(*pair, measure) for pair in pairs for measure in MEASURES]
    keys = pl.DataFrame(rows, schema=dict.fromkeys(["frame", "given", "measure"], pl.String), orient="row")
    alone, combined = pl.col("given").is_null(), pl.col("measure") == "combined"
    weight = pl.when(alone | ~combined).then(1.0).otherwise(_likelihood())
    for piece in articles.iter_slices(PIECE):
        rows = piece.join(keys, how="cross").filter(alone | combined | pl.col("about"))
        rows = rows.with_columns(score=rng.normal(size=len(rows)), share=pl.when(combined).then(_share(len(rows), rng)))
        yield rows.sort("article_id", "frame", "given", "measure").select(
            *("article_id", "frame", "given", "measure", "score", "share"),
            n_passages=pl.lit(1, pl.Int64),
            weight=weight,
            passages=weight,
        )


def _score_passages(articles: pl.DataFrame, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    for measure, frame in product(MEASURES, FRAMES):
        for piece in articles.iter_slices(PIECE):
            share = _share(len(piece), rng) if measure == "combined" else pl.lit(None, pl.Float64)
            score = np.maximum(rng.normal(size=len(piece)), 0) if measure == "lexicon" else rng.normal(size=len(piece))
            yield piece.select(
                passage_id="article_id", frame=pl.lit(frame), measure=pl.lit(measure), score=score, share=share
            )


def _join_issues(articles: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for given, among in WITHIN:
        for frame, piece in product(among, articles.iter_slices(PIECE)):
            yield piece.select(
                passage_id="article_id",
                frame=pl.lit(frame),
                given=pl.lit(given),
                share=0.3 * _likelihood(),
                about=_likelihood(),
            )


def _likelihood() -> pl.Expr:
    """Of an article to be about the issue."""
    return pl.when("about").then(0.9).otherwise(0.05)


def _share(n: int, rng: np.random.Generator) -> pl.Expr:
    return 1 / (1 + (pl.Series(rng.normal(size=n)) - pl.col("level")).exp())


def _write_labels(folder: Path, articles: pl.DataFrame, rng: np.random.Generator) -> None:
    drawn = articles.sample(min(N_CODED, len(articles)), seed=SEED)
    coded = drawn.join(pl.DataFrame({"frame": FRAMES}), how="cross")
    seen = pl.Series(rng.random(len(coded)) < 0.3)
    coded.select(
        *("frame", "source", "date"),
        passage_id="article_id",
        label=pl.when(pl.col("frame") == "migration").then("about").otherwise(seen).cast(pl.Float64),
        probability=pl.lit(len(drawn) / len(articles)),
        cluster="article_id",
        in_corpus=True,
        text=pl.lit(""),
    ).write_parquet(folder / "frames" / "labels.parquet")


def _write_topics(folder: Path, articles: pl.DataFrame, rng: np.random.Generator) -> None:
    topic = np.arange(N_TOPICS)
    fit = articles.select("article_id", topic=rng.integers(0, N_TOPICS, len(articles)), weight=pl.lit(0.8))
    named = {"model": pl.lit("kmeans"), "setting": pl.lit(f"n_topics={N_TOPICS}"), "seed": pl.lit(1, pl.Int64)}
    fit.with_columns(fitted=True).write_parquet(folder / "topics" / "kmeans" / "assignments.parquet")
    fit.with_columns(**named).write_parquet(folder / "topics" / "kmeans" / "fits" / "assignments.parquet")
    pl.DataFrame({"topic": topic, "stability": 0.9}).with_columns(
        label=pl.format("topic {}", "topic"), words=pl.lit("border police")
    ).write_parquet(folder / "topics" / "kmeans" / "topics.parquet")
    pl.select(**named, chosen=True).write_parquet(folder / "topics" / "selection.parquet")


def _write_vectors(folder: Path, articles: pl.DataFrame, rng: np.random.Generator) -> None:
    shape = (len(articles), DIMENSIONS)
    vectors = np.lib.format.open_memmap(folder / "embeddings" / "vectors.npy", "w+", np.float16, shape)
    for start in range(0, len(vectors), PIECE):
        part = vectors[start : start + PIECE]
        part[:] = rng.standard_normal(part.shape, np.float32)
    articles.select("article_id", passage_id="article_id").write_parquet(folder / "embeddings" / "ids.parquet")


def _write_pieces(path: Path, pieces: Iterator[pl.DataFrame]) -> None:
    first = next(pieces).to_arrow()
    with pq.ParquetWriter(path, first.schema, compression="zstd") as file:
        file.write_table(first)
        for piece in pieces:
            file.write_table(piece.to_arrow())
