"""What is wrong with the input is an error that says where and what to do, or a row with its reason: never a loss."""

import csv
import gzip
import io
import json
import re
import tarfile
import zipfile

import polars as pl
import pytest
from corpora import BODIES, configure, row, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from frameshift.corpus.files import find_inputs
from frameshift.corpus.ingest import read_corpus
from frameshift.corpus.inputs import read_rows
from frameshift.errors import UserError

HEADER = ["title", "text", "date", "source"]


def read(path, **changes):
    """The corpus at `path`, once its ledger was seen to add up."""
    corpus = read_corpus(find_inputs(str(path)), configure(**changes))
    accounts, articles = corpus.accounts, corpus.articles
    assert accounts["rows_read"] == articles.height + corpus.rejected.height
    assert accounts["rows_read"] == accounts["kept"] + accounts["merged"] + accounts["rejected"]
    assert articles["duplicate_of"].null_count() == accounts["kept"]
    assert sum(accounts["reasons"].values()) == accounts["rejected"]
    return corpus


def rejected(corpus):
    return corpus.rejected.select("row", "reason", "detail").rows()


def write_csv(path, rows, encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def refused(path, *words, **changes):
    """Reading fails with a message that names the file and all of `words`."""
    with pytest.raises(UserError) as caught:
        read(path, **changes)
    message = str(caught.value)
    for word in words:
        assert re.search(word, message), message
    return message


def test_a_truncated_gzip_is_refused(tmp_path):
    whole = gzip.compress("".join(json.dumps(row(f"{BODIES[i % 3]} {i}")) + "\n" for i in range(5000)).encode())
    path = tmp_path / "articles.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, r"articles\.jsonl\.gz", "damaged|cut off", "again")


def test_members_that_lead_outside_the_archive_are_rejected(tmp_path):
    path = tmp_path / "articles.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.json", json.dumps(row(BODIES[0])))
        archive.writestr("../two.json", json.dumps(row(BODIES[1])))
    corpus = read(path)
    assert corpus.accounts["kept"] == 1
    assert corpus.rejected["file"].to_list() == ["articles.zip/../two.json"]
    assert corpus.rejected["reason"].to_list() == ["unreadable row"]
    assert not (tmp_path.parent / "two.json").exists()


def test_links_in_an_archive_are_rejected(tmp_path):
    path = tmp_path / "articles.tar"
    with tarfile.open(path, "w") as archive:
        body = json.dumps(row(BODIES[0])).encode()
        info = tarfile.TarInfo("one.json")
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
        link = tarfile.TarInfo("two.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    corpus = read(path)
    assert corpus.rejected["file"].to_list() == ["articles.tar/two.json"]


def test_a_zip_bomb_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "articles.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb.txt", "w") as member:
        for _ in range(300):
            member.write(b"\0" * 2**20)
    assert path.stat().st_size < 2**20
    refused(path, r"articles\.zip", "MB", source="A")


def test_a_wrong_number_of_columns_costs_that_row(tmp_path):
    rows = [HEADER, *(["T", f"{BODIES[i % 3]} {i}", "2015-01-02", "A"] for i in range(9))]
    rows[5] = ["T", BODIES[0]]
    corpus = read(write_csv(tmp_path / "articles.csv", rows))
    assert corpus.accounts["rows_read"] == 9
    assert rejected(corpus) == [(6, "unreadable row", "2 columns where the header has 4")]


def test_nul_bytes_do_not_end_a_file(tmp_path):
    rows = [HEADER, ["T", f"\0{BODIES[0]}\0", "2015-01-02", "A"], ["U", BODIES[1], "", "A"]]
    corpus = read(write_csv(tmp_path / "articles.csv", rows))
    assert corpus.articles["text"].to_list() == BODIES[:2]


def test_lines_in_two_encodings_are_both_read(tmp_path):
    path = tmp_path / "articles.csv"
    one = f"T,{BODIES[0]} São Paulo,2015-01-02,Café\n".encode()
    other = f"T,{BODIES[1]} “Málaga”,2015-01-02,Café\n".encode("windows-1252")
    path.write_bytes((",".join(HEADER) + "\n").encode() + one + other)
    corpus = read(path)
    assert set(corpus.articles["source"]) == {"Café"}
    assert corpus.articles["text"].str.extract(r"(\S+( Paulo)?)$").to_list() == ["São Paulo", "“Málaga”"]


