"""What people coded, as people send it: it is understood, or the message names file, row, value and remedy."""

import logging

import polars as pl
import pytest
import yaml
from coded_tables import CORPUS, ENTRIES, GANG, own, read, row, write
from test_corpus_documents import make_workbook

from frameshift.errors import UserError
from frameshift.frames.cells import read_time
from frameshift.frames.coding_files import write_sample, write_sheet


def test_a_sheet_that_was_drawn_is_read_as_soon_as_a_row_of_it_is_coded(tmp_path):
    dealt = CORPUS[0].select(
        pl.lit("anna").alias("coder"), "passage_id", "text", source=pl.lit("A"), era=pl.lit("all"), bin=pl.lit("low"),
        probability=pl.lit(0.125),
    )  # fmt: skip
    write_sheet(dealt, ENTRIES, tmp_path / "sheet.csv")
    write_sample(dealt, tmp_path / "sample.csv")
    (tmp_path / "sheet.html").write_text("<p>The page.</p>")
    with pytest.raises(UserError, match=r"`frames\.labels`: no row of .* is coded; write 1 or 0 .* threat, security"):
        read(tmp_path)
    sheet = pl.read_csv(tmp_path / "sheet.csv", infer_schema=False)
    sheet.with_columns(threat=pl.Series(["1", *[None] * 4])).write_csv(tmp_path / "sheet.csv")
    with pytest.raises(UserError, match=r"sheet\.csv, row 2: security, victim, migration not coded, though others are"):
        read(tmp_path)
    coded = [pl.Series(name, ["1", *[None] * 4]) for name in ENTRIES]
    sheet.with_columns(coded).write_csv(tmp_path / "sheet.csv", include_bom=True)
    codes = read(tmp_path)
    assert codes.select("passage_id", "coder", "probability").unique().rows() == [("p1", "anna", 0.125)]


# --- Files


def test_what_spreadsheets_make_of_a_sheet_is_read_alike(tmp_path):
    rows = [row(text="Größe, danach", probability="0.3"), row("p2", (0, 1, 1, 0), text="x", probability="0.5")]
    plain = read(write(tmp_path / "sheet.csv", rows)).drop("file")
    german = [{**r, "probability": r["probability"].replace(".", ",")} for r in rows]
    others = [
        write(tmp_path / "german.csv", german, delimiter=";"),
        write(tmp_path / "bom.csv", rows, encoding="utf-8-sig"),
        write(tmp_path / "utf16.csv", rows, delimiter="\t", encoding="utf-16"),
        write(tmp_path / "shouted.csv", [{f" {name.upper()} ": value for name, value in r.items()} for r in rows]),
        write(tmp_path / "wide.csv", [{**r, "threat": f" {r['threat']},0", "": ""} for r in rows]),
    ]
    book = {1: list(rows[0]), **{n: list(r.values()) for n, r in enumerate(rows, 2)}}
    (tmp_path / "book.xlsx").write_bytes(make_workbook({"Sheet": book}))
    for other in (*others, str(tmp_path / "book.xlsx")):
        assert read(other).drop("file").equals(plain), other


def test_rows_that_are_not_coded_are_passed_over_and_so_is_what_r_and_pandas_write_for_nothing(tmp_path):
    blanks = ["", " ", "NA", "NaN"]
    rows = [row(voice="NA", probability="NA", coded_at="NA"), *(row("p2", (blank,) * 4) for blank in blanks)]
    codes = read(write(tmp_path / "sheet.csv", [*rows, dict.fromkeys(rows[0], "")]))
    assert codes["passage_id"].unique().to_list() == ["p1"]
    assert codes.row(0, named=True) | {"voice": None, "probability": 1.0, "coded_at": None} == codes.row(0, named=True)


