"""Scores from elsewhere are read as they come, or the message names file, row, value and remedy."""

from pathlib import Path

import polars as pl
import pytest
from test_corpus_documents import make_workbook

from frameshift.check import complete_config
from frameshift.config import check_config, lay_over
from frameshift.errors import UserError
from frameshift.frames.external import read_external
from frameshift.schema import read_yaml
from frameshift.tables import check_table

ROOT = Path(__file__).parents[2]
ENTRIES = ("threat", "migration")
PASSAGES = pl.DataFrame({"passage_id": ["p1", "p2", "p3"], "article_id": ["a1", "a1", "a2"]})


def read(path) -> list[tuple]:
    table = read_external("nli", str(path), PASSAGES, ENTRIES)
    check_table(table.with_columns(share=pl.lit(None, pl.Float64)), "frames/passages")
    assert table["measure"].unique().to_list() == ["nli"]
    return table.select("passage_id", "frame", "score").rows()


def write(path, *lines, encoding="utf-8") -> Path:
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def test_passages_are_scored_by_any_number_and_those_left_out_have_no_score(tmp_path):
    path = write(tmp_path / "s.csv", "passage_id,frame,score", "p1,threat,0.25", "p3,threat,-3", "p1,migration,1e2")
    assert read(path) == [("p1", "threat", 0.25), ("p3", "threat", -3.0), ("p1", "migration", 100.0)]


def test_a_score_of_an_article_is_that_of_all_its_passages(tmp_path):
    path = write(tmp_path / "s.jsonl", '{"article_id": "a1", "frame": "threat", "score": 0.5}')
    assert read(path) == [("p1", "threat", 0.5), ("p2", "threat", 0.5)]


def test_where_both_ids_are_given_the_passages_counts(tmp_path):
    path = write(tmp_path / "s.csv", "article_id,passage_id,frame,score", "a1,p2,threat,1")
    assert read(path) == [("p2", "threat", 1.0)]


def test_what_spreadsheets_make_of_scores_is_read(tmp_path):
    wanted = [("p1", "threat", 0.25), ("p2", "migration", -1.0)]
    lines = ("Passage_ID;Frame; Score ", "p1 ;Threat;0,25", ";;", "p2; MIGRATION;-1,0")
    assert read(write(tmp_path / "german.csv", *lines, encoding="utf-8-sig")) == wanted
    rows = {1: ["passage_id", "frame", "score"], 2: ["p1", "threat", 0.25], 4: ["p2", "migration", -1]}
    (tmp_path / "book.xlsx").write_bytes(make_workbook({"Scores": rows}))
    assert read(tmp_path / "book.xlsx") == wanted


