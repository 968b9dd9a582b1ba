"""One shape for all topic models, and the tables of their fits."""

import logging

import numpy as np
import polars as pl
import pytest
from test_topics_tokens import make_tokens

from frameshift.topics.fits import (
    EMPTY,
    PER_TOPIC,
    TABLES,
    Fit,
    by_size,
    digest_settings,
    feasible,
    keep_fits,
    name_words,
    read_parameters,
    tabulate_fits,
    write_fits,
)

TOPIC = np.arange(60) % 3
TOKENS = make_tokens(*(" ".join(f"{'xyz'[topic]}{letter}" for letter in "abcdefghijkl") for topic in TOPIC))


def make_fit(topic, **changes) -> Fit:
    topic = np.array(topic)
    k = max(topic.max() + 1, 1)
    given = {"n_topics": k, "seed": 1, "words": np.eye(k), "topic": topic, "seconds": 0.1}
    given |= {"weights": np.eye(k)[topic] * (topic >= 0)[:, None] * 0.5, "parameters": {"centres": np.eye(k)}}
    return Fit(**given | changes)


@pytest.fixture
def said(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("frameshift"), "propagate", True)
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.fixture
def paths(tmp_path) -> dict[str, str]:
    names = {name: str(tmp_path / f"{name}.parquet") for name in TABLES}
    return names | {"parameters": str(tmp_path / "parameters.npz")}


def test_topics_are_numbered_by_size_and_those_without_articles_are_dropped():
    parameters = dict.fromkeys([*PER_TOPIC, "mean"], np.arange(3))
    fit = by_size(make_fit([2, 2, 2, 0, -1], parameters=parameters))
    assert fit.topic.tolist() == [0, 0, 0, 1, -1]
    assert fit.words.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert fit.weights.tolist() == [[0.5, 0], [0.5, 0], [0.5, 0], [0, 0.5], [0, 0]]
    assert {name: value.tolist() for name, value in fit.parameters.items()} == {
        **{name: [2, 0] for name in PER_TOPIC},
        "mean": [0, 1, 2],  # has no row for each topic
    }
    assert fit.sizes.tolist() == [3, 1]
    assert fit.setting == "n_topics=3"


def test_topics_of_one_size_keep_their_order():
    assert by_size(make_fit([1, 0, 2, 2])).topic.tolist() == [2, 1, 0, 0]


def test_too_many_topics_are_left_out_and_named(said):
    assert feasible([2, 12, 13, 40], TOKENS) == [2, 12]
    assert said() == ["Warning: `topics.n_topics` [13, 40]: too many for 60 articles (at most 12)"]


def test_few_articles_or_few_words_are_fitted_no_model(said):
    assert feasible([2], TOKENS.take(range(50))) == [2]
    assert said() == []
    assert feasible([2], TOKENS.take(range(49))) == []
    assert feasible([2], make_tokens(*["one two"] * 60)) == []
    assert ["49 articles and 36 words" in said()[0], "60 articles and 2 words" in said()[1]] == [True, True]


def test_each_fit_has_its_scores_by_hand():
    worse = np.where(np.arange(60) == 0, -1, TOPIC)
    fits = [make_fit(TOPIC, seed=1), make_fit(worse, seed=2, outliers=0.2), make_fit(np.minimum(TOPIC, 1), n_topics=2)]
    scores, topics, _, _ = tabulate_fits(fits, "nmf", TOKENS)
    assert scores.columns == list(EMPTY["scores"])
    assert scores.select("model", "setting", "seed", "n_topics").rows() == [
        ("nmf", "n_topics=3", 1, 3),
        ("nmf", "n_topics=3", 2, 3),
        ("nmf", "n_topics=2", 1, 2),
    ]
    assert scores["coverage"].to_list() == [1, 59 / 60, 1]
    assert scores["outliers"].to_list() == [0, 0.2, 0]
    assert scores["diversity"].to_list() == [1, 1, 1]
    assert scores["exclusivity"].to_list() == [1, 1, 1]
    assert scores["stability"].to_list()[:2] == [1, 1]
    assert 0.9 < scores["agreement"][0] == scores["agreement"][1] < 1
    assert np.isnan(scores.row(2, named=True)["stability"])  # no other seed
    assert np.isnan(scores.row(2, named=True)["agreement"])
    for name in ("npmi", "c_v"):
        means = topics.group_by("setting", "seed", maintain_order=True).agg(pl.col(name).mean())
        assert scores[name].to_list() == pytest.approx(means[name].to_list())


