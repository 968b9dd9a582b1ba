"""Inputs are found by name or pattern, archives are read safely, and what cannot be opened says why."""

import bz2
import gzip
import io
import json
import lzma
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from frameshift.corpus import files
from frameshift.corpus.files import find_inputs, list_members
from frameshift.corpus.inputs import read_rows
from frameshift.errors import UserError

RECORD = json.dumps({"body": "text"})


def write(path, content=RECORD):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path, format="auto"):
    return list(read_rows(path, format=format, columns={"text": "body"}))


def make_tar(path, members, mode="w:gz"):
    """`members` maps names to contents, or to the TarInfo.type of a link."""
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.type, info.linkname = content, "/etc/passwd"
                archive.addfile(info)
            else:
                info.size = len(content.encode())
                archive.addfile(info, io.BytesIO(content.encode()))
    return path


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def encrypted(path):
    """The zip archive with the bit set that says its members are encrypted; Python's zipfile cannot encrypt."""
    raw = bytearray(path.read_bytes())
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(start)
        while at >= 0:
            raw[at + flags] |= 1
            at = raw.find(start, at + 4)
    return write(path, bytes(raw))


def test_paths_keep_their_order_and_patterns_are_sorted(tmp_path):
    for name in ("b.csv", "a.csv", "sub/c.csv", "notes.txt", ".hidden.csv"):
        write(tmp_path / name)
    found = find_inputs([str(tmp_path / "notes.txt"), str(tmp_path / "*.csv")])
    assert [path.name for path in found] == ["notes.txt", "a.csv", "b.csv"]
    assert [path.name for path in find_inputs(str(tmp_path / "**" / "*.csv"))] == ["a.csv", "b.csv", "c.csv"]
    assert {path.name for path in find_inputs(str(tmp_path / "**"))} == {"a.csv", "b.csv", "c.csv", "notes.txt"}
    assert [path.name for path in find_inputs(str(tmp_path / "s*"))] == ["sub"]


