import base64
import gzip
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from evidence_tables import make_codebook as make_worded_codebook
from figure_tables import make_topics

from frameshift.figures.catalogue import TITLES
from frameshift.figures.style import NothingToDraw, draw_or_say_why, save_figure
from frameshift.frames.codebook import Entry
from frameshift.report.captions import read_caption
from frameshift.report.page import group_omitted, list_topics, show_figure, tabulate, write_page
from frameshift.tables import empty_table

CAPTIONS = Path(__file__).parents[2] / "workflow" / "report"
REPORT = Path(__file__).parents[2] / "workflow" / "frameshift" / "report"
COMPARED = ["omitted", "changepoints", "events", "decomposition", "decomposition_topics", "distances", "words"]
COMPARED += ["contexts"]
VOID = {"meta", "img", "br", "link", "hr", "input"}
OVERRIDES = {
    "estimator": pl.String,
    "total": pl.Float64,
    "estimate_throughout": pl.Float64,
    "models_low": pl.Float64,
    "models_high": pl.Float64,
}
POINT = {"frame": "threat", "given": None, "source": "all sources", "grain": "all", "period": "all"}
SCORED = {"passage_id": "p", "frame": "threat", "measure": "combined", "score": 1.5, "share": None}
EVIL = '<script>alert(1)</script> & "quotes" \' {{ name }}'

CONFIG = {
    "name": "sample",
    "corpus": {"groups": {}},
    "comparisons": {"measure": "combined", "grain": "quarter"},
    "figures": {"sources": 8},
    "report": {"highest": 3, "random": 2, "snippet": None},
    "topics": {"primary": "lda", "n_topics": [2, 3], "seeds": 2, "choose_by": ["npmi", "coverage"]},
    "findings": [{"name": "gap", "frame": "threat", "source": EVIL, "expect": "higher"}],
}


