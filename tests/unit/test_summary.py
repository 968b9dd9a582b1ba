"""What a run says before its first job and after its last."""

import json
import re

import numpy as np
import polars as pl
import pytest

from frameshift.comparisons.contrasts import test_contrasts as contrast  # a name that pytest does not collect
from frameshift.demo.generate import generate
from frameshift.demo.recovery import compare_planted
from frameshift.embeddings.cache import text_keys
from frameshift.embeddings.encoder import Encoder, describe_encoder
from frameshift.errors import UserError
from frameshift.preview import describe_run
from frameshift.report.summary import summarise
from frameshift.schema import read_yaml
from frameshift.tables import empty_table

FINDING = {
    "name": "gap",
    "frame": "threat",
    "given": None,
    "source": "A",
    "kind": "gap",
    "family": "f",
    "expect": "higher",
}


@pytest.fixture
def config(tmp_path) -> dict:
    config = read_yaml("config/config.yaml") | {"name": "mine"}
    config["corpus"]["min_words"] = 3
    rows = [
        {"title": "", "text": f"Sentence {n} is here.", "date": "2020-01-01", "source": "A", "url": ""} for n in "abcd"
    ]
    (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return config


def test_a_run_says_how_much_there_is_and_how_much_of_it_is_cached(config, tmp_path):
    corpus, cache = tmp_path / "articles.jsonl", tmp_path / "cache"
    line = describe_run(config, [corpus], cache, 2)
    assert line.startswith("frameshift mine: 4 articles, about 4 passages, 0% of them cached; about ")
    known = Encoder(describe_encoder(config["embeddings"]), cache).cache()
    known.add(text_keys(["Sentence a is here."]), np.ones((1, 3)), np.ones(1))
    line = describe_run(config, [corpus], cache, 2)
    assert "25% of them cached" in line
    assert re.search(r"minutes on 2 cores \((torch|openvino|openvino-bf16|openvino-int8): .+\)$", line)


def test_the_demo_has_a_size_before_it_is_written(config, tmp_path):
    config["corpus"]["columns"] = read_yaml("config/demo.yaml")["corpus"]["columns"] | {"language": None}
    line = describe_run(config | {"demo": {"articles": 100}}, [tmp_path / "none" / "articles.jsonl"], tmp_path, 2)
    assert re.match(r"frameshift mine: [1-9]\d+ articles, about \d{3} passages, 0% of them cached", line)


def test_a_corpus_that_is_fetched_first_has_no_size_yet(config, tmp_path):
    assert "not known yet" in describe_run(config, [tmp_path / "none.jsonl"], tmp_path, 2)


def test_an_unfinished_run_is_told_how_to_finish(tmp_path):
    with pytest.raises(UserError, match="make run CONFIG=config/"):
        summarise(tmp_path)


@pytest.fixture
def scores() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Scores and articles of two sources over 40 weeks; A's threat is 1 higher from week 20 on."""
    rng, start = np.random.default_rng(1), pl.date(2020, 1, 6)
    n = 400
    articles = pl.DataFrame(
        {"article_id": [f"a{i}" for i in range(n)], "source": ["A", "B"] * (n // 2), "week": np.arange(n) // 10}
    ).with_columns(
        date=start + pl.duration(weeks="week"),
        date_precision=pl.lit("day"),
        wire_cluster="article_id",
        duplicate_of=pl.lit(None, pl.String),
    )
    raised = (articles["source"] == "A") & (articles["week"] >= 20)
    table = articles.select(
        "article_id",
        frame=pl.lit("threat"),
        given=pl.lit(None, pl.String),
        measure=pl.lit("combined"),
        score=pl.Series(rng.normal(size=n) * 0.3 + raised.to_numpy()),
        share=pl.lit(None, pl.Float64),
        n_passages=pl.lit(1, pl.Int64),
        weight=pl.lit(1.0),
        passages=pl.lit(1.0),
    )
    return table, articles


def test_what_was_planted_is_found_and_what_was_not_is_not(scores):
    table, articles = scores
    planted = pl.DataFrame(
        {
            "name": ["law", "nothing", "law"],
            "source": ["A", "B", "B"],
            "frame": "threat",
            "given": pl.Series([None] * 3, dtype=pl.String),
            "kind": ["step", "none", "step"],
            "expected_before": [0.1, 0.1, 0.1],
            "expected_after": [0.3, 0.1, 0.3],
            "realised_before": [0.1, 0.1, 0.1],
            "realised_after": [0.2, 0.1, 0.1],
        }
    ).with_columns(
        before_from=pl.date(2020, 1, 6),
        before_to=pl.date(2020, 5, 24),
        after_from=pl.date(2020, 5, 25),
        after_to=pl.date(2020, 10, 11),
    )
    found = compare_planted(planted, table, articles, measure="combined")
    assert found["result"].to_list() == ["found", "nothing, as planted", "not established"]
    assert found["planted"].to_list() == pytest.approx([0.2, 0, 0.2])
    assert found["realised"].to_list() == pytest.approx([0.1, 0, 0])
    assert found["estimate"][0] == pytest.approx(1, abs=0.15)


def test_findings_are_printed_as_sentences_with_the_page(scores, tmp_path):
    table, articles = scores
    contrasts, omitted = contrast(
        table, articles, [FINDING], measure="combined", given=[], min_articles=10, scale="intensity", groups={}
    )
    (tmp_path / "comparisons").mkdir()
    contrasts.write_parquet(tmp_path / "comparisons/contrasts.parquet")
    omitted.write_parquet(tmp_path / "comparisons/omitted.parquet")
    (tmp_path / "report.html").write_text("page")
    (tmp_path / "provenance.json").write_text(json.dumps({"config": {"findings": [FINDING]}}))
    said = summarise(tmp_path)
    assert "Threat in A: 0.47 standard deviations higher than in all other sources" in said
    assert "Verdict: established as expected (higher)." in said
    assert str(tmp_path / "report.html") in said


def test_planted_changes_are_told_in_the_unit_of_the_estimate(tmp_path):
    (tmp_path / "comparisons").mkdir()
    (tmp_path / "demo").mkdir()
    for name in ("contrasts", "omitted"):
        empty_table(f"comparisons/{name}").write_parquet(tmp_path / f"comparisons/{name}.parquet")
    (tmp_path / "report.html").write_text("page")
    (tmp_path / "provenance.json").write_text(json.dumps({"config": {"findings": []}}))
    row = {"name": "law", "source": "A", "frame": "threat", "given": None, "planted": 0.1, "realised": 0.1,
           "measured": 0.02, "estimate": 0.04, "low": 0.01, "high": 0.07, "result": "found"}  # fmt: skip
    for scale, said in (("corrected share", "+2.0 +4.0 +1.0 to +7.0"), ("intensity", "+0.02 +0.04 +0.01 to +0.07")):
        pl.DataFrame([row | {"scale": scale}]).write_parquet(tmp_path / "demo/recovery.parquet")
        assert said in " ".join(summarise(tmp_path).split())


def test_the_demo_without_effects_plants_nothing(tmp_path):
    generate({"effect": 0.0, "articles": 300}, tmp_path)
    planted = pl.read_parquet(tmp_path / "truth_planted.parquet")
    steps = planted.filter(pl.col("kind").is_in(["step", "trend", "pulse"]))
    assert (steps["expected_after"] - steps["expected_before"]).abs().max() < 0.01
