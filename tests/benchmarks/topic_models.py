"""How good topic models are on one scorer, and what they cost: python tests/benchmarks/topic_models.py RUN [N]

Without N: the models as their authors' defaults have them (gensim's LdaModel and Nmf, BERTopic with English stop words)
and as this project fits them, on the articles and vectors of a finished run; words of three letters or more, no stop
words, no phrases, in at least 10 and at most half of the articles; ten words a topic; means over seeds. "own words" are
the heaviest by the model's own weights. With N: N articles are made by joining halves of two each, and the jobs of the
workflow run on them, one after the other; prints seconds and peak memory.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from frameshift.topics.bertopic import fit_bertopic
from frameshift.topics.coherence import diversity, score_coherence
from frameshift.topics.fits import tabulate_fits
from frameshift.topics.kmeans import fit_kmeans
from frameshift.topics.lda import fit_lda
from frameshift.topics.nmf import fit_nmf
from frameshift.topics.sample import read_vectors
from frameshift.topics.tokens import tokenise
from frameshift.topics.words import TOP_WORDS, heaviest

SIZES, SEEDS = [20, 40], list(range(1, 11))
WORDS = {"min_letters": 3, "min_articles": 10, "max_share": 0.5, "lemmas": False}
MODELS = {"lda": fit_lda, "nmf": fit_nmf, "kmeans": fit_kmeans, "bertopic": fit_bertopic}
JOB = """
import json, resource, sys
from frameshift.jobs import logged
sys.path.insert(0, "workflow/scripts")
class Given(dict):
    __getattr__ = dict.__getitem__
