"""The sample that people code: how it is drawn, dealt, and kept from being drawn over."""

from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frameshift.errors import UserError
from frameshift.frames.codebook import load_codebook
from frameshift.frames.coding_files import check_page, digest_sheet, list_columns, write_sample, write_sheet
from frameshift.frames.coding_page import write_coding_page
from frameshift.frames.records import read_records
from frameshift.frames.sheet import BINS, deal_passages, draw_rows, draw_sample, name_eras, primary_entry, spread
from frameshift.schema import check_schema, read_yaml

ROOT = Path(__file__).parents[2]
ENTRIES = ["threat", "migration"]


def make_corpus(n: int = 300, *, sources: int = 3, years: int = 6, undated: int = 12, repeat: int = 1):
    """passages, articles and scores: article i is source i mod `sources`; every text stands in `repeat` passages."""
    articles = pl.DataFrame(
        {
            "article_id": [f"a{i}" for i in range(n)],
            "source": [f"Source {i % sources}" for i in range(n)],
            "date": [None if i < undated else date(2012 + i % years, 3, 1) for i in range(n)],
            "language": ["en"] * n,
            "duplicate_of": pl.Series([None] * n, dtype=pl.String),
        }
    )
    passages = pl.DataFrame(
        {
            "passage_id": [f"p{i:04}" for i in range(n)],
            "article_id": articles["article_id"],
            "text": [f"Text {i // repeat}." for i in range(n)],
        }
    )
    scores = passages.select("passage_id", score=pl.Series([float((i // repeat * 37) % 101) for i in range(n)]))
    return passages, articles, scores


def sample_of(corpus, n=120, seed=1) -> pl.DataFrame:
    return draw_sample(*corpus, n=n, seed=seed)


def test_the_sample_has_the_size_asked_for_and_two_passages_of_every_stratum():
    sample = sample_of(make_corpus())
    assert sample["passage_id"].n_unique() == sample.height == 120
    assert set(sample["era"]) == {"2012", "2013", "2014–2015", "2016", "2017", "undated"}
    assert set(sample["bin"]) == set(BINS)
    strata = sample.group_by("source", "era", "bin").len()
    texts = draw_sample(*make_corpus(), n=300, seed=1).group_by("source", "era", "bin").len()
    assert strata.height == texts.height
    both = strata.join(texts, on=["source", "era", "bin"], suffix="_there")
    assert (both["len"] >= both["len_there"].clip(upper_bound=2)).all()


def test_the_same_seed_draws_the_same_and_another_one_another():
    corpus = make_corpus()
    assert sample_of(corpus).equals(sample_of(corpus))
    assert set(sample_of(corpus, seed=2)["passage_id"]) != set(sample_of(corpus)["passage_id"])


def test_the_probability_of_a_row_is_how_often_it_is_drawn():
    stratum = np.repeat([0, 1, 2], [6, 20, 34])
    rng = np.random.default_rng(5)
    draws, drawn, stated = 4000, np.zeros(60), np.full(60, np.nan)
    for _ in range(draws):
        rows, probability = draw_rows(stratum, 20, rng)
        assert len(set(rows)) == 20
        drawn[rows] += 1
        stated[rows] = probability
    error = 4.5 * np.sqrt(stated * (1 - stated) / draws)  # 60 rows: one in 2,500 such tests would fail by chance
    assert (np.abs(drawn / draws - stated) < error).all()
    assert stated.sum() == pytest.approx(20)


def test_weighted_means_are_unbiased_also_where_texts_repeat_and_sources_differ():
    passages, articles, scores = make_corpus(90, years=1, undated=0)
    text = pl.Series([f"Text {0 if i % 4 == 0 else i}." for i in range(90)])  # one text stands in 23 passages
    passages = passages.with_columns(text=text)
    scores = scores.with_columns(score=text.str.len_chars() * 1.0 + text.hash(1) % 7)
    truth = (text == "Text 0.").mean()
    estimates, share, drawn = [], [], np.zeros(90)
    for seed in range(600):
        sample = draw_sample(passages, articles, scores, n=30, seed=seed)
        assert sample["text"].n_unique() == sample.height == 30
        weight = (1 / sample["probability"]).to_numpy()
        estimates.append(weight.sum() / 90)
        share.append(weight[(sample["text"] == "Text 0.").to_numpy()].sum() / 90)
        drawn[[int(name[1:]) for name in sample["passage_id"]]] += 1
    for values, expected in ((estimates, 1.0), (share, truth)):
        assert abs(np.mean(values) - expected) < 4 * np.std(values) / np.sqrt(len(values))
    assert (drawn[::4] > 0).all()  # each of the passages with that text can stand for it


def test_a_text_that_repeats_is_drawn_once_and_its_passages_share_its_probability():
    corpus = make_corpus(120, undated=0, repeat=2)
    sample = sample_of(corpus, n=1000)
    assert sample.height == 60
    assert sample["probability"].to_list() == [0.5] * 60


def test_where_the_corpus_is_smaller_than_the_sample_all_of_it_is_drawn_with_certainty():
    sample = sample_of(make_corpus(4, undated=0), n=400)
    assert sample["probability"].to_list() == [1.0] * 4


def test_merged_copies_are_not_drawn():
    passages, articles, scores = make_corpus()
    copies = articles.with_columns(duplicate_of=pl.when(pl.col("source") == "Source 1").then(pl.lit("a0")))
    assert set(draw_sample(passages, copies, scores, n=60, seed=1)["source"]) == {"Source 0", "Source 2"}


def test_an_id_that_a_spreadsheet_would_take_for_a_number_is_not_drawn():
    passages, articles, scores = make_corpus(60)
    odd = pl.col("passage_id").replace({"p0007": "1234567890123456", "p0008": "12345678e0123456"})
    sample = draw_sample(passages.with_columns(odd), articles, scores.with_columns(odd), n=400, seed=1)
    assert sample.height == 58


def test_too_many_strata_make_fewer_eras_and_then_one_stratum_of_small_sources():
    corpus = make_corpus(sources=4)
    assert sample_of(corpus, n=120)["era"].n_unique() == 6
    assert set(sample_of(corpus, n=96)["era"]) == {"2012–2014", "2015–2017", "undated"}
    assert set(sample_of(corpus, n=64)["era"]) == {"2012–2017", "undated"}
    assert set(sample_of(corpus, n=40)["era"]) == {"all"}
    sizes = [0] * 150 + [1] * 100 + list(range(2, 22)) + [22] * 30
    passages, articles, scores = corpus
    uneven = articles.with_columns(source=pl.Series([f"S{size}" for size in sizes]))
    sample = draw_sample(passages, uneven, scores, n=35, seed=1)
    assert set(sample["source"]) == {"S0", "S1", "S22", "other sources"}
    assert set(sample["era"]) == {"all"}


def test_a_budget_below_the_coarsest_strata_is_refused_with_the_number_it_takes():
    with pytest.raises(UserError, match=r"`coding\.passages` allows for 7 .*2 in each of 3 strata make 6: set it to 9"):
        sample_of(make_corpus(), n=7)
    assert sample_of(make_corpus(), n=9).height == 9


def test_a_score_with_many_ties_makes_fewer_bins():
    passages, articles, scores = make_corpus()
    ties = scores.with_columns(score=pl.when(pl.col("score") > 95).then(1.0).otherwise(0.0))
    sample = draw_sample(passages, articles, ties, n=120, seed=1)
    assert set(sample["bin"]) == {"low", "high"}


def test_eras_are_whole_years_and_hold_about_as_many():
    assert name_eras({2012: 5, 2013: 5, 2014: 5, 2015: 5}, 2) == {
        2012: "2012–2013", 2013: "2012–2013", 2014: "2014–2015", 2015: "2014–2015",
    }  # fmt: skip
    assert set(name_eras({1987: 1, 2018: 50, 2019: 50}, 2).values()) == {"1987–2018", "2019"}
    assert name_eras({}, 3) == {}


@pytest.mark.parametrize(
    ("sizes", "n", "given"),
    [([10, 10, 10], 6, [2, 2, 2]), ([1, 9, 10], 9, [1, 4, 4]), ([3, 5, 4], 4, [1, 2, 1]), ([2, 2], 9, [2, 2])],
)
def test_what_one_stratum_lacks_goes_to_the_others(sizes, n, given):
    assert spread(np.array(sizes), n).tolist() == given


def test_a_fifth_is_coded_twice_by_every_pair_alike_and_all_have_as_much_to_do():
    coders = ["anna", "ben", "cleo", "dan"]
    dealt = deal_passages(sample_of(make_corpus()), coders, double=0.2, seed=1)
    hands = dealt.group_by("passage_id").agg(pl.col("coder").sort())["coder"].to_list()
    twice = [tuple(pair) for pair in hands if len(pair) == 2]
    assert len(hands) == 120
    assert [twice.count(pair) for pair in combinations(coders, 2)] == [4] * 6
    assert dealt["coder"].value_counts()["count"].to_list() == [36] * 4


def test_coders_have_orders_of_their_own():
    dealt = deal_passages(sample_of(make_corpus()), ["anna", "ben"], double=1, seed=1)
    anna, ben = (dealt.filter(coder=coder)["passage_id"].to_list() for coder in ("anna", "ben"))
    assert sorted(anna) == sorted(ben)
    assert anna != ben != sorted(ben)


def test_a_single_coder_codes_nothing_twice():
    dealt = deal_passages(sample_of(make_corpus()), ["anna"], double=0.2, seed=1)
    assert dealt["passage_id"].n_unique() == dealt.height == 120


# The files


@pytest.mark.parametrize(
    ("key", "value"),
    [("passages", 9), ("coders", []), ("coders", ["anna;ben"]), ("coders", ["anna", "anna"]), ("coders", ["=anna"]),
     ("double", 1.1), ("coder", "anna")],
)  # fmt: skip
def test_settings_that_make_no_sheet_are_refused(key, value):
    config = read_yaml(ROOT / "config/config.yaml") | {"name": "mine"}
    check_schema(config, "config", "config/mine.yaml")
    config["coding"][key] = value
    with pytest.raises(UserError, match=rf"`coding\.{key}"):
        check_schema(config, "config", "config/mine.yaml")


@pytest.fixture
def dealt() -> pl.DataFrame:
    return deal_passages(sample_of(make_corpus(40), n=30), ["anna", "ben"], double=0.2, seed=1)


def test_the_sheet_has_a_row_a_passage_and_coder_and_does_not_tell_the_source(dealt, tmp_path):
    assert write_sheet(dealt, ENTRIES, tmp_path / "sheet.csv")
    sheet = pl.read_csv(tmp_path / "sheet.csv")
    assert sheet.columns == ["passage_id", "coder", "threat", "migration", "voice", "note", "probability", "coded_at",
                             "text"]  # fmt: skip
    assert sheet.height == 36
    assert sheet["probability"].equals(dealt["probability"])
    assert sheet.select("threat", "migration", "voice", "note", "coded_at").null_count().row(0) == (36,) * 5
    assert "Source" not in (tmp_path / "sheet.csv").read_text()
    assert (tmp_path / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_text_that_looks_like_a_formula_is_not_one_in_a_spreadsheet(dealt, tmp_path):
    text = pl.Series(['=HYPERLINK("http://x")', "-1", "+1", "@x", *["fine = so"] * (dealt.height - 4)])
    write_sheet(dealt.with_columns(text=text), ENTRIES, tmp_path / "sheet.csv")
    written = [record["text"] for _, _, record in read_records(str(tmp_path / "sheet.csv"), key="k")]
    assert written[:5] == ['\'=HYPERLINK("http://x")', "'-1", "'+1", "'@x", "fine = so"]


def test_the_design_has_a_row_a_passage_with_its_stratum_and_coders(dealt, tmp_path):
    write_sample(dealt, tmp_path / "sample.csv")
    design = pl.read_csv(tmp_path / "sample.csv")
    assert design.columns == ["passage_id", "coders", "source", "era", "bin", "probability", "text"]
    assert design.height == 30
    assert design.filter(coders="anna;ben").height == 6


def fill_in(path, semicolons: bool = False) -> str:
    """Code the first row, as a spreadsheet saves it."""
    sheet = pl.read_csv(path, infer_schema=False)
    first = pl.int_range(pl.len()) == 0
    filled = sheet.with_columns(pl.when(first).then(pl.lit("1")).alias("threat"))
    filled.write_csv(path, separator=";" if semicolons else ",")
    return path.read_text()


@pytest.mark.parametrize("semicolons", [False, True])
def test_codes_in_the_sheet_are_kept_when_it_is_drawn_again(dealt, tmp_path, semicolons):
    path = tmp_path / "sheet.csv"
    write_sheet(dealt, ENTRIES, path)
    assert write_sheet(dealt.reverse(), ENTRIES, path)  # nothing is coded yet: written anew
    coded = fill_in(path, semicolons)
    assert not write_sheet(dealt, ENTRIES, path)
    assert path.read_text() == coded


def test_a_sheet_of_other_passages_is_not_drawn_over(dealt, tmp_path):
    path = tmp_path / "sheet.csv"
    write_sheet(dealt, ENTRIES, path)
    before = path.read_bytes()
    for other in (dealt.head(20), dealt.with_columns(coder=pl.col("coder").replace({"ben": "cleo"}))):
        with pytest.raises(UserError, match=r"sheet\.csv is a sheet of other passages.*move the folder away"):
            write_sheet(other, ENTRIES, path)
    assert path.read_bytes() == before


def test_codes_without_a_new_entry_of_the_codebook_are_not_drawn_over(dealt, tmp_path):
    write_sheet(dealt, ENTRIES, tmp_path / "sheet.csv")
    fill_in(tmp_path / "sheet.csv")
    with pytest.raises(UserError, match=r"sheet\.csv holds codes, but none for victim of the codebook"):
        write_sheet(dealt, [*ENTRIES, "victim"], tmp_path / "sheet.csv")


def test_a_page_of_other_passages_is_not_drawn_over(dealt, tmp_path):
    codebook, path = load_codebook(ROOT / "tests/data/golden/frames.yaml"), tmp_path / "sheet.html"
    check_page(path, digest_sheet(dealt))
    write_coding_page(dealt, codebook, path, name="golden")
    check_page(path, digest_sheet(dealt.reverse()))
    with pytest.raises(UserError, match=r"sheet\.html is a sheet of other passages"):
        check_page(path, digest_sheet(dealt.head(20)))


def test_an_entry_named_like_a_column_is_refused():
    with pytest.raises(UserError, match=r"`entries\.voice` is named like a column"):
        list_columns(["threat", "voice"])


def test_strata_are_made_by_the_first_frame_or_the_first_issue_where_there_is_none():
    codebook = load_codebook(ROOT / "tests/data/golden/frames.yaml")
    issue_first = dict(reversed(codebook.items()))
    assert primary_entry(codebook) == "threat"
    assert primary_entry(issue_first) == "security"
    assert primary_entry({"migration": codebook["migration"]}) == "migration"
