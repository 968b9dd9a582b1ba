"""The packed payload, read again as a browser would."""

import base64
import gzip
import json
from itertools import pairwise

import polars as pl
import pytest
from evidence_tables import GROUPS, SOURCES, make_codebook, make_run

from frameshift.report import payload as payload_module
from frameshift.report.evidence import POINT, gather_evidence, select_points
from frameshift.report.payload import MOST_PACKED, pack_evidence
from frameshift.tables import ALL_SOURCES

CODEBOOK = make_codebook()
WORDS = {"threat": ["danger", "grew"], "migration": ["Refugees", "refugees"], "victim": ["Victims"]}
EVENTS = [
    {"name": "</script><b>One", "date": "2015-06-01", "sources": ["Albion"]},
    {"name": "Two", "date": "2016-01-01"},
]


def pack_run(run, *, snippet=None, most=MOST_PACKED, evidence=None, grain="quarter"):
    if evidence is None:
        evidence = gather(run)
    return pack_evidence(
        run["prevalence"], evidence, run["articles"], run["passages"].lazy(), run["scores"].lazy(),
        codebook=CODEBOOK, events=EVENTS, measure="combined", grain=grain, groups=GROUPS, n_sources=2,
        snippet=snippet, most=most,
    )  # fmt: skip


def gather(run, highest=3, random=2):
    points = select_points(run["prevalence"], measure="combined", entries=list(CODEBOOK))
    joint = None if run["joint"] is None else run["joint"].lazy()
    return gather_evidence(
        points, run["articles"], run["passages"].lazy(), run["scores"].lazy(), joint, measure="combined",
        groups=GROUPS, threshold=None, highest=highest, random=random,
    )  # fmt: skip


