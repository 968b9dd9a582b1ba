"""Simulated coders: a stratified sample of sentences, coded twice with errors, adjudicated by a third coder."""

import numpy as np
import polars as pl

from frameshift.demo.knobs import FRAMES, ISSUE, TOPICS, Knobs

PROPORTIONAL = 0.3  # of the labels follow the strata's sizes, the others are the same number for every stratum
_STRATA = ("source", "era", "group")


def draw_labels(sentences: pl.DataFrame, articles: pl.DataFrame, *, knobs: Knobs) -> pl.DataFrame:
    """Sample `knobs.labels` sentences within strata of source × year × kind of topic, and code all entries on each.

    sentences: original_id, position, the true flags, voice and `text`; articles: original_id, source, date, topic, of
    which only those that can reach the sheet are given. Returns original_id, position, source, text, the inclusion
    `probability`, the codes of both coders (threat_1, threat_2, …) and the adjudicated code (threat, …). Each coder
    finds a frame that is there with probability `sensitivity`, and none where none is with `specificity`.
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

    columns = {}
    for entry in (*FRAMES, ISSUE):
        truth = drawn[entry].to_numpy()
        codes = rng.random((3, len(truth))) < np.where(truth, knobs.sensitivity, 1 - knobs.specificity)
        columns |= {f"{entry}_1": codes[0], f"{entry}_2": codes[1], entry: codes.sum(0) >= 2}
    return drawn.select(
        "original_id",
        "position",
        "source",
        "text",
        (pl.col("wanted") / pl.col("size")).alias("probability"),
        "voice",
    ).with_columns(**{name: pl.Series(code.astype(np.int8)) for name, code in columns.items()})


def allocate(sizes: np.ndarray, n: int) -> np.ndarray:
    """How many of `n` each stratum gets: a share by size, the rest alike, and none more than it holds."""
    goal = PROPORTIONAL * n * sizes / sizes.sum() + (1 - PROPORTIONAL) * n / len(sizes)
    given = np.minimum(np.floor(goal).astype(int), sizes)
    while given.sum() < n:
        room = np.flatnonzero(given < sizes)
        neediest = room[np.argsort(given[room] - goal[room], kind="stable")][: n - given.sum()]
        given[neediest] += 1
    return given
