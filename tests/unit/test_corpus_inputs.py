"""Every reader gives the same rows, a broken row costs itself only, and a broken file says how to mend it."""

import gzip
import io
import json
import tarfile
import zipfile
from datetime import date

import polars as pl
import pytest

from frameshift.corpus.inputs import read_rows
from frameshift.errors import UserError

COLUMNS = {"title": "head", "text": "body", "url": None}
EXPECTED = [{"title": "One", "text": "first body"}, {"title": "Zwei", "text": "zweiter Körper"}]
RECORDS = [{"head": fields["title"], "body": fields["text"], "extra": 1} for fields in EXPECTED]


def read(path, format="auto", columns=COLUMNS):
    return list(read_rows(path, format=format, columns=columns))


def fields(path, format="auto", columns=COLUMNS):
    return [row.fields for row in read(path, format, columns)]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def separated(mark):
    return f"head{mark}body{mark}extra\nOne{mark}first body{mark}1\nZwei{mark}zweiter Körper{mark}1\n"


def json_lines():
    return "".join(json.dumps(record) + "\n" for record in RECORDS)


def make_tar(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", separated(",")),
        ("semicolons.csv", separated(";")),
        ("A.TSV", separated("\t")),
        ("a.jsonl", json_lines()),
        ("list.json", json.dumps(RECORDS)),
        ("lines-by-another-name.json", json_lines()),
        ("a.csv.gz", gzip.compress(separated(",").encode())),
        ("bom.csv", b"\xef\xbb\xbf" + separated(",").encode()),
        ("bom.jsonl", b"\xef\xbb\xbf" + json_lines().encode()),
    ],
)
def test_the_same_rows_come_from_every_format_of_records(tmp_path, name, content):
    assert fields(write(tmp_path / name, content)) == EXPECTED


def test_parquet_is_read_with_its_types(tmp_path):
    frame = pl.DataFrame({"head": ["One", None], "body": ["x", "y"], "day": [date(2015, 1, 2), None], "n": [7, 8]})
    frame.write_parquet(tmp_path / "a.parquet")
    rows = read(tmp_path / "a.parquet", columns={**COLUMNS, "date": "day", "id": "n"})
    assert rows[0].fields == {"title": "One", "text": "x", "date": date(2015, 1, 2), "id": "7"}
    assert rows[1].fields == {"title": None, "text": "y", "date": None, "id": "8"}
    assert [row.row for row in rows] == [1, 2]


def test_a_folder_of_json_files_is_read_in_order_and_other_files_are_passed_over(tmp_path):
    folder = tmp_path / "news"
    write(folder / "b" / "2.json", json.dumps(RECORDS[1]))
    write(folder / "a" / "1.json", json.dumps(RECORDS[0]))
    write(folder / "README.md", "not an article")
    write(folder / ".hidden.json", "{}")
    assert fields(folder) == EXPECTED
    assert [(row.file, row.row) for row in read(folder)] == [("news/a/1.json", 1), ("news/b/2.json", 1)]


def test_archives_of_json_files_are_read(tmp_path):
    members = {f"top/data/{n}.json": json.dumps(record) for n, record in enumerate(RECORDS)}
    assert fields(make_tar(tmp_path / "a.tar.gz", members)) == EXPECTED
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert fields(tmp_path / "a.zip") == EXPECTED
    assert read(tmp_path / "a.zip")[1].file == "a.zip/top/data/1.json"


def test_parquet_inside_an_archive_is_read(tmp_path):
    pl.DataFrame(RECORDS).write_parquet(tmp_path / "a.parquet")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "a.parquet", "data/a.parquet")
    assert fields(tmp_path / "a.tar.gz") == EXPECTED


