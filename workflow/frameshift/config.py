"""The configuration of a run: everything that can be checked before the first job is checked here."""

from collections import Counter
from difflib import get_close_matches
from pathlib import Path

from frameshift.errors import UserError
from frameshift.frames.given import parse_given
from frameshift.names import ALL_SOURCES, CODERS, COMBINED, REFERENCE_LANGUAGE, SUPERVISED, name_group
from frameshift.schema import check_schema, plain

_MOVES = ("rise", "fall", "none")
EXPECTED = {"gap": ("higher", "lower", "none"), **dict.fromkeys(("change", "trend", "event", "mix", "within"), _MOVES)}
_DATED = (("date",), ("date", "weeks"))
FINDING_KEYS = {  # what a finding of each kind needs, and what it may have, of the keys that not all kinds have
    **{"gap": ((), ()), "trend": ((), ()), "event": (("event",), ("event",))},
    **dict.fromkeys(("change", "mix", "within"), _DATED),
}


def check_config(config: dict, own_file: str | Path | None) -> dict:
    """The merged configuration as plain values, after every check.

    `own_file` is the run's own file, whose stem must equal `name`; None where the run was configured without one.
    Raises UserError naming each key at fault, the value found and what is allowed.
    """
    from frameshift.frames.codebook import load_codebook

    config = plain(config)
    where = str(own_file or "config")
    if "name" not in config:
        raise UserError(
            f"{where}: the run has no `name`.\nStart it with a file of its own, e.g. --configfile config/demo.yaml, "
            f"that begins with\n\n    name: {Path(own_file).stem if own_file else 'demo'}\n"
        )
    check_schema(config, "config", where)
    codebook = load_codebook(config["frames"]["codebook"])
    faults = [
        *_run_faults(config, own_file),
        *_language_faults(config, codebook),
        *_group_faults(config),
        *_topic_faults(config),
        *_frame_faults(config, codebook),
        *_finding_faults(config, codebook),
    ]
    if faults:
        raise UserError("\n".join(f"{where}: {fault}" for fault in faults))
    config["findings"] = [{"given": None, **finding} for finding in config["findings"]]
    config["frames"]["labels"] = [{"text": "text", "entries": {}, **file} for file in config["frames"]["labels"]]
    return config