class Reader(HTMLParser):
    """Checks that tags nest, and collects tags, text, headings, ids and addresses."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.headings, self.ids, self.links = [], [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        self.links += [attrs[key] for key in ("href", "src") if key in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def draw_line():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    figure.add_subplot().plot([0, 1])
    return figure, pl.DataFrame({"x": [0, 1]})


def draw_nothing():
    raise NothingToDraw("The articles have no dates, so there is nothing to draw over time.")


def make_page(folder: Path, **changes) -> str:
    articles = pl.DataFrame(
        {
            "article_id": ["1", "2", "3"],
            "source": [EVIL, EVIL, "Beacon Post"],
            "date": [date(2015, 1, 5), date(2016, 1, 5), None],
            "title": [EVIL, "Boats at sea", "A copy"],
            "url": ["https://news.example/1", "javascript:alert(1)", None],
            "duplicate_of": [None, None, "1"],
            "language": "en",
        }
    )
    passages = {"passage_id": ["p"], "article_id": ["1"], "position": [0], "text": [f"{EVIL} A danger."]}
    for stem, plot in (("corpus_over_time", draw_line), ("framing_over_time", draw_nothing)):
        figure, table = draw_or_say_why(plot)
        save_figure(figure, folder / "figures" / stem, table)
    contrast = {
        **{"frame": "threat", "given": None, "source": EVIL, "scale": "intensity", "kind": "gap", "finding": "gap"},
        **{"estimate": 0.2, "low": 0.1, "high": 0.3, "q": 0.01, "leads": True, "estimator": None, "smallest": 0.1},
        **{"total": None, "estimate_throughout": None, "models_low": None, "models_high": None},
    }
    content = {
        "config": CONFIG,
        "articles": articles,
        "passages": pl.LazyFrame(passages),
        "scores": pl.LazyFrame([SCORED], schema_overrides={"share": pl.Float64}),
        "accounts": {"rows_read": 4, "kept": 2, "rejected": 1, "merged": 1, "reasons": {"too short": 1}},
        "encoder": {"model": EVIL, "backend": "openvino", "reason": "as configured", "window": 256},
        "truncated": pl.Series([True] + [False] * 1233),
        "codebook": make_codebook(),
        "voices": pl.DataFrame(
            {"frame": ["threat"], "source": ["all sources"], "n_passages": [40], "quoted": [0.25], "denied": [0.05]}
        ),
        "sensitivity": pl.DataFrame(
            {
                "frame": ["threat"] * 3,
                "source": [EVIL, "Beacon Post", "all sources"],
                "n_passages": [9, 9, 18],
                "difference": [0.1, -0.1, 0.0],
                "low": [0.05, -0.2, 0.0],
                "high": [0.2, 0.1, 0.0],
                "agreement": [None, None, 0.87],
            }
        ),
        "validation": empty_table("frames/validation"),
        "disagreements": empty_table("frames/disagreements"),
        "n_coded": 0,
        "prevalence": make_prevalence("intensity"),
        "evidence": pl.DataFrame(
            [{**POINT, "passage_id": "p", "chosen": "highest", "rank": 1}], schema=empty_table("report/evidence").schema
        ),
        "dated": [{"name": EVIL, "date": "2015-06-01", "sources": None}],
        "contrasts": pl.DataFrame([contrast], schema_overrides=OVERRIDES),
        **{name: empty_table(f"comparisons/{name}") for name in COMPARED},
        "selection": make_selection(),
        "topics": make_topics(3).with_columns(articles=pl.lit(["1", "2"])),
        "assignments": pl.DataFrame({"article_id": ["1", "2"], "topic": [0, 0], "fitted": [True, False]}),
        "figures": [folder / "figures" / "corpus_over_time", folder / "figures" / "framing_over_time"],
        "captions": CAPTIONS,
        "tables": {"corpus/articles.parquet": "the articles"},
        "downloads": [{"name": "comparisons/words", "rows": 7, "data": "H4sI", "about": EVIL}],
    }
    write_page(folder / "report.html", **content | changes)
    return (folder / "report.html").read_text(encoding="utf-8")


def make_codebook() -> dict[str, Entry]:
    return {"threat": replace(make_worded_codebook()["threat"], definition=EVIL)}


def make_prevalence(scale: str, measure: str = "combined") -> pl.DataFrame:
    estimate = {"estimate": 0.2, "low": 0.1, "high": None, "n_articles": 2, "start": None, "weighting": "article"}
    overrides = {"given": pl.String, "start": pl.Date, "high": pl.Float64}
    return pl.DataFrame([{**POINT, **estimate, "measure": measure, "scale": scale}], schema_overrides=overrides)


def unpack(page: str) -> dict:
    """The payload of a page."""
    packed = re.search(r'<script type="text/plain" id="evidence">([^<]*)</script>', page)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    return make_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def read(page) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_the_frames_are_told_with_what_is_quoted_denied_and_firm(read):
    said = " ".join("".join(read.text).split())
    assert "Threat (frame)" in said
    assert "4025%5%0.871 of 2" in said
    assert "No passages of this corpus were coded by people" in said
    assert "in standard deviations of ordinary news (intensity)" in said


def test_where_people_coded_the_page_tells_shares_accuracy_and_unequal_errors(tmp_path):
    def row(measure, metric, estimate, low=None, high=None):
        return {"frame": "threat", "measure": measure, "source": "all sources", "period": "all", "n": 200,
                "metric": metric, "estimate": estimate, "low": low, "high": high}  # fmt: skip

    rows = [
        row("coders", "krippendorff alpha", 0.7, 0.6, 0.8),
        row("axis", "auc", 0.81, 0.75, 0.86),
        row("axis", "q source", 0.004),
        row("axis", "q era", 0.2),
        row("combined", "calibration error", 0.02),
    ]
    contrast = {"frame": "threat", "given": None, "source": "A", "scale": "share", "kind": "gap", "finding": None,
                "estimate": 0.05, "low": 0.01, "high": 0.09, "q": 0.01, "leads": True, "estimator": None}  # fmt: skip
    listed = {"frame": "threat", "rank": 1, "passage_id": "p", "article_id": "1", "text": EVIL, "spread": 90.0}
    page = make_page(
        tmp_path,
        validation=pl.DataFrame(rows, schema=empty_table("frames/validation").schema),
        disagreements=pl.DataFrame(
            [listed | {"measure": "axis", "percentile": 95.0}, listed | {"measure": "lexicon", "percentile": 5.0}]
        ),
        n_coded=200,
        prevalence=make_prevalence("share"),
        contrasts=pl.DataFrame([contrast]),
    )
    reader = Reader()
    reader.feed(page)
    said = " ".join(" ".join(reader.text).split())
    assert "0.81 (0.75 to 0.86)" in said
    assert "0.70 (0.60 to 0.80)" in said
    assert "threat, axis: its errors differ between sources (q = 0.004)" in said
    assert "between eras" not in said
    assert "in percentage points of passages" in said
    assert "(intensity)" not in said
    assert "axis\xa095, lexicon\xa05" in "".join(reader.text)
    assert EVIL not in page


def test_a_single_source_speaks_in_shares_too_though_nothing_can_be_contrasted(tmp_path):
    shares = pl.concat([make_prevalence("share", "topics"), make_prevalence("share")])
    nothing = pl.DataFrame(schema={**empty_table("comparisons/contrasts").schema, "finding": pl.String})
    page = make_page(tmp_path, prevalence=shares, contrasts=nothing)
    assert "in percentage points of passages" in page
    assert "(intensity)" not in page


def test_what_an_article_says_is_text_and_never_markup(page, read):
    assert EVIL not in page
    assert "<script>alert" not in page
    assert EVIL in "".join(read.text)
    data = re.findall(r'<script type="text/plain"[^>]*>([^<]*)</script>', page)
    assert len(data) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9+/]+=*", each) for each in data)
    ours = [file.read_text(encoding="utf-8").strip() for file in sorted(REPORT.glob("*.js"))]
    assert ours
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert [script.strip() for script in scripts] == ours
    assert page.count("<script") == len(data) + len(ours)
    assert not any(name.startswith("on") for _, attrs in read.tags for name in attrs)
    assert "javascript:" not in page


def test_the_page_holds_the_passages_behind_its_estimates(page, tmp_path):
    payload = unpack(page)
    assert payload["passages"]["text"] == [f"{EVIL} A danger."]
    assert payload["passages"]["marks"] == [[[len(EVIL) + 3, len(EVIL) + 9, "threat"]]]
    assert payload["points"]["passages"] == [[0]]
    assert payload["articles"]["title"] == [EVIL]
    assert payload["events"][0]["name"] == EVIL
    assert 'id="plotly"' in page
    without = make_page(tmp_path, prevalence=make_prevalence("share", "topics"))
    assert 'id="evidence"' not in without
    assert 'id="plotly"' not in without


def test_the_charting_library_comes_from_its_wheel(page):
    packed = re.search(r'<script type="text/plain" id="plotly">([^<]*)</script>', page)[1]
    assert b"plotly.js v" in gzip.decompress(base64.b64decode(packed))[:200]


@pytest.mark.parametrize(("snippet", "shown"), [(None, 60), (20, 20), (0, 0)])
def test_no_text_of_an_article_is_on_the_page_where_the_settings_leave_it_out(tmp_path, snippet, shown):
    long = "Zebra " * 10
    listed = {"frame": "threat", "rank": 1, "passage_id": "p", "article_id": "2", "text": long, "spread": 90.0}
    word = {"source": "Beacon Post", "given": None, "period": "all", "word": "sea"}
    schemas = {name: empty_table(f"comparisons/{name}").schema for name in ("words", "contexts")}
    context = {"article_id": "2", "passage_id": "p", "date": None, "before": long, "match": "sea", "after": long}
    page = make_page(
        tmp_path,
        config=CONFIG | {"report": CONFIG["report"] | {"snippet": snippet}},
        passages=pl.LazyFrame({"passage_id": ["p"], "article_id": ["1"], "position": [0], "text": [long]}),
        disagreements=pl.DataFrame([listed | {"measure": "axis", "percentile": 95.0}]),
        words=pl.DataFrame([word | {"log_odds": 1.0, "z": 3.0, "q": 0.01}], schema=schemas["words"]),
        contexts=pl.DataFrame([word | context], schema=schemas["contexts"]),
    )
    quoted = [match.strip() for match in re.findall(r"(?:Zebra ?)+", page)]
    quoted += [text.strip("… ") for text in unpack(page)["passages"]["text"] if text]
    assert (len(quoted) >= 3) == (shown > 0)
    assert all(len(text) <= shown for text in quoted)
    assert "Boats at sea" in page
    assert ("The texts of articles are left out of this page" in " ".join(page.split())) == (shown == 0)


def test_the_page_asks_no_host_for_anything(page, read):
    local = (link for link in read.links if link != "https://news.example/1")  # an article's address, to follow
    assert all(link.startswith(("#", "data:image/")) or re.match(r"[\w./]+$", link) for link in local)
    images = [attrs["src"] for tag, attrs in read.tags if tag == "img"]
    decoded = [base64.b64decode(image.split(",")[1]) for image in images]
    assert all(b"<svg" in image for image in decoded)
    assert not re.search(r"url\(|@import|<link|<iframe|<object", page)


def test_the_page_is_accessible_in_its_structure(read):
    tags = dict(read.tags)
    assert tags["html"]["lang"] == "en"
    assert read.headings[0] == 1
    assert read.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(read.headings, read.headings[1:], strict=False))
    assert len(read.ids) == len(set(read.ids))
    assert all(link[1:] in read.ids for link in read.links if link.startswith("#"))
    assert all(attrs.get("alt") for tag, attrs in read.tags if tag == "img")
    assert ("a", {"class": "skip", "href": "#main"}) in read.tags


def test_findings_come_as_sentences_with_their_verdict(read):
    said = "".join(read.text)
    assert "0.20 standard deviations higher than in all other sources together" in said
    assert "Established as expected (higher), and at least as large as the smallest effect of interest." in said


def test_the_numbers_of_the_corpus_are_told(read):
    said = " ".join(" ".join(read.text).split())
    assert "2 articles from 1 source, from 2015-01-05 to 2016-01-05, cut into 1,234 passages" in said
    assert re.search(r"rejected: too short\s*1", said)


def test_a_figure_that_could_not_be_drawn_gives_its_reason_instead_of_an_image(read):
    assert "The articles have no dates, so there is nothing to draw over time." in "".join(read.text)
    assert sum(tag == "img" for tag, _ in read.tags) == 1


def test_the_page_uses_the_captions_of_the_workflow_report(read):
    said = "".join(read.text)
    assert read_caption(CAPTIONS / "corpus_over_time.rst").reading in said


def test_contrast_of_text_is_at_least_seven_to_one_in_light_and_dark():
    css = (Path(__file__).parents[2] / "workflow" / "frameshift" / "report" / "page.css").read_text()

    def luminance(colour: str) -> float:
        colour = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    schemes = [dict(re.findall(r"--(\w+): #([0-9a-f]+)", block)) for block in re.findall(r":root \{([^}]*)\}", css)]
    assert len(schemes) == 3
    for scheme in schemes:
        paper = luminance(scheme["paper"])
        for name in ("ink", "soft", "link"):
            light, dark = sorted([luminance(scheme[name]), paper], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 7, (name, scheme)


def test_planted_values_are_shown_where_given(tmp_path):
    planted = pl.DataFrame({"what": ["attack"], "planted": [0.125], "estimated": [-0.5], "missing": [None]})
    assert tabulate(planted)["rows"] == [["attack", "0.12", "−0.50", "–"]]
    assert "Planted and estimated" in make_page(tmp_path, planted=planted)


def test_omissions_that_differ_in_numbers_only_are_grouped():
    rows = [("prevalence", None, f"s{i}", None, f"only {i + 1:,} articles (50 are needed)") for i in range(2000)]
    rows.append(("words", None, "x", None, "one source"))
    omitted = pl.DataFrame(rows, schema=empty_table("comparisons/omitted").schema, orient="row")
    groups = group_omitted(omitted)
    assert [(group["tables"], group["n"], group["more"]) for group in groups] == [
        (["prevalence"], 2000, 1996),
        (["words"], 1, -3),
    ]
    assert groups[0]["reason"] == "only 1 articles (50 are needed)"
    assert group_omitted(omitted, most=1)[-1]["reason"] == "1 further reasons"


def test_the_typical_articles_of_a_topic_are_named_in_their_order_with_source_and_date():
    columns = {"article_id": ["a", "b"], "title": ["First", ""], "source": "Echo", "date": [None, date(2015, 1, 2)]}
    columns["url"] = ["HTTPS://echo.example/a", "data:text/html,x"]
    topics = make_topics(2).with_columns(articles=pl.Series([["b", "a"], []], dtype=pl.List(pl.String)))
    named = [topic["articles"] for topic in list_topics(topics, pl.DataFrame(columns))]
    second = {"title": None, "source": "Echo", "date": "2015-01-02", "url": None}
    assert named == [[second, {"title": "First", "source": "Echo", "date": None, "url": "HTTPS://echo.example/a"}], []]


def test_the_chosen_fits_are_shown_with_their_scores_and_the_rule(tmp_path):
    page = make_page(tmp_path)
    assert "ranked on npmi, coverage, in the mean over seeds" in page
    row = re.search(r'<tr><th scope="row">LDA</th>.*?</tr>', page).group()
    assert re.findall(r">([^<>]+)</td>", row) == [
        *("3", "0.21", "0.70", "0.90", "0.40", "0.80", "0.60", "97.5%", "2 fits"),
    ]
    assert "1 article was assigned to these topics without fitting them again" in page


def make_selection() -> pl.DataFrame:
    scores = {"npmi": 0.21, "c_v": 0.7, "diversity": 0.9, "exclusivity": 0.4, "stability": 0.8, "agreement": 0.6}
    fit = {"model": "lda", "setting": "n_topics=3", "n_topics": 3, **scores, "coverage": 0.975, "outliers": 0.1}
    return pl.DataFrame([{**fit, "seed": seed, "seconds": 1.0, "chosen": seed == 1} for seed in (1, 2)])


@pytest.mark.parametrize("stem", TITLES)
def test_every_figure_has_a_caption_that_says_how_to_read_it(stem):
    caption = read_caption(CAPTIONS / f"{stem}.rst")
    assert len(caption.shows) > 60
    assert len(caption.reading) > 60
    assert not re.search(r"[`*|]|::|\{\{", (CAPTIONS / f"{stem}.rst").read_text())


def test_a_figure_of_one_issue_is_named_after_it_and_has_the_common_caption(tmp_path):
    figure, table = draw_line()
    save_figure(figure, tmp_path / "joint_framing_migration", table)
    shown = show_figure(tmp_path / "joint_framing_migration", CAPTIONS)
    assert shown.title == "Joint framing over time: migration"
    assert shown.reading == read_caption(CAPTIONS / "joint_framing.rst").reading


def test_the_same_tables_give_the_same_page(tmp_path, page):
    assert make_page(tmp_path) == page


def test_the_page_says_how_passages_were_encoded_and_how_many_were_cut(tmp_path, page):
    assert "in 32-bit floats, compiled by OpenVINO" in page
    assert "It reads 256 tokens; 1 of 1,234 passages is longer and read in part." in page
    assert "no passage is longer." in make_page(tmp_path / "whole", truncated=pl.Series([False]))
    static = {"model": "m", "backend": "static", "reason": "as configured", "window": None}
    assert "It reads passages of any length." in make_page(tmp_path, encoder=static)
