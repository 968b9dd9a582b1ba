"""Which encoder a configuration comes to, and that all ways to compute it agree; with a tiny model made here."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from encoders import make_model, settings

from frameshift.embeddings import encoder as encoder_module
from frameshift.embeddings import source, with_openvino
from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import (
    BACKENDS,
    Encoder,
    choose_backend,
    describe_encoder,
    find_accelerator,
    prepare_encoder,
)
from frameshift.embeddings.source import PACKAGED, digest_model, find_model, own_prompt
from frameshift.embeddings.static import ALIGNMENT, align
from frameshift.errors import UserError

SENTENCES = ["The minister said the law fell.", "Police in a border court", "rain", "Migrants and guards vote on it"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("made"))


@pytest.fixture
def copy(model, tmp_path):
    """A copy of the tiny model, to be spoilt."""
    digest_model.cache_clear()
    return shutil.copytree(model, tmp_path / "copy")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def opened(model, home, **changes) -> Encoder:
    return Encoder(prepare_encoder(settings(model=str(model), **changes), home), home)


@pytest.fixture(scope="module")
def reference(model, home) -> np.ndarray:
    """What torch makes of SENTENCES."""
    return opened(model, home, backend="torch").encode(SENTENCES)[0]


pytestmark = pytest.mark.models


@pytest.mark.parametrize(
    ("backend", "least"),
    [("torch", 0.999999), ("openvino", 0.999999), ("openvino-bf16", 0.999), ("openvino-int8", 0.98)],
)
def test_all_backends_give_the_models_vectors(model, home, reference, backend, least):
    vectors, tokens = opened(model, home, backend=backend).encode(SENTENCES)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert (vectors * reference).sum(axis=1).min() > least
    assert tokens.tolist() == [9, 7, 3, 9]  # with the marks of beginning and end; "it" is two tokens, "." is one


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_a_text_beyond_the_window_is_cut_and_its_tokens_are_counted(model, home, backend):
    encoder = opened(model, home, backend=backend)
    vectors, tokens = encoder.encode(["law " * 14, "law " * 30])
    assert encoder.window == 16
    assert tokens.tolist() == [16, 32]
    assert vectors[0] == pytest.approx(vectors[1], abs=1e-5)


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_what_else_is_in_the_batch_does_not_matter(model, home, backend):
    encoder = opened(model, home, backend=backend)
    together = encoder.encode(SENTENCES * 40)[0]
    assert together[0] == pytest.approx(encoder.encode(SENTENCES[:1])[0][0], abs=1e-5)
    assert together[2] == pytest.approx(encoder.encode(SENTENCES[2:3])[0][0], abs=1e-5)


def test_static_vectors_are_a_mean_over_tokens_without_a_window(model, home):
    encoder = opened(model, home, backend="static")
    vectors, tokens = encoder.encode(["police court", "court police", "police court " * 500, "zzz"])
    assert vectors.shape[1] == 32
    assert encoder.window is None
    assert tokens.tolist() == [0] * 4
    assert vectors[1] == pytest.approx(vectors[0], abs=1e-5)
    assert vectors[2] == pytest.approx(vectors[0], abs=1e-5)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_static_vectors_are_mapped_onto_those_of_the_model():
    """A turn and a shift are found again, also for texts the map was not fitted on."""
    rng = np.random.default_rng(1)
    tokens, turn = rng.normal(size=(50, 4)), rng.normal(size=(4, 6))
    words = [rng.integers(0, 50, 8) for _ in range(300)]
    means = np.array([tokens[row].mean(axis=0) for row in words])
    mapped = align(tokens, means, means @ turn + 3)
    assert mapped.shape == (50, 6)
    assert mapped[[3, 4, 4]].mean(axis=0) == pytest.approx(tokens[[3, 4, 4]].mean(axis=0) @ turn + 3, abs=0.1)


def test_the_sentences_of_the_package_are_many_and_different():
    texts = [text for file in ALIGNMENT for text in file.read_text(encoding="utf-8").splitlines()]
    assert len(texts) == len(set(texts)) == 1040
    assert min(len(text.split()) for text in texts) >= 5


def test_integers_are_calibrated_on_sentences_of_the_package_alone(model, home, tmp_path):
    texts = with_openvino.CALIBRATION.read_text(encoding="utf-8").splitlines()
    lengths = [len(text.split()) for text in texts]
    assert len(texts) == len(set(texts)) == 160
    assert min(lengths) < 10
    assert max(lengths) == 60
    again = opened(model, tmp_path, backend="openvino-int8")
    first = opened(model, home, backend="openvino-int8")
    assert first.key == again.key
    assert (first.encode(SENTENCES)[0] == again.encode(SENTENCES)[0]).all()


def test_preparing_tells_no_host_about_it(model, tmp_path):
    """The libraries would leave an identity for their reports in the home folder."""
    script = "import json, sys; from frameshift.embeddings import encoder"
    script += "; encoder.prepare_encoder(*json.load(sys.stdin))"
    given = json.dumps([settings(model=str(model), backend="openvino-int8"), str(tmp_path / "cache")])
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | {"HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], input=given, text=True, check=True, env=environment)
    assert not (tmp_path / "intel").exists()


def test_a_prompt_is_put_in_front_of_each_text(model, home):
    plain, prompted = opened(model, home), opened(model, home, prompt="police ")
    assert prompted.encode(["court"])[0] == pytest.approx(plain.encode(["police court"])[0], abs=1e-6)
    assert prompted.key != plain.key


def test_a_models_own_prompt_is_used_where_none_is_given(copy, tmp_path):
    path = copy / "config_sentence_transformers.json"
    own = json.loads(path.read_text()) | {"prompts": {"query": "law "}, "default_prompt_name": "query"}
    path.write_text(json.dumps(own))
    assert own_prompt(copy) == "law "
    assert describe_encoder(settings(model=str(copy)))["prompt"] == "law "
    assert describe_encoder(settings(model=str(copy), prompt=""))["prompt"] == ""
    torch = opened(copy, tmp_path, backend="torch").encode(["court"])[0]
    assert torch == pytest.approx(opened(copy, tmp_path, prompt="", backend="torch").encode(["law court"])[0], abs=1e-6)


def test_the_key_names_whatever_changes_the_vectors_and_nothing_else(model):
    def key(**changes):
        return describe_encoder(settings(model=str(model), **changes))["key"]

    backends = {key(backend=name) for name in BACKENDS}
    assert len(backends | {key(prompt="x"), key(precision="float16")}) == len(BACKENDS) + 2
    assert key() == key(device="auto")


def test_a_model_that_was_trained_again_has_another_key(copy):
    before = describe_encoder(settings(model=str(copy)))["key"]
    with next(copy.rglob("*.safetensors")).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    digest_model.cache_clear()
    assert describe_encoder(settings(model=str(copy)))["key"] != before


def test_a_model_that_changes_during_a_run_is_refused(copy, tmp_path):
    encoder = Encoder(describe_encoder(settings(model=str(copy), backend="torch")), tmp_path)
    (copy / "more.json").write_text("{}")
    digest_model.cache_clear()
    with pytest.raises(UserError, match="was changed since this run began"):
        encoder.encode(["a"])


def test_a_damaged_prepared_model_is_prepared_again(model, tmp_path, caplog):
    encoder = opened(model, tmp_path)
    before = encoder.encode(SENTENCES)[0]
    (encoder.folder / "model" / "model.bin").write_bytes(b"nothing")
    again = Encoder(encoder.record, tmp_path)
    with caplog.at_level("WARNING", logger="frameshift"):
        assert again.encode(SENTENCES)[0] == pytest.approx(before, abs=1e-6)
    assert "is damaged" in caplog.text
    assert not list(encoder.folder.glob(".*.part"))


def test_a_prepared_model_needs_its_source_no_more(copy, tmp_path):
    encoder = opened(copy, tmp_path)
    before = encoder.encode(SENTENCES)[0]
    shutil.rmtree(copy)
    assert (Encoder(encoder.record, tmp_path).encode(SENTENCES)[0] == before).all()


def test_the_packaged_model_is_verified(monkeypatch):
    digest_model.cache_clear()
    assert len(digest_model(find_model(PACKAGED))) == 64
    digest_model.cache_clear()
    monkeypatch.setattr(source, "PACKAGED_SHA256", "0" * 64)
    with pytest.raises(UserError, match=r"SHA-256 53aa.*reinstall"):
        digest_model(find_model(PACKAGED))
    digest_model.cache_clear()


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        ("modules.json", "no modules.json"),
        ("tokenizer*", "has no tokenizer"),
        ("*.safetensors", "has no weights"),
    ],
)
def test_an_incomplete_folder_is_named_with_the_remedy(copy, lost, message):
    for file in copy.glob(lost):
        file.unlink()
    for file in copy.glob("vocab.txt") if "tokenizer" in lost else []:
        file.unlink()
    with pytest.raises(UserError, match=message):
        find_model(str(copy))


def test_a_folder_with_broken_files_is_named(copy, tmp_path):
    (copy / "modules.json").write_text("{")
    with pytest.raises(UserError, match=r"modules\.json cannot be read"):
        find_model(str(copy))


def test_broken_weights_are_named(copy, tmp_path):
    next(copy.rglob("*.safetensors")).write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be loaded on cpu"):
        opened(copy, tmp_path, backend="torch")


def test_a_model_that_is_nowhere_is_named_with_the_remedy():
    with pytest.raises(UserError, match="neither"):
        find_model("no-such-model")
    with pytest.raises(UserError, match=r"embeddings\.revision"):
        find_model("owner/model")


def test_a_hub_model_while_offline_is_told_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=r"hf download owner/model --revision 0123abc --local-dir model"):
        find_model("owner/model", "0123abc")


def choose(monkeypatch, *, accelerator="cpu", openvino=True, tiles=False, integers=True, backend="auto", device="auto"):
    monkeypatch.setattr(encoder_module, "find_accelerator", lambda: accelerator)
    monkeypatch.setattr(encoder_module, "is_available", lambda: openvino)
    monkeypatch.setattr(encoder_module, "can_multiply_short_floats", lambda: tiles)
    monkeypatch.setattr(encoder_module, "can_multiply_integers", lambda: integers)
    return choose_backend(backend, device)


def test_auto_takes_the_fastest_that_the_machine_can(monkeypatch):
    assert choose(monkeypatch)[:2] == ("openvino-int8", "cpu")
    assert choose(monkeypatch, tiles=True)[:2] == ("openvino-bf16", "cpu")
    assert choose(monkeypatch, integers=False)[:2] == ("openvino", "cpu")
    assert choose(monkeypatch, accelerator="cuda")[:2] == ("torch", "cuda")
    assert choose(monkeypatch, accelerator="cuda", device="cpu")[:2] == ("openvino-int8", "cpu")
    assert choose(monkeypatch, device="cuda")[:2] == ("torch", "cuda")


def test_without_openvino_auto_falls_back_to_torch_and_says_so(monkeypatch):
    assert choose(monkeypatch, openvino=False) == ("torch", "cpu", "OpenVINO cannot be loaded on this machine")


def test_what_is_asked_for_is_used_or_refused(monkeypatch):
    assert choose(monkeypatch, backend="torch", accelerator="cuda")[:2] == ("torch", "cuda")
    assert choose(monkeypatch, backend="static", accelerator="cuda")[:2] == ("static", "cpu")
    with pytest.raises(UserError, match="runs on the processor"):
        choose(monkeypatch, backend="static", device="cuda")
    with pytest.raises(UserError, match=r"OpenVINO cannot be loaded.*backend: torch"):
        choose(monkeypatch, backend="openvino", openvino=False)


def test_no_accelerator_is_found_without_its_driver(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert find_accelerator() == "cpu"


TEXTS = [f"{'police guards ' * (number % 5)}court {chr(97 + number % 26)} {number}" for number in range(60)]
KILLED = """
import json, os, signal, sys
from pathlib import Path
import numpy as np
from frameshift.embeddings.embed import embed_shard
from frameshift.embeddings.encoder import Encoder

