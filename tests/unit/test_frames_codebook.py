"""The shipped codebook is valid, and each fault is named by its key."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from frameshift.errors import UserError
from frameshift.frames.codebook import load_codebook

SHIPPED = Path(__file__).parents[2] / "config" / "frames.yaml"
SMALL = {
    "negations": {"en": {"words": ["no"], "exclude": ["no doubt"]}},
    "entries": {
        "threat": {
            "kind": "frame",
            "label": "Threat",
            "definition": "Danger.",
            "languages": {"en": {"anchors": ["They attack."], "neutral": ["They play."], "patterns": ["attack*"]}},
            "boundary": [{"text": "They attack.", "codes": ["threat"]}],
        },
        "migration": {
            "kind": "issue",
            "label": "Migration",
            "definition": "Movement.",
            "languages": {"en": {"anchors": ["They come."], "neutral": ["They stay."], "patterns": ["migrant*"]}},
        },
    },
}


def load(folder: Path, document: dict) -> dict:
    path = folder / "frames.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load_codebook(path)


def test_the_shipped_codebook_is_valid_and_has_the_four_entries():
    codebook = load_codebook(SHIPPED)
    assert {name: entry.kind for name, entry in codebook.items()} == {
        "threat": "frame",
        "security": "frame",
        "victim": "frame",
        "migration": "issue",
    }
    assert all(entry.references and entry.boundary and entry.code_when_not for entry in codebook.values())
    assert all(min(len(e.wording("en").anchors), len(e.wording("en").neutral)) >= 14 for e in codebook.values())


def test_negations_apply_to_frames_and_not_to_issues(tmp_path):
    codebook = load(tmp_path, SMALL)
    assert codebook["threat"].wording("en").negations == ("no",)
    assert codebook["threat"].wording("en").not_negations == ("no doubt",)
    assert codebook["migration"].wording("en").negations == ()


def test_a_language_that_an_entry_lacks_is_named_with_those_it_has(tmp_path):
    with pytest.raises(UserError, match=r"entries\.threat\.languages.*lacks 'de'.*en"):
        load(tmp_path, SMALL)["threat"].wording("de")


WORDING = ("entries", "threat", "languages", "en")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((*WORDING, "anchors"), [], r"entries\.threat\.languages\.en\.anchors"),
        ((*WORDING, "neutral"), None, r"entries\.threat\.languages\.en\.neutral"),
        ((*WORDING, "patterns"), ["*"], r"entries\.threat\.languages\.en\.patterns.*'\*' matches everything"),
        ((*WORDING, "patterns"), ["war", "War"], r"languages\.en\.patterns.*'war' is given 2 times"),
        ((*WORDING, "patterns"), [False], r"languages\.en\.patterns\[0\].*False"),
        ((*WORDING, "exclude"), ["a(b"], r"languages\.en\.exclude.*'a\(b'"),
        ((*WORDING, "anchors"), ["They attack.", "they attack. "], r"languages\.en\.anchors.*2 times"),
        ((*WORDING, "neutral"), ["They attack."], r"languages\.en.*'They attack\.' is both"),
        ((*WORDING, "anchor"), ["x"], r"languages\.en\.anchor` is no known key; did you mean `anchors`"),
        (("entries", "threat", "kind"), "topic", r"entries\.threat\.kind.*'topic'.*frame, issue"),
        (
            ("entries", "threat", "boundary"),
            [{"text": "x", "codes": ["war"]}],
            r"boundary\[0\]\.codes.*'war'.*migration",
        ),
        (("entries",), {}, "entries"),
        (("negations", "en", "words"), ["*"], r"negations\.en\.words.*'\*'"),
    ],
)
def test_each_fault_is_named_by_file_key_and_value(tmp_path, path, value, message):
    document = deepcopy(SMALL)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(UserError, match=message) as error:
        load(tmp_path, document)
    assert "frames.yaml" in str(error.value)


@pytest.mark.parametrize("key", ["anchors", "neutral", "patterns"])
def test_a_wording_without_one_of_its_parts_is_refused(tmp_path, key):
    document = deepcopy(SMALL)
    del document["entries"]["threat"]["languages"]["en"][key]
    with pytest.raises(UserError, match=rf"entries\.threat\.languages\.en` lacks `{key}`"):
        load(tmp_path, document)


def test_all_faults_are_listed_at_once(tmp_path):
    document = deepcopy(SMALL)
    for name in document["entries"]:
        document["entries"][name]["languages"]["en"]["patterns"] = ["**"]
    with pytest.raises(UserError, match=r"(?s)entries\.migration.*entries\.threat"):
        load(tmp_path, document)


def test_an_entry_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "frames.yaml"
    entry = yaml.safe_dump({"threat": SMALL["entries"]["migration"]})
    path.write_text("entries:\n" + "".join(f"  {line}\n" for line in (entry + entry).splitlines()), encoding="utf-8")
    with pytest.raises(UserError, match=r"`entries\.threat` is given 2 times"):
        load_codebook(path)
