"""Which passages people code, with which probability each was drawn, and who codes which.

Two draws make the sample. Most of it is stratified by source, era and score, evenly over the strata, so that small
sources and the few passages with much of a frame are in it. The rest is drawn simply at random, so that no passage has
a probability near zero, and none of the weights 1 / probability is huge.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, count
from math import ceil

import numpy as np
import polars as pl

from frameshift.errors import UserError
from frameshift.frames.codebook import Entry
from frameshift.frames.eras import name_era

SIMPLE = 0.3  # share of the sample that is drawn simply at random
LEAST = 2  # passages of each stratum: with one, nobody knows how much its passages differ
MOST_ERAS = 5
BINS = ("low", "middle", "high")
CUTS = (0.5, 0.8)  # quantiles of the score between the bins: a frame is rare, so the top fifth holds most of it
OTHERS = "other sources"
UNDATED, ALL_TIME = "undated", "all"
_NUMERIC = r"^\d+(e\d+)?$"  # a spreadsheet makes a number of such an id, and saves that


def primary_entry(codebook: Mapping[str, Entry]) -> str:
    """The entry whose score makes the strata: the first frame, or the first issue where there is no frame."""
    return min(codebook.values(), key=lambda entry: entry.kind != "frame").name


def draw_sample(
    passages: pl.DataFrame, articles: pl.DataFrame, scores: pl.DataFrame, *, n: int, seed: int
) -> pl.DataFrame:
    """Draw `n` passages for people to code: passage_id, text, language, source, era, bin, probability (n rows).

    The tables are corpus/passages, corpus/articles, and passage_id and score of the entry that makes the strata. A
    stratum is a source × era × bin of the score, and is named in these three columns. Where `n` is too small for all
    there are fewer eras, then the smallest sources are taken together. Where there are fewer than `n` texts, all of
    them are drawn.

    Merged copies of articles are not drawn, and of passages with the same text one is: the text is drawn, in the
    stratum of its first passage, and one of its passages, each as likely, stands for it. So `probability` is the
    inclusion probability of the passage that is in the sample, exactly, and weights of 1 / probability add up to all
    passages (Horvitz & Thompson 1952). Left out are passages whose id looks like a number, one in some 700: ids are
    digests, so these are a random few. Raises UserError where `n` is too small for any strata.
    """
    rng = np.random.default_rng(seed)
    texts = _gather_texts(passages, articles, scores, rng)
    n = min(n, texts.height)
    texts = _stratify(texts, n)
    stratum = texts.select(pl.struct("source", "era", "bin").rank("dense"))["source"].to_numpy() - 1
    rows, probability = draw_rows(stratum, n, rng)
    return texts[rows].select(
        "passage_id", "text", "language", "source", "era", "bin", probability=pl.Series(probability) / pl.col("copies")
    )


def draw_rows(stratum: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `n` of the rows whose strata (numbers from 0) are `stratum` (N,): rows (n,), their probabilities (n,).

    The stratified part is drawn first, evenly over the strata, the simple random part from all that is left. As the
    size of either is fixed, the inclusion probability is exactly 1 - (1 - n_h / N_h)(1 - m / (N - Σ n_h)), with n_h of
    N_h rows drawn in a stratum and m simply at random.
    """
    m = _count_simple(n)
    sizes = np.bincount(stratum)
    wanted = spread(sizes, n - m)
    order = np.lexsort((rng.random(len(stratum)), stratum))  # by stratum, and within it by chance
    place = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[stratum[order]]
    stratified = order[place < wanted[stratum[order]]]
    left = np.setdiff1d(np.arange(len(stratum)), stratified)
    rows = np.sort(np.concatenate([stratified, rng.choice(left, m, replace=False)]))
    missed = (1 - wanted / sizes)[stratum[rows]] * (1 - m / len(left))
    return rows, 1 - missed


