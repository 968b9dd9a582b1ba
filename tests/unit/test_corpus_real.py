"""The real articles beside the repository: skipped where they are not."""

import re

import polars as pl
import pytest
from corpora import configure, real_data

from frameshift.corpus.ingest import read_corpus

TITLES = [
    "Isis: ‘You won’t stop our advance on Rome’",
    "G7, tech giants agree on plan to block jihadist content online at Italy meeting",
]
BOILERPLATE = re.compile(r"READ (?:MORE|ALSO)|[Cc]omment|Log in|Become a Member|Photo:|AFP")


def plain(line):
    return re.sub("[‘’']", "", line)


def test_two_scraped_pages_become_two_clean_articles():
    path = real_data("seed_articles.txt")
    settings = configure(format="pages", source="The Local", columns={"date": None}, other_languages=["de", "fr", "it"])
    corpus = read_corpus(path, settings)
    articles = corpus.articles.sort("row")
    assert articles["title"].to_list() == TITLES
    lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    titles = {plain(title) for title in TITLES}
    expected = [line for line in lines if not BOILERPLATE.search(line) and plain(line) not in titles]
    kept = [line for text in articles["text"] for line in text.split("\n")]
    assert sorted(kept) == sorted(" ".join(line.split()) for line in expected)
    assert len(kept) > 20
    assert sorted(corpus.removed["form"]) == ["caption"] * 2 + ["comments"] * 3 + ["headline"] * 2 + ["link"] * 2


@pytest.fixture(scope="module")
def allsides():
    return read_corpus(
        real_data("allsides_security.tar.gz"),
        configure(
            format="json",
            columns={"text": "content_original", "url": "url", "id": "ID"},
            dates={"order": "mdy", "earliest": "2012-01-01", "latest": "2020-12-31"},
            min_words=20,
            other_languages=["de", "es", "fr", "it", "nl", "pt"],
        ),
    )


def test_every_real_article_is_accounted_for(allsides):
    accounts = allsides.accounts
    assert accounts["rows_read"] == 2823 == accounts["kept"] + accounts["merged"] + accounts["rejected"]
    assert accounts["kept"] > 2700
    assert accounts["dates"]["unparsable"] == 0
    assert set(accounts["reasons"]) <= {"too short", "no text", "only boilerplate", "other language"}


def test_what_leads_the_words_of_an_outlet_is_not_its_page_furniture(allsides):
    text = "\n".join(allsides.articles["text"])
    for furniture in (
        "toggle caption",
        "Hide caption",
        "Image copyright",
        "JUST WATCHED",
        "Sign up for Daily Newsletters",
    ):
        assert text.count(furniture) <= 2, furniture
    assert not re.search(r"^(?:Advertisement|ADVERTISEMENT|Story Continued Below)$", text, re.M)


def test_few_articles_lose_much_of_their_text(allsides):
    removed = allsides.removed.with_columns(words=pl.col("text").str.count_matches(r"\S+"))
    lost = (
        allsides.articles.select("article_id", "n_words")
        .join(removed.group_by("article_id").agg(pl.col("words").sum()), on="article_id", how="left")
        .with_columns(pl.col("words").fill_null(0))
        .with_columns(share=pl.col("words") / (pl.col("words") + pl.col("n_words")))
    )
    assert 0.01 < lost["words"].sum() / (lost["words"].sum() + lost["n_words"].sum()) < 0.05
    assert lost["share"].median() < 0.02
    assert lost.filter(pl.col("share") > 1 / 3).height < 60  # photo galleries of CNN, most of them
