from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
import yaml
from corpora import ROOT
from test_comparisons_prevalence import find, make_articles, make_scores, spread_articles

from frameshift.comparisons import contrasts, trends
from frameshift.comparisons.events import study_events
from frameshift.comparisons.omissions import Impossible
from frameshift.comparisons.respecify import Run, respecify
from frameshift.comparisons.robustness import compare_specifications
from frameshift.comparisons.robustness_summary import summarise_robustness
from frameshift.comparisons.series import find_outcomes, weekly_panels
from frameshift.comparisons.sweep import (
    ENCODER_FILE,
    MAIN,
    PASSAGES_FILE,
    SETTINGS,
    drop_unchanged,
    list_measured_anew,
    place_of,
    read_sweep,
)
from frameshift.embeddings.encoder import BACKENDS
from frameshift.errors import UserError
from frameshift.schema import SCHEMAS, read_yaml
from frameshift.tables import ALL_SOURCES

CHANGE = {
    **{"name": "rise", "frame": "threat", "source": ALL_SOURCES, "kind": "change", "date": "2015-07-06", "weeks": 20},
    **{"family": "declared", "expect": "rise"},
}
GAP = {"name": "gap", "frame": "threat", "source": "Albion", "kind": "gap", "family": "declared", "expect": "higher"}
TREND = {"name": "trend", "frame": "threat", "source": ALL_SOURCES, "kind": "trend", "family": "x", "expect": "rise"}
CORRECTED = {"labels": "corrected"}
GIVEN = {"name": "within", "given": "migration"}


def sweep_file(folder, *rows, header="specification\tmeasure\tthreshold\tweeks\tmax_words\n"):
    path = folder / "sweep.tsv"
    path.write_text(header + "".join(f"{row}\n" for row in rows))
    return path


def noise(n, *, seed=1):
    return np.random.default_rng(seed).normal(size=n)


def make_run(articles, scores, **others) -> Run:
    return Run(articles, scores, "combined", ["migration"], 3, **others)


def outcomes_of(run):
    return find_outcomes(run.scores, measure="combined", given=[], scale="share")


def compare(run, findings, sweep=None, *, measured=None):
    """With `measured` the label-free scores of passages, and the passages, by specification."""
    return compare_specifications(run, findings, sweep or {}, lambda name: measured[name])


def score_passages(rows, *, measure="combined"):
    """Scores of one passage an article, a0, a1, …: a row of (threat, migration) each."""
    return pl.DataFrame(
        [
            {"passage_id": f"p{number}", "frame": frame, "measure": measure, "score": float(score), "share": None}
            for number, row in enumerate(rows)
            for frame, score in zip(("threat", "migration"), row, strict=True)
        ],
        schema_overrides={"share": pl.Float64},
    )


def one_passage_each(n):
    return pl.DataFrame({"passage_id": [f"p{i}" for i in range(n)], "article_id": [f"a{i}" for i in range(n)]})


def test_the_sweep_that_is_shipped_can_be_read_and_has_12_to_20_specifications():
    sweep = read_sweep(ROOT / "config" / "sweep.tsv")
    assert 12 <= len(sweep) <= 20
    assert {setting for settings in sweep.values() for setting in settings} == SETTINGS.keys()
    assert sweep["strict"] == {"threshold": 2.0}
    assert sweep["long_passages"] == {"max_sentences": 10, "max_words": 120}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a\tlexicom\t\t\t", "line 2: measure is 'lexicom'; allowed are lexicon, axis, combined, supervised, nli, or"),
        ("a\t\thigh\t\t", "line 2: threshold is 'high'; allowed is a number, or nothing"),
        ("a\t\tnan\t\t", "line 2: threshold is 'nan'"),
        ("a\t\t\t3\t", "line 2: weeks is '3'; allowed is a whole number from 6 to 1000"),
        ("a\t\t\t\t300", "line 2: max_words is '300'; allowed is a whole number from 1 to 180"),
        ("a\t\t\t\t1.5", "line 2: max_words is '1.5'"),
        ("a\t\t\t\t", "line 2: no setting is changed"),
        ("a\taxis\t\t\t\t\tb", "line 2: 2 more fields than the header has columns"),
        ("main\taxis", "line 2: specification is 'main'; allowed are names"),
        ("../a\taxis", "line 2: specification is '../a'"),
        ("b\taxis\nb\tlexicon", "lines 2 and 3: both are called 'b'; names must differ"),
    ],
)
def test_a_mistake_in_the_sweep_names_file_line_value_and_what_is_allowed(tmp_path, row, said):
    path = sweep_file(tmp_path, row)
    with pytest.raises(UserError) as error:
        read_sweep(path, external=["nli"])
    assert f"{path}: {said}" in str(error.value)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("specification\tmesure\n", "line 1: 'mesure' is no known setting; did you mean 'measure'?"),
        ("specification\tmeasure\tmeasure\n", "line 1: the column 'measure' stands there 2 times"),
        ("name,measure\n", "line 1 has no column `specification`"),
    ],
)
def test_a_mistake_in_the_header_is_named_too(tmp_path, header, said):
    with pytest.raises(UserError, match="line 1") as error:
        read_sweep(sweep_file(tmp_path, "a\taxis", header=header))
    assert said in str(error.value)


