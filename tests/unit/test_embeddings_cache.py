"""The cache of vectors: whole blocks or none, never a wrong vector, and a size that is kept."""

import os
import threading
import time

import numpy as np
import pytest

from frameshift.embeddings import cache as cache_module
from frameshift.embeddings.cache import VectorCache, text_keys
from frameshift.embeddings.prune import cache_limit, clear_cache, parse_size, prune_cache, survey_cache
from frameshift.errors import UserError

ENCODER = "0123456789abcdef"  # cache folders are named by keys


def rows(*numbers: float) -> np.ndarray:
    return np.array([[number, -number] for number in numbers], dtype=np.float32)


def filled(folder, **values: float) -> VectorCache:
    """A cache with one block: the vector of each text is [value, -value], its tokens the value."""
    cache = VectorCache(folder)
    cache.add(text_keys(values), rows(*values.values()), np.array(list(values.values()), dtype=np.uint32))
    return cache


def test_a_key_is_a_digest_of_the_text_alone():
    first, second = text_keys(["a", "b"]), text_keys(["b"])
    assert first.shape == (2, 2)
    assert (first[1] == second[0]).all()
    assert (first[0] != first[1]).any()
    assert text_keys([]).shape == (0, 2)


def test_what_was_added_is_found_in_any_order_by_this_cache_and_the_next(tmp_path):
    cache = filled(tmp_path, a=1, b=2, c=3)
    cache.add(text_keys(["d"]), rows(4), np.array([9]))
    for opened in (cache, VectorCache(tmp_path)):
        got = opened.get(text_keys(["d", "?", "a", "c"]))
        assert got.found.tolist() == [True, False, True, True]
        assert got.vectors.tolist() == rows(4, 1, 3).tolist()
        assert got.tokens.tolist() == [9, 1, 3]


def test_an_empty_cache_has_nothing(tmp_path):
    got = VectorCache(tmp_path / "absent").get(text_keys(["a"]))
    assert got.found.tolist() == [False]
    assert VectorCache(tmp_path).contains(text_keys([])).tolist() == []


def test_half_precision_takes_half_the_space(tmp_path):
    sizes = {}
    for dtype in ("float16", "float32"):
        cache = VectorCache(tmp_path / dtype, dtype)
        cache.add(text_keys(["a"]), np.full((1, 1000), 1 / 3), np.array([1]))
        assert cache.get(text_keys(["a"])).vectors[0, 0] == np.dtype(dtype).type(1 / 3)
        sizes[dtype] = next((tmp_path / dtype).glob("*.block")).stat().st_size
    assert sizes["float32"] - sizes["float16"] == 2000


@pytest.mark.parametrize("kept", [0, 7, 20, 40, 70])
def test_a_truncated_block_is_never_used(tmp_path, kept):
    filled(tmp_path, a=1, b=2)
    (block,) = tmp_path.glob("*.block")
    block.write_bytes(block.read_bytes()[:kept])
    assert not VectorCache(tmp_path).get(text_keys(["a", "b"])).found.any()


@pytest.mark.parametrize("place", [3, 9, 30, -1])
def test_a_block_with_one_wrong_byte_is_removed_with_a_warning(tmp_path, place, caplog):
    filled(tmp_path, a=1, b=2)
    (block,) = tmp_path.glob("*.block")
    content = bytearray(block.read_bytes())
    content[place] ^= 255
    block.write_bytes(bytes(content))
    got = VectorCache(tmp_path).get(text_keys(["a", "b"]))
    assert not got.found[1]
    assert got.vectors.size == 0


def test_a_damaged_block_is_reported(tmp_path, caplog):
    filled(tmp_path, a=1)
    (block,) = tmp_path.glob("*.block")
    block.write_bytes(block.read_bytes()[:-1] + b"\xff")
    with caplog.at_level("WARNING", logger="frameshift"):
        VectorCache(tmp_path).get(text_keys(["a"]))
    assert "is damaged" in caplog.text
    assert not block.exists()


def test_a_block_of_another_version_or_precision_is_not_read(tmp_path, monkeypatch):
    filled(tmp_path, a=1)
    assert not VectorCache(tmp_path, "float16").get(text_keys(["a"])).found.any()
    monkeypatch.setattr(cache_module, "MAGIC", b"fsblock9")
    assert not VectorCache(tmp_path).get(text_keys(["a"])).found.any()
    assert len(list(tmp_path.glob("*.block"))) == 1  # the other version may still want it


