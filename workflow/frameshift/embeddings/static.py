"""Static vectors: one a token, distilled from the model once; a text's is their mean (Tulkens & van Dongen 2024).

What model2vec distils lies in a space of its own, in which texts are ranked much worse than in the model's. A linear
map into the model's space, fitted by ridge regression on our own sentences (alignment.txt, calibration.txt), never on
a corpus, makes a text's static vector a prediction of the model's. Some fifty times faster than the model: for a first
look, and for corpora of millions.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from frameshift.embeddings.with_torch import load_sentence_transformer, quiet

ALIGNMENT = tuple(Path(__file__).with_name(name) for name in ("alignment.txt", "calibration.txt"))
DIMENSIONS = 256  # of what is distilled, before it is mapped to the model's
PENALTIES = np.logspace(-3, 1, 9)  # of the regression, in mean squared lengths of a vector; the best by validation


def distil(source: Path, target: Path) -> None:
    """Write to the folder `target` the static vectors of the model in `source`, with its tokenizer.

    Raises UserError where the model cannot be loaded.
    """
    model = load_sentence_transformer(source, "cpu")
    with quiet():
        from model2vec import StaticModel
        from model2vec.distill import distill_from_model

        made = distill_from_model(
            model[0].auto_model, model.tokenizer, device="cpu", pca_dims=DIMENSIONS, quantize_to="float32"
        )
        made.normalize = False
        texts = [text for file in ALIGNMENT for text in file.read_text(encoding="utf-8").splitlines()]
        means = made.encode(texts, max_length=None, use_multiprocessing=False)
        wanted = model.encode(texts, normalize_embeddings=True, prompt="")
        aligned = align(made.embedding, means, wanted)
        StaticModel(aligned.astype(np.float32), made.tokenizer, normalize=True).save_pretrained(target)


def align(tokens: np.ndarray, means: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Vectors of `tokens` (v, k) mapped to (v, d) so that the mean over a text's comes close to what is `wanted`.

    `means` (n, k) are those of n texts before, `wanted` (n, d) the model's vectors of the same texts. The map is linear
    with a constant, which the mean over tokens keeps; its penalty is chosen by leave-one-out validation.
    """
    from sklearn.linear_model import RidgeCV

    scale = np.square(means - means.mean(axis=0)).sum() / means.shape[1]
    return RidgeCV(alphas=PENALTIES * scale).fit(means, wanted).predict(tokens)


class DistilledModel:
    """What `distil` wrote, read by model2vec."""

    window = None  # a text of any length is read whole

    def __init__(self, folder: Path, *, threads: int):
        os.environ["RAYON_NUM_THREADS"] = str(threads)  # the tokenizer's, read once at its first work
        from model2vec import StaticModel

        self._model = StaticModel.from_pretrained(folder)

    def encode(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors, float32 (n, d); the number of tokens, which no window limits, is left at 0 (n,)."""
        vectors = self._model.encode(list(texts), max_length=None, use_multiprocessing=False)
        return np.asarray(vectors, dtype=np.float32), np.zeros(len(texts), dtype=np.uint32)
