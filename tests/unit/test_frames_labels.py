"""What people coded is brought to one label a passage and frame: linked, freed of older versions, adjudicated."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from coded_tables import CODEBOOK, CORPUS, GANG, own, read, row, write

from frameshift.check import complete_config
from frameshift.config import check_config, lay_over
from frameshift.contracts import CONTRACTS
from frameshift.errors import UserError
from frameshift.frames.codes import adjudicate, link_codes, merge_versions, read_codes
from frameshift.schema import read_yaml
from frameshift.tables import check_table

ROOT = Path(__file__).parents[2]


def label(codes, frame="threat") -> dict[str, float]:
    """The labels of `frame` by passage."""
    table = adjudicate(merge_versions(link_codes(codes, *CORPUS))[0], CODEBOOK)
    return dict(table.filter(frame=frame).select("passage_id", "label").rows())


def test_a_returned_sheet_becomes_codes_and_labels(tmp_path):
    rows = [row(), row("p2", (0, 1, 0, 0), voice="quoted", probability="0.25")]
    codes = read(write(tmp_path / "sheet.csv", rows))
    assert codes.height == 8
    first = codes.row(by_predicate=(pl.col("passage_id") == "p2") & (pl.col("frame") == "security"), named=True)
    assert first == {
        "frame": "security", "passage_id": "p2", "text": None, "source": None, "coder": "anna", "voice": "quoted",
        "coded_at": None, "file": str(tmp_path / "sheet.csv"), "code": 1, "probability": 0.25, "row": 3,
    }  # fmt: skip
    linked, _ = merge_versions(link_codes(codes, *CORPUS))
    check_table(linked.select(*CONTRACTS["frames/codes"].columns), "frames/codes")
    labels = adjudicate(linked, CODEBOOK)
    fact = labels.row(by_predicate=(pl.col("passage_id") == "p2") & (pl.col("frame") == "security"), named=True)
    assert fact == {
        "passage_id": "p2", "frame": "security", "label": 1.0, "probability": 0.25, "source": "Albion",
        "date": date(2015, 3, 4), "cluster": "a1", "in_corpus": True, "text": "Police patrol the border.",
    }  # fmt: skip


# --- Passages


def test_unknown_passages_are_named_with_how_many_there_are(tmp_path):
    codes = read(write(tmp_path / "sheet.csv", [row(), row("q7"), row("q8")]))
    with pytest.raises(UserError, match=r"sheet\.csv, row 3: passage_id 'q7' is no passage .*: 2\).*empty the passage"):
        link_codes(codes, *CORPUS)


def test_a_text_links_to_its_first_passage_and_to_that_of_its_source_where_one_is_named(tmp_path):
    rows = [own(GANG, 1), own(GANG, 1, source="Brook"), own(GANG, 1, source="Crown"), own("No such text.", 1)]
    linked = link_codes(read(write(tmp_path / "a.csv", rows), threat={"column": "label"}), *CORPUS)
    by_row = linked.sort("row").select("passage_id", "source", "cluster", "in_corpus").rows()
    assert by_row[:2] == [("p1", "Albion", "a1", True), ("p3", "Brook", "a4", True)]
    assert by_row[2][1:] == ("Crown", by_row[2][0], False)
    assert by_row[3][1:] == (None, by_row[3][0], False)
    assert by_row[2][0] != by_row[3][0]


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("'-5 degrees, and no shelter for refugees in Zürich.", "p4"),  # as the sheet writes it
        ("-5 degrees, and no shelter for refugees in Zürich.", "p4"),
        ("  -5 degrees,\n and no\xa0shelter for refugees in Zu\u0308rich. ", "p4"),
        ("'@mayor' calls refugees a danger.", "p5"),  # its own apostrophe
    ],
)
def test_a_text_links_whatever_a_spreadsheet_did_to_it(tmp_path, text, passage):
    codes = read(write(tmp_path / "a.csv", [own(text, 1)]), threat={"column": "label"})
    linked = link_codes(codes, *CORPUS)
    assert linked["passage_id"].to_list() == [passage]
    assert linked["text"].to_list() == CORPUS[0].filter(passage_id=passage)["text"].to_list()


def test_a_text_beside_another_passages_id_is_named_but_not_one_in_a_wrong_encoding(tmp_path):
    texts = {"p2": "Police patrol the border.", "p4": "'-5 degrees, and no shelter for refugees in ZÃ¼rich."}
    damaged = read(write(tmp_path / "sheet.csv", [row(name, text=text) for name, text in texts.items()]))
    assert link_codes(damaged, *CORPUS)["passage_id"].unique(maintain_order=True).to_list() == ["p2", "p4"]
    moved = [row("p4", text=texts["p4"]), row("p1", text=texts["p2"]), row("p2", text="")]
    with pytest.raises(UserError, match=r"row 3: the text 'Police .*' is not that of passage_id 'p1', 'The .*: 1\)"):
        link_codes(read(write(tmp_path / "moved.csv", moved)), *CORPUS)


def test_texts_that_are_no_passages_are_labelled_under_ids_and_clusters_of_their_own(tmp_path):
    rows = [own(GANG, 1), own("All is well.", 0), own("War!", 1)]
    codes = read(write(tmp_path / "a.csv", rows), threat={"column": "label"})
    labels = adjudicate(link_codes(codes, *CORPUS), CODEBOOK)
    assert labels.filter(pl.col("in_corpus"))["passage_id"].to_list() == ["p1"]
    outside = labels.filter(~pl.col("in_corpus"))
    assert sorted(outside.select("text", "label", "source", "date").rows()) == [
        ("All is well.", 0.0, None, None),
        ("War!", 1.0, None, None),
    ]
    assert outside["passage_id"].str.starts_with("text-").all()
    assert outside["cluster"].equals(outside["passage_id"])
    again = read(write(tmp_path / "b.csv", rows[::-1]), threat={"column": "label"})
    assert adjudicate(link_codes(again, *CORPUS), CODEBOOK).equals(labels)  # the ids depend on the texts alone


# --- Versions


def versions(tmp_path, *rows):
    """The codes that stay of two and more versions, each in a file of its own."""
    paths = [write(tmp_path / f"{n}.csv", [one]) for n, one in enumerate(rows)]
    return merge_versions(link_codes(read(*paths), *CORPUS))


def test_the_same_codes_twice_are_one_version(tmp_path):
    kept, n_older = versions(tmp_path, row(), row(), row(coder="ben"))
    assert (kept.height, n_older) == (8, 4)


def test_of_versions_that_differ_the_latest_counts_though_older_ones_came_back_twice(tmp_path):
    old, new = row(coded_at="2024-01-31T09:00:00.000Z"), row(codes=(0, 1, 0, 1), coded_at="2024-01-31 17:00")
    kept, n_older = versions(tmp_path, old, new, old)
    assert n_older == 8
    assert dict(kept.select("frame", "code").rows()) == {"threat": 0, "security": 1, "victim": 0, "migration": 1}


@pytest.mark.parametrize("time", [{}, {"coded_at": "2024-01-31 17:00"}])
def test_versions_that_differ_without_a_later_one_are_named(tmp_path, time):
    message = r"anna coded threat of passage p1 in two ways: .*0\.csv, row 2 and .*1\.csv, row 2 .*coded_at"
    with pytest.raises(UserError, match=message):
        versions(tmp_path, row(**time), row(codes=(0, 0, 0, 1), **time))


def test_versions_may_differ_in_who_says_so(tmp_path):
    own_voice, denied = row(voice="own"), row(voice="denied")
    with pytest.raises(UserError, match=r"anna coded threat of passage p1 in two ways.*like this: 2\)"):
        versions(tmp_path, own_voice, denied)
    later = [{**denied, "coded_at": "2024-02-01"}, {**own_voice, "coded_at": "2024-01-31"}]
    kept, _ = versions(tmp_path, *later)
    assert kept["voice"].unique().to_list() == ["denied"]


def test_a_text_that_stands_twice_in_a_file_must_be_coded_alike(tmp_path):
    path = write(tmp_path / "a.csv", [own("Twice.", 1), own("Twice. ", 0)])
    linked = link_codes(read(path, threat={"column": "label"}), *CORPUS)
    with pytest.raises(UserError, match=r"a coded threat of passage text-.*a\.csv, row 2 and .*row 3 .*column coder"):
        merge_versions(linked)


# --- Labels


def test_coders_who_differ_make_one_half_and_an_adjudicator_decides(tmp_path):
    rows = [row(), row(coder="ben", codes=(0, 0, 0, 1)), row("p2"), row("p2", (0, 0, 0, 1), coder="ben")]
    path = write(tmp_path / "sheet.csv", [*rows, row("p2", (0, 0, 0, 1), coder="Adjudicated")])
    assert label(read(path)) == {"p1": 0.5, "p2": 0}
    assert label(read(path), "migration") == {"p1": 1, "p2": 1}


def test_a_frame_that_is_denied_is_not_there_but_what_it_is_about_is(tmp_path):
    rows = [row(voice="denied"), row("p2", voice="denied"), row("p2", coder="ben", voice="quoted")]
    codes = read(write(tmp_path / "sheet.csv", rows))
    assert label(codes) == {"p1": 0, "p2": 0.5}
    assert label(codes, "migration") == {"p1": 1, "p2": 1}


def test_of_two_probabilities_the_smaller_counts_for_all_frames_whatever_the_order_of_the_files(tmp_path):
    drawn = write(tmp_path / "drawn.csv", [row(probability="0.2")])
    unknown = write(tmp_path / "unknown.csv", [{"passage_id": "p1", "threat": 1}])
    one = {"path": drawn, "text": "text", "entries": {"migration": {"column": "migration"}}}
    other = {"path": unknown, "text": "text", "entries": {}}
    for files in ((one, other), (other, one)):
        labels = adjudicate(link_codes(read_codes(files, CODEBOOK), *CORPUS), CODEBOOK)
        assert labels.select("frame", "probability").rows() == [("migration", 0.2), ("threat", 0.2)]


# --- Configuration


@pytest.fixture
def config(monkeypatch) -> dict:
    """The defaults with a name and a corpus."""
    monkeypatch.chdir(ROOT)
    return lay_over(read_yaml("config/config.yaml"), {"name": "mine", "corpus": {"path": "articles.csv"}})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": {"labels": "coding/"}}, r"`frames\.labels` is 'coding/', which is no list"),
        ({"frames": {"labels": [{}]}}, r"`frames\.labels\[0\]` lacks `path`"),
        ({"frames": {"labels": [{"path": "a", "txt": "b"}]}}, r"`frames\.labels\[0\]\.txt` .* did you mean `text`"),
        (
            {"frames": {"labels": [{"path": "a.csv", "entries": {"thraet": {"column": "label"}}}]}},
            r"`frames\.labels`, a\.csv: entries has 'thraet'; the codebook has threat, security",
        ),
        (
            {"frames": {"labels": [{"path": "a.csv", "entries": {"threat": {"values": [1]}}}]}},
            r"`frames\.labels\[0\]\.entries\.threat` lacks `column`",
        ),
        (
            {"comparisons": {"given": ["migration without nothing"]}},
            r"`comparisons\.given` has 'migration without nothing'; what can be left out are passages of security, ",
        ),
        ({"comparisons": {"given": ["migration without migration"]}}, "has 'migration without migration'; what can"),
        ({"comparisons": {"given": ["migration without"]}}, r"names 'migration without'; the issues of .* migration"),
        ({"comparisons": {"given": ["victim without threat"]}}, r"names 'victim'; the issues of .* are migration"),
    ],
)
def test_labels_and_issues_are_checked_before_the_first_job(config, changes, message):
    with pytest.raises(UserError, match=message):
        check_config(lay_over(config, changes), "config/mine.yaml")


def test_a_label_file_is_looked_for_before_the_first_job_but_not_the_one_that_the_demo_writes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("text\n")
    (tmp_path / "codes.csv").write_text("text\n")
    missing = {"frames": {"labels": [{"path": "cods.csv"}]}}
    with pytest.raises(UserError, match=r"nothing at cods\.csv .*Did you mean codes\.csv\? Set frames\.labels"):
        complete_config({"name": "mine", "corpus": {"path": "a.csv"}, **missing}, None)
    pattern = {"frames": {"labels": [{"path": "returned/*.csv"}]}}
    with pytest.raises(UserError, match=r"frames\.labels: nothing matches the pattern returned/\*\.csv"):
        complete_config({"name": "mine", "corpus": {"path": "a.csv"}, **pattern}, None)
    settings = complete_config({"name": "demo", "demo": {}, **missing}, None)
    assert settings["frames"]["labels"] == [{"path": "cods.csv", "text": "text", "entries": {}}]
