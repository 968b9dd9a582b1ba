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
from frameshift.frames.score import lengthen, score_and_combine, score_passages, widen


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


def test_a_measure_without_a_score_leaves_the_combination_to_the_others(recwarn):
    one = ReferenceStatistics(np.zeros(2), np.ones(2))
    scores = {"axis": np.array([[1.0, np.nan], [np.nan, np.nan]]), "other": np.array([[3.0, 2.0], [5.0, np.nan]])}
    combined = combine(scores, {"axis": one, "other": one})
    assert combined[:, 0].tolist() == [2.0, 5.0]
    assert combined[0, 1] == 2.0
    assert np.isnan(combined[1, 1])  # nothing to combine
    assert not recwarn.list


def test_a_measure_that_could_not_be_learned_for_an_entry_has_no_weight_there():
    statistics = {
        "axis": ReferenceStatistics(np.zeros(2), np.ones(2)),
        "supervised": reference_statistics(np.array([[1.0, np.nan], [3.0, np.nan]])),
    }
    combined = combine({"axis": np.array([[2.0, 2.0]]), "supervised": np.array([[2.0, np.nan]])}, statistics)
    assert combined.tolist() == [[1.0, 2.0]]


def test_measures_without_reference_statistics_are_not_combined():
    one = ReferenceStatistics(np.zeros(1), np.ones(1))
    scores = {"axis": np.array([[1.0]]), "nli": np.array([[7.0]])}
    assert combine(scores, {"axis": one}).tolist() == [[1.0]]


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
    ids = pl.Series([f"p{i}" for i in range(len(texts))], dtype=pl.String)
    return score_and_combine(ids, texts, encode(texts), encode, CODEBOOK, measures, best=3, languages=languages)


def of(table: pl.DataFrame, *ids: str) -> list[float]:
    return table.filter(pl.col("passage_id").is_in(ids))["score"].to_list()


def test_every_passage_has_a_score_for_each_entry_and_measure_and_their_combination():
    table = score(["an attack", "the police came"], ["lexicon", "axis"])
    assert table.schema == {"passage_id": pl.String, "frame": pl.String, "measure": pl.String, "score": pl.Float64}
    assert table.select("passage_id", "frame", "measure").n_unique() == table.height == 2 * 2 * 3
    lexicon = table.filter(pl.col("measure") == "lexicon", pl.col("score") > 0)
    assert lexicon.select("passage_id", "frame").rows() == [("p0", "threat"), ("p1", "security")]


def test_a_new_passage_does_not_move_the_scores_of_the_old():
    alone = score(["an attack"], ["lexicon", "axis"])
    among = score(["an attack", "attack attack attack"], ["lexicon", "axis"])
    assert of(among, "p0") == pytest.approx(of(alone, "p0"), abs=1e-6)
    assert of(alone, "p0") != of(among, "p1")


@pytest.mark.parametrize("measures", [[], ["lexicon", "magic"]])
def test_unknown_measures_are_refused_with_those_allowed(measures):
    with pytest.raises(UserError, match=r"frames\.measures.*lexicon, axis"):
        score(["an attack"], measures)


def test_each_passage_is_scored_with_the_wording_of_its_language():
    texts = ["an attack", "ein angriff", "an attack", "ein angriff"]
    table = score(texts, ["lexicon"], ["en", "de", "de", "en"])
    lexicon = table.filter(pl.col("measure") == "lexicon", pl.col("frame") == "threat")
    assert lexicon["passage_id"].to_list() == ["p0", "p1", "p2", "p3"]
    assert lexicon["score"].to_list() == pytest.approx([2**-0.5, 2**-0.5, 0, 0])


def test_a_hit_counts_alike_in_every_language_and_none_moves_the_scores_of_another():
    mixed = score(["an attack", "ein angriff"], ["lexicon"], ["en", "de"]).filter(pl.col("measure") == "combined")
    assert of(mixed, "p0") == of(mixed, "p1")
    texts = ["an attack", "the police"]
    alone = score(texts, ["lexicon", "axis"])
    among = score([*texts, "ein angriff", "polizei"], ["lexicon", "axis"], ["en", "en", "de", "de"])
    assert of(among, "p0", "p1") == pytest.approx(alone["score"].to_list(), abs=1e-6)
    german = score(["ein angriff", "polizei"], ["lexicon", "axis"], ["de", "de"])
    assert of(among, "p2", "p3") == pytest.approx(german["score"].to_list(), abs=1e-6)


def test_a_language_that_the_codebook_lacks_is_named():
    with pytest.raises(UserError, match=r"entries\.threat\.languages` lacks 'sv'"):
        score(["an attack", "en attack"], ["lexicon"], ["en", "sv"])


def test_the_wide_and_the_long_form_hold_the_same_scores():
    ids, entries = pl.Series(["b", "a", "c"]), ["threat", "security"]
    scores = {
        "axis": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        "nli": np.array([[0.1, np.nan], [np.nan, np.nan], [0.5, 0.6]]),
    }
    table = lengthen(ids, scores, entries)
    assert len(table) == 6 + 3
    back = widen(table.sample(fraction=1, shuffle=True, seed=1), ids, entries)
    for measure, matrix in scores.items():
        np.testing.assert_array_equal(back[measure], matrix)


def test_scores_of_unknown_passages_are_passed_over_and_missing_ones_are_nan():
    table = pl.DataFrame({"passage_id": ["x", "a"], "frame": "threat", "measure": "nli", "score": [9.0, 1.0]})
    matrix = widen(table, pl.Series(["a", "b"]), ["threat"])["nli"]
    np.testing.assert_array_equal(matrix, [[1.0], [np.nan]])


def test_texts_and_vectors_must_be_of_one_length():
    with pytest.raises(ValueError, match="2 texts, but 1 vectors"):
        score_passages(["a", "b"], encode(["a"]), encode, CODEBOOK, ["axis"], best=1, languages=["en", "en"])


def test_without_a_passage_there_is_an_empty_table():
    ids = pl.Series([], dtype=pl.String)
    empty = np.empty((0, 16), np.float32)
    table = score_and_combine(ids, [], empty, encode, CODEBOOK, ["lexicon", "axis"], best=3, languages=[])
    assert table.is_empty()
    assert table.schema["score"] == pl.Float64
