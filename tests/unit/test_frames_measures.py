"""The arithmetic of the lexicon, the axis and their combination, by hand on small data."""

import numpy as np
import polars as pl
import pytest

from frameshift.errors import UserError
from frameshift.frames import axis
from frameshift.frames.axis import score_axis
from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.combine import (
    WEIGHTS,
    Z_LIMIT,
    ReferenceStatistics,
    combine,
    read_reference,
    reference_statistics,
    standardise,
)
from frameshift.frames.lexicon import score_lexicon
from frameshift.frames.score import score_passages


def entry(name: str, **patterns: str) -> Entry:
    """An entry with one pattern in each language."""
    wordings = {
        language: Wording(anchors=(f"{name} {pattern}",), neutral=("all is calm",), patterns=(pattern,))
        for language, pattern in patterns.items()
    }
    return Entry(name, "frame", name.title(), "…", "", "", wordings, (), ())


CODEBOOK = {
    "threat": entry("threat", en="attack*", de="angriff*"),
    "security": entry("security", en="police", de="polizei"),
}


def test_the_lexicon_gives_hits_per_root_of_words_for_each_entry():
    scores = score_lexicon(["attack attackers met police", "nothing", ""], CODEBOOK, "en")
    assert scores.tolist() == [[1.0, 0.5], [0.0, 0.0], [0.0, 0.0]]  # 2 / √4, 1 / √4


def test_the_axis_is_the_mean_of_the_best_anchors_minus_the_mean_of_the_best_neutral():
    vectors = np.array([[1, 0], [0, 1]], dtype=np.float32)
    anchors = np.array([[1, 0], [0.6, 0.8], [-1, 0]], dtype=np.float32)
    neutral = np.array([[0, 1]], dtype=np.float32)
    # first: (1 + .6) / 2 - 0; second: (.8 + 0) / 2 - 1
    assert score_axis(vectors, anchors, neutral, best=2) == pytest.approx([0.8, -0.6])


def test_the_axis_takes_all_statements_where_a_pole_has_fewer():
    vectors = np.array([[1, 0]], dtype=np.float32)
    anchors = np.array([[1, 0], [-0.6, 0.8]], dtype=np.float32)
    assert score_axis(vectors, anchors, np.array([[0, 1]], dtype=np.float32), best=5) == pytest.approx([0.2])


def test_the_axis_does_not_depend_on_how_passages_fall_into_batches(monkeypatch):
    rng = np.random.default_rng(1)
    vectors, anchors, neutral = (rng.normal(size=(n, 4)).astype(np.float32) for n in (7, 3, 3))
    whole = score_axis(vectors, anchors, neutral, best=2)
    monkeypatch.setattr(axis, "BATCH", 3)
    assert score_axis(vectors, anchors, neutral, best=2) == pytest.approx(whole, abs=1e-6)


def test_reference_statistics_are_the_mean_and_sample_deviation_of_each_entry():
    statistics = reference_statistics(np.array([[1.0, 5.0], [3.0, 5.0]]))
    assert statistics.mean.tolist() == [2.0, 5.0]
    assert statistics.deviation == pytest.approx([2**0.5, 0.0])


def test_the_combination_is_the_weighted_mean_of_z_scores():
    scores = {"lexicon": np.array([[3.0]]), "axis": np.array([[0.5]])}
    statistics = {
        "lexicon": ReferenceStatistics(np.array([1.0]), np.array([2.0])),  # z = 1
        "axis": ReferenceStatistics(np.array([0.0]), np.array([0.25])),  # z = 2
    }
    weight = WEIGHTS["lexicon"]
    assert combine(scores, statistics)[0, 0] == pytest.approx((weight * 1 + 2) / (weight + 1))


def test_with_one_measure_the_combination_is_its_z_score():
    statistics = {"lexicon": ReferenceStatistics(np.array([1.0]), np.array([2.0]))}
    assert combine({"lexicon": np.array([[4.0]])}, statistics)[0, 0] == pytest.approx(1.5)


