"""`frameshift new`: what is found out about a corpus, what is left open, and the file that is written."""

import csv
import gzip
import io
import sys
import tarfile
from datetime import date
from pathlib import Path

import pytest
from corpora import ROOT, real_data

from frameshift import cli
from frameshift.check import complete_config
from frameshift.corpus.guess import (
    find_same_sources,
    gather_columns,
    guess_columns,
    guess_dates,
    guess_file_names,
    guess_languages,
    tell_text_kind,
)
from frameshift.corpus.sample import list_files, sample_records, spread, thin
from frameshift.new import Setting, render_config, write_config
from frameshift.schema import read_yaml

NOTHING = dict.fromkeys(("url", "date", "language", "id", "text", "title", "source"))
TODAY = date(2024, 6, 1)
BODY = "The government is considering new rules at the border, the minister said on Monday after a long debate. " * 3
GERMAN = "Die Bundesregierung berät über neue Regeln für die Grenze, sagte der Minister nach einer langen Debatte. " * 3


def rows_of(n: int = 30, **columns) -> list[dict]:
    """`n` records of which every value is that of the function given, called with the record's number."""
    return [{name.replace("__", " "): value(i) for name, value in columns.items()} for i in range(n)]


def write_table(path: Path, rows: list[dict], *, encoding: str = "utf-8", separator: str = ",") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def new(*files, folder: Path, **options) -> tuple[str, dict, str]:
    """What is said, the configuration that is written (checked with the defaults below it), and its text."""
    said = write_config([str(file) for file in files], folder=folder, today=TODAY, **options)
    (path,) = folder.glob("*.yaml")
    own = read_yaml(path)
    if own["corpus"].get("languages", ["en"]) == ["en"]:
        complete_config(own, path)
    return said, own, path.read_text()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["headline", "body", "published", "outlet", "link", "guid"], ["headline", "body", "published", "outlet"]),
        (["Titel", "Text", "Datum", "Quelle", "URL", "ID"], ["Titel", "Text", "Datum", "Quelle"]),
        (["articleTitle", "article_text", "publish_date", "newspaper", "source_url", "article_id"], None),
        (["TITRE", "Texte", "DATE", "Media name", "Link", "uuid"], None),
    ],
)
def test_columns_are_known_by_their_names_in_any_spelling(names, expected):
    title, text, day, source, url, identity = names
    rows = rows_of(
        **{
            title: lambda i: f"Border row enters week {i}",
            identity: lambda i: f"a{i}",
            url: lambda i: f"https://news.example/{i}",
            source: lambda i: ["Herald", "Courier"][i % 2],
            day: lambda i: f"2015-03-{i % 28 + 1:02d}",
            text: lambda i: f"{BODY} {i}",
        }
    )
    found = guess_columns(gather_columns(rows))
    assert [found[role] for role in ("title", "text", "date", "source")] == (expected or names[:4])
    assert (found["url"], found["id"], found["language"]) == (url, identity, None)


