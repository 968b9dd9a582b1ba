"""Articles from plain text, several in a file, saved web pages and Excel sheets."""

import gzip
import io
import json
import re
import zipfile
from collections import Counter
from datetime import date, datetime

import pytest
from corpora import real_data

from frameshift.corpus.documents import extract_article, is_headline, split_headline, split_pages
from frameshift.corpus.inputs import read_rows
from frameshift.errors import UserError

COLUMNS = {"title": "title", "text": "text", "date": "date", "id": "n"}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path, format="auto", **options):
    return list(read_rows(path, format=format, columns=COLUMNS, **options))


def lines_of(text):
    """The lines as a file has them; str.splitlines cuts at form feeds, too."""
    return list(io.StringIO(text, newline="\n"))


# --- headlines


@pytest.mark.parametrize(
    "line",
    [
        "Border closed",
        "Isis: ‘You won’t stop our advance on Rome’",
        "Who will pay for the wall?",
        "“We got her!”",
        "Migrants held in the U.S.",
        "警察は東京で二人の男を逮捕",
    ],
)
def test_a_headline_is_short_and_does_not_end_like_a_sentence(line):
    assert is_headline(line)


@pytest.mark.parametrize(
    "line",
    [
        "The border was closed on Monday.",
        "“The border is closed.”",
        'He called it "a border".',
        "They asked for three things:",
        "警察は東京で二人の男を逮捕した。",
        "word " * 31,
        "警" * 31,
        "",
    ],
)
def test_a_sentence_and_a_paragraph_are_no_headlines(line):
    assert not is_headline(line)


def test_the_headline_is_taken_from_the_text_and_what_follows_stays():
    lines = ["\n", "Border closed\n", "\n", "A lead.\n", "\n", "Border closed\n", "Photo: X\n"]
    assert split_headline(lines) == ("Border closed", "A lead.\n\nBorder closed\nPhoto: X\n")


@pytest.mark.parametrize(
    "text", ["The border was closed.\n\nMore.", "Border closed\n\n", "The border was closed on\nmonday"]
)
def test_a_text_without_a_headline_stays_whole(text):
    assert split_headline(lines_of(text)) == (None, text)


def test_a_text_file_in_an_older_encoding_has_its_headline(tmp_path):
    (row,) = read(write(tmp_path / "a.txt", "Größe\r\n\r\nEin Café in München.".encode("cp1252")))
    assert row.fields == {"title": "Größe", "text": "Ein Café in München."}


def test_a_text_file_in_no_known_encoding_is_a_row_with_a_problem(tmp_path):
    write(tmp_path / "t" / "1.txt", b"A\n\nbroken \x81 t\xe9xt")
    write(tmp_path / "t" / "2.txt", "B\n\ntext")
    assert [row.problem and row.problem[:14] for row in read(tmp_path / "t")] == ["byte 0x81 at 8", None]


# --- pages

BODY = "The council met on Monday.\n\nIt will meet again.\n"


def pages_of(text, **options):
    return [(start, split_headline(page)[0]) for start, page in split_pages(lines_of(text), **options)]


def test_a_page_begins_at_a_headline_after_two_blank_lines():
    text = f"\nFirst headline here\n\n{BODY}\n\nSecond headline here\n\n{BODY}"
    assert pages_of(text) == [(2, "First headline here"), (9, "Second headline here")]


def test_after_blank_lines_a_sentence_a_paragraph_or_a_label_begins_no_page():
    for opening in ("It was late.", "word " * 40, "Member comments"):
        assert len(pages_of(f"First headline here\n\n{BODY}\n\n\n{opening}\n\n{BODY}")) == 1


def test_a_page_begins_at_a_headline_that_is_repeated_with_other_quotes():
    second = "Mayor: ‘We won’t pay for it’\n\nA lead of the article.\n\nMAYOR: 'We won't pay for it'\nPhoto: X\n"
    text = f"A headline that is repeated\nLead.\nA headline that is repeated\n{BODY}{second}{BODY}"
    assert pages_of(text) == [(1, "A headline that is repeated"), (7, "Mayor: ‘We won’t pay for it’")]


