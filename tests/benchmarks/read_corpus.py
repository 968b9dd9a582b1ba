"""Time and memory of reading, cleaning and de-duplicating an invented corpus, each size in a process of its own:

python tests/benchmarks/read_corpus.py headlines 10000 100000 1000000
python tests/benchmarks/read_corpus.py articles 1000 10000 100000 --only-duplicates

Prints a table. The last column says how many times the processor time of the size before it a size took: seconds by
the clock grow with whatever else the machine does. Of the articles 2% are exact copies and 3% copies with 5% of their
words replaced, left out or added.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))

SEED = 1
N_SOURCES = 40
EXACT, EDITED, EDITS = 0.02, 0.03, 0.05  # shares of the articles, and of an edited copy's words
RECENT = 2000  # copies are taken from the last so many texts, as agencies' stories are taken up within days
FUNCTION_WORDS = (
    "the of to a in and for on that with as at by from is was are were be has have had will would it its this which "
    "but not they their he his she her who been more than after over about into up out said new also when there or an"
)
BEGINNINGS = "b br c ch cl d dr f fl g gr h l m n p pl pr qu r s sh st str t th tr w wh"  # of invented words
MIDDLES = "a e ea ee i o oa oo ou u"
ENDS = "b ck d g ld ll m n nd ng p r rd rn rt sh ss st t th"
SUFFIXES = ["", "er", "ed", "ers", "ing", "ings", "ly", "ness", "ship", "ment", "tion", "ful", "s"]
WORDS = {"headlines": (6, 14), "articles": (500, 1300)}  # least and most words a text
DEFAULT_SIZES = {"headlines": (10_000, 100_000, 1_000_000), "articles": (1000, 10_000, 100_000)}


def main(kind: str, sizes: list[int], *, only_duplicates: bool) -> None:
    print(f"{'rows':>9} {'kept':>9} {'seconds':>9} {'cpu':>7} {'rows/s':>8} {'MB/s':>6} {'peak GB':>8} {'ratio':>6}")
    before = None
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder, f"{kind}.jsonl")
            run_alone(write_corpus, path, kind, size)
            kept, seconds, cpu, peak = run_alone(time_duplicates if only_duplicates else time_reading, path, kind)
            ratio = f"{cpu / before:.1f}" if before else "–"
            megabytes = path.stat().st_size / 1e6
            print(f"{size:>9} {kept:>9} {seconds:>9.1f} {cpu:>7.1f} {size / seconds:>8.0f}", end=" ")
            print(f"{megabytes / seconds:>6.2f} {peak:>8.2f} {ratio:>6}", flush=True)
            before = cpu


def run_alone(function: Any, *arguments: Any) -> Any:
    """What `function` returns in a fresh process, so that a peak of memory is its own."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def time_reading(path: Path, kind: str) -> tuple[int, float, float, float]:
    """Articles kept, seconds, processor seconds and peak memory (GB) of all that becomes of the file at `path`."""
    import yaml

    from frameshift.corpus.ingest import read_corpus

    settings = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))["corpus"]
    if kind == "headlines":
        settings |= {"columns": settings["columns"] | {"text": "title", "title": None}, "min_words": 1}
    started = time.perf_counter(), time.process_time()
    kept = read_corpus(path, settings).accounts["kept"]
    return kept, *_measure(started)


def time_duplicates(path: Path, kind: str) -> tuple[int, float, float, float]:
    """The same of marking the copies alone, with the articles in it."""
    import polars as pl

    from frameshift.corpus.duplicates import mark_duplicates

    text = pl.col("title" if kind == "headlines" else "text").alias("text")
    number = pl.row_index().cast(pl.String).alias("article_id")
    articles = pl.scan_ndjson(path).select(number, "source", "date", text).collect()
    started = time.perf_counter(), time.process_time()
    marked = mark_duplicates(articles, policy="per_source", similarity=0.5)
    return marked["duplicate_of"].null_count(), *_measure(started)


def write_corpus(path: Path, kind: str, size: int) -> None:
    """Write `size` invented articles as JSON lines; of headlines only the title."""
    with path.open("w", encoding="utf-8") as file:
        for i, (source, text) in enumerate(invent_articles(kind, size, np.random.default_rng(SEED))):
            day = f"{2015 + i * 8 // size}-{1 + i % 12:02}-{1 + i % 28:02}"
            fields = {"title": text} if kind == "headlines" else {"title": text[:60], "text": text}
            file.write(json.dumps({"source": f"Source {source:02}", "date": day} | fields) + "\n")


def invent_articles(kind: str, size: int, rng: np.random.Generator) -> Iterator[tuple[int, str]]:
    """Source and text of each article; words by Zipf's law, in sentences and paragraphs."""
    vocabulary = np.array(invent_words(50_000, rng))
    frequencies = 1 / (np.arange(len(vocabulary)) + 2.7)  # Mandelbrot's constant: the first word is no tenth of a text
    cumulative = np.cumsum(frequencies) / frequencies.sum()
    recent: list[np.ndarray] = []  # texts as numbers of words
    for _ in range(size):
        fate = rng.random()
        if recent and fate < EXACT + EDITED:
            words = recent[rng.integers(len(recent))]
            if fate > EXACT:
                words = edit(words, len(vocabulary), rng)
        else:
            words = np.searchsorted(cumulative, rng.random(rng.integers(*WORDS[kind], endpoint=True)))
            if len(recent) < RECENT:
                recent.append(words)
            else:
                recent[rng.integers(RECENT)] = words
        text = vocabulary[words].tolist()
        yield int(rng.integers(N_SOURCES)), " ".join(text) if kind == "headlines" else _punctuate(text)


def edit(words: np.ndarray, n_words: int, rng: np.random.Generator) -> np.ndarray:
    """`words` with a twentieth (at least one) of its places edited: replaced, left out or added to."""
    n_edits = max(1, round(EDITS * len(words)))
    places = rng.choice(len(words), n_edits, replace=False)
    replaced, omitted, added = np.array_split(places, np.sort(rng.integers(0, n_edits + 1, 2)))
    edited = words.copy()
    edited[replaced] = rng.integers(0, n_words, len(replaced))
    edited = np.insert(edited, added, rng.integers(0, n_words, len(added)))
    return np.delete(edited, omitted + np.searchsorted(np.sort(added), omitted, side="right"))


def invent_words(n: int, rng: np.random.Generator) -> list[str]:
    """Function words and, after them, `n` words that look like English to a detector of languages."""
    stems = list(product(BEGINNINGS.split(), MIDDLES.split(), ENDS.split(), SUFFIXES))
    return FUNCTION_WORDS.split() + ["".join(stems[i]) for i in rng.choice(len(stems), n, replace=False)]


def _punctuate(words: list[str]) -> str:
    """Sentences of 20 words, paragraphs of 4 sentences."""
    sentences = [" ".join(words[i : i + 20]).capitalize() + "." for i in range(0, len(words), 20)]
    return "\n\n".join(" ".join(sentences[i : i + 4]) for i in range(0, len(sentences), 4))


def _measure(started: tuple[float, float]) -> tuple[float, float, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return time.perf_counter() - started[0], time.process_time() - started[1], peak


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=list(WORDS))
    parser.add_argument("sizes", type=int, nargs="*")
    parser.add_argument("--only-duplicates", action="store_true", help="time the search for copies alone")
    given = parser.parse_args()
    main(given.kind, given.sizes or DEFAULT_SIZES[given.kind], only_duplicates=given.only_duplicates)
