"""Calibrated probabilities on simulated passages, of which everything is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from frameshift.frames.calibrate import ISOTONIC, Coded, calibrate, code_target, cross_fit, fit_model
from frameshift.frames.learn import MIN_CODED

THREAT, MIGRATION = 0, 1
SINGLE = [(THREAT,), (MIGRATION,)]
BOTH = (THREAT, MIGRATION)


def make_passages(n, *, seed, d=12):
    """A corpus of which the vectors tell something of each entry, and a noisy score something too.

    Migration is about .4 of the passages; of these .5 are a threat, of the others .28: .37 of all.
    """
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d)) / np.sqrt(d)
    migration = rng.random(n) < expit(-0.43 + 1.5 * vectors[:, 0])
    threat = rng.random(n) < expit(np.where(migration, 0.0, -1.0) + 1.5 * vectors[:, 1])
    labels = np.column_stack([threat, migration]).astype(float)
    return Coded(
        vectors=vectors.astype(np.float32),
        scores=labels + 2 * rng.normal(size=(n, 2)),
        labels=labels,
        weights=np.ones(n),
        clusters=(np.arange(n) // 2).astype(str),
        in_corpus=np.ones(n, dtype=bool),
    )


def predict(model, corpus):
    return model.predict_shares(model.predict_log_odds(corpus.vectors), corpus.scores)


def test_shares_are_right_on_average_whichever_passages_are_drawn_more_often():
    rng = np.random.default_rng(1)
    corpus = make_passages(20_000, seed=1)
    # What is drawn more often is more often a threat, for a reason that no measure sees.
    probability = np.where(corpus.labels[:, THREAT] + rng.normal(size=20_000) > 0.8, 0.12, 0.03)
    drawn = rng.random(20_000) < probability
    coded = replace(corpus.take(drawn), weights=1 / probability[drawn])
    truth = corpus.labels[:, THREAT].mean()
    weighted, unweighted = (
        predict(fit_model(labels, SINGLE, seed=1), corpus)[(THREAT,)].mean()
        for labels in (coded, replace(coded, weights=np.ones(drawn.sum())))
    )
    assert weighted == pytest.approx(truth, abs=0.03)
    assert unweighted - truth > 0.1


def test_the_share_within_an_issue_is_that_of_passages_that_are_both_and_no_product():
    corpus = make_passages(20_000, seed=2)
    coded = corpus.take(np.arange(2_000))
    model = fit_model(coded, [*SINGLE, BOTH], seed=1)
    shares = predict(model, corpus)
    threat, migration = (shares[target] for target in SINGLE)
    assert shares[BOTH].sum() / migration.sum() == pytest.approx(0.50, abs=0.03)
    assert (threat * migration).sum() / migration.sum() == pytest.approx(0.37, abs=0.03)


@pytest.mark.parametrize("grouped", [True, False])
def test_random_labels_are_not_predicted_out_of_fold_unless_copies_are_taken_apart(grouped):
    areas = []
    for seed in range(4 if grouped else 1):
        rng = np.random.default_rng(seed)
        story = np.arange(120).repeat(3)
        vectors = rng.normal(size=(120, 60))[story] / 8 + 0.001 * rng.normal(size=(360, 60))
        label = rng.integers(0, 2, 120)[story].astype(float)
        coded = Coded(
            vectors=vectors.astype(np.float32),
            scores=rng.normal(size=(120, 2))[story],
            labels=np.column_stack([label, rng.integers(0, 2, 360)]),
            weights=np.ones(360),
            clusters=story if grouped else np.arange(360),
            in_corpus=np.ones(360, dtype=bool),
        )
        crossed = cross_fit(coded, SINGLE, seed=1, strengths={THREAT: 10.0, (THREAT,): 0.1})
        areas.append([roc_auc_score(label, crossed.shares[(THREAT,)]), roc_auc_score(label, crossed.log_odds[:, 0])])
    if grouped:
        assert np.mean(areas) == pytest.approx(0.5, abs=0.07)
    else:
        assert np.mean(areas) > 0.85


def test_out_of_fold_shares_are_as_good_as_those_of_new_passages():
    corpus = make_passages(6_000, seed=3)
    coded = corpus.take(np.arange(1_000))
    model = fit_model(coded, SINGLE, seed=1)
    crossed = cross_fit(coded, SINGLE, seed=1, strengths=model.strengths)
    new = corpus.take(np.arange(1_000, 6_000))
    for target in SINGLE:
        own = roc_auc_score(coded.labels[:, target[0]], crossed.shares[target])
        assert own == pytest.approx(roc_auc_score(new.labels[:, target[0]], predict(model, new)[target]), abs=0.05)
        assert crossed.shares[target].mean() == pytest.approx(coded.labels[:, target[0]].mean(), abs=0.01)


def test_what_the_vectors_only_remember_does_not_spread_the_shares_of_new_passages():
    rng = np.random.default_rng(16)
    coded = make_passages(300, seed=16, d=60)
    noise = rng.integers(0, 2, size=(300, 2)).astype(float)
    new = replace(make_passages(300, seed=17, d=60), scores=rng.normal(size=(300, 2)))
    share = predict(fit_model(replace(coded, labels=noise, scores=new.scores), SINGLE, seed=1), new)[(THREAT,)]
    assert share.std() < 0.1


def test_an_issue_without_a_frame_is_the_issue_less_what_is_both():
    corpus = make_passages(10_000, seed=18)
    model = fit_model(corpus.take(np.arange(1_500)), [*SINGLE, BOTH, (2, MIGRATION, ~THREAT)], seed=1)
    assert set(model.second) == {*SINGLE, BOTH}  # nobody coded entry 2
    three = replace(corpus, labels=np.column_stack([corpus.labels, np.random.default_rng(18).random(10_000) < 0.3]))
    third = (2, MIGRATION, ~THREAT)
    shares = predict(fit_model(three.take(np.arange(1_500)), [*SINGLE, (2,), BOTH, third], seed=1), three)
    lone = shares[MIGRATION, ~THREAT]
    np.testing.assert_allclose(lone, shares[(MIGRATION,)] - shares[BOTH])
    truth = code_target(three.labels, (MIGRATION, ~THREAT))
    assert lone.mean() == pytest.approx(truth.mean(), abs=0.03)
    assert shares[third].sum() / lone.sum() == pytest.approx(0.3, abs=0.05)
    assert (shares[third] <= lone).all()


def test_an_entry_coded_in_too_few_passages_is_not_learned_and_spoils_nothing(recwarn):
    coded = make_passages(400, seed=4)
    few = coded.labels.copy()
    few[3:, MIGRATION] = np.nan
    model = fit_model(replace(coded, labels=few), [*SINGLE, BOTH], seed=1)
    assert set(model.second) == {(THREAT,)}
    assert np.isnan(model.first[:, MIGRATION]).all()
    crossed = cross_fit(replace(coded, labels=few), [*SINGLE, BOTH], seed=1, strengths=model.strengths)
    assert not np.isnan(crossed.shares[(THREAT,)]).any()
    assert np.isnan(crossed.log_odds[:, MIGRATION]).all()
    assert set(crossed.shares) == {(THREAT,)}
    assert not recwarn.list


def test_an_entry_that_nobody_coded_gives_no_warning(recwarn):
    coded = make_passages(300, seed=5)
    coded.labels[:, MIGRATION] = np.nan
    model = fit_model(coded, SINGLE, seed=1)
    crossed = cross_fit(coded, SINGLE, seed=1, strengths=model.strengths)
    assert not np.isnan(crossed.shares[(THREAT,)]).any()
    assert not recwarn.list


def test_the_rarest_entry_that_can_be_learned_is_predicted_in_every_fold():
    coded = make_passages(400, seed=6)
    coded.labels[:, MIGRATION] = (np.arange(400) % (400 // MIN_CODED) == 0).astype(float)
    model = fit_model(coded, SINGLE, seed=1)
    assert (MIGRATION,) in model.second
    crossed = cross_fit(coded, SINGLE, seed=1, strengths=model.strengths)
    assert not np.isnan(crossed.shares[(MIGRATION,)]).any()
    assert not np.isnan(crossed.log_odds).any()


def test_with_too_few_labels_of_everything_nothing_is_learned_and_nothing_breaks(recwarn):
    coded = make_passages(3, seed=7)
    model = fit_model(coded, SINGLE, seed=1)
    crossed = cross_fit(coded, SINGLE, seed=1, strengths=model.strengths)
    assert (model.second, model.strengths) == ({}, {})
    assert np.isnan(crossed.log_odds).all()
    assert not recwarn.list


def test_labels_from_elsewhere_teach_the_measure_and_calibrate_nothing(recwarn):
    coded = make_passages(400, seed=8)
    model = fit_model(replace(coded, in_corpus=np.zeros(400, dtype=bool)), SINGLE, seed=1)
    assert model.second == {}
    assert not np.isnan(model.first).any()
    assert not recwarn.list


def test_labels_from_elsewhere_do_not_move_the_level_of_the_shares():
    rng = np.random.default_rng(9)
    corpus = make_passages(8_000, seed=9)
    here = corpus.take(np.arange(600))
    elsewhere = make_passages(600, seed=10)
    elsewhere = elsewhere.take(np.flatnonzero((elsewhere.labels[:, THREAT] == 1) | (rng.random(600) < 0.1)))
    joined = Coded(*(np.concatenate([getattr(x, name) for x in (here, elsewhere)]) for name in vars(here)))
    joined.in_corpus[600:] = False
    joined.clusters[600:] = [f"elsewhere {i}" for i in range(len(joined.clusters) - 600)]
    shares = predict(fit_model(joined, SINGLE, seed=1), corpus)
    assert shares[(THREAT,)].mean() == pytest.approx(here.labels[:, THREAT].mean(), abs=0.02)


def test_a_passage_without_a_score_counts_as_an_average_one():
    coded = make_passages(500, seed=11)
    model = fit_model(coded, SINGLE, seed=1)
    log_odds = model.predict_log_odds(coded.vectors)
    missing, average = coded.scores.copy(), coded.scores.copy()
    missing[:, 1], average[:, 1] = np.nan, coded.scores[:, 1].mean()
    for target, share in model.predict_shares(log_odds, missing).items():
        np.testing.assert_allclose(share, model.predict_shares(log_odds, average)[target])


def test_scores_that_lack_for_some_passages_are_used_where_they_are():
    corpus = make_passages(4_000, seed=12)
    telling = corpus.labels + 0.3 * np.random.default_rng(12).normal(size=(4_000, 2))
    telling[::2] = np.nan
    corpus = replace(corpus, scores=telling)
    coded = corpus.take(np.arange(1_000))
    share = predict(fit_model(coded, SINGLE, seed=1), corpus)[(THREAT,)]
    area = [roc_auc_score(corpus.labels[part, THREAT], share[part]) for part in (slice(1, None, 2), slice(0, None, 2))]
    assert area[0] > 0.95 > area[1] > 0.55


def test_the_code_of_a_target_is_the_product_of_its_entries():
    labels = np.array([[1, 1, 0], [1, 1, 1], [1, 0.5, 0], [1, np.nan, 0]])
    np.testing.assert_array_equal(code_target(labels, (0, 1)), [1, 1, 0.5, np.nan])
    np.testing.assert_array_equal(code_target(labels, (0, 1, ~2)), [1, 0, 0.5, np.nan])
    np.testing.assert_array_equal(code_target(labels, (2,)), [0, 1, 0, 0])


def make_bent(n, seed=13):
    """Probabilities that are wrong in a way no logistic curve mends, and labels."""
    rng = np.random.default_rng(seed)
    said = rng.random(n)
    labels = (rng.random(n) < np.where(said < 0.5, 0.1, 0.6)).astype(float)
    return said, labels, rng.uniform(1, 5, size=n), np.arange(n).astype(str)


def test_below_a_thousand_labels_probabilities_stay_as_they_are():
    said, labels, weights, clusters = make_bent(ISOTONIC - 1)
    own, every = calibrate(said, np.array([0.2, 0.7]), labels, weights, clusters, seed=1)
    np.testing.assert_array_equal(own, said)
    np.testing.assert_array_equal(every, [0.2, 0.7])


def test_from_a_thousand_labels_on_they_follow_whatever_rising_curve_the_labels_do():
    said, labels, weights, clusters = make_bent(2 * ISOTONIC)
    grid = np.linspace(0.05, 0.95, 19)
    own, every = calibrate(said, grid, labels, weights, clusters, seed=1)
    assert (np.diff(every) >= 0).all()
    assert every[:8] == pytest.approx(0.1, abs=0.06)
    assert every[11:] == pytest.approx(0.6, abs=0.09)
    assert np.average(own, weights=weights) == pytest.approx(np.average(labels, weights=weights), abs=0.01)
    assert np.mean((own - labels) ** 2) < np.mean((said - labels) ** 2)
    assert calibrate(said[:ISOTONIC], grid, *(x[:ISOTONIC] for x in (labels, weights, clusters)), seed=1)[0].min() >= 0


def test_a_coded_passage_is_calibrated_without_the_labels_of_its_cluster():
    rng = np.random.default_rng(14)
    story = np.arange(50).repeat(20)
    areas = []
    for _ in range(10):
        said, labels = rng.random(50)[story], rng.integers(0, 2, 50)[story].astype(float)
        calibrated = calibrate(said, said, labels, np.ones(1000), story, seed=1)
        areas.append([roc_auc_score(labels, share) for share in calibrated])
    own, every = np.mean(areas, axis=0)
    assert own < 0.52 < 0.56 < every


def test_isotonic_regression_weighs_by_inclusion_probability():
    said, labels, _, clusters = make_bent(2 * ISOTONIC)
    weights = 1 + 4 * labels
    _, every = calibrate(said, said, labels, weights, clusters, seed=1)
    assert np.average(every, weights=weights) == pytest.approx(np.average(labels, weights=weights))


def test_a_rare_entry_has_too_few_of_a_kind_for_isotonic_regression():
    said, _, weights, clusters = make_bent(2 * ISOTONIC)
    rare = (np.arange(2 * ISOTONIC) < ISOTONIC / 10 - 1).astype(float)
    assert calibrate(said, said, rare, weights, clusters, seed=1)[0] is said


def test_two_calls_give_the_same_numbers():
    coded = make_passages(400, seed=15)
    first, second = (fit_model(coded, SINGLE, seed=1) for _ in range(2))
    np.testing.assert_array_equal(first.first, second.first)
    for target in SINGLE:
        np.testing.assert_array_equal(first.second[target], second.second[target])
    one, two = (cross_fit(coded, SINGLE, seed=1, strengths=first.strengths) for _ in range(2))
    np.testing.assert_array_equal(one.log_odds, two.log_odds)
