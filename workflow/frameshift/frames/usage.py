"""Patterns that cannot be meant as they are: one that occurs nearly everywhere, or an entry of which none ever does."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from frameshift.frames.codebook import Entry
from frameshift.frames.lexicon import hits_by_pattern

EVERYWHERE = 0.5  # of the passages: a word that more of them have tells nothing
SAMPLE = 2000  # passages that are looked at, evenly spaced


def find_suspects(passages: pl.DataFrame, codebook: Mapping[str, Entry]) -> Iterator[str]:
    """A sentence for each pattern, and each entry, that is of no use in this corpus; `passages` has text, language."""
    rows = np.unique(np.linspace(0, len(passages) - 1, SAMPLE).astype(int)) if len(passages) else []
    for (language,), looked in passages[rows].group_by("language", maintain_order=True):
        for name, entry in codebook.items():
            key = f"entries.{name}.languages.{language}.patterns"
            wording = entry.wording(language)
            shares = (hits_by_pattern(looked["text"], wording) > 0).mean(axis=0)
            for pattern, share in zip(wording.patterns, shares, strict=True):
                if share > EVERYWHERE:
                    yield f"{key}: {pattern!r} occurs in {share:.0%} of the passages and tells nothing; take it out"
            if not shares.any():
                yield (
                    f"{key}: none of the {len(shares)} patterns occurs in {len(looked):,} passages; correct them, or "
                    "expect the axis alone to measure this entry"
                )
