"""Distances between sources that do not differ, and between some that do: bias, rejections, coverage and power.

Topic mixes move from week to week, in all sources together and in each alone, with autocorrelation .5; vectors are
those of their topics with noise.
"""

import numpy as np
import pytest
from planned import allowed_rejections, covered_range

from frameshift.comparisons.separation import compare_means, compare_mixes, draw_signs
from frameshift.demo.plan import draw_ar1

REPLICATIONS = 200
WEEKS, TOPICS, DIMENSIONS, BLOCK = 208, 20, 48, 4
SHARED, OWN = 0.6, 0.4  # standard deviations of the logits over weeks
_STANDING = np.random.default_rng(5)
LEVELS = _STANDING.normal(scale=0.8, size=TOPICS)
LEANINGS = _STANDING.normal(size=(2, TOPICS))
CENTRES = _STANDING.normal(size=(TOPICS, DIMENSIONS)) / np.sqrt(DIMENSIONS)


def mix_topics(gap: float, effects: np.ndarray) -> np.ndarray:
    """Topic shares (weeks, 2, topics) of two sources that lean apart by `gap`."""
    weight = np.exp(LEVELS + gap * (LEANINGS - LEANINGS.mean(axis=0)) + effects)
    return weight / weight.sum(axis=2, keepdims=True)


def draw_sums(seed: int, sizes: tuple[int, int], *, gap: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Topic counts, sums of vectors, and articles of two sources by time block."""
    rng = np.random.default_rng([20150105, seed])
    effects = draw_ar1(rng, (WEEKS, 1, TOPICS), 0.5, SHARED, None) + draw_ar1(rng, (WEEKS, 2, TOPICS), 0.5, OWN, None)
    busy = rng.gamma(5, size=WEEKS)
    counts = rng.poisson(np.outer(busy / busy.sum(), sizes))
    topics = rng.multinomial(counts, mix_topics(gap, effects)).astype(float)
    noise = np.sqrt(counts / DIMENSIONS)[:, :, None] * rng.normal(size=(WEEKS, 2, DIMENSIONS))
    starts = np.arange(0, WEEKS, BLOCK)
    return tuple(
        np.add.reduceat(sums, starts, axis=0).swapaxes(0, 1)
        for sums in (topics, 0.6 * topics @ CENTRES + 0.8 * noise, counts.astype(float))
    )


def true_distances(gap: float) -> tuple[float, float]:
    """Squared distance of the expected vectors, and Jensen–Shannon distance of the expected mixes."""
    rng = np.random.default_rng(9)
    effects = np.hypot(SHARED, OWN) * rng.normal(size=(100_000, 1, TOPICS))
    mixes = mix_topics(gap, effects).mean(axis=0)
    middle = mixes.mean(axis=0)
    gaps = 0.6 * (mixes[0] - mixes[1]) @ CENTRES
    return float(gaps @ gaps), float(np.sqrt((mixes * np.log2(mixes / middle)).sum() / 2))


def simulate(sizes: tuple[int, int], *, gap: float) -> dict[str, dict[str, np.ndarray]]:
    """Of each kind, what was found over the replications."""
    found: dict[str, list[dict]] = {"embedding": [], "topics": []}
    signs = draw_signs(WEEKS // BLOCK, draws=199, seed=1)
    for seed in range(REPLICATIONS):
        topics, vectors, counts = draw_sums(seed, sizes, gap=gap)
        found["topics"].append(compare_mixes(topics, counts, signs))
        found["embedding"].append(compare_means(vectors, counts, signs))
    return {kind: {key: np.array([row[key] for row in rows]) for key in rows[0]} for kind, rows in found.items()}


@pytest.fixture(scope="module")
def small_and_large():
    return simulate((20, 2000), gap=0)


@pytest.fixture(scope="module")
def alike():
    return simulate((400, 800), gap=0)


@pytest.fixture(scope="module")
def apart():
    return simulate((400, 800), gap=0.6)


def test_without_a_difference_the_distance_of_a_small_source_is_centred_on_zero(small_and_large, alike):
    for found in (small_and_large["embedding"], alike["embedding"]):
        error = found["distance"].std() / np.sqrt(REPLICATIONS)
        assert abs(found["distance"].mean()) < 3.3 * error
    assert small_and_large["embedding"]["naive"].mean() > 0.03  # what is taken off
    assert small_and_large["embedding"]["naive"].mean() > 8 * alike["embedding"]["naive"].mean()


def test_of_topic_mixes_most_of_the_bias_is_taken_off(small_and_large, alike):
    for found in (small_and_large["topics"], alike["topics"]):
        assert np.mean(found["distance"]) < 0.5 * np.mean(found["naive"])


@pytest.mark.parametrize("kind", ["embedding", "topics"])
def test_sources_that_do_not_differ_are_rarely_told_apart(small_and_large, alike, kind):
    for found in (small_and_large[kind], alike[kind]):
        assert (found["p"] <= 0.05).mean() <= allowed_rejections(REPLICATIONS)
        assert (found["p"] <= 0.5).mean() == pytest.approx(0.5, abs=0.12)  # p is spread evenly


def test_sources_that_differ_are_told_apart_and_the_intervals_cover_their_distance(apart):
    low, high = covered_range(REPLICATIONS)
    for kind, truth in zip(("embedding", "topics"), true_distances(0.6), strict=True):
        found = apart[kind]
        assert (found["p"] <= 0.05).mean() > 0.9
        assert low <= ((found["low"] <= truth) & (truth <= found["high"])).mean() <= high
    error = apart["embedding"]["distance"].std() / np.sqrt(REPLICATIONS)
    assert abs(apart["embedding"]["distance"].mean() - true_distances(0.6)[0]) < 3.3 * error
