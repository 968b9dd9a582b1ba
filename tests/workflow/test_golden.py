"""The golden corpus: every number of twelve articles, reckoned by hand.

One letter a sentence; a hit scores 1/2, because each sentence has four words. t = threat, s = security, m = migration.

    Xenon   2020-Q1   x1: mt m - -      x2: t -        x3: mt mt ms -
            2020-Q2   x4: m m m -       x5: s - - -    x6: ms -
    Yarrow  2020-Q1   y1: - - - -       y2: m - - -    y3: mt t - -
            2020-Q2   y4: mt - - -      y5: mt mt -
            no date   y6: t t - -
"""

import json
from fractions import Fraction as F

import polars as pl
import pytest

ALL = "all sources"


@pytest.fixture(scope="module")
def prevalence(golden) -> pl.DataFrame:
    return pl.read_parquet(golden.folder / "results/golden/comparisons/prevalence.parquet")


@pytest.mark.parametrize(
    ("frame", "given", "source", "period", "by_article", "by_passage"),
    [
        # x1 1/8, x2 1/4, x3 1/4; four hits in ten sentences
        ("threat", None, "Xenon", "2020-Q1", F(5, 24), F(4, 10) / 2),
        ("threat", None, "Xenon", "2020-Q2", F(0), F(0)),
        # y1 0, y2 0, y3 1/4; two hits in twelve sentences
        ("threat", None, "Yarrow", "2020-Q1", F(1, 12), F(2, 12) / 2),
        # y4 1/8, y5 1/3; three hits in seven sentences
        ("threat", None, "Yarrow", "2020-Q2", F(11, 48), F(3, 7) / 2),
        ("threat", None, ALL, "2020-Q1", F(7, 48), F(6, 22) / 2),
        ("threat", None, ALL, "2020-Q2", F(11, 120), F(3, 17) / 2),
        ("migration", None, "Xenon", "2020-Q1", F(5, 24), F(5, 10) / 2),
        ("security", None, "Xenon", "2020-Q2", F(1, 8), F(2, 10) / 2),
        # Of the sentences about migration: x1 has two, one a threat; x3 three, two threats and one security.
        ("threat", "migration", "Xenon", "2020-Q1", F(7, 24), F(3, 5) / 2),
        ("security", "migration", "Xenon", "2020-Q1", F(1, 12), F(1, 5) / 2),
        # x4 three, none framed; x6 one, security
        ("threat", "migration", "Xenon", "2020-Q2", F(0), F(0)),
        ("security", "migration", "Xenon", "2020-Q2", F(1, 4), F(1, 4) / 2),
        # y2 one, none framed; y3 one, a threat
        ("threat", "migration", "Yarrow", "2020-Q1", F(1, 4), F(1, 2) / 2),
        ("threat", "migration", "Yarrow", "2020-Q2", F(1, 2), F(3, 3) / 2),
        ("threat", "migration", ALL, "2020-Q1", F(13, 48), F(4, 7) / 2),
    ],
)
def test_prevalence_and_joint_framing_to_the_last_digit(
    prevalence, frame, given, source, period, by_article, by_passage
):
    about = pl.col("given").is_null() if given is None else pl.col("given") == given
    cell = prevalence.filter(about, frame=frame, source=source, period=period)
    found = dict(cell.select("weighting", "estimate").iter_rows())
    # Scores are stored in single precision.
    assert found["article"] == pytest.approx(float(by_article), abs=1e-7)
    assert found["passage"] == pytest.approx(float(by_passage), abs=1e-7)
    assert set(cell["scale"]) == {"intensity"}


def test_cells_of_so_few_articles_have_no_interval(prevalence):
    assert prevalence["low"].is_null().all()
    assert prevalence["high"].is_null().all()
    cell = prevalence.filter(pl.col("given").is_null(), frame="threat", source="Xenon", period="2020-Q1")
    assert cell["n_articles"].to_list() == [3, 3]


def test_the_ledger_accounts_for_every_row(golden):
    accounts = json.loads((golden.folder / "results/golden/corpus/accounts.json").read_text())
    assert {name: accounts[name] for name in ("rows_read", "kept", "rejected", "merged")} == {
        "rows_read": 17,
        "kept": 12,
        "rejected": 4,
        "merged": 1,
    }
    assert accounts["reasons"] == {"unreadable row": 1, "no text": 1, "too short": 1, "no source": 1}
    assert accounts["dates"]["missing"] == 1
    assert accounts["sources"] == {"Xenon": 6, "Yarrow": 6}


def test_the_rejected_rows_are_named(golden):
    rejected = pl.read_parquet(golden.folder / "results/golden/corpus/rejected.parquet")
    assert dict(rejected.select("row", "reason").iter_rows()) == {
        6: "unreadable row",
        15: "too short",
        16: "no source",
        17: "no text",
    }
    assert set(rejected["file"]) == {"articles.jsonl"}


def test_the_copy_is_merged_with_the_first(golden):
    articles = pl.read_parquet(golden.folder / "results/golden/corpus/articles.parquet")
    copies = articles.filter(pl.col("duplicate_of").is_not_null())
    first = articles.filter(original_id="x1")["article_id"].item()
    assert copies.select("original_id", "duplicate_of", "wire_cluster").rows() == [("x1b", first, first)]


def test_what_could_not_be_compared_is_listed_with_the_reason(golden):
    omitted = pl.read_parquet(golden.folder / "results/golden/comparisons/omitted.parquet")
    undated = omitted.filter(pl.col("reason").str.contains("without a date"), source="Yarrow")
    assert undated["reason"].unique().to_list() == ["articles without a date are left out: 1"]
    assert omitted["reason"].str.len_chars().min() > 10