def test_plain_text_is_one_article_a_file_and_lines_are_one_a_line(tmp_path):
    write(tmp_path / "t" / "1.txt", "A first\n\nparagraph.")
    write(tmp_path / "t" / "2.txt", b"\xef\xbb\xbfSecond.")
    assert fields(tmp_path / "t") == [{"text": "A first\n\nparagraph."}, {"text": "Second."}]
    lines = write(tmp_path / "l.cor", "one\n\ntwo\n")
    assert [(row.row, row.fields["text"].strip()) for row in read(lines, "lines")] == [(1, "one"), (3, "two")]
    assert fields(lines) == [{"text": "one\n\ntwo\n"}]


def test_the_label_stands_in_for_the_name_of_the_corpus(tmp_path):
    path = write(tmp_path / "a.csv", separated(","))
    assert next(read_rows(path, format="csv", columns=COLUMNS, label="demo corpus")).file == "demo corpus"


def test_quoted_fields_may_hold_separators_quotes_and_line_ends(tmp_path):
    path = write(tmp_path / "a.csv", 'head,body\r\n"A, b","line\r\n\r\n""quoted"""\r\nC,d\r\n')
    assert [(row.row, row.fields) for row in read(path)] == [
        (2, {"title": "A, b", "text": 'line\r\n\r\n"quoted"'}),
        (5, {"title": "C", "text": "d"}),
    ]


def test_an_article_may_be_longer_than_the_limit_of_the_csv_module(tmp_path):
    path = write(tmp_path / "a.csv", f"head,body\nA,{'word ' * 40_000}\n")
    assert len(fields(path)[0]["text"]) == 200_000


def test_a_row_with_the_wrong_number_of_columns_is_a_problem_of_its_own(tmp_path):
    path = write(tmp_path / "a.csv", 'head,body\nA,b\nC\n\nE,"f\n1",2\nG,h\n')
    rows = read(path)
    assert [(row.row, row.problem) for row in rows if row.problem] == [
        (3, "1 columns where the header has 2"),
        (5, "3 columns where the header has 2 (lines 5 to 6)"),
    ]
    assert [row.fields["title"] for row in rows if row.fields] == ["A", "G"]


@pytest.mark.parametrize("broken", ['B,"never closed', 'B,"closed" too early'])
def test_a_broken_quote_does_not_swallow_the_rows_after_it(tmp_path, broken):
    path = write(tmp_path / "a.csv", f'head,body\nA,a\n{broken}\nC,c\nD,"d"\nE,e\n')
    rows = read(path)
    assert [row.fields["title"] for row in rows if row.fields] == ["A", "C", "D", "E"]
    (problem,) = [row for row in rows if row.problem]
    assert problem.row == 3
    assert "broken quotes" in problem.problem


def test_broken_json_is_a_problem_of_its_own(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"head": "A", "body": "b"}\n{"head": \n[1]\n{"head": "C", "body": {"x": 1}}\n')
    rows = read(path)
    assert [(row.row, row.fields is None) for row in rows] == [(1, False), (2, True), (3, True), (4, True)]
    assert "broken JSON" in rows[1].problem
    assert rows[2].problem == "not a JSON object but a list"
    assert rows[3].problem == "field 'body' holds a dict, not text"


def test_values_of_json_become_text(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"head": 12, "body": ["p one", "p two"]}\n{"head": NaN, "body": null}\n')
    assert fields(path) == [{"title": "12", "text": "p one\np two"}, {"title": None, "text": None}]


def test_a_field_that_some_json_records_lack_is_empty_there(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"body": "b"}\n{"head": "C", "body": "d"}\n')
    assert fields(path) == [{"title": None, "text": "b"}, {"title": "C", "text": "d"}]


def test_documents_that_cannot_be_read_are_rows_with_a_problem(tmp_path):
    write(tmp_path / "t" / "1.txt", "text")
    write(tmp_path / "t" / "2.docx", "binary")
    assert [(row.file, row.problem) for row in read(tmp_path / "t")] == [
        ("t/1.txt", None),
        ("t/2.docx", ".docx files cannot be read"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "headline,body\nA,b\n"), ("a.jsonl", '{"headline": "A", "body": "b"}\n')],
)
def test_a_missing_column_is_named_with_the_closest_one_and_those_found(tmp_path, name, content):
    with pytest.raises(
        UserError, match=r"no column 'head' \(corpus\.columns\.title\)\. Did you mean 'headline'"
    ) as error:
        read(write(tmp_path / name, content))
    assert "Columns found: 'headline', 'body'" in str(error.value)
    assert "null" in str(error.value)


