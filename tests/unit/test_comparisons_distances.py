from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import false_discovery_control

from frameshift.comparisons.distances import compare_embeddings, compare_topics, find_passages_showing
from frameshift.comparisons.separation import compare_means, compare_mixes, draw_signs

OPTIONS = {"min_articles": 10, "most": 8, "draws": 199, "seed": 1}


def make_articles(n_weeks: int = 80, *, sources=("Albion", "Brook"), a_week: int = 2) -> pl.DataFrame:
    """`a_week` articles a week of each source, a0, a1, …, from 2015-01-05 on."""
    rows = [
        (source, date(2015, 1, 5) + timedelta(weeks=week))
        for week in range(n_weeks)
        for source in sources
        for _ in range(a_week)
    ]
    table = pl.DataFrame(rows, schema=["source", "date"], orient="row").with_row_index("row")
    return table.select(
        article_id=pl.format("a{}", "row"),
        source="source",
        date="date",
        date_precision=pl.lit("day"),
        duplicate_of=pl.lit(None, pl.String),
        wire_cluster=pl.format("a{}", "row"),
    )


def assign(articles: pl.DataFrame, topics) -> pl.DataFrame:
    return articles.select("article_id", topic=pl.Series(topics, dtype=pl.Int64))


def embed(articles: pl.DataFrame, means: dict[str, float], *, seed: int = 1) -> tuple[np.ndarray, pl.DataFrame]:
    """Three passages an article, as float16 vectors of length one around a mean in the first dimension."""
    rng = np.random.default_rng(seed)
    ids = articles.select("article_id", passage=pl.lit([0, 1, 2])).explode("passage")
    ids = ids.select("article_id", passage_id=pl.format("{}-{}", "article_id", "passage"))
    vectors = rng.normal(size=(len(ids), 16))
    vectors[:, 0] += articles["source"].replace_strict(means).to_numpy().repeat(3)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16), ids


def test_the_naive_distance_of_topic_mixes_is_that_of_scipy():
    rng = np.random.default_rng(1)
    articles = make_articles()
    topics = rng.integers(0, np.where(articles["source"] == "Albion", 4, 6))
    table, omitted = compare_topics(assign(articles, topics), articles, **OPTIONS)
    row = table.row(0, named=True)
    mixes = [np.bincount(topics[(articles["source"] == s).to_numpy()], minlength=6) for s in ("Albion", "Brook")]
    assert row["naive"] == pytest.approx(jensenshannon(*mixes, base=2))
    assert (row["kind"], row["frame"], row["source"], row["other"]) == ("topics", None, "Albion", "Brook")
    assert 0 < row["low"] < row["distance"] < row["high"]
    assert row["distance"] < row["naive"]
    assert row["p"] == 1 / 200
    assert omitted.is_empty()


def test_articles_without_a_topic_do_not_count():
    articles = make_articles()
    topics = np.arange(len(articles)) % 7
    table, _ = compare_topics(assign(articles, topics), articles, **OPTIONS)
    more = pl.concat([articles, make_articles().with_columns(pl.format("b{}", "article_id").alias("article_id"))])
    unassigned = assign(more, [*topics, *[-1] * len(articles)])
    again, _ = compare_topics(unassigned, more, **OPTIONS)
    assert again.equals(table)


def test_mixes_without_a_common_topic_are_at_distance_one():
    articles = make_articles()
    topics = (articles["source"] == "Albion").cast(pl.Int64) + 2 * (pl.Series(range(len(articles))) % 2)
    row = compare_topics(assign(articles, topics), articles, **OPTIONS)[0].row(0, named=True)
    assert row["distance"] == pytest.approx(1)
    assert row["high"] <= 1 + 1e-9


