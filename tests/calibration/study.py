"""The calibration study: how often intervals cover and tests err, on corpora drawn from the demo's plan.

    python tests/calibration/study.py [--replications 2000] [--minutes 600] [--processes 2]

Each replication draws one corpus without any text and lets every comparison loose on the true flags. Without planted
effects every change, trend, break, event and part of a change that passes is a false one; with them the attack, the
law, the trend and the mix are to be found. Replications are kept in results/calibration/, so that an interrupted study
goes on; then results.csv, results.png and the table in README.md are written anew.
"""

import argparse
import json
import sys
import time
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "workflow")]

from planned import draw_articles, true_outcomes, true_scores, week_date  # noqa: E402
from study_results import write_results  # noqa: E402

from frameshift.comparisons.changepoints import find_changepoints  # noqa: E402
from frameshift.comparisons.contrasts import test_contrasts as contrast  # noqa: E402
from frameshift.comparisons.decomposition import decompose  # noqa: E402
from frameshift.comparisons.events import study_events  # noqa: E402
from frameshift.comparisons.prevalence import estimate_prevalence  # noqa: E402
from frameshift.comparisons.series import weekly_panels  # noqa: E402
from frameshift.comparisons.trends import test_trends as trend  # noqa: E402
from frameshift.demo.knobs import ISSUE, SOURCES, TOPICS, Knobs  # noqa: E402
from frameshift.demo.plan import draw_plan  # noqa: E402
from frameshift.demo.truth import truth_tables  # noqa: E402
from frameshift.tables import ALL_SOURCES  # noqa: E402

STORE = HERE.parents[1] / "results" / "calibration"
# (autocorrelation of the weeks, articles, planted effects as a multiple of the demo's)
SETTINGS = [*product((0.0, 0.5, 0.8), (2500, 10400), (0.0,)), *product((0.5,), (2500, 10400), (1.0,))]
DRAWS = 300  # of the null of the breaks; the run takes 1,000
SPLIT = Knobs().mix_week
ATTACK, LAW = Knobs().attack_week, Knobs().law_week
MISS = 13  # weeks by which the date of a break may be off
Outcome = tuple[str, str, float]  # method, quantity, 1 or 0


def make_knobs(setting: tuple[float, int, float], seed: int) -> Knobs:
    phi, articles, effect = setting
    return Knobs(seed=seed, week_phi=phi, articles=articles, effect=effect)


@lru_cache(maxsize=2)
def expect_cells(setting: tuple[float, int, float]) -> pl.DataFrame:
    """What is expected of every cell; it is the same for every draw."""
    cells = truth_tables(draw_plan(make_knobs(setting, 1)))["cells"]
    return cells.select("frame", "given", "source", "grain", "period", "weighting", "expected")


def replicate(setting: tuple[float, int, float], seed: int) -> list[Outcome]:
    """One corpus: whether each interval covers and each test passes."""
    articles = draw_articles(make_knobs(setting, seed))
    scores, outcomes = true_scores(articles), true_outcomes(articles)
    panels, _ = weekly_panels(outcomes, articles, min_articles=20)
    if setting[-1]:
        found = find_planted(scores, articles, outcomes, panels)
    else:
        found = find_nothing(scores, articles, outcomes, panels, seed)
    return [*cover_cells(scores, articles, setting), *found]


def cover_cells(scores: pl.DataFrame, articles: pl.DataFrame, setting) -> Iterator[Outcome]:
    """Coverage of the expected rate in every cell with an interval."""
    cells, _ = estimate_prevalence(
        scores, articles, measure="true", grains=["quarter", "year"], given=[ISSUE], min_articles=20, scale="share"
    )
    key = ["frame", "given", "source", "grain", "period", "weighting"]
    known = cells.filter(pl.col("low").is_not_null()).join(expect_cells(setting), on=key, nulls_equal=True)
    known = known.filter(pl.col("weighting") == "article")
    covered = pl.col("expected").is_between("low", "high").mean()
    of_issue = pl.col("given").is_not_null()
    for grain, within, share in known.group_by("grain", of_issue, maintain_order=True).agg(covered).rows():
        name = {"all": "the whole span", "year": "a year", "quarter": "a quarter"}[grain]
        yield "prevalence", f"coverage, {name}{', given the issue' if within else ''}", share


