"""The codebook: read, checked, and as plain data.

Nothing here measures; a codebook that passes these checks can be measured.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

from frameshift.errors import UserError
from frameshift.frames.patterns import find_pattern_fault

SCHEMA = Path(__file__).parents[2] / "schemas" / "codebook.schema.yaml"


@dataclass(frozen=True)
class Wording:
    """How an entry is worded in one language."""

    anchors: tuple[str, ...]
    neutral: tuple[str, ...]
    patterns: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()  # empty for issues: what is denied is still talked about
    no_negations: tuple[str, ...] = ()  # "not only"


@dataclass(frozen=True)
class Entry:
    """A frame or an issue. `boundary` holds (text, codes, voice)."""

    name: str
    kind: str
    label: str
    definition: str
    languages: dict[str, Wording]
    code_when: str = ""
    code_when_not: str = ""
    references: tuple[str, ...] = ()
    boundary: tuple[tuple[str, tuple[str, ...], str], ...] = ()

    def wording(self, language: str) -> Wording:
        """The entry in `language`, or UserError naming the languages it has."""
        if language not in self.languages:
            raise UserError(
                f"codebook, entries.{self.name}.languages: no '{language}', only {', '.join(sorted(self.languages))}. "
                f"Add anchors, neutral statements and patterns in that language, or set corpus.language."
            )
        return self.languages[language]


def load_codebook(path: str | Path) -> dict[str, Entry]:
    """Read and check the codebook at `path`; entries by name, in the file's order.

    Raises UserError naming the file, the key, the value found and what is allowed, at the first fault.
    """
    document = _read_yaml(path)
    _check_schema(document, path)
    _check_words(document, path)
    negations = document.get("negations", {})
    return {name: _make_entry(name, raw, negations) for name, raw in document["entries"].items()}


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML silently keeps the last of two equal keys; an entry that vanishes that way would never be missed."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, count in Counter(map(str, keys)).items():
            if count > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands {count} times", node.start_mark
                )
        return super().construct_mapping(node, deep)


def _read_yaml(path: str | Path) -> dict:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return yaml.load(file, Loader=_UniqueKeyLoader)
    except FileNotFoundError:
        raise UserError(f"{path}: no such codebook. Correct frames.codebook in the config.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as YAML. {error}") from error


def _check_schema(document: object, path: str | Path) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    error = best_match(Draft202012Validator(schema).iter_errors(document))
    if error is None:
        return
    key = ".".join(map(str, error.absolute_path)) or "the whole file"
    hint = " Words such as no, on, off and yes are read as true or false: put them in quotes." * isinstance(
        error.instance, bool
    )
    allowed = error.schema.get("description", "")
    raise UserError(f"{path}, {key}: {_shorten(error.message)}.{hint}{allowed and f' Allowed: {allowed}'}")


def _shorten(message: str, length: int = 300) -> str:
    return message if len(message) <= length else f"{message[: length // 2]} … {message[-length // 2 :]}"


def _check_words(document: dict, path: str | Path) -> None:
    """What a schema cannot say: patterns that match everything, statements in both poles, unknown codes."""
    for language, negations in document.get("negations", {}).items():
        for part, patterns in negations.items():
            _check_patterns(patterns, f"{path}, negations.{language}.{part}", shortest=2)
    for name, entry in document["entries"].items():
        for language, wording in entry["languages"].items():
            key = f"{path}, entries.{name}.languages.{language}"
            for part in ("patterns", "exclude"):
                _check_patterns(wording.get(part, []), f"{key}.{part}")
            _check_statements(wording["anchors"], wording["neutral"], key)
        for i, case in enumerate(entry.get("boundary", [])):
            unknown = sorted(set(case["codes"]) - set(document["entries"]))
            if unknown:
                raise UserError(
                    f"{path}, entries.{name}.boundary.{i}.codes: no entry is called '{unknown[0]}'. "
                    f"Allowed: {', '.join(document['entries'])}."
                )


def _check_patterns(patterns: list[str], key: str, *, shortest: int = 3) -> None:
    for pattern in patterns:
        if fault := find_pattern_fault(pattern, shortest=shortest):
            raise UserError(f"{key}: the pattern '{pattern}' {fault}")
    _check_unique(patterns, key)


def _check_statements(anchors: list[str], neutral: list[str], key: str) -> None:
    _check_unique(anchors, f"{key}.anchors")
    _check_unique(neutral, f"{key}.neutral")
    both = sorted(_normalise(anchors) & _normalise(neutral))
    if both:
        raise UserError(f"{key}: '{both[0]}' is an anchor and a neutral statement. Keep it in one of the two.")


def _normalise(statements: list[str]) -> set[str]:
    return {s.strip().lower() for s in statements}


def _check_unique(values: list[str], key: str) -> None:
    for value, count in Counter(v.strip().lower() for v in values).items():
        if count > 1:
            raise UserError(f"{key}: '{value}' stands {count} times. Keep it once.")


def _make_entry(name: str, raw: dict, negations: dict) -> Entry:
    languages = {}
    for language, wording in raw["languages"].items():
        negation = negations.get(language, {}) if raw["kind"] == "frame" else {}
        languages[language] = Wording(
            anchors=tuple(wording["anchors"]),
            neutral=tuple(wording["neutral"]),
            patterns=tuple(wording["patterns"]),
            exclude=tuple(wording.get("exclude", ())),
            negations=tuple(negation.get("words", ())),
            no_negations=tuple(negation.get("exclude", ())),
        )
    return Entry(
        name=name,
        kind=raw["kind"],
        label=raw["label"],
        definition=raw["definition"],
        languages=languages,
        code_when=raw.get("code_when", ""),
        code_when_not=raw.get("code_when_not", ""),
        references=tuple(raw.get("references", ())),
        boundary=tuple((b["text"], tuple(b["codes"]), b.get("voice", "own")) for b in raw.get("boundary", ())),
    )