def test_a_name_counts_only_where_the_values_agree():
    rows = rows_of(
        id=lambda i: str(i // 3),  # an issue, not an article
        url=lambda i: "none",
        date=lambda i: ["soon", "later"][i % 2],
        source=lambda i: f"correspondent number {i}",
        text=lambda i: f"{BODY} {i}",
        text_length=lambda i: str(200 + i),
        time=lambda i: f"2015-03-{i % 28 + 1:02d}T10:15:00",
    )
    found = guess_columns(gather_columns(rows))
    assert found == {**NOTHING, "date": "time", "text": "text"}


def test_columns_without_names_are_told_by_their_values():
    rows = rows_of(
        a=lambda i: str(1_400_000_000 + i),  # as a date these would be seconds of 2014
        b=lambda i: f"Border row enters week {i}",
        c=lambda i: f"{BODY} {i}",
        d=lambda i: f"{i % 28 + 1}.3.2015",
        e=lambda i: ["Herald", "Courier"][i % 2],
        f=lambda i: f"https://news.example/{i}",
    )
    found = guess_columns(gather_columns(rows))
    assert found == {**NOTHING, "url": "f", "date": "d", "text": "c", "title": "b", "source": "e"}


def test_of_two_texts_the_one_as_published_and_not_the_teaser_is_taken():
    rows = rows_of(text=lambda i: "A short teaser.", content=lambda i: BODY, content_original=lambda i: BODY)
    assert guess_columns(gather_columns(rows))["text"] == "content_original"


def test_labels_are_no_sources_where_the_columns_have_names():
    rows = rows_of(text=lambda i: f"{BODY} {i}", label=lambda i: ["THREAT", "NEUTRAL"][i % 2])
    assert guess_columns(gather_columns(rows))["source"] is None


@pytest.mark.parametrize(
    ("values", "order", "is_ambiguous"),
    [
        (["25/3/2015", "3/4/2015"], "dmy", False),
        (["3/25/2015", "3/4/2015"], "mdy", False),
        (["3/4/2015", "5/6/2015"], None, True),
        (["2015-03-04", "somewhen"], None, False),
    ],
)
def test_the_order_of_dates_is_proven_or_said_to_be_open(values, order, is_ambiguous):
    dates = guess_dates(values, today=TODAY)
    assert (dates.order, dates.is_ambiguous) == (order, is_ambiguous)


def test_dates_far_from_the_others_are_not_likely():
    usual = [f"201{i % 5 + 2}-05-0{i % 9 + 1}" for i in range(200)]
    dates = guess_dates([*usual, "0001-01-01", "2001-10-23", "2050-01-01", ""], today=TODAY)
    assert (dates.first.year, dates.last.year) == (2012, 2016)
    assert dates.unlikely == ["0001-01-01", "2001-10-23", "2050-01-01"]
    assert dates.n == 203


def test_names_of_one_source_are_brought_together_and_others_not():
    counts = {
        "CNN": 9,
        "CNN (Web News)": 12,
        "cnn.com": 2,
        "Fox News": 8,
        "Fox Online News": 3,
        "ABC News": 2,
        "CBS": 1,
    }
    counts |= {
        "Washington Post": 5,
        "Washington Times": 5,
        "Christian Science Moniter": 1,
        "Christian Science Monitor": 7,
    }
    assert find_same_sources(counts) == {
        "CNN": "CNN (Web News)",
        "cnn.com": "CNN (Web News)",
        "Fox Online News": "Fox News",
        "Christian Science Moniter": "Christian Science Monitor",
    }


@pytest.mark.parametrize(
    ("names", "template"),
    [
        (["Guardian/2015-03-04_border.txt", "Mail/2015-03-05_sea-2.txt"], "{source}/{date}_*"),
        (["Guardian_2015-03-04.txt", "Mail_2015-03-05.txt", "Mail_2015-03-06.txt"], "{source}_{date}"),
        ([f"2015030{i} {'Guardian' if i % 2 else 'Mail'} {i}.txt" for i in range(1, 9)], "{date} {source} *"),
        (["2015-03-04-border.txt", "2015-03-05-sea.txt"], "{date}-*"),
        (["Guardian/2015/a.txt", "Mail/2016/b.txt"], "{source}/*/*"),
        (["Guardian/a.txt", "Mail/b.txt"], "{source}/*"),
        (["1.txt", "2.txt", "3.txt"], None),
        (["Guardian_2015-03-04.txt", "Mail_2015-03-05.txt", "readme.txt"], None),
    ],
)
def test_names_of_files_tell_by_a_pattern_that_all_of_them_have(names, template):
    assert guess_file_names(names) == template


def test_a_text_file_is_one_article_several_or_one_a_line():
    article = f"Border closed again\n\n{BODY}\n\n{BODY}\n"
    other = f"Sea rescue goes on\n\n{BODY}\n"
    assert tell_text_kind([article]) == "text"
    assert tell_text_kind([article, other]) == "text"
    assert tell_text_kind([f"{article}\n\n\n{other}"]) == "pages"
    assert tell_text_kind([f"{BODY * 3}\n" * 20]) == "lines"
    assert tell_text_kind(["".join(f"Border closed for the {i}th time\n" for i in range(80))]) == "lines"
    assert tell_text_kind([""]) == "text"


def test_languages_are_told_of_headlines_taken_together():
    assert guess_languages(["Grenze wieder geschlossen, Regierung ratlos"] * 20).most_common(1)[0][0] == "de"
    assert guess_languages([BODY] * 3 + [GERMAN]) == {"en": 3, "de": 1}


def test_a_sample_is_spread_over_everything():
    assert spread(range(10), 3) == [0, 3, 6]
    assert spread("ab", 5) == ["a", "b"]
    assert thin(range(25), 10) == ([*range(0, 25, 2)], 25)
    assert thin([], 3) == ([], 0)


def test_of_a_large_file_the_beginning_is_read(tmp_path, monkeypatch):
    path = write_table(tmp_path / "a.csv", rows_of(50, text=lambda i: f"text {i}"))
    assert sample_records(list_files([path]), "csv").is_whole
    monkeypatch.setattr("frameshift.corpus.sample.MAX_ROWS", 20)
    sample = sample_records(list_files([path]), "csv", size=5)
    assert (sample.n_rows, sample.is_whole) == (20, False)
    assert [record["text"] for record in sample.records] == [f"text {i}" for i in range(0, 20, 4)]


def test_a_table_as_a_german_office_saves_it(tmp_path):
    rows = rows_of(
        60,
        Titel=lambda i: f"Streit über die Grenze, Woche {i}",
        Text=lambda i: f"{GERMAN} {i}",
        Datum=lambda i: f"{i % 28 + 1:02d}.03.2015",
        Quelle=lambda i: ["Süddeutsche Zeitung", "Die Welt"][i % 2],
    )
    path = write_table(tmp_path / "Artikel März.csv", rows, encoding="cp1252", separator=";")
    said, own, _ = new(path, folder=tmp_path / "config")
    assert own == {
        "name": "Artikel_Marz",
        "corpus": {
            "path": str(path),
            "columns": {"title": "Titel", "text": "Text", "date": "Datum", "source": "Quelle"},
            "languages": ["de"],
            "dates": {"order": "dmy"},
        },
    }
    assert "cp1252" in said
    assert "codebook" in said


def test_headlines_with_years_and_no_source(tmp_path):
    rows = rows_of(60, Headline=lambda i: f"Border closed in week {i}", Year=lambda i: 2001 + i % 20)
    path = write_table(tmp_path / "my-headlines.csv", rows)
    said, own, text = new(path, folder=tmp_path / "config")
    assert own["corpus"]["columns"] == {"title": None, "text": "Headline", "date": "Year", "source": None}
    assert (own["corpus"]["source"], own["corpus"]["min_words"]) == ("my headlines", 1)
    assert own["comparisons"] == {"grain": "year"}
    assert "source: my headlines # guessed from the file's name; correct it" in text
    assert "2001 to 2020, years only" in said


def test_what_cannot_be_told_is_a_comment_and_is_said(tmp_path):
    rows = rows_of(
        60,
        title=lambda i: f"Border closed in week {i}",
        text=lambda i: f"{BODY} {i}",
        date=lambda i: f"{i % 12 + 1}/{i % 11 + 1}/2015",
        source=lambda i: ["CNN", "CNN", "CNN (Web News)"][i % 3],
    )
    said, own, text = new(write_table(tmp_path / "a.csv", rows), folder=tmp_path / "config")
    assert own["corpus"].keys() == {"path"}
    assert "order: dmy # or mdy?" in text
    assert "#   CNN (Web News): CNN\n" in text
    assert "the day or the month cannot be told" in said
    uncommented = [
        line.replace("# ", "", 1) if ": " in line or line.endswith(":") else line for line in text.splitlines()
    ]
    wanted = tmp_path / "a.yaml"
    wanted.write_text("\n".join(line for line in uncommented if "seen:" not in line and "Keys that" not in line))
    own = read_yaml(wanted)
    assert own["corpus"]["sources"] == {"CNN (Web News)": "CNN"}
    assert own["corpus"]["dates"] == {"order": "dmy"}


def test_folders_of_text_by_source_and_date(tmp_path):
    for source in ("Guardian", "Daily Mail"):
        for day in range(1, 6):
            path = tmp_path / "news" / source / f"2015-03-0{day}_border.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"A headline of day {day}\n\n{BODY}\n")
    (tmp_path / "news" / "letter.docx").write_bytes(b"")
    said, own, _ = new(tmp_path / "news", folder=tmp_path / "config")
    assert own["corpus"] == {"path": str(tmp_path / "news"), "file_names": "{source}/{date}_*"}
    assert "2 names: Daily Mail 5, Guardian 5" in said
    assert "2015-03-01 to 2015-03-05" in said
    assert "letter.docx" in said


def test_an_archive_of_pages_and_other_files(tmp_path):
    page = (
        "<html lang='en'><head><title>Border closed</title><meta property='og:site_name' content='Herald'>"
        f"</head><body><article><h1>Border closed</h1><p>{BODY}</p><p>{BODY}</p></article></body></html>"
    )
    path = tmp_path / "saved.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (("a.html", page), ("b.html.gz", gzip.compress(page.encode())), ("notes.json", "{}")):
            content = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    said, own, _ = new(path, folder=tmp_path / "config")
    assert own == {"name": "saved", "corpus": {"path": str(path), "format": "html"}}
    assert "1 name: Herald 2" in said
    assert "1 json" in said


def test_many_files_are_written_as_a_pattern(tmp_path):
    rows = rows_of(5, text=lambda i: f"{BODY} {i}")
    paths = [write_table(tmp_path / f"{i}.csv", rows) for i in range(4)]
    assert new(*paths[:2], folder=tmp_path / "two")[1]["corpus"]["path"] == [str(path) for path in paths[:2]]
    said, own, _ = new(*paths, folder=tmp_path / "all")
    assert own["corpus"]["path"] == str(tmp_path / "*.csv")
    assert "rows        20\n" in said


def test_utf16_without_a_mark_is_set(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(
        "title,text,source\n".encode("utf-16-le") + f"Border closed,{'x ' * 60},Mail\n".encode("utf-16-le")
    )
    assert new(path, folder=tmp_path / "config")[1]["corpus"]["encoding"] == "utf-16-le"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", "", "There are no articles in"),
        ("header.csv", "title,text\n", "There are no articles in"),
        ("numbers.csv", "a,b\n1,2\n3,4\n", "No column holds text: found are a, b"),
        ("letter.docx", "PK", ".docx files cannot be read"),
        ("notes.xyz", "hello", "no file there ends in"),
        ("absent.csv", None, "There is no corpus at"),
    ],
)
def test_a_file_without_articles_is_refused(tmp_path, monkeypatch, capsys, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["frameshift", "new", name])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert message in str(ended.value)
    assert not (tmp_path / "config").exists()


