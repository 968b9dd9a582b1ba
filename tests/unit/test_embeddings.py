"""Cache, shards and pooling, with an encoder that needs no model."""

import numpy as np
import polars as pl
import pytest

from frameshift.embeddings import embed
from frameshift.embeddings.cache import VectorCache, text_keys
from frameshift.embeddings.embed import embed_texts, shard_of
from frameshift.embeddings.encoder import PACKAGED, Encoder
from frameshift.embeddings.gather import article_order, gather_vectors, pool_articles, texts_of_shard
from frameshift.errors import UserError


class CountingEncoder:
    """Vectors from the text's length and first letter; remembers what it was asked to encode."""

    def __init__(self):
        self.seen: list[str] = []

    def encode(self, texts):
        self.seen += texts
        return np.array([[len(text), ord(text[0]), 1.0] for text in texts], dtype=np.float32)


def test_a_text_is_encoded_once_within_a_call_and_between_calls(tmp_path):
    encoder = CountingEncoder()
    first = embed_texts(["bb", "a", "bb"], encoder, VectorCache(tmp_path))
    second = embed_texts(["a", "ccc", "bb"], encoder, VectorCache(tmp_path))
    assert first.tolist() == [[2, 98, 1], [1, 97, 1], [2, 98, 1]]
    assert second.tolist() == [[1, 97, 1], [3, 99, 1], [2, 98, 1]]
    assert sorted(encoder.seen) == ["a", "bb", "ccc"]


def test_no_text_gives_an_empty_matrix(tmp_path):
    assert embed_texts([], CountingEncoder(), VectorCache(tmp_path)).shape == (0, 0)


def test_a_damaged_block_is_encoded_again(tmp_path):
    encoder = CountingEncoder()
    embed_texts(["a", "bb"], encoder, VectorCache(tmp_path))
    (block,) = tmp_path.glob("*.block")
    content = bytearray(block.read_bytes())
    content[-1] ^= 255
    block.write_bytes(bytes(content))
    assert embed_texts(["a", "bb"], encoder, VectorCache(tmp_path)).tolist() == [[1, 97, 1], [2, 98, 1]]
    assert sorted(encoder.seen) == ["a", "a", "bb", "bb"]


@pytest.mark.parametrize("kept", [0, 7, 20, 40])
def test_a_truncated_block_is_never_used(tmp_path, kept):
    encoder = CountingEncoder()
    embed_texts(["a", "bb"], encoder, VectorCache(tmp_path))
    (block,) = tmp_path.glob("*.block")
    block.write_bytes(block.read_bytes()[:kept])
    assert embed_texts(["bb"], encoder, VectorCache(tmp_path)).tolist() == [[2, 98, 1]]


def test_a_killed_job_keeps_the_blocks_it_committed(tmp_path, monkeypatch):
    monkeypatch.setattr(embed, "BLOCK", 2)
    texts = ["aaaa", "bbb", "cc", "d"]

    class Killed(CountingEncoder):
        def encode(self, texts):
            if self.seen:
                raise KeyboardInterrupt
            return super().encode(texts)

    with pytest.raises(KeyboardInterrupt):
        embed_texts(texts, Killed(), VectorCache(tmp_path))
    after = CountingEncoder()
    embed_texts(texts, after, VectorCache(tmp_path))
    assert after.seen == ["cc", "d"]


def test_the_shard_depends_on_the_text_alone_and_shards_are_of_similar_size():
    keys = text_keys(f"sentence {number}" for number in range(4000))
    sizes = np.bincount([shard_of(key, 4) for key in keys])
    assert len(sizes) == 4
    assert sizes.min() > 850


def test_shards_come_together_in_the_order_of_the_passages(tmp_path):
    passages = pl.DataFrame({"text": ["one", "three", "one", "fifteen"]})
    files = []
    for shard in range(2):
        texts = texts_of_shard(passages, shard, 2)
        files.append(tmp_path / f"{shard}.npy")
        np.save(files[-1], embed_texts(texts, CountingEncoder(), VectorCache(tmp_path / "cache")))
    gather_vectors(passages, files, tmp_path / "vectors.npy")
    assert np.load(tmp_path / "vectors.npy")[:, 0].tolist() == [3, 5, 3, 7]


def test_a_shard_without_texts_is_passed_over(tmp_path):
    passages = pl.DataFrame({"text": ["one"]})
    files = [tmp_path / f"{shard}.npy" for shard in range(3)]
    for shard, file in enumerate(files):
        np.save(
            file, embed_texts(texts_of_shard(passages, shard, 3), CountingEncoder(), VectorCache(tmp_path / "cache"))
        )
    gather_vectors(passages, files, tmp_path / "vectors.npy")
    assert np.load(tmp_path / "vectors.npy").tolist() == [[3, 111, 1]]


def test_a_shard_that_does_not_fit_its_texts_is_refused(tmp_path):
    np.save(tmp_path / "0.npy", np.ones((3, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="3 vectors for 1 texts"):
        gather_vectors(pl.DataFrame({"text": ["one"]}), [tmp_path / "0.npy"], tmp_path / "vectors.npy")


def test_an_article_is_the_length_weighted_mean_of_its_passages():
    passages = pl.DataFrame({"article_id": ["x", "y", "x"], "n_words": [3, 5, 1]})
    vectors = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    assert article_order(passages) == ["x", "y"]
    pooled = pool_articles(vectors, passages)
    assert pooled == pytest.approx(np.array([[3, 1], [0, np.sqrt(10)]]) / np.sqrt(10))


def test_a_model_that_is_nowhere_is_named_with_the_remedy(tmp_path):
    with pytest.raises(UserError, match=r"modules\.json"):
        Encoder(str(tmp_path))
    with pytest.raises(UserError, match="neither"):
        Encoder("no-such-model")
    with pytest.raises(UserError, match=r"embeddings\.revision"):
        Encoder("owner/model")


def test_the_packaged_encoder_is_the_one_that_was_meant():
    assert len(Encoder(PACKAGED).key) == 16
