"""What a run will have to do, said before its first job."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from frameshift.corpus.preview import preview_corpus
from frameshift.demo.generate import generate
from frameshift.embeddings.cache import text_keys
from frameshift.embeddings.encoder import Encoder, describe_encoder

# On one core, with the packaged encoder (tests/benchmarks/encode.py); bf16 with AMX, integers with VNNI.
WORDS_A_SECOND = {"torch": 1400, "openvino": 2100, "openvino-bf16": 15_000, "openvino-int8": 5000, "static": 80_000}
REST_SECONDS = 90  # everything but the embedding, for a corpus of some thousand articles


def describe_run(config: Mapping[str, Any], corpus: Sequence[str | Path], cache: str | Path, cores: int) -> str:
    """One line on the files in `corpus`: articles, passages, how many of these are cached, and about how many minutes.

    Raises UserError where the corpus cannot be read.
    """
    exists = Path(corpus[0]).exists()
    if not exists and config["demo"] is not None:
        with TemporaryDirectory() as folder:  # written in seconds, and again by its own job
            generate(config["demo"], folder)
            return describe_run(config, [Path(folder) / Path(corpus[0]).name], cache, cores)
    if not exists:
        return f"frameshift {config['name']}: {corpus[0]} is fetched first; its size is not known yet"
    size = preview_corpus(corpus, config["corpus"], passages=config["passages"])
    encoder = Encoder(describe_encoder(config["embeddings"]), cache)
    known = encoder.cache().contains(text_keys(size["sample_texts"]))
    cached = known.mean() if len(known) else 0.0
    workers = max(1, min(cores, config["embeddings"]["shards"]))
    rate = WORDS_A_SECOND[encoder.record["backend"]]
    minutes = (size["words"] * (1 - cached) / rate / workers + REST_SECONDS) / 60
    more = "more than " if size["stopped"] else ""
    return (
        f"frameshift {config['name']}: {more}{size['articles']:,} articles, about {size['passages']:,} passages, "
        f"{cached:.0%} of them cached; about {max(1, round(minutes))} minutes on {cores} cores "
        f"({encoder.record['backend']}: {encoder.record['reason']})"
    )
