"""Every reader gives the same rows, a broken row costs itself only, and a broken file says how to mend it."""

import gzip
import io
import json
import tarfile
import zipfile
from contextlib import suppress
from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frameshift.corpus.encoding import MAX_LINE
from frameshift.corpus.files import FORMATS
from frameshift.corpus.inputs import read_rows
from frameshift.corpus.separated import detect_separator
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
        ("a.csv.gz", gzip.compress(separated(",").encode(), mtime=0)),  # no clock in a test's name
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
    assert fields(tmp_path / "t") == [{"title": "A first", "text": "paragraph."}, {"title": None, "text": "Second."}]
    lines = write(tmp_path / "l.cor", "one\n\ntwo\n")
    assert [(row.row, row.fields["text"].strip()) for row in read(lines, "lines")] == [(1, "one"), (3, "two")]
    assert fields(lines) == [{"title": "one", "text": "two\n"}]


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


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_the_separator_is_the_one_with_which_the_header_has_the_columns(tmp_path, mark, suffix):
    decoy = next(other for other in ";,|" if other != mark)
    header = mark.join(["head", "body", f"note{decoy} a{decoy} b{decoy} c{decoy} d"])
    path = write(tmp_path / f"a.{suffix}", f"{header}\nOne{mark}text{mark}x\n")
    assert fields(path) == [{"title": "One", "text": "text"}]


def test_a_first_line_that_states_the_separator_is_believed(tmp_path):
    path = write(tmp_path / "a.csv", "\ufeffsep=|\r\nhead|body\r\nA|b\r\n")
    assert [(row.row, row.fields) for row in read(path)] == [(3, {"title": "A", "text": "b"})]


def test_a_header_is_split_without_knowing_what_is_wanted():
    assert detect_separator("a;b;c,d") == ";"
    assert detect_separator("a;b;c,d", wanted=["c"]) == ";"
    assert detect_separator("a;b;c,d", wanted=["d"]) == ","
    assert detect_separator('"a;b;c";d|e|f') == "|"


def test_a_column_that_is_wanted_and_stands_twice_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"several columns 'body' \(corpus\.columns\.text\)"):
        read(write(tmp_path / "a.csv", "head,body,body\nA,b,c\n"))


def test_line_ends_of_old_macs_are_refused_with_the_remedy(tmp_path):
    with pytest.raises(UserError, match="old Macs"):
        read(write(tmp_path / "a.csv", "head,body\rA,b\r"))


def test_nul_bytes_survive_reading(tmp_path):
    assert fields(write(tmp_path / "a.csv", 'head,body\nA,"b\0c"\n')) == [{"title": "A", "text": "b\0c"}]


def test_a_line_that_is_too_long_costs_itself_only(tmp_path):
    long = "x" * (MAX_LINE + 10)
    path = write(tmp_path / "a.csv", f'head,body\nA,a\nB,"{long}"\nC,c\n')
    assert [(row.row, row.problem) for row in read(path)] == [(2, None), (3, "line 3 is longer than 20 MB"), (4, None)]
    path = write(tmp_path / "a.jsonl", f'{{"body": "{long}"}}\n{{"head": "", "body": "b"}}\n')
    assert [row.problem for row in read(path)] == ["line 1 is longer than 20 MB", None]


def test_a_record_with_a_line_in_no_known_encoding_costs_itself_only(tmp_path):
    content = b'head,body\nA,caf\xe9 \xfc\nB,"one\ntw\x81o\nthree"\nC,c\n'
    rows = read(write(tmp_path / "a.csv", content))
    assert [(row.row, row.fields and row.fields["title"]) for row in rows] == [(2, "A"), (3, None), (6, "C")]
    assert rows[1].problem.startswith("byte 0x81 at 3 of line 4 is neither UTF-8 nor cp1252")
    assert "corpus.encoding" in rows[1].problem


def test_several_inputs_are_told_apart_by_the_path_below_their_common_folder(tmp_path):
    first = write(tmp_path / "x" / "news" / "a.csv", separated(","))
    write(tmp_path / "x" / "more" / "b.jsonl", json_lines())
    rows = list(read_rows([first, tmp_path / "x" / "more"], format="auto", columns=COLUMNS, label="unused"))
    assert [row.fields for row in rows] == EXPECTED * 2
    assert [row.file for row in rows] == ["news/a.csv"] * 2 + ["more/b.jsonl"] * 2


def test_a_column_of_json_may_be_in_any_of_several_inputs_and_must_be_in_one(tmp_path):
    paths = [
        write(tmp_path / "a.jsonl", '{"body": "b"}\n'),
        write(tmp_path / "b.jsonl", '{"head": "A", "body": "b"}\n'),
    ]
    assert len(list(read_rows(paths, format="auto", columns=COLUMNS))) == 2
    with pytest.raises(UserError, match="no column 'head'"):
        list(read_rows(paths[:1], format="auto", columns=COLUMNS))


def test_inputs_without_a_row_are_refused_together(tmp_path):
    paths = [write(tmp_path / f"{n}.csv", "head,body\n") for n in range(5)]
    with pytest.raises(UserError, match=r"0\.csv, .*2\.csv and 2 more holds no rows"):
        list(read_rows(paths, format="auto", columns=COLUMNS))


def test_a_json_file_that_is_too_large_to_hold_is_refused_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr("frameshift.corpus.files.MAX_WHOLE", 1 << 20)
    path = write(tmp_path / "a.json", json.dumps([{"head": "A", "body": "x" * (1 << 20)}]))
    with pytest.raises(UserError, match=r"more than 1 MB.*JSON lines"):
        read(path)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tsv"])
def test_an_unknown_encoding_is_refused(tmp_path, name):
    path = write(tmp_path / name, separated(","))
    with pytest.raises(UserError, match=r"corpus\.encoding: no encoding is called 'latein'"):
        list(read_rows(path, format="auto", columns=COLUMNS, encoding="latein"))


def test_settings_that_would_not_be_used_are_refused(tmp_path):
    path = write(tmp_path / "a.csv", separated(","))
    with pytest.raises(UserError, match=r"corpus\.file_names is for formats html, text.* is csv"):
        list(read_rows(path, format="auto", columns=COLUMNS, file_names="{source}"))
    path = write(tmp_path / "a.txt", "One\n\ntext")
    with pytest.raises(UserError, match=r"corpus\.page_break is for format pages, .* is read as text"):
        list(read_rows(path, format="auto", columns=COLUMNS, page_break="^---"))


@pytest.mark.parametrize("format", FORMATS[1:])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary() | st.text('head,body\n"{}[]:;\t|<>/\f é').map(str.encode))
def test_whatever_a_file_holds_becomes_rows_or_a_message_for_the_user(tmp_path, format, content):
    path = write(tmp_path / "a.bin", content)
    with suppress(UserError):
        for row in read_rows(path, format=format, columns=COLUMNS):
            assert (row.fields is None) != (row.problem is None)
