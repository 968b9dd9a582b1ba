"""Tables that the page holds to be saved, read again."""

import base64
import gzip
import io

import numpy as np
import polars as pl
import pytest

from frameshift.report import downloads
from frameshift.report.downloads import pack_accounts, pack_csv, pack_tables

HOLDS = {
    "comparisons/words.parquet": "words",
    "comparisons/contexts.parquet": "contexts",
    "topics/lda/topics.parquet": "topics",
}


def unpack(data: str) -> pl.DataFrame:
    return pl.read_csv(io.BytesIO(gzip.decompress(base64.b64decode(data))), infer_schema=False)


@pytest.fixture
def folder(tmp_path):
    for name, table in (
        ("comparisons/words", pl.DataFrame({"word": ["=cmd()", "Ωmega, \"q\""], "z": [1.23456789e-9, -2.5]})),
        ("comparisons/contexts", pl.DataFrame({"before": ["what an article says"]})),
        ("topics/lda/topics", pl.DataFrame({"topic": [1], "articles": [["a", "b"]]})),
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        table.write_parquet(tmp_path / f"{name}.parquet")
    return tmp_path


def pack(folder, *, with_texts=True):
    first, *tables = pack_tables([folder / name for name in HOLDS], folder, HOLDS, {"kept": 2}, with_texts=with_texts)
    assert first["name"] == "corpus/accounts"
    return tables


def test_a_table_is_saved_as_it_is_but_for_formulas_and_digits(folder):
    words, _, topics = pack(folder)
    assert {key: words[key] for key in ("name", "rows", "about")} == {
        "name": "comparisons/words",
        "rows": 2,
        "about": "words",
    }
    assert unpack(words["data"]).to_dict(as_series=False) == {
        "word": ["'=cmd()", 'Ωmega, "q"'],
        "z": ["1.23457e-9", "-2.5"],
    }
    assert unpack(topics["data"]).rows() == [("1", "a b")]


def test_the_same_table_gives_the_same_bytes(folder):
    assert pack(folder) == pack(folder)


def test_tables_that_quote_articles_are_left_out_where_texts_are(folder):
    assert [table["name"] for table in pack(folder, with_texts=False)] == ["comparisons/words", "topics/lda/topics"]


def test_tables_that_are_large_or_empty_are_only_beside_the_page(folder, monkeypatch):
    rng = np.random.default_rng(1)
    pl.DataFrame({"z": rng.normal(size=3000)}).write_parquet(folder / "comparisons/words.parquet")
    pl.DataFrame({"before": []}).write_parquet(folder / "comparisons/contexts.parquet")
    monkeypatch.setattr(downloads, "MOST_EACH", 10_000)
    assert [table["name"] for table in pack(folder)] == ["topics/lda/topics"]


def test_what_all_tables_take_together_is_limited(folder, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_TOGETHER", len(pack(folder)[0]["data"]) + 5)
    assert [table["name"] for table in pack(folder)] == ["comparisons/words"]


def test_a_table_too_large_to_read_is_passed_over(folder, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_READ", 0)
    assert pack(folder) == []


def test_the_accounts_of_the_corpus_are_a_table():
    packed = pack_accounts({"rows_read": 4, "kept": 2, "reasons": {"too short": 2}})
    assert unpack(packed["data"]).rows() == [("rows_read", "4"), ("kept", "2"), ("reasons: too short", "2")]
    assert packed["name"] == "corpus/accounts"


def test_an_empty_table_has_its_columns():
    assert unpack(pack_csv(pl.DataFrame(schema={"a": pl.String, "b": pl.Float64}))).columns == ["a", "b"]
