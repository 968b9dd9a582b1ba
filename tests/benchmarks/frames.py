"""How well frames are measured, and how fast: python tests/benchmarks/frames.py quality LABELS | speed RUN [N]

quality: the default codebook and encoder against two files of labels (in the folder LABELS: threat_headlines.csv and
migration_sentences.csv) and the boundary sentences of the tests, with 95% bootstrap intervals; without labels, and with
labels in five folds. speed: seconds and peak memory of the jobs that score and pool N passages (50,000) of a finished
run with its vectors, without labels and with 1,000 random ones.
"""

import json
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import yaml

from frameshift.embeddings.embed import embed_texts
from frameshift.embeddings.encoder import Encoder, prepare_encoder
from frameshift.frames.calibrate import Coded, cross_fit, fit_model
from frameshift.frames.codebook import load_codebook
from frameshift.frames.ranking import measure_areas
from frameshift.frames.score import lengthen, score_and_combine, widen

ROOT = Path(__file__).parents[2]
DRAWS = 2000
MEASURES = ["lexicon", "axis"]
CLASSES = ["THREAT", "DIPLOMACY", "NEUTRAL", "ECONOMIC", "HUMANITARIAN"]


def measure_quality(folder: Path) -> None:
    settings = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["embeddings"]
    settings.pop("shards")
    with TemporaryDirectory() as cache:
        encode = partial(embed_texts, encoder=Encoder(prepare_encoder(settings, cache), cache))
        codebook = load_codebook(ROOT / "config" / "frames.yaml")

        def score(texts: list[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
            ids, vectors = pl.Series([f"{i}" for i in range(len(texts))]), encode(texts)
            table = score_and_combine(
                ids, texts, vectors, encode, codebook, MEASURES, best=5, languages=["en"] * len(texts)
            )
            return vectors, widen(table, ids, list(codebook))

        headlines = pl.read_csv(folder / "threat_headlines.csv")
        sentences = pl.read_csv(folder / "migration_sentences.csv")
        boundary = pl.read_csv(ROOT / "tests" / "data" / "boundary.csv")
        threat, migration = list(codebook).index("threat"), list(codebook).index("migration")
        classes = np.array([[label == name for name in CLASSES] for label in headlines["label"]])
        about = sentences["label"].cast(pl.String).str.to_lowercase().eq("true").to_numpy()
        for name, texts, truth, entry in (
            ("threat headlines", headlines["text"], classes[:, 0], threat),
            ("migration sentences", sentences["text"], about, migration),
        ):
            vectors, scores = score(texts.to_list())
            for measure, matrix in scores.items():
                say(f"{name}, {measure}", truth, matrix[:, entry])
            free = np.column_stack([scores[measure] for measure in MEASURES])
            own = truth[:, None] if entry == migration else classes
            shares = predict_out_of_fold(vectors, free, own.astype(float))
            say(f"{name}, with labels", truth, shares[:, 0])
            if entry == threat:
                say_macro_f1(classes, shares)
        _, scores = score(boundary["text"].to_list())
        for number, entry in enumerate(codebook):
            say(f"boundary, {entry}", boundary[entry].to_numpy() == 1, scores["combined"][:, number])
        apart = (boundary["threat"] != boundary["victim"]).to_numpy()
        say("boundary, threat against victim", boundary["threat"].to_numpy()[apart] == 1,
            scores["combined"][apart, threat])  # fmt: skip


def predict_out_of_fold(vectors: np.ndarray, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Shares (n, classes) of models that did not see the text."""
    n, k = labels.shape
    coded = Coded(vectors, scores, labels, np.ones(n), np.array([f"{i}" for i in range(n)]), np.ones(n, dtype=bool))
    targets = [(i,) for i in range(k)]
    crossed = cross_fit(coded, targets, seed=1, strengths=fit_model(coded, targets, seed=1).strengths)
    return np.column_stack([crossed.shares[target] for target in targets])


def say(what: str, truth: np.ndarray, score: np.ndarray) -> None:
    order = np.argsort(-score, kind="stable")
    truth, score = truth[order], score[order]
    times = np.random.default_rng(1).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), DRAWS)
    times = np.vstack([np.ones(len(truth)), times])
    auc, ap = measure_areas(times * truth, times * ~truth, score)
    print(f"{what:<36} AUC {interval(auc)}   average precision {interval(ap)}", flush=True)


def say_macro_f1(classes: np.ndarray, shares: np.ndarray) -> None:
    from sklearn.metrics import f1_score

    truth, guess = classes.argmax(axis=1), shares.argmax(axis=1)
    rng = np.random.default_rng(1)
    rows = [np.arange(len(truth)), *rng.integers(0, len(truth), (DRAWS, len(truth)))]
    f1 = np.array([f1_score(truth[r], guess[r], average="macro", zero_division=0) for r in rows])
    print(f"{'five classes of headlines':<36} macro-F1 {interval(f1)}", flush=True)


def interval(values: np.ndarray) -> str:
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return f"{values[0]:.3f} ({low:.3f}, {high:.3f})"


JOB = """
import json, resource, sys, time
sys.path.insert(0, "workflow/scripts")
class Given(dict):
    __getattr__ = dict.__getitem__
script, given = __import__(sys.argv[1]), json.loads(sys.argv[2])
started = time.perf_counter()
script.main(*[Given(value) if isinstance(value, dict) else value for value in given])
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure_speed(run: str, n: int) -> None:
    passages = pl.read_parquet(f"{run}/corpus/passages.parquet")
    rows = np.random.default_rng(1).integers(0, len(passages), n)
    with TemporaryDirectory() as home:
        taken = passages[rows].with_columns(passage_id=pl.Series([f"{i:032x}" for i in range(n)]))
        taken.write_parquet(f"{home}/passages.parquet")
        np.save(f"{home}/vectors.npy", np.load(f"{run}/embeddings/vectors.npy", mmap_mode="r")[rows])
        inputs = {
            "articles": f"{run}/corpus/articles.parquet", "passages": f"{home}/passages.parquet",
            "vectors": f"{home}/vectors.npy", "encoder": f"{run}/embeddings/encoder.json",
            "codebook": str(ROOT / "config" / "frames.yaml"), "scores": f"{home}/free.parquet",
            "labels": f"{home}/labels.parquet",
        }  # fmt: skip
        entries = list(load_codebook(inputs["codebook"]))
        rng = np.random.default_rng(1)
        coded = lengthen(taken["passage_id"][:1000], {"label": rng.integers(0, 2, (1000, len(entries)))}, entries)
        coded.select(
            "passage_id", "frame", label="score", probability=pl.lit(1000 / n), source=pl.lit(None, pl.String),
            date=pl.lit(None, pl.Date), cluster="passage_id", in_corpus=True, text=pl.lit(""),
        ).write_parquet(inputs["labels"])  # fmt: skip
        given = ["migration", "migration without victim"]
        params = {"cache": "results/.cache", "measures": MEASURES, "best": 5, "external": {}, "given": given, "seed": 1}
        job("score_frames", [inputs, inputs["scores"], params])
        job("pool_frames", [inputs, f"{home}/articles.parquet", {"given": given, "threshold": None}])
        outputs = {name: f"{home}/{name}.parquet" for name in ("passages_coded", "joint", "labelled")}
        job("calibrate_frames", [inputs, {**outputs, "passages": outputs["passages_coded"]}, params])


def job(script: str, given: list) -> None:
    started = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", JOB, script, json.dumps(given)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split()
    seconds, memory = float(said[-2]), int(said[-1]) / 1024
    print(f"{script}: {seconds:.1f} s of work, {time.perf_counter() - started:.1f} s with imports, {memory:,.0f} MB")


if __name__ == "__main__":
    if sys.argv[1] == "quality":
        measure_quality(Path(sys.argv[2]))
    else:
        measure_speed(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 50_000)