def test_a_sweep_that_is_absent_or_no_text_is_a_mistake_of_the_user(tmp_path):
    with pytest.raises(UserError, match="there is no such file"):
        read_sweep(tmp_path / "none.tsv")
    (tmp_path / "sweep.tsv").write_bytes(b"specification\tmeasure\n\xff\xfe\n")
    with pytest.raises(UserError, match="no tab-separated table in UTF-8"):
        read_sweep(tmp_path / "sweep.tsv")


def test_a_measure_from_elsewhere_is_a_setting(tmp_path):
    assert read_sweep(sweep_file(tmp_path, "a\tnli"), external=["nli"]) == {"a": {"measure": "nli"}}


def test_settings_allow_what_the_configuration_allows():
    schema = yaml.safe_load((SCHEMAS / "config.schema.yaml").read_text())["properties"]
    assert SETTINGS["backend"] == BACKENDS
    assert SETTINGS["max_words"][1:] == tuple(
        schema["passages"]["properties"]["max_words"][limit] for limit in ("minimum", "maximum")
    )
    policies = schema["corpus"]["properties"]["duplicates"]["properties"]["policy"]["enum"]
    assert set(SETTINGS["duplicates"]) == {*policies, "unique"}


def test_settings_that_are_as_in_the_run_are_dropped():
    config = read_yaml(ROOT / "config" / "config.yaml")
    sweep = {
        "same": {"measure": "combined", "labels": "unused", "weighting": "article", "model": "bertopic"},
        "longer": {"max_words": 120, "max_sentences": 5},
        "strict": {"threshold": 2.0, "duplicates": "per_source"},
    }
    assert drop_unchanged(sweep, config) == {"same": {}, "longer": {"max_words": 120}, "strict": {"threshold": 2.0}}


def test_only_other_passages_and_backends_are_measured_anew_and_only_what_they_change():
    sweep = {"longer": {"max_words": 120}, "static": {"backend": "static"}, "strict": {"threshold": 2.0}}
    assert list_measured_anew(sweep) == ["longer", "static"]
    assert place_of(PASSAGES_FILE, "longer", sweep) == "<run>/robustness/longer/corpus/passages.parquet"
    assert place_of(ENCODER_FILE, "longer", sweep) == "<run>/embeddings/encoder.json"
    assert place_of(PASSAGES_FILE, "static", sweep) == "<run>/corpus/passages.parquet"
    assert place_of(ENCODER_FILE, "static", sweep) == "<run>/robustness/static/embeddings/encoder.json"


def test_the_settings_of_the_run_give_what_the_contrasts_give():
    articles = spread_articles(52)
    run = make_run(articles, make_scores(noise(len(articles))))
    table, omitted = compare(run, [CHANGE, GAP])
    tested, _ = contrasts.test_contrasts(
        run.scores, articles, [CHANGE, GAP], measure="combined", given=[], min_articles=3, scale="share", groups={}
    )
    for name in ("rise", "gap"):
        row, expected = find(table, finding=name), find(tested, finding=name)
        assert (row["specification"], row["scale"]) == (MAIN, "share")
        assert [row[key] for key in ("estimate", "low", "high")] == [
            expected[key] for key in ("estimate", "low", "high")
        ]
        assert row["deviation"] == pytest.approx(run.scores["score"].std(ddof=0))
        assert row["relative"] == pytest.approx(expected["estimate"] / row["deviation"])
    assert omitted.is_empty()