def lay_over(below: dict, above: dict) -> dict:
    """`below` with everything that `above` says instead: mappings merge, all else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(key), dict)
        merged[key] = lay_over(below[key], value) if both else value
    return merged


def _run_faults(config: dict, own_file: str | Path | None):
    if own_file and Path(own_file).stem != config["name"]:
        yield (
            f"`name` is {config['name']!r}, but the file is called {Path(own_file).name}: the name must be "
            f"{Path(own_file).stem!r}, so that no run writes into another's folder"
        )
    if config["demo"] is None and config["corpus"]["path"] is None:
        yield "`corpus.path` is empty: give a file, a folder or an archive of articles"
    if config["demo"] is not None and config["corpus"]["path"] is not None:
        yield "`demo` and `corpus.path` are both given: a run reads either the demo corpus or your articles"
    if config["corpus"]["download"] and not isinstance(config["corpus"]["path"], str):
        yield "`corpus.download` needs one `corpus.path`: where the file goes, or an earlier copy of it is"
    if config["demo"] is not None:
        yield from _demo_faults(config["demo"])
    dates = config["corpus"]["dates"]
    if dates["earliest"] > dates["latest"]:
        yield f"`corpus.dates.earliest` ({dates['earliest']}) is after `corpus.dates.latest` ({dates['latest']})"
    corpus = config["corpus"]
    told = corpus["columns"]["source"] or corpus["source"] or "{source}" in (corpus["file_names"] or "")
    if not told and config["demo"] is None:
        yield (
            "neither `corpus.columns.source` nor `corpus.source` is given, nor has `corpus.file_names` a {source}: "
            "who published the articles?"
        )
    for name, target in config["corpus"]["sources"].items():
        if target == ALL_SOURCES:
            yield f"`corpus.sources.{name}` is {ALL_SOURCES!r}, a name kept for all sources together"


def _demo_faults(knobs: dict):
    from dataclasses import fields

    from frameshift.demo.plan import Knobs

    allowed = sorted(field.name for field in fields(Knobs))
    for name in knobs:
        if name not in allowed:
            close = get_close_matches(name, allowed, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"allowed are {', '.join(allowed)}"
            yield f"`demo.{name}` is no known knob; {hint}"


def _language_faults(config: dict, codebook: dict):
    languages = config["corpus"]["languages"]
    for name, entry in codebook.items():
        where = f"`entries.{name}.languages` of {config['frames']['codebook']}"
        remedy = "add anchors, neutral statements and patterns in it"
        for language in languages:
            if language not in entry.languages:
                yield f"{where} lacks {language!r}, which is in `corpus.languages`; {remedy}, or take it out there"
        if REFERENCE_LANGUAGE not in {*languages, *entry.languages}:
            yield (
                f"{where} lacks {REFERENCE_LANGUAGE!r}, the language of the reference sentences against which all "
                f"scores are held; {remedy}"
            )


def _group_faults(config: dict):
    corpus = config["corpus"]
    renamed = corpus["sources"]
    for dimension, groups in corpus["groups"].items():
        key = f"corpus.groups.{dimension}"
        times = Counter(source for members in groups.values() for source in members)
        for source, count in times.items():
            if count > 1:
                yield f"`{key}` has {source!r} in {count} groups; a source is in one group of a dimension at most"
            if source in renamed and source not in renamed.values():
                yield f"`{key}` names {source!r}, which `corpus.sources` renames; write {renamed[source]!r}"
        for name in (name_group(dimension, group) for group in groups):
            if name in (corpus["source"], *renamed.values()):
                yield f"{name!r} is the name of a source, and of a group in `{key}`; rename one of the two"


def _topic_faults(config: dict):
    topics = config["topics"]
    if topics["primary"] not in topics["models"]:
        yield f"`topics.primary` is {topics['primary']!r}, which is not among `topics.models` {topics['models']}"


def _frame_faults(config: dict, codebook: dict):
    frames, measure = config["frames"], config["comparisons"]["measure"]
    issues = sorted(name for name, entry in codebook.items() if entry.kind == "issue")
    measures = [*frames["measures"], *frames["external"], *([SUPERVISED] if frames["labels"] else [])]
    for name in frames["external"]:
        if name in ("lexicon", "axis", COMBINED, SUPERVISED, CODERS):
            yield f"`frames.external` has {name!r}, a name of ours; choose another"
    if measure not in (*measures, COMBINED):
        yield f"`comparisons.measure` is {measure!r}; it takes {', '.join([*measures, COMBINED])}"
    for file in frames["labels"]:
        for name in file.get("entries", {}):
            if name not in codebook:
                yield f"`frames.labels`, {file['path']}: entries has {name!r}; the codebook has {', '.join(codebook)}"
    if config["comparisons"]["given"] and "lexicon" not in frames["measures"] and frames["given_threshold"] is None:
        yield (
            f"`comparisons.given` needs lexicon in `frames.measures`, to tell which passages are about an issue; it is "
            f"{frames['measures']}. Add it, or set `frames.given_threshold`"
        )
    for given in map(parse_given, config["comparisons"]["given"]):
        if given.issue not in issues:
            allowed = ", ".join(issues) or "none"
            yield f"`comparisons.given` names {given.issue!r}; the issues of {frames['codebook']} are {allowed}"
        if given.without and (given.without not in codebook or given.without == given.issue):
            others = ", ".join(sorted(set(codebook) - {given.issue}))
            yield f"`comparisons.given` has {given.name!r}; what can be left out are passages of {others}"


def _finding_faults(config: dict, codebook: dict):
    groups = config["corpus"]["groups"]
    names = Counter(finding["name"] for finding in config["findings"])
    for number, finding in enumerate(config["findings"]):
        key = f"findings[{number}]"
        if names[finding["name"]] > 1:
            yield f"`{key}.name` {finding['name']!r} is given {names[finding['name']]} times; names must differ"
        if finding["frame"] not in codebook:
            yield f"`{key}.frame` is {finding['frame']!r}; the codebook has {', '.join(sorted(codebook))}"
        if finding.get("given") not in (None, *config["comparisons"]["given"]):
            yield f"`{key}.given` is {finding['given']!r}; it must stand in `comparisons.given` too"
        if finding.get("given") and finding["frame"] in parse_given(finding["given"])[1:]:
            yield f"`{key}` asks for {finding['frame']} given {finding['given']!r}, which is all or nothing; change one"
        dimension, _, group = finding["source"].partition(": ")
        if dimension in groups and group not in groups[dimension]:
            allowed = ", ".join(repr(name_group(dimension, known)) for known in groups[dimension])
            yield f"`{key}.source` is {finding['source']!r}; the groups of {dimension} are {allowed}"
        if finding["expect"] not in EXPECTED[finding["kind"]]:
            allowed = ", ".join(EXPECTED[finding["kind"]])
            yield f"`{key}.expect` is {finding['expect']!r}; for a {finding['kind']} allowed are {allowed}"
        needed, allowed = FINDING_KEYS[finding["kind"]]
        for lacking in needed:
            if lacking not in finding:
                yield f"`{key}.{lacking}` is missing: a finding of the kind {finding['kind']} needs it"
        for extra in ("date", "weeks", "event"):
            if extra in finding and extra not in allowed:
                yield f"`{key}.{extra}` has no meaning for a finding of the kind {finding['kind']}; take it out"
