"""Lines that a source repeats from article to article, learnt from the corpus: what no list of known forms has."""

from collections.abc import Iterator, Sequence

import polars as pl
from sentencex import segment

from frameshift.corpus.boilerplate import Removal, drop_sentences

MIN_STORIES = 5  # fewer may be chance: a phrase of the day, a series of articles

# A line of its own that comes back is hardly ever the reporter's; a sentence inside a paragraph may be ("No one has
# claimed responsibility for the attack."), and must come back more often by this factor. A short one is what an
# abbreviation leaves ("Mr.") or what anyone says ("No one knows.").
_CAUTION = 2.5
_MIN_WORDS = 5

_BATCH = 5000  # articles whose sentences are held as Python objects at a time


def remove_repeated(texts: pl.DataFrame, *, share: float) -> tuple[pl.Series, dict[int, list[Removal]]]:
    """Remove what stands in more than `share` of a source's stories, and in MIN_STORIES of them at least.

    `texts` has source and text (cleaned: one line a paragraph). Looked at are whole lines and, with a share _CAUTION
    times as high, the sentences inside lines; case, years and addresses of the web do not count ("© 2018" is "© 2019").
    Returns the texts and, by the row's place, what was removed.

    Counted are stories, not articles: copies of one article repeat every line of it. Two articles are the same story if
    the smallest hash among their other lines is the same, which for copies is as likely as their lines are equal
    (Broder 1997). An article in which nothing else stands tells nothing of what is repeated.
    """
    units = pl.concat([part.drop("unit") for part in _list_units(texts, range(texts.height))])
    learnt = _learn(units, share=share)
    rows = units.join(learnt, on=["source", "key"], how="semi")["row"].unique().sort().to_list()
    removed: dict[int, list[Removal]] = {}
    cleaned: dict[int, str] = {}
    for part in _list_units(texts, rows):
        repeated = part.join(learnt, on=["source", "key"], how="semi").sort("row")
        for (row,), found in repeated.group_by("row", maintain_order=True):
            lines, sentences = (set(found.filter(pl.col("is_line") == kind)["unit"]) for kind in (True, False))
            removed[row] = []
            cleaned[row] = _without(texts["text"][row], lines, sentences, removed[row])
    if cleaned:
        changed = pl.DataFrame({"row": cleaned.keys(), "new": cleaned.values()}, schema={"row": pl.UInt32, "new": str})
        texts = (
            texts.with_row_index("row")
            .join(changed, on="row", how="left", maintain_order="left")
            .with_columns(text=pl.coalesce("new", "text"))
        )
    return texts["text"], removed


def _list_units(texts: pl.DataFrame, rows: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Lines, and sentences inside lines, of the given rows, in batches: row, source, is_line, unit, key (a hash)."""
    schema = {"row": pl.UInt32, "source": pl.Categorical, "is_line": pl.Boolean, "unit": pl.String}
    for start in range(0, max(len(rows), 1), _BATCH):
        some = list(rows[start : start + _BATCH])
        units = [
            (row, source, *unit)
            for row, source, text in zip(
                some, *(texts[column].gather(some) for column in ("source", "text")), strict=True
            )
            for unit in _split(text)
        ]
        yield pl.DataFrame(units, schema=schema, orient="row").with_columns(
            key=pl.struct("is_line", _wording(pl.col("unit"))).hash()
        )


def _split(text: str) -> set[tuple[bool, str]]:
    """The lines of a text (True), and the sentences of lines that have several (False)."""
    units = set()
    for line in text.split("\n"):
        units.add((True, line))
        if line.count(" ") > _MIN_WORDS:
            sentences = [sentence.strip() for sentence in segment("en", line)]
            if len(sentences) > 1:
                units |= {(False, sentence) for sentence in sentences if sentence.count(" ") + 1 >= _MIN_WORDS}
    return units


def _wording(unit: pl.Expr) -> pl.Expr:
    return unit.str.to_lowercase().str.replace_all(r"https?://\S+|www\.\S+|\b(?:19|20)\d\d\b", "")


def _learn(units: pl.DataFrame, *, share: float) -> pl.DataFrame:
    """The source and key of what is repeated; `units` has row, source, is_line and key."""
    needed = pl.when("is_line").then(share).otherwise(share * _CAUTION)
    units = units.unique(["row", "key"])
    articles = units.group_by("source").agg(articles=pl.col("row").n_unique())
    often = (
        units.group_by("source", "key", "is_line")
        .len()
        .filter(pl.col("len") >= MIN_STORIES)
        .join(articles, on="source")
        .filter(pl.col("len") > needed * pl.col("articles"))
    )
    others = units.join(often, on=["source", "key"], how="anti")
    stories = others.group_by("row", "source").agg(story=pl.col("key").min())
    n_stories = stories.group_by("source").agg(stories=pl.col("story").n_unique())
    return (
        units.join(often, on=["source", "key"], how="semi")
        .join(stories, on=["row", "source"])
        .group_by("source", "key", "is_line")
        .agg(n=pl.col("story").n_unique())
        .join(n_stories, on="source")
        .filter(pl.col("n") >= MIN_STORIES, pl.col("n") > needed * pl.col("stories"))
        .select("source", "key")
    )


def _without(text: str, lines: set[str], sentences: set[str], removed: list[Removal]) -> str:
    """`text` without the given lines and sentences inside lines; they are added to `removed`."""
    kept = []
    for line in text.split("\n"):
        if line in lines:
            removed.append(Removal("repeated", line))
        elif not sentences:
            kept.append(line)
        elif rest := drop_sentences(line, lambda one: "repeated" if one in sentences else None, removed):
            kept.append(rest)
    return "\n".join(kept)