def test_the_naive_distance_of_vectors_is_that_of_the_means_of_articles_and_the_true_one_is_found():
    articles = make_articles(a_week=4)
    vectors, ids = embed(articles, {"Albion": 0.0, "Brook": 2.0})
    shown = {("threat", None): ids.filter(pl.int_range(pl.len()) % 5 > 0)}
    row = compare_embeddings(vectors, ids, shown, articles, **OPTIONS)[0].row(0, named=True)
    long = ids.with_row_index("place").join(shown["threat", None], on="passage_id", how="semi")
    means = {}
    for (article,), part in long.group_by("article_id"):
        means.setdefault(articles.filter(article_id=article)["source"][0], []).append(
            vectors[part["place"].to_numpy()].astype(float).mean(axis=0)
        )
    gap = np.mean(means["Albion"], axis=0) - np.mean(means["Brook"], axis=0)
    assert row["naive"] == pytest.approx(gap @ gap, rel=1e-3)
    assert (row["kind"], row["frame"], row["given"]) == ("embedding", "threat", None)
    assert row["low"] < row["distance"] < row["naive"] < row["high"]
    assert row["p"] == 1 / 200


def test_vectors_that_are_not_compared_are_not_read():
    articles = make_articles()
    vectors, ids = embed(articles, {"Albion": 0.0, "Brook": 0.0})
    some = pl.int_range(pl.len()) % 3 == 1
    whole, _ = compare_embeddings(vectors, ids, {("threat", None): ids.filter(some)}, articles, **OPTIONS)
    vectors[ids.select(~some).to_series().to_numpy()] = np.nan
    again, _ = compare_embeddings(vectors, ids, {("threat", None): ids.filter(some)}, articles, **OPTIONS)
    assert again.equals(whole)
    assert whole["distance"].is_not_nan().all()


def test_the_debiased_distance_is_the_naive_one_less_the_variance_of_independent_blocks():
    rng = np.random.default_rng(2)
    counts = np.full((2, 20), 3.0)
    totals = rng.normal(size=(2, 20, 5)) + 3.0
    found = compare_means(totals, counts, draw_signs(20, draws=99, seed=1))
    means = totals / 3
    difference = means[0] - means[1]
    variance = difference.var(axis=0, ddof=1).sum() / 20  # of the mean difference of blocks of equal size
    assert found["naive"] == pytest.approx((difference.mean(axis=0) ** 2).sum())
    assert found["distance"] == pytest.approx(found["naive"] - variance)


def test_zero_is_in_the_interval_wherever_the_test_does_not_exclude_it():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        signs = draw_signs(30, draws=199, seed=seed)
        counts = np.full((2, 30), 10.0)
        means = compare_means(rng.normal(size=(2, 30, 4)) + rng.normal(size=(2, 1, 4)) / 4, counts, signs)
        mixes = compare_mixes(rng.multinomial(10, [0.2] * 5, size=(2, 30)).astype(float), counts, signs)
        for found in (means, mixes):
            assert found["high"] >= 0
            assert found["low"] <= found["high"]
            if found["p"] > 0.05:
                assert found["low"] <= 0


def test_with_six_or_seven_blocks_there_is_a_test_and_no_interval():
    rng = np.random.default_rng(3)
    for n_blocks, known in ((5, set()), (7, {"p"}), (8, {"p", "low", "high"})):
        counts, signs = np.full((2, n_blocks), 10.0), draw_signs(n_blocks, draws=99, seed=1)
        for totals, compare in (
            (rng.normal(size=(2, n_blocks, 4)), compare_means),
            (rng.multinomial(10, [0.5, 0.5], size=(2, n_blocks)).astype(float), compare_mixes),
        ):
            assert set(compare(totals, counts, signs)) == {"distance", "naive"} | known


def test_few_blocks_leave_the_distance_and_list_the_missing_test():
    articles = make_articles(14, a_week=3)
    vectors, ids = embed(articles, {"Albion": 0.0, "Brook": 0.0})
    table, omitted = compare_embeddings(vectors, ids, {("threat", None): ids}, articles, **OPTIONS)
    assert table.select("p", "q", "low", "high", "n_blocks", "block_weeks").row(0) == (None,) * 4 + (4, 4)
    assert table["distance"].is_not_null().all()
    assert omitted["reason"].to_list() == ["no test of the distance from Brook: 4 time blocks"]


