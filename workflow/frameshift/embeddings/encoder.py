"""The encoder of a run: which model, computed how, and under which key its vectors are cached.

It is prepared once (`prepare_encoder`), which settles what the configuration leaves open and depends on the machine.
Every job opens it from the record of that, so that all vectors of a run come from one encoder, also where the jobs run
on different machines. The default model is all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019).
"""

import hashlib
import json
import os
import platform
import shutil
import uuid
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from frameshift.digests import digest_json
from frameshift.embeddings.cache import VectorCache
from frameshift.embeddings.source import digest_model, find_model, own_prompt
from frameshift.embeddings.static import ALIGNMENT, DistilledModel, distil
from frameshift.embeddings.with_openvino import (
    CALIBRATION,
    OpenvinoModel,
    can_multiply_integers,
    can_multiply_short_floats,
    is_available,
    prepare,
)
from frameshift.embeddings.with_torch import TorchModel
from frameshift.errors import UserError
from frameshift.jobs import log
from frameshift.tables import write_whole

BACKENDS = ("torch", "openvino", "openvino-bf16", "openvino-int8", "static")
LAYOUT = 2  # of the cache: what an older version wrote is not looked at
# Packages on which a prepared model depends; another version of them may prepare another model.
_MAKERS = {
    "torch": (),
    "openvino": ("openvino",),
    "openvino-bf16": ("openvino",),
    "openvino-int8": ("openvino", "nncf"),
    "static": ("model2vec",),
}
_TEXTS = {"openvino-int8": (CALIBRATION,), "static": ALIGNMENT}  # and our own sentences it is made with


def cache_home(default: str | Path) -> Path:
    """Where vectors are kept: FRAMESHIFT_CACHE where that is set, else `default`."""
    return Path(os.environ.get("FRAMESHIFT_CACHE") or default)


