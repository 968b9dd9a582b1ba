"""A small run with passages behind its estimates, for the tests of what the page keeps of them."""

from datetime import date, timedelta
from hashlib import blake2b

import numpy as np
import polars as pl

from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.prevalence import estimate_prevalence
from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.pool import pool_frames

SOURCES = ["Albion", "Новая газета", '<b>"Crown" & Co</b>', "Dray"]
GROUPS = {"leaning": {"left": ["Albion", "Dray"], "right": ["Новая газета"]}}
GIVEN = ["migration", "migration without victim"]
WORDS = [
    "They said the danger grew.",
    "No danger 😀 at all.",
    "Refugees arrived.",
    "Calm seas.",
    "Victims of refugees.",
]


def make_run(n: int = 60, *, seed: int = 1, dated: bool = True, coded: bool = False) -> dict[str, pl.DataFrame]:
    """Tables by name: articles (some undated, blurred or copied), passages (some texts repeated), scores, joint (with
    `coded`) and prevalence, as the workflow makes it."""
    rng = np.random.default_rng(seed)
    days = [date(2015, 1, 5) + timedelta(days=int(day)) for day in rng.integers(0, 700, n)]
    articles = pl.DataFrame(
        {
            "article_id": [_digest("article", i) for i in range(n)],
            "source": [SOURCES[min(int(number), 3)] for number in rng.geometric(0.4, n) - 1],
            "date": pl.Series(days if dated else [None] * n, dtype=pl.Date),
            "title": [f"Title {i}" if i % 5 else "" for i in range(n)],
            "url": [f"https://news.example/{i}" if i % 3 else "javascript:alert(1)" for i in range(n)],
            "duplicate_of": [_digest("article", 0) if i % 11 == 5 else None for i in range(n)],
            "wire_cluster": [_digest("article", i) for i in range(n)],
        }
    ).with_columns(language=pl.lit("en"), date_precision=pl.lit("day" if dated else None, pl.String))
    if dated:
        number = pl.int_range(pl.len())
        articles = articles.with_columns(
            date=pl.when(number % 13 == 4).then(None).when(number % 7 == 3).then(pl.col("date").dt.truncate("1y"))
            .otherwise("date"),
            date_precision=pl.when(number % 13 == 4).then(None).when(number % 7 == 3).then(pl.lit("year"))
            .otherwise("date_precision"),
        )  # fmt: skip
    passages = pl.DataFrame(
        [
            {"passage_id": _digest(article, place), "article_id": article, "position": place, "text": text}
            for i, article in enumerate(articles.filter(pl.col("duplicate_of").is_null())["article_id"])
            for place, text in enumerate(_write(i, rng))
        ]
    )
    scores = _score(passages, rng, coded=coded)
    joint = _join(scores, rng) if coded else None
    pooled = pool_frames(scores, passages, joint, given=GIVEN, threshold=None)
    prevalence, _ = compare_groups(
        lambda grouped: estimate_prevalence(
            pooled, grouped, measure="combined", grains=["quarter", "year"], given=GIVEN, min_articles=3,
            scale="share" if coded else "intensity",
        ),
        articles,
        GROUPS,
    )  # fmt: skip
    return {"articles": articles, "passages": passages, "scores": scores, "joint": joint, "prevalence": prevalence}


def make_codebook() -> dict[str, Entry]:
    def entry(name: str, kind: str, *patterns: str, negations: tuple[str, ...] = ()) -> Entry:
        wording = Wording(("a",), ("b",), patterns, exclude=("danger money",), negations=negations)
        return Entry(name, kind, name.capitalize(), "…", "", "", {"en": wording}, (), ())

    return {
        "threat": entry("threat", "frame", "danger*", "grew", negations=("no", "not")),
        "victim": entry("victim", "frame", "victim*"),
        "migration": entry("migration", "issue", "refugee*"),
    }


def _write(i: int, rng: np.random.Generator) -> list[str]:
    """The passages of an article; every third text is one that others have too."""
    return [f"{text} Number {i}." if rng.random() < 0.7 else text for text in rng.permutation(WORDS)]


def _score(passages: pl.DataFrame, rng: np.random.Generator, *, coded: bool) -> pl.DataFrame:
    """Equal texts score alike, as measures have it, and some texts alike with others."""
    texts = passages.select(pl.col("text").unique(maintain_order=True))
    parts = []
    for frame, word in (("threat", "danger"), ("victim", "Victim"), ("migration", "efugees")):
        hits = texts["text"].str.contains(word).cast(pl.Float64)
        level = hits + pl.Series(rng.normal(size=len(texts)).round(1))
        shares = 1 / (1 + (-level).exp())
        for measure, score in (("lexicon", hits), ("combined", level)):
            share = shares if coded and measure == "combined" else pl.lit(None, pl.Float64)
            of_text = texts.with_columns(score=score, share=share)
            parts.append(
                passages.join(of_text, on="text", maintain_order="left").select(
                    "passage_id", "score", "share", frame=pl.lit(frame), measure=pl.lit(measure)
                )
            )
    return pl.concat(parts)


def _join(scores: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    combined = scores.filter(pl.col("measure") == "combined")
    about = combined.filter(pl.col("frame") == "migration").select("passage_id", about="share")
    pairs = [("threat", GIVEN[0]), ("victim", GIVEN[0]), ("threat", GIVEN[1])]
    return pl.concat(
        combined.filter(pl.col("frame") == frame)
        .join(about, on="passage_id")
        .select("passage_id", "frame", given=pl.lit(given), share=pl.col("share") * pl.col("about"), about="about")
        for frame, given in pairs
    )


def _digest(*parts) -> str:
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).hexdigest()