def test_a_folder_may_hold_sheets_of_several_kinds_beside_what_is_no_sheet(tmp_path, caplog):
    folder = tmp_path / "returned"
    write(folder / "anna.csv", [row()])
    write(folder / "later" / "ben.CSV", [row("p2", coder="ben")])
    (folder / "cleo.jsonl").write_text('{"passage_id": "p2", "coder": "cleo", "threat": true, "security": 0}\n')
    (folder / "notes.docx").write_bytes(b"PK notes")
    (folder / "read me.txt").write_text("Thanks for coding!")
    (folder / "~$book.xlsx").write_bytes(b"a lock")
    (folder / "empty.csv").write_text("")
    write(folder / "design.csv", [{"passage_id": "p1", "coders": "anna;ben", "bin": "low", "probability": 0.1}])
    with caplog.at_level(logging.INFO, logger="frameshift"):
        codes = read(folder)
    assert codes.group_by("coder").len().sort("coder").rows() == [("anna", 4), ("ben", 4), ("cleo", 2)]
    assert f"{folder}/design.csv holds no codes and is passed over" in caplog.text
    assert read(f"{tmp_path}/*/*.csv").height == 4


def test_records_of_json_need_not_have_the_same_fields(tmp_path):
    path = tmp_path / "codes.jsonl"
    path.write_text('{"passage_id": "p1", "threat": 1}\n{"passage_id": "p2", "threat": 0, "security": 1}\n')
    with pytest.raises(UserError, match=r"codes\.jsonl, row 1: security not coded, though others are"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", "", r"`frames\.labels`: no row of .*empty\.csv is coded; write 1 or 0 into the columns threat"),
        ("header.csv", "passage_id,threat\n", r"no row of .*header\.csv is coded"),
        ("sheet.txt", "threat\n1\n", r"frames\.labels: .*sheet\.txt is no table and holds none; save it as CSV"),
        ("other.csv", "id,score\n1,2\n", r"other\.csv has no column threat, security, .*; it has 'id', 'score': say "),
        (
            "short.csv",
            "passage_id,threat\np1\n",
            r"short\.csv, row 2: 1 columns where .* 2; correct the row",
        ),
        ("lost.csv", "id,threat\n7,1\n", r"lost\.csv has no column 'passage_id', and has no column 'text' .*has 'id'"),
        ("lost.csv", "passage_id,text,threat\n,,1\n", r"lost\.csv, row 2: neither passage_id nor 'text' is filled"),
        ("broken.xlsx", "PK", r"broken\.xlsx is not a readable Excel file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        read(tmp_path / name)


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(UserError, match=r"frames\.labels: .* is no table and holds none"):
        read(tmp_path)


# --- Cells


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threat": "x"}, "threat is 'x'; a code is 1 or 0 .* list them under `frames.labels` as values"),
        ({"threat": "2"}, "threat is '2'; a code is 1 or 0"),
        ({"victim": "ja"}, "victim is 'ja'; a code is 1 or 0"),
        ({"victim": " "}, "victim not coded, though others are; code all entries or none"),
        ({"voice": "narrator"}, "voice is 'narrator'; it is one of own, quoted, denied, or empty"),
        ({"probability": "often"}, "probability is 'often'; it is that with which"),
        ({"probability": "0"}, "probability is '0'"),
        ({"probability": "-0,3"}, "probability is '-0,3'"),
        ({"probability": "1.01"}, r"probability is '1\.01'"),
        ({"probability": "inf"}, "probability is 'inf'"),
        ({"probability": "30%"}, "probability is '30%'"),
        ({"coded_at": "31.1.2024"}, r"coded_at is '31\.1\.2024'; write it as 2024-01-31"),
    ],
)
def test_a_cell_that_makes_no_sense_is_named_with_its_file_and_row(tmp_path, changes, message):
    path = write(tmp_path / "sheet.csv", [row("p2"), row() | changes])
    with pytest.raises(UserError, match=rf"sheet\.csv, row 3: {message}"):
        read(path)


def test_yes_and_no_may_be_written_in_words(tmp_path):
    rows = [row(codes=("yes", "TRUE", " 1.0 ", "1,00")), row("p2", ("No", "false", "0", "0.0"), voice="Denied ")]
    codes = read(write(tmp_path / "sheet.csv", rows))
    assert codes["code"].to_list() == [1] * 4 + [0] * 4
    assert codes["voice"].to_list() == [None] * 4 + ["denied"] * 4