def test_a_folder_of_several_files_is_one_table(tmp_path):
    write(tmp_path / "one.csv", "passage_id,frame,score", "p1,threat,1")
    write(tmp_path / "two.jsonl", '{"passage_id": "p2", "frame": "threat", "score": 2}')
    write(tmp_path / "README.md", "How the model was asked.")
    assert read(tmp_path) == [("p1", "threat", 1.0), ("p2", "threat", 2.0)]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], r"`frames\.external\.nli`: .*s\.csv holds no score; it needs rows of passage_id or article_id"),
        (["passage_id,frame,score"], r"`frames\.external\.nli`: .*s\.csv holds no score"),
        (
            ["id,frame,score", "p1,threat,1"],
            r"s\.csv has no column 'passage_id' \(frames\.external\.nli\).*has 'id'",
        ),
        (["passage_id,threat", "p1,1"], r"has no column 'frame' \(frames\.external\.nli\)"),
        (["passage_id,frame,scores", "p1,threat,1"], r"has no column 'score' .*did you mean 'scores'\?"),
        (["passage_id,frame,score", "p1,thread,1"], r"s\.csv, row 2: frame is 'thread'; the codebook has threat, migr"),
        (["passage_id,frame,score", "p1,,1"], r"s\.csv, row 2: frame is ''; the codebook has"),
        (["passage_id,frame,score", ",threat,1"], r"s\.csv, row 2: passage_id is empty; fill it in or take the row"),
        (["passage_id,frame,score", "p1,threat,high"], r"s\.csv, row 2: score is 'high', not a number; leave the row"),
        (["passage_id,frame,score", "p1,threat,"], r"s\.csv, row 2: score is '', not a number"),
        (["passage_id,frame,score", "p1,threat,NaN"], r"s\.csv, row 2: score is 'NaN', not a number"),
        (["passage_id,frame,score", "p1,threat,-inf"], r"s\.csv, row 2: score is '-inf', not a number"),
        (
            ["passage_id,frame,score", "p1,threat,1", "q1,threat,1", "q2,threat,1"],
            r"s\.csv, row 3: passage_id 'q1' is not in this corpus \(rows like this: 2\); .* corpus/passages\.parquet",
        ),
        (["article_id,frame,score", "b1,threat,1"], r"article_id 'b1' is not in .* corpus/articles\.parquet\. Score"),
        (
            ["passage_id,frame,score", "p1,threat,1", "p1,migration,1", "p1,Threat,2"],
            r"s\.csv, row 2 and .*s\.csv, row 4: threat of passage_id 'p1' is scored more than once; keep one",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_remedy(tmp_path, lines, message):
    with pytest.raises(UserError, match=message):
        read(write(tmp_path / "s.csv", *lines))


def test_a_file_that_is_no_table_is_named(tmp_path):
    with pytest.raises(UserError, match=r"frames\.external\.nli: .*scores\.html is no table and holds none; save"):
        read(write(tmp_path / "scores.html", "<p>0.5</p>"))


# --- Configuration


@pytest.fixture
def config(monkeypatch) -> dict:
    """The defaults with a name and a corpus."""
    monkeypatch.chdir(ROOT)
    return lay_over(read_yaml("config/config.yaml"), {"name": "mine", "corpus": {"path": "articles.csv"}})


@pytest.mark.parametrize("name", ["lexicon", "axis", "combined", "supervised"])
def test_an_external_measure_may_not_be_named_as_one_of_ours(config, name):
    changes = {"frames": {"measures": ["axis"], "external": {name: "s.csv"}}}
    with pytest.raises(UserError, match=rf"`frames\.external` has '{name}', a name of ours"):
        check_config(lay_over(config, changes), "config/mine.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": {"external": {"My NLI": "s.csv"}}}, r"`frames\.external` .*'My NLI' does not match"),
        ({"frames": {"external": {"nli": ["s.csv"]}}}, r"`frames\.external\.nli` is \['s\.csv'\], which is no text"),
        ({"comparisons": {"measure": "nli"}}, r"`comparisons\.measure` is 'nli'; it takes lexicon, axis, combined"),
        (
            {"frames": {"external": {"nli": "s.csv"}}, "comparisons": {"measure": "supervised"}},
            r"`comparisons\.measure` is 'supervised'; it takes lexicon, axis, nli, combined",
        ),
    ],
)
def test_measures_are_checked_before_the_first_job(config, changes, message):
    with pytest.raises(UserError, match=message):
        check_config(lay_over(config, changes), "config/mine.yaml")


def test_an_external_measure_may_be_the_one_compared_and_with_labels_the_supervised_one(config):
    external = lay_over(config, {"frames": {"external": {"nli": "s.csv"}}, "comparisons": {"measure": "nli"}})
    labelled = {"frames": {"labels": [{"path": "coding"}]}, "comparisons": {"measure": "supervised"}}
    for right in (external, lay_over(config, labelled)):
        assert check_config(right, "config/mine.yaml")["comparisons"] == right["comparisons"]


def test_a_file_of_scores_is_looked_for_before_the_first_job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("text\n")
    own = {"name": "mine", "corpus": {"path": "a.csv"}, "frames": {"external": {"nli": "scores.csv"}}}
    with pytest.raises(UserError, match=r"There is nothing at scores\.csv .* Set frames\.external\.nli to a file"):
        complete_config(own, None)
    (tmp_path / "scores.csv").write_text("passage_id,frame,score\n")
    assert complete_config(own, None)["frames"]["external"] == {"nli": "scores.csv"}
