"""The ledger adds up, ids last, sources are mapped, and a preview tells roughly what is to come."""

import csv
import tempfile

import polars as pl
import pytest
from corpora import BODIES, configure, ingest, row, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from frameshift.corpus import preview
from frameshift.corpus.ingest import read_corpus
from frameshift.corpus.preview import preview_corpus
from frameshift.errors import UserError
from frameshift.tables import check_table

PASSAGES = {"max_words": 60, "max_sentences": 5}


def test_every_row_ends_in_one_place_with_its_reason(tmp_path):
    corpus = ingest(
        tmp_path,
        [
            row(BODIES[0]),
            row(BODIES[0], date="2015-01-04"),
            row(BODIES[0], source="B", date="never"),
            row(BODIES[1], date="", title=None),
            row(BODIES[2], date="2150-01-01"),
            row(""),
            row("too few words"),
            row(BODIES[1], source=" "),
            ["no object"],
        ],
    )
    accounts = corpus.accounts
    assert (accounts["rows_read"], accounts["kept"], accounts["merged"], accounts["rejected"]) == (9, 4, 1, 4)
    assert accounts["reasons"] == {"no source": 1, "no text": 1, "too short": 1, "unreadable row": 1}
    assert accounts["dates"] == {"known": 1, "missing": 1, "unparsable": 1, "out of range": 1}
    assert accounts["sources"] == {"A": 3, "B": 1}
    assert corpus.rejected.rows() == [
        ("articles.jsonl", 6, "no text", "the field of the text is empty", "A"),
        ("articles.jsonl", 8, "no source", "the field of the source is empty", None),
        ("articles.jsonl", 9, "unreadable row", "not a JSON object but a list", None),
        ("articles.jsonl", 7, "too short", "3 words, corpus.min_words is 5", "A"),
    ]
    check_table(corpus.articles, "corpus/articles")
    check_table(corpus.rejected, "corpus/rejected")
    assert corpus.articles["title"].to_list() == ["T", "T", "T", "", "T"]
    assert corpus.articles["n_words"].to_list() == [14, 14, 14, 11, 14]


