"""Coded tables as people bring them, and a corpus that they are about."""

import csv
from datetime import date
from pathlib import Path

import polars as pl

from frameshift.frames.codebook import load_codebook
from frameshift.frames.codes import read_codes

CODEBOOK = load_codebook(Path(__file__).parents[2] / "config" / "frames.yaml")
ENTRIES = ("threat", "security", "victim", "migration")
GANG = "The gang plots an attack."
PASSAGES = [
    ("p1", "a1", GANG),
    ("p2", "a1", "Police patrol the border."),
    ("p3", "a2", GANG),
    ("p4", "a2", "-5 degrees, and no shelter for refugees in Zürich."),
    ("p5", "a3", "'@mayor' calls refugees a danger."),
]
CORPUS = (  # corpus/passages and corpus/articles
    pl.DataFrame(PASSAGES, schema=["passage_id", "article_id", "text"], orient="row"),
    pl.DataFrame(
        {
            "article_id": ["a1", "a2", "a3"],
            "source": ["Albion", "Brook", "Brook"],
            "date": [date(2015, 3, 4), date(2016, 5, 6), None],
            "wire_cluster": ["a1", "a4", "a3"],
        }
    ),
)


def row(passage_id="p1", codes=(1, 0, 0, 1), **others) -> dict:
    """A row of the coding sheet."""
    return {"passage_id": passage_id, "coder": "anna", **dict(zip(ENTRIES, codes, strict=True)), **others}


def own(text, label, **others) -> dict:
    """A row of a table of one's own."""
    return {"text": text, "label": label, **others}


def write(path, rows, *, delimiter=",", encoding="utf-8") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(c for r in rows for c in r)), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def read(*paths, text="text", **entries) -> pl.DataFrame:
    return read_codes([{"path": str(path), "text": text, "entries": entries} for path in paths], CODEBOOK)
