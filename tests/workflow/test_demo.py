"""A small demo from end to end, topic models included."""

import json

import polars as pl
import pytest

from frameshift.report.summary import summarise

CONFIG = """
name: small
demo: {articles: 300, seed: 50}
topics: {n_topics: [12], seeds: 3}
embeddings: {shards: 2}
events: config/events.yaml
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory, cache):
    """The results of a finished run on a small demo corpus."""
    from conftest import Checkout

    checkout = Checkout(tmp_path_factory.mktemp("small"), cache)
    demo = (checkout.folder / "config/demo.yaml").read_text()
    corpus = demo[demo.index("corpus:") : demo.index("embeddings:")]
    findings = demo[demo.index("findings:") :]
    (checkout.folder / "small.yaml").write_text(CONFIG + corpus + findings)
    checkout.run("--configfile", "small.yaml")
    return checkout.folder / "results" / "small"


def test_every_row_is_accounted_for_as_it_was_planted(small):
    accounts = json.loads((small / "corpus/accounts.json").read_text())
    dirt = pl.read_parquet(small / "demo/truth_dirt.parquet")
    assert accounts["rows_read"] == len(dirt)
    assert accounts["rows_read"] == accounts["kept"] + accounts["rejected"] + accounts["merged"]


def test_the_measures_tell_framed_sentences_from_others(small):
    from sklearn.metrics import roc_auc_score

    truth = pl.read_parquet(small / "demo/truth_sentences.parquet").unique(["original_id", "text"])
    scored = (
        pl.read_parquet(small / "frames/passages.parquet")
        .filter(measure="combined")
        .join(pl.read_parquet(small / "corpus/passages.parquet"), on="passage_id")
        .join(pl.read_parquet(small / "corpus/articles.parquet").select("article_id", "original_id"), on="article_id")
        .join(truth, on=["original_id", "text"])
    )
    for frame in ("threat", "security", "victim", "migration"):
        rows = scored.filter(frame=frame)
        assert len(rows) > 3000
        assert roc_auc_score(rows[frame], rows["score"]) > 0.8, frame


def test_topic_models_find_the_planted_topics(small):
    from sklearn.metrics import normalized_mutual_info_score

    truth = pl.read_parquet(small / "demo/truth_articles.parquet").select("original_id", planted="topic")
    articles = pl.read_parquet(small / "corpus/articles.parquet").select("article_id", "original_id")
    chosen = pl.read_parquet(small / "topics/selection.parquet").filter("chosen")
    assert set(chosen["model"]) == {"lda", "nmf", "kmeans", "bertopic"}
    for model, least in {"bertopic": 0.8, "kmeans": 0.8, "nmf": 0.6, "lda": 0.5}.items():
        found = pl.read_parquet(small / f"topics/{model}/assignments.parquet")
        both = found.join(articles, on="article_id").join(truth, on="original_id")
        assert normalized_mutual_info_score(both["planted"], both["topic"]) > least, model


def test_the_estimates_are_held_against_what_was_planted(small):
    recovery = pl.read_parquet(small / "demo/recovery.parquet")
    assert set(recovery["name"]) >= {"attack", "law", "trend", "mix", "nothing"}
    assert recovery["estimate"].null_count() < len(recovery)
    drawn = pl.read_csv(small / "figures/estimate_vs_truth.csv")
    assert {"estimate", "realised"} <= set(drawn.columns)


def test_the_page_and_the_terminal_say_the_findings(small):
    said = summarise(small)
    for finding in ("attack", "law", "no_change"):
        assert f"  {finding}: " in said
    assert "Planted (change of the expected share)" in said
    assert "Planted and estimated" in (small / "report.html").read_text()