def test_each_topic_has_the_words_that_only_its_articles_have():
    _, topics, _, _ = tabulate_fits([make_fit(TOPIC)], "nmf", TOKENS)
    for name in ("words", "frex"):
        assert [sorted(row.split()) for row in topics[name]] == [[f"{x}{y}" for y in "abcdefghij"] for x in "xyz"]


def test_articles_have_the_weight_of_their_topic_and_none_without():
    topic = np.where(np.arange(60) == 3, -1, TOPIC)
    _, _, assignments, _ = tabulate_fits([make_fit(topic, weights=np.full((60, 3), 0.5))], "nmf", TOKENS)
    assert assignments["article_id"].to_list() == TOKENS.articles
    assert assignments["topic"].to_list() == topic.tolist()
    assert assignments["weight"].to_list() == np.where(topic < 0, 0, 0.5).tolist()


def test_tables_and_parameters_are_read_as_they_were_written(paths):
    fits = [make_fit(TOPIC, seed=seed, parameters={"centres": np.full((3, 2), seed)}) for seed in (1, 12, 2)]
    write_fits(fits, "lda", TOKENS, paths, "digest")
    *tables, _ = tabulate_fits(fits, "lda", TOKENS)
    for name, table in zip(TABLES, tables, strict=True):
        assert pl.read_parquet(paths[name]).equals(table)
        assert dict(table.schema) == {column: EMPTY[name][column] for column in table.columns}
        assert set(table.columns) == set(EMPTY[name])
    stored = read_parameters(paths["parameters"], "n_topics=3", 2)
    assert set(stored) == {"vocabulary", "centres"}
    assert stored["centres"].tolist() == [[2, 2]] * 3
    assert stored["vocabulary"].tolist() == TOKENS.vocabulary


def test_fits_are_kept_while_their_settings_and_files_are(paths):
    settings = {"seeds": [1, 2], "refit": False}
    assert not keep_fits(paths, digest_settings(settings))
    write_fits([make_fit(TOPIC)], "lda", TOKENS, paths, digest_settings(settings))
    assert keep_fits(paths, digest_settings(settings))
    assert keep_fits(paths, digest_settings(settings | {"refit": True}))
    assert not keep_fits(paths, digest_settings(settings | {"seeds": [1, 3]}))
    assert not keep_fits(paths | {"scores": "elsewhere.parquet"}, digest_settings(settings))


def test_a_fit_of_one_topic_is_left_out_and_the_log_says_so(said):
    scores, topics, assignments, parameters = tabulate_fits(
        [make_fit([0] * 60, seed=7), make_fit(TOPIC)], "nmf", TOKENS
    )
    assert said() == ["Warning: nmf, n_topics=1, seed 7 found one topic only: left out"]
    assert [set(table["setting"]) for table in (scores, topics, assignments)] == [{"n_topics=3"}] * 3
    assert set(parameters) == {"vocabulary", "n_topics=3 1 centres"}


def test_without_fits_the_tables_are_empty_and_have_their_columns(paths):
    write_fits([], "nmf", TOKENS, paths, "digest")
    full = tabulate_fits([make_fit(TOPIC)], "nmf", TOKENS)
    for name, table in zip(TABLES, full, strict=False):
        empty = pl.read_parquet(paths[name])
        assert empty.is_empty()
        assert set(empty.schema.items()) == set(table.schema.items())
    assert not keep_fits(paths, "digest")  # nothing to keep: they are fitted again


def test_a_topic_is_named_by_three_words_that_share_no_part():
    assert name_words("white_house white border camp boat") == "white house, border, camp"
    assert name_words("court") == "court"
