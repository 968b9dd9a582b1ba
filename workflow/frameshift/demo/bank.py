"""The sentence bank: a small grammar of patterns and fillers, read from the YAML files in `bank/`.

A text is plain words with `{slots}` and choices `<a/b/c>`. Patterns stand one a line; fillers are separated by a bar.
A topic's own fillers come before the shared ones.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from frameshift.demo.knobs import TOPICS

FOLDER = Path(__file__).parent / "bank"
TOPIC_PATTERNS = ("plain", "other_sense")  # the keys of a topic's file that hold patterns; all others hold fillers
_TOKEN = re.compile(r"\{(\w+)\}|<([^<>]*)>")

Part = str | tuple  # words, ("slot", name) or ("choice", alternatives)
Text = tuple[Part, ...]


@dataclass(frozen=True)
class Bank:
    """patterns: topic -> kind of clause -> texts; fillers: topic -> slot -> texts; the rest is for desks and dirt."""

    patterns: dict[str, dict[str, list[Text]]]
    fillers: dict[str, dict[str, list[Text]]]
    openers: list[Text]
    dialects: dict[str, dict]
    edits: dict[str, str]
    boilerplate: dict[str, list[str]]
    foreign: list[tuple[str, str]]


def parse_text(source: str) -> Text:
    """Cut `source` into words, slots and choices."""
    parts, end = [], 0
    for match in _TOKEN.finditer(source):
        if match.start() > end:
            parts.append(source[end : match.start()])
        slot, choice = match.groups()
        parts.append(("slot", slot) if slot else ("choice", tuple(parse_text(c) for c in choice.split("/"))))
        end = match.end()
    if end < len(source):
        parts.append(source[end:])
    return tuple(parts)


def count_texts(texts: list[Text]) -> int:
    """How many different texts the choices in `texts` make, slots counted as one."""
    total = 0
    for text in texts:
        ways = 1
        for part in text:
            if part[0] == "choice" and not isinstance(part, str):
                ways *= count_texts(list(part[1]))
        total += ways
    return total


def _read(name: str) -> dict:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def _lines(block: str) -> list[Text]:
    return [parse_text(line.strip()) for line in block.splitlines() if line.strip()]


def _bars(block: str) -> list[Text]:
    # A line break inside a choice became a space after its slash.
    return [parse_text(re.sub(r"/\s+", "/", item.strip())) for item in block.split("|")]


@cache
def load_bank() -> Bank:
    """The bank of the package; read once."""
    shared, clauses = _read("shared"), _read("clauses")
    common = {slot: _bars(block) for slot, block in shared["fillers"].items()}
    patterns, fillers = {}, {}
    for topic in TOPICS:
        own = _read(topic)
        fillers[topic] = common | {slot: _bars(block) for slot, block in own.items() if slot not in TOPIC_PATTERNS}
        patterns[topic] = {kind: _lines(block) for kind, block in clauses.items()}
        patterns[topic]["plain"] = _lines(own["plain"])
        patterns[topic]["other_sense"] = _lines(own["other_sense"]) + patterns[topic]["other_sense"]
    dialects = {
        voice: dialect | {"tails": [parse_text(tail) for tail in dialect["tails"]]}
        for voice, dialect in shared["dialects"].items()
    }
    return Bank(
        patterns=patterns,
        fillers=fillers,
        openers=[parse_text(opener) for opener in shared["openers"]],
        dialects=dialects,
        edits=shared["edits"],
        boilerplate=shared["boilerplate"],
        foreign=[(title, text) for title, text in shared["foreign"]],
    )
