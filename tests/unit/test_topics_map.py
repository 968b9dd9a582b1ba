"""Planted groups on the map: together, the same again, and no more of them than can be read."""

from functools import cache

import numpy as np
import polars as pl
import pytest

from frameshift.tables import write_whole
from frameshift.topics.fits import MIN_ARTICLES
from frameshift.topics.map import SCHEMA, lay_out, pick_articles

RNG = np.random.default_rng(1)
PLANTED = RNG.permutation(np.repeat([0, 1, 2], [50, 40, 30]))
ARTICLES = [f"{number:04x}" for number in RNG.permutation(len(PLANTED))]


def scale(points: np.ndarray) -> np.ndarray:
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


VECTORS = scale(np.eye(3, 16)[PLANTED] + RNG.normal(0, 0.1, (len(PLANTED), 16)))


@cache
def mapped(seed: int = 1) -> pl.DataFrame:
    return lay_out(ARTICLES, VECTORS, seed=seed)


@pytest.mark.models
def test_articles_with_similar_vectors_are_neighbours_on_the_map():
    places = mapped()
    assert places.schema == SCHEMA
    assert places["article_id"].to_list() == sorted(ARTICLES)
    group = dict(zip(ARTICLES, PLANTED.tolist(), strict=True))
    points = places.select("x", "y").to_numpy()
    distances = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) + np.diag([np.inf] * len(points))
    closest = distances.argmin(axis=1)
    groups = np.array([group[article] for article in places["article_id"]])
    assert (groups == groups[closest]).mean() > 0.95


@pytest.mark.models
def test_the_map_lies_about_its_centre_and_is_widest_along_x():
    points = mapped().select("x", "y").to_numpy()
    assert points.mean(axis=0) == pytest.approx([0, 0], abs=1e-3)
    (xx, xy), (_, yy) = np.cov(points.T)
    assert xx > yy
    assert abs(xy) < 1e-3 * xx


@pytest.mark.models
def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_map(tmp_path):
    for name, places in (("first", mapped()), ("again", lay_out(ARTICLES, VECTORS, seed=1))):
        write_whole(tmp_path / name, places.write_parquet)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    assert not mapped().equals(mapped(seed=2))


@pytest.mark.models
def test_articles_that_are_all_alike_are_mapped_too():
    places = lay_out(ARTICLES, np.tile(VECTORS[:1], (len(ARTICLES), 1)), seed=1)
    assert np.isfinite(places.select("x", "y").to_numpy()).all()


def test_a_handful_of_articles_makes_no_map_and_the_log_says_so(caplog):
    few = MIN_ARTICLES - 1
    places = lay_out(ARTICLES[:few], VECTORS[:few], seed=1)
    assert places.is_empty()
    assert places.schema == SCHEMA
    assert f"no map of {few} articles is made: it takes {MIN_ARTICLES}" in caplog.text


def test_of_many_articles_the_first_by_id_are_mapped(tmp_path):
    ids = tmp_path / "ids.parquet"
    pl.DataFrame({"article_id": ["c", "c", "a", "b", "b", "d"]}).write_parquet(ids)  # a row a passage
    assert pick_articles(ids) == ["a", "b", "c", "d"]
    assert pick_articles(ids, 2) == ["a", "b"]
