"""What the map of articles costs: python tests/benchmarks/article_map.py RUN [N ...]

N articles (3,000 and 40,000) are made of those of a finished run, as in topic_models.py, and put into 30 topics by
k-means; the jobs that map and draw them run one after the other. Prints seconds, peak memory and sizes of the files.
"""

import sys
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from sklearn.cluster import MiniBatchKMeans
from topic_models import enlarge, job


def prepare(run: str, n: int, folder: Path) -> None:
    enlarge(run, n, folder)
    topic = MiniBatchKMeans(30, n_init=1, random_state=1).fit_predict(np.load(folder / "vectors.npy"))
    ids = pl.read_parquet(folder / "ids.parquet")["article_id"]
    assignments = pl.DataFrame({"article_id": ids, "topic": topic.astype(np.int64)})
    topics = assignments.group_by("topic").agg(n_articles=pl.len()).sort("topic")
    label = pl.format("border {}, asylum seekers, camp", "topic")
    assignments.write_parquet(folder / "assignments.parquet")
    topics.with_columns(label=label, stability=0.8).write_parquet(folder / "topics.parquet")


def measure(run: str, n: int) -> None:
    with TemporaryDirectory() as home:
        folder = Path(home)
        with get_context("spawn").Pool(1) as apart:  # else its memory would count as that of the jobs
            apart.apply(prepare, (run, n, folder))
        path = {name: str(folder / f"{name}.parquet") for name in ("ids", "map", "assignments", "topics")}
        print(f"{n:,} articles")
        data = {"ids": path["ids"], "vectors": str(folder / "vectors.npy")}
        job("map_articles", [("space", data), ("value", path["map"]), ("value", 1)], folder)
        tables = {name: path[name] for name in ("map", "assignments", "topics")}
        stem = folder / "article_map"
        job("plot_article_map", [("space", tables), ("value", str(stem)), ("space", {"n_topics": 12})], folder)
        sizes = {kind: stem.with_suffix(f".{kind}").stat().st_size for kind in ("svg", "pdf", "png", "csv")}
        print(", ".join(f"{kind} {size / 1024:,.0f} kB" for kind, size in sizes.items()), flush=True)


if __name__ == "__main__":
    for size in sys.argv[2:] or ("3000", "40000"):
        measure(sys.argv[1], int(size))