def test_a_missing_column_of_parquet_is_named(tmp_path):
    pl.DataFrame({"headline": ["A"], "body": ["b"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(UserError, match="Did you mean 'headline'"):
        read(tmp_path / "a.parquet")


def test_a_file_that_is_not_utf_8_is_refused_with_the_place_and_the_remedy(tmp_path):
    content = "head,body\nA,b\nC,caf\u00e9\n".encode("latin-1")
    for name in ("a.csv", "a.txt"):
        with pytest.raises(UserError, match=r"byte 20 \(line 3\) is 0xe9.*iconv"):
            read(write(tmp_path / name, content))
    with pytest.raises(UserError, match=r"byte 1 \(line 1\) is 0xff.*UTF-16"):
        read(write(tmp_path / "excel.csv", "head,body\n".encode("utf-16")))
    with pytest.raises(UserError, match=r"byte 15 \(line 2\)"):
        read(write(tmp_path / "bom.txt", b"\xef\xbb\xbf" + b"head,body\n" + b"a\xe9"))


def test_a_missing_file_is_named_with_its_closest_neighbour(tmp_path):
    write(tmp_path / "articles.csv", "head,body\n")
    with pytest.raises(UserError, match=r"no corpus at .*artikles\.csv.*Did you mean .*articles\.csv"):
        read(tmp_path / "artikles.csv")


@pytest.mark.parametrize("content", ["", "head,body\n", "head,body\n\n\n"])
def test_a_file_without_rows_is_refused(tmp_path, content):
    with pytest.raises(UserError, match="holds no rows"):
        read(write(tmp_path / "a.csv", content))


def test_a_folder_without_a_readable_file_is_refused(tmp_path):
    write(tmp_path / "x" / "image.png", "")
    with pytest.raises(UserError, match=r"no file ends in one of \.csv"):
        read(tmp_path / "x")
    with pytest.raises(UserError, match="no rows of format json"):
        read(tmp_path / "x", "json")


def test_a_mixed_folder_needs_a_stated_format(tmp_path):
    write(tmp_path / "x" / "1.json", json.dumps(RECORDS[0]))
    write(tmp_path / "x" / "splits.tsv", "id\n1\n")
    with pytest.raises(UserError, match=r"several formats.*Set corpus\.format"):
        read(tmp_path / "x")
    assert fields(tmp_path / "x", "json") == EXPECTED[:1]


def test_damaged_files_are_refused(tmp_path):
    noise = "".join(chr(32 + i * i % 91) for i in range(200_000))
    whole = make_tar(tmp_path / "a.tar.gz", {f"{n}.json": json.dumps({"head": "A", "body": noise}) for n in range(9)})
    cut = whole.read_bytes()
    for part in (0.1, 0.5, 0.9):
        with pytest.raises(UserError, match="damaged or was cut off"):
            read(write(tmp_path / "cut.tar.gz", cut[: int(len(cut) * part)]))
    with pytest.raises(UserError, match="damaged or was cut off"):
        read(write(tmp_path / "a.csv.gz", gzip.compress(separated(",").encode())[:-12]))
    with pytest.raises(UserError, match="not a readable Parquet file"):
        read(write(tmp_path / "a.parquet", "PAR1 and nothing else"))


def test_a_single_office_document_is_refused(tmp_path):
    with pytest.raises(UserError, match="Save the articles as CSV"):
        read(write(tmp_path / "a.xlsx", "x"))
