"""What the page shows of articles' texts: where patterns hit, and no more characters than the settings allow.

A corpus may be licensed: `report.snippet` says how many characters of a passage the page may show at once, 0 for none.
Titles are always shown.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.lexicon import NEGATION_WINDOW, uttered
from frameshift.frames.patterns import express, express_negated

Mark = tuple[int, int, str]  # where a hit starts and ends, in code points, and its entry
CUT = "…"


def mark_hits(texts: Sequence[str], languages: Sequence[str], codebook: Mapping[str, Entry]) -> list[list[Mark]]:
    """The hits in each of `texts` (n,), worded in `languages` (n,), that the lexicon counts (frames/lexicon.py), by
    their place: no phrases of another sense and no negated ones."""
    rows = pl.DataFrame({"text": texts, "language": languages}, schema={"text": pl.String, "language": pl.String})
    marks: list[list[Mark]] = [[] for _ in texts]
    for (language,), spoken in rows.with_row_index("row").group_by("language", maintain_order=True):
        for name, entry in codebook.items():
            for row, spans in _find_hits(spoken, entry.wording(language)):
                marks[row] += [(start, end, name) for start, end in spans]
    return [sorted(found) for found in marks]


def _find_hits(rows: pl.DataFrame, wording: Wording) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Row and spans of each text with a hit.

    As in the lexicon phrases of another sense are taken away first, then negated hits; what is taken away leaves as
    many underscores, so that the hits keep their place. Most texts hold neither, which polars sees at once.
    """
    hit = uttered(wording)
    hidden = [express(senseless)] if (senseless := (*wording.exclude, *wording.not_negations)) else []
    if wording.negations:
        hidden.append(express_negated(hit, express(wording.negations), between=NEGATION_WINDOW))
    hides = pl.any_horizontal(pl.col("text").str.contains(expression) for expression in hidden) if hidden else False
    matching = rows.filter(pl.col("text").str.contains(hit)).select("row", "text", hides=hides)
    for row, text, has_hidden in matching.iter_rows():
        for expression in hidden if has_hidden else ():
            text = re.sub(expression, lambda match: "_" * len(match[0]), text)
        yield row, [match.span() for match in re.finditer(hit, text)]


def cut_passage(text: str, marks: Sequence[Mark], most: int | None) -> tuple[str | None, list[Mark]]:
    """At most `most` characters of a passage around its first mark, cut between words, with the marks within; all of
    it where `most` is None, and None where it is 0."""
    if most == 0:
        return None, []
    if most is None or len(text) <= most:
        return text, list(marks)
    middle = sum(marks[0][:2]) // 2 if marks else 0
    start = max(0, min(middle - most // 2, len(text) - most))
    end = start + most
    first, last = _next_word(text, start), _last_word(text, end)
    if not first < last:  # one word longer than that
        first, last = start, end
    before, after = CUT if first else "", CUT if last < len(text) else ""
    shift = len(before) - first
    within = [(a + shift, b + shift, entry) for a, b, entry in marks if first <= a and b <= last]
    return before + text[first:last] + after, within


def _next_word(text: str, start: int) -> int:
    return start if start == 0 or text[start - 1].isspace() else start + len(re.match(r"\S*\s*", text[start:])[0])


def _last_word(text: str, end: int) -> int:
    if end == len(text) or text[end].isspace():
        return end
    return len(text[:end].rstrip()) if text[end - 1].isspace() else len(re.sub(r"\s*\S*$", "", text[:end]))


def limit_quotes(
    disagreements: pl.DataFrame, contexts: pl.DataFrame, most: int | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """frames/disagreements and comparisons/contexts as the page may show them: with at most `most` characters of text,
    or no rows at all where that is 0."""
    if most is None:
        return disagreements, contexts
    if most == 0:
        return disagreements.clear(), contexts.clear()
    long = pl.col("text").str.len_chars() > most
    side = pl.max_horizontal((most - pl.col("match").str.len_chars().cast(pl.Int64)) // 2, pl.lit(0))
    return (
        disagreements.with_columns(
            text=pl.when(long).then(pl.col("text").str.head(most) + CUT).otherwise("text"),
        ),
        contexts.with_columns(
            before=pl.when(pl.col("before").str.len_chars() > side)
            .then(pl.lit(CUT) + pl.col("before").str.tail(side))
            .otherwise("before"),
            after=pl.when(pl.col("after").str.len_chars() > side)
            .then(pl.col("after").str.head(side) + CUT)
            .otherwise("after"),
        ),
    )
