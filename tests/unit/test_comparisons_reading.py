"""The comparisons read what they look at, and nothing else."""

import polars as pl

from frameshift.comparisons.reading import read_articles, read_scores

SCORES = pl.DataFrame({"article_id": ["a", "a", "b"], "measure": ["axis", "combined", "combined"], "score": [1, 2, 3]})


def test_articles_come_without_their_texts(tmp_path):
    articles = pl.DataFrame({"article_id": ["b", "a"], "title": "t", "text": "x", "url": None, "source": "s"})
    articles.write_parquet(tmp_path / "articles.parquet")
    read = read_articles(tmp_path / "articles.parquet")
    assert read.columns == ["article_id", "source"]
    assert read["article_id"].to_list() == ["b", "a"]


def test_scores_are_those_of_the_measures_asked_for(tmp_path):
    SCORES.write_parquet(tmp_path / "scores.parquet")
    assert read_scores(tmp_path / "scores.parquet", ["combined"])["score"].to_list() == [2, 3]


def test_a_measure_that_was_not_scored_brings_all_so_that_they_can_be_named(tmp_path):
    SCORES.write_parquet(tmp_path / "scores.parquet")
    assert read_scores(tmp_path / "scores.parquet", ["lexicon"]).equals(SCORES)
