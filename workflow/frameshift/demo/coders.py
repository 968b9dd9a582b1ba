"""Simulated coders: a stratified sample of sentences, coded twice with errors, adjudicated by a third coder."""

import numpy as np
import polars as pl

from frameshift.demo.knobs import FRAMES, ISSUE, TOPICS, Knobs
from frameshift.names import ADJUDICATOR

PROPORTIONAL = 0.3  # of the labels follow the strata's sizes, the others are the same number for every stratum
_STRATA = ("source", "era", "group")


def draw_labels(sentences: pl.DataFrame, articles: pl.DataFrame, *, knobs: Knobs) -> pl.DataFrame:
    """Sample `knobs.labels` sentences within strata of source × year × kind of topic, and code all entries on each.

    sentences: original_id, position, the true flags, voice and `text`; articles: original_id, source, date, topic, of
    which only those that can reach the sheet are given. Returns one row a coder and sentence, as coders return them:
    original_id, position, source, text, coder, probability (of inclusion), voice and a code of 0 or 1 for each entry.
    Each of coders 1 and 2 finds a frame that is there with probability `sensitivity`, and none where none is with
    `specificity`; where they differ, a third decides.
    """
    rng = np.random.default_rng([knobs.seed, 3])
    groups = {topic: group for topic, (group, *_) in TOPICS.items()}
    known = articles.select(
        "original_id", "source", pl.col("date").dt.year().alias("era"), pl.col("topic").replace(groups).alias("group")
    )
    pool = sentences.join(known, on="original_id", maintain_order="left")
    strata = pool.group_by(_STRATA, maintain_order=True).len("size").sort(_STRATA)
    wanted = allocate(strata["size"].to_numpy(), min(knobs.labels, pool.height))
    strata = strata.with_columns(wanted=wanted)
    pool = pool.join(strata, on=_STRATA, maintain_order="left").with_columns(luck=rng.random(pool.height))
    drawn = pool.filter(pl.col("luck").rank("ordinal").over(_STRATA) <= pl.col("wanted"))

    entries = [*FRAMES, ISSUE]
    truth = drawn.select(entries).to_numpy()
    codes = rng.random((3, *truth.shape)) < np.where(truth, knobs.sensitivity, 1 - knobs.specificity)
    known = drawn.select(
        "original_id", "position", "source", "text", "voice", probability=pl.col("wanted") / pl.col("size")
    )
    differ = (codes[0] != codes[1]).any(axis=1)
    returned = [
        known.with_columns(coder=pl.lit(coder), **{name: pl.Series(code[:, i]) for i, name in enumerate(entries)})
        .filter(rows)
        .cast(dict.fromkeys(entries, pl.Int8))
        for coder, code, rows in (
            ("coder 1", codes[0], np.ones_like(differ)),
            ("coder 2", codes[1], np.ones_like(differ)),
            (ADJUDICATOR, codes.sum(axis=0) >= 2, differ),
        )
    ]
    return pl.concat(returned)


def allocate(sizes: np.ndarray, n: int) -> np.ndarray:
    """How many of `n` each stratum gets: a share by size, the rest alike, and none more than it holds."""
    goal = PROPORTIONAL * n * sizes / sizes.sum() + (1 - PROPORTIONAL) * n / len(sizes)
    given = np.minimum(np.floor(goal).astype(int), sizes)
    while given.sum() < n:
        room = np.flatnonzero(given < sizes)
        neediest = room[np.argsort(given[room] - goal[room], kind="stable")][: n - given.sum()]
        given[neediest] += 1
    return given
