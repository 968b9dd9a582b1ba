"""Whose framing it is, as far as the words tell: hits between quotation marks, and hits that are negated."""

from collections.abc import Mapping

import polars as pl

from frameshift.frames.codebook import Entry
from frameshift.frames.lexicon import count_hits, keep_sense, uttered
from frameshift.tables import ALL_SOURCES, check_table

# A single mark closes where no letter follows: "‘It’s an invasion’, he said".
_QUOTED = r'[“„"«][^”“"«»]*[”“"»]|‘[^‘]*?’(?:\W|$)'


def count_voices(passages: pl.DataFrame, codebook: Mapping[str, Entry]) -> pl.DataFrame:
    """How much of each entry is quoted, and how much denied, by source and over all: the table frames/voices.

    `passages` has text, language and source. Counted are passages with a pattern of the entry, negated or not: as
    quoted those with a hit between quotation marks that open and close within the passage, as denied those of which
    every hit is negated (lexicon.py), which is why they do not count as framed. Irony, reported speech without marks
    and denials in other words are not seen.
    """
    parts = []
    for (language,), rows in passages.group_by("language", maintain_order=True):
        for name, entry in codebook.items():
            wording = entry.wording(language)
            hit = uttered(wording)
            matching = rows.filter(pl.col("text").str.contains(hit))
            sensible = keep_sense(matching["text"], wording)
            found = matching.select("source", frame=pl.lit(name)).with_columns(
                quoted=sensible.str.extract_all(_QUOTED).list.join(" ").str.contains(hit),
                denied=pl.Series(count_hits(sensible, wording) == 0),
            )
            parts.append(found.filter(sensible.str.contains(hit)))
    none = {"source": pl.String, "frame": pl.String, "quoted": pl.Boolean, "denied": pl.Boolean}
    found = pl.concat([pl.DataFrame(schema=none), *parts])
    both = pl.concat([found.with_columns(source=pl.lit(ALL_SOURCES)), found])
    counted = both.group_by("frame", "source", maintain_order=True).agg(
        n_passages=pl.len().cast(pl.Int64), quoted=pl.col("quoted").mean(), denied=pl.col("denied").mean()
    )
    return check_table(counted.sort("frame", "source"), "frames/voices")
