"""The coding page in a real browser: coded by keyboard, resumed, exported, on a desk and on a phone."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from frameshift.frames.codebook import load_codebook
from frameshift.frames.coding_page import write_coding_page

ROOT = Path(__file__).parents[2]
EVIL = '<script>alert(1)</script></script><!-- "quoted", & \' {{ name }}'
TEXTS = [EVIL, "=1+1 is a sum.", "Guards stopped the migrants.", "A bridge was opened.", "Only for Ben."]
CODEBOOK = load_codebook(ROOT / "config/frames.yaml")
IDS = [f"passage{i}" for i in range(5)]


def write_page(path: Path, codebook: dict) -> None:
    """A sheet on which anna has passages 0 to 3 in this order, and ben 4 and 0."""
    order = [0, 1, 2, 3, 4, 0]
    dealt = pl.DataFrame(
        {
            "coder": ["anna"] * 4 + ["ben"] * 2,
            "passage_id": [IDS[i] for i in order],
            "text": [TEXTS[i] for i in order],
            "language": ["en"] * 6,
            "source": ["The Secret Gazette"] * 6,
            "probability": [1 / 3] * 6,
        }
    )
    write_coding_page(dealt, codebook, path, name=EVIL)


@pytest.fixture
def page_file(tmp_path) -> Path:
    write_page(tmp_path / "sheet.html", CODEBOOK)
    return tmp_path / "sheet.html"


@pytest.fixture
def browser(chromium):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser, page_file):
    """Open the sheet in a browser of its own; the test fails where the page complains or asks anybody for anything."""
    troubles = []

    def open_page(script: str = "", **options):
        page = browser.new_context(**options).new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: request.url.startswith(("file:", "blob:")) or troubles.append(request.url))
        page.on("dialog", lambda dialog: troubles.append(dialog.message) or dialog.dismiss())
        page.add_init_script(script)
        page.goto(page_file.as_uri())
        return page

    yield open_page
    assert troubles == []


def begin(page, coder: str = "anna"):
    page.get_by_role("button", name=coder, exact=True).click()
    return page


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def export(page, folder: Path) -> pl.DataFrame:
    with page.expect_download() as download:
        press(page, "e")
    download.value.save_as(folder / "codes.csv")
    return pl.read_csv(folder / "codes.csv")


def seen(page) -> tuple[str, str]:
    return page.inner_text("#place"), page.inner_text("#progress-text")


def test_three_passages_are_coded_by_keyboard_one_is_undone_and_the_rest_is_exported(open_page, tmp_path):
    page = open_page()
    press(page, "Tab", "Enter")  # choose the first coder without a mouse
    press(page, "1", "q", "Enter", "Enter", "2", "4", "o", "n")
    page.keyboard.type('=two, "said" 1 o u')
    press(page, "Enter", " ")
    assert seen(page) == ("Passage 4 of 4", "anna: 3 of 4 coded")
    press(page, "u")
    assert seen(page) == ("Passage 3 of 4", "anna: 2 of 4 coded")
    assert page.locator("[data-entry=security] .state").inner_text() == "yes"
    assert page.locator("[data-entry=threat] .state").inner_text() == "open"
    assert export(page, tmp_path).height == 2
    press(page, "Enter")
    codes = export(page, tmp_path)
    assert codes.columns == ["passage_id", "coder", "threat", "security", "victim", "migration", "voice", "note",
                             "probability", "coded_at", "text"]  # fmt: skip
    assert codes.select("passage_id", "threat", "security", "victim", "migration", "voice", "note").rows() == [
        ("passage0", 1, 0, 0, 0, "quoted", None),
        ("passage1", 0, 0, 0, 0, None, None),
        ("passage2", 0, 1, 0, 1, "own", '\'=two, "said" 1 o u'),
    ]
    assert codes["coder"].to_list() == ["anna"] * 3
    assert codes["probability"].to_list() == [1 / 3] * 3
    assert codes["text"].to_list() == [EVIL, "'=1+1 is a sum.", TEXTS[2]]
    assert all(datetime.fromisoformat(time).utcoffset().total_seconds() == 0 for time in codes["coded_at"])
    assert (tmp_path / "codes.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_is_coded_is_there_after_a_reload(open_page):
    page = begin(open_page())
    press(page, "4", "Enter", "1")
    page.reload()
    assert seen(page) == ("Passage 2 of 4", "anna: 1 of 4 coded")
    assert page.locator("[data-entry=threat]").get_attribute("aria-pressed") == "true"
    press(page, "ArrowLeft")
    assert page.locator("#entries .state").all_inner_texts() == ["no", "no", "no", "yes"]


def test_an_entry_that_joins_the_codebook_opens_coded_passages_again_and_keeps_codes(open_page, page_file, tmp_path):
    write_page(page_file, {name: entry for name, entry in CODEBOOK.items() if name != "victim"})
    page = begin(open_page())
    press(page, "1", "o", "Enter", "Enter")
    write_page(page_file, CODEBOOK)
    page.reload()
    assert seen(page) == ("Passage 1 of 4", "anna: 0 of 4 coded")
    assert page.locator("#entries .state").all_inner_texts() == ["yes", "no", "open", "no"]
    press(page, "3", "Enter")
    assert export(page, tmp_path).select("threat", "security", "victim", "migration").rows() == [(1, 0, 1, 0)]


def test_coders_have_lists_and_codes_of_their_own_and_see_no_source(open_page, page_file):
    page = begin(open_page())
    press(page, "Enter")
    page.get_by_role("button", name="Not you?").click()
    begin(page, "ben")
    assert seen(page) == ("Passage 1 of 2", "ben: 0 of 2 coded")
    assert page.inner_text("#passage") == "Only for Ben."
    assert "Gazette" not in page_file.read_text()


def test_a_passage_that_looks_like_markup_is_text(open_page):
    page = begin(open_page())
    assert page.inner_text("#passage") == EVIL
    assert page.locator("#passage *").count() == 0
    assert page.title() == f"Coding sheet: {EVIL}"


def test_a_frame_needs_a_voice_and_an_issue_does_not(open_page):
    page = begin(open_page())
    press(page, "1", "Enter")
    assert page.inner_text("#said") == "Who says so? Choose own, quoted or denied."
    assert seen(page) == ("Passage 1 of 4", "anna: 0 of 4 coded")
    press(page, "1", "4", "Enter")
    assert seen(page) == ("Passage 2 of 4", "anna: 1 of 4 coded")


def test_a_mark_is_taken_away_as_open_before_and_as_no_after_confirming(open_page):
    page = begin(open_page())
    state = page.locator("[data-entry=migration] .state")
    press(page, "4", "4")
    assert state.inner_text() == "open"
    press(page, "4", "Enter", "ArrowLeft", "4")
    assert state.inner_text() == "no"


def test_a_key_that_is_held_down_codes_one_passage(open_page):
    page = begin(open_page())
    for _ in range(3):
        page.keyboard.down("Enter")
    assert seen(page)[1] == "anna: 1 of 4 coded"


def test_an_export_is_restored_at_another_machine_and_older_codes_do_not_replace_newer(open_page, tmp_path):
    page = begin(open_page())
    press(page, "1", "d", "n")
    page.keyboard.type('"well", they say')
    press(page, "Enter", "Enter", "Enter")
    export(page, tmp_path)
    other = begin(open_page())
    press(other, "ArrowRight", "4", "Enter")  # coded later than in the file
    other.set_input_files("#file", tmp_path / "codes.csv")
    other.get_by_text("1 passages restored; 1 rows are not anna's").wait_for()
    restored = export(other, tmp_path)
    assert restored.select("threat", "migration", "voice", "note").rows() == [
        (1, 0, "denied", '"well", they say'),
        (0, 1, None, None),
    ]


def test_a_filled_spreadsheet_with_semicolons_is_restored_and_incomplete_or_foreign_rows_are_not(open_page, tmp_path):
    lines = ["passage_id;coder;threat;security;victim;migration;voice;note;probability;coded_at;text",
             'passage0;anna;1;0;0;1;own;"a; b";0,3;;x', "passage1;anna;1;;;1;own;;0,3;;x",
             "passage2;ben;1;0;0;1;own;;0,3;;x", "elsewhere;anna;1;0;0;1;own;;0,3;;x"]  # fmt: skip
    (tmp_path / "filled.csv").write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    page = begin(open_page())
    page.set_input_files("#file", tmp_path / "filled.csv")
    page.get_by_text("1 passages restored; 3 rows").wait_for()
    assert export(page, tmp_path).select("passage_id", "threat", "migration", "note").rows() == [
        ("passage0", 1, 1, "a; b")
    ]


def test_a_browser_that_keeps_nothing_says_so(open_page):
    refuse = (
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"
    )
    page = begin(open_page(refuse))
    assert "your codes are lost" in page.get_by_role("alert").inner_text()
    press(page, "Enter")
    assert seen(page)[1] == "anna: 1 of 4 coded"


def test_two_tabs_of_a_coder_do_not_write_over_each_other(open_page):
    page = begin(open_page())
    other = page.context.new_page()
    other.goto(page.url)
    press(other, "Enter")
    page.get_by_text("Codes from another tab").wait_for()
    press(page, "ArrowRight", "Enter")
    assert seen(page)[1] == "anna: 2 of 4 coded"


def test_after_a_click_enter_confirms_and_on_a_button_reached_by_tab_it_presses_the_button(open_page):
    page = begin(open_page())
    page.locator("[data-entry=migration]").click()
    press(page, "Enter")
    assert seen(page)[1] == "anna: 1 of 4 coded"
    page.locator("[data-entry=migration]").focus()
    press(page, "Enter")
    assert seen(page)[1] == "anna: 1 of 4 coded"
    assert page.locator("[data-entry=migration] .state").inner_text() == "yes"


def test_help_opens_and_closes_by_keyboard_and_no_key_codes_behind_it(open_page):
    page = begin(open_page())
    press(page, "?", "1")
    assert page.get_by_role("dialog").is_visible()
    press(page, "Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert page.locator("#entries .state").all_inner_texts() == ["open"] * 4


def test_the_codebook_stands_beside_the_passage(open_page):
    page = begin(open_page(viewport={"width": 1280, "height": 800}))
    assert page.locator("aside details[open]").count() == 4
    threat = page.locator("aside details").first.inner_text()
    assert "presented as a danger" in threat
    assert "A flood of migrants is about to burst upon the coast. → Threat + Migration" in threat


def test_on_paper_there_are_the_passage_and_the_codebook_and_nothing_to_press(open_page):
    page = begin(open_page(viewport={"width": 1280, "height": 800}, color_scheme="dark"))
    page.emulate_media(media="print")
    assert page.locator("#passage").is_visible()
    assert page.get_by_text("presented as a danger").is_visible()
    assert page.locator("nav button:visible, #moves button:visible, input:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_runs_over_the_edge_and_every_button_can_be_hit(open_page, scheme):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme=scheme)
    page.get_by_role("button", name="anna", exact=True).tap()
    page.get_by_role("button", name="Threat").tap()
    page.get_by_role("button", name="quoted").tap()
    page.get_by_role("button", name="Nothing else").tap()
    assert seen(page) == ("Passage 2 of 4", "anna: 1 of 4 coded")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for target in page.locator("button:visible, summary:visible, input:visible").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44, target.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(open_page, scheme):
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) for every pair of colours that text is set in."""
    page = begin(open_page(color_scheme=scheme))
    press(page, "1", "q", "Enter", "ArrowLeft")
    ratios = page.evaluate("""() => {
      const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
      const light = (colour) => parse(colour).slice(0, 3).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      const behind = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return parse(colour)[3] === 0 ? behind(element.parentElement) : colour;
      };
      const texts = [...document.querySelectorAll("#desk *")].filter((element) => element.checkVisibility()
        && !element.disabled && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
      return texts.map((element) => {
        const [low, high] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => a - b);
        return [(high + 0.05) / (low + 0.05), element.outerHTML.slice(0, 80)];
      });
    }""")
    assert len(ratios) > 20
    assert [pair for pair in ratios if pair[0] < 4.5] == []