def spread(sizes: np.ndarray, n: int) -> np.ndarray:
    """How many of `n` each stratum gets: all the same, or what they hold; what is odd goes to the largest."""
    given = np.zeros_like(sizes)
    while left := min(n, sizes.sum()) - given.sum():
        room = np.flatnonzero(given < sizes)
        room = room[np.argsort(-sizes[room], kind="stable")][:left]
        given[room] += np.minimum(left // len(room), sizes[room] - given[room])
    return given


def name_eras(counts: Mapping[int, int], most: int) -> dict[int, str]:
    """The era of each year, as "2012–2014": at most `most` eras of whole years that hold about as many passages.

    `counts` is passages a year.
    """
    years = sorted(counts)
    sizes = np.array([counts[year] for year in years], dtype=float)
    number = ((np.cumsum(sizes) - sizes / 2) / max(sizes.sum(), 1) * most).astype(int)
    eras = {}
    for year, era in zip(years, number, strict=True):
        eras.setdefault(era, []).append(year)
    return {year: name_era(era) for era in eras.values() for year in era}


def deal_passages(sample: pl.DataFrame, coders: Sequence[str], *, double: float, seed: int) -> pl.DataFrame:
    """Who codes what: `sample` with one row a passage and coder, in front of it the column coder.

    The share `double` of the passages goes to two coders, every pair of coders as often as every other; the others are
    dealt so that all have about as much to do. A single coder codes nothing twice. Each coder has an order of their
    own, drawn at random, so that getting tired does not hit the same passages.
    """
    rng = np.random.default_rng([seed, 1])  # not the stream that drew the sample
    n_double = round(double * sample.height) if len(coders) > 1 else 0
    pairs = rng.permutation(list(combinations(range(len(coders)), 2)))
    load = np.zeros(len(coders), dtype=int)
    dealt = []
    for place, row in enumerate(rng.permutation(sample.height)):
        hands = pairs[place % len(pairs)] if place < n_double else [load.argmin()]
        load[hands] += 1
        dealt += [(hand, row) for hand in hands]
    hands, rows = rng.permutation(dealt).T
    order = np.argsort(hands, kind="stable")
    return sample[rows[order]].select(pl.Series("coder", [coders[hand] for hand in hands[order]]), *sample.columns)


def _gather_texts(
    passages: pl.DataFrame, articles: pl.DataFrame, scores: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """passage_id, text, language, source, year, score, copies: one row a text."""
    kept = articles.filter(pl.col("duplicate_of").is_null())
    eligible = (
        passages.filter(~pl.col("passage_id").str.contains(_NUMERIC))
        .join(
            kept.select("article_id", "source", "language", year=pl.col("date").dt.year()),
            on="article_id",
            maintain_order="left",
        )
        .join(scores.select("passage_id", "score"), on="passage_id", maintain_order="left")
    )
    return (
        eligible.with_columns(luck=rng.random(eligible.height))
        .group_by("text", maintain_order=True)
        .agg(
            pl.col("passage_id", "language").sort_by("luck").first(),
            pl.col("source", "year", "score").first(),
            copies=pl.len(),
        )
    )


def _stratify(texts: pl.DataFrame, n: int) -> pl.DataFrame:
    """`texts` with source, era and bin of the finest strata that a sample of `n` has room for."""
    cuts = np.quantile(texts["score"].to_numpy(), CUTS)
    bins = np.array(BINS)[np.searchsorted(cuts, texts["score"].to_numpy())]
    texts = texts.with_columns(bin=pl.Series(bins, dtype=pl.String))
    cells = texts.group_by("source", "year", "bin").len()
    for sources, eras in _coarsen(cells):
        strata = cells.group_by(*_apply(sources, eras), "bin").agg(pl.col("len").sum())
        needed = int(strata["len"].clip(upper_bound=LEAST).sum())
        if needed <= n - _count_simple(n) or n == texts.height:
            return texts.with_columns(_apply(sources, eras))
    enough = next(m for m in count(n) if needed <= m - _count_simple(m))
    raise UserError(
        f"`coding.passages` allows for {n} passages, of which {n - _count_simple(n)} are stratified; even with all "
        f"sources and years together, {LEAST} in each of {len(strata)} strata make {needed}: set it to {enough} or more"
    )


def _coarsen(cells: pl.DataFrame) -> Iterator[tuple[dict[str, str], dict[int | None, str]]]:
    """Strata of sources and of eras of years, ever coarser: fewer eras, then ever more of the smallest sources in one.

    Articles without a date are an era of their own, but not where that costs sources theirs: they may be a handful.
    """
    years = dict(cells.drop_nulls("year").group_by("year").agg(pl.col("len").sum()).iter_rows())
    sizes = cells.group_by("source").agg(pl.col("len").sum()).sort(["len", "source"], descending=[True, False])
    sources = sizes["source"].to_list()
    for most in range(min(MOST_ERAS, len(years)), 0, -1):
        yield {}, {None: UNDATED, **name_eras(years, most)}
    for n_merged in (0, *range(2, len(sources) + 1)):
        yield dict.fromkeys(sources[len(sources) - n_merged :], OTHERS), dict.fromkeys([None, *years], ALL_TIME)


def _apply(sources: Mapping[str, str], eras: Mapping[int | None, str]) -> list[pl.Expr]:
    """The columns source and era of a stratum."""
    return [
        pl.col("source").replace(sources),
        pl.col("year").replace_strict(eras, return_dtype=pl.String).alias("era"),
    ]


def _count_simple(n: int) -> int:
    return ceil(SIMPLE * n)