dirty_rows = st.lists(
    st.one_of(
        st.builds(
            row,
            st.one_of(st.sampled_from([*BODIES, "short", "", None]), st.text(max_size=40)),
            title=st.one_of(st.none(), st.text(max_size=8)),
            date=st.sampled_from(["2015-01-02", "2015-03-04", "0001-01-01", "soon", "", None]),
            source=st.one_of(st.none(), st.sampled_from(["A", "B", ""])),
        ),
        st.sampled_from([[], "text", 3, None]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(
    dirty_rows,
    st.sampled_from(["per_source", "first", "all"]),
    st.sampled_from(["keep", "reject"]),
)
def test_the_ledger_adds_up_whatever_the_rows(rows, policy, unknown):
    rows = [*rows, row(BODIES[0])]
    with tempfile.TemporaryDirectory() as folder:
        corpus = ingest(folder, rows, dates={"unknown": unknown}, duplicates={"policy": policy})
    articles, rejected, removed, accounts = corpus
    kept = articles.filter(pl.col("duplicate_of").is_null())
    assert accounts["rows_read"] == len(rows) == articles.height + rejected.height
    assert accounts["kept"] == kept.height
    assert accounts["merged"] == articles.height - kept.height
    assert sum(accounts["reasons"].values()) == accounts["rejected"] == rejected.height
    assert sum(accounts["dates"].values()) == sum(accounts["sources"].values()) == accounts["kept"]
    assert set(articles["duplicate_of"].drop_nulls()) <= set(kept["article_id"])
    assert set(articles["wire_cluster"]) <= set(articles["article_id"])
    assert rejected["row"].is_unique().all()
    check_table(articles, "corpus/articles")
    check_table(rejected, "corpus/rejected")
    check_table(removed, "corpus/removed")


def test_article_ids_do_not_change_when_rows_are_inserted(tmp_path):
    rows = [row(BODIES[0]), row(BODIES[0]), row(BODIES[1])]
    before = ingest(tmp_path, rows).articles["article_id"].to_list()
    after = ingest(tmp_path, [row(BODIES[2]), rows[0], row("x"), *rows[1:]]).articles["article_id"].to_list()
    assert before == after[1:]
    assert before[1] == f"{before[0]}-2"
    assert len(set(before)) == 3


def test_each_of_source_date_title_and_text_is_part_of_the_id(tmp_path):
    rows = [
        row(BODIES[0]),
        row(BODIES[1]),
        row(BODIES[0], title="U"),
        row(BODIES[0], date="2015-01-03"),
        row(BODIES[0], source="B"),
        row(BODIES[0], url="other"),
    ]
    ids = ingest(tmp_path, rows).articles["article_id"].to_list()
    assert len(set(ids[:5])) == 5
    assert ids[5] == f"{ids[0]}-2"
    assert all(len(article_id) == 16 for article_id in ids[:5])


def test_other_names_of_a_source_are_mapped_to_one(tmp_path):
    rows = [row(BODIES[0], source="CNN (Web  News)"), row(BODIES[1], source="CNN")]
    corpus = ingest(tmp_path, rows, sources={"CNN (Web News)": "CNN"})
    assert corpus.accounts["sources"] == {"CNN": 2}


def test_a_mapped_name_that_never_occurs_is_refused_with_the_closest(tmp_path):
    with pytest.raises(UserError, match=r"corpus\.sources.*'CNN Web'.*Closest: 'CNN Webb'.*found: 'BBC', 'CNN Webb'"):
        ingest(tmp_path, [row(BODIES[0], source="CNN Webb"), row("x", source="BBC")], sources={"CNN Web": "CNN"})


def test_the_reserved_name_is_no_source(tmp_path):
    with pytest.raises(UserError, match="reserved"):
        ingest(tmp_path, [row(BODIES[0], source="all sources")])
    with pytest.raises(UserError, match="reserved"):
        ingest(tmp_path, [row(BODIES[0])], sources={"A": "all sources"})
    assert ingest(tmp_path, [row(BODIES[0], source="all sources")], sources={"all sources": "X"}).accounts["kept"] == 1


def test_one_source_can_be_named_for_all(tmp_path):
    path = tmp_path / "stories.cor"
    path.write_text("\n".join(BODIES))
    corpus = read_corpus(path, configure(format="lines", source="ABC"))
    assert corpus.accounts["sources"] == {"ABC": 3}
    assert corpus.accounts["dates"]["missing"] == 3
    with pytest.raises(UserError, match=r"Set corpus\.source"):
        read_corpus(path, configure(format="lines"))


def test_undated_articles_can_be_rejected(tmp_path):
    corpus = ingest(tmp_path, [row(BODIES[0]), row(BODIES[1], date="17 May")], dates={"unknown": "reject"})
    assert corpus.rejected.rows() == [("articles.jsonl", 2, "unknown date", "unparsable: 17 May", "A")]


def test_optional_columns_are_carried(tmp_path):
    columns = {"url": "url", "language": "lang", "id": "key"}
    rows = [row(BODIES[0], url="http://x", lang="DE", key=7), row(BODIES[1], url="", lang=None)]
    articles = ingest(tmp_path, rows, columns=columns, languages=["en", "de"]).articles
    assert articles.select("original_id", "url", "language").rows() == [("7", "http://x", "de"), (None, None, "en")]


def test_a_corpus_of_which_nothing_is_left_is_refused_with_the_reasons(tmp_path):
    with pytest.raises(UserError, match=r"None of the 3 rows.*too short: 2, no text: 1.*row 3: no text"):
        ingest(tmp_path, [row("x"), row("y z"), row("")])


def test_broken_rows_of_a_csv_are_accounted_for(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["title", "text", "date", "source"], ["T", BODIES[0], "2015-01-02", "A"], ["T", "no"]])
    corpus = read_corpus(path, configure(), label="my corpus")
    assert corpus.rejected.rows() == [("my corpus", 3, "unreadable row", "2 columns where the header has 4", None)]


def test_a_preview_of_a_small_corpus_is_exact(tmp_path):
    path = write_rows(tmp_path, [row(BODIES[0], title=""), row(BODIES[1]), row("x")])
    assert preview_corpus(path, configure(), passages=PASSAGES) == {
        "rows": 3,
        "articles": 2,
        "passages": 3,
        "words": 26,
        "sample_texts": [BODIES[0], "T", BODIES[1]],
        "stopped": False,
    }


def test_a_preview_samples_evenly_and_stops_at_its_limit(tmp_path, monkeypatch):
    path = write_rows(tmp_path, [row(BODIES[0] if i < 500 else "x") for i in range(1000)])
    seen = preview_corpus(path, configure(), passages=PASSAGES, sample=50)
    assert (seen["rows"], seen["stopped"]) == (1000, False)
    assert seen["articles"] == pytest.approx(500, abs=1000 / 50)
    assert 50 <= len(seen["sample_texts"]) <= 200
    monkeypatch.setattr(preview, "MAX_ROWS", 400)
    seen = preview_corpus(path, configure(), passages=PASSAGES, sample=50)
    assert (seen["rows"], seen["articles"], seen["stopped"]) == (400, 400, True)


def test_dates_that_all_fail_are_a_mistake_and_some_are_a_warning(tmp_path, caplog):
    wrong = [row(body, date="7/5/2015") for body in BODIES[:2]]
    with pytest.raises(UserError, match=r"corpus\.dates: of 2 articles, 2 have .*row 1: '7/5/2015'.*dmy or mdy"):
        ingest(tmp_path, wrong)
    with caplog.at_level("WARNING", logger="frameshift"):
        corpus = ingest(tmp_path, [*wrong, row(BODIES[2])])
    assert corpus.accounts["dates"]["unparsable"] == 2
    assert "of 3 articles, 2 have a date" in caplog.text


def test_boilerplate_is_removed_and_listed_with_its_article(tmp_path):
    rows = [row(f"{BODIES[i % 3]} Number {i} said so.\nRead more\nThe Herald comes from the hills.") for i in range(12)]
    corpus = ingest(tmp_path, [*rows, row("Read more\nAdvertisement")])
    check_table(corpus.removed, "corpus/removed")
    assert corpus.accounts["removed"] == {"link": 13, "repeated": 12, "advertisement": 1}
    assert corpus.accounts["reasons"] == {"only boilerplate": 1}
    assert corpus.articles["text"].str.ends_with("said so.").all()
    counts = corpus.removed.select("form", "text", "n_articles").unique().sort("form").rows()
    assert counts == [
        ("advertisement", "Advertisement", 1),
        ("link", "Read more", 13),
        ("repeated", "The Herald comes from the hills.", 12),
    ]
    first = corpus.removed.filter(pl.col("form") == "repeated").row(0, named=True)
    assert (first["article_id"], first["file"], first["row"]) == (corpus.articles["article_id"][0], "articles.jsonl", 1)


def test_forms_and_repeated_lines_can_be_kept(tmp_path):
    rows = [row(f"{BODIES[i % 3]} Number {i} said so.\nRead more\nThe Herald comes from the hills.") for i in range(12)]
    corpus = ingest(tmp_path, rows, boilerplate={"forms": [], "repeated_share": None})
    assert corpus.removed.is_empty()
    assert corpus.articles["text"].str.contains("Read more\nThe Herald").all()


def test_ids_do_not_depend_on_what_is_removed(tmp_path):
    rows = [row(f"{BODIES[i % 3]} Number {i} said so.\nThe Herald comes from the hills.") for i in range(12)]
    kept = ingest(tmp_path, rows, boilerplate={"forms": [], "repeated_share": None})
    assert kept.articles["article_id"].equals(ingest(tmp_path, rows).articles["article_id"])


def test_articles_in_other_languages_are_set_aside(tmp_path):
    german = "Der Hafen blieb zwei Tage geschlossen, weil ein Sturm über die Küste gezogen war."
    russian = "Порт был закрыт два дня, потому что над побережьем прошла буря."
    rows = [row(BODIES[0]), row(german, source="B"), row(russian)]
    corpus = ingest(tmp_path, rows, other_languages=["de", "fr"])
    assert corpus.accounts["languages"] == {"en": 1}
    assert corpus.rejected.select("row", "reason", "detail", "source").rows() == [
        (2, "other language", "de; corpus.languages is en", "B"),
        (3, "other language", "a script that no language of the configuration uses; corpus.languages is en", "A"),
    ]
    both = ingest(tmp_path, rows, languages=["en", "de"], other_languages=["fr"])
    assert both.articles["language"].to_list() == ["en", "de"]
    none_sought = ingest(tmp_path, rows)
    assert none_sought.accounts["languages"] == {"en": 3}


def test_the_field_of_the_language_decides_where_it_is_mapped(tmp_path):
    rows = [row(BODIES[0], lang="German"), row(BODIES[1], lang="en-GB")]
    corpus = ingest(tmp_path, rows, columns={"language": "lang"}, other_languages=["de"])
    assert corpus.rejected["detail"].to_list() == ["de; corpus.languages is en"]


def test_a_repeated_id_is_rejected_unless_the_article_is_the_same(tmp_path):
    rows = [row(BODIES[0], key="7"), row(BODIES[1], key="7"), row(BODIES[0], key="7"), row(BODIES[2], key="8")]
    corpus = ingest(tmp_path, rows, columns={"id": "key"})
    assert corpus.rejected.rows() == [
        ("articles.jsonl", 2, "repeated id", "'7' is the id of another article: articles.jsonl, row 1", "A")
    ]
    assert (corpus.accounts["kept"], corpus.accounts["merged"]) == (2, 1)


def test_ids_that_are_none_are_a_mistake(tmp_path):
    rows = [row(f"{BODIES[i % 3]} Number {i} said so.", key=i % 5) for i in range(20)]
    with pytest.raises(UserError, match=r"corpus\.columns\.id: 15 of 20 rows.*row 6: '0' is the id of .*row 1\. Map"):
        ingest(tmp_path, rows, columns={"id": "key"})


def test_a_group_of_a_source_that_never_occurs_is_refused(tmp_path):
    groups = {"leaning": {"left": ["Herold"]}}
    with pytest.raises(UserError, match=r"corpus\.groups\.leaning\.left: no article has .*'Herold'.*Closest: 'Herald'"):
        ingest(tmp_path, [row(BODIES[0], source="Herald")], groups=groups)


def test_dates_keep_their_precision(tmp_path):
    rows = [row(BODIES[0], date="2015"), row(BODIES[1], date="March 2015"), row(BODIES[2], date="Tue, 03 Mar 2015")]
    articles = ingest(tmp_path, rows).articles
    assert articles.select(pl.col("date").cast(str), "date_precision").rows() == [
        ("2015-01-01", "year"),
        ("2015-03-01", "month"),
        ("2015-03-03", "day"),
    ]
