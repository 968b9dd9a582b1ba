"""What cannot be compared is left out with a reason: by every comparison, without a warning and without a NaN."""

import warnings
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest

from frameshift.comparisons.changepoints import find_changepoints
from frameshift.comparisons.contrasts import test_contrasts as contrast
from frameshift.comparisons.decomposition import decompose
from frameshift.comparisons.distances import compare_topics
from frameshift.comparisons.events import study_events
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.prevalence import estimate_prevalence
from frameshift.comparisons.series import find_outcomes, weekly_panels
from frameshift.comparisons.trends import estimate_trends
from frameshift.comparisons.trends import test_trends as trend
from frameshift.comparisons.words import compare_words

MONDAY = date(2015, 1, 5)
FINDING = {"name": "law", "frame": "threat", "given": None, "source": "all sources", "family": "f", "expect": "rise"}
EVENTS = [{"name": "Law", "date": "2016-01-04"}, {"name": "Long ago", "date": "1999-01-04"}]


def make_corpus(*, sources=("A", "B"), n=300, days=700, dated=True, constant=False, measured=1.0):
    """Articles of random dates, and scores of threat over all passages and within migration."""
    rng = np.random.default_rng(3)
    ids = pl.Series([f"a{i}" for i in range(n)], dtype=pl.String)
    when = [MONDAY + timedelta(days=int(day)) for day in rng.integers(0, days, n)]
    articles = pl.DataFrame(
        {
            "article_id": ids,
            "source": pl.Series([sources[i % len(sources)] for i in range(n)], dtype=pl.String),
            "date": pl.Series(when if dated else [None] * n, dtype=pl.Date),
            "date_precision": pl.Series(["day" if dated else None] * n, dtype=pl.String),
            "duplicate_of": pl.Series([None] * n, dtype=pl.String),
            "wire_cluster": ids,
        }
    )
    value = np.full(n, 0.3) if constant else rng.uniform(0.1, 0.6, n)
    alone = pl.DataFrame({"article_id": ids, "score": value, "share": value})
    scores = pl.concat(
        [
            alone.with_columns(given=pl.lit(None, pl.String)),
            alone.filter(pl.Series(rng.random(n) < measured / 3)).with_columns(given=pl.lit("migration")),
        ]
    ).with_columns(
        frame=pl.lit("threat"), measure=pl.lit("combined"), weight=pl.lit(1.0), passages=pl.lit(5.0), n_passages=5
    )
    return articles, scores.filter(pl.Series(rng.random(len(scores)) < measured))


def one_small_source():
    articles, scores = make_corpus()
    last = pl.col("article_id").is_in(["a297", "a298", "a299"])
    return articles.with_columns(source=pl.when(last).then(pl.lit("Tiny")).otherwise("source")), scores


def compare_all(articles: pl.DataFrame, scores: pl.DataFrame, scale: str) -> dict[str, list[pl.DataFrame]]:
    """Every comparison: its tables, the omissions last."""
    options = {"measure": "combined", "given": ["migration"], "scale": scale}
    outcomes = find_outcomes(scores, **options)
    panels, lacking = weekly_panels(outcomes, articles, min_articles=20)
    topics = pl.DataFrame({"topic": [0, 1], "label": ["one", "two"], "words": ["a b", "c d"], "stability": [0.9, 0.9]})
    assigned = articles.select("article_id", topic=pl.int_range(pl.len(), dtype=pl.Int64) % 2)
    counts = np.random.default_rng(1).poisson(1.0, (len(articles), 9))
    sources = articles["source"].to_list()
    findings = [FINDING | {"kind": "change", "date": "2016-01-04", "weeks": 13}, FINDING | {"name": "g", "kind": "gap"}]
    event = [FINDING | {"kind": "event", "event": name} for name in ("Law", "Long ago")]
    event[1] |= {"name": "early"}
    within = [FINDING | {"kind": "within", "date": "2016-01-04"}]
    tests, untested = trend(panels, [FINDING | {"kind": "trend"}], scale=scale, family="exploratory: trends")
    curves, undrawn = estimate_trends(panels, scale=scale)
    from scipy.sparse import csr_array

    def with_lacking(found):
        table, omitted = found
        return [table, pl.concat([list_omissions("series", lacking), omitted])]

    return {
        "prevalence": [
            *estimate_prevalence(scores, articles, grains=["quarter", "week"], min_articles=20, **options),
        ],
        "contrasts": [
            *contrast(scores, articles, findings[:1], min_articles=20, groups={}, **options),
        ],
        "trends": [curves, list_omissions("trends", [*lacking, *untested, *undrawn])],
        "tests": [pl.DataFrame(tests, infer_schema_length=None), list_omissions("trends", [*lacking, *untested])],
        "changepoints": with_lacking(find_changepoints(panels, scale=scale, draws=200, seed=1)),
        "events": with_lacking(study_events(panels, EVENTS, event, scale=scale, reference=None)),
        "decomposition": [
            *decompose(outcomes, articles, {"lda": [assigned]}, {"lda": topics}, within, scale=scale, split=None,
                       patterns={}, min_articles=20)
        ],
        "distances": [*compare_topics(assigned, articles, min_articles=20, most=8, draws=200, seed=1)],
        "words": [
            *compare_words(csr_array(counts), list("abcdefghi"), sources, articles["article_id"].to_list(),
                           given=None, min_articles=20, top=3)
        ],
    }  # fmt: skip


