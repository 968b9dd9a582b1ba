"""The real articles beside the repository: skipped where they are not."""

import re

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


def test_no_article_loses_much_of_its_text_to_boilerplate(allsides):
    removed = allsides.removed["text"].str.count_matches(r"\S+").sum()
    kept = allsides.articles["n_words"].sum()
    assert 0.005 < removed / (removed + kept) < 0.03