def test_another_measure_is_on_its_own_scale_and_comparable_in_standard_deviations():
    articles = spread_articles(52)
    values = noise(len(articles))
    scores = pl.concat(
        [make_scores(values), make_scores(100 * values, measure="lexicon").with_columns(share=pl.lit(None, pl.Float64))]
    )
    table, omitted = compare(
        make_run(articles, scores), [GAP], {"lex": {"measure": "lexicon"}, "no": {"measure": "axis"}}
    )
    main, other = find(table, specification=MAIN), find(table, specification="lex")
    assert (main["scale"], other["scale"], other["measure"]) == ("share", "intensity", "lexicon")
    assert other["estimate"] == pytest.approx(100 * main["estimate"])
    assert other["relative"] == pytest.approx(main["relative"])
    assert omitted["reason"].to_list() == ["specification no: axis was not scored"]


def test_passages_weigh_as_many_as_there_are():
    articles = make_articles([("Albion", date(2015, 1, 7))] * 2 + [("Brook", date(2015, 1, 7))] * 2)
    run = Run(articles, make_scores([1, 4, 2, 2], n_passages=[3, 1, 1, 1]), "combined", [], 1)
    table, _ = compare(run, [GAP], {"long": {"weighting": "passage"}})
    assert find(table, specification=MAIN)["estimate"] == pytest.approx(2.5 - 2)
    assert find(table, specification="long")["estimate"] == pytest.approx(7 / 4 - 2)


@pytest.mark.parametrize(
    ("policy", "estimate"),
    [
        ("per_source", (1 + 2) / 2 - (4 + 8) / 2),
        ("first", (1 + 2) / 2 - 8),  # the copy in Brook is a day later
        ("all", (1 + 1 + 2) / 3 - (4 + 8) / 2),  # the merged copy counts with the score of the first
        ("unique", 2 - 8),
    ],
)
def test_copies_are_kept_by_another_policy(policy, estimate):
    days = [date(2015, 1, 5), date(2015, 1, 6), date(2015, 1, 7)]
    rows = [("Albion", days[0]), ("Albion", days[1]), ("Albion", days[2]), ("Brook", days[1]), ("Brook", days[2])]
    articles = make_articles(rows).with_columns(
        wire_cluster=pl.Series(["a0", "a0", "a2", "a0", "a4"]), duplicate_of=pl.Series([None, "a0", None, None, None])
    )
    scores = make_scores([1, 0, 2, 4, 8]).filter(pl.col("article_id") != "a1")
    run = Run(articles, scores, "combined", [], 1)
    table, _ = compare(run, [GAP], {"other": {"duplicates": policy}})
    assert find(table, specification="other")["estimate"] == pytest.approx(estimate)


def test_merged_copies_have_the_topics_of_the_copy_that_was_kept():
    articles = make_articles([("Albion", date(2015, 1, 5)), ("Albion", date(2015, 1, 6))])
    articles = articles.with_columns(duplicate_of=pl.Series([None, "a0"]), wire_cluster=pl.lit("a0"))
    topics = pl.DataFrame({"article_id": ["a0"], "topic": [7]})
    run = Run(articles, make_scores([1.0]), "combined", [], 1, model="lda", assignments={"lda": topics})
    other = respecify(run, {"duplicates": "all"}, read_measured=None)
    assert dict(other.assignments["lda"].iter_rows()) == {"a0": 7, "a1": 7}
    assert other.articles["duplicate_of"].to_list() == [None, None]


def test_only_sources_present_in_every_year_are_kept_throughout():
    rows = [("Albion", 2015), ("Albion", 2016), ("Brook", 2015), ("Brook", 2016), ("Cape", 2015)]
    articles = make_articles([(source, date(year, 5, 5)) for source, year in rows])
    run = Run(articles, make_scores([1, 1, 3, 5, 100]), "combined", [], 1)
    gone = GAP | {"name": "cape", "source": "Cape"}
    lasting = CHANGE | {"name": "alone", "source": "Albion", "date": "2016-01-01", "weeks": None}
    table, omitted = compare(run, [GAP, gone, lasting], {"lasting": {"sources": "throughout"}})
    kept = table.filter(specification="lasting")
    assert kept.select("finding", "estimate").rows() == [("gap", -3.0)]  # a change in one source is not touched
    assert "specification lasting: finding cape: Cape has no articles by these settings" in omitted["reason"].to_list()


def test_a_window_of_other_length_concerns_changes_only():
    articles = spread_articles(52, sources=["Albion", "Brook"], a_week=1)
    week = np.arange(52).repeat(2)
    run = make_run(articles, make_scores(week.astype(float)))
    table, _ = compare(run, [CHANGE, GAP], {"short": {"weeks": 10}, "same": {"weeks": 20}})
    assert table.filter(finding="rise").select("specification", "estimate").rows() == [(MAIN, 20.0), ("short", 10.0)]
    assert table.filter(finding="gap")["specification"].to_list() == [MAIN]


