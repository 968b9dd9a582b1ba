"""Fits stay while what they were made with stays."""

import numpy as np
import polars as pl
from test_topics_tokens import make_tokens

from frameshift.topics.fits import Fit, digest_settings, keep_fits, write_fits

SETTINGS = digest_settings({"seeds": [1, 2], "refit": False})


def fitted(tmp_path) -> dict[str, str]:
    """The paths of a fit of two topics that was made with SETTINGS."""
    paths = {name: str(tmp_path / f"{name}.parquet") for name in ("scores", "topics", "assignments")}
    paths["parameters"] = str(tmp_path / "parameters.npz")
    rows = [" ".join(f"{'xy'[i % 2]}{'abcdefghijkl'[(i + j) % 12]}" for j in range(8)) for i in range(60)]
    topic = np.arange(60) % 2
    fit = Fit(2, 1, np.full((2, 24), 1 / 24), topic, np.eye(2)[topic], {"topics": np.eye(2)}, 0.1)
    assert not keep_fits(paths, SETTINGS)
    write_fits([fit], "lda", make_tokens(*rows), paths, SETTINGS)
    return paths


def test_the_same_settings_keep_a_fit_and_others_do_not(tmp_path):
    paths = fitted(tmp_path)
    assert keep_fits(paths, SETTINGS)
    assert keep_fits(paths, digest_settings({"seeds": [1, 2], "refit": True}))
    assert not keep_fits(paths, digest_settings({"seeds": [1, 3], "refit": False}))


def test_a_fit_of_which_a_part_is_lost_or_damaged_is_not_kept(tmp_path):
    paths = fitted(tmp_path)
    (tmp_path / "parameters.npz").write_bytes((tmp_path / "parameters.npz").read_bytes()[:100])
    assert not keep_fits(paths, SETTINGS)
    paths = fitted(tmp_path)
    (tmp_path / "topics.parquet").unlink()
    assert not keep_fits(paths, SETTINGS)


def test_where_nothing_could_be_fitted_it_is_tried_again(tmp_path):
    paths = fitted(tmp_path)
    write_fits([], "lda", make_tokens("a"), paths, SETTINGS)
    assert pl.read_parquet(paths["scores"]).is_empty()
    assert not keep_fits(paths, SETTINGS)