def find_nothing(scores, articles, outcomes, panels, seed: int) -> Iterator[Outcome]:
    """False positives: shares of the tests that pass at 5% where nothing was planted."""
    day = str(week_date(LAW))
    compared = (("threat", None), ("security", None), ("security", ISSUE))
    findings = [
        _declare(f"{source} {weeks} {frame} {given}", frame, given, source, day, weeks, family=f"f{weeks}")
        for source in (*SOURCES.values(), ALL_SOURCES)
        for frame, given in compared
        for weeks in (13, 26, 52, None)
    ]
    tested, _ = contrast(
        scores, articles, findings, measure="true", given=[ISSUE], min_articles=20, scale="share", groups={}
    )
    changes = tested.filter(pl.col("kind") == "change", pl.col("p").is_not_null())
    for family, part in changes.group_by("family", maintain_order=True):
        said = "all weeks" if family[0] == "fNone" else f"{family[0][1:]} weeks"
        yield "change", f"false positives, {said} on each side", (part["p"] < 0.05).mean()
    yield "change", "coverage, 52 weeks on each side", _covers_zero(changes.filter(pl.col("family") == "f52"))
    small = changes.filter(pl.col("source") == SOURCES["E"])
    if len(small):
        yield "change", "the small outlet flagged (any q < .05)", float((small["q"] < 0.05).any())

    tests, _ = trend(panels, [], scale="share", family="t")
    p = np.array([row["p"] for row in tests if row["family"] == "t"])
    yield "trend", "false positives", np.mean(p < 0.05)
    against = [row["p"] for row in tests if row["family"] != "t"]
    yield "trend", "false positives, against the rest", np.mean(np.array(against) < 0.05)

    breaks, _ = find_changepoints(panels, scale="share", draws=DRAWS, seed=seed)
    first = breaks.filter(pl.col("rank") == 1)
    yield "break", "false positives", (first["p"] < 0.05).mean()

    events = [{"name": "one", "date": day}]
    responses, _ = study_events(panels, events, [], scale="share", reference=None)
    mean = responses.filter(pl.col("lag").is_null(), pl.col("p").is_not_null())
    for (design,), part in mean.group_by("design", maintain_order=True):
        yield "event", f"false positives, {design}", (part["p"] < 0.05).mean()

    parts = _decompose(outcomes, articles)
    changed = parts.filter(pl.col("kind") == "change", pl.col("p").is_not_null())
    for (part,), rows in changed.group_by("part", maintain_order=True):
        yield "decomposition", f"false positives, {part}", (rows["p"] < 0.05).mean()