def test_an_existing_file_is_overwritten_only_by_force(tmp_path, monkeypatch, capsys):
    write_table(tmp_path / "mine.csv", rows_of(text=lambda i: f"{BODY} {i}"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", ["frameshift", "new", "mine.csv", *arguments])
        cli.main()

    run("--name", "other")
    assert "frameshift check config/other.yaml" in capsys.readouterr().out
    (tmp_path / "config" / "mine.yaml").write_text("name: mine\n")
    with pytest.raises(SystemExit, match=r"config/mine\.yaml exists already"):
        run()
    run("--force")
    assert "path: mine.csv" in (tmp_path / "config" / "mine.yaml").read_text()
    for name in ("config", "a b", "../a"):
        with pytest.raises(SystemExit, match="a run's name is made of letters"):
            run("--name", name, "--force")


def test_sections_stay_together_and_long_comments_stand_above():
    text = render_config(
        "a",
        [
            Setting("corpus.path", "a.csv"),
            Setting("comparisons.grain", "year"),
            Setting("corpus.min_words", 1, "why " * 40),
            Setting("corpus.dates.order", "dmy", "or mdy", is_active=False),
        ],
    )
    assert max(map(len, text.splitlines())) <= 120
    assert text.count("\ncorpus:\n") == 1
    assert "\n  min_words: 1\n  # dates:\n    # order: dmy # or mdy\n" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("seed_articles.txt", {"format": "pages", "source": "seed articles"}),
        (
            "threat_headlines.csv",
            {"columns": {"title": None, "date": None, "source": None}, "source": "threat headlines", "min_words": 1},
        ),
        ("html_pages", {"format": "html"}),
    ],
)
def test_real_files(tmp_path, name, expected):
    path = real_data(name)
    assert new(path, folder=tmp_path)[1]["corpus"] == {"path": str(path), **expected}


def test_real_articles_of_many_outlets(tmp_path):
    _, own, text = new(real_data("allsides_security.tar.gz"), folder=tmp_path)
    assert own["corpus"]["columns"] == {"text": "content_original", "url": "url", "id": "ID"}
    assert own["corpus"]["dates"] == {"earliest": "2010-01-01", "latest": "2020-12-31"}
    assert "#   Fox News (Online): Fox News\n" in text


def test_the_constants_are_the_defaults():
    from frameshift import new as module

    defaults = read_yaml(ROOT / "config" / "config.yaml")
    corpus = defaults["corpus"]
    assert defaults["frames"]["codebook"] == module.CODEBOOK
    assert corpus["other_languages"] == module.OTHER_LANGUAGES
    assert (corpus["languages"], corpus["min_words"]) == ([module.MAIN_LANGUAGE], module.MIN_WORDS)
    own_files = {
        path.stem
        for path in (ROOT / "config").glob("*.yaml")
        if "corpus" not in read_yaml(path) or path.stem == "config"
    }
    assert set(module.RESERVED) == own_files
