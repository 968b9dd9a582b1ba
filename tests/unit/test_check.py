"""`frameshift check`: it refuses what a run refuses, and says what becomes of the rows and why."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from corpora import BODIES, ROOT, ingest, real_data, row

from frameshift import cli
from frameshift.check import check_run, complete_config
from frameshift.config import lay_over
from frameshift.corpus.examine import examine_corpus
from frameshift.errors import UserError
from frameshift.schema import read_yaml

PASSAGES = {"max_words": 60, "max_sentences": 5}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Write rows and a configuration, run `frameshift check`; (what is printed, the error or None)."""
    monkeypatch.chdir(tmp_path)

    def check(rows: list, *, raw: str = "", **corpus) -> tuple[str, str | None]:
        lines = [one if isinstance(one, str) else json.dumps(one) for one in rows]
        (tmp_path / "articles.jsonl").write_text("\n".join(lines) + "\n")
        own = {"name": "mine", "corpus": {"path": "articles.jsonl", "min_words": 5, "other_languages": [], **corpus}}
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(own) + raw)
        monkeypatch.setattr(sys, "argv", ["frameshift", "check", "mine.yaml"])
        try:
            cli.main()
        except SystemExit as ended:
            return capsys.readouterr().out, str(ended)
        return capsys.readouterr().out, None

    return check


def rows_of(n: int) -> list[dict]:
    return [row(f"{BODIES[i % 3]} Number {i}.", source="AB"[i % 2], date=f"2015-03-{i % 28 + 1:02d}") for i in range(n)]


def test_every_kind_of_row_is_counted_with_its_first_example(run):
    body = BODIES[0]
    said, error = run(
        [
            *rows_of(6),
            row(""),
            row("Too short."),
            row(body, source=""),
            "{broken",
            row("ADVERTISEMENT"),
            row(body, date=""),
            row(body, date="3/4/2015"),
            row(body, date="0001-01-01"),
            row(f"By Jane Doe\n{body}"),
        ]
    )
    assert error is None
    for line in (
        "rows        15; all were judged",
        "articles    10 of 15 rows judged (67%)",
        "rejected    1 no text: first articles.jsonl, row 7: the field of the text is empty",
        "rejected    1 too short: first articles.jsonl, row 8: 2 words, corpus.min_words is 5",
        "rejected    1 no source: first articles.jsonl, row 9",
        "rejected    1 unreadable row: first articles.jsonl, row 10: broken JSON",
        "rejected    1 only boilerplate: first articles.jsonl, row 11: nothing is left of the text without boilerplate",
        "in all      10 articles and",
        "dates       7 known (2015-01-02 to 2015-03-06), 1 missing, 1 unparsable (3/4/2015 in articles.jsonl, row 13), "
        "1 out of range (0001-01-01 in articles.jsonl, row 14)",
        "languages   en 10",
        "sources     2: A 10, B 3",
        "removed     1 byline: first 'By Jane Doe'",
        "  - Dates that cannot be read count as unknown, such as 3/4/2015 in articles.jsonl, row 13.",
    ):
        assert f"  {line.strip()}" in said


def test_what_is_judged_agrees_with_the_run(tmp_path):
    """Where all rows are judged, nothing is repeated and there are no copies, the ledger has the same numbers."""
    rows = [*rows_of(3), row(""), row("Short."), row(BODIES[1], date="May"), row(BODIES[2], source="C", date="2015")]
    german = "Der Hafen blieb zwei Tage lang geschlossen, während ein Sturm über die Küste zog und niemand ausfuhr."
    rows.append(row(german))
    accounts = ingest(tmp_path, rows, other_languages=["de", "fr"]).accounts
    settings = lay_over(
        read_yaml(ROOT / "config" / "config.yaml")["corpus"], {"min_words": 5, "other_languages": ["de", "fr"]}
    )
    seen = examine_corpus([tmp_path / "articles.jsonl"], settings, passages=PASSAGES)
    assert {reason: n for reason, (n, _) in seen.rejected.items()} == accounts["reasons"]
    assert accounts["reasons"]["other language"] == 1
    assert seen.n_articles == accounts["kept"] + accounts["merged"]
    assert {name: n for name, (n, _) in seen.dates.items()} == {k: n for k, n in accounts["dates"].items() if n}


def test_of_many_rows_some_are_judged_and_all_sources_are_counted(run):
    said, error = run(rows_of(1000))
    assert error is None
    assert "rows        1,000; 250 of them, evenly spaced, were judged" in said
    assert "articles    250 of 250 rows judged (100%)" in said
    assert "in all      about 1,000 articles and" in said
    assert "sources     2: A 500, B 500" in said


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ({"sources": {"Aa": "A"}}, "corpus.sources: no article has the source 'Aa'. Did you mean 'A'?"),
        ({"groups": {"side": {"left": ["A"], "right": ["Bb"]}}}, "corpus.groups.side.right: no article has the source"),
        ({"min_words": 500}, "None of the 30 rows judged becomes an article"),
        ({"columns": {"text": "body"}}, "has no column 'body' (corpus.columns.text)"),
        ({"path": "none.jsonl"}, "There is no corpus at none.jsonl"),
        ({"formt": "jsonl"}, "`corpus.formt` is no known key; did you mean `format`?"),
        ({"languages": ["xx"]}, "lacks 'xx'"),
    ],
)
def test_what_a_run_refuses_ends_with_a_message(run, corpus, message):
    assert message in run(rows_of(30), **corpus)[1]


