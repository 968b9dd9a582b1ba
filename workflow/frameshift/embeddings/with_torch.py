"""The model as its authors run it: sentence-transformers on torch, in 32-bit floats (Reimers & Gurevych 2019)."""

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from frameshift.errors import UserError

BATCH = {"cpu": 32, "cuda": 256, "mps": 128}  # texts at a time


class TorchModel:
    """A sentence-transformers model on one device, with `threads` where that is the processor."""

    def __init__(self, folder: Path, *, device: str, threads: int):
        """Raises UserError where the folder holds no model that can be loaded, or the device is not there."""
        import torch

        # Several shards run at once: left alone, each would take all cores and they would slow each other down.
        torch.set_num_threads(threads)
        self._batch = BATCH[device]
        self._model = load_sentence_transformer(folder, device)
        self.window = int(self._model.max_seq_length)

    def encode(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors, float32 (n, d), and how many tokens each text has, of which the first `window` are read."""
        # An empty prompt: what stands before each text was put there already (encoder.py).
        vectors = self._model.encode(
            list(texts), batch_size=self._batch, normalize_embeddings=True, show_progress_bar=False, prompt=""
        )
        tokens = self._model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)["input_ids"]
        return np.asarray(vectors, dtype=np.float32), np.array([len(one) for one in tokens], dtype=np.uint32)


def load_sentence_transformer(folder: Path, device: str):
    """The model in `folder`; no host is asked for anything. Raises UserError as TorchModel does."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder), device=device, local_files_only=True).eval()
    except Exception as error:  # whatever a library raises on a damaged folder
        raise UserError(
            f"the model in {folder} cannot be loaded on {device}: the folder must hold a whole sentence-transformers "
            f"model, tokenizer included, and `embeddings.device` must be there\n({type(error).__name__}: {error})"
        ) from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars and warnings of libraries, which say nothing to a user."""
    nowhere = io.StringIO()
    with contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
