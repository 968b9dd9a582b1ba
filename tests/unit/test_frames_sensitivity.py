"""How far other statements and patterns would move the sources, on vectors made by hand."""

import numpy as np
import polars as pl
import pytest

from frameshift.frames import sensitivity
from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.combine import read_reference
from frameshift.frames.sensitivity import MOST, draw_passages, resample_codebook
from frameshift.tables import ALL_SOURCES

REFERENCE = set(read_reference())
ALIKE = tuple(f"alike {i}" for i in range(6))
APART = tuple(f"apart {i}" for i in range(6))
NEUTRAL = tuple(f"calm {i}" for i in range(6))
WORDS = ("attack*", "danger*", "menace*")


def encode(texts):
    """Anchors of ALIKE point one way, those of APART six ways, other statements and the reference anywhere."""
    vectors = []
    for text in texts:
        vector = np.zeros(12, np.float32)
        kind, _, number = text.partition(" ")
        if kind in ("alike", "apart") and text not in REFERENCE:
            vector[0 if kind == "alike" else int(number)] = 1
        elif kind == "calm" and text not in REFERENCE:
            vector[6 + int(number)] = 1
        else:
            vector[:] = np.random.default_rng(list(text.encode())).normal(size=12)
        vectors.append(vector / np.linalg.norm(vector))
    return np.array(vectors)


def entry(name, anchors, *, patterns=("attack*",), **languages):
    wordings = {"en": Wording(anchors, NEUTRAL, patterns)} | languages
    return Entry(name, "frame", name.title(), "…", "", "", wordings, (), ())


def make_passages(n=120, *, seed=1):
    """Albion's lie nearer to every anchor than Brook's, and each of its passages to another."""
    rng = np.random.default_rng(seed)
    vectors = 0.5 * rng.normal(size=(n, 12))
    source = np.array(["Albion", "Brook"])[np.arange(n) % 2]
    vectors[source == "Albion", 0] += 1
    vectors[np.arange(n), rng.integers(0, 6, n)] += 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    words = np.array(["an attack in a quiet town", "a danger of rain", "all is calm in the old harbour"])
    passages = pl.DataFrame({"text": words[rng.integers(0, 3, n)], "language": "en", "source": source})
    return passages, vectors.astype(np.float32)


def resample(codebook, measures=("axis",), passages=None, *, best=2, seed=1):
    table, vectors = passages or make_passages()
    return resample_codebook(table, vectors, encode, codebook, list(measures), best=best, seed=seed)


def row(table, **values):
    found = table.filter(**values)
    assert len(found) == 1
    return found.row(0, named=True)


def test_an_entry_whose_anchors_say_the_same_moves_less_than_one_whose_anchors_differ():
    table = resample({"same": entry("same", ALIKE), "different": entry("different", APART)})
    width = {
        frame: row(table, frame=frame, source="Albion")["high"] - row(table, frame=frame, source="Albion")["low"]
        for frame in ("same", "different")
    }
    assert width["same"] < 0.6 * width["different"]
    agreement = {frame: row(table, frame=frame, source=ALL_SOURCES)["agreement"] for frame in width}
    assert agreement["different"] < agreement["same"] < 1


def test_where_every_statement_says_the_same_nothing_moves():
    wording = Wording(ALIKE, ("calm 0",), ("attack*",))
    same = Entry("same", "frame", "Same", "…", "", "", {"en": wording}, (), ())
    found = row(resample({"same": same}, ("axis", "lexicon")), source="Albion")
    assert found["low"] == pytest.approx(found["difference"], abs=1e-6)
    assert found["high"] == pytest.approx(found["difference"], abs=1e-6)
    assert row(resample({"same": same}), source=ALL_SOURCES)["agreement"] == pytest.approx(1)


def test_a_source_is_compared_with_the_mean_of_all_passages():
    table = resample({"different": entry("different", APART)})
    albion, brook = (row(table, source=source) for source in ("Albion", "Brook"))
    assert albion["difference"] > 0.1
    assert albion["difference"] == pytest.approx(-brook["difference"])  # as many passages each
    assert albion["low"] < albion["difference"] < albion["high"]
    assert (albion["n_passages"], albion["agreement"]) == (60, None)
    everything = row(table, source=ALL_SOURCES)
    assert (everything["n_passages"], everything["difference"]) == (120, 0)


