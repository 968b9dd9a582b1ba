"""The demo corpus as files: dirt that adds up, truth that can be recomputed, labels with known errors."""

import json

import numpy as np
import polars as pl
import pytest

from frameshift.demo.coders import allocate, draw_labels
from frameshift.demo.dirt import BREAKS
from frameshift.demo.generate import generate
from frameshift.demo.knobs import FRAMES, Knobs
from frameshift.demo.plan import draw_plan
from frameshift.demo.truth import count_days, split_change, truth_tables
from frameshift.names import ADJUDICATOR
from frameshift.tables import ALL_SOURCES

SMALL = {"articles": 200, "weeks": 52, "labels": 150}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, generate(SMALL, folder)


@pytest.fixture(scope="module")
def truth():
    plan = draw_plan(Knobs())
    return plan, truth_tables(plan)


def _rows(folder) -> list:
    rows = []
    for line in (folder / "articles.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            rows.append(None)
    return rows


def test_the_same_knobs_give_the_same_bytes(made, tmp_path):
    folder, _ = made
    generate(SMALL, tmp_path)
    names = sorted(file.name for file in folder.iterdir())
    assert names == sorted(file.name for file in tmp_path.iterdir())
    assert [n for n in names if (folder / n).read_bytes() != (tmp_path / n).read_bytes()] == []


def test_every_line_is_accounted_for(made):
    folder, counts = made
    dirt, rows = pl.read_parquet(folder / "truth_dirt.parquet"), _rows(folder)
    kinds = dict(dirt["kind"].value_counts().iter_rows())
    assert len(rows) == dirt.height == counts["lines"] == sum(kinds.values())
    assert kinds["article"] == counts["articles"]
    assert sum(kinds.get(kind, 0) for kind in BREAKS) == round(0.03 * counts["articles"])
    assert kinds["foreign"] == round(0.01 * counts["articles"])
    for row, kind in zip(rows, dirt["kind"], strict=True):
        usable = isinstance(row, dict) and isinstance(row.get("body"), str) and row["body"] != ""
        assert usable == (kind not in BREAKS)


def test_articles_carry_their_dirt_as_recorded(made):
    folder, _ = made
    dirt = pl.read_parquet(folder / "truth_dirt.parquet").to_dicts()
    articles = [(row, mark) for row, mark in zip(_rows(folder), dirt, strict=True) if mark["kind"] == "article"]
    assert all(row["id"] == mark["original_id"] for row, mark in articles)
    assert all((row["published"] in (None, "", "n/a")) == mark["undated"] for row, mark in articles)
    assert all((row["outlet"] == "Albion Courier (Web)") == mark["renamed"] for row, mark in articles)
    assert np.mean([mark["boilerplate"] for _, mark in articles]) == pytest.approx(0.25, abs=0.1)
    assert {mark["date_format"] for _, mark in articles} >= {"%Y-%m-%d", "%d/%m/%Y", "%B %d, %Y"}
    assert all(set(row) == {"id", "outlet", "published", "headline", "body", "link"} for row, _ in articles)


def test_boilerplate_lines_surround_the_text_and_leave_it_whole(made):
    folder, _ = made
    dirt = pl.read_parquet(folder / "truth_dirt.parquet")
    bodies = {row["id"]: row["body"] for row in _rows(folder) if isinstance(row, dict) and "body" in row}
    sentences = pl.read_parquet(folder / "truth_sentences.parquet").filter(pl.col("position") > 0)
    for name, marked in dirt.filter(pl.col("kind") == "article").select("original_id", "boilerplate").iter_rows():
        text = " ".join(sentences.filter(pl.col("original_id") == name)["text"])
        body = bodies[name].replace("\n", " ")
        assert all(sentence in body for sentence in text.split(". ")[:-1])
        assert (len(body) > len(text)) == marked


def test_expected_rates_over_all_are_the_targets(truth):
    cells = truth[1]["cells"].filter(
        pl.col("source") == ALL_SOURCES, pl.col("grain") == "all", pl.col("weighting") == "passage"
    )
    rates = {(frame, given): rate for frame, given, rate in cells.select("frame", "given", "expected").iter_rows()}
    assert rates == pytest.approx(
        {
            ("threat", None): 0.12, ("security", None): 0.12, ("victim", None): 0.06, ("migration", None): 0.20,
            ("threat", "migration"): 0.15, ("security", "migration"): 0.20, ("victim", "migration"): 0.15,
        }, abs=1e-4,
    )  # fmt: skip


def test_realised_cells_are_the_means_of_the_flags(truth):
    plan, tables = truth
    rows = plan.sentences.join(plan.articles.select("original_id", "source", "date"), on="original_id").filter(
        pl.col("source") == "Beacon Post", pl.col("date").dt.year() == 2016, pl.col("date").dt.quarter() == 2
    )
    cell = tables["cells"].filter(pl.col("source") == "Beacon Post", pl.col("period") == "2016-Q2")
    found = {row[:3]: row[3] for row in cell.select("frame", "given", "weighting", "realised").iter_rows()}
    by_article = rows.group_by("original_id").agg(pl.mean("threat"))["threat"].mean()
    assert found["threat", None, "passage"] == pytest.approx(rows["threat"].mean())
    assert found["threat", None, "article"] == pytest.approx(by_article)
    assert found["security", "migration", "passage"] == pytest.approx(rows.filter("migration")["security"].mean())


def test_periods_cover_the_corpus_once(truth):
    cells = truth[1]["cells"].filter(pl.col("frame") == "threat", pl.col("given").is_null())
    cells = cells.filter(pl.col("weighting") == "article", pl.col("source") == ALL_SOURCES)
    counts = dict(cells.group_by("grain").agg(pl.sum("n_articles")).iter_rows())
    assert counts["all"] == counts["year"] == counts["quarter"] == truth[0].articles.height
    assert cells.filter(pl.col("grain") == "quarter").height == 20


def test_planted_effects_show_in_expected_rates_and_absent_ones_do_not(truth):
    planted = truth[1]["planted"]
    change = {
        (name, source, frame, given): after - before
        for name, source, frame, given, before, after in planted.select(
            "name", "source", "frame", "given", "expected_before", "expected_after"
        ).iter_rows()
    }
    assert change["attack", ALL_SOURCES, "threat", None] > 0.06  # averaged over two half-lives
    assert change["law", "Albion Courier", "security", "migration"] > 0.09
    assert change["law", "Beacon Post", "security", "migration"] > 0.09
    assert change["law", "Capital Gazette", "security", "migration"] == pytest.approx(0, abs=1e-9)
    assert change["trend", "Capital Gazette", "threat", "migration"] > 0.05
    assert change["mix", "Dispatch Weekly", "migration", None] > 0.05
    for (name, *_), moved in change.items():
        if name == "nothing":
            assert moved == pytest.approx(0, abs=1e-9)


def test_the_null_plants_nothing():
    planted = truth_tables(draw_plan(Knobs(effect=0)))["planted"]
    assert (planted["expected_after"] - planted["expected_before"]).abs().max() < 1e-9
    assert planted["logit"].drop_nulls().abs().max() == 0


def test_the_change_in_d_is_mix_and_not_framing(truth):
    rows = truth[1]["decomposition"].filter(
        pl.col("source") == "Dispatch Weekly", pl.col("frame") == "victim", pl.col("form") == "two-fold"
    )
    part = dict(rows.select("part", "expected").iter_rows())
    assert part["mix"] > 0.004
    assert part["within"] == pytest.approx(0, abs=1e-9)
    assert rows.select("from", "to").row(0) == ("2015-01-05/2017-12-31", "2018-01-01/2019-12-29")


def test_the_parts_of_a_change_add_up():
    w0, f0, w1, f1 = (np.array(x) for x in ([0.5, 0.5], [0.1, 0.3], [0.25, 0.75], [0.2, 0.3]))
    parts = {(form, part): value for form, part, value in split_change(w0, f0, w1, f1)}
    # Before: .5*.1 + .5*.3 = .2; after: .25*.2 + .75*.3 = .275.
    assert parts["two-fold", "total"] == pytest.approx(0.075)
    assert parts["two-fold", "mix"] == pytest.approx(-0.25 * 0.15 + 0.25 * 0.3)
    assert parts["two-fold", "within"] == pytest.approx(0.1 * 0.375)
    assert parts["three-fold", "mix"] == pytest.approx(0.05)
    assert parts["three-fold", "within"] == pytest.approx(0.05)
    assert parts["three-fold", "interaction"] == pytest.approx(-0.025)


def test_an_absent_topic_takes_the_rate_of_the_other_period():
    w0, f0, w1, f1 = (np.array(x) for x in ([1.0, 0.0], [0.1, 0.0], [0.5, 0.5], [0.1, 0.4]))
    parts = {(form, part): value for form, part, value in split_change(w0, f0, w1, f1)}
    assert parts["two-fold", "within"] == pytest.approx(0)
    assert parts["two-fold", "mix"] == pytest.approx(-0.5 * 0.1 + 0.5 * 0.4)


def test_days_of_a_period_are_counted_week_by_week():
    from datetime import date

    days = count_days(3, date(2015, 1, 10), date(2015, 1, 20))  # Saturday to Monday of the week after next
    assert days.tolist() == [2, 7, 1]


def test_labels_have_the_coders_errors_and_honest_weights(truth):
    plan, _ = truth
    knobs = Knobs(labels=6000)
    sentences = plan.sentences.with_columns(text=pl.lit("."))
    labels = draw_labels(sentences, plan.articles, knobs=knobs)
    by_coder = {coder: rows for (coder,), rows in labels.group_by("coder", maintain_order=True)}
    assert list(by_coder) == ["coder 1", "coder 2", ADJUDICATOR]
    first, second = by_coder["coder 1"], by_coder["coder 2"]
    assert first.height == second.height == 6000
    assert first.select("original_id", "position", "probability").equals(
        second.select("original_id", "position", "probability")
    )
    assert first["probability"].is_between(0, 1, closed="right").all()
    assert (1 / first["probability"]).sum() == pytest.approx(sentences.height)

    def split_by_truth(rows, entry):
        both = rows.join(sentences, on=["original_id", "position"], suffix="_true")
        return both.filter(f"{entry}_true")[entry].mean(), both.filter(~pl.col(f"{entry}_true"))[entry].mean()

    for entry in (*FRAMES, "migration"):
        for rows in (first, second):
            found, invented = split_by_truth(rows, entry)
            assert found == pytest.approx(0.88, abs=0.05)
            assert invented == pytest.approx(0.04, abs=0.01)
    # Two of three coders: 3 x .88^2 x .12 + .88^3 = .960; for the absent, 3 x .04^2 x .96 + .04^3 = .005.
    decided = pl.concat([by_coder[ADJUDICATOR], first]).unique(["original_id", "position"], keep="first")
    found, invented = split_by_truth(decided, "security")
    assert found == pytest.approx(0.960, abs=0.02)
    assert invented == pytest.approx(0.005, abs=0.004)


def test_a_third_coder_decides_where_and_only_where_two_differ(truth):
    plan, _ = truth
    sentences = plan.sentences.with_columns(text=pl.lit("."))
    labels = draw_labels(sentences, plan.articles, knobs=Knobs(labels=500))
    coded = pl.struct(*FRAMES, "migration")
    two = labels.filter(pl.col("coder") != ADJUDICATOR).group_by("original_id", "position").agg(n=coded.n_unique())
    decided = labels.filter(coder=ADJUDICATOR).select("original_id", "position")
    assert sorted(two.filter(pl.col("n") > 1).select("original_id", "position").rows()) == sorted(decided.rows())
    assert 0 < len(decided) < 500


def test_no_stratum_gives_more_than_it_holds():
    given = allocate(np.array([2, 100, 1000]), 300)
    assert given.sum() == 300
    assert given[0] == 2
    assert given[1] < given[2]


def test_the_label_file_names_real_sentences(made):
    folder, counts = made
    labels = pl.read_csv(folder / "labels.csv")
    sentences = pl.read_parquet(folder / "truth_sentences.parquet")
    assert labels.height == counts["labels"]
    assert labels.unique(["original_id", "position"]).height == labels.filter(coder="coder 1").height == 150
    joined = labels.join(sentences, on=["original_id", "position"])
    assert joined.height == labels.height
    assert joined["text"].to_list() == joined["text_right"].to_list()
    assert set(labels.columns) == {
        *("original_id", "position", "source", "text", "coder", "probability", "voice", *FRAMES, "migration")
    }
