"""Is a measure that errs alike everywhere seldom called different, and one that does not, mostly?

Sources differ in their mean score, the true curve from score to label is not quite logistic, a fifth of the passages
have a copy in another source, and high scores are drawn with certainty where others are drawn with .1 to .3.
"""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from scipy.stats import binom

from frameshift.frames.invariance import test_invariance as judge_invariance

REPLICATIONS = 200
SIZE = 250  # labels a source


def simulate(rng, *, base, sources, shift=0.0):
    """frames/labelled with `era`, one source `shift` above the others at equal scores; one frame a replication."""
    source = np.arange(sources).repeat(SIZE)
    n = len(source)
    tables = []
    for replication in range(REPLICATIONS):
        score = rng.normal(size=n) + np.linspace(-0.5, 0.5, sources)[source]
        cluster = np.arange(n)
        copies = rng.permutation(n)[: n // 5].reshape(2, -1)
        cluster[copies[0]] = cluster[copies[1]]
        story = 0.7 * rng.normal(size=n)[cluster]
        chance = expit(base + 1.5 * score + story + shift * (source == 0))
        tables.append(
            pl.DataFrame(
                {
                    "passage_id": np.arange(n).astype(str),
                    "frame": str(replication),
                    "measure": "simulated",
                    "score": score,
                    "share": pl.Series([None] * n, dtype=pl.Float64),
                    "label": (rng.random(n) < chance).astype(float),
                    "probability": np.where(score > 1, 1.0, rng.uniform(0.1, 0.3, size=n)),
                    "source": source.astype(str),
                    "cluster": cluster.astype(str),
                    "era": pl.Series([None] * n, dtype=pl.String),
                }
            )
        )
    return pl.concat(tables)


def rejected(labelled) -> int:
    """How many of the replications have p below .05 for the sources."""
    rows, _ = judge_invariance(labelled, seed=1)
    p = [row["estimate"] for row in rows if row["metric"] == "p source"]
    assert len(p) == REPLICATIONS
    return sum(value < 0.05 for value in p)


@pytest.mark.parametrize(("base", "sources"), [(-1.5, 4), (-3.5, 5)], ids=["common", "rare"])
def test_sources_alike_are_called_different_one_time_in_twenty(base, sources):
    count = rejected(simulate(np.random.default_rng(20250301), base=base, sources=sources))
    assert binom.ppf(0.0005, REPLICATIONS, 0.05) <= count <= binom.ppf(0.9995, REPLICATIONS, 0.05)


def test_a_difference_of_one_logit_is_found_four_times_in_five():
    count = rejected(simulate(np.random.default_rng(20250302), base=-1.0, sources=4, shift=1.0))
    assert count > 0.8 * REPLICATIONS
