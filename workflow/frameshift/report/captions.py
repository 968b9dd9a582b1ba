"""The captions of the figures: written once, in workflow/report/*.rst, for Snakemake's report and the page alike."""

from pathlib import Path
from typing import NamedTuple

READING = "How to read:"


class Caption(NamedTuple):
    """What a figure shows, and how to read it; plain text."""

    shows: str
    reading: str


def read_caption(path: str | Path) -> Caption:
    """The caption in a .rst file of plain paragraphs, of which one begins with "How to read:"."""
    paragraphs = [" ".join(part.split()) for part in Path(path).read_text(encoding="utf-8").split("\n\n")]
    reading = [part for part in paragraphs if part.startswith(READING)]
    shows = [part for part in paragraphs if part and not part.startswith(READING)]
    return Caption(" ".join(shows), " ".join(part.removeprefix(READING).strip() for part in reading))
