"""The demo's plan: its rates, what is planted in it, and what is left alone."""

import numpy as np
import polars as pl
import pytest

from frameshift.demo.knobs import AGENCY, FRAMES, OUTLETS, Knobs
from frameshift.demo.plan import draw_ar1, draw_plan
from frameshift.demo.process import IN_MIGRATION, bisect, build_process, include_outlets
from frameshift.errors import UserError

THREAT, SECURITY, VICTIM = range(3)
A, B, C, D, E = range(5)


@pytest.fixture(scope="module")
def large():
    return draw_plan(Knobs(articles=30_000))


@pytest.mark.parametrize(
    ("entry", "overall", "given_migration"),
    [("threat", 0.12, 0.15), ("security", 0.12, 0.20), ("victim", 0.06, 0.15), ("migration", 0.20, 1.0)],
)
def test_sentence_rates_come_out_near_their_targets(large, entry, overall, given_migration):
    sentences = large.sentences
    # One draw keeps the weeks' luck: three standard errors of a mean over 260 weeks with sd .35 are about 8 per cent.
    assert sentences[entry].mean() == pytest.approx(overall, rel=0.08)
    assert sentences.filter("migration")[entry].mean() == pytest.approx(given_migration, rel=0.08)


def test_stated_probabilities_are_those_the_flags_were_drawn_with(large):
    for entry in (*FRAMES, "migration"):
        assert large.sentences[entry].mean() == pytest.approx(large.sentences[f"p_{entry}"].mean(), abs=0.002)


def test_outlets_have_their_shares_of_the_articles(large):
    shares = large.articles["outlet"].value_counts(normalize=True).sort("outlet")["proportion"].to_list()
    assert shares == pytest.approx([0.35, 0.25, 0.20, 0.15, 0.05], abs=0.01)


def test_threat_and_security_are_correlated_across_articles_and_victim_is_not(large):
    logits = {f: np.log(large.sentences[f"p_{f}"] / (1 - large.sentences[f"p_{f}"])).to_numpy() for f in FRAMES}
    topic = large.sentences["topic"].to_numpy() == "economy"
    plain = topic & ~large.sentences["migration"].to_numpy() & (large.sentences["position"].to_numpy() == 0)
    assert np.corrcoef(logits["threat"][plain], logits["security"][plain])[0, 1] == pytest.approx(0.4, abs=0.12)
    assert np.corrcoef(logits["threat"][plain], logits["victim"][plain])[0, 1] == pytest.approx(0.0, abs=0.12)


def test_the_attack_doubles_back_by_half_every_six_weeks_everywhere():
    planted = build_process(Knobs()).planted[THREAT, E, :, 0]
    assert planted[104] == 0
    assert planted[105] == pytest.approx(1.2)
    assert planted[111] == pytest.approx(0.6)
    assert planted[117] == pytest.approx(0.3)


def test_the_law_moves_security_given_migration_in_a_and_b_only():
    planted = build_process(Knobs()).planted[SECURITY]
    assert planted[[A, B], 156].max() == 0
    assert planted[[A, B], 157, 1] == pytest.approx([0.9, 0.9])
    assert planted[[A, B], 259, 1] == pytest.approx([0.9, 0.9])
    assert planted[[A, B], :, 0].max() == 0
    assert np.abs(planted[[C, D, E, AGENCY]]).max() == 0


def test_the_trend_in_c_is_a_straight_line_without_a_step():
    planted = build_process(Knobs(attack_threat=0)).planted[THREAT, C, :, 1]
    assert np.diff(planted) == pytest.approx(np.full(259, 0.8 / 260))


def test_without_effect_nothing_changes_over_the_weeks():
    process = build_process(Knobs(effect=0))
    assert np.ptp(process.mix, axis=1).max() == 0
    assert np.ptp(process.rates, axis=2).max() == 0


def test_e_and_the_agency_are_d_before_its_change_and_never_change():
    process = build_process(Knobs())
    for voice in (E, AGENCY):
        np.testing.assert_array_equal(process.rates[:, voice], process.rates[:, D])
        np.testing.assert_array_equal(process.mix[voice, :156], process.mix[D, :156])
        assert np.ptp(process.mix[voice], axis=0).max() == 0


def test_d_goes_from_8_to_20_per_cent_migration_with_its_framing_fixed():
    process = build_process(Knobs(attack_threat=0))
    topics = process.mix[..., IN_MIGRATION].sum(-1)
    total = (process.own[D] * topics[D] + process.copied[D] * topics[AGENCY]) / 0.15
    assert total[[0, 155]] == pytest.approx([0.08, 0.08], abs=1e-6)
    assert total[[181, 259]] == pytest.approx([0.20, 0.20], abs=1e-6)
    assert np.ptp(process.rates[:, D], axis=1).max() == 0