def test_a_block_that_another_job_cleans_away_counts_as_absent(tmp_path):
    cache = filled(tmp_path, a=1)
    next(tmp_path.glob("*.block")).unlink()
    assert not cache.get(text_keys(["a"])).found.any()


def test_many_writers_of_the_same_and_of_other_texts_do_not_disturb_each_other(tmp_path):
    def write(number: int) -> None:
        cache = VectorCache(tmp_path)
        for turn in range(20):
            cache.add(text_keys(["same", str(turn)]), rows(1, turn), np.array([1, 1]))
            cache.add(text_keys([f"{number}-{turn}"]), rows(number), np.array([1]))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = VectorCache(tmp_path).get(text_keys(["same", "19", "3-19", "0-0"]))
    assert got.vectors.tolist() == rows(1, 19, 3, 0).tolist()
    assert not list(tmp_path.glob("*.part"))


def test_a_full_disk_is_named_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    def write(path, content):
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", write)
    with pytest.raises(UserError, match=r"No space left.*frameshift cache --limit"):
        filled(tmp_path, a=1)
    assert list(tmp_path.iterdir()) == []


def age(home, **days: float) -> None:
    """Set when the block that holds a text was last used."""
    for text, back in days.items():
        cache = VectorCache(home / ENCODER / "vectors")
        block = cache._blocks[int(cache._locate(text_keys([text]))[1][0])]
        os.utime(block, (time.time() - back * 86_400,) * 2)


def test_clean_up_removes_what_was_used_least_recently(tmp_path):
    for text, value in {"old": 1, "older": 2, "new": 3}.items():
        filled(tmp_path / ENCODER / "vectors", **{text: value})
    age(tmp_path, old=5, older=9, new=0)
    size = survey_cache(tmp_path)[0].size
    assert prune_cache(tmp_path, size) == (0, 0)
    assert prune_cache(tmp_path, size - 1)[0] == 1
    left = VectorCache(tmp_path / ENCODER / "vectors").contains(text_keys(["old", "older", "new"]))
    assert left.tolist() == [True, False, True]


def test_reading_a_block_counts_as_use(tmp_path):
    for text, value in {"first": 1, "second": 2}.items():
        filled(tmp_path / ENCODER / "vectors", **{text: value})
    age(tmp_path, first=5, second=4)
    VectorCache(tmp_path / ENCODER / "vectors").get(text_keys(["first"]))
    prune_cache(tmp_path, survey_cache(tmp_path)[0].size - 1)
    left = VectorCache(tmp_path / ENCODER / "vectors").contains(text_keys(["first", "second"]))
    assert left.tolist() == [True, False]


def test_clean_up_touches_nothing_that_is_not_the_caches(tmp_path):
    filled(tmp_path / ENCODER / "vectors", a=1)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.block").write_text("mine")
    prune_cache(tmp_path, 0)
    assert clear_cache(tmp_path) == 0
    assert (tmp_path / "thesis" / "chapter.block").exists()
    assert not (tmp_path / ENCODER).exists()


def test_unfinished_files_go_once_they_are_a_day_old(tmp_path):
    folder = tmp_path / ENCODER / "vectors"
    filled(folder, a=1)
    (folder / ".young.part").touch()
    (folder / ".old.part").touch()
    os.utime(folder / ".old.part", (0, 0))
    prune_cache(tmp_path, 10**9)
    assert [part.name for part in folder.glob(".*.part")] == [".young.part"]


@pytest.mark.parametrize(
    ("text", "size"), [("500MB", 5 * 10**8), ("1.5 gb", 15 * 10**8), ("20G", 2 * 10**10), ("7", 7)]
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "1XB"])
def test_what_is_no_size_is_named(text):
    with pytest.raises(UserError, match="is no size"):
        parse_size(text)


def test_the_limit_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("FRAMESHIFT_CACHE_LIMIT", "3GB")
    assert cache_limit() == 3 * 10**9
    monkeypatch.delenv("FRAMESHIFT_CACHE_LIMIT")
    assert cache_limit() == 20 * 10**9
