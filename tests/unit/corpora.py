"""Small corpora for tests: the default configuration, rows, and where the real articles are, if they are."""

import json
from pathlib import Path

import pytest

from frameshift.config import lay_over
from frameshift.corpus.ingest import Corpus, read_corpus
from frameshift.schema import read_yaml

ROOT = Path(__file__).parents[2]
BODIES = [
    "The harbour was closed for two days while a storm passed over the coast.",
    "Parliament debated the budget until midnight and adjourned without a vote.",
    "Three climbers reached the summit after a week of waiting in the lower camp.",
]


def configure(**changes) -> dict:
    """The default section `corpus`, for texts of a sentence, with changes."""
    section = read_yaml(ROOT / "config" / "config.yaml")["corpus"]
    return lay_over(section, {"min_words": 5, "other_languages": [], **changes})


def row(text, *, title="T", date="2015-01-02", source="A", **others) -> dict:
    return {"title": title, "text": text, "date": date, "source": source, **others}


def write_rows(folder, rows) -> Path:
    path = Path(folder) / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def ingest(folder, rows, **changes) -> Corpus:
    return read_corpus(write_rows(folder, rows), configure(**changes))


def real_data(name: str) -> Path:
    """A file of the development data beside the repository; without it the test is skipped."""
    path = ROOT.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the development data are not here: {name}")
    return path