def test_wire_stories_stand_in_two_to_four_outlets_within_days_and_share_their_truth(large):
    wire = large.articles.filter(pl.col("wire_story").is_not_null())
    stories = large.articles["story"].n_unique()
    copies = wire.group_by("story").agg(
        pl.len(), pl.col("outlet").n_unique().alias("outlets"), (pl.max("date") - pl.min("date")).dt.total_days()
    )
    assert copies.height / stories == pytest.approx(0.12, abs=0.01)
    assert (copies["len"] == copies["outlets"]).all()
    assert set(copies["outlets"]) == {2, 3, 4}
    assert set(copies["date"]) == {0, 1, 2, 3}
    flags = (
        large.sentences.join(wire.select("original_id", "story"), on="original_id")
        .group_by("story", "position")
        .agg(pl.col("migration", *FRAMES).n_unique())
    )
    assert flags.select(pl.max("migration", *FRAMES)).row(0) == (1, 1, 1, 1)


def test_three_per_cent_of_stories_are_updated_in_their_own_outlet(large):
    updates = large.articles.filter(pl.col("update_of").is_not_null())
    first = updates.join(large.articles, left_on="update_of", right_on="original_id")
    assert updates.height / large.articles["story"].n_unique() == pytest.approx(0.03, abs=0.005)
    assert (first["outlet"] == first["outlet_right"]).all()
    assert (first["n_sentences"] - first["n_sentences_right"]).unique().to_list() == [2]


def test_hard_cases_have_their_shares(large):
    sentences = large.sentences
    bare = sentences.filter(~pl.any_horizontal(FRAMES))
    share = {case: (bare["case"] == case).mean() for case in ("denied", "other sense", "decoy")}
    assert share["denied"] == pytest.approx(0.03, abs=0.004)
    assert share["other sense"] == pytest.approx(0.02, abs=0.004)
    assert sum(share.values()) == pytest.approx(0.15, abs=0.02)
    assert (sentences["case"] == "quoted").mean() == pytest.approx(0.04, abs=0.004)
    assert (sentences.filter("migration")["case"] == "danger to migrants").mean() == pytest.approx(0.06, abs=0.005)


def test_lengths_are_clipped_and_differ_by_outlet(large):
    own = large.articles.filter(pl.col("wire_story").is_null(), pl.col("update_of").is_null())
    medians = dict(own.group_by("outlet").agg(pl.median("n_sentences")).iter_rows())
    assert (medians["A"], medians["B"], medians["D"]) == (11, 8, 16)
    assert (own["n_sentences"].min(), own["n_sentences"].max()) == (6, 30)


def test_shock_weeks_hold_more_articles():
    volume = build_process(Knobs(wave=0)).volume
    assert volume.sum() == pytest.approx(2500)
    assert volume[105] / volume[104] == pytest.approx(1.6)
    assert volume[108] == pytest.approx(volume[104])


def test_the_same_knobs_give_the_same_plan_and_another_seed_another():
    knobs = {"articles": 200, "weeks": 52}
    first, again, other = (draw_plan(Knobs(seed=seed, **knobs)) for seed in (3, 3, 4))
    assert first.sentences.equals(again.sentences)
    assert first.articles.equals(again.articles)
    assert not first.sentences.equals(other.sentences)
    assert first.process is other.process


def test_events_are_dated_from_the_first_monday():
    assert [str(day) for day in draw_plan(Knobs(articles=50)).events["date"]] == ["2017-01-09", "2018-01-08"]


@pytest.mark.parametrize("df", [None, 4.0])
def test_autoregressions_have_the_standard_deviation_and_memory_asked_for(df):
    series = draw_ar1(np.random.default_rng(0), (4000, 20), 0.5, 0.35, df)
    assert series.std() == pytest.approx(0.35, rel=0.03)
    assert np.corrcoef(series[1:].ravel(), series[:-1].ravel())[0, 1] == pytest.approx(0.5, abs=0.02)


def test_outlets_are_included_in_proportion_until_one_is_certain():
    shares = np.array([0.35, 0.25, 0.20, 0.15, 0.05])
    assert include_outlets(shares, 2) == pytest.approx([0.7, 0.5, 0.4, 0.3, 0.1])
    assert include_outlets(shares, 3) == pytest.approx(
        [1, 2 * 0.25 / 0.65, 2 * 0.2 / 0.65, 2 * 0.15 / 0.65, 2 * 0.05 / 0.65]
    )


def test_bisection_finds_the_root_and_refuses_what_cannot_be_reached():
    assert bisect(lambda x: x**3, 8.0) == pytest.approx(2.0)
    with pytest.raises(ValueError, match="cannot be reached"):
        bisect(lambda x: 0.5 * np.tanh(x), 0.9)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"article": 10}, r"demo.article: there is no such knob.*articles"),
        ({"articles": "many"}, r"demo.articles: 'many' is not a number"),
        ({"weeks": 5.5}, r"demo.weeks: 5.5 is not a whole number"),
        ({"shares": [0.5, 0.5]}, r"demo.shares: .* is not a list of 5 numbers"),
        ({"seed": None}, r"demo.seed: None is not a number"),
    ],
)
def test_a_wrong_knob_is_refused_by_name(given, message):
    with pytest.raises(UserError, match=message):
        Knobs.read(given)


def test_knobs_are_read_from_a_mapping():
    assert Knobs.read(None) == Knobs()
    assert Knobs.read({"effect": 0, "shares": [0.2] * 5}) == Knobs(effect=0, shares=(0.2,) * 5)
    assert len(OUTLETS) == 5
