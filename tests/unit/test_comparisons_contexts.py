from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from frameshift.comparisons.contexts import REACH, find_contexts
from frameshift.tables import ALL_SOURCES

LIMITS = {"min_letters": 3, "lemmas": False}
VOCABULARY = ["camp", "house", "wave", "white_house"]


def make_articles(n: int, **columns) -> pl.DataFrame:
    """Articles a00, a01, … of Albion, one a week from 2015-01-05 on."""
    table = pl.DataFrame(
        {
            "article_id": [f"a{i:02d}" for i in range(n)],
            "source": "Albion",
            "date": [date(2015, 1, 5) + timedelta(weeks=i) for i in range(n)],
            "wire_cluster": [f"a{i:02d}" for i in range(n)],
            "language": "en",
        }
    )
    return table.with_columns(period=pl.col("date").dt.strftime("%Y")).with_columns(**columns)


def make_passages(articles: pl.DataFrame, texts: list[str]) -> pl.DataFrame:
    return articles.select("article_id", passage_id=pl.format("{}-1", "article_id"), position=pl.lit(1)).with_columns(
        text=pl.Series(texts)
    )


def make_words(*words: str, source: str = "Albion", given: str | None = None, period: str = "all") -> pl.DataFrame:
    rows = [{"source": source, "given": given, "period": period, "word": word} for word in words]
    return pl.DataFrame(rows, schema=dict.fromkeys(["source", "given", "period", "word"], pl.String))


def find(words, articles, texts, *, passages=None, most=3, counts=None, **options):
    counts = np.ones((len(articles), len(VOCABULARY))) if counts is None else counts
    passages = make_passages(articles, texts) if passages is None else passages
    return find_contexts(
        words, sparse.csr_matrix(counts), VOCABULARY, articles, passages, most=most, **(LIMITS | options)
    )


def test_a_word_stands_between_what_comes_before_and_after_it():
    found = find(make_words("wave", given="migration"), make_articles(1), ["They call it a Wave\nof <b>newcomers</b>."])
    assert found.drop("date").rows(named=True) == [
        {
            **{"source": "Albion", "given": "migration", "period": "all", "word": "wave"},
            **{"article_id": "a00", "passage_id": "a00-1"},
            **{"before": "They call it a ", "match": "Wave", "after": " of <b>newcomers</b>."},
        }
    ]


def test_long_surroundings_are_cut_between_words():
    text = "first " * 30 + "wave" + " last" * 30
    row = find(make_words("wave"), make_articles(1), [text]).row(0, named=True)
    for side, word in (("before", "first"), ("after", "last")):
        assert REACH - 6 < len(row[side]) <= REACH
        assert set(row[side].split()) == {word}
    assert row["before"].endswith(" ")


@pytest.mark.parametrize("text", ["The White House said", "THE WHITE-HOUSE said", "a white  house's"])
def test_a_phrase_is_found_as_it_stands_in_the_text(text):
    row = find(make_words("white_house"), make_articles(1), [text]).row(0, named=True)
    assert row["match"].lower().replace("-", " ").removesuffix("'s") == "white house"


def test_a_word_that_is_part_of_a_phrase_is_not_shown_for_the_word():
    found = find(make_words("house"), make_articles(1), ["The White House owns a house in the white, house next."])
    assert found.row(0, named=True)["before"] == "The White House owns a "


def test_a_lemma_is_found_in_its_other_forms():
    row = find(make_words("camp"), make_articles(1), ["All camps’ gates"], lemmas=True).row(0, named=True)
    assert (row["match"], row["after"]) == ("camps", "’ gates")


def test_examples_are_spread_over_time():
    found = find(make_words("wave"), make_articles(30), ["a wave"] * 30)
    assert found["article_id"].to_list() == ["a04", "a14", "a24"]


def test_no_two_examples_are_copies_of_one_wire_story():
    articles = make_articles(9, wire_cluster=pl.Series([f"w{i // 3}" for i in range(9)]))
    found = find(make_words("wave"), articles, ["a wave"] * 9, most=5)
    assert found["article_id"].to_list() == ["a00", "a03", "a06"]


def test_where_the_word_is_in_none_of_the_passages_a_neighbour_stands_in():
    texts = ["a wave"] * 9
    texts[4] = "nothing"
    found = find(make_words("wave"), make_articles(9), texts)
    assert found["article_id"].to_list() == ["a01", "a03", "a07"]


def test_only_articles_of_the_source_and_period_that_use_the_word_are_read():
    articles = make_articles(60, source=pl.Series(["Albion", "Brook"] * 30))
    counts = np.zeros((60, 4))
    counts[[1, 2, 55, 58], 2] = 1
    options = {"texts": ["a wave"] * 60, "counts": counts}
    assert find(make_words("wave"), articles, **options)["article_id"].to_list() == ["a02", "a58"]
    assert find(make_words("wave", source="Brook"), articles, **options)["article_id"].to_list() == ["a01", "a55"]
    late = find(make_words("wave", source=ALL_SOURCES, period="2016"), articles, **options)
    assert late["article_id"].to_list() == ["a55", "a58"]
    assert find(make_words("wave", source="leaning: left"), articles, **options).is_empty()


def test_the_order_of_rows_and_a_lazy_table_change_nothing():
    articles, texts = make_articles(20), [f"{i} a wave, a camp" for i in range(20)]
    words, passages = make_words("wave", "camp"), make_passages(articles, texts)
    found = find(words, articles, texts)
    assert find(words, articles[::-1], texts, passages=passages[::-1].lazy()).equals(found)
    assert len(found) == 6


def test_without_dates_words_or_passages_nothing_breaks():
    undated = make_articles(3, date=pl.lit(None, pl.Date), period=pl.lit(None, pl.String))
    assert find(make_words("wave"), undated, ["a wave"] * 3)["date"].null_count() == 3
    assert find(make_words(), make_articles(3), ["a wave"] * 3).is_empty()
    assert find(
        make_words("wave"), make_articles(3), ["a"] * 3, passages=make_passages(undated, ["a"] * 3)[:0]
    ).is_empty()