def test_dates_of_which_none_can_be_read_are_an_error(run):
    rows = [row(f"{BODIES[0]} {i}", date=f"{i % 12 + 1}/{(i + 1) % 12 + 1}/2015") for i in range(20)]
    assert "corpus.dates: no date can be read, such as 1/2/2015 in articles.jsonl, row 1" in run(rows)[1]
    said, error = run(rows, dates={"order": "dmy"})
    assert error is None
    assert "20 known" in said


def test_a_name_that_is_absent_from_the_part_that_was_read_is_a_warning(run, monkeypatch):
    monkeypatch.setattr("frameshift.corpus.examine.MAX_ROWS", 20)
    rows = [*rows_of(30), row(BODIES[0], source="C")]
    said, error = run(rows, sources={"C": "A"}, columns={"id": "missing"})
    assert error is None
    assert "rows        more than 20; all were judged" in said
    assert "corpus.sources: no article has the source 'C'. It may stand in what was not read." in said
    assert "corpus.columns.id: the column 'missing' is empty in every row that was judged." in said
    assert "in all      more than 20 articles" in said


def test_repeated_ids_and_missing_dates_are_warned_of(run):
    said, error = run([row(f"{BODIES[0]} {i}", id=i // 4) for i in range(40)], columns={"id": "id", "date": None})
    assert error is None
    assert "corpus.columns.id: 30 of 40 rows have the id of an earlier one" in said
    assert "No article has a date: there will be no comparisons over time." in said


def test_pages_are_taken_from_the_whole_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("frameshift.corpus.examine.MAX_PAGES", 4)
    for i in range(8):
        page = (
            f"<html><head><meta property='og:site_name' content='Site {i}'></head><body><article><h1>Border {i}</h1>"
            f"<p>{BODIES[i % 3] * 6}</p></article></body></html>"
        )
        (tmp_path / f"{i}.html").write_text(page)
    settings = read_yaml(ROOT / "config" / "config.yaml")["corpus"]
    seen = examine_corpus([tmp_path], settings, passages=PASSAGES)
    assert list(seen.sources) == ["Site 0", "Site 2", "Site 4", "Site 6"]
    assert not seen.is_whole


def test_a_corpus_that_is_fetched_is_not_looked_for(run):
    digest = {"a.txt": "0" * 64}
    said, error = run([], path="data/later.tar.gz", download={"url": "https://news.example/a", "sha256": digest})
    assert error is None
    assert "The corpus is not here yet: the run fetches it from https://news.example/a" in said


def test_events_and_an_empty_file_are_checked(run, tmp_path):
    assert "none.yaml: there is no such file" in run(rows_of(3), raw="events: none.yaml\n")[1]
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(UserError, match=r"empty\.yaml holds no keys"):
        check_run(tmp_path / "empty.yaml")


def test_files_that_come_with_the_workflow_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = {"name": "a", "corpus": {"path": "a.csv"}, "events": "config/events.yaml"}
    (tmp_path / "a.csv").write_text("text\n")
    config = complete_config(own, None)
    assert config["frames"]["codebook"] == str(ROOT / "config" / "frames.yaml")
    assert config["events"] == str(ROOT / "config" / "events.yaml")


def test_a_corpus_in_a_python_package_is_found():
    pytest.importorskip("gensim", reason="the corpus of config/lee.yaml is in gensim")
    said, faults = check_run(ROOT / "config" / "lee.yaml")
    assert faults == []
    assert "articles    300 of 300 rows judged" in said


def test_the_real_articles(tmp_path):
    path = real_data("allsides_security.tar.gz")
    own = read_yaml(ROOT / "config" / "allsides.yaml")
    own = lay_over(own, {"name": "real", "corpus": {"path": str(path)}})
    del own["corpus"]["download"], own["corpus"]["sources"]
    (tmp_path / "real.yaml").write_text(yaml.safe_dump(own))
    said, faults = check_run(tmp_path / "real.yaml")
    assert faults == []
    assert "rows        2,823; " in said
    assert "sources     120: Washington Times" in said
    assert "copyright: first" in said


def test_no_model_is_loaded(tmp_path):
    heavy = ["torch", "sentence_transformers", "gensim", "bertopic", "umap", "matplotlib", "sklearn"]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows_of(5))))
    (tmp_path / "a.yaml").write_text("name: a\ncorpus: {path: a.jsonl, min_words: 5}\n")
    report = (
        "import sys; from frameshift.check import check_run; check_run('a.yaml');"
        f"print(*(m for m in {heavy} if m in sys.modules))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", report],
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.split() == []


def test_the_snakefile_needs_no_data_library_to_check_a_configuration():
    report = "import sys, frameshift.check; print(*(m for m in ('polars', 'pandas', 'lingua') if m in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    finished = subprocess.run(
        [sys.executable, "-c", report], env=environment, capture_output=True, text=True, check=True
    )
    assert finished.stdout.split() == []