def test_a_headline_that_comes_three_times_begins_one_page():
    text = f"A headline that is repeated\nLead.\nA headline that is repeated\nA headline that is repeated\n{BODY}"
    assert len(pages_of(text)) == 1


def test_a_repetition_far_away_or_of_a_label_begins_no_page():
    far = "One.\nTwo.\nThree.\nFour.\nFive.\n"
    for line in (
        f"{BODY}The town and its mayor\n{far}The town and its mayor\n",
        f"{BODY}Photo: AFP\nLead.\nPhoto: AFP\n",
    ):
        assert len(pages_of(f"First headline here\n{line}")) == 1


@pytest.mark.parametrize("between", ["\f\n", "\n\f", "\f", "\f\n\n"])
def test_a_page_begins_after_a_form_feed_whatever_follows(between):
    assert len(pages_of(f"First headline here\n\n{BODY}{between}It was late.\n{BODY}")) == 2


def test_a_stated_break_is_dropped_and_nothing_else_divides():
    text = f"--- 1\nFirst headline here\n{BODY}\n\nNo new headline here\n--- 2\n\n\f{BODY}--- 3\n"
    pages = list(split_pages(lines_of(text), page_break=re.compile("^--- ")))
    assert [start for start, _ in pages] == [2, 11]
    assert not any("---" in line for _, page in pages for line in page)


def test_every_line_of_text_is_in_one_page():
    text = f"One repeated headline here\nLead.\nOne repeated headline here\n{BODY}\n\n\nOther headline\n{BODY}\fEnd.\n"
    lines = lines_of(text)
    given = [line for _, page in split_pages(lines) for line in page if line.strip()]
    assert "".join(given).split() == text.split()


def test_pages_are_rows_on_the_lines_on_which_they_begin(tmp_path):
    text = f"First headline here\n\n{BODY}\n\nSecond headline here\n\nA broken "
    path = write(tmp_path / "a.txt", text.encode() + b"\x81 l\xe9ne.\n\n\nThird headline here\n\n" + BODY.encode())
    rows = read(path, "pages")
    assert [(row.row, row.fields and row.fields["title"]) for row in rows] == [
        (1, "First headline here"),
        (8, None),
        (13, "Third headline here"),
    ]
    assert rows[1].problem.startswith("byte 0x81 at 10 of line 10")


def test_a_break_that_is_no_regular_expression_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"corpus\.page_break: '\(' is no regular expression"):
        read(write(tmp_path / "a.txt", "A"), "pages", page_break="(")


def test_a_file_in_which_no_page_begins_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("frameshift.corpus.documents._MAX_PAGE", 10_000)
    with pytest.raises(UserError, match=r"Set corpus\.page_break"):
        read(write(tmp_path / "a.txt", "A line of text.\n" * 2000), "pages")
    assert len(read(write(tmp_path / "b.txt", f"\f{BODY}" * 2000), "pages")) == 2000


def test_the_real_pages_are_two_articles_under_their_headlines():
    rows = read(real_data("seed_articles.txt"), "pages")
    assert [row.fields["title"] for row in rows] == [
        "Isis: ‘You won’t stop our advance on Rome’",
        "G7, tech giants agree on plan to block jihadist content online at Italy meeting",
    ]
    assert [row.row for row in rows] == [1, 34]


# --- names of files


def named(tmp_path, name, template, format="text"):
    write(tmp_path / "news" / name, "The border was closed.")
    return read(tmp_path / "news", format, file_names=template)