def test_a_path_is_seen_from_the_folder_of_the_start_and_from_home(tmp_path, monkeypatch):
    write(tmp_path / "news" / "a.csv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_inputs("news/*.csv") == [Path("news/a.csv")]
    assert find_inputs("~/news") == [tmp_path / "news"]


def test_a_name_with_brackets_is_no_pattern_where_it_is_there(tmp_path):
    path = write(tmp_path / "news[1].csv")
    assert find_inputs(str(path)) == [path]


def test_what_is_not_there_is_named_with_its_closest_neighbour(tmp_path):
    write(tmp_path / "articles.csv")
    for find in (find_inputs, read):
        with pytest.raises(UserError, match=r"no corpus at .*artikles\.csv.*Did you mean .*articles\.csv"):
            find(str(tmp_path / "artikles.csv"))
    with pytest.raises(UserError, match=r"nothing matches the pattern .*\*\.jsonl"):
        find_inputs(str(tmp_path / "*.jsonl"))


def test_a_file_that_is_named_twice_is_refused(tmp_path):
    path = write(tmp_path / "news" / "a.csv")
    with pytest.raises(UserError, match="names the same file twice"):
        find_inputs([str(path), str(tmp_path / "news" / "*.csv")])
    with pytest.raises(UserError, match=r"a\.csv twice: it lies in .*news"):
        find_inputs([str(tmp_path / "news"), str(path)])


def test_an_empty_folder_or_archive_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "news").mkdir()
    with pytest.raises(UserError, match=r"empty folder\. Put the articles there"):
        read(tmp_path / "news")
    with pytest.raises(UserError, match="empty archive"):
        read(make_zip(tmp_path / "a.zip", {}))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files_are_known_by_their_first_bytes(tmp_path, pack):
    assert read(write(tmp_path / "a.jsonl", pack(RECORD.encode())))[0].fields == {"text": "text"}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_archives_of_every_compression_are_read(tmp_path, mode):
    path = make_tar(tmp_path / "archive", {"./a/1.json": RECORD, "a/2.json.gz": "no gzip"}, mode)
    with pytest.raises(UserError, match=r"2\.json\.gz is damaged"):
        read(path)
    assert [name for name, _ in list_members(path)] == ["a/1.json", "a/2.json.gz"]


def test_compressed_files_within_archives_are_read(tmp_path):
    packed = gzip.compress(RECORD.encode())
    assert read(make_zip(tmp_path / "a.zip", {"1.json.gz": packed}))[0].fields == {"text": "text"}


OUTSIDE = ["../up.json", "a/../../up.json", "/etc/passwd.json", "C:\\up.json", "..\\up.json"]


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_members_that_lead_outside_are_never_opened_and_each_is_a_row(tmp_path, make):
    path = make(tmp_path / "archive", {**dict.fromkeys(OUTSIDE, RECORD), "in..side.json": RECORD})
    rows = {row.file.removeprefix("archive/"): row.problem for row in read(path)}
    assert rows.pop("in..side.json") is None
    assert len(rows) == len(OUTSIDE)
    assert all(problem == f"{name} leads outside the archive" for name, problem in rows.items())


def test_links_are_never_opened(tmp_path):
    path = make_tar(tmp_path / "a.tar.gz", {"1.json": RECORD, "2.json": tarfile.SYMTYPE, "3.json": tarfile.LNKTYPE})
    assert [row.problem and row.problem.split(",")[0] for row in read(path)] == [
        None,
        "2.json is a link",
        "3.json is a link",
    ]
    link = zipfile.ZipInfo("2.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = make_zip(tmp_path / "a.zip", {"1.json": RECORD, link: "/etc/passwd"})
    assert [row.problem and row.problem.split(",")[0] for row in read(path)] == [None, "2.json is a link"]


def test_an_encrypted_member_is_a_row_with_the_remedy(tmp_path):
    path = encrypted(make_zip(tmp_path / "a.zip", {"1.json": RECORD}))
    assert [row.problem for row in read(path)] == [
        "1.json is encrypted: unpack the archive with its password and set corpus.path"
    ]


def test_archives_within_a_folder_are_rows_with_the_remedy(tmp_path):
    write(tmp_path / "news" / "1.json")
    make_zip(tmp_path / "news" / "more.zip", {"2.json": RECORD})
    assert [row.problem and row.problem.split(";")[1] for row in read(tmp_path / "news")] == [
        None,
        " name it in corpus.path",
    ]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.zip", "a.tar.gz"])
def test_a_bomb_is_refused_with_sizes_and_the_remedy(tmp_path, monkeypatch, name):
    monkeypatch.setattr(files, "_BOMB_BYTES", 2 << 20)
    bomb = f"{'':9999}\n" * 800
    path = tmp_path / name
    if name == "a.zip":
        make_zip(path, {"1.jsonl": bomb})
    elif name == "a.tar.gz":
        make_tar(path, {"skipped.png": bomb, "1.jsonl": RECORD})
    else:
        write(path, gzip.compress(bomb.encode()))
    with pytest.raises(UserError, match=r"a\.\S+.*: [\d,]+ bytes have expanded to more than \d MB.*unpack it yourself"):
        read(path)


def test_a_bomb_of_many_small_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_BOMB_BYTES", 2 << 20)
    path = make_zip(tmp_path / "a.zip", {f"{n}.jsonl": f"{'':9999}\n" * 100 for n in range(9)})
    with pytest.raises(UserError, match=r"a\.zip: [\d,]+ bytes have expanded"):
        read(path)


def test_text_that_shrinks_well_is_no_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_BOMB_BYTES", 1 << 16)
    lines = "".join(json.dumps({"body": f"{n} {n * n} {n**3}"}) + "\n" for n in range(20_000))
    assert len(read(write(tmp_path / "a.jsonl.gz", gzip.compress(lines.encode())))) == 20_000


def test_damaged_archives_are_refused(tmp_path):
    noise = "".join(chr(32 + i * i % 91) for i in range(200_000))
    members = {f"{n}.json": json.dumps({"body": noise}) for n in range(9)}
    for whole in (make_tar(tmp_path / "a.tar.gz", members), make_zip(tmp_path / "a.zip", members)):
        raw = whole.read_bytes()
        for part in (0.1, 0.5, 0.9):
            with pytest.raises(UserError, match="damaged or was cut off"):
                read(write(tmp_path / f"cut{whole.name}", raw[: int(len(raw) * part)]))
    broken = bytearray(raw)
    broken[1000] ^= 255
    with pytest.raises(UserError, match="damaged or was cut off"):
        read(write(tmp_path / "flipped.zip", bytes(broken)))


def test_a_damaged_file_in_a_folder_is_named(tmp_path):
    write(tmp_path / "news" / "1.json")
    write(tmp_path / "news" / "2.json.gz", gzip.compress(RECORD.encode())[:-6])
    with pytest.raises(UserError, match=r"news: 2\.json\.gz is damaged or was cut off"):
        read(tmp_path / "news")


def test_other_kinds_of_archives_and_documents_are_refused_with_the_remedy(tmp_path):
    with pytest.raises(UserError, match="Unpack it and set"):
        read(write(tmp_path / "a.rar", "Rar!"))
    with pytest.raises(UserError, match=r"\.docx files cannot be read. Save the articles as text"):
        read(make_zip(tmp_path / "a.docx", {"word/document.xml": ""}))


def test_a_folder_may_have_the_name_of_a_file(tmp_path):
    write(tmp_path / "news.csv" / "part.json" / "1.json")
    assert [row.file for row in read(tmp_path / "news.csv")] == ["news.csv/part.json/1.json"]


def test_what_may_not_be_read_is_refused_with_the_remedy(tmp_path, monkeypatch):
    path = write(tmp_path / "news" / "sub" / "a.jsonl")
    message = r"a\.jsonl may not be read. Change its permissions"

    def refuse(self, *_):
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        for place in (path, tmp_path / "news"):
            with pytest.raises(UserError, match=message):
                read(place)
    scandir = os.scandir

    def refuse_sub(place):
        return refuse(place) if str(place).endswith("sub") else scandir(place)

    monkeypatch.setattr(os, "scandir", refuse_sub)
    with pytest.raises(UserError, match=r"sub may not be read"):
        read(tmp_path / "news")
