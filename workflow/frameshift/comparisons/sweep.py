"""The sweep: other settings under which the declared findings are estimated again, a specification a row of a table.

Read with csv, because the Snakefile reads it and needs no data library.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from frameshift.errors import UserError
from frameshift.names import COMBINED, SUPERVISED, TOPIC_MODELS

MAIN = "main"  # the specification with the settings of the run
Setting = str | int | float
Sweep = Mapping[str, Mapping[str, Setting]]  # by specification, the settings that it changes

# What a setting may be: one of these names, or a number of this type and range.
SETTINGS: dict[str, tuple] = {
    "measure": ("lexicon", "axis", COMBINED, SUPERVISED),  # and those of `frames.external`
    "labels": ("unused", "corrected"),  # the scores as they are without labels; the shares corrected by labels
    "threshold": (float, float("-inf"), float("inf")),  # a passage is about an issue from this combined score on
    "weighting": ("article", "passage"),  # what weighs one
    "duplicates": ("per_source", "first", "all", "unique"),  # as corpus.duplicates.policy; unique: no wire stories
    "sources": ("throughout",),  # only those with articles in every year
    "weeks": (int, 6, 1000),  # on each side of the date, in place of the finding's own
    "model": tuple(TOPIC_MODELS),
    "n_topics": ("fewest", "most"),  # of those that were fitted
    "seed": ("atypical",),  # the fit of the same setting that agrees least with the others
    "max_sentences": (int, 1, 1000),  # of a passage
    "max_words": (int, 1, 180),
    "backend": ("torch", "openvino", "openvino-bf16", "openvino-int8", "static"),
}
PASSAGES_FILE, ENCODER_FILE = "corpus/passages.parquet", "embeddings/encoder.json"
_MADE_WITH = {PASSAGES_FILE: ("max_sentences", "max_words"), ENCODER_FILE: ("backend",)}
MEASURED_ANEW = tuple(name for names in _MADE_WITH.values() for name in names)  # these need scores of their own
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_sweep(path: str | Path, *, external: Iterable[str] = ()) -> dict[str, dict[str, Setting]]:
    """The specifications of `path`, tab-separated: by the name in the column `specification`, the settings it changes.

    The other columns are settings (SETTINGS), a field left empty is as in the run; `external` are measures of
    `frames.external`. Any number of rows will do; 12 to 20 are usual. Raises UserError naming file, line, value and
    what is allowed.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t")
            rows = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise UserError(f"`sweep`: {path}: there is no such file; check the path, or set `sweep: null`") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"`sweep`: {path}: this is no tab-separated table in UTF-8: {error}") from None
    faults = [
        *_header_faults(reader.fieldnames or []),
        *(f"line {line}: {fault}" for line, row in rows for fault in _row_faults(row, external)),
        *_name_faults(rows),
    ]
    if faults:
        raise UserError("\n".join(f"`sweep`: {path}: {fault}" for fault in faults))
    return {row["specification"]: {name: _parse(name, text) for name, text in _filled(row)} for _, row in rows}


def drop_unchanged(sweep: Sweep, config: Mapping) -> dict[str, dict[str, Setting]]:
    """`sweep` without the settings that are as in the run, whose configuration is `config`; some may have none left."""
    own = {
        "measure": config["comparisons"]["measure"],
        "labels": None if config["frames"]["labels"] else "unused",
        "threshold": config["frames"]["given_threshold"],
        "weighting": "article",
        "duplicates": config["corpus"]["duplicates"]["policy"],
        "model": config["topics"]["primary"],
        "backend": config["embeddings"]["backend"],
        **config["passages"],
    }
    return {
        name: {setting: value for setting, value in settings.items() if own.get(setting) != value}
        for name, settings in sweep.items()
    }


def list_measured_anew(sweep: Sweep) -> list[str]:
    """The specifications that need passages, vectors or scores of their own."""
    return [name for name, settings in sweep.items() if settings.keys() & set(MEASURED_ANEW)]


def place_of(path: str, specification: str, sweep: Sweep) -> str:
    """Where the passages or the encoder of a specification are: in a folder of its own if it changes them."""
    is_own = sweep[specification].keys() & set(_MADE_WITH[path])
    return f"<run>/robustness/{specification}/{path}" if is_own else f"<run>/{path}"


def _header_faults(columns: list[str]):
    allowed = ["specification", *SETTINGS]
    if "specification" not in columns:
        yield f"line 1 has no column `specification`, the name of each row; it has {', '.join(columns) or 'nothing'}"
    for name, times in Counter(columns).items():
        if name not in allowed:
            close = get_close_matches(name, allowed, n=1)
            yield f"line 1: {name!r} is no known setting; " + (
                f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(allowed)}"
            )
        if times > 1:
            yield f"line 1: the column {name!r} stands there {times} times; keep one"


def _row_faults(row: Mapping, external: Iterable[str]):
    if None in row:
        yield f"{len(row[None])} more fields than the header has columns; take them out, or add a tab to the header"
    for name, text in _filled(row):
        allowed = (*SETTINGS[name], *external) if name == "measure" else SETTINGS[name]
        if isinstance(allowed[0], str):
            if text not in allowed:
                yield f"{name} is {text!r}; allowed are {', '.join(allowed)}, or nothing for as in the run"
        elif not _is_number(text, *allowed):
            kind, low, high = allowed
            span = f" from {low} to {high}" if kind is int else ""
            yield f"{name} is {text!r}; allowed is a {'whole ' * (kind is int)}number{span}, or nothing"
    if not any(True for _ in _filled(row)):
        yield "no setting is changed; fill in a column, or take the row out: the run's own settings are always there"


def _name_faults(rows: list[tuple[int, dict]]):
    lines: dict[str, list[int]] = {}
    for line, row in rows:
        name = row.get("specification") or ""
        lines.setdefault(name, []).append(line)
        if not _NAME.fullmatch(name) or name == MAIN:
            yield (
                f"line {line}: specification is {name!r}; allowed are names of small letters, digits and _, "
                f"beginning with a letter, but for {MAIN!r}"
            )
    for name, found in lines.items():
        if len(found) > 1:
            yield f"lines {' and '.join(map(str, found))}: both are called {name!r}; names must differ"


def _filled(row: Mapping) -> list[tuple[str, str]]:
    return [(name, text.strip()) for name, text in row.items() if name in SETTINGS and text and text.strip()]


def _is_number(text: str, kind: type, low: float, high: float) -> bool:
    try:
        return low <= kind(text) <= high and abs(kind(text)) != float("inf")
    except ValueError:
        return False


def _parse(name: str, text: str) -> Setting:
    kind = SETTINGS[name][0]
    return text if isinstance(kind, str) else kind(text)