def describe_encoder(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the section `embeddings` of a configuration comes to on this machine, as a record to be kept.

    model, revision, digest (of the model's files), backend, reason (why this backend), device, prompt, precision and
    key, under which the vectors are cached: equal keys give equal vectors, up to rounding. Raises UserError where the
    model is absent or not the one that was meant, or where backend and device do not go together.
    """
    folder = find_model(settings["model"], settings["revision"])
    backend, device, reason = choose_backend(settings["backend"], settings["device"])
    decisive = {
        "layout": LAYOUT,
        "digest": digest_model(folder),
        "backend": backend,
        "prompt": own_prompt(folder) if settings["prompt"] is None else settings["prompt"],
        "precision": settings["precision"],
        "makers": {name: version(name) for name in _MAKERS[backend]},
    }
    if texts := _TEXTS.get(backend):
        decisive["texts"] = hashlib.sha256(b"".join(file.read_bytes() for file in texts)).hexdigest()
    key = digest_json(decisive)[:16]
    named = {"model": settings["model"], "revision": settings["revision"], "device": device, "reason": reason}
    return {**named, **decisive, "key": key}


def choose_backend(backend: str, device: str) -> tuple[str, str, str]:
    """Backend, device and the reason, where each may be "auto": the fastest that keeps the model's quality.

    Raises UserError where the two do not go together or OpenVINO is wanted and cannot run.
    """
    if device == "auto":
        device = find_accelerator() if backend in ("auto", "torch") else "cpu"
    if backend != "auto":
        if device != "cpu" and backend != "torch":
            raise UserError(
                f"`embeddings.backend` {backend} runs on the processor: set `embeddings.device` to cpu or auto, "
                f"or `backend: torch` for {device}"
            )
        if backend.startswith("openvino") and not is_available():
            raise UserError(
                f"`embeddings.backend` is {backend}, but OpenVINO cannot be loaded on this machine "
                f"({platform.platform()}): set `backend: torch`, or auto"
            )
        return backend, device, "as configured"
    if device != "cpu":
        return "torch", device, f"there is an accelerator ({device})"
    if not is_available():
        return "torch", "cpu", "OpenVINO cannot be loaded on this machine"
    if can_multiply_short_floats():
        return "openvino-bf16", "cpu", "the processor multiplies tiles of 16-bit floats"
    if can_multiply_integers():
        return "openvino-int8", "cpu", "the processor multiplies 8-bit integers"
    return "openvino", "cpu", "the processor has no instructions for 8-bit products: 32-bit floats"


def find_accelerator() -> str:
    """cuda or mps where torch can compute there, else cpu; torch is imported only where there may be one of these."""
    is_apple = (platform.system(), platform.machine()) == ("Darwin", "arm64")
    if not is_apple and not shutil.which("nvidia-smi"):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def prepare_encoder(settings: Mapping[str, Any], cache: str | Path) -> dict[str, Any]:
    """The record of describe_encoder with window and dimensions, after a first text was encoded.

    Compiled, quantised or distilled models are written into the cache, once. Raises UserError as describe_encoder does,
    and where the model cannot be loaded or prepared.
    """
    record = describe_encoder(settings)
    encoder = Encoder(record, cache)
    width = encoder.encode(["The minister spoke."])[0].shape[1]
    record |= {"window": encoder.window, "dimensions": width}
    content = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    write_whole(encoder.folder / "encoder.json", lambda part: part.write_text(content))  # says what the vectors are of
    return record


class Encoder:
    """An encoder of a record, which loads its model when the first text needs it."""

    def __init__(self, record: Mapping[str, Any], cache: str | Path, *, threads: int = 1):
        self.record, self.key, self.threads = dict(record), record["key"], threads
        self.folder = cache_home(cache) / self.key
        self.precision = np.dtype(record["precision"])
        self.block = 8192 if record["backend"] == "static" else 512  # texts committed at once: some seconds of work
        self._model = None

    def cache(self) -> VectorCache:
        """The cache of this encoder's vectors."""
        return VectorCache(self.folder / "vectors", self.record["precision"])

    @property
    def window(self) -> int | None:
        """How many tokens of a text are read; None for all."""
        return self._load().window

    def encode(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors, float32 (n, d), and the number of tokens of each text, 0 where it is not counted (n,)."""
        return self._load().encode([self.record["prompt"] + text for text in texts])

    def _load(self):
        if self._model is None:
            backend = self.record["backend"]
            if backend == "torch":
                self._model = TorchModel(self._source(), device=self.record["device"], threads=self.threads)
            elif backend == "static":
                self._model = DistilledModel(self._prepared(distil), threads=self.threads)
            else:
                integers = backend == "openvino-int8"
                folder = self._prepared(lambda source, target: prepare(source, target, integers=integers))
                self._model = OpenvinoModel(folder, threads=self.threads, short_floats=backend == "openvino-bf16")
        return self._model

    def _source(self) -> Path:
        """The model's own folder; UserError where it is no longer what the record says."""
        folder = find_model(self.record["model"], self.record["revision"])
        if digest_model(folder) != self.record["digest"]:
            raise UserError(
                f"the model in {folder} was changed since this run began: start the run again with "
                "`--forcerun prepare_encoder`, and all passages are encoded with the new one"
            )
        return folder

    def _prepared(self, make) -> Path:
        """The prepared model's folder, made by `make(source, folder)` where it is absent or damaged."""
        folder = self.folder / "model"
        if _is_whole(folder):
            return folder
        if folder.exists():
            log.warning("Warning: the prepared model in %s is damaged; it is prepared again", folder)
            shutil.rmtree(folder)
        log.info("Preparing the encoder: %s", self.record["backend"])
        # Other jobs may do the same at the same time: each writes its own folder, and the first one stays.
        part = self.folder / f".model.{uuid.uuid4().hex}.part"
        try:
            make(self._source(), part)
            (part / "whole.json").write_text(json.dumps(_digest_files(part)))
            part.rename(folder)
        except OSError as error:
            if not _is_whole(folder):
                raise UserError(
                    f"the prepared model cannot be written into the cache ({folder}): {error.strerror or error}; "
                    "free some space, or let FRAMESHIFT_CACHE name another folder"
                ) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return folder


def _is_whole(folder: Path) -> bool:
    try:
        return json.loads((folder / "whole.json").read_text()) == _digest_files(folder)
    except (OSError, ValueError):
        return False


def _digest_files(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "whole.json"
    }