def find_planted(scores, articles, outcomes, panels) -> Iterator[Outcome]:
    """What is found of what was planted, and of D's change of mix."""
    attack, law, split = (str(week_date(week)) for week in (ATTACK, LAW, SPLIT))
    findings = [
        _declare("power, attack", "threat", None, ALL_SOURCES, attack, 13),
        _declare("power, law in A", "security", ISSUE, SOURCES["A"], law, None),
        _declare("power, law in B", "security", ISSUE, SOURCES["B"], law, None),
        _declare("nothing in C", "security", ISSUE, SOURCES["C"], law, None),
        _declare("nothing in E", "security", None, SOURCES["E"], split, None),
    ]
    tested, _ = contrast(
        scores, articles, findings, measure="true", given=[ISSUE], min_articles=20, scale="share", groups={}
    )
    for row in tested.filter(pl.col("finding").is_not_null(), pl.col("p").is_not_null()).iter_rows(named=True):
        yield "change", row["finding"], row["p"] < 0.05
    finding = {"name": "c", "frame": "threat", "given": ISSUE, "source": SOURCES["C"], "kind": "trend"}
    tests, _ = trend(panels, [finding | {"family": "f", "expect": "rise"}], scale="share", family="t")
    yield from (("trend", "power, trend in C", row["p"] < 0.05) for row in tests if row["finding"] == "c")
    among = [panel for panel in panels if (panel.frame, panel.given) == ("security", ISSUE)]
    breaks, _ = find_changepoints(among, scale="share", draws=DRAWS, seed=1)
    for outlet in "AB":
        for row in breaks.filter(pl.col("source") == SOURCES[outlet], pl.col("rank") == 1).iter_rows(named=True):
            near = abs((row["date"] - week_date(LAW)).days) <= 7 * MISS
            yield "break", f"power, law in {outlet}, dated within 13 weeks", near and row["p"] < 0.05
    events = [{"name": "Attack", "date": attack}]
    responses, _ = study_events(panels, events, [], scale="share", reference=None)
    chosen = responses.filter(pl.col("lag").is_null(), pl.col("p").is_not_null(), pl.col("frame") == "threat",
                              pl.col("given").is_null(), pl.col("source") == ALL_SOURCES)  # fmt: skip
    yield from (("event", "power, attack", p < 0.05) for p in chosen["p"])
    changed = _decompose(outcomes, articles).filter(pl.col("kind") == "change", pl.col("p").is_not_null())
    names = {"mix": "power, mix in D", "within": "pure mix called framing, D", "total": "power, total in D"}
    for row in changed.filter(pl.col("source") == SOURCES["D"], pl.col("frame") == ISSUE).iter_rows(named=True):
        yield "decomposition", names[row["part"]], row["p"] < 0.05


def _declare(name, frame, given, source, day, weeks, *, family="f") -> dict:
    """A declared change."""
    named = {"name": name, "frame": frame, "given": given, "source": source, "family": family}
    return named | {"kind": "change", "date": day, "weeks": weeks, "expect": "none"}


def _decompose(outcomes: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """The two-fold rows by the true topics."""
    number = pl.col("topic").replace_strict(list(TOPICS), range(len(TOPICS)), return_dtype=pl.Int64)
    names = pl.DataFrame({"topic": range(len(TOPICS)), "label": list(TOPICS), "words": list(TOPICS), "stability": 1.0})
    table, _, _ = decompose(outcomes, articles, {"lda": [articles.select("article_id", number)]}, {"lda": names}, [],
                            scale="share", split=week_date(SPLIT), patterns={}, min_articles=20)  # fmt: skip
    return table.filter(pl.col("form") == "two-fold")


def _covers_zero(rows: pl.DataFrame) -> float:
    known = rows.filter(pl.col("low").is_not_null())
    return ((known["low"] <= 0) & (known["high"] >= 0)).mean()


def run(setting_and_seed) -> tuple[str, list[tuple]]:
    setting, seed = setting_and_seed
    return name_setting(setting), [(seed, *outcome) for outcome in replicate(setting, seed)]


def name_setting(setting: tuple[float, int, float]) -> str:
    phi, articles, effect = setting
    return f"{phi}_{articles}_{'planted' if effect else 'nothing'}"


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
    done = {name_setting(setting): set(read_kept(name_setting(setting))["seed"]) for setting in SETTINGS}
    # All settings advance together, so that a study that is stopped says something of each; each has draws of its own.
    first = {name: zlib.crc32(name.encode()) for name in done}
    jobs = [
        (setting, first[name_setting(setting)] + number)
        for number in range(options.replications)
        for setting in SETTINGS
    ]
    jobs = [(setting, seed) for setting, seed in jobs if seed not in done[name_setting(setting)]]
    end = time.monotonic() + 60 * options.minutes
    with get_context("spawn").Pool(options.processes) as pool:  # polars does not survive a fork
        for name, rows in pool.imap_unordered(run, jobs, chunksize=1):
            keep(name, rows)
            if time.monotonic() > end:
                pool.terminate()
                break
    write_results({name_setting(setting): (setting, read_kept(name_setting(setting))) for setting in SETTINGS}, HERE)


if __name__ == "__main__":
    main()
