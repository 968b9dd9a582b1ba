"""How fast each backend encodes, and how well: python tests/benchmarks/encode.py results/allsides LABELS [passages]

Speed: rounds in which every way encodes the same passages of a finished run on all cores, in turn, with a cold cache,
against SentenceTransformer.encode as a user would call it; medians. Quality, against that: the share of the 10 nearest
neighbours among 3,000 passages that stay, and the area under the ROC curve of the codebook's axis on two label files in
the folder LABELS (threat_headlines.csv, migration_sentences.csv), its difference with a paired bootstrap interval.
"""

import os
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import Encoder, prepare_encoder
from frameshift.embeddings.source import PACKAGED, find_model
from frameshift.frames.axis import score_axis
from frameshift.frames.codebook import load_codebook

ROUNDS, NEIGHBOURS, POOL, DRAWS = 5, 10, 3000, 2000
BACKENDS = ("openvino", "openvino-bf16", "openvino-int8", "static")  # torch is what the others are held against
SETTINGS = {"model": PACKAGED, "revision": None, "device": "cpu", "prompt": None, "precision": "float16"}


def main(run: str, labels: str, n: int) -> None:
    texts = pl.read_parquet(f"{run}/corpus/passages.parquet")["text"].unique(maintain_order=True)
    sample = texts.gather_every(max(1, len(texts) // n)).to_list()[:n]
    with TemporaryDirectory() as home:
        ways = {"SentenceTransformer.encode, fp32, batch 32": plain(), **{name: ours(name, home) for name in BACKENDS}}
        rates = measure_rates(ways, sample)
        qualities = measure_quality(ways, texts.sample(POOL, seed=1).to_list(), Path(labels))
    reference = next(iter(rates.values()))
    print("| way | passages/s | ratio | neighbours kept | threat AUC, difference | migration AUC, difference |")
    print("|---|---|---|---|---|---|")
    for name, rate in rates.items():
        print(f"| {name} | {rate:,.0f} | {rate / reference:.2f} | " + " | ".join(qualities[name]) + " |")


def plain():
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model(PACKAGED)), device="cpu")

    def encode(texts: list[str], cold: bool) -> np.ndarray:
        torch.set_num_threads(os.cpu_count())  # the backend torch sets its own
        return model.encode(texts, batch_size=32, normalize_embeddings=True)

    return encode


def ours(backend: str, home: str):
    encoder = Encoder(prepare_encoder({**SETTINGS, "backend": backend}, home), home, threads=os.cpu_count())
    encoder.encode(["loads the model"])

    def encode(texts: list[str], cold: bool) -> np.ndarray:
        for block in (encoder.folder / "vectors").glob("*.block") if cold else []:
            block.unlink()
        return embed_texts(texts, encoder)

    return encode


def measure_rates(ways, sample: list[str]) -> dict[str, float]:
    seconds = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, encode in ways.items():
            started = time.perf_counter()
            encode(sample, True)
            seconds[name].append(time.perf_counter() - started)
    words = sum(len(text.split()) for text in sample)
    print(f"{len(sample)} passages of {words / len(sample):.0f} words, {os.cpu_count()} cores, {ROUNDS} rounds; s:")
    for name, times in seconds.items():
        print("   ", name, " ".join(f"{one:.2f}" for one in times))
    return {name: len(sample) / median(times) for name, times in seconds.items()}


def measure_quality(ways, pool: list[str], labels: Path) -> dict[str, list[str]]:
    headlines = pl.read_csv(labels / "threat_headlines.csv")
    sentences = pl.read_csv(labels / "migration_sentences.csv")
    tasks = {
        "threat": (headlines["text"].to_list(), (headlines["label"] == "THREAT").to_numpy()),
        "migration": (sentences["text"].to_list(), sentences["label"].to_numpy()),
    }
    near = {name: neighbours(encode(pool, False)) for name, encode in ways.items()}
    scores = {name: {task: score(encode, task, tasks[task][0]) for task in tasks} for name, encode in ways.items()}
    first = next(iter(ways))
    return {
        name: [
            f"{np.mean([len(set(a) & set(b)) / NEIGHBOURS for a, b in zip(near[first], near[name], strict=True)]):.3f}",
            *(compare(coded, scores[first][task], scores[name][task]) for task, (_, coded) in tasks.items()),
        ]
        for name in ways
    }


def neighbours(vectors: np.ndarray) -> np.ndarray:
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -2)
    return np.argpartition(-similarity, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]


def score(encode, task: str, texts: list[str]) -> np.ndarray:
    wording = load_codebook("config/frames.yaml")[task].wording("en")
    anchors, neutral = (encode(list(pole), False) for pole in (wording.anchors, wording.neutral))
    return score_axis(encode(texts, False), anchors, neutral, best=5)


def compare(coded: np.ndarray, before: np.ndarray, after: np.ndarray) -> str:
    """The area after, its difference to the one before, and the interval of that over the same draws of both."""

    def differ(rows) -> float:
        return roc_auc_score(coded[rows], after[rows]) - roc_auc_score(coded[rows], before[rows])

    rng = np.random.default_rng(1)
    drawn = (rng.integers(0, len(coded), len(coded)) for _ in range(DRAWS))
    low, high = np.quantile([differ(rows) for rows in drawn if coded[rows].any()], [0.025, 0.975])
    return f"{roc_auc_score(coded, after):.3f}, {differ(slice(None)):+.4f} ({low:+.4f}, {high:+.4f})"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 600)