script, arguments = __import__(sys.argv[1]), json.loads(sys.argv[2])
plain = {"positional": list, "named": dict, "space": lambda given: Given(given)}
given = [plain[kind](value) if kind != "value" else value for kind, value in arguments["args"]]
with logged(sys.argv[3]):
    script.main(*given, **arguments["more"])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def compare(run: str) -> None:
    tokens = tokenise(pl.read_parquet(f"{run}/corpus/articles.parquet"), phrases=False, **WORDS)
    vectors = read_vectors(tokens.articles, f"{run}/embeddings/ids.parquet", f"{run}/embeddings/articles.npy")
    print(
        "| model | topics | NPMI | C_v | diversity | exclusivity | stability | agreement | unassigned | seconds a fit |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, k, fit in peers(tokens, run, vectors):
        started = time.perf_counter()
        words, unassigned = fit()
        seconds = time.perf_counter() - started
        tops = heaviest(words, TOP_WORDS)
        npmi, c_v = score_coherence(tops, tokens)
        print(
            f"| {name} | {k or len(words)} | {npmi.mean():.3f} | {c_v.mean():.3f} | {diversity(tops):.2f} | | | | ",
            end="",
        )
        print(f"{unassigned:.0%} | {seconds:.1f} |", flush=True)
    for name, fit_model in MODELS.items():
        inputs = (vectors, tokens) if name in ("kmeans", "bertopic") else (tokens,)
        scores = tabulate_fits(fit_model(*inputs, n_topics=SIZES, seeds=SEEDS), name, tokens)[0]
        for (setting,), rows in scores.group_by("setting", maintain_order=True):
            mean = rows.select(pl.col(pl.Float64).mean()).row(0, named=True)
            print(f"| {name} | {setting.removeprefix('n_topics=')} | {mean['npmi']:.3f} | {mean['c_v']:.3f} | ", end="")
            print(f"{mean['diversity']:.2f} | {mean['exclusivity']:.2f} | {mean['stability']:.2f} | ", end="")
            print(f"{mean['agreement']:.2f} | {1 - mean['coverage']:.1%} | {mean['seconds']:.1f} |", flush=True)


def peers(tokens, run: str, vectors: np.ndarray):
    """Name, number of topics, and a function that fits and gives word weights and the share that is unassigned."""
    from bertopic import BERTopic
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel, Nmf
    from sklearn.feature_extraction.text import CountVectorizer

    corpus = list(Sparse2Corpus(tokens.counts, documents_columns=False))
    common = {"id2word": dict(enumerate(tokens.vocabulary)), "passes": 5, "random_state": 1}
    for k in SIZES:
        yield "gensim LdaModel, own words", k, lambda k=k: (LdaModel(corpus, num_topics=k, **common).get_topics(), 0)
        yield "gensim Nmf, own words", k, lambda k=k: (Nmf(corpus, num_topics=k, **common).get_topics(), 0)
    texts = [" ".join(tokens.vocabulary[word] for word in tokens.words[slice(*tokens.starts[i : i + 2])])
             for i in range(len(tokens.articles))]  # fmt: skip

    def default():
        counting = CountVectorizer(vocabulary=tokens.vocabulary, analyzer=str.split)
        model = BERTopic(language="multilingual", vectorizer_model=counting)  # "english" drops words with accents
        topic, _ = model.fit_transform(texts, embeddings=vectors)
        return np.asarray(model.c_tf_idf_[1:].todense()), np.mean(np.array(topic) == -1)

    yield "BERTopic, defaults, own words", None, default


def enlarge(run: str, n: int, folder: Path) -> None:
    """Write articles, ids and vectors of `n` articles, each of the halves of two of the run's."""
    kept = pl.read_parquet(f"{run}/corpus/articles.parquet").filter(pl.col("duplicate_of").is_null())
    vectors = read_vectors(
        kept["article_id"].to_list(), f"{run}/embeddings/ids.parquet", f"{run}/embeddings/articles.npy"
    )
    rng = np.random.default_rng(1)
    near = np.argsort(-(vectors @ vectors.T), axis=1)[:, :200]  # of one topic, more or less
    left = rng.integers(0, len(kept), n)
    right = near[left, rng.integers(0, near.shape[1], n)]
    ids = sorted(f"{number:032x}" for number in rng.integers(0, 2**62, n))
    halves = (
        kept["text"].str.slice(0, kept["text"].str.len_chars() // 2),
        kept["text"].str.slice(kept["text"].str.len_chars() // 2),
    )
    articles = pl.DataFrame(
        {"article_id": ids, "title": kept["title"][left], "text": halves[0][left] + halves[1][right]}
    )
    articles = articles.with_columns(
        language=pl.lit("en"), duplicate_of=pl.lit(None, pl.String), wire_cluster="article_id"
    )
    articles.write_parquet(folder / "articles.parquet")
    pl.DataFrame({"article_id": ids}).write_parquet(folder / "ids.parquet")
    mixed = vectors[left] + vectors[right] + rng.normal(0, 0.02, (n, vectors.shape[1])).astype(np.float32)
    np.save(folder / "vectors.npy", mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def run_jobs(run: str, n: int) -> None:
    with TemporaryDirectory() as home:
        folder = Path(home)
        enlarge(run, n, folder)
        path = {
            name: str(folder / name) for name in ("articles.parquet", "ids.parquet", "vectors.npy", "tokens.parquet")
        }
        data = {"tokens": path["tokens.parquet"], "ids": path["ids.parquet"], "vectors": path["vectors.npy"]}
        limits = {**WORDS, "phrases": True}
        total = job("split_words", [("value", path["articles.parquet"]), ("value", data["tokens"])], folder, limits)
        params = {"n_topics": [10, 20, 30], "seeds": SEEDS, "sample": 5000, "refit": True}
        outputs = {}
        for model in MODELS:
            tables = {name: str(folder / f"{model}.{name}.parquet") for name in ("scores", "topics", "assignments")}
            outputs[model] = {**tables, "parameters": str(folder / f"{model}.npz")}
            total += job(f"fit_{model}", [("space", data), ("named", outputs[model]), ("space", params)], folder)
        selection, by = str(folder / "selection.parquet"), ["npmi", "exclusivity", "stability"]
        scores = [outputs[model]["scores"] for model in MODELS]
        total += job("select_topics", [("positional", scores), ("value", selection), ("value", by)], folder)
        for model in MODELS:
            inputs = {**outputs[model], **data, "selection": selection, "articles": path["articles.parquet"]}
            names = {"topics": "parquet", "assignments": "parquet", "weights": "npy"}
            output = {name: str(folder / f"{model}.all.{name}.{end}") for name, end in names.items()}
            total += job(
                "assign_topics", [("space", inputs), ("space", output), ("value", model), ("named", {})], folder
            )
        print(f"all jobs, one after the other: {total / 60:.1f} minutes")


def job(script: str, args: list, folder: Path, more: dict | None = None) -> float:
    started = time.perf_counter()
    given = json.dumps({"args": args, "more": more or {}})
    command = [sys.executable, "-c", JOB, script, given, str(folder / "job.log")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    seconds = time.perf_counter() - started
    print(f"{script}: {seconds:.1f} s, peak memory {int(said[-1]) / 1024:,.0f} MB", flush=True)
    return seconds


if __name__ == "__main__":
    run_jobs(sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 2 else compare(sys.argv[1])