def test_another_threshold_pools_the_passages_again_without_shares():
    articles = make_articles([("Albion", date(2015, 1, 7))] * 2 + [("Brook", date(2015, 1, 7))] * 2)
    scores = make_scores([0.5, 0.6, 0.1, 0.2], given="migration")
    passage_scores = score_passages([(3, 2), (5, 1), (1, 2), (7, 0)])
    run = Run(articles, scores, "combined", ["migration"], 1)
    table, _ = compare(
        run,
        [GAP, GAP | GIVEN],
        {"strict": {"threshold": 2.0}},
        measured={"strict": (passage_scores, one_passage_each(4))},
    )
    row = find(table, specification="strict")
    assert (row["finding"], row["scale"], row["estimate"]) == ("within", "intensity", 3 - 1)
    assert row["threshold"] == 2.0


def test_without_the_labels_the_label_free_scores_of_passages_count():
    articles = make_articles([("Albion", date(2015, 1, 7))] * 2 + [("Brook", date(2015, 1, 7))] * 2)
    measured = score_passages([(3, 2), (5, 1), (1, 2), (7, 0)])
    lexicon = score_passages([(1, 1), (1, 1), (1, 1), (1, 0)], measure="lexicon")
    run = Run(articles, make_scores([0.5, 0.6, 0.1, 0.2]), "combined", ["migration"], 1)
    free = (pl.concat([measured, lexicon]), one_passage_each(4))
    table, _ = compare(run, [GAP], {"free": {"labels": "unused"}}, measured={"free": free})
    row = find(table, specification="free")
    assert (row["scale"], row["estimate"], row["labels"]) == ("intensity", 0.0, "unused")


def test_what_changes_nothing_is_listed_with_the_reason():
    articles = spread_articles(20)
    sweep = {"same": {}, "strict": {"threshold": 1.0}, "nmf": {"model": "nmf"}, "corrected": {"labels": "corrected"}}
    table, omitted = compare(make_run(articles, make_scores(noise(len(articles)))), [GAP], sweep)
    assert table["specification"].to_list() == [MAIN]
    assert omitted["reason"].to_list() == [
        "specification same: is the run as it is",
        "specification strict: changes no setting that a declared finding depends on",
        "specification nmf: changes no setting that a declared finding depends on",
        "specification corrected: no passages are coded that could correct the shares",
    ]
    assert set(omitted["table"]) == {"robustness"}


def test_without_findings_there_is_an_empty_table_and_the_reason():
    articles = spread_articles(20)
    table, omitted = compare(make_run(articles, make_scores(noise(120))), [], {"lex": {"measure": "lexicon"}})
    assert table.is_empty()
    assert omitted["reason"].to_list() == ["no findings are declared whose robustness could be shown: see `findings`"]
    assert summarise_robustness(table).is_empty()


def test_constant_scores_have_an_estimate_and_no_relative_one():
    articles = spread_articles(20)
    table, _ = compare(make_run(articles, make_scores([1.0] * 120)), [GAP])
    row = find(table, finding="gap")
    assert (row["estimate"], row["deviation"], row["relative"]) == (0.0, None, None)
    assert summarise_robustness(table)["moved"].to_list() == [None]


def test_a_finding_about_a_group_is_estimated_as_for_one_source():
    articles = spread_articles(30, sources=["Albion", "Brook", "Cape"], a_week=1)
    groups = {"leaning": {"left": ["Albion", "Brook"]}}
    run = make_run(articles, make_scores([1.0, 2.0, 6.0] * 30), groups=groups)
    table, _ = compare(run, [GAP | {"source": "leaning: left"}])
    assert find(table, finding="gap")["estimate"] == pytest.approx(1.5 - 6)


def test_a_trend_is_what_the_trends_give():
    articles = spread_articles(120)
    run = make_run(articles, make_scores(noise(len(articles)) + np.arange(120).repeat(6) / 120))
    trend = TREND | {"source": "Brook"}
    table, omitted = compare(run, [trend], {"wide": {"weeks": 10}, "long": {"weighting": "passage"}})
    panels, _ = weekly_panels(outcomes_of(run), articles, min_articles=3)
    rows, _ = trends.test_trends(panels, [trend], scale="share", family="none")
    expected = next(row for row in rows if row["finding"] == "trend")
    row = find(table, specification=MAIN)
    assert [row[key] for key in ("estimate", "low", "high")] == [expected[key] for key in ("estimate", "low", "high")]
    assert table["specification"].to_list() == [MAIN, "long"]
    assert omitted["reason"].to_list() == ["specification wide: changes no setting that a declared finding depends on"]