record, texts, cache, output, blocks = json.loads(sys.stdin.read())
encoder = Encoder(record, cache)
encoder.block = 8
encode, done = encoder.encode, []

def counted(texts):
    if len(done) == blocks:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(len(texts))
    return encode(texts)

encoder.encode = counted
embed_shard(lambda: iter([texts]), 0, 1, encoder, Path(output))
print(sum(done))
"""


def run_shard(record, cache, output, *, blocks=-1) -> subprocess.CompletedProcess:
    """embed_shard in a process of its own, which is killed after so many `blocks`."""
    return subprocess.run(
        [sys.executable, "-c", KILLED], input=json.dumps([record, TEXTS, str(cache), str(output), blocks]), text=True,
        capture_output=True, check=False,
    )  # fmt: skip


def test_a_shard_killed_by_the_system_resumes_to_the_same_bytes(model, home, tmp_path):
    record = opened(model, home, backend="openvino-int8").record
    for name in ("whole", "killed"):
        shutil.copytree(home / record["key"] / "model", tmp_path / name / record["key"] / "model")
    assert run_shard(record, tmp_path / "whole", tmp_path / "whole.npy").stdout == "60\n"
    killed = run_shard(record, tmp_path / "killed", tmp_path / "killed.npy", blocks=3)
    assert killed.returncode == -9
    assert len(list(tmp_path.glob(".killed.npy.*.part"))) <= 1
    assert not (tmp_path / "killed.npy").exists()
    assert run_shard(record, tmp_path / "killed", tmp_path / "killed.npy").stdout == f"{60 - 3 * 8}\n"
    assert not list(tmp_path.glob(".*.part"))
    assert (tmp_path / "killed.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_vectors_added_later_agree_with_those_of_one_run(model, home, tmp_path):
    record = opened(model, home, backend="openvino-int8").record
    vectors = {}
    for name, steps in {"at once": [TEXTS], "in steps": [TEXTS[:59], TEXTS[:20], TEXTS]}.items():
        shutil.copytree(home / record["key"] / "model", tmp_path / name / record["key"] / "model")
        for texts in steps:
            vectors[name] = embed_texts(texts, Encoder(record, tmp_path / name))
    assert (vectors["at once"] * vectors["in steps"]).sum(axis=1).min() > 0.999
