"""Texts through the cache in shards, resumed and gathered, with an encoder that needs no model."""

import numpy as np
import polars as pl
import pytest
from encoders import CountingEncoder

from frameshift.embeddings import embed, gather
from frameshift.embeddings.cache import text_keys
from frameshift.embeddings.embed import embed_shard, embed_texts, shard_of
from frameshift.embeddings.gather import article_order, gather_vectors, pool_articles, read_texts, write_ids

TEXTS = [f"{chr(97 + number % 26)} {'word ' * (number % 7)}{number}" for number in range(100)]


@pytest.fixture
def encoder(tmp_path) -> CountingEncoder:
    return CountingEncoder(tmp_path / "cache")


def test_a_text_is_encoded_once_within_a_call_and_between_calls(encoder):
    assert embed_texts(["bb", "a", "bb"], encoder).tolist() == [[2, 98, 1], [1, 97, 1], [2, 98, 1]]
    assert embed_texts(["a", "ccc", "bb"], encoder).tolist() == [[1, 97, 1], [3, 99, 1], [2, 98, 1]]
    assert sorted(encoder.seen) == ["a", "bb", "ccc"]


def test_no_text_gives_an_empty_matrix(encoder):
    assert embed_texts([], encoder).shape == (0, 0)


def test_a_damaged_block_is_encoded_again(encoder):
    embed_texts(["a", "bb"], encoder)
    (block,) = (encoder.folder / "vectors").glob("*.block")
    block.write_bytes(block.read_bytes()[:-1] + b"\xff")
    assert embed_texts(["a", "bb"], encoder).tolist() == [[1, 97, 1], [2, 98, 1]]
    assert sorted(encoder.seen) == ["a", "a", "bb", "bb"]


def test_vectors_that_are_no_numbers_are_never_kept(encoder, monkeypatch):
    monkeypatch.setattr(encoder, "encode", lambda texts: (np.full((len(texts), 3), np.nan), np.ones(len(texts))))
    with pytest.raises(ValueError, match="no numbers"):
        embed_texts(["a"], encoder)
    assert not encoder.cache().contains(text_keys(["a"])).any()


def test_the_shard_depends_on_the_text_alone_and_shards_are_of_similar_size():
    keys = text_keys(f"sentence {number}" for number in range(4000))
    sizes = np.bincount(shard_of(keys, 4))
    assert len(sizes) == 4
    assert sizes.min() > 850


def run(encoder, texts, output, *, shard=0, shards=1, batch=7):
    """embed_shard on `texts` in batches; the matrix and what was returned."""
    batches = [texts[start : start + batch] for start in range(0, len(texts), batch)]
    keys, tokens = embed_shard(lambda: iter(batches), shard, shards, encoder, output)
    return np.load(output), keys, tokens


def test_a_shard_holds_its_distinct_texts_as_they_first_occur(encoder, tmp_path):
    vectors, keys, tokens = run(encoder, ["one two", "b", "one two", "c d e"], tmp_path / "0.npy", batch=2)
    assert vectors.tolist() == [[7, 111, 1], [1, 98, 1], [5, 99, 1]]
    assert tokens.tolist() == [2, 1, 3]
    assert (keys == text_keys(["one two", "b", "c d e"])).all()


@pytest.mark.parametrize("window", [1, 3, 1000])
def test_the_size_of_the_window_changes_nothing_but_memory(encoder, tmp_path, monkeypatch, window):
    monkeypatch.setattr(embed, "WINDOW", window)
    vectors, _, _ = run(encoder, TEXTS, tmp_path / "0.npy")
    assert vectors[:, 0].tolist() == [len(text) for text in TEXTS]


class Killed(CountingEncoder):
    """Ends as if killed when it has encoded `limit` texts."""

    limit = 0

    def encode(self, texts):
        if len(self.seen) >= self.limit:
            raise KeyboardInterrupt
        return super().encode(texts)