@pytest.mark.parametrize(
    ("name", "template", "told"),
    [
        (
            "The Post/2015-03-04 Border closed. Again.txt",
            "{source}/{date} {title}",
            {"source": "The Post", "date": "2015-03-04", "title": "Border closed. Again"},
        ),
        ("x/y/The Post/1.txt", "{source}/{id}", {"source": "The Post", "id": "1"}),
        ("The_Daily_Post_2015-03-04.txt", "{source}_{date}", {"source": "The_Daily_Post", "date": "2015-03-04"}),
        ("ab12 (en) old.txt", "{id} ({language}) *", {"id": "ab12", "language": "en"}),
        ("2015/Post.txt", "*/{source}", {"source": "Post"}),
    ],
)
def test_the_name_of_a_file_tells_what_the_template_says(tmp_path, name, template, told):
    (row,) = named(tmp_path, name, template)
    assert {field: row.fields.get(field) for field in told} == told


def test_what_the_name_tells_wins_and_a_name_that_does_not_fit_is_a_problem(tmp_path):
    path = write(tmp_path / "news" / "a - Right title.txt", "Wrong title\n\nText.")
    write(tmp_path / "news" / "other.txt", "Text.")
    first, second = read(tmp_path / "news", file_names="{id} - {title}")
    assert first.fields == {"title": "Right title", "text": "Text.", "id": "a"}
    assert second.problem == "its name does not fit corpus.file_names, '{id} - {title}'"
    assert read(path, file_names="{id} - {title}")[0].fields == first.fields