def test_an_event_is_what_the_events_give():
    articles = spread_articles(120)
    jump = (np.arange(120).repeat(6) >= 80) * 1.0
    events = [{"name": "Law", "date": "2016-07-18"}]
    run = make_run(articles, make_scores(noise(len(articles)) + jump), events=events)
    event = TREND | {"name": "law", "kind": "event", "event": "Law"}
    table, omitted = compare(run, [event])
    panels, _ = weekly_panels(outcomes_of(run), articles, min_articles=3)
    studied, _ = study_events(panels, events, [event], scale="share", reference=None)
    row, expected = find(table, finding="law"), find(studied, finding="law")
    assert [row[key] for key in ("estimate", "low", "high")] == [expected[key] for key in ("estimate", "low", "high")]
    assert row["estimate"] == pytest.approx(1, abs=0.4)
    assert omitted.is_empty()


@pytest.fixture
def moved():
    """A run in which a rise is mix by one model's topics, and within by the other's: 2 before, 3 after."""
    articles = spread_articles(40, sources=["Albion"], a_week=2)
    late = np.arange(40).repeat(2) >= 20
    second = np.where(late, True, np.arange(80) % 2 == 0)  # half of the articles before, all after
    ids = articles["article_id"].to_list()
    assignments = {
        "lda": pl.DataFrame({"article_id": ids, "topic": second.astype(int)}),
        "nmf": pl.DataFrame({"article_id": ids, "topic": np.zeros(80, int)}),
    }
    fits = {
        "lda": pl.concat(
            [
                assignments["lda"].with_columns(setting=pl.lit("n_topics=2"), seed=pl.lit(1, pl.Int64)),
                assignments["nmf"].with_columns(setting=pl.lit("n_topics=2"), seed=pl.lit(2, pl.Int64)),
                assignments["nmf"].with_columns(setting=pl.lit("n_topics=12"), seed=pl.lit(1, pl.Int64)),
            ]
        ).with_columns(model=pl.lit("lda"))
    }
    selection = pl.DataFrame(
        [
            {"model": "lda", "setting": "n_topics=2", "seed": 1, "agreement": 0.9, "chosen": True},
            {"model": "lda", "setting": "n_topics=2", "seed": 2, "agreement": 0.1, "chosen": False},
            {"model": "lda", "setting": "n_topics=12", "seed": 1, "agreement": 0.5, "chosen": False},
        ]
    )
    return Run(
        articles, make_scores(np.where(second, 3.0, 1.0)), "combined", [], 3,
        model="lda", assignments=assignments, fits=fits, selection=selection,
    )  # fmt: skip


def test_mix_and_within_hang_on_topics_and_settings_of_topics_concern_them_only(moved):
    mix = CHANGE | {"name": "mix", "kind": "mix", "date": "2015-05-25", "weeks": None, "source": "Albion"}
    plain = mix | {"name": "plain", "kind": "change"}
    sweep = {"nmf": {"model": "nmf"}, "bertopic": {"model": "bertopic"}, "seed": {"seed": "atypical"}}
    sweep |= {"most": {"n_topics": "most"}, "fewest": {"n_topics": "fewest"}}
    table, omitted = compare(moved, [mix, plain], sweep)
    assert find(table, finding="plain")["estimate"] == pytest.approx(1)
    found = dict(table.filter(finding="mix").select("specification", "estimate").iter_rows())
    assert found == {
        MAIN: pytest.approx(1), "nmf": pytest.approx(0), "seed": pytest.approx(0), "most": pytest.approx(0),
    }  # fmt: skip
    assert omitted["reason"].to_list() == [
        "specification bertopic: the topic model bertopic is not among those of the run, lda, nmf",
        "specification fewest: lda was fitted in no such other way: see `topics.n_topics` and `topics.seeds`",
    ]


def test_without_topics_mix_is_left_out():
    articles = spread_articles(40)
    mix = CHANGE | {"name": "mix", "kind": "mix"}
    table, omitted = compare(make_run(articles, make_scores(noise(240))), [mix])
    assert table.is_empty()
    assert omitted["reason"].to_list() == ["specification main: finding mix: no topic model was fitted"]