@pytest.mark.parametrize("limit", [4, 24, 48])
def test_a_killed_shard_goes_on_with_the_same_blocks_and_ends_with_the_same_bytes(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(embed, "WINDOW", 32)
    whole, killed, after = (
        kind(tmp_path / name, block=4)
        for kind, name in ((CountingEncoder, "whole"), (Killed, "killed"), (CountingEncoder, "killed"))
    )
    killed.limit = limit
    run(whole, TEXTS, tmp_path / "whole.npy")
    with pytest.raises(KeyboardInterrupt):
        run(killed, TEXTS, tmp_path / "after.npy")
    assert not list(tmp_path.glob("*.npy*after*"))
    run(after, TEXTS, tmp_path / "after.npy")
    assert killed.seen + after.seen == whole.seen  # so every batch was the same
    assert (tmp_path / "after.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_progress_tells_what_is_cached_the_rate_and_the_time_left(encoder, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(embed, "QUIET", -1)
    encoder.block = 30
    embed_texts(TEXTS[:40], encoder)
    with caplog.at_level("INFO", logger="frameshift"):
        run(encoder, TEXTS, tmp_path / "0.npy")
    assert "shard 0: 100 distinct texts, of which 40 are cached" in caplog.text
    assert "30 of 60 encoded" in caplog.text
    assert "60 of 60 encoded" in caplog.text
    assert "s to go" in caplog.text


@pytest.fixture
def passages(tmp_path):
    """Passages of three articles in a file; the second article repeats a text of the first."""
    table = pl.DataFrame(
        {
            "passage_id": ["p1", "p2", "p3", "p4", "p5"],
            "article_id": ["x", "x", "y", "z", "z"],
            "text": ["one", "three", "one", "fifteen", "two"],
            "n_words": [3, 1, 5, 0, 1],
        }
    )
    table.write_parquet(tmp_path / "passages.parquet")
    return tmp_path / "passages.parquet"


def shards_of(passages, folder, count, *, window=256):
    encoder, shards = CountingEncoder(folder / "cache", window=window), []
    for shard in range(count):
        path = folder / f"{shard}.npy"
        keys, tokens = embed_shard(lambda: read_texts(passages), shard, count, encoder, path)
        shards.append((keys, tokens, np.load(path, mmap_mode="r")))
    return shards


@pytest.mark.parametrize("count", [1, 2, 9])  # with nine, some are empty
@pytest.mark.parametrize("batch", [2, 100])
def test_shards_come_together_in_the_order_of_the_passages(passages, tmp_path, monkeypatch, count, batch):
    monkeypatch.setattr(gather, "BATCH", batch)
    tokens = gather_vectors(passages, shards_of(passages, tmp_path, count), tmp_path / "vectors.npy")
    assert np.load(tmp_path / "vectors.npy")[:, 0].tolist() == [3, 5, 3, 7, 3]
    assert tokens.tolist() == [1] * 5


def test_shards_of_another_table_are_refused(passages, tmp_path):
    shards = shards_of(passages, tmp_path, 2)
    pl.read_parquet(passages).with_columns(text=pl.lit("another")).write_parquet(passages)
    with pytest.raises(ValueError, match="lacks passages"):
        gather_vectors(passages, shards, tmp_path / "vectors.npy")
    assert not (tmp_path / "vectors.npy").exists()


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_an_article_is_the_length_weighted_mean_of_its_passages(passages, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(gather, "BATCH", batch)
    vectors = np.array([[1, 0], [0, 1], [0, 2], [1, 0], [0, 1]], dtype=np.float16)
    pool_articles(vectors, passages, tmp_path / "articles.npy")
    assert article_order(pl.read_parquet(passages)) == ["x", "y", "z"]
    expected = np.array([[3, 1], [0, np.sqrt(10)], [np.sqrt(5), np.sqrt(5)]]) / np.sqrt(10)
    assert np.load(tmp_path / "articles.npy") == pytest.approx(expected, abs=1e-6)


def test_an_article_whose_passages_stand_apart_is_refused(tmp_path):
    table = pl.DataFrame({"article_id": ["x", "y", "x"], "n_words": [1, 1, 1]})
    table.write_parquet(tmp_path / "passages.parquet")
    with pytest.raises(ValueError, match="stand apart"):
        pool_articles(np.ones((3, 2)), tmp_path / "passages.parquet", tmp_path / "articles.npy")


def test_passages_beyond_the_window_are_counted_and_marked(passages, tmp_path):
    tokens = np.array([3, 9, 3, 5, 4], dtype=np.uint32)
    assert write_ids(passages, tokens, 4, tmp_path / "ids.parquet") == 2
    ids = pl.read_parquet(tmp_path / "ids.parquet")
    assert ids["passage_id"].to_list() == ["p1", "p2", "p3", "p4", "p5"]
    assert ids["n_tokens"].to_list() == tokens.tolist()
    assert ids["truncated"].to_list() == [False, True, False, True, False]


def test_an_encoder_without_a_window_cuts_nothing_and_counts_nothing(passages, tmp_path):
    assert write_ids(passages, np.zeros(5, np.uint32), None, tmp_path / "ids.parquet") == 0
    assert pl.read_parquet(tmp_path / "ids.parquet")["n_tokens"].null_count() == 5
