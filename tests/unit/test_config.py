"""A mistake in the configuration is named before the first job: key, value, and what is allowed."""

import copy
from pathlib import Path

import pytest
import yaml

from frameshift.config import check_config, lay_over
from frameshift.errors import UserError
from frameshift.events import read_events
from frameshift.schema import read_yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(monkeypatch) -> dict:
    """The defaults with a name and a corpus: the smallest configuration that is right."""
    monkeypatch.chdir(ROOT)
    defaults = read_yaml("config/config.yaml")
    defaults["name"] = "mine"
    defaults["corpus"]["path"] = "articles.csv"
    return defaults


FINDING = {"name": "rise", "frame": "threat", "source": "all sources", "kind": "gap", "family": "f", "expect": "none"}


def change(config: dict, path: str, value) -> dict:
    changed = copy.deepcopy(config)
    *parents, last = path.split(".")
    place = changed
    for part in parents:
        place = place[part]
    place[last] = lay_over(place[last], value) if last == "corpus" else value
    return changed


def test_the_defaults_are_right(config):
    assert check_config(config, "config/mine.yaml")["corpus"]["dates"]["earliest"] == "1900-01-01"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("corpus.pth", "x.csv", r"`corpus\.pth` is no known key; did you mean `path`"),
        ("coprus", {}, r"`coprus` is no known key; did you mean `corpus`"),
        ("corpus.format", "doc", r"`corpus\.format` is 'doc'; allowed are auto, csv"),
        ("corpus.dates.unknown", "drop", r"`corpus\.dates\.unknown` is 'drop'; allowed are keep, reject"),
        ("passages.max_words", "60", r"`passages\.max_words` is '60', which is no integer"),
        ("passages.max_words", 0, r"`passages\.max_words` is 0: 0 is less than the minimum of 1"),
        ("topics.n_topics", [10, 1], r"`topics\.n_topics\[1\]` is 1"),
        ("topics.primary", "stm", r"`topics\.primary` is 'stm'; allowed are lda, nmf, kmeans, bertopic"),
        ("topics.models", ["lda"], r"`topics\.primary` is 'bertopic', which is not among"),
        ("report.snippet", -1, r"`report\.snippet` is -1: -1 is less than the minimum of 0"),
        ("report.random", None, r"`report\.random` is None, which is no integer"),
        ("report", {"hihgest": 3}, r"`report\.hihgest` is no known key; did you mean `highest`"),
        ("corpus.path", None, r"`corpus\.path` is empty"),
        (
            "corpus",
            {"path": ["a", "b"], "download": {"url": "http://x", "sha256": {"a": "0" * 64}}},
            "download` needs one",
        ),
        ("corpus.columns.source", None, r"neither `corpus\.columns\.source` nor `corpus\.source`"),
        ("corpus.dates.latest", "1800-01-01", r"`corpus\.dates\.earliest` \(1900-01-01\) is after"),
        ("corpus.languages", ["en", "sv"], r"`entries\.threat\.languages` of config/frames\.yaml lacks 'sv'.*; add"),
        ("corpus.languages", ["en", "sv"], r"`entries\.migration\.languages` .* lacks 'sv'"),
        ("corpus.groups", {"leaning": {"a": ["X"], "b": ["X"]}}, r"`corpus\.groups\.leaning` has 'X' in 2 groups"),
        ("corpus.groups", {"leaning": {"a": ["X", "X"]}}, r"`corpus\.groups\.leaning\.a`.* non-unique"),
        ("corpus.groups", {"lean: ing": {"a": ["X"]}}, r"`corpus\.groups` .*'lean: ing' does not match"),
        ("corpus.sources", {"X": "all sources"}, r"`corpus\.sources\.X` is 'all sources'"),
        ("comparisons.given", ["threat"], r"`comparisons\.given` names 'threat'; the issues .* are migration"),
        ("comparisons.measure", "supervised", r"`comparisons\.measure` is 'supervised'"),
        ("demo", {"articels": 5}, r"`demo\.articels` is no known knob; did you mean `articles`"),
        ("findings", [FINDING | {"frame": "thread"}], r"`findings\[0\]\.frame` is 'thread'; the codebook has"),
        ("findings", [FINDING, FINDING], r"'rise' is given 2 times"),
        ("findings", [FINDING | {"kind": "change"}], r"`findings\[0\]\.date` is missing"),
        ("findings", [FINDING | {"kind": "event", "expect": "rise"}], r"`findings\[0\]\.event` is missing"),
        ("findings", [FINDING | {"date": "2018-01-08"}], r"`findings\[0\]\.date` has no meaning .* kind gap"),
        ("findings", [FINDING | {"expect": "rise"}], r"`findings\[0\]\.expect` is 'rise'; for a gap"),
        ("findings", [FINDING | {"given": "victim"}], r"`findings\[0\]\.given` is 'victim'"),
        ("findings", [{"name": "rise"}], r"`findings\[0\]` lacks"),
        ("name", "other", r"`name` is 'other', but the file is called mine\.yaml"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_the_remedy(config, path, value, message):
    with pytest.raises(UserError, match=message):
        check_config(change(config, path, value), "config/mine.yaml")


def test_groups_use_the_names_after_renaming_and_do_not_take_a_sources_own(config):
    config = change(config, "corpus.sources", {"X (Web)": "X", "Y": "leaning: left"})
    for groups, message in (
        ({"leaning": {"right": ["X (Web)"]}}, r"names 'X \(Web\)', which `corpus\.sources` renames; write 'X'"),
        ({"leaning": {"left": ["X"]}}, r"'leaning: left' is the name of a source, and of a group"),
    ):
        with pytest.raises(UserError, match=message):
            check_config(change(config, "corpus.groups", groups), "config/mine.yaml")
    right = {"leaning": {"right": ["X"]}, "country": {"uk": ["X"]}}  # in several dimensions a source may be
    assert check_config(change(config, "corpus.groups", right), "config/mine.yaml")["corpus"]["groups"] == right


def test_a_finding_may_be_about_a_group_but_not_about_an_unknown_one(config):
    config = change(config, "corpus.groups", {"leaning": {"left": ["X"], "right": ["Y"]}})
    config["findings"] = [FINDING | {"source": "leaning: left"}]
    assert check_config(config, "config/mine.yaml")["findings"][0]["source"] == "leaning: left"
    config["findings"] = [FINDING | {"source": "leaning: lefd"}]
    with pytest.raises(UserError, match=r"`findings\[0\]\.source` .* are 'leaning: left', 'leaning: right'"):
        check_config(config, "config/mine.yaml")


def test_a_codebook_needs_the_language_of_the_reference_sentences(config, tmp_path):
    codebook = read_yaml("config/frames.yaml")
    for entry in codebook["entries"].values():
        entry["languages"] = {"de": entry["languages"]["en"]}
    (tmp_path / "frames.yaml").write_text(yaml.safe_dump(codebook))
    config = change(config, "frames.codebook", str(tmp_path / "frames.yaml"))
    config = change(change(config, "corpus.languages", ["de"]), "corpus.other_languages", ["en"])
    with pytest.raises(UserError, match=r"entries\.threat\.languages` .* lacks 'en', the language of the reference"):
        check_config(config, "config/mine.yaml")


def test_a_source_may_come_from_the_names_of_the_files(config):
    config = change(change(config, "corpus.columns.source", None), "corpus.file_names", "{source}/{date}")
    assert check_config(config, "config/mine.yaml")


def test_every_mistake_is_listed_at_once(config):
    wrong = change(change(config, "corpus.format", "doc"), "passages.max_sentences", 0)
    with pytest.raises(UserError) as caught:
        check_config(wrong, "config/mine.yaml")
    assert len(str(caught.value).splitlines()) == 2


def test_a_run_without_a_name_is_told_what_to_write(config):
    del config["name"]
    with pytest.raises(UserError, match="name: mine"):
        check_config(config, "config/mine.yaml")


@pytest.mark.parametrize("run", ["demo", "allsides", "lee"])
def test_the_shipped_configurations_are_right(config, run):
    config["corpus"]["path"] = None
    file = f"config/{run}.yaml"
    assert check_config(lay_over(config, read_yaml(file)), file)["name"] == run


def test_mappings_merge_and_lists_replace():
    below = {"a": {"b": 1, "c": [1, 2]}, "d": None}
    assert lay_over(below, {"a": {"c": [3]}, "d": {}}) == {"a": {"b": 1, "c": [3]}, "d": {}}
    assert below == {"a": {"b": 1, "c": [1, 2]}, "d": None}


def test_every_key_has_a_default_and_a_description(config):
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())

    def compare(keys: dict, properties: dict, path: str) -> None:
        assert set(keys) == set(properties), path
        for name, rules in properties.items():
            assert rules.get("description"), f"{path}{name}"
            if "properties" in rules and isinstance(keys[name], dict):
                inner = rules["properties"]
                if name != "labels":  # names of topics have no default
                    compare(keys[name], inner, f"{path}{name}.")

    compare(config, schema["properties"], "")


def test_events_come_in_order_and_a_wrong_one_is_named(tmp_path):
    events = tmp_path / "events.yaml"
    events.write_text("- {name: Later, date: 2018-01-08}\n- {name: Earlier, date: 2017-01-09}\n")
    assert [event["name"] for event in read_events(events)] == ["Earlier", "Later"]
    events.write_text("- {name: Attack, day: 2018-01-08}\n")
    with pytest.raises(UserError, match=r"`\[0\]\.day` is no known key; did you mean `date`|`\[0\]` lacks `date`"):
        read_events(events)
    with pytest.raises(UserError, match="no such file"):
        read_events(tmp_path / "none.yaml")