def test_only_the_largest_sources_are_compared_and_q_is_within_each_frame():
    articles = make_articles(sources=("Albion", "Brook", "Cape", "Dale"))
    articles = articles.filter((pl.col("source") != "Dale") | (pl.col("date") < date(2016, 1, 1)))
    vectors, ids = embed(articles, {"Albion": 0.0, "Brook": 0.2, "Cape": 0.4, "Dale": 0.0})
    shown = {("threat", None): ids, (None, "migration"): ids.filter(pl.int_range(pl.len()) % 2 == 0)}
    table, omitted = compare_embeddings(vectors, ids, shown, articles, **OPTIONS | {"most": 3})
    assert omitted.select("source", "reason").rows() == [
        ("Dale", "only the 3 largest sources are compared pair by pair")
    ]
    pairs = [("Albion", "Brook"), ("Albion", "Cape"), ("Brook", "Cape")]
    for part in table.partition_by("frame", "given"):
        assert part.select("source", "other").rows() == pairs
        np.testing.assert_allclose(part["q"], false_discovery_control(part["p"].to_numpy()))


def test_what_cannot_be_compared_is_listed_with_its_reason(recwarn):
    articles = make_articles()
    vectors, ids = embed(articles, {"Albion": 0.0, "Brook": 0.0})
    alone = articles.filter(pl.col("source") == "Albion")
    table, omitted = compare_topics(assign(alone, [1] * len(alone)), alone, **OPTIONS)
    assert table.is_empty()
    assert omitted["reason"].to_list() == [
        "the only source: sources cannot be compared",
        "no distances: fewer than two sources have 20 such articles",
    ]
    few = ids.join(articles.filter(pl.col("source") == "Brook")[:3], on="article_id", how="semi")
    _, omitted = compare_embeddings(vectors, ids, {("threat", "migration"): few}, articles, **OPTIONS)
    assert omitted.select("frame", "source", "reason").rows() == [
        ("threat", s, f"within migration: no distances: {n} articles of known week with such passages or topics")
        for s, n in (("Albion", 0), ("Brook", 3))
    ] + [("threat", None, "within migration: no distances: fewer than two sources have 20 such articles")]
    undated = articles.with_columns(date=pl.lit(None, pl.Date), date_precision=pl.lit(None, pl.String))
    table, omitted = compare_embeddings(vectors, ids, {("threat", None): ids}, undated, **OPTIONS)
    assert table.is_empty()
    assert "none of the 320 articles has a date" in omitted["reason"][0]
    table, omitted = compare_topics(assign(articles, [1] * len(articles)), articles, **OPTIONS)
    assert table.select("distance", "p", "q").row(0) == (0.0, None, None)
    assert omitted["reason"].to_list() == ["no test of the distance from Brook: nothing varies"]
    assert not recwarn.list


def test_passages_show_a_frame_by_share_by_pattern_or_by_score():
    scores = pl.DataFrame(
        {
            "passage_id": [f"p{i}" for i in range(10)] * 2,
            "frame": "threat",
            "measure": ["combined"] * 10 + ["lexicon"] * 10,
            "score": [float(i) for i in range(10)] + [0.0] * 7 + [0.3] * 3,
            "share": [0.5 if i == 2 else 0.1 for i in range(10)] + [None] * 10,
        }
    )
    unlabelled = scores.with_columns(share=pl.lit(None, pl.Float64))
    assert find_passages_showing(scores, "threat")["passage_id"].to_list() == ["p2"]
    assert find_passages_showing(unlabelled, "threat")["passage_id"].to_list() == ["p7", "p8", "p9"]
    combined = unlabelled.filter(pl.col("measure") == "combined")
    assert find_passages_showing(combined, "threat")["passage_id"].to_list() == ["p8", "p9"]
