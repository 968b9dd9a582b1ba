"""The calibration study: how often intervals cover and tests err, on corpora drawn from the demo's plan.

    python tests/calibration/study.py [--replications 2000] [--minutes 600] [--processes 2]

Each replication draws one corpus without any text and lets every comparison loose on the true flags (study_corpus.py).
Without planted effects every change, trend, break, event and part of a change that passes is a false one; with them the
attack, the law, the trend and the mix are to be found. Corpora with coded passages (labelled.py) say whether corrected
shares cover. Replications are kept in results/calibration/, so that an interrupted study goes on; then results.csv,
results.png and the table in README.md are written anew.
"""

import argparse
import json
import sys
import time
import zlib
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "workflow")]

from study_corpus import Setting, replicate  # noqa: E402
from study_results import write_results  # noqa: E402

STORE = HERE.parents[1] / "results" / "calibration"
PROMISED, REPORTED = (0.0, 0.5), (0.8,)  # autocorrelations of the weeks
SIZES = (2500, 10400)  # articles
LABELLED = 832  # articles of labelled.py: 104 weeks of 8
LEVELS = [Setting(*each) for each in product(PROMISED, SIZES)]
LABELS = [Setting(phi, LABELLED, labelled=True) for phi in PROMISED]
OTHERS = [
    *(Setting(*each) for each in product(REPORTED, SIZES)),
    *(Setting(0.5, size, effect=1.0) for size in SIZES),
    *(Setting(phi, LABELLED, labelled=True) for phi in REPORTED),
]
# False positives take all replications, corrected shares half, power and what is only reported a fifth.
PARTS = {1.0: LEVELS, 0.5: LABELS, 0.2: OTHERS}
SETTINGS = [(setting, part) for part, settings in PARTS.items() for setting in settings]


def run(setting_and_seed) -> tuple[str, list[tuple]]:
    setting, seed = setting_and_seed
    return setting.name, [(seed, *outcome) for outcome in replicate(setting, seed)]


def keep(name: str, rows: list[tuple]) -> None:
    """Add a corpus to what is kept of a setting: one line, so that a kill leaves it whole or not at all."""
    STORE.mkdir(parents=True, exist_ok=True)
    with (STORE / f"{name}.jsonl").open("a") as file:
        file.write(
            json.dumps([(seed, method, quantity, float(value)) for seed, method, quantity, value in rows]) + "\n"
        )


def read_kept(name: str) -> pl.DataFrame:
    """seed, method, quantity, value of the corpora of a setting; a line that a kill cut off is passed over."""
    path = STORE / f"{name}.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    rows = [row for line in lines for row in _parse(line)]
    schema = {"seed": pl.Int64, "method": pl.String, "quantity": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").unique(["seed", "method", "quantity"], maintain_order=True)


def _parse(line: str) -> list:
    try:
        return json.loads(line)
    except json.JSONDecodeError:  # cut off, and a later call went on in the same line
        return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=2000, help="corpora of each setting")
    parser.add_argument("--minutes", type=float, default=600, help="stop after so many")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    done = {setting.name: set(read_kept(setting.name)["seed"]) for setting, _ in SETTINGS}
    # All settings advance together, so that a study that is stopped says something of each; each has draws of its own.
    first = {name: zlib.crc32(name.encode()) for name in done}
    jobs = [
        (setting, first[setting.name] + number)
        for number in range(options.replications)
        for setting, part in SETTINGS
        if number < part * options.replications
    ]
    jobs = [(setting, seed) for setting, seed in jobs if seed not in done[setting.name]]
    end = time.monotonic() + 60 * options.minutes
    with get_context("spawn").Pool(options.processes) as pool:  # polars does not survive a fork
        for name, rows in pool.imap_unordered(run, jobs, chunksize=1):
            keep(name, rows)
            if time.monotonic() > end:
                pool.terminate()
                break
    write_results([(setting, read_kept(setting.name)) for setting, _ in SETTINGS], HERE)


if __name__ == "__main__":
    main()
