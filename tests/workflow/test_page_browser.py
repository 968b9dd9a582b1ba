"""The page in a real browser: a point opens its passages, by mouse and by keyboard; they are searched, read aloud,
saved, printed; whatever an article says is text.
"""

import base64
import gzip
import json
import re
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from frameshift.report.page import render_page

EVIL = "<script>alert(1)</script>"
LINK = '%{x} <a href="//evil.example">x</a> "quoted" & \'so\''
NAMES = ["all sources", LINK, "人民日报 " * 6, "Nordkurier", "Small Gazette"]
QUARTERS = [f"{year}-Q{quarter}" for year in (2015, 2016) for quarter in (1, 2, 3, 4)]
GAP = "2015-Q4"  # no source has it
TEXTS = [
    f"😀 Gunmen threaten the bridge, they said: {EVIL}",
    "A threat to the bridge, and guards who stand by.",
    "The bridge was opened by the mayor.",
    "Nobody said anything about the weather.",
]


def pack(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def starts(period: str) -> str:
    year, quarter = period.split("-Q")
    return f"{year}-{3 * int(quarter) - 2:02d}-01"


def make_points(n_sources: int, *, dated: bool = True) -> list[dict]:
    """Points of two entries: the small last source lacks intervals, nobody has an estimate in GAP."""
    periods = [(0, period, starts(period)) for period in QUARTERS if period != GAP] if dated else []
    periods += [(1, year, f"{year}-01-01") for year in ("2015", "2016")] if dated else []
    whole = (2 if dated else 0, "all", None)
    return [
        {
            **{"entry": entry, "source": source, "grain": grain, "period": period, "start": start},
            **{"estimate": 0.1 * source + 0.01 * at, "n": 20 + at, "passages": [0, 1, 2], "highest": 2},
            **({"low": None, "high": None} if source == n_sources - 1 else {"low": 0.1 * source - 0.1, "high": 0.6}),
        }
        for entry in (0, 1)
        for source in range(n_sources)
        for at, (grain, period, start) in enumerate([*periods, whole])
    ]


def make_evidence(*, names=NAMES, dated: bool = True, texts=TEXTS, **changes) -> dict:
    points = make_points(len(names), dated=dated)
    colours = ["#1a1a1a", "#332288", "#E69F00", "#117733", "#c4c4c4"] + ["#c4c4c4"] * len(names)
    marks = [[[2, 8, "threat"], [9, 17, "threat"]], [[2, 8, "threat"], [28, 34, "security"]], [], []]
    scores = {measure: [2.5, 1.25, -0.5, None] + [0.0] * (len(texts) - 4) for measure in ("lexicon", "combined")}
    unit = {"factor": 1, "digits": 2, "axis": "intensity (standard deviations above ordinary news)", "short": "sd"}
    return {
        **{"measure": "combined", "scale": "intensity", "unit": unit, "grains": ["quarter", "year"] if dated else []},
        "entries": [
            {"frame": "threat", "given": None, "label": "Threat", "colour": "#D55E00"},
            {"frame": "threat", "given": "migration", "label": "Threat within migration", "colour": "#D55E00"},
        ],
        "sources": [
            {"name": name, "n": 1000 - 10 * i, "colour": colours[i], "dash": "solid", "group": False}
            for i, name in enumerate(names)
        ],
        "events": [{"name": f"Storm {LINK}", "date": "2016-02-10", "sources": None}] if dated else [],
        "points": {key: [point[key] for point in points] for key in points[0]},
        "passages": {
            **{"text": texts, "article": [0, 1, 1, *[2] * (len(texts) - 3)]},
            "marks": marks + [[]] * (len(texts) - 4),
            "score": {"threat": scores, "security": scores, "migration": scores},
        },
        "articles": {
            **{"title": [EVIL, "Bridges", None], "source": [1, 2, 3], "date": ["2015-02-03", None, "2016-01-01"]},
            "url": ["https://example.org/a?b=1&c=2", "javascript:alert(1)", None],
        },
        "left_out": "The page keeps 2 of the highest scored passages of each point and 1 drawn at random.",
    } | changes  # fmt: skip


TABLE = {"name": "comparisons/prevalence", "rows": 1, "data": pack('source,n\n"Ärger, täglich",2\n'), "about": EVIL}
NOTHING = {"rows": [], "n_searched": 0, "n_found": 0, "n_tested": 0, "n_compared": 0, "model": "LDA"}
ARTICLE = {"title": EVIL, "source": LINK, "date": "2015-02-03", "url": "https://example.org/"}
TOPIC = {"npmi": 0.1, "stability": 0.4, "n_articles": 3, "articles": [ARTICLE, ARTICLE | {"url": None}]}
ENTRY = {"label": "Threat", "kind": "frame", "definition": EVIL, "n_passages": 3, "quoted": 0.1, "denied": 0.2,
         "agreement": 0.9, "firm": 1, "n_sources": 2}  # fmt: skip


def write_page(path: Path, evidence: dict | None = None, **changes) -> Path:
    """A page of few words, whose explorer is as in a run."""
    library = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    page = render_page(
        **{
            **{"name": EVIL, "config": f"name: {EVIL}", "measure": "combined", "model": "LDA", "unstable": 0.5},
            **{"accounts": {"rows_read": 4, "kept": 3, "merged": 0, "rejected": 1, "reasons": {EVIL: 1}}},
            **{"n_passages": 4, "n_truncated": 0, "n_assigned": 0, "n_coded": 0, "span": "from 2015 to 2016"},
            **{"encoder": {"model": EVIL, "backend": "static", "reason": "as configured", "window": None}},
            **{"sources": [{"source": LINK, "n": 3, "first": None, "last": None}], "scale": "intensity", "unit": "sd"},
            **{"entries": [ENTRY], "validation": {"accuracy": [], "agreement": [], "differences": []}},
            **{"metric_names": [], "agreement_names": [], "disagreed": [], "is_swept": False, "most_rows": 20},
            **{"findings": [{"sentence": EVIL, "verdict": "as expected"}], "exploratory": []},
            **{"breaks": NOTHING, "events": NOTHING, "mix": NOTHING, "distances": NOTHING, "language": []},
            **{"topic_settings": {}, "choices": [], "omitted": [], "n_omitted": 0, "figures": [], "planted": None},
            "topics": [
                {"topic": 0, "label": f"boats {EVIL}", "words": ["boats", "sea"], **TOPIC},
                {"topic": 1, "label": "music", "words": ["song", "poem"], **TOPIC},
            ],
            **{"tables": {"corpus/articles.parquet": EVIL}, "downloads": [TABLE], "quotes": True},
            "payload": pack(json.dumps(evidence or make_evidence(), ensure_ascii=False, allow_nan=False)),
            "plotly": base64.b64encode(gzip.compress(library, 6, mtime=0)).decode(),
        }
        | changes
    )  # fmt: skip
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return write_page(tmp_path_factory.mktemp("page") / "report.html")


def go(page):
    """Go to the explorer and wait until it is drawn."""
    page.evaluate("document.getElementById('explore').scrollIntoView({behavior: 'instant'})")
    page.wait_for_selector("#chart[data-drawn]")
    return page


def heading(page) -> str:
    return page.inner_text("#behind-title")


def passages(page) -> list[str]:
    return page.locator("#passages > li").all_inner_texts()


def drawn(page) -> list[dict]:
    """What the library was given, without what jumps about."""
    return page.evaluate("document.getElementById('chart').data.map(({x, y, meta, mode}) => ({x, y, meta, mode}))")


def lines(page) -> dict[int, dict]:
    return {trace["meta"]: trace for trace in drawn(page) if trace["meta"] is not None}


def place_of(page, *, source: int, at: int) -> tuple[float, float]:
    """Where a point of a line is on the screen."""
    return page.evaluate(
        """([source, at]) => {
          const chart = document.getElementById("chart");
          chart.scrollIntoView({ block: "center", behavior: "instant" });
          const trace = chart._fullData.find((trace) => trace.meta === source);
          const { left, top } = chart.getBoundingClientRect();
          const { xaxis, yaxis } = chart._fullLayout;
          return [left + xaxis._offset + xaxis.d2p(trace.x[at]), top + yaxis._offset + yaxis.d2p(trace.y[at])];
        }""",
        [source, at],
    )


def place_of_date(page, date: str) -> float:
    """How far from the chart's left edge a date is."""
    return page.evaluate(
        """(date) => {
          const { xaxis } = document.getElementById("chart")._fullLayout;
          return xaxis._offset + xaxis.d2p(date);
        }""",
        date,
    )


def hover(page, x: float, y: float, said) -> None:
    """Move the mouse to a place until the chart says what is waited for: it passes over moves while it is busy."""
    for attempt in range(40):
        page.mouse.move(x + attempt % 2, y, steps=3)
        page.wait_for_timeout(100)
        if said.count():
            return
    raise AssertionError(f"nothing was said at {x}, {y}")


def click_point(page, *, source: int, at: int) -> None:
    hover(page, *place_of(page, source=source, at=at), page.locator("#chart .hoverlayer > *"))
    page.mouse.click(*place_of(page, source=source, at=at))


def test_a_point_opens_the_passages_behind_it(visit, file):
    page = go(visit(file, viewport={"width": 1280, "height": 1000}))
    click_point(page, source=3, at=1)
    assert heading(page) == "Threat: Nordkurier, 2015-Q2"
    about = page.inner_text("#behind-about")
    assert about.startswith("0.31 sd (95% interval 0.20 to 0.60), from 21 articles.")
    assert "2 of the highest scored and 1 drawn at random" in about
    first, second, third = passages(page)
    assert "Among the highest scored" in first
    assert TEXTS[0] in first
    assert page.locator("#passages cite").all_inner_texts() == [EVIL, "Bridges", "Bridges"]
    assert "Threat: combined 2.50, lexicon 2.50" in first
    assert "without a date" in second
    assert "Drawn at random" in third
    assert page.locator("#passages > li").nth(0).locator("mark.strong").all_inner_texts() == ["Gunmen", "threaten"]
    assert page.locator("#passages > li").nth(1).locator("mark.faint").all_inner_texts() == ["guards"]


def test_only_web_addresses_become_links_and_nothing_from_the_corpus_becomes_markup(visit, file):
    page = go(visit(file))
    links = page.locator("#passages a")
    assert links.count() == 1
    assert links.get_attribute("href") == "https://example.org/a?b=1&c=2"
    assert "noopener" in links.get_attribute("rel")
    assert page.locator("#explore script, #passages script, [onerror]").count() == 0
    x, y = place_of(page, source=1, at=4)
    said = page.locator("#chart .hoverlayer", has_text="n = 23")
    hover(page, x, y, said)
    assert '%{x} <a href="//evil.example">x</a>' in said.text_content()
    middle = page.locator("#chart").bounding_box()["x"] + place_of_date(page, "2016-02-10")
    hover(page, middle, y, page.get_by_text('Storm %{x} <a href="//evil.example">x'))
    assert page.locator("#chart a").count() == 0
    assert page.locator("tbody script").count() == 0


def test_everything_can_be_done_by_keyboard(visit, file):
    page = go(visit(file))
    page.locator("#chart").focus()
    before = heading(page)
    assert before == "Threat: all sources, 2016-Q4"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert heading(page) == f"Threat: {LINK}, 2016-Q3"
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert heading(page) == f"Threat: {LINK}, 2015-Q2"  # over the quarter that nobody has
    assert "2015-Q2" in page.locator("#said").text_content()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "behind-title"
    page.locator("#entry").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.select_option("#point-source", label="Nordkurier")
    page.select_option("#point-period", label="2016-Q1")
    page.get_by_role("button", name="Show passages").press("Enter")
    assert heading(page) == "Threat within migration: Nordkurier, 2016-Q1"
    assert "Migration: combined" in passages(page)[0] or "migration: combined" in passages(page)[0]
    page.get_by_role("button", name="Earlier period").press("Enter")
    assert heading(page) == "Threat within migration: Nordkurier, 2015-Q3"


def test_the_chart_holds_lines_that_break_at_gaps_and_hollow_points_without_intervals(visit, file):
    page = go(visit(file))
    assert set(lines(page)) == {0, 1, 2, 3}
    assert lines(page)[0]["x"][3] is None
    assert lines(page)[0]["y"] == pytest.approx([0.0, 0.01, 0.02, None, 0.03, 0.04, 0.05, 0.06])
    page.get_by_label("Small Gazette").check()
    page.get_by_label("Nordkurier").uncheck()
    assert set(lines(page)) == {0, 1, 2, 4}
    symbols = page.evaluate("document.getElementById('chart').data.find((t) => t.meta === 4).marker.symbol")
    assert set(symbols[:3]) == {"circle-open"}
    page.select_option("#grain", "year")
    assert lines(page)[0]["x"] == ["2015-01-01", "2016-01-01"]
    assert heading(page) == "Threat: all sources, 2016"  # that holds the quarter
    page.locator("#numbers summary").click()
    page.get_by_role("button", name="0.48, n 28").click()
    assert heading(page) == "Threat: Small Gazette, 2016"


def test_passages_are_found_by_words_source_and_frame(visit, file):
    page = go(visit(file))
    page.get_by_label("Search the passages").fill("BRIDGE  guards")
    page.get_by_role("heading", name="Passages found").wait_for()
    assert [TEXTS[1] in passage for passage in passages(page)] == [True]
    assert "1 passage with “BRIDGE guards”" in re.sub(r"\s+", " ", page.inner_text("#behind-about"))
    assert page.locator("#said").text_content() == "1 passage found."
    page.get_by_label("Search the passages").fill("bridge")
    page.get_by_text("3 passages with").wait_for()
    page.select_option("#search-entry", label="Threat")
    assert ["Gunmen" in passages(page)[0], len(passages(page))] == [True, 2]
    page.select_option("#search-source", label=LINK)
    assert len(passages(page)) == 1
    page.get_by_label("Search the passages").fill("nothing like it")
    page.get_by_text("0 passages with").wait_for()
    assert passages(page) == []
    assert page.locator("#more").is_hidden()


def test_many_results_are_shown_fifty_at_a_time(visit, tmp_path):
    texts = TEXTS + [f"Passage {i} of the crowd." for i in range(120)]
    page = go(visit(write_page(tmp_path / "many.html", make_evidence(texts=texts))))
    page.get_by_label("Search the passages").fill("crowd")
    page.get_by_text("120 passages with").wait_for()
    assert len(passages(page)) == 50
    page.get_by_role("button", name="70 more: show the next 50").click()
    assert len(passages(page)) == 100
    page.get_by_role("button", name="20 more: show the next 20").click()
    assert len(passages(page)) == 120
    assert page.locator("#more").is_hidden()


def test_without_dates_sources_are_compared_over_the_whole_span(visit, tmp_path):
    page = go(visit(write_page(tmp_path / "undated.html", make_evidence(dated=False))))
    assert heading(page) == "Threat: all sources, the whole span"
    assert page.inner_text("#chart-title") == "Threat, over the whole span"
    assert page.locator("#grain-field").is_hidden()
    assert {meta: trace["mode"] for meta, trace in lines(page).items()} == dict.fromkeys(range(4), "markers")
    click_point(page, source=3, at=0)
    assert heading(page) == "Threat: Nordkurier, the whole span"
    assert len(passages(page)) == 3


def test_texts_that_are_left_out_are_said_to_be(visit, tmp_path):
    page = go(visit(write_page(tmp_path / "bare.html", make_evidence(texts=[None] * 4), quotes=False)))
    assert "The settings leave the text out of this page." in passages(page)[0]
    assert "combined 2.50" in passages(page)[0]
    page.get_by_label("Search titles").fill("bridges")
    page.get_by_text("2 passages with").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_keeps_the_rules_of_accessibility(visit, file, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = go(visit(file, viewport={"width": width, "height": 900}, color_scheme=scheme))
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    page.locator("#numbers table").wait_for()
    broken = axe.run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in broken] == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_runs_over_the_edge_with_many_sources_of_long_names(visit, tmp_path, width):
    names = ["all sources", *(f"Zeitung für Überregionales und Nachrichtenwesen {i}" * 2 for i in range(40))]
    evidence = make_evidence(names=names)
    page = go(visit(write_page(tmp_path / "long.html", evidence), viewport={"width": width, "height": 800}))
    page.locator("#more-sources summary").click()
    assert page.locator("#explorer input[type=checkbox]").count() == 41
    for i in range(4, 12):
        page.locator("#explorer input[type=checkbox]").nth(i).check()
    page.select_option("#grain", "all")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_change_of_light_is_followed_by_the_chart(visit, file):
    page = go(visit(file, color_scheme="light"))
    colour = "document.getElementById('chart').data.find((trace) => trace.meta === 0).line.color"
    assert page.evaluate(colour) == "#1a1a1a"
    drawings = page.get_attribute("#chart", "data-drawn")
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector(f"#chart:not([data-drawn='{drawings}'])")
    assert page.evaluate(colour) == "#ececec"


def test_the_chart_waits_until_the_reader_comes_near(visit, tmp_path):
    findings = [{"sentence": "A finding.", "verdict": "as expected"}] * 200
    page = visit(write_page(tmp_path / "far.html", findings=findings), viewport={"width": 1280, "height": 600})
    page.wait_for_timeout(500)
    assert page.evaluate("'Plotly' in window") is False
    assert page.locator("#explorer").is_hidden()
    go(page)
    assert page.locator("#explorer").is_visible()


def test_topics_are_found_by_name_and_words_and_open_with_their_articles(visit, file):
    page = visit(file)
    page.get_by_label("Search topics").fill("SEA")
    assert page.locator(".topic:visible").count() == 1
    assert page.inner_text("#topic-count") == "1 topic of 2"
    page.locator(".topic:visible summary").click()
    shown = page.locator(".topic:visible").inner_text()
    assert f"{EVIL} (opens the article’s page) ({LINK}, 2015-02-03)" in re.sub(r"\s+", " ", shown)
    assert "unstable" in shown
    assert page.locator(".topic:visible li a").count() == 1


def test_a_table_is_saved_from_within_the_page(visit, file, tmp_path):
    page = visit(file)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save comparisons/prevalence").click()
    download.value.save_as(tmp_path / "table.csv")
    assert download.value.suggested_filename == "comparisons_prevalence.csv"
    assert pl.read_csv(tmp_path / "table.csv").rows() == [("Ärger, täglich", 2)]


def test_on_paper_the_chart_gives_way_to_a_sentence_and_everything_folded_is_open(visit, file):
    page = go(visit(file, color_scheme="dark"))
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#explorer").is_hidden()
    assert page.get_by_text("The interactive chart and the passages behind it are on the screen only").is_visible()
    assert page.locator("main details:not([open]):not(#explore details)").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".topic[open]").count() == 0


def test_old_browsers_and_those_without_scripts_are_told_where_to_look(visit, file):
    old = visit(file, script="delete window.DecompressionStream")
    old.evaluate("document.getElementById('explore').scrollIntoView({behavior: 'instant'})")
    old.get_by_text(
        "This browser cannot unpack what the page holds. The figures below show the same results."
    ).wait_for()
    without = visit(file, java_script_enabled=False)
    assert without.get_by_text(
        "Your browser runs no scripts here, so the interactive chart cannot be shown"
    ).is_visible()
    assert without.locator("#explorer").is_hidden()
    assert without.get_by_role("button", name="Save").count() == 0


def test_without_estimates_there_is_nothing_to_explore(visit, tmp_path):
    page = visit(write_page(tmp_path / "none.html", payload=None, plotly=None, downloads=[]))
    assert page.get_by_text("There are no estimates, so there is nothing to explore.").is_visible()
