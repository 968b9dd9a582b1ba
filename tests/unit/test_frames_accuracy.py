"""Accuracy against scikit-learn and by hand, and what is left out."""

import numpy as np
import polars as pl
import pytest
from labelled_tables import make_labelled
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from frameshift.frames.accuracy import N_BINS, N_FOLDS, bin_shares, keep_comparable, measure_accuracy, predict_present
from frameshift.frames.curves import curves
from frameshift.frames.eras import add_eras
from frameshift.frames.ranking import measure_areas
from frameshift.frames.resample import percentile_limits, resample
from frameshift.names import ALL_SOURCES


def measure(labelled: pl.DataFrame) -> tuple[list[dict], list[dict]]:
    return measure_accuracy(add_eras(labelled), seed=1)


def values(rows: list[dict], measure: str, source: str = ALL_SOURCES, period: str = "all") -> dict[str, dict]:
    place = (measure, source, period)
    return {row["metric"]: row for row in rows if (row["measure"], row["source"], row["period"]) == place}


def one(labelled: pl.DataFrame, measure: str) -> pl.DataFrame:
    return labelled.filter(pl.col("measure") == measure)


@pytest.mark.parametrize("digits", [0, 1, 9])
def test_areas_are_scikit_learns_for_every_weighting_with_ties_and_divided_labels(digits):
    rng = np.random.default_rng(3)
    score = np.sort(np.round(rng.normal(size=300), digits))[::-1]
    label = rng.choice([0.0, 0.5, 1.0], size=300)
    weights = rng.exponential(size=(4, 300)) * rng.integers(3, size=(4, 300))
    auc, precision = measure_areas(weights * label, weights * (1 - label), score)
    y, s = np.repeat([1, 0], 300), np.tile(score, 2)
    for row, weight in enumerate(weights):
        w = np.concatenate([weight * label, weight * (1 - label)])
        assert auc[row] == pytest.approx(roc_auc_score(y, s, sample_weight=w), abs=1e-9)
        assert precision[row] == pytest.approx(average_precision_score(y, s, sample_weight=w), abs=1e-9)


def test_a_draw_weights_a_passage_by_how_often_its_cluster_is_drawn():
    clusters = np.array(["a", "a", "b", "c"])
    times = resample(lambda times: times, clusters, seed=2, draws=500)
    assert (times[:, 0] == times[:, 1]).all()
    assert (times[:, 1:].sum(axis=1) == 3).all()
    assert times.mean(axis=0) == pytest.approx(np.ones(4), abs=0.12)


def test_an_interval_is_of_the_defined_draws_and_none_where_many_are_not_or_all_are_equal():
    drawn = np.linspace(0, 1, 1001)
    assert percentile_limits(np.append(drawn, np.nan)) == pytest.approx((0.025, 0.975))
    assert percentile_limits(np.append(drawn, np.full(100, np.nan))) == (None, None)
    assert percentile_limits(np.ones(100)) == (None, None)


def by_hand() -> pl.DataFrame:
    """Four kinds of passages, forty of each; the last kind was drawn with a quarter of the others' probability."""
    kinds = pl.DataFrame(
        {
            "share": [0.9, 0.9, 0.1, 0.1],
            "label": [1.0, 0.5, 0.0, 1.0],
            "probability": [0.4, 0.4, 0.4, 0.1],
        }
    )
    passages = pl.concat([kinds] * 40).with_columns(passage_id=pl.int_range(160).cast(pl.String), score="share")
    return passages.with_columns(
        frame=pl.lit("threat"),
        measure=pl.lit("combined"),
        source=pl.lit("Albion"),
        date=pl.lit(None, pl.Date),
        cluster="passage_id",
        in_corpus=True,
    )


def test_the_metrics_are_those_worked_out_by_hand():
    found = {metric: row["estimate"] for metric, row in values(measure(by_hand())[0], "combined").items()}
    total = 1 + 1 + 1 + 4
    assert found == pytest.approx(
        {
            "auc": (1.5 * 1 + (1.5 * 0.5 + 4 * 1) / 2) / (5.5 * 1.5),
            "average precision": (1.5 / 2) * (1.5 / 5.5) + (5.5 / 7) * (4 / 5.5),
            "precision": 1.5 / 2,
            "recall": 1.5 / 5.5,
            "f1": 2 * 1.5 / (2 + 5.5),
            "prevalence": 5.5 / total,
            "brier": (1.5 * 0.01 + 0.5 * 0.81 + 4 * 0.81 + 1 * 0.01) / total,
            "calibration error": (abs(1.5 - 2 * 0.9) + abs(4 - 5 * 0.1)) / total,
            "bias": (5.5 - 2 * 0.9 - 5 * 0.1) / total,
        }
    )


