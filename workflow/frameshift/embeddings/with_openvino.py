"""The same model compiled for the processor by OpenVINO, in 32-bit or 16-bit floats or in 8-bit integers.

Integers come from static post-training quantisation with NNCF: the ranges of all activations are measured once, on our
own sentences in calibration.txt, never on a corpus, so that every corpus is measured by one and the same encoder.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from frameshift.embeddings.with_torch import load_sentence_transformer, quiet
from frameshift.errors import UserError

CALIBRATION = Path(__file__).with_name("calibration.txt")
TOKENS = 1024  # a batch, padding included: what stays in a core's cache
TEXTS = 64  # a batch at most


def can_multiply_integers() -> bool:
    """Whether the processor has instructions for 8-bit products (AVX-512 VNNI, AVX-VNNI, AMX).

    Without them integers are slower than floats, and 16-bit intermediate sums overflow.
    """
    return _has("avx512_vnni", "avx_vnni", "amx_int8")


def can_multiply_short_floats() -> bool:
    """Whether the processor multiplies tiles of 16-bit floats (AMX): as fast as integers, and nearly exact."""
    return _has("amx_bf16")


def _has(*flags: str) -> bool:
    """Whether the processor says that it has one of `flags`."""
    try:
        return not set(flags).isdisjoint(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return False


def is_available() -> bool:
    """Whether OpenVINO can be imported on this machine."""
    try:
        _openvino()
    except Exception:  # a missing wheel, or a library of the system that is too old for it
        return False
    return True


def _openvino():
    """The library, imported so that it and NNCF, unlike by default, report to no host that they are used."""
    os.environ["CI"] = os.environ["NNCF_CI"] = "true"
    import openvino

    return openvino


def prepare(source: Path, target: Path, *, integers: bool) -> None:
    """Write the model in `source` to the folder `target` as OpenVINO reads it, with its tokenizer.

    Raises UserError where the model has no fast tokenizer or cannot be converted.
    """
    import torch

    openvino, model = _openvino(), load_sentence_transformer(source, "cpu")
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise UserError(
            f"the model in {source} has no fast tokenizer (tokenizer.json): set `embeddings.backend: torch`"
        )

    class Pipeline(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.steps = model

        def forward(self, input_ids, attention_mask):
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            for step in self.steps:
                features = step(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    example = {name: torch.ones(2, 8, dtype=torch.long) for name in ("input_ids", "attention_mask")}
    try:
        with quiet():
            converted = openvino.convert_model(Pipeline().eval(), example_input=example)
        converted.reshape({number: [-1, -1] for number in range(2)})
    except Exception as error:
        raise UserError(
            f"OpenVINO cannot convert the model in {source}: set `embeddings.backend: torch`\n({error})"
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    target.mkdir(parents=True)
    tokenizer.save(str(target / "tokenizer.json"))
    settings = {"window": int(model.max_seq_length), "padding": model.tokenizer.pad_token_id or 0}
    (target / "settings.json").write_text(json.dumps(settings))
    if integers:
        converted = _quantise(converted, tokenizer, settings["window"])
    openvino.save_model(converted, target / "model.xml", compress_to_fp16=False)


def _quantise(model, tokenizer, window: int):
    """Weights and activations in 8 bits, but for the operations that a transformer's quality needs in floats."""
    import nncf

    def inputs() -> Iterator[dict[str, np.ndarray]]:
        for text in CALIBRATION.read_text(encoding="utf-8").splitlines():
            ids = np.array([tokenizer.encode(text).ids[:window]], dtype=np.int64)
            yield {"input_ids": ids, "attention_mask": np.ones_like(ids)}

    texts = list(inputs())
    with quiet():
        return nncf.quantize(
            model,
            nncf.Dataset(texts),
            model_type=nncf.ModelType.TRANSFORMER,
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(texts),
        )


class OpenvinoModel:
    """A model that `prepare` wrote, with as many parallel streams as `threads`.

    `short_floats`: in bfloat16 where the processor has instructions for it, else in 32 bits, which is more exact.
    """

    def __init__(self, folder: Path, *, threads: int, short_floats: bool = False):
        from tokenizers import Tokenizer

        openvino, settings = _openvino(), json.loads((folder / "settings.json").read_text())
        self.window, self._padding = settings["window"], settings["padding"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self.window)
        self._compiled = openvino.Core().compile_model(
            folder / "model.xml",
            "CPU",
            {
                # Left alone, OpenVINO computes in 16 bits where the processor can, and says nothing.
                "INFERENCE_PRECISION_HINT": "bf16" if short_floats and _has("amx_bf16", "avx512_bf16") else "f32",
                "NUM_STREAMS": threads,
                "INFERENCE_NUM_THREADS": threads,
                "ENABLE_CPU_PINNING": False,  # shards are processes that do not know of each other
                # Integers in floats where the processor lacks the instructions: slower, but the same vectors.
                "LP_TRANSFORMS_MODE": can_multiply_integers(),
            },
        )
        self._queue = openvino.AsyncInferQueue(self._compiled, threads)

    def encode(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors, float32 (n, d), and how many tokens each text has, of which the first `window` are read."""
        encodings = self._tokenizer.encode_batch(list(texts))
        lengths = np.array([len(one.ids) for one in encodings], dtype=np.uint32)
        vectors = np.empty((len(texts), self._compiled.output(0).partial_shape[1].get_length()), dtype=np.float32)
        self._queue.set_callback(lambda request, rows: vectors.__setitem__(rows, request.get_output_tensor(0).data))
        order = np.argsort(-lengths.astype(np.int64), kind="stable")  # texts of one length need no padding
        start = 0
        while start < len(order):
            count = max(1, min(TEXTS, TOKENS // int(lengths[order[start]])))
            rows = order[start : start + count]
            self._queue.start_async(self._pad([encodings[row].ids for row in rows]), rows)
            start += count
        self._queue.wait_all()
        return vectors, lengths + np.array([_beyond(one) for one in encodings], dtype=np.uint32)

    def _pad(self, ids: list[list[int]]) -> list[np.ndarray]:
        """Token ids and mask, int64 (texts, longest)."""
        longest = max(map(len, ids))
        padded = np.full((len(ids), longest), self._padding, dtype=np.int64)
        mask = np.zeros_like(padded)
        for row, one in enumerate(ids):
            padded[row, : len(one)], mask[row, : len(one)] = one, 1
        return [padded, mask]


def _beyond(encoding) -> int:
    """How many tokens of a text the window leaves out; each overflowing part has marks of beginning and end again."""
    return sum(part.special_tokens_mask.count(0) for part in encoding.overflowing)
