"""How far apart sources are: in what they write about, and in the meaning of the passages that show a frame.

The distance between two estimated means is too large, the more so the smaller a source is. Here its expectation under
chance alone is taken off, so that without a true difference the distances of small and large sources alike scatter
around 0 (separation.py).
"""

from collections.abc import Mapping
from itertools import combinations, pairwise

import numpy as np
import polars as pl

from frameshift.comparisons.blocks import find_block_length
from frameshift.comparisons.cells import list_imprecise, usable_articles
from frameshift.comparisons.intervals import MIN_ARTICLES, MIN_TESTED
from frameshift.comparisons.multiplicity import add_q
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.separation import compare_means, compare_mixes, draw_signs
from frameshift.frames.pool import find_passages_about
from frameshift.names import COMBINED
from frameshift.tables import check_table, empty_table

BATCH = 32_768  # passages of which the vectors are in memory at once
HALF, TENTH = 0.5, 0.9  # the share, or else the quantile of the score, from which a passage shows a frame
_SET = ["kind", "frame", "given"]
_COLUMNS = {
    **empty_table("comparisons/distances").schema,
    "naive": pl.Float64,
    **dict.fromkeys(["n_articles", "n_blocks", "block_weeks"], pl.Int64),
}


def compare_topics(
    assignments: pl.DataFrame, articles: pl.DataFrame, *, min_articles: int, most: int, draws: int, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Distance between the topic mixes of each two sources: (comparisons/distances, comparisons/omitted).

    `assignments` is topics/assignments of one model, `articles` corpus/articles; articles without a topic or a known
    week do not count. `distance` is that of Jensen & Shannon (Lin 1991; Endres & Schindelin 2003), the square root of a
    divergence in bits: 0 for equal mixes, 1 for mixes without a topic in common. From the divergence the bias is taken
    off by a jackknife over time blocks; `naive` is the distance without that. What two sources print at different times
    is part of their distance. The rest is as in compare_embeddings.
    """
    sources, weeks, omitted = _choose_sources(articles, min_articles=min_articles, most=most)
    rows = weeks.join(assignments.filter(pl.col("topic") >= 0).select("article_id", "topic"), on="article_id")
    topic = rows["topic"].rank("dense").to_numpy().astype(int) - 1 if len(rows) else np.zeros(0, int)
    totals = np.zeros((len(sources), _count_weeks(weeks), topic.max(initial=-1) + 1))
    np.add.at(totals, (rows["source_number"].to_numpy(), rows["week_number"].to_numpy(), topic), 1.0)
    counts = totals.sum(axis=2)
    found, lacking = _compare_pairs(totals, counts, sources, compare_mixes, draws=draws, seed=seed)
    return _tabulate([{"kind": "topics", **row} for row in found], [*omitted, *lacking])


def compare_embeddings(
    vectors: np.ndarray,
    ids: pl.DataFrame,
    shown: Mapping[tuple[str | None, str | None], pl.DataFrame],
    articles: pl.DataFrame,
    *,
    min_articles: int,
    most: int,
    draws: int,
    seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Distance between the mean vectors of two sources' passages: (comparisons/distances, comparisons/omitted).

    `vectors` (passages × dimensions, may be memory-mapped) and `ids` (passage_id, article_id, in the same order) are
    embeddings/; `shown` names by frame and given the passages (passage_id) that are compared: those that show a frame
    (find_passages_showing), are about an issue (frames.pool.find_passages_about), or both. An article counts once, with
    the mean of its passages' vectors, which are scaled to length one.

    `distance` is the squared Euclidean distance of the means, between 0 and 4, less its bias from cluster-robust
    variances (Green et al. 2025), so that it can be negative where the sources do not differ; `naive` is the squared
    distance without that. Clusters are time blocks, joint over sources, as long as find_block_length wants for the
    first principal component of the weekly means. `p` is by wild cluster bootstrap with the null imposed (Cameron,
    Gelbach & Miller 2008), `low` and `high` are 95% limits; the first needs 6 blocks of each source, the latter 8. q
    controls the false discovery rate over the pairs of one kind, frame and given (Benjamini & Hochberg 1995). Compared
    are the `most` largest sources of at least `min_articles` articles, where MIN_ARTICLES of them have such passages.
    """
    sources, weeks, omitted = _choose_sources(articles, min_articles=min_articles, most=most)
    n_weeks = _count_weeks(weeks)
    placed = ids.with_row_index("place").join(weeks, on="article_id")
    cell = pl.col("source_number") * n_weeks + pl.col("week_number")
    chosen = pl.concat(
        placed.join(passages, on="passage_id", how="semi").select(
            "place",
            cell=cell + number * len(sources) * n_weeks,
            weight=1 / pl.len().over("article_id"),
        )
        for number, passages in enumerate(shown.values())
    )
    shape = (len(shown), len(sources), n_weeks)
    totals = _sum_vectors(vectors, chosen.sort("place"), size=int(np.prod(shape)))
    counts = np.bincount(chosen["cell"], chosen["weight"], minlength=int(np.prod(shape)))
    rows = []
    for (frame, given), total, count in zip(
        shown, totals.reshape(*shape, vectors.shape[1]), counts.reshape(shape), strict=True
    ):
        found, lacking = _compare_pairs(total, count, sources, compare_means, draws=draws, seed=seed)
        rows += [{"kind": "embedding", "frame": frame, "given": given, **row} for row in found]
        within = "" if given is None else f"within {given}: "
        omitted += [{"frame": frame, **row, "reason": within + row["reason"]} for row in lacking]
    return _tabulate(rows, omitted)


def find_passages_showing(passage_scores: pl.DataFrame, frame: str) -> pl.DataFrame:
    """The passages that show `frame`, as a table of passage_id, from frames/passages.

    With labels those that are likelier to show it than not; without, those with one of its patterns or, where the
    lexicon is not among the measures, the tenth of the highest combined scores.
    """
    of_frame = passage_scores.filter(pl.col("frame") == frame)
    combined = of_frame.filter(pl.col("measure") == COMBINED)
    if combined["share"].count():
        return combined.filter(pl.col("share") >= HALF).select("passage_id")
    if "lexicon" in of_frame["measure"]:
        return find_passages_about(passage_scores, frame, threshold=None)
    return combined.filter(pl.col("score") >= pl.col("score").quantile(TENTH)).select("passage_id")


def _choose_sources(
    articles: pl.DataFrame, *, min_articles: int, most: int
) -> tuple[list[str], pl.DataFrame, list[dict]]:
    """The sources compared (sorted), their articles with source_number and week_number, and what is left out."""
    usable, large, omitted = usable_articles(articles, min_articles=min_articles)
    omitted += list_imprecise(usable, grains=["week"])
    dated = usable.filter(pl.col("week").is_not_null() & pl.col("source").is_in(large))
    sizes = dated.group_by("source").len().sort("len", "source", descending=[True, False])
    sources = sorted(sizes["source"].head(most))
    omitted += [
        {"source": source, "reason": f"only the {most} largest sources are compared pair by pair"}
        for source in sizes["source"][most:].sort()
    ]
    numbers = pl.DataFrame({"source": sources}, schema={"source": pl.String}).with_row_index("source_number")
    weeks = dated.join(numbers.cast({"source_number": pl.Int64}), on="source")
    return sources, weeks.with_columns(week_number=pl.col("week") - pl.col("week").min()), omitted


def _count_weeks(weeks: pl.DataFrame) -> int:
    return 0 if weeks.is_empty() else int(weeks["week_number"].max()) + 1


def _sum_vectors(vectors: np.ndarray, chosen: pl.DataFrame, *, size: int) -> np.ndarray:
    """Weighted sums of unit vectors by cell (size, dimensions); rows of `chosen` (place, cell, weight) by place."""
    from scipy.sparse import csr_matrix

    place, cell, weight = (chosen[column].to_numpy() for column in ("place", "cell", "weight"))
    totals = np.zeros((size, vectors.shape[1]))
    bounds = np.searchsorted(place, np.arange(0, len(vectors) + BATCH, BATCH))
    for batch, (start, end) in enumerate(pairwise(bounds)):
        if start == end:
            continue
        rows, row = np.unique(place[start:end], return_inverse=True)
        units = np.asarray(vectors[batch * BATCH : (batch + 1) * BATCH][rows - batch * BATCH], dtype=np.float32)
        units /= np.maximum(np.linalg.norm(units, axis=1, keepdims=True), 1e-12)
        cells, line = np.unique(cell[start:end], return_inverse=True)
        totals[cells] += csr_matrix((weight[start:end], (line, row)), shape=(len(cells), len(rows))) @ units
    return totals


def _compare_pairs(
    totals: np.ndarray, counts: np.ndarray, sources: list[str], compare, *, draws: int, seed: int
) -> tuple[list[dict], list[dict]]:
    """Rows of every two sources, by `compare` on sums over time blocks; and the sources left out.

    `totals` (sources × weeks × dimensions) and `counts` (sources × weeks) are weekly sums.
    """
    enough = counts.sum(axis=1) >= MIN_ARTICLES
    omitted = [
        {"source": source, "reason": f"no distances: {n:.0f} articles of known week with such passages or topics"}
        for source, n in zip(sources, counts.sum(axis=1), strict=True)
        if n < MIN_ARTICLES
    ]
    if enough.sum() < 2:
        return [], [*omitted, {"reason": f"no distances: fewer than two sources have {MIN_ARTICLES} such articles"}]
    length = _find_length(totals[enough].sum(axis=0), counts[enough].sum(axis=0))
    starts = np.arange(0, counts.shape[1], length)
    totals, counts = np.add.reduceat(totals, starts, axis=1), np.add.reduceat(counts, starts, axis=1)
    n_blocks = (counts > 0).sum(axis=1)
    signs = draw_signs(len(starts), draws=draws, seed=seed)
    rows = []
    for a, b in combinations(np.flatnonzero(enough), 2):
        fewest = int(min(n_blocks[a], n_blocks[b]))
        pair = {"source": sources[a], "other": sources[b]}
        if fewest < 2:
            omitted.append({"source": sources[a], "reason": f"no distance from {sources[b]}: one time block only"})
            continue
        found = compare(totals[[a, b]], counts[[a, b]], signs)
        if found.get("p") is None:
            reason = f"no test of the distance from {sources[b]}: " + (
                f"{fewest} time blocks" if fewest < MIN_TESTED else "nothing varies"
            )
            omitted.append({"source": sources[a], "reason": reason})
        sizes = {"n_articles": round(counts[[a, b]].sum(axis=1).min()), "n_blocks": fewest, "block_weeks": length}
        rows.append(pair | found | sizes)
    return rows, omitted


def _find_length(totals: np.ndarray, counts: np.ndarray) -> int:
    """Length of a block in weeks, from the first principal component of the weekly means of all sources."""
    from scipy.linalg import eigh

    covered = counts > 0
    residuals = totals[covered] / counts[covered, None] - totals.sum(axis=0) / counts.sum()
    last = residuals.shape[1] - 1
    _, direction = eigh(residuals.T @ residuals, subset_by_index=[last, last])
    return find_block_length(residuals @ direction[:, 0])


def _tabulate(rows: list[dict], omitted: list[dict]) -> tuple[pl.DataFrame, pl.DataFrame]:
    table = add_q(pl.DataFrame(rows, schema=_COLUMNS), within=_SET).sort(*_SET, "source", "other")
    return check_table(table, "comparisons/distances"), list_omissions("distances", omitted)
