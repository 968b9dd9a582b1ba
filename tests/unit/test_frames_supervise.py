"""From labels to supervised scores and shares, as tables."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from frameshift.errors import UserError
from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.combine import combine, reference_statistics
from frameshift.frames.score import lengthen
from frameshift.frames.supervise import Reference, describe_labels, score_outside, supervise

ENTRIES = ["threat", "victim", "migration"]
GIVEN = ["migration", "migration without victim"]
D = 8


@dataclass(frozen=True)
class World:
    """A corpus with what is true of it, and codes of some of its passages."""

    ids: pl.Series
    vectors: np.ndarray
    scores: pl.DataFrame
    truth: np.ndarray
    labels: pl.DataFrame
    reference: Reference
    outside: tuple

    def supervise(self, *, seed=1, given=GIVEN):
        return supervise(
            self.scores, self.ids, self.vectors, self.labels, self.outside, self.reference, ENTRIES, given, seed=seed
        )


def make_vectors(rng, n):
    return (rng.normal(size=(n, D)) / np.sqrt(D)).astype(np.float32)


def draw_truth(rng, vectors):
    """Migration .4; within it threat .5 and victim .3, else .28 and .1."""
    migration = rng.random(len(vectors)) < expit(-0.43 + 1.5 * vectors[:, 0])
    threat = rng.random(len(vectors)) < expit(np.where(migration, 0.0, -1.0) + 1.5 * vectors[:, 1])
    victim = rng.random(len(vectors)) < expit(np.where(migration, -0.9, -2.3) + vectors[:, 2])
    return np.column_stack([threat, victim, migration]).astype(float)


def measure(rng, truth):
    return {
        "axis": truth + 2 * rng.normal(size=truth.shape),
        "lexicon": truth * (rng.random(truth.shape) < 0.2) * 0.3,
    }


def code(truth, ids, **changes):
    """frames/labels of `truth` (n, entries)."""
    facts = {"probability": 1.0, "source": "Albion", "date": None, "in_corpus": True, "text": "…"} | changes
    tables = [
        pl.DataFrame({"passage_id": ids, "label": truth[:, i]}).with_columns(frame=pl.lit(entry), cluster="passage_id")
        for i, entry in enumerate(ENTRIES)
    ]
    literal = {name: pl.lit(value, pl.Date if name == "date" else None) for name, value in facts.items()}
    return pl.concat(tables).with_columns(**literal)


def make_world(n=1500, coded=400, *, seed=1) -> World:
    rng = np.random.default_rng(seed)
    vectors = make_vectors(rng, n)
    truth = draw_truth(rng, vectors)
    ids = pl.Series([f"p{i:05}" for i in rng.permutation(n)])
    free, known = measure(rng, truth), make_vectors(rng, 200)
    calm = measure(rng, np.zeros((200, len(ENTRIES))))
    statistics = {name: reference_statistics(matrix + 0.1 * rng.random((200, 3))) for name, matrix in calm.items()}
    return World(
        ids,
        vectors,
        lengthen(ids, {**free, "combined": combine(free, statistics)}, ENTRIES).with_columns(
            share=pl.lit(None, pl.Float64)
        ),
        truth,
        code(truth[:coded], ids[:coded]),
        Reference(known, statistics),
        (np.empty((0, D), np.float32), {name: np.empty((0, len(ENTRIES))) for name in free}),
    )


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def tables(world):
    return world.supervise()


def pick(table, frame, measure):
    return table.filter(frame=frame, measure=measure)


def assert_close(table, expected, keys):
    table, expected = table.sort(keys), expected.sort(keys)
    assert table.select(keys).equals(expected.select(keys))
    for column in set(table.columns) - set(keys):
        if table.schema[column] != pl.Float64:
            assert table[column].equals(expected[column])
            continue
        assert table[column].is_null().equals(expected[column].is_null())
        np.testing.assert_allclose(table[column].drop_nulls(), expected[column].drop_nulls(), atol=1e-4)


def test_every_passage_has_every_measure_and_the_combination_a_share(world, tables):
    passages, _, _ = tables
    assert set(passages["measure"]) == {"axis", "lexicon", "supervised", "combined"}
    assert passages.height == 4 * len(ENTRIES) * len(world.ids)
    shared = passages.filter(pl.col("share").is_not_null())
    assert set(shared["measure"]) == {"combined"}
    assert shared.height == len(ENTRIES) * len(world.ids)
    assert shared["share"].is_between(0, 1).all()
    assert passages.drop_nulls("score")["score"].is_not_nan().all()


def test_shares_are_right_on_average_and_rank_better_than_any_measure_alone(world, tables):
    passages, _, _ = tables
    new = world.ids.to_list()[400:]
    for column, frame in enumerate(ENTRIES):
        truth = dict(zip(world.ids, world.truth[:, column], strict=True))
        assert pick(passages, frame, "combined")["share"].mean() == pytest.approx(
            np.mean(list(truth.values())), abs=0.05
        )
        areas = {}
        for name, value in (("axis", "score"), ("lexicon", "score"), ("supervised", "score"), ("combined", "share")):
            rows = pick(passages, frame, name).filter(pl.col("passage_id").is_in(new))
            areas[name] = roc_auc_score([truth[i] for i in rows["passage_id"]], rows[value])
        assert max(areas, key=areas.get) == "combined"


def test_passages_that_were_drawn_more_often_weigh_less():
    rng = np.random.default_rng(6)
    world = make_world(n=4000, coded=0, seed=6)
    often = np.where(world.truth[:, 0] + rng.normal(size=4000) > 0.8, 0.4, 0.1)
    drawn = rng.random(4000) < often
    labels = code(world.truth[drawn], world.ids.filter(drawn))
    means = {}
    for name, probability in (("known", pl.Series(list(often[drawn]) * 3)), ("unknown", pl.lit(1.0))):
        passages, _, _ = replace(world, labels=labels.with_columns(probability=probability)).supervise(given=[])
        means[name] = pick(passages, "threat", "combined")["share"].mean()
    assert means["known"] == pytest.approx(world.truth[:, 0].mean(), abs=0.03)
    assert means["unknown"] > means["known"] + 0.1


def test_a_frame_within_an_issue_is_at_most_as_likely_as_the_issue(tables):
    _, joint, _ = tables
    assert joint.select("frame", "given").unique().height == 3  # threat and victim, and threat without victims
    assert joint.filter(pl.col("share") > pl.col("about") + 1e-12).is_empty()
    assert joint.filter(pl.col("share") < 0).is_empty()
    about = joint.pivot("given", index=["passage_id", "frame"], values="about").filter(frame="threat")
    assert about.filter(pl.col("migration without victim") > pl.col("migration") + 1e-12).is_empty()


def test_joint_shares_recover_what_was_planted_where_a_product_does_not():
    world = make_world(n=6000, coded=1500, seed=3)
    passages, joint, _ = world.supervise()
    found = dict(
        joint.group_by("frame", "given").agg(pl.col("share").sum() / pl.col("about").sum()).select(
            pl.concat_str("frame", "given", separator=" | "), "share"
        ).iter_rows()
    )  # fmt: skip
    threat, victim, migration = world.truth.T
    lone = migration * (1 - victim)
    assert found["threat | migration"] == pytest.approx((threat * migration).sum() / migration.sum(), abs=0.04)
    assert found["victim | migration"] == pytest.approx((victim * migration).sum() / migration.sum(), abs=0.04)
    assert found["threat | migration without victim"] == pytest.approx((threat * lone).sum() / lone.sum(), abs=0.04)
    shares = passages.filter(measure="combined").pivot("frame", index="passage_id", values="share")
    about = joint.filter(given="migration without victim", frame="threat")["about"]
    assert about.mean() == pytest.approx(lone.mean(), abs=0.03)
    product = (shares["threat"] * shares["migration"]).sum() / shares["migration"].sum()
    assert found["threat | migration"] - product > 0.06


def test_a_coded_passage_is_scored_by_models_that_did_not_see_its_cluster():
    rng = np.random.default_rng(5)
    world = make_world(n=800, coded=400, seed=5)
    noise = rng.integers(0, 2, (100, len(ENTRIES))).astype(float)[np.arange(400) // 4]
    vectors = world.vectors.copy()
    vectors[:400] = np.repeat(vectors[:100], 4, axis=0)  # four copies of each story
    story = pl.Series([f"story {i // 4}" for i in range(400)] * len(ENTRIES))
    labels = code(noise, world.ids[:400])
    areas = {}
    for name, changed in (("whole", labels.with_columns(cluster=story)), ("apart", labels)):
        passages, _, labelled = replace(world, vectors=vectors, labels=changed).supervise(given=[])
        threat = pick(labelled, "threat", "supervised")
        in_table = dict(pick(passages, "threat", "supervised").select("passage_id", "score").iter_rows())
        assert [in_table[i] for i in threat["passage_id"]] == threat["score"].to_list()
        areas[name] = roc_auc_score(threat["label"], threat["score"])
    assert areas["whole"] < 0.58
    assert areas["apart"] > areas["whole"] + 0.05


def test_labelled_has_each_label_beside_each_measure(world, tables):
    passages, _, labelled = tables
    assert labelled.height == 4 * world.labels.height
    assert set(labelled.filter(pl.col("share").is_not_null())["measure"]) == {"combined"}
    both = labelled.join(passages, on=["passage_id", "frame", "measure"], suffix="_here")
    assert both.height == labelled.height
    np.testing.assert_allclose(both["score"], both["score_here"], atol=1e-6)
    np.testing.assert_allclose(both["share"].drop_nulls(), both["share_here"].drop_nulls(), atol=1e-9)
    joined = labelled.join(world.labels, on=["passage_id", "frame"], suffix="_given")
    assert joined["label"].equals(joined["label_given"])


def test_label_free_scores_stay_as_they_were(world, tables):
    passages, _, _ = tables
    keys = ["passage_id", "frame", "measure"]
    free = pl.col("measure").is_in(["axis", "lexicon"])
    kept = passages.filter(free).select(*keys, "score")
    assert_close(kept, world.scores.filter(free).select(*keys, "score"), keys)


def test_an_entry_coded_in_too_few_passages_keeps_its_label_free_scores_and_has_no_share(world, tables):
    coded = world.ids[:5].to_list()
    few = world.labels.filter((pl.col("frame") != "victim") | pl.col("passage_id").is_in(coded))
    passages, joint, labelled = replace(world, labels=few).supervise()
    victim, before = passages.filter(frame="victim"), world.scores.filter(frame="victim")
    assert victim["share"].null_count() == victim.height
    keys = ["passage_id", "measure"]
    assert_close(victim.select(*keys, "score"), before.select(*keys, "score"), keys)
    assert passages.filter(frame="threat")["share"].null_count() == 3 * len(world.ids)
    assert joint.select("frame", "given").unique().rows() == [("threat", "migration")]
    assert set(labelled.filter(frame="victim")["measure"]) == {"axis", "lexicon", "combined"}


def test_labels_of_texts_from_elsewhere_teach_and_do_not_calibrate(world):
    rng = np.random.default_rng(7)
    vectors = make_vectors(rng, 300)
    truth = draw_truth(rng, vectors)
    ids = pl.Series([f"text-{i:03}" for i in range(300)])
    elsewhere = replace(world, labels=code(truth, ids, in_corpus=False), outside=(vectors, measure(rng, truth)))
    passages, joint, labelled = elsewhere.supervise()
    assert passages["share"].null_count() == passages.height
    assert joint.is_empty()
    supervised = pick(passages, "threat", "supervised")
    place = dict(zip(world.ids, world.truth[:, 0], strict=True))
    assert roc_auc_score([place[i] for i in supervised["passage_id"]], supervised["score"]) > 0.6
    assert labelled.height == 4 * 900
    assert labelled["share"].null_count() == labelled.height


def test_texts_from_elsewhere_are_held_against_their_own_vectors(world):
    rng = np.random.default_rng(8)
    vectors, ids = make_vectors(rng, 2), pl.Series(["text-b", "text-a"])
    scores = {"axis": np.array([[1.0] * 3, [2.0] * 3]), "lexicon": np.zeros((2, 3))}
    labels = pl.concat([code(np.ones((2, 3)), ids, in_corpus=False), world.labels])
    _, _, labelled = replace(world, labels=labels, outside=(vectors, scores)).supervise(given=[])
    rows = pick(labelled, "threat", "axis").filter(~pl.col("in_corpus")).sort("passage_id")
    assert rows.select("passage_id", "score").rows() == [("text-a", 1.0), ("text-b", 2.0)]  # by their ids


def test_an_external_measure_may_lack_passages(world, tables):
    rng = np.random.default_rng(9)
    heard = np.flatnonzero(rng.random(len(world.ids)) < 0.6)
    votes = np.full(world.truth.shape, np.nan)
    votes[heard] = expit(3 * world.truth[heard] + rng.normal(size=(len(heard), 3)))
    added = lengthen(world.ids, {"nli": votes}, ENTRIES).with_columns(share=pl.lit(None, pl.Float64))
    passages, _, labelled = replace(world, scores=pl.concat([world.scores, added])).supervise()
    assert pick(passages, "threat", "nli").height == len(heard)
    share = pick(passages, "threat", "combined")
    assert share["share"].null_count() == 0
    told = set(world.ids.gather(heard))
    truth = dict(zip(world.ids, world.truth[:, 0], strict=True))
    with_votes = share.filter(pl.col("passage_id").is_in(told))
    assert roc_auc_score([truth[i] for i in with_votes["passage_id"]], with_votes["share"]) > 0.9
    assert share["share"].mean() == pytest.approx(world.truth[:, 0].mean(), abs=0.05)
    # It has no reference, so it does not enter the combined score, only the shares.
    np.testing.assert_allclose(
        pick(passages, "threat", "combined")["score"], pick(tables[0], "threat", "combined")["score"], atol=0.5
    )
    assert labelled.filter(measure="nli").height < labelled.filter(measure="axis").height


def test_the_order_of_the_rows_changes_nothing(world, tables):
    order = np.random.default_rng(10).permutation(len(world.ids))
    shuffled = replace(
        world,
        ids=world.ids.gather(order),
        vectors=world.vectors[order],
        scores=world.scores.sample(fraction=1, shuffle=True, seed=2),
        labels=world.labels.sample(fraction=1, shuffle=True, seed=3),
    )
    keys = (["passage_id", "frame", "measure"], ["passage_id", "frame", "given"], ["passage_id", "frame", "measure"])
    for table, expected, key in zip(shuffled.supervise(), tables, keys, strict=True):
        assert_close(table, expected, key)


def test_two_calls_give_the_same_tables(world, tables):
    for table, expected in zip(world.supervise(), tables, strict=True):
        assert table.equals(expected)


def test_new_passages_move_no_share_of_the_old(world, tables):
    rng = np.random.default_rng(11)
    vectors = make_vectors(rng, 50)
    ids = pl.Series([f"new {i}" for i in range(50)])
    free = measure(rng, draw_truth(rng, vectors))
    added = lengthen(ids, {**free, "combined": combine(free, world.reference.statistics)}, ENTRIES)
    grown = replace(
        world,
        ids=pl.concat([world.ids, ids]),
        vectors=np.vstack([world.vectors, vectors]),
        scores=pl.concat([world.scores, added.with_columns(share=pl.lit(None, pl.Float64))]),
    )
    passages, joint, labelled = grown.supervise()
    old = pl.col("passage_id").is_in(world.ids.implode())
    assert_close(passages.filter(old), tables[0], ["passage_id", "frame", "measure"])
    assert_close(joint.filter(old), tables[1], ["passage_id", "frame", "given"])
    assert_close(labelled, tables[2], ["passage_id", "frame", "measure"])


def test_enough_labels_bring_isotonic_shares_with_the_right_mean():
    world = make_world(n=2500, coded=1200, seed=12)
    passages, _, labelled = world.supervise(given=[])
    share = pick(passages, "threat", "combined")["share"]
    assert share.n_unique() < 500  # steps
    assert share.mean() == pytest.approx(world.truth[:, 0].mean(), abs=0.03)
    own = pick(labelled, "threat", "combined")
    in_table = dict(pick(passages, "threat", "combined").select("passage_id", "share").iter_rows())
    assert [in_table[i] for i in own["passage_id"]] == own["share"].to_list()
    assert ((own["share"] - own["label"]) ** 2).mean() < own["label"].var()


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (lambda w: code(np.ones((40, 3)), w.ids[:40]), r"threat: 40 passages with, 0 without.*at least 10 with and 10"),
        (lambda w: code(w.truth[:3], w.ids[:3]), r"victim: \d passages with, \d without; too few to learn"),
    ],
    ids=["one class only", "three labels"],
)
def test_labels_that_teach_nothing_are_refused_with_their_numbers_and_a_remedy(world, labels, said):
    poor = labels(world)
    passages, joint, labelled = replace(world, labels=poor).supervise()
    assert set(labelled["measure"]) == {"axis", "lexicon", "combined"}
    assert joint.is_empty()
    with pytest.raises(UserError, match=said) as caught:
        describe_labels(poor, passages, joint, GIVEN)
    assert "`frames.labels`" in str(caught.value)
    assert "Code more, or take them out" in str(caught.value)


def test_what_was_learned_is_logged_by_entry(world, tables, caplog):
    caplog.set_level("INFO", "frameshift")
    describe_labels(world.labels, *tables[:2], GIVEN)
    said = caplog.text
    n = int(world.truth[:400, 0].sum())
    assert f"threat: {n} passages with, {400 - n} without; learned, calibrated" in said
    assert "shares given migration: threat, victim" in said
    assert "shares given migration without victim: threat\n" in said


def test_texts_from_elsewhere_are_scored_once_by_their_ids():
    wordings = {"en": Wording(anchors=("an attack",), neutral=("all is calm",), patterns=("attack*",))}
    codebook = {"threat": Entry("threat", "frame", "Threat", "…", "", "", wordings, (), ())}
    seen = []

    def encode(texts):
        seen.append(list(texts))
        return np.array([[len(text), 1.0] for text in texts], np.float32) / 100

    labels = pl.DataFrame(
        {
            "passage_id": ["text-b", "text-a", "text-b", "p1"],
            "frame": ["threat", "threat", "migration", "threat"],
            "text": ["attack now", "calm", "attack now", "here"],
            "in_corpus": [False, False, False, True],
        }
    )
    (vectors, scores), reference = score_outside(labels, encode, codebook, ["lexicon"], best=1)
    assert seen[1] == ["calm", "attack now"]
    np.testing.assert_allclose(vectors[:, 0], [0.04, 0.10])
    assert scores["lexicon"][:, 0] == pytest.approx([0, 2**-0.5])
    assert set(reference.statistics) == {"lexicon"}
    nothing, _ = score_outside(labels.tail(1), encode, codebook, ["lexicon"], best=1)
    assert nothing[0].shape == (0, 2)
    assert nothing[1]["lexicon"].shape == (0, 1)
