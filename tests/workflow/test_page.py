"""The page of a finished run in a real browser, and its numbers in a real LaTeX document."""

import re
import subprocess

import polars as pl
import pytest


def test_the_page_opens_offline_in_a_browser(golden, chromium, tmp_path):
    page = golden.folder / "results/golden/report.html"
    opened = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         f"--user-data-dir={tmp_path}", "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "How the news frames it: golden" in opened.stdout
    assert opened.stdout.count("<img") >= 3
    assert "CONSOLE" not in opened.stderr


def test_the_page_asks_no_host_for_anything(golden):
    page = (golden.folder / "results/golden/report.html").read_text()
    assert "Content-Security-Policy\" content=\"default-src 'none';" in page
    assert not re.search(r"<(script|img|link|iframe|source)[^>]* (src|href)=\"(?!data:image/)", page)
    assert "@import" not in page


def test_the_evidence_of_the_page_is_read_in_a_browser(golden, visit):
    page = visit(golden.folder / "results/golden/report.html", viewport={"width": 1280, "height": 900})
    page.evaluate("document.getElementById('explore').scrollIntoView()")
    page.wait_for_selector("#chart[data-drawn]")
    page.select_option("#entry", label="Threat")
    page.select_option("#grain", "quarter")
    page.select_option("#point-source", label="Yarrow")
    page.select_option("#point-period", label="2020-Q1")
    page.get_by_role("button", name="Show passages").click()
    assert page.inner_text("#behind-title") == "Threat: Yarrow, 2020-Q1"
    assert page.locator("#passages > li").count() >= 3
    assert page.locator("#passages > li").nth(0).locator("mark.strong").count() == 1
    assert "lexicon 0.50" in page.locator("#passages > li").nth(0).inner_text()
    page.get_by_label("Search the passages").fill("zzzz")
    page.get_by_text("0 passages with").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_run_keeps_the_rules_of_accessibility(golden, visit, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(golden.folder / "results/golden/report.html", color_scheme=scheme)
    page.evaluate("document.getElementById('explore').scrollIntoView()")
    page.wait_for_selector("#chart[data-drawn]")
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    broken = axe.run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in broken] == []


def test_the_numbers_of_the_run_stand_in_a_document(golden, pdflatex, tmp_path):
    numbers = (golden.folder / "results/golden/numbers.tex").read_text()
    assert r"\newcommand{\fsArticlesKept}{12}" in numbers
    (tmp_path / "numbers.tex").write_text(numbers)
    document = r"\documentclass{article}\begin{document}\input{numbers}We read \fsRowsRead{} rows.\end{document}"
    (tmp_path / "paper.tex").write_text(document)
    subprocess.run([pdflatex, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=tmp_path, check=True)
    assert (tmp_path / "paper.pdf").stat().st_size > 1000


def test_every_figure_comes_in_four_forms_and_says_why_where_it_is_empty(golden):
    figures = golden.folder / "results/golden/figures"
    stems = {path.stem for path in figures.iterdir()}
    assert stems == {"corpus_ledger", "corpus_over_time", "topic_shares", "topic_selection", "framing_over_time",
                     "joint_framing_migration", "source_frame_heatmap", "source_contrasts", "source_distances",
                     "mix_within", "breaks", "article_map", "validation", "distinctive_words",
                     "distinctive_words_migration"}  # fmt: skip
    for stem in stems:
        assert {path.suffix for path in figures.glob(f"{stem}.*")} == {".pdf", ".svg", ".png", ".csv"}
    for stem in ("topic_shares", "topic_selection", "validation"):
        assert pl.read_csv(figures / f"{stem}.csv").columns == ["reason"]


def test_snakemakes_own_report_holds_the_figures(golden):
    golden.run("--configfile", "golden.yaml", "--report", "report.zip")
    assert (golden.folder / "report.zip").stat().st_size > 100_000