CORPORA = {
    "one source": lambda: make_corpus(sources=("A",)),
    "one week": lambda: make_corpus(days=6),
    "no dates": lambda: make_corpus(dated=False),
    "a source with 3 articles": one_small_source,
    "constant scores": lambda: make_corpus(constant=True),
    "empty cells": lambda: make_corpus(measured=0.1),
    "few articles": lambda: make_corpus(n=12),
    "no articles": lambda: make_corpus(n=0),
    "a hundred years": lambda: make_corpus(days=36_500),
}
TABLES = ("prevalence", "contrasts", "trends", "changepoints", "events", "decomposition", "distances", "words")


@cache
def compared(corpus: str, scale: str) -> dict[str, list[pl.DataFrame]]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compare_all(*CORPORA[corpus](), scale)


@pytest.mark.parametrize("scale", ["intensity", "share"])
@pytest.mark.parametrize("corpus", CORPORA)
def test_no_comparison_warns_or_gives_a_nan(corpus, scale):
    found = compared(corpus, scale)
    assert set(found) >= set(TABLES)
    for comparison, tables in found.items():
        for table in tables:
            for column in table.select(pl.selectors.float()).columns:
                assert not table[column].is_nan().any(), (comparison, column)
                assert not table[column].is_infinite().any(), (comparison, column)


@pytest.mark.parametrize(
    ("corpus", "comparison", "reason"),
    [
        ("one source", "contrasts", "the only source"),
        ("one source", "words", "the only source"),
        ("one source", "distances", "fewer than two sources"),
        ("one week", "prevalence", "the only week with articles"),
        ("one week", "contrasts", "outside the span"),
        ("one week", "changepoints", ""),
        ("one week", "trends", ""),
        ("no dates", "prevalence", "has a date"),
        ("no dates", "contrasts", "no article of known day"),
        ("no dates", "changepoints", ""),
        ("no dates", "events", ""),
        ("a source with 3 articles", "prevalence", "below min_articles (3 of 20)"),
        ("a source with 3 articles", "words", "below min_articles (3 of 20)"),
        ("constant scores", "prevalence", "score 0.3: no interval"),
        ("constant scores", "contrasts", "does not vary"),
        ("constant scores", "changepoints", ""),
        ("constant scores", "events", ""),
        ("few articles", "changepoints", ""),
    ],
)
@pytest.mark.parametrize("scale", ["intensity", "share"])
def test_the_reason_is_told(corpus, scale, comparison, reason):
    reasons = compared(corpus, scale)[comparison][-1]["reason"].to_list()
    assert any(reason in told for told in reasons), reasons


def test_an_event_outside_the_span_is_named():
    reasons = compared("a source with 3 articles", "share")["events"][-1]["reason"].to_list()
    assert any("Long ago lies outside the weeks of the articles" in told for told in reasons)