def unpack(packed: str) -> dict:
    return json.loads(gzip.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def run():
    return make_run()


@pytest.fixture(scope="module")
def evidence(run):
    return gather(run)


@pytest.fixture(scope="module")
def payload(run, evidence):
    return unpack(pack_run(run, evidence=evidence))


def list_ids(run, payload):
    """passage_id of each passage of the payload, found by its text, title and source."""
    known = {
        (row["text"], row["title"] or None, row["source"], row["date"] and str(row["date"])): row["passage_id"]
        for row in run["passages"].join(run["articles"], on="article_id").iter_rows(named=True)
    }
    articles = payload["articles"]
    names = [source["name"] for source in payload["sources"]]
    return [
        known[text, articles["title"][i], names[articles["source"][i]], articles["date"][i]]
        for text, i in zip(payload["passages"]["text"], payload["passages"]["article"], strict=True)
    ]


def test_every_point_is_there_with_its_numbers(run, payload):
    points = payload["points"]
    grains = [*payload["grains"], "all"]
    held = {
        (
            *[payload["entries"][e][key] for key in ("frame", "given")],
            payload["sources"][s]["name"],
            grains[g],
            period,
        ): i
        for i, (e, s, g, period) in enumerate(
            zip(*(points[name] for name in ("entry", "source", "grain", "period")), strict=True)
        )
    }
    drawn = select_points(run["prevalence"], measure="combined", entries=list(CODEBOOK))
    assert set(held) == set(drawn.select(POINT).iter_rows())
    assert {len(column) for column in points.values()} == {len(drawn)}
    for row in drawn.iter_rows(named=True):
        i = held[tuple(row[name] for name in POINT)]
        assert points["estimate"][i] == pytest.approx(row["estimate"], abs=6e-5)
        assert points["n"][i] == row["n_articles"]
        assert points["start"][i] == (row["start"] and str(row["start"]))
        for name in ("low", "high"):
            assert (points[name][i] is None) == (row[name] is None)
    assert payload["measure"] == "combined"
    assert payload["scale"] == "intensity"
    assert payload["unit"]["short"] == "sd"
    assert payload["grains"] == ["quarter", "year"]


def test_the_passages_of_a_point_are_those_of_the_evidence_the_highest_first(run, evidence, payload):
    ids, points, grains = list_ids(run, payload), payload["points"], [*payload["grains"], "all"]
    assert len(ids) == len(set(ids)) == evidence["passage_id"].n_unique()
    chosen = dict(evidence.group_by(POINT))
    for i, passages in enumerate(points["passages"]):
        entry = payload["entries"][points["entry"][i]]
        source, grain = payload["sources"][points["source"][i]]["name"], grains[points["grain"][i]]
        rows = chosen.get((entry["frame"], entry["given"], source, grain, points["period"][i]), evidence.clear())
        expected = rows.sort(pl.col("chosen") == "random", "rank")["passage_id"].to_list()
        assert [ids[number] for number in passages] == expected
        assert points["highest"][i] == len(rows.filter(chosen="highest"))


def test_passages_have_every_score_and_marks_on_the_words_that_hit(run, payload):
    passages = payload["passages"]
    assert list(passages["score"]) == sorted(CODEBOOK)
    assert all(list(by_measure) == ["combined", "lexicon"] for by_measure in passages["score"].values())
    known = {row[:3]: row[3] for row in run["scores"].select("passage_id", "frame", "measure", "score").iter_rows()}
    for i, id in enumerate(list_ids(run, payload)):
        for frame, by_measure in passages["score"].items():
            for measure, scores in by_measure.items():
                assert scores[i] == pytest.approx(known[id, frame, measure], abs=6e-3)
        marked = {(passages["text"][i][start:end], entry) for start, end, entry in passages["marks"][i]}
        assert marked <= {(word, name) for name, words in WORDS.items() for word in words}
        assert ("danger", "threat") not in marked or "No danger" not in passages["text"][i]
        assert bool(marked) == any(word in passages["text"][i] for word in ("the danger", "efugees", "Victims"))


def test_shares_are_told_in_percent_and_passages_with_their_probability():
    run = make_run(coded=True)
    payload = unpack(pack_run(run))
    assert payload["unit"] == {"factor": 100, "digits": 1, "short": "%",
                               "axis": "share of passages (%), calibrated on passages coded by people"}  # fmt: skip
    scores = payload["passages"]["score"]["threat"]
    assert list(scores) == ["combined", "lexicon", "share"]
    assert all(0 <= share <= 1 for share in scores["share"])


def test_sources_come_largest_first_and_groups_last_and_keep_their_colours(run, payload):
    kept = run["articles"].filter(pl.col("duplicate_of").is_null())
    sizes = {name: len(kept.filter(source=name)) for name in SOURCES}
    ranked = sorted(SOURCES, key=lambda name: (-sizes[name], name))
    sources = payload["sources"]
    assert [source["name"] for source in sources] == [ALL_SOURCES, *ranked, "leaning: left", "leaning: right"]
    assert [source["group"] for source in sources] == [False] * 5 + [True] * 2
    assert [source["n"] for source in sources[:5]] == [len(kept), *(sizes[name] for name in ranked)]
    assert sources[5]["n"] == sizes["Albion"] + sizes["Dray"]
    assert [source["colour"] for source in sources[:4]] == ["#1a1a1a", "#332288", "#E69F00", "#c4c4c4"]
    assert [source["dash"] for source in sources[:3]] == ["solid", "solid", "8px,2px"]


def test_entries_and_events_are_named(payload):
    assert [(entry["frame"], entry["given"], entry["label"]) for entry in payload["entries"]] == [
        ("threat", None, "Threat"),
        ("victim", None, "Victim"),
        ("migration", None, "Migration"),
        ("threat", "migration", "Threat within migration"),
        ("victim", "migration", "Victim within migration"),
        ("threat", "migration without victim", "Threat within migration without victim"),
    ]
    assert payload["entries"][0]["colour"] == payload["entries"][3]["colour"] == "#D55E00"
    assert payload["events"] == [{**EVENTS[0]}, {**EVENTS[1], "sources": None}]


def test_only_addresses_of_the_web_are_passed_on(payload):
    urls = payload["articles"]["url"]
    assert None in urls
    assert all(url is None or url.startswith("https://news.example/") for url in urls)
    assert None in payload["articles"]["title"]
    assert "" not in payload["articles"]["title"]


def test_the_same_tables_give_the_same_string_which_holds_no_markup(run, evidence):
    packed = pack_run(run, evidence=evidence)
    assert pack_run(run, evidence=evidence) == packed
    assert base64.b64encode(base64.b64decode(packed, validate=True)).decode() == packed


def test_without_dates_there_is_the_whole_span_alone():
    payload = unpack(pack_run(make_run(dated=False)))
    assert payload["grains"] == []
    assert set(payload["points"]["grain"]) == {0}
    assert set(payload["points"]["start"]) == {None}
    assert any(payload["points"]["passages"])


def test_a_run_by_year_has_one_grain(run):
    by_year = run | {"prevalence": run["prevalence"].filter(pl.col("grain") != "quarter")}
    assert unpack(pack_run(by_year, grain="year"))["grains"] == ["year"]


def test_where_nothing_was_estimated_there_is_nothing_to_pack(run, evidence):
    nothing = run | {"prevalence": run["prevalence"].clear()}
    assert pack_run(nothing, evidence=evidence.clear()) is None


def test_without_evidence_the_points_are_there_all_the_same(run, evidence):
    payload = unpack(pack_run(run, evidence=evidence.clear()))
    assert payload["passages"]["text"] == []
    assert not any(payload["points"]["passages"])
    assert "0 of" in payload["left_out"]


@pytest.mark.parametrize("snippet", [0, 15])
def test_no_more_of_a_text_is_in_the_page_than_the_settings_allow(run, evidence, snippet):
    payload = unpack(pack_run(run, evidence=evidence, snippet=snippet))
    whole = unpack(pack_run(run, evidence=evidence))
    assert payload["points"] == whole["points"]
    assert payload["articles"] == whole["articles"]
    texts, marks = payload["passages"]["text"], payload["passages"]["marks"]
    if snippet:
        assert all(len(text.strip("…")) <= snippet for text in texts)
        assert any(text.endswith("…") for text in texts)
        marked = {text[start:end] for text, found in zip(texts, marks, strict=True) for start, end, _ in found}
        assert marked <= {word for words in WORDS.values() for word in words}
        assert "Texts are cut to 15 characters" in payload["left_out"]
    else:
        assert set(texts) == {None}
        assert not any(marks)
        assert "The texts are left out" in payload["left_out"]
        assert "danger" not in json.dumps(payload)


def test_of_many_passages_those_that_cannot_fit_are_not_read(run, evidence, monkeypatch):
    most = len(pack_run(run, evidence=evidence)) // 3
    slow = pack_run(run, evidence=evidence, most=most)
    monkeypatch.setattr(payload_module, "MANY", 10)
    monkeypatch.setattr(payload_module, "SAMPLED", 40)
    read, mark = [], payload_module.mark_hits

    def count(texts, *others):
        read.append(len(texts))
        return mark(texts, *others)

    monkeypatch.setattr(payload_module, "mark_hits", count)
    assert pack_run(run, evidence=evidence, most=most) == slow
    assert len(slow) <= most
    assert read[0] == 40
    assert read[1] < evidence["passage_id"].n_unique()


def test_what_does_not_fit_goes_random_passages_first_and_the_page_says_so(run, evidence):
    sizes, said = [], []
    whole = pack_run(run, evidence=evidence)
    assert unpack(whole)["left_out"] == (
        f"This page holds {evidence['passage_id'].n_unique():,} of {len(run['passages']):,} passages: of each estimate "
        "the 3 that score highest and 2 drawn at random from the others. A text that stands in several articles is "
        "listed once."
    )
    packed = whole
    for _ in range(30):
        points, left_out = unpack(packed)["points"], unpack(packed)["left_out"]
        behind = {
            grain: max(len(each) for each, of in zip(points["passages"], points["grain"], strict=True) if of == grain)
            for grain in set(points["grain"])
        }
        sizes.append(tuple(behind[grain] for grain in sorted(behind)))
        said.append(left_out)
        fewer = pack_run(run, evidence=evidence, most=len(packed) - 1)
        if len(fewer) >= len(packed):
            break
        packed = fewer
    assert sizes[:5] == [(5, 5, 5), (4, 4, 4), (3, 3, 3), (2, 2, 2), (1, 1, 1)]
    assert all(before >= after for before, after in pairwise(size[0] for size in sizes[:-1]))
    assert any(quarter == 0 < year for quarter, year, *_ in sizes[:-1])
    assert sizes[-2:] == [(0, 0, 0), (0, 0)]  # then without estimates by quarter
    asked = "The settings ask for the 3 that score highest and 2 drawn at random from the others; more would be beyond"
    assert all(asked in each for each in said[1:])
    assert any("by year and over the whole span the one that scores highest, and none of those by quarter." in each
               for each in said)  # fmt: skip
    assert "of each estimate none." in said[-1]
    assert "the estimates by quarter are left out here" in said[-1]