def test_with_several_inputs_the_folders_they_differ_in_count_as_names(tmp_path):
    paths = [write(tmp_path / source / "1.txt", "Text.") for source in ("Post", "Mirror")]
    assert [row.fields["source"] for row in read(paths, file_names="{source}/*")] == ["Post", "Mirror"]


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{paper}", "{paper} is no field"),
        ("{}", "{} is no field"),
        ("no field", "it has no field"),
        ("{date}{title}", "nothing sets {title} apart"),
        ("{date}*", "nothing sets * apart"),
        ("{date} {date}", "{date} is named twice"),
        ("{date", "a brace is not closed"),
        ("date} {title}", "a brace is not closed, or not opened"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(tmp_path, template, reason):
    with pytest.raises(UserError, match=rf"corpus\.file_names: .*{re.escape(reason)}.*as in"):
        named(tmp_path, "a.txt", template)


# --- web pages

PARAGRAPHS = "".join(
    f"<p>The council met on {day} to decide about the border, and its members could not agree. Öl und Größe.</p>"
    for day in ("Monday", "Tuesday", "Friday")
)
PAGE = f"""<html lang="en-GB"><head><meta charset="iso-8859-1"><title>Border closed - The Post</title>
<meta property="og:site_name" content="The Post"><meta property="article:published_time" content="2015-03-04T10:00:00Z">
<link rel="canonical" href="https://post.example/border"></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Border closed</h1>{PARAGRAPHS}</article>
<div class="comments"><p>A reader thinks that this is all wrong, and says so at length.</p></div></body></html>"""


def test_a_page_tells_its_article_and_where_it_is_from(tmp_path):
    fields = read(write(tmp_path / "a.html", PAGE.encode("latin-1")))[0].fields
    text = fields.pop("text")
    assert fields == {
        "title": "Border closed",
        "date": "2015-03-04",
        "source": "The Post",
        "url": "https://post.example/border",
    }
    assert text.count("Öl und Größe") == 3
    assert "World" not in text
    assert "reader" not in text


def test_pages_are_read_packed_and_what_their_names_tell_wins(tmp_path):
    write(tmp_path / "news" / "Mirror" / "1.htm.gz", gzip.compress(PAGE.encode("latin-1")))
    (row,) = read(tmp_path / "news", file_names="{source}/{id}")
    assert (row.fields["source"], row.fields["id"], row.fields["date"]) == ("Mirror", "1", "2015-03-04")


@pytest.mark.parametrize("page", ["", "no page", "<html></html>", "<html><body><script>a</script></body></html>"])
def test_a_page_without_an_article_has_an_empty_text(page, caplog):
    assert extract_article(page) == {"text": ""}
    assert not caplog.records


def shares(truth, found, n):
    """F1 of the n-grams of words, counted as often as they occur."""
    grams = [Counter(zip(*(words[i:] for i in range(n)), strict=False)) for words in (truth, found)]
    common = (grams[0] & grams[1]).total()
    return 2 * common / (grams[0].total() + grams[1].total())


def test_the_bodies_of_real_pages_are_found():
    folder = real_data("html_pages")
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    found = {row.file.split("/")[1].split(".")[0]: row.fields["text"] for row in read(folder, "html")}
    assert found.keys() == truth.keys()
    pairs = [(re.findall(r"\w+", truth[key]["articleBody"]), re.findall(r"\w+", found[key])) for key in truth]
    for n in (1, 4):
        scores = [shares(*pair, n) for pair in pairs]
        assert sum(scores) / len(scores) >= 0.95


# --- Excel


def make_workbook(sheets):
    """An .xlsx file with a mapping of sheet names to {row: values}; a date is given as datetime.date."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"

    def cell(place, value):
        if isinstance(value, date):
            days = (value - date(1899, 12, 30)).days if type(value) is date else value.timestamp() / 86400 + 25569
            return f'<c r="{place}" s="1"><v>{days}</v></c>'
        if isinstance(value, str):
            return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{place}"><v>{value}</v></c>'

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{links}">'
            f'<Relationship Id="r1" Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        entries = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{kind}"><sheets>{entries}</sheets></workbook>'
        )
        targets = "".join(
            f'<Relationship Id="r{n}" Type="{kind}/worksheet" Target="sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{links}">{targets}</Relationships>')
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        )
        for n, rows in enumerate(sheets.values(), 1):
            body = "".join(
                f'<row r="{number}">'
                + "".join(cell(f"{chr(65 + c)}{number}", value) for c, value in enumerate(values) if value is not None)
                + "</row>"
                for number, values in rows.items()
            )
            archive.writestr(f"xl/sheet{n}.xml", f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>')
    return file.getvalue()


ROWS = {
    3: [None, "title", "n", "date", "text"],
    4: [None, "A", 7, date(2015, 3, 4), "first"],
    6: [None, None, 7.5, "4 March", "second"],
}


def test_a_sheet_is_read_with_dates_whole_numbers_and_its_own_row_numbers(tmp_path, caplog):
    content = make_workbook({"Notes": {}, "Articles": ROWS})
    rows = read(write(tmp_path / "a.xlsx", content))
    assert [(row.row, row.fields) for row in rows] == [
        (4, {"title": "A", "text": "first", "date": date(2015, 3, 4), "id": "7"}),
        (6, {"title": None, "text": "second", "date": "4 March", "id": "7.5"}),
    ]
    assert not caplog.records


def test_a_time_in_a_sheet_is_a_time(tmp_path):
    rows = {1: ROWS[3], 2: ["x", "A", 7, datetime.fromisoformat("2015-03-04T12:00:00+00:00"), "first"]}
    assert read(write(tmp_path / "a.xlsx", make_workbook({"S": rows})))[0].fields["date"] == datetime(2015, 3, 4, 12)


def test_sheets_that_are_passed_over_are_named(tmp_path, caplog):
    read(write(tmp_path / "a.xlsx", make_workbook({"One": ROWS, "Two": ROWS})))
    assert "only the sheet 'One' is read, not 'Two'" in caplog.text


def test_a_sheet_without_a_column_that_is_mapped_and_one_without_rows_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"no column 'title' .*Did you mean 'tilte'"):
        read(write(tmp_path / "a.xlsx", make_workbook({"S": {1: ["tilte", "text"], 2: ["A", "b"]}})))
    with pytest.raises(UserError, match="holds no rows"):
        read(write(tmp_path / "a.xlsx", make_workbook({"S": {}})))


def test_a_damaged_workbook_is_refused(tmp_path):
    whole = make_workbook({"S": ROWS})
    for content in (b"", b"no workbook", whole[:-100], whole[: len(whole) // 2]):
        with pytest.raises(UserError, match=r"a\.xlsx is not a readable Excel file"):
            read(write(tmp_path / "a.xlsx", content))
