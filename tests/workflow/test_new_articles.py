"""Articles that come later, and articles of which no topics can be made, in small real runs."""

import polars as pl
import pytest

CONFIG = """
name: harbour
corpus: {{path: articles.csv, min_words: 5, duplicates: {{policy: all}}, languages: [en], other_languages: []}}
embeddings: {{backend: static, shards: 1}}
topics: {{models: {models}, primary: kmeans, n_topics: [2], seeds: 2, words: {{min_articles: 2}}, refit: {refit}}}
"""
HARBOUR = ("ship", "crane", "quay", "harbour", "cargo", "sailor", "anchor", "tide", "dock", "ferry", "pilot", "vessel")
COURT = (
    "judge",
    "court",
    "trial",
    "lawyer",
    "verdict",
    "jury",
    "appeal",
    "witness",
    "statute",
    "clerk",
    "bench",
    "gown",
)
ALL = ["lda", "nmf", "kmeans", "bertopic"]
TABLES = "results/harbour/topics/{}/topics.parquet"


def write(checkout, texts: list[str], *, models: list[str], refit: bool = False) -> None:
    rows = pl.DataFrame({"text": texts, "title": [f"Story {i}" for i in range(len(texts))], "source": "Echo"})
    rows.with_columns(date=pl.lit("2020-01-01")).write_csv(checkout.folder / "articles.csv")
    (checkout.folder / "harbour.yaml").write_text(CONFIG.format(models=models, refit=str(refit).lower()))


def stories(n: int, first: int = 0) -> list[str]:
    return [
        " ".join((HARBOUR, COURT)[i % 2][(i + j * (i % 5 + 1)) % 12] for j in range(9)) + "."
        for i in range(first, first + n)
    ]


@pytest.mark.models
def test_new_articles_are_assigned_without_refitting_unless_that_is_wanted(checkout):
    target = ("--configfile", "harbour.yaml", "--", TABLES.format("kmeans"))
    write(checkout, stories(80), models=["kmeans"])
    checkout.run(*target)
    folder = checkout.folder / "results/harbour"
    before = pl.read_parquet(folder / "topics/kmeans/assignments.parquet")
    assert before["fitted"].all()
    write(checkout, stories(86), models=["kmeans"])
    checkout.run(*target)
    assert "The topics stay as they were fitted" in (folder / "logs/fit_kmeans.log").read_text()
    assert not checkout.planned(*target)
    after = pl.read_parquet(folder / "topics/kmeans/assignments.parquet")
    assert after["fitted"].sum() == 80
    assert after.join(before, on=["article_id", "topic", "weight"], how="semi").height == 80
    texts = pl.read_parquet(folder / "corpus/articles.parquet").select("article_id", "text")
    ships = pl.col("text").str.contains("|".join(HARBOUR))
    assert after.join(texts, on="article_id").group_by("topic").agg(ships.n_unique())["text"].to_list() == [1, 1]
    write(checkout, stories(86), models=["kmeans"], refit=True)
    checkout.run(*target)
    assert pl.read_parquet(folder / "topics/kmeans/assignments.parquet")["fitted"].all()
    write(checkout, stories(86, first=500), models=["kmeans"])
    refused = checkout.snakemake(*target)
    assert refused.returncode != 0
    assert "no longer in the corpus: fit them again with `topics.refit: true`" in refused.stdout


@pytest.mark.models
@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (stories(5), "no topic model is fitted: 5 articles"),
        (["The same ship is at the same quay today."] * 80, "no topic model is fitted: 80 articles and 0 words"),
    ],
)
def test_articles_of_which_no_topics_can_be_made_leave_empty_tables_and_a_reason(checkout, texts, message):
    write(checkout, texts, models=ALL)
    checkout.run("--configfile", "harbour.yaml", "--", *(TABLES.format(model) for model in ALL))
    for model in ALL:
        assert pl.read_parquet(checkout.folder / TABLES.format(model)).is_empty()
        assert message in (checkout.folder / f"results/harbour/logs/fit_{model}.log").read_text()