def test_patterns_are_drawn_anew_too():
    one, several = (
        row(resample({"threat": entry("threat", ALIKE, patterns=patterns)}, ("lexicon",)), source=ALL_SOURCES)
        for patterns in (("attack*",), WORDS)
    )
    assert one["agreement"] == pytest.approx(1)
    assert several["agreement"] < 0.99


def test_an_entry_of_which_no_passage_has_a_word_has_no_agreement(recwarn):
    found = row(
        resample({"threat": entry("threat", ALIKE, patterns=("zeppelin*", "airship*"))}, ("lexicon",)),
        source=ALL_SOURCES,
    )
    assert found["agreement"] is None
    assert not recwarn.list


def test_a_passage_in_another_language_is_measured_by_the_same_draw_of_its_own_wording():
    passages, vectors = make_passages()
    german = Wording(APART, NEUTRAL, ("angriff*",))
    codebook = {"threat": entry("threat", APART, de=german)}
    mixed = passages.with_columns(language=pl.Series(["en", "en", "de", "de"] * 30))
    assert resample(codebook, passages=(mixed, vectors)).equals(resample(codebook))  # the statements are the same


def test_two_calls_give_the_same_table_and_another_seed_another():
    codebook = {"threat": entry("threat", APART, patterns=WORDS)}
    measures = ("axis", "lexicon")
    assert resample(codebook, measures).equals(resample(codebook, measures))
    other = resample(codebook, measures, seed=2)
    assert not other.equals(resample(codebook, measures))
    assert other["difference"].equals(resample(codebook, measures)["difference"])


def test_the_order_of_the_passages_changes_nothing():
    passages, vectors = make_passages()
    order = np.random.default_rng(3).permutation(len(passages))
    codebook = {"threat": entry("threat", APART, patterns=WORDS)}
    table = resample(codebook, ("axis", "lexicon"), (passages[order], vectors[order]))
    expected = resample(codebook, ("axis", "lexicon"))
    for column in ("difference", "low", "high"):
        np.testing.assert_allclose(table[column], expected[column], atol=1e-5)


def make_places(counts: dict[str, tuple[int, int]]) -> pl.DataFrame:
    """Passages of sources, by how many articles each has and how many passages an article."""
    rows = [
        {"article_id": f"{source} {article}", "source": source, "duplicate_of": None}
        for source, (articles, passages) in counts.items()
        for article in range(articles)
        for _ in range(passages)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(["article_id", "source", "duplicate_of"], pl.String))


def test_at_most_so_many_passages_of_a_source_are_drawn(monkeypatch):
    monkeypatch.setattr(sensitivity, "MOST", 5)
    places = make_places({"Albion": (5, 10), "Brook": (3, 1)})
    rows = draw_passages(places, min_articles=1, seed=1)
    assert list(rows) == sorted(set(rows))
    drawn = places["source"].gather(rows).to_list()
    assert (drawn.count("Albion"), drawn.count("Brook")) == (5, 3)
    assert list(rows) == list(draw_passages(places, min_articles=1, seed=1))
    assert list(rows) != list(draw_passages(places, min_articles=1, seed=2))
    assert MOST >= 100


def test_small_sources_and_copies_are_left_out_unless_there_is_nothing_else():
    places = make_places({"Albion": (5, 2), "Brook": (4, 2), "Corvin": (1, 9)})

    def drawn(least: int, places: pl.DataFrame = places) -> set[str]:
        return set(places["source"].gather(draw_passages(places, min_articles=least, seed=1)))

    assert drawn(4) == {"Albion", "Brook"}
    assert drawn(5) == {"Albion", "Brook", "Corvin"}
    copies = places.with_columns(duplicate_of=pl.when(pl.col("source") == "Corvin").then(pl.lit("a")))
    assert drawn(5, copies) == {"Albion", "Brook"}