def test_weights_bring_an_uneven_sample_back_to_the_corpus():
    rng = np.random.default_rng(8)
    corpus = make_labelled(20_000, measures=("axis",), seed=9)
    drawn = np.where(corpus["score"] > 0, 0.2, 0.02)
    sample = corpus.with_columns(probability=pl.Series(drawn)).filter(pl.Series(rng.random(20_000) < drawn))
    truth = values(measure(corpus.with_columns(probability=1.0, cluster="source"))[0], "axis")
    for metric, row in values(measure(sample)[0], "axis").items():
        if metric in ("auc", "average precision", "prevalence"):
            assert row["low"] < truth[metric]["estimate"] < row["high"]
    uneven = values(measure(sample.with_columns(probability=1.0))[0], "axis")["prevalence"]
    assert uneven["low"] > truth["prevalence"]["estimate"]


def test_a_threshold_is_not_chosen_by_the_passages_it_judges():
    part = one(make_labelled(300), "axis")
    present = predict_present(part, seed=4).to_numpy()
    folds = GroupKFold(N_FOLDS, shuffle=True, random_state=4)
    changed = []
    for _, own in folds.split(present, groups=part["cluster"].to_numpy()):
        inside = np.isin(np.arange(300), own)
        turned = part.with_columns(label=pl.when(pl.Series(inside)).then(1 - pl.col("label")).otherwise("label"))
        again = predict_present(turned, seed=4).to_numpy()
        assert (again[own] == present[own]).all()
        changed.append((again != present).any())
    assert any(changed)


def test_a_threshold_takes_a_passage_of_weight_five_for_five_passages():
    part = one(make_labelled(300), "axis")
    times = (1 / part["probability"]).round().cast(pl.Int64).to_numpy()
    copied = part.with_columns(probability=1.0)[np.arange(300).repeat(times)]
    assert len(copied) > 600
    present = pl.DataFrame({"id": copied["passage_id"], "present": predict_present(copied, seed=4)}).unique()
    assert present.sort("id")["present"].equals(predict_present(part, seed=4))
    assert not predict_present(part.with_columns(probability=1.0), seed=4).equals(predict_present(part, seed=4))


def test_a_score_that_knows_nothing_gains_nothing_from_its_threshold():
    rng = np.random.default_rng(6)
    part = one(make_labelled(400), "axis").with_columns(score=pl.Series(rng.normal(size=400)), probability=1.0)
    label = part["label"].to_numpy() > 0.5
    best = max(f1_score(label, part["score"].to_numpy() >= cut) for cut in part["score"][::5])
    assert f1_score(label, predict_present(part, seed=1).to_numpy()) < best


def test_sources_and_eras_have_rows_of_their_own_and_few_passages_a_reason():
    labelled = make_labelled(300).with_columns(
        source=pl.when(pl.col("passage_id") < "p00020").then(pl.lit("Cape")).otherwise("source")
    )
    rows, reasons = measure(labelled)
    places = {(row["source"], row["period"]) for row in rows}
    eras = {(ALL_SOURCES, era) for era in ("2012–2014", "2015–2016", "2017–2020")}
    assert places == {(ALL_SOURCES, "all"), ("Albion", "all"), ("Brook", "all"), *eras}
    assert {(reason["source"], reason["reason"]) for reason in reasons} == {
        ("Cape", "not validated by itself: labelled passages below 30 (20)")
    }


def test_the_only_source_is_not_repeated():
    rows, _ = measure(make_labelled(200, sources=("Albion",)))
    assert {row["source"] for row in rows} == {ALL_SOURCES}


def test_few_positives_have_no_interval_and_none_has_no_row():
    labelled = one(make_labelled(200), "combined").with_columns(probability=1.0, source=pl.lit("Albion"))
    first = labelled["passage_id"].rank("ordinal")
    few, none = (labelled.with_columns(label=(first <= n).cast(pl.Float64)) for n in (9, 0))
    rows, reasons = measure(few)
    assert {row["low"] for row in values(rows, "combined").values()} == {None}
    assert "effective positives or negatives below 10 (9.0)" in reasons[0]["reason"]
    rows, reasons = measure(none)
    assert rows == []
    assert reasons[0]["reason"] == "combined: no accuracy: by the labels the frame is absent from all 200 passages"


