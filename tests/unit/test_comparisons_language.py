from datetime import date

import polars as pl
import pytest
from scipy.sparse import csr_matrix

from frameshift.comparisons.language import compare_language, find_issue_passages

VOCABULARY = ["border", "camp", "rain"]
LIMITS = {"groups": {}, "min_articles": 2, "top": 3, "contexts": 1, "min_letters": 3, "lemmas": False}


def make_corpus():
    """Twelve articles: A writes of camps and B of rain, each one passage about migration and one not."""
    ids = [f"a{i:02}" for i in range(12)]
    sources = ["A", "B"] * 6
    texts = [("Camp camp border." if source == "A" else "Rain rain border.") for source in sources]
    articles = pl.DataFrame(
        {
            "article_id": ids,
            "source": sources,
            "date": [date(2015 + i % 3, 3, 2) for i in range(12)],
            "date_precision": ["day"] * 12,
            "duplicate_of": pl.Series([None] * 12, dtype=pl.String),
            "wire_cluster": ids,
            "language": ["en"] * 12,
        }
    )
    passages = pl.DataFrame(
        {
            "passage_id": [f"p{i}" for i in ids] + [f"q{i}" for i in ids],
            "article_id": ids * 2,
            "position": [1] * 12 + [2] * 12,
            "text": texts + ["Border."] * 12,
        }
    )
    counts = csr_matrix([[2, 2, 0] if source == "A" else [2, 0, 2] for source in sources])
    return counts, ids, articles, passages


def compare(about, **limits):
    counts, ids, articles, passages = make_corpus()
    return compare_language(counts, ids, VOCABULARY, articles, passages.lazy(), about, **LIMITS | limits)


def about(prefix: str) -> dict[str, pl.DataFrame]:
    _, ids, _, _ = make_corpus()
    return {"migration": pl.DataFrame({"passage_id": [f"{prefix}{i}" for i in ids]})}


def test_words_of_sources_stand_for_all_articles_and_for_the_passages_about_an_issue():
    words, contexts, _ = compare(about("p"))
    first = words.filter(period="all").group_by("source", "given").agg(pl.col("word").first())
    assert {row[:2]: row[2] for row in first.rows()} == {
        ("A", None): "camp", ("B", None): "rain", ("A", "migration"): "camp", ("B", "migration"): "rain",
    }  # fmt: skip
    quoted = contexts.filter(source="A", given="migration", word="camp", period="all")
    assert quoted["match"].to_list() == ["Camp"]
    assert quoted["passage_id"].item().startswith("p")


def test_only_words_of_the_passages_about_the_issue_count_within_it():
    words, _, omitted = compare(about("q"))
    assert words["given"].null_count() == len(words)  # in these, all write of the border and of nothing else
    assert "within migration: by source: the articles use fewer than two words" in omitted["reason"].to_list()


def test_an_issue_that_no_passage_is_about_is_left_out_with_the_reason():
    none = {"migration": pl.DataFrame(schema={"passage_id": pl.String})}
    words, contexts, omitted = compare(none)
    assert words["given"].null_count() == len(words) > 0
    assert contexts["given"].null_count() == len(contexts)
    assert any(reason.startswith("within migration: ") for reason in omitted["reason"])


def test_groups_have_words_and_contexts_of_their_own():
    words, contexts, _ = compare({}, groups={"leaning": {"left": ["A"], "right": ["B"]}})
    assert set(words["source"]) >= {"A", "B", "leaning: left", "leaning: right"}
    assert "leaning: left" in contexts["source"]


@pytest.mark.parametrize(
    "joint", [None, pl.DataFrame(schema={"passage_id": pl.String, "given": pl.String, "about": pl.Float64})]
)
def test_without_codes_a_passage_with_a_word_of_the_issue_is_about_it(joint):
    scores = pl.DataFrame(
        {"passage_id": ["p", "q"], "frame": "migration", "measure": "lexicon", "score": [0.5, 0.0], "share": None}
    )
    assert find_issue_passages(scores, joint, "migration", threshold=None)["passage_id"].to_list() == ["p"]


def test_with_codes_a_passage_is_about_the_issue_that_is_likelier_so_than_not():
    joint = pl.DataFrame({"passage_id": ["p", "q", "r"], "given": ["migration"] * 3, "about": [0.6, 0.4, 0.5]})
    found = find_issue_passages(pl.DataFrame(), joint, "migration", threshold=None)
    assert sorted(found["passage_id"]) == ["p", "r"]
