"""Time and memory of every comparison, each job in a process of its own, as the workflow runs it:

python tests/benchmarks/comparisons.py results/demo           # a finished run of this checkout
python tests/benchmarks/comparisons.py articles 1000000       # an invented run of so many articles

Prints a table. Seconds and processor seconds count the imports. What an invented run
has is said in invented_run.py.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from read_corpus import run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))


class Given(dict):
    """What Snakemake gives a script: values by name, as attributes and by `get`."""

    __getattr__ = dict.__getitem__


def main(run: str, size: int | None) -> None:
    with tempfile.TemporaryDirectory() as home:
        if size is None:
            config = run_alone(read_config, run)
        else:
            run, started = f"{home}/run", time.perf_counter()
            config = run_alone(invent, run, size)
            written = sum(file.stat().st_size for file in Path(run).rglob("*.*") if file.is_file())
            print(f"{size:,} articles invented in {time.perf_counter() - started:.0f} s, {written / 1e9:.1f} GB")
        print(f"{'job':<22} {'seconds':>8} {'cpu':>8} {'peak MB':>8}")
        total = [0.0, 0.0]
        for script, *given in list_jobs(run, f"{home}/comparisons", config):
            seconds, cpu, peak = run_alone(run_job, script, *given)
            total = [total[0] + seconds, total[1] + cpu]
            print(f"{script:<22} {seconds:>8.1f} {cpu:>8.1f} {peak:>8.0f}", flush=True)
        print(f"{'sum':<22} {total[0]:>8.1f} {total[1]:>8.1f}")


def invent(run: str, size: int) -> dict:
    from invented_run import invent_run

    return invent_run(run, size)


def read_config(run: str) -> dict:
    """The configuration of a finished run."""
    from frameshift.check import complete_config
    from frameshift.schema import read_yaml

    own = ROOT / "config" / f"{Path(run).name}.yaml"
    return complete_config(read_yaml(own), own)


def run_job(script: str, inputs: dict, output: dict, params: dict) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak memory (MB) of a job."""
    started = time.perf_counter(), time.process_time()
    sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
    __import__(script).main(Given(inputs), Given(output), Given(params))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - started[0], time.process_time() - started[1], peak


def list_jobs(run: str, home: str, config: dict) -> list[tuple[str, dict, dict, dict]]:
    """Script, inputs, outputs and parameters of each job, in the order of the workflow (rules/comparisons.smk).

    Inputs are the tables of the folder `run`; what a job writes goes to the folder `home`.
    """
    from frameshift.frames.codebook import load_codebook

    compared, primary = config["comparisons"], config["topics"]["primary"]
    models = [primary, *(model for model in config["topics"]["models"] if model != primary)]
    corrected = bool(config["frames"]["labels"]) and compared["measure"] == "combined"
    by_finding = {"findings": config["findings"]}
    common = {key: compared[key] for key in ("measure", "given", "min_articles")}
    common |= {"groups": config["corpus"]["groups"], "seed": config["seed"], "draws": compared["draws"]}
    read = {
        name: f"{run}/{path}"
        for name, path in {
            "articles": "corpus/articles.parquet", "passages": "corpus/passages.parquet",
            "frames": "frames/articles.parquet", "scores": "frames/passages.parquet",
            "shares": "frames/passages.parquet",
            "tokens": "topics/tokens.parquet", "vectors": "embeddings/vectors.npy", "ids": "embeddings/ids.parquet",
            "selection": "topics/selection.parquet", "labels": "frames/labels.parquet",
        }.items()
    }  # fmt: skip
    read |= {"codebook": config["frames"]["codebook"], "events": config["events"]}
    topics = {
        "assignments": [f"{run}/topics/{model}/assignments.parquet" for model in models],
        "topics": [f"{run}/topics/{model}/topics.parquet" for model in models],
        "fits": [f"{run}/topics/{model}/fits/assignments.parquet" for model in models],
    }
    coded = {}
    jobs = []

    def add(script: str, inputs: dict, params: dict, *others: str) -> None:
        table = script.partition("_")[2]
        names = {"table": table, "omitted": f"omitted/{table}", **{other: f"{table}_{other}" for other in others}}
        jobs.append((script, inputs, {name: f"{home}/{path}.parquet" for name, path in names.items()}, params))

    if corrected:
        joint = {"joint": f"{run}/frames/joint.parquet"}
        add("correct_outcomes", read | joint | {"articles": read["frames"]}, common, "attenuation")
        coded = {"outcomes": f"{home}/outcomes.parquet", "attenuation": f"{home}/outcomes_attenuation.parquet"}
    add("estimate_prevalence", read | topics | coded, common | {"models": models, "grain": compared["grain"]})
    add("estimate_trends", read | coded, common | _of_kind(config, "trend"), "tests")
    add("find_changepoints", read, common)
    add("study_events", read, common | _of_kind(config, "event") | {"reference": compared["reference"]})
    splitting = {"models": models, "split": compared["split"]}
    add("decompose_changes", read | topics, common | _of_kind(config, "mix", "within") | splitting, "topics")
    elsewhere = {"trends": "trends_tests", "events": "events", "decomposition": "changes"}
    elsewhere = {name: f"{home}/{file}.parquet" for name, file in elsewhere.items()}
    add("test_contrasts", read | coded | elsewhere, common | by_finding | {"smallest": compared["smallest"]})
    words = config["topics"]["words"]
    language = {"threshold": config["frames"]["given_threshold"], "top": compared["words"]}
    language |= {"contexts": compared["contexts"], **{key: words[key] for key in ("min_letters", "lemmas")}}
    add("compare_words", read | (joint if corrected else {}), common | language, "contexts")
    entries = {"entries": list(load_codebook(config["frames"]["codebook"])), "most": config["figures"]["sources"]}
    add("measure_distances", read | {"assignments": topics["assignments"][0]}, common | entries)
    return jobs


def _of_kind(config: dict, *kinds: str) -> dict:
    return {"findings": [finding for finding in config["findings"] if finding["kind"] in kinds]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="the folder of a finished run, or `articles`")
    parser.add_argument("size", type=int, nargs="?", help="articles to invent")
    asked = parser.parse_args()
    main(asked.run, asked.size)