def test_a_few_heavy_positives_are_not_many():
    labelled = one(make_labelled(400), "combined").with_columns(source=pl.lit("Albion"), date=pl.lit(None, pl.Date))
    first = labelled["passage_id"].rank("ordinal")
    heavy = labelled.with_columns(
        label=(first <= 40).cast(pl.Float64), probability=pl.when(first <= 4).then(0.001).otherwise(1.0)
    )
    rows, reasons = measure(heavy)
    assert {row["low"] for row in rows} == {None}
    assert "below 10 (4.1)" in reasons[0]["reason"]


def test_nothing_taken_as_present_has_no_precision_and_no_recall():
    labelled = one(make_labelled(200), "combined").with_columns(share=pl.col("share") * 0.4)
    rows, reasons = measure(labelled)
    found = values(rows, "combined")
    assert "precision" not in found
    assert found["recall"]["estimate"] == found["f1"]["estimate"] == 0
    assert "combined: no precision: no passage is taken as present" in {reason["reason"] for reason in reasons}


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    def judge(n, seed):
        labelled = make_labelled(n, measures=("combined",), sources=("Albion",), seed=seed)
        undated = labelled.with_columns(date=pl.lit(None, pl.Date))
        return values(measure(undated if n < 1000 else undated.with_columns(cluster="source"))[0], "combined")

    truth = judge(50_000, 7)
    held = dict.fromkeys(truth, 0)
    for seed in range(40):
        for metric, row in judge(250, 100 + seed).items():
            held[metric] += row["low"] <= truth[metric]["estimate"] <= row["high"]
    assert min(held.values()) >= 33, held  # 38 expected


def test_bins_have_equal_weight_and_keep_equal_shares_together():
    rng = np.random.default_rng(2)
    share, weight = rng.random(5000), rng.exponential(size=5000)
    masses = np.bincount(bin_shares(share, weight), weight)
    assert masses == pytest.approx(np.full(N_BINS, weight.sum() / N_BINS), rel=0.02)
    stepped = np.repeat([0.1, 0.2, 0.7], [60, 30, 10])
    assert (bin_shares(stepped, np.ones(100)) == np.repeat([0, 1, 2], [60, 30, 10])).all()


def test_the_areas_under_the_curves_are_the_metrics():
    labelled = make_labelled(500)
    drawn = curves(labelled)
    rows, _ = measure(labelled)
    for name in ("axis", "combined"):
        roc, pr = (
            drawn.filter(pl.col("measure") == name, pl.col("curve") == curve).select("x", "y").to_numpy().T
            for curve in ("roc", "pr")
        )
        found = values(rows, name)
        assert np.trapezoid(roc[1], roc[0]) == pytest.approx(found["auc"]["estimate"])
        assert np.sum(np.diff(pr[0]) * pr[1][1:]) == pytest.approx(found["average precision"]["estimate"])
    assert set(drawn.filter(pl.col("curve") == "calibration")["measure"]) == {"combined"}


def test_a_calibration_curve_shows_the_calibration_error_with_limits_around_each_bin():
    labelled = one(by_hand(), "combined")
    points = curves(labelled).filter(pl.col("curve") == "calibration")
    assert points["x"].to_list() == pytest.approx([0.1, 0.9])
    assert points["y"].to_list() == pytest.approx([4 / 5, 1.5 / 2])
    assert ((points["low"] < points["y"]) & (points["y"] < points["high"])).all()
    sure = curves(labelled.with_columns(label=pl.lit(0.0)))
    assert sure["low"].to_list() == [0, 0]
    assert (sure["high"] > 0.02).all()
    assert (sure["high"] < 0.1).all()


def test_texts_from_elsewhere_count_only_where_the_corpus_has_too_few():
    labelled = make_labelled(100, measures=("axis",))
    few, many = (labelled.with_columns(in_corpus=pl.col("passage_id") < f"p{n:05}") for n in (20, 40))
    assert keep_comparable(few)[0].equals(few)
    kept, reasons = keep_comparable(many)
    assert kept["passage_id"].n_unique() == 40
    assert reasons[0]["reason"].endswith("60 left out")
    assert curves(many).equals(curves(kept))
