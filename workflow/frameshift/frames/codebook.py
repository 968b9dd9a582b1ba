"""The codebook: read, checked, and as plain data."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from frameshift.errors import UserError
from frameshift.frames.patterns import find_pattern_fault
from frameshift.schema import check_schema, read_yaml


@dataclass(frozen=True)
class Wording:
    """How an entry is worded in one language."""

    anchors: tuple[str, ...]
    neutral: tuple[str, ...]
    patterns: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()  # none for an issue: what is denied is still talked about
    not_negations: tuple[str, ...] = ()  # "not only"


@dataclass(frozen=True)
class Boundary:
    """A case in which people hesitate, and the entries it is coded with."""

    text: str
    codes: tuple[str, ...]
    voice: str


@dataclass(frozen=True)
class Entry:
    """A frame or an issue."""

    name: str
    kind: str
    label: str
    definition: str
    code_when: str
    code_when_not: str
    languages: dict[str, Wording]
    references: tuple[str, ...]
    boundary: tuple[Boundary, ...]

    def wording(self, language: str) -> Wording:
        """The entry in `language` (ISO 639-1). Raises UserError naming the languages it has."""
        if language not in self.languages:
            raise UserError(
                f"codebook: `entries.{self.name}.languages` lacks '{language}', it has {', '.join(self.languages)}; "
                f"add anchors, neutral statements and patterns in '{language}', or correct the corpus's language"
            )
        return self.languages[language]


def load_codebook(path: str | Path) -> dict[str, Entry]:
    """The entries of the codebook at `path` by name, in the file's order.

    Raises UserError listing every fault: the file, the key, the value found, what is allowed.
    """
    document = read_yaml(path)
    check_schema(document, "codebook", str(path))
    faults = [*_find_repeated_keys(path), *_find_faults(document)]
    if faults:
        raise UserError("\n".join(f"{path}: {fault}" for fault in faults))
    negations = document.get("negations", {})
    return {name: _make_entry(name, raw, negations) for name, raw in document["entries"].items()}


def _find_repeated_keys(path: str | Path) -> Iterator[str]:
    """YAML keeps the last of two equal keys without a word: an entry that vanishes so would not be missed."""

    def walk(node: yaml.Node, key: str) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            for name, count in Counter(child.value for child, _ in node.value).items():
                if count > 1:
                    yield f"`{key}{name}` is given {count} times; keep it once"
            for child, value in node.value:
                yield from walk(value, f"{key}{child.value}.")

    yield from walk(yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader), "")


def _find_faults(document: dict) -> Iterator[str]:
    """What a schema cannot say."""
    for language, negation in document.get("negations", {}).items():
        for part, patterns in negation.items():
            yield from _find_list_faults(f"negations.{language}.{part}", patterns, shortest=2)
    for name, entry in document["entries"].items():
        for language, wording in entry["languages"].items():
            key = f"entries.{name}.languages.{language}"
            for part in ("patterns", "exclude"):
                yield from _find_list_faults(f"{key}.{part}", wording.get(part, []), shortest=3)
            yield from _find_statement_faults(key, wording["anchors"], wording["neutral"])
        for number, case in enumerate(entry.get("boundary", [])):
            for code in case["codes"]:
                if code not in document["entries"]:
                    allowed = ", ".join(document["entries"])
                    yield f"`entries.{name}.boundary[{number}].codes` names '{code}'; the entries are {allowed}"


def _find_list_faults(key: str, patterns: list[str], *, shortest: int) -> Iterator[str]:
    for pattern in patterns:
        if fault := find_pattern_fault(pattern, shortest=shortest):
            yield f"`{key}`: the pattern '{pattern}' {fault}"
    yield from _find_repeated(key, patterns)


def _find_statement_faults(key: str, anchors: list[str], neutral: list[str]) -> Iterator[str]:
    yield from _find_repeated(f"{key}.anchors", anchors)
    yield from _find_repeated(f"{key}.neutral", neutral)
    for statement in anchors:
        if _normal(statement) in map(_normal, neutral):
            yield f"`{key}`: '{statement}' is both an anchor and neutral; keep it in one of the two"


def _find_repeated(key: str, texts: list[str]) -> Iterator[str]:
    for text, count in Counter(map(_normal, texts)).items():
        if count > 1:
            yield f"`{key}`: '{text}' is given {count} times; keep it once"


def _normal(text: str) -> str:
    return text.strip().lower()


def _make_entry(name: str, raw: dict, negations: dict) -> Entry:
    negates = negations if raw["kind"] == "frame" else {}
    return Entry(
        name=name,
        kind=raw["kind"],
        label=raw["label"],
        definition=raw["definition"],
        code_when=raw.get("code_when", ""),
        code_when_not=raw.get("code_when_not", ""),
        languages={
            language: _make_wording(wording, negates.get(language, {}))
            for language, wording in raw["languages"].items()
        },
        references=tuple(raw.get("references", ())),
        boundary=tuple(
            Boundary(case["text"], tuple(case["codes"]), case.get("voice", "own")) for case in raw.get("boundary", ())
        ),
    )


def _make_wording(raw: dict, negation: dict) -> Wording:
    def listed(mapping: dict, key: str) -> tuple[str, ...]:
        return tuple(mapping.get(key, ()))

    return Wording(
        anchors=listed(raw, "anchors"),
        neutral=listed(raw, "neutral"),
        patterns=listed(raw, "patterns"),
        exclude=listed(raw, "exclude"),
        negations=listed(negation, "words"),
        not_negations=listed(negation, "exclude"),
    )
