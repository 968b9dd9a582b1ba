"""What was planted in the demo corpus as dirt is found, and nothing else is taken for it."""

import polars as pl
import pytest

from frameshift.config import lay_over
from frameshift.corpus.ingest import read_corpus
from frameshift.demo.bank import load_bank
from frameshift.demo.generate import generate
from frameshift.schema import read_yaml

ROOT = "config/config.yaml", "config/demo.yaml"


@pytest.fixture(scope="module")
def demo(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate({"seed": 50}, folder)
    settings = lay_over(*(read_yaml(request.config.rootpath / name)["corpus"] for name in ROOT))
    truth = {name: pl.read_parquet(folder / f"truth_{name}.parquet") for name in ("dirt", "sentences")}
    return read_corpus([folder / "articles.jsonl"], settings), truth


def test_every_planted_line_is_removed_and_no_other(demo):
    corpus, _ = demo
    planted = {line for lines in load_bank().boilerplate.values() for line in lines}
    removed = set(corpus.removed["text"])
    assert removed - planted == set()
    assert planted - removed == set()
    left = {line for text in corpus.articles["text"] for line in text.split("\n")} & planted
    assert left == set()


def test_just_the_articles_with_planted_lines_lost_some(demo):
    corpus, truth = demo
    touched = set(corpus.removed["row"])
    assert touched == set(truth["dirt"].filter("boilerplate")["line"])


def test_what_is_left_is_what_was_written(demo):
    corpus, truth = demo
    written = truth["sentences"].filter(pl.col("position") > 0).sort("position").group_by("original_id").agg("text")
    texts = dict(corpus.articles.select("original_id", "text").rows())
    for original_id, sentences in written.iter_rows():
        assert " ".join(texts[original_id].split()) == " ".join(sentences), original_id


def test_broken_and_foreign_rows_are_rejected_and_no_others(demo):
    corpus, truth = demo
    expected = truth["dirt"].filter(pl.col("kind") != "article")
    assert set(corpus.rejected["row"]) == set(expected["line"])
    foreign = corpus.rejected.filter(pl.col("reason") == "other language")["row"]
    assert set(foreign) == set(expected.filter(pl.col("kind") == "foreign")["line"])


def test_every_date_is_read_whatever_its_form(demo):
    corpus, truth = demo
    undated = set(truth["dirt"].filter("undated")["line"])
    assert set(corpus.articles.filter(pl.col("date").is_null())["row"]) == undated
    forms = truth["dirt"].filter(pl.col("date_format").is_not_null())["date_format"].n_unique()
    assert forms == 3