def test_times_are_compared_as_times_wherever_they_were_written():
    in_order = ["2024-01-31", "2024-01-31T23:00+05:00", "2024-01-31 18:30", "2024-01-31T19:00:00.000Z"]
    read_as = [read_time(time, "place") for time in in_order]
    assert read_as == sorted(read_as)


# --- Files that are not from the sheet


def test_a_text_and_a_word_label_are_codes(tmp_path):
    rows = [own(GANG, " threat "), own("All is well.", "NEUTRAL"), own("Nobody looked.", ""), own("War!", "Threat")]
    path = write(tmp_path / "mine.csv", [{"Headline": r.pop("text"), **r} for r in rows])
    codes = read(path, text="headline", threat={"column": "Label", "values": ["THREAT"]})
    assert codes.select("text", "frame", "code", "coder", "probability").rows() == [
        (GANG, "threat", 1, "mine", 1.0),
        ("All is well.", "threat", 0, "mine", 1.0),
        ("War!", "threat", 1, "mine", 1.0),
    ]


def test_one_column_may_tell_of_several_entries(tmp_path):
    path = write(tmp_path / "mine.csv", [own("a", "1"), own("b", "2"), own("c", "3.0"), own("d", "0")])
    codes = read(path, threat={"column": "label", "values": [1, 3]},
                 victim={"column": "label", "values": [2, 3]})  # fmt: skip
    found = codes.filter(pl.col("code") == 1).select("text", "frame").rows()
    assert found == [("a", "threat"), ("b", "victim"), ("c", "threat"), ("c", "victim")]


def test_an_unquoted_yes_among_the_values_is_a_yes(tmp_path):
    path = write(tmp_path / "mine.csv", [own("a", "yes"), own("b", "no"), own("c", "unsure")])
    values = yaml.safe_load("[yes, unsure]")
    assert read(path, threat={"column": "label", "values": values})["code"].to_list() == [1, 0, 1]


def test_a_value_or_a_column_that_is_spelled_wrong_is_named_with_what_is_there(tmp_path):
    path = write(tmp_path / "mine.csv", [own("a", "THREAT"), own("b", "NEUTRAL")])
    with pytest.raises(UserError, match=r"mine\.csv: entries\.threat\.values has 'TREAT', .*'NEUTRAL', 'THREAT'"):
        read(path, threat={"column": "label", "values": ["THREAT", "TREAT"]})
    with pytest.raises(UserError, match=r"mine\.csv has no column labels, which .* it has 'text', 'label'"):
        read(path, threat={"column": "labels"})
    with pytest.raises(UserError, match=r"no column 'labels' \(frames\.labels\); did you mean 'label'\?"):
        read(path, threat={"column": "label", "values": ["THREAT"]}, victim={"column": "labels"})
    with pytest.raises(UserError, match=r"and has no column 'txt' \(frames\.labels\); did you mean 'text'\?"):
        read(path, text="txt", threat={"column": "label", "values": ["THREAT"]})


def test_three_rows_are_enough_to_be_read(tmp_path):
    path = write(tmp_path / "tiny.csv", [own("a", 1), own("b", 0), own("c", 1)])
    assert read(path, threat={"column": "label"})["code"].to_list() == [1, 0, 1]


# --- Coders


def test_without_a_coder_the_file_is_one_by_its_name_or_where_that_is_taken_by_its_path(tmp_path):
    nameless = {name: value for name, value in row().items() if name != "coder"}
    paths = [write(tmp_path / name, [nameless]) for name in ("anna/codes.csv", "ben/codes.csv", "cleo.csv")]
    assert read(*paths)["coder"].unique(maintain_order=True).to_list() == [*paths[:2], "cleo"]
    assert read(tmp_path)["coder"].n_unique() == 3
    again = f"{tmp_path}/ben/../anna/codes.csv"  # a file that is named twice is one coder
    assert read(paths[0], again)["coder"].unique().to_list() == ["codes"]


def test_a_row_without_a_coder_is_its_files(tmp_path):
    codes = read(write(tmp_path / "sheet.csv", [row(coder=" anna "), row("p2", coder="")]))
    assert codes["coder"].unique(maintain_order=True).to_list() == ["anna", "sheet"]