def test_corrected_shares_are_those_of_the_design_based_estimator_where_enough_is_coded():
    articles = spread_articles(40)
    scores = make_scores(1 / (1 + np.exp(-noise(240))))
    corrected = scores.select(
        "article_id", "frame", "given", total=pl.col("score") + (pl.int_range(240) % 2), weight=1.0, n_labels=1,
        estimator=pl.lit("design-based"), weighting=pl.lit("article"), counted=True, expected_weight=1.0,
    )  # fmt: skip
    run = make_run(articles, scores, corrected=corrected)
    event = TREND | {"name": "law", "kind": "event", "event": "Law"}
    few = TREND | {"name": "few"}
    table, omitted = compare(
        make_run(articles, scores, corrected=corrected, events=[{"name": "Law", "date": "2015-06-01"}]),
        [GAP, event],
        {"by_labels": CORRECTED},
    )
    row, main = find(table, specification="by_labels"), find(table, specification=MAIN, finding="gap")
    assert (row["finding"], row["scale"]) == ("gap", "corrected share")
    assert row["deviation"] == main["deviation"]
    assert row["estimate"] == pytest.approx(main["estimate"] - 1 / 3)  # one of three articles is odd, two of the rest
    reason = "specification by_labels: finding law: shares are corrected for findings of the kinds change, gap, trend"
    assert [said for said in omitted["reason"] if "by_labels" in said] == [f"{reason} only"]
    with pytest.raises(Impossible, match="only shares of the measure combined are corrected, not of lexicon"):
        respecify(replace(run, scores=make_scores([1.0], measure="lexicon"), measure="lexicon"), CORRECTED, None)
    uncoded = replace(run, corrected=corrected.with_columns(n_labels=(pl.int_range(240) < 40).cast(pl.Int64)))
    table, omitted = compare(uncoded, [few], {"by_labels": CORRECTED})
    assert table["specification"].to_list() == [MAIN]
    assert "not corrected: 40 coded passages, where 50 are needed" in omitted["reason"].item()


def robustness(*rows):
    """comparisons/robustness of one finding from (specification, settings, scale, estimate, half-width, deviation)."""
    columns = dict.fromkeys(SETTINGS, None)
    return pl.DataFrame(
        [
            {"specification": name, **(columns | settings), "finding": "gap", "scale": scale, "estimate": estimate}
            | {"low": estimate - half if half else None, "high": estimate + half if half else None}
            | {"deviation": deviation, "relative": estimate / deviation}
            for name, settings, scale, estimate, half, deviation in rows
        ]
    )


def test_the_summary_says_how_often_the_sign_holds_how_far_it_ranges_and_what_moves_it_most():
    table = robustness(
        (MAIN, {}, "share", 0.04, 0.02, 0.2),
        ("first", {"duplicates": "first"}, "share", 0.05, 0.02, 0.2),
        ("half", {"weeks": 13}, "share", -0.01, None, 0.2),
        ("free", {"labels": "unused"}, "intensity", 0.3, 0.1, 1.0),
        ("lex", {"measure": "lexicon"}, "intensity", 0.02, 0.01, 0.1),
        ("other", {"measure": "nli"}, "share", 0.06, 0.01, 0.2),
    )
    row = summarise_robustness(table).row(0, named=True)
    assert (row["n_specifications"], row["same_sign"]) == (5, 0.8)
    assert (row["lowest"], row["highest"]) == (-0.01, 0.05)  # another measure's shares are others
    assert row["lowest_relative"] == pytest.approx(-0.05)
    assert row["highest_relative"] == pytest.approx(0.3)
    assert (row["moved_by"], row["moved_settings"]) == ("half", "weeks 13")
    assert row["moved"] == pytest.approx(0.25 / 0.1)


def test_what_has_no_shares_is_held_against_the_scores_without_labels():
    rows = [
        (MAIN, {}, "share", 0.04, 0.02, 0.2),
        ("free", {"labels": "unused"}, "intensity", 0.3, 0.1, 1.0),
        ("lex", {"measure": "lexicon"}, "intensity", 0.028, 0.01, 0.1),
    ]
    with_free, without = summarise_robustness(robustness(*rows)), summarise_robustness(robustness(rows[0], rows[2]))
    assert with_free["moved_by"].to_list() == ["free"]
    assert with_free["moved"].item() == pytest.approx(1)  # .3 against .2 of the run, whose half-width is .1
    assert without["moved_by"].to_list() == ["lex"]
    assert without["moved"].item() == pytest.approx(0.8)