def test_a_word_that_no_reference_sentence_has_counts_up_to_the_limit():
    never = ReferenceStatistics(np.array([0.0]), np.array([0.0]))
    assert standardise(np.array([[0.2], [0.0]]), never).tolist() == [[Z_LIMIT], [0.0]]


def test_reference_sentences_are_many_different_and_of_all_lengths():
    sentences = read_reference()
    lengths = [len(sentence.split()) for sentence in sentences]
    assert len(sentences) == len(set(sentences)) >= 290
    assert min(lengths) <= 5
    assert max(lengths) >= 50


def encode(texts: list[str]) -> np.ndarray:
    """Unit vectors from letter counts: an encoder that needs no model."""
    counts = np.array([[text.lower().count(c) + 0.1 for c in "abcdefghijklmnop"] for text in texts], dtype=np.float32)
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def score(texts: list[str], measures: list[str], languages: list[str] | None = None) -> pl.DataFrame:
    languages = languages or ["en"] * len(texts)
    return score_passages(texts, encode(texts), encode, CODEBOOK, measures, best=3, languages=languages)


def test_every_passage_has_a_score_for_each_entry_and_measure_and_their_combination():
    table = score(["an attack", "the police came"], ["lexicon", "axis"])
    assert table.schema == {"row": pl.Int64, "frame": pl.String, "measure": pl.String, "score": pl.Float64}
    assert table.select("row", "frame", "measure").n_unique() == table.height == 2 * 2 * 3
    lexicon = table.filter(pl.col("measure") == "lexicon", pl.col("score") > 0)
    assert lexicon.select("row", "frame").rows() == [(0, "threat"), (1, "security")]


def test_a_new_passage_does_not_move_the_scores_of_the_old():
    alone = score(["an attack"], ["lexicon", "axis"])
    among = score(["an attack", "attack attack attack"], ["lexicon", "axis"]).filter(pl.col("row") == 0)
    assert among["score"].to_list() == pytest.approx(alone["score"].to_list(), abs=1e-6)


@pytest.mark.parametrize("measures", [[], ["lexicon", "magic"]])
def test_unknown_measures_are_refused_with_those_allowed(measures):
    with pytest.raises(UserError, match=r"frames\.measures.*lexicon, axis"):
        score(["an attack"], measures)


def test_each_passage_is_scored_with_the_wording_of_its_language():
    texts = ["an attack", "ein angriff", "an attack", "ein angriff"]
    table = score(texts, ["lexicon"], ["en", "de", "de", "en"])
    lexicon = table.filter(pl.col("measure") == "lexicon", pl.col("frame") == "threat")
    assert lexicon["row"].to_list() == [0, 1, 2, 3]
    assert lexicon["score"].to_list() == pytest.approx([2**-0.5, 2**-0.5, 0, 0])


def test_a_hit_counts_alike_in_every_language_and_none_moves_the_scores_of_another():
    mixed = score(["an attack", "ein angriff"], ["lexicon"], ["en", "de"]).filter(pl.col("measure") == "combined")
    assert mixed.filter(row=0)["score"].to_list() == mixed.filter(row=1)["score"].to_list()
    texts = ["an attack", "the police"]
    alone = score(texts, ["lexicon", "axis"])
    among = score([*texts, "ein angriff", "polizei"], ["lexicon", "axis"], ["en", "en", "de", "de"])
    assert among.filter(pl.col("row") < 2)["score"].to_list() == pytest.approx(alone["score"].to_list(), abs=1e-6)
    german = score(["ein angriff", "polizei"], ["lexicon", "axis"], ["de", "de"])
    assert among.filter(pl.col("row") >= 2)["score"].to_list() == pytest.approx(german["score"].to_list(), abs=1e-6)


def test_a_language_that_the_codebook_lacks_is_named():
    with pytest.raises(UserError, match=r"entries\.threat\.languages` lacks 'sv'"):
        score(["an attack", "en attack"], ["lexicon"], ["en", "sv"])
