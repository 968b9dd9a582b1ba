"""Time, memory and size of what the page holds: the passages behind each estimate, and the tables to save.

python tests/benchmarks/page.py results/allsides                          # a finished run of this checkout
python tests/benchmarks/page.py articles 1000000                          # invented: 40 sources in 70 years,
python tests/benchmarks/page.py articles 1000000 --sources 20 --years 10  # or as many as these

Prints seconds, peak memory and, in MB, the size of each part. Invented articles have seven passages of 40 words, one in
ten of them from the codebook, and scores at random on its frames and issues, also within the issues.
"""

import argparse
import resource
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from comparisons import Given, read_config
from read_corpus import FUNCTION_WORDS, invent_words, run_alone

ROOT = Path(__file__).resolve().parents[2]
PIECE = 50_000  # articles invented at once
N_PASSAGES, IN_PASSAGE, N_WORDS = 7, 40, 30_000
ENTRIES = ["threat", "security", "victim", "migration"]
MEASURES = ["axis", "lexicon", "combined"]
CODED_WORDS = ["attack", "terrorists", "police", "deported", "victims", "suffering", "refugees", "migrants"]
ABOUT = 0.1  # of the passages have a word of an entry


def main(run: str, size: int | None, sources: int, years: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        config = run_alone(read_config, run) if size is None else run_alone(read_config, "results/demo")
        if size is not None:
            started, run = time.perf_counter(), home
            run_alone(invent, run, size, sources, years)
            print(f"{size:,} articles invented in {time.perf_counter() - started:.0f} s")
            config = config | {"events": None, "corpus": config["corpus"] | {"groups": {}}}
        print(f"{'job':<18} {'seconds':>8} {'peak MB':>8}")
        for job in (gather, pack):
            seconds, peak, sizes = run_alone(job, run, home, config)
            print(f"{job.__name__:<18} {seconds:>8.1f} {peak:>8.0f}", flush=True)
            for name, number in sizes.items():
                print(f"    {name:<40} {number}")


def gather(run: str, home: str, config: dict) -> tuple[float, float, dict]:
    """The job gather_evidence."""
    import sys

    sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
    inputs = locate_tables(run, config)
    params = {"measure": config["comparisons"]["measure"], "groups": config["corpus"]["groups"]}
    params |= {"threshold": config["frames"]["given_threshold"]}
    params |= {key: config["report"][key] for key in ("highest", "random")}
    started = time.perf_counter()
    __import__("gather_evidence").main(Given(inputs), f"{home}/evidence.parquet", Given(params))
    seconds = time.perf_counter() - started
    evidence = pl.read_parquet(f"{home}/evidence.parquet")
    return seconds, peak_memory(), {"rows": f"{len(evidence):,}", "passages": f"{evidence['passage_id'].n_unique():,}"}


def pack(run: str, home: str, config: dict) -> tuple[float, float, dict]:
    """What the job write_page does with them."""
    from frameshift.events import read_events
    from frameshift.frames.codebook import load_codebook
    from frameshift.report.downloads import pack_tables
    from frameshift.report.page import pack_library
    from frameshift.report.payload import pack_evidence

    tables = locate_tables(run, config)
    started = time.perf_counter()
    packed = pack_evidence(
        pl.read_parquet(tables["prevalence"]),
        pl.read_parquet(f"{home}/evidence.parquet"),
        pl.read_parquet(tables["articles"]),
        pl.scan_parquet(tables["passages"]),
        pl.scan_parquet(tables["scores"]),
        codebook=load_codebook(tables["codebook"]),
        events=read_events(config["events"]),
        measure=config["comparisons"]["measure"],
        grain=config["comparisons"]["grain"],
        groups=config["corpus"]["groups"],
        n_sources=config["figures"]["sources"],
        snippet=config["report"]["snippet"],
    )
    seconds = time.perf_counter() - started
    compared = [
        str(path) for folder in ("comparisons", "topics") for path in sorted(Path(run, folder).glob("*.parquet"))
    ]
    holds = {str(Path(path).relative_to(run)): "" for path in compared}
    saved = pack_tables(compared, run, holds, {}, with_texts=True)
    sizes = {"passages and estimates": len(packed), "charting library": len(pack_library())}
    sizes |= {f"table {table['name']}": len(table["data"]) for table in saved}
    return seconds, peak_memory(), {name: f"{size / 1e6:.2f} MB" for name, size in sizes.items()} | read_note(packed)


def read_note(packed: str) -> dict[str, str]:
    import base64
    import gzip
    import json

    text = gzip.decompress(base64.b64decode(packed))
    return {"unpacked": f"{len(text) / 1e6:.1f} MB", "": json.loads(text)["left_out"]}


def peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def locate_tables(run: str, config: dict) -> dict:
    """The inputs of both jobs; a table in pieces is named by a pattern."""
    paths = {"articles": "corpus/articles", "passages": "corpus/passages", "scores": "frames/passages"}
    paths |= {"joint": "frames/joint", "prevalence": "comparisons/prevalence"}
    found = {name: f"{run}/{path}.parquet" for name, path in paths.items()}
    found |= {name: f"{run}/{path}/*.parquet" for name, path in paths.items() if Path(run, path).is_dir()}
    joint = found["joint"] if Path(found["joint"]).exists() else None
    return found | {"joint": joint, "codebook": config["frames"]["codebook"]}


def invent(run: str, size: int, n_sources: int, n_years: int) -> None:
    """Write the tables that both jobs read to the folder `run`."""
    rng, folder = np.random.default_rng(1), Path(run)
    for name in ("corpus/passages", "frames/passages", "comparisons"):
        (folder / name).mkdir(parents=True)
    number = np.sort(rng.choice(2**52, size, replace=False))
    days = np.datetime64(f"{2020 - n_years}-01-01") + rng.integers(0, int(365.25 * n_years), size)
    articles = pl.DataFrame(
        {
            "article_id": [f"{n:016x}" for n in number],
            "source": [f"Source {n:02}" for n in rng.integers(0, n_sources, size)],
            "date": days,
        }
    ).with_columns(
        pl.col("date").cast(pl.Date),
        wire_cluster="article_id",
        date_precision=pl.lit("day"),
        language=pl.lit("en"),
        duplicate_of=pl.lit(None, pl.String),
        url=pl.format("https://news.example/{}", "article_id"),
        title=pl.format("The headline of the article that has the number {}", "article_id"),
        text=pl.lit(""),
    )
    articles.write_parquet(folder / "corpus" / "articles.parquet")
    _write_prevalence(folder, articles, rng)
    words = np.array([*CODED_WORDS, *sorted(invent_words(N_WORDS, rng)[len(FUNCTION_WORDS.split()) :])])
    odds = np.concatenate([np.full(len(CODED_WORDS), ABOUT / IN_PASSAGE), 1 / (np.arange(len(words) - 8) + 2.7)])
    odds[8:] *= (1 - odds[:8].sum()) / odds[8:].sum()
    for i, piece in enumerate(articles.iter_slices(PIECE)):
        _write_passages(folder, i, piece, words, np.cumsum(odds), rng)


def _write_passages(
    folder: Path, i: int, articles: pl.DataFrame, words: np.ndarray, cumulative: np.ndarray, rng
) -> None:
    n = len(articles) * N_PASSAGES
    drawn = np.minimum(np.searchsorted(cumulative, rng.random((n, IN_PASSAGE))), len(words) - 1)
    texts = [" ".join(row) for row in words[drawn].tolist()]
    ids = [f"{number:016x}" for number in rng.integers(0, 2**62, n)]
    pl.DataFrame(
        {
            "passage_id": ids,
            "article_id": articles["article_id"].to_numpy().repeat(N_PASSAGES),
            "position": np.tile(np.arange(N_PASSAGES), len(articles)),
            "text": texts,
            "n_words": np.full(n, IN_PASSAGE),
        }
    ).write_parquet(folder / "corpus" / "passages" / f"{i:04}.parquet")
    for frame, measure in product(ENTRIES, MEASURES):
        score = rng.normal(size=n)
        if measure == "lexicon":
            score = np.where(rng.random(n) < ABOUT, np.abs(score), 0.0)
        pl.DataFrame({"passage_id": ids, "score": score}).with_columns(
            frame=pl.lit(frame), measure=pl.lit(measure), share=pl.lit(None, pl.Float64)
        ).write_parquet(folder / "frames" / "passages" / f"{i:04}_{frame}_{measure}.parquet")


def _write_prevalence(folder: Path, articles: pl.DataFrame, rng) -> None:
    from frameshift.comparisons.periods import period_of, period_start
    from frameshift.frames.given import list_pairs
    from frameshift.tables import ALL_SOURCES

    every = pl.concat([articles, articles.with_columns(source=pl.lit(ALL_SOURCES))])
    cells = pl.concat(
        every.group_by(
            "source",
            grain=pl.lit(grain),
            period=period_of(pl.col("date"), grain),
            start=period_start(pl.col("date"), grain),
        ).agg(n_articles=pl.len().cast(pl.Int64))
        for grain in ("all", "year", "quarter")
    )
    pairs = list_pairs(ENTRIES, ["migration", "migration without victim"])
    entries = [(entry, None) for entry in ENTRIES] + [(entry, about.name) for entry, about in pairs]
    named = pl.DataFrame(entries, schema={"frame": pl.String, "given": pl.String}, orient="row")
    table = cells.join(named, how="cross").with_columns(
        measure=pl.lit("combined"), weighting=pl.lit("article"), scale=pl.lit("intensity"), estimator=pl.lit("weekly")
    )
    estimate = pl.Series(rng.normal(size=len(table)))
    table.with_columns(
        estimate=estimate, low=estimate - 0.2, high=estimate + 0.2, n_clusters=pl.lit(13, pl.Int64)
    ).write_parquet(folder / "comparisons" / "prevalence.parquet")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="the folder of a finished run, or `articles`")
    parser.add_argument("size", type=int, nargs="?", help="articles to invent")
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--years", type=int, default=70)
    asked = parser.parse_args()
    main(asked.run, asked.size, asked.sources, asked.years)
