"""The passages behind each estimate: which of them the page keeps.

Of the passages that an estimate is a mean over, those that score highest show what the measure took for the frame, and
a few drawn at random show what it is usually made of. Whoever reads only the highest learns nothing of the rest.

The draw is the order of passage_id, which is a digest of what the passage says and where: no seed, and another article
changes the passages of a point only where its own come first.

Nothing is done point by point. What is highest in a year is among the highest of its quarters, so the few best of the
smallest cells (a source in a period of every grain) are found once, and all sources, groups and longer periods are
made of these.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from frameshift.comparisons.cells import usable_articles
from frameshift.comparisons.groups import Groups, name_by_source
from frameshift.comparisons.periods import period_of, tells_period
from frameshift.comparisons.prevalence import HALF
from frameshift.comparisons.reading import DECIDING
from frameshift.frames.given import parse_given
from frameshift.frames.pool import SCALED, find_passages_about
from frameshift.names import ALL_SOURCES, COMBINED
from frameshift.tables import check_table, empty_table

HIGHEST, RANDOM = "highest", "random"
POINT = ["frame", "given", "source", "grain", "period"]


def select_points(prevalence: pl.DataFrame, *, measure: str, entries: Sequence[str]) -> pl.DataFrame:
    """The rows of comparisons/prevalence that are drawn: the `entries` of the codebook by `measure`, articles weighted
    alike, not corrected by labels."""
    return prevalence.filter(
        pl.col("measure") == measure,
        pl.col("frame").is_in(list(entries)),
        pl.col("weighting") == "article",
        pl.col("scale") != "corrected share",
        pl.col("estimate").is_not_null(),
    )


def gather_evidence(
    points: pl.DataFrame,
    articles: pl.DataFrame,
    passages: pl.LazyFrame,
    scores: pl.LazyFrame,
    joint: pl.LazyFrame | None,
    *,
    measure: str,
    groups: Groups,
    threshold: float | None,
    highest: int,
    random: int,
) -> pl.DataFrame:
    """The `highest` highest-scored passages behind each of `points`, and `random` of the others: report/evidence.

    `points` are rows of select_points; the others are corpus/articles, corpus/passages, frames/passages and, where
    people coded, frames/joint. Behind a point are the passages of the articles that it is the mean of; within an issue
    those about it, which with `joint` are those likelier about it than not, else as find_passages_about has it. They
    are ordered by what is averaged, within an issue by the probability of frame and issue together. A text that stands
    in several articles is taken once a point. `rank` counts from 1 within highest and random.
    """
    parts = [empty_table("report/evidence")]
    if highest + random and len(points):
        cells, within = _list_cells(points, articles, groups)
        known = _read_passages(passages, cells)
        for (frame, given), wanted in points.group_by("frame", "given", maintain_order=True):
            value = SCALED[wanted["scale"][0]]
            scored = _score(scores, joint if measure == COMBINED else None, frame, given, measure, value, threshold)
            candidates = _find_candidates(known.join(scored, on="passage_id"), highest=highest, random=random)
            chosen = _choose(candidates, within, wanted, highest=highest, random=random)
            parts.append(
                chosen.join(known.select("row", "passage_id"), on="row").select(
                    pl.lit(frame).alias("frame"),
                    pl.lit(given, pl.String).alias("given"),
                    *parts[0].columns[2:],
                )
            )
    return check_table(pl.concat(parts).sort(*POINT, "chosen", "rank"), "report/evidence")


def _list_cells(
    points: pl.DataFrame, articles: pl.DataFrame, groups: Groups
) -> tuple[pl.DataFrame, list[tuple[str, pl.DataFrame]]]:
    """The articles (article_id) with the cell each is in, and for every grain which cells (`cell`) a source, group or
    all sources (`source`) and a period (`period`) are made of."""
    grains = points["grain"].unique(maintain_order=True).to_list()
    usable, _, _ = usable_articles(articles, min_articles=1)
    placed = usable.select(
        "article_id",
        "source",
        *(
            pl.when(tells_period(pl.col("date_precision"), grain)).then(period_of(pl.col("date"), grain)).alias(grain)
            for grain in grains
        ),
    ).with_columns(cell=pl.struct("source", *grains).rank("dense"))
    cells = placed.drop("article_id").unique("cell")
    named = [cells, cells.with_columns(source=pl.lit(ALL_SOURCES))]
    for names in name_by_source(groups).values():
        named.append(cells.with_columns(pl.col("source").replace_strict(names, default=None)).drop_nulls("source"))
    every = pl.concat(named)
    within = [(grain, every.select("cell", "source", period=grain).drop_nulls("period")) for grain in grains]
    return placed.select("article_id", "cell"), within


def _read_passages(passages: pl.LazyFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """passage_id, cell, what tells its text from others, and `row`, which is the order of passage_id."""
    read = passages.select("passage_id", "article_id", text=pl.col("text").hash()).join(
        cells.lazy(), on="article_id", how="inner"
    )
    return read.drop("article_id").sort("passage_id").collect(engine="streaming").with_row_index("row")


def _score(
    scores: pl.LazyFrame,
    joint: pl.LazyFrame | None,
    frame: str,
    given: str | None,
    measure: str,
    value: str,
    threshold: float | None,
) -> pl.DataFrame:
    """The passages that the entry is averaged over: passage_id and the value that is averaged."""
    scored = scores.filter(pl.col("frame") == frame, pl.col("measure") == measure).select("passage_id", value=value)
    if given is None:
        return scored.drop_nulls().collect(engine="streaming")
    if joint is not None:
        likely = joint.filter(pl.col("frame") == frame, pl.col("given") == given, pl.col("about") >= HALF)
        about = likely.select("passage_id", together="share").collect(engine="streaming")
        found = scored.collect(engine="streaming").join(about, on="passage_id")
        return found.select("passage_id", value="together" if value == "share" else "value").drop_nulls()
    named = [name for name in parse_given(given)[1:] if name]
    deciding = scores.filter(pl.col("frame").is_in(named), pl.col("measure").is_in(DECIDING)).collect(
        engine="streaming"
    )
    about = find_passages_about(deciding, given, threshold=threshold)
    return scored.drop_nulls().collect(engine="streaming").join(about, on="passage_id", how="semi")


def _find_candidates(rows: pl.DataFrame, *, highest: int, random: int) -> dict[str, pl.DataFrame]:
    """Of each cell the rows (row, cell, text, value) that can be among the highest of anything that holds it, and those
    that can be drawn from the others: of these so many more as may be among the highest."""
    columns = ["row", "cell", "text", "value"]
    return {
        HIGHEST: _first(rows.select(columns).sort(_BEST, descending=_DOWN), ["cell"], highest),
        RANDOM: _first(rows.select(columns).sort("row"), ["cell"], highest + random if random else 0),
    }


_BEST, _DOWN = ["value", "row"], [True, False]


def _choose(
    candidates: dict[str, pl.DataFrame],
    within: list[tuple[str, pl.DataFrame]],
    wanted: pl.DataFrame,
    *,
    highest: int,
    random: int,
) -> pl.DataFrame:
    """source, grain, period, row, chosen and rank for each of the points `wanted` of one entry."""
    by, parts = ["source", "period"], []
    for grain, cells in within:
        asked = cells.join(wanted.filter(pl.col("grain") == grain), on=by, how="semi")
        rows = {chosen: found.join(asked, on="cell") for chosen, found in candidates.items()}
        best = _first(rows[HIGHEST].sort(_BEST, descending=_DOWN), by, highest)
        others = rows[RANDOM].join(best, on=[*by, "text"], how="anti").sort("row")
        for chosen, found in ((HIGHEST, best), (RANDOM, _first(others, by, random))):
            parts.append(
                found.select(
                    *by,
                    "row",
                    grain=pl.lit(grain),
                    chosen=pl.lit(chosen),
                    rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(by),
                )
            )
    return pl.concat(parts)


def _first(rows: pl.DataFrame, by: list[str], n: int) -> pl.DataFrame:
    """The first `n` rows of each group in their order, a text once."""
    once = rows.unique([*by, "text"], keep="first", maintain_order=True)
    return once.group_by(by, maintain_order=True).head(n)


def list_counts(evidence: pl.DataFrame) -> tuple[int, int]:
    """How many of the highest and how many random passages a point has at most."""
    most = dict(evidence.group_by("chosen").agg(pl.col("rank").max()).iter_rows())
    return most.get(HIGHEST, 0), most.get(RANDOM, 0)


def iterate_cuts(highest: int, random: int) -> Iterator[tuple[int, int]]:
    """How many of the highest and random passages to keep where fewer fit, the most first: the random go first."""
    yield from ((highest, kept) for kept in range(random, -1, -1))
    yield from ((kept, 0) for kept in range(highest - 1, -1, -1))