def test_a_line_in_no_encoding_costs_itself(tmp_path):
    path = tmp_path / "articles.csv"
    good = f"T,{BODIES[0]} Málaga,2015-01-02,A\n".encode("windows-1252")
    path.write_bytes((",".join(HEADER) + "\n").encode() + good + f"T,{BODIES[1]} ".encode() + b"\x81\x8d\x8f,,A\n")
    corpus = read(path)
    assert corpus.accounts["kept"] == 1
    [(number, reason, detail)] = rejected(corpus)
    assert (number, reason) == (3, "unreadable row")
    assert "corpus.encoding" in detail


def test_a_line_of_fifty_megabytes_costs_itself(tmp_path):
    path = tmp_path / "articles.jsonl"
    with path.open("w") as file:
        file.write(json.dumps(row(BODIES[0])) + "\n" + '{"text": "')
        for _ in range(50):
            file.write("word " * 210_000)
        file.write('"}\n' + json.dumps(row(BODIES[1])) + "\n")
    corpus = read(path)
    assert corpus.articles["row"].to_list() == [1, 3]
    [(number, reason, detail)] = rejected(corpus)
    assert (number, reason) == (2, "unreadable row")
    assert "MB" in detail


def test_rows_without_what_an_article_needs_are_rejected_with_the_reason(tmp_path):
    rows = [
        row(BODIES[0], key="1"),
        row(BODIES[1], key="1"),
        row("", key="2"),
        row("Advertisement\nRead more", key="3"),
        row("Порт был закрыт два дня, потому что над побережьем прошла буря.", key="4"),
        row(BODIES[1], source="", key="5"),
        row(BODIES[1], date="1899-12-31", key="6"),
        row("too short", key="7"),
    ]
    options = {"columns": {"id": "key"}, "other_languages": ["de"]}
    corpus = read(write_rows(tmp_path, rows), **options)
    assert dict(corpus.rejected.select("row", "reason").rows()) == {
        2: "repeated id",
        3: "no text",
        4: "only boilerplate",
        5: "other language",
        6: "no source",
        8: "too short",
    }
    assert corpus.articles.filter(pl.col("row") == 7)["date"].to_list() == [None]
    assert corpus.accounts["dates"]["out of range"] == 1
    strict = read(write_rows(tmp_path, rows), dates={"unknown": "reject"}, **options)
    assert strict.accounts["reasons"]["unknown date"] == 1


def test_an_empty_folder_named_like_a_file_is_refused(tmp_path):
    (tmp_path / "articles.csv").mkdir()
    refused(tmp_path / "articles.csv", r"articles\.csv", r"corpus\.path")


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    path = write_rows(tmp_path, [row(BODIES[0])])

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UserError, match=r"articles\.jsonl.*may not be read.*permissions"):
        list(read_rows([path], format="jsonl", columns={"text": "text"}))


def test_what_is_not_there_is_refused_with_the_nearest_name(tmp_path):
    write_rows(tmp_path, [row(BODIES[0])])
    with pytest.raises(UserError, match=r"articles\.json.*articles\.jsonl"):
        find_inputs(str(tmp_path / "articles.json"))
    with pytest.raises(UserError, match=r"\*\.csv"):
        find_inputs(str(tmp_path / "*.csv"))


words = st.sampled_from([*BODIES, "A", "2015-01-02", "", "Read more", "Ça va", '"', "a,b", "x\ny"])
cells = st.one_of(words, st.text(st.characters(codec="utf-8"), max_size=12))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, max_size=6), max_size=15), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_the_ledger_of_any_csv_adds_up(tmp_path_factory, rows, encoding):
    path = tmp_path_factory.mktemp("csv") / "articles.csv"
    read(write_csv(path, [HEADER, ["T", BODIES[0], "2015-01-02", "A"], *rows], encoding))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=12))
def test_the_ledger_of_any_bytes_adds_up(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("bytes") / "articles.jsonl"
    path.write_bytes((json.dumps(row(BODIES[0])) + "\n").encode() + b"\n".join(lines))
    read(path)
