"""What one corpus of the calibration study says: which intervals cover, and which tests pass."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
from expected import Expected, difference, parts
from labelled import World, estimate
from planned import draw_articles, true_outcomes, true_scores, week_date

from frameshift.comparisons.changepoints import find_changepoints
from frameshift.comparisons.contrasts import test_contrasts as contrast
from frameshift.comparisons.decomposition import decompose
from frameshift.comparisons.events import study_events
from frameshift.comparisons.prevalence import estimate_prevalence
from frameshift.comparisons.series import weekly_panels
from frameshift.comparisons.trends import test_trends as trend
from frameshift.demo.knobs import ISSUE, SOURCES, TOPICS, Knobs
from frameshift.demo.plan import draw_plan
from frameshift.demo.truth import truth_tables
from frameshift.tables import ALL_SOURCES

DRAWS = 300  # of the null of the breaks; the run takes 1,000
SPLIT = Knobs().mix_week
ATTACK, LAW = Knobs().attack_week, Knobs().law_week
MISS = 13  # weeks by which the date of a break may be off
Outcome = tuple[str, str, float]  # method, quantity, 1 or 0


class Setting(NamedTuple):
    """Weeks of this autocorrelation, so many articles, and the demo's planted effects times `effect`; or the corpora of
    labelled.py, of which only corrected shares are asked for."""

    phi: float
    articles: int
    effect: float = 0.0
    labelled: bool = False

    @property
    def name(self) -> str:
        kind = "labelled" if self.labelled else "planted" if self.effect else "nothing"
        return f"{self.phi}_{self.articles}_{kind}"


def replicate(setting: Setting, seed: int) -> list[Outcome]:
    """One corpus: whether each interval covers and each test passes."""
    if setting.labelled:
        return list(cover_corrected(setting, seed))
    articles = draw_articles(make_knobs(setting, seed))
    scores, outcomes = true_scores(articles), true_outcomes(articles)
    panels, _ = weekly_panels(outcomes, articles, min_articles=20)
    if setting.effect:
        findings, find = declare_planted(), find_planted
    else:
        findings, find = declare_nothing(), find_nothing
    tested, _ = contrast(
        scores, articles, findings, measure="true", given=[ISSUE], min_articles=20, scale="share", groups={}
    )
    split = _decompose(outcomes, articles)
    covered = [
        *cover_cells(scores, articles, setting),
        *cover_differences(tested, findings, setting),
        *cover_parts(split, setting),
    ]
    return [*covered, *find(tested, split, panels, seed)]


def make_knobs(setting: Setting, seed: int) -> Knobs:
    return Knobs(seed=seed, week_phi=setting.phi, articles=setting.articles, effect=setting.effect)


@cache
def expect_cells(setting: Setting) -> pl.DataFrame:
    """What is expected of every cell; it is the same for every draw."""
    cells = truth_tables(draw_plan(make_knobs(setting, 1)))["cells"]
    return cells.select("frame", "given", "source", "grain", "period", "weighting", "expected")


@cache
def expect(setting: Setting) -> Expected:
    return Expected(make_knobs(setting, 1))


def cover_cells(scores: pl.DataFrame, articles: pl.DataFrame, setting: Setting) -> Iterator[Outcome]:
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


def cover_differences(tested: pl.DataFrame, findings: list[dict], setting: Setting) -> Iterator[Outcome]:
    """Coverage of the expected change by declared changes, and of the expected gap of every source."""
    known, declared = expect(setting), {finding["name"]: finding for finding in findings}
    covered: dict[str, list[bool]] = {}
    for row in tested.filter(pl.col("low").is_not_null()).iter_rows(named=True):
        about = row["frame"], row["given"], row["source"]
        if row["kind"] == "gap":
            name, sides = "gap", known.gap(*about)
        else:
            name, sides = "change", known.change(*about, **_windows(declared[row["finding"]], known))
        covered.setdefault(name, []).append(row["low"] <= difference(*sides) <= row["high"])
    yield from ((name, "coverage", np.mean(each)) for name, each in covered.items())


def _windows(finding: dict, known: Expected) -> dict:
    middle, weeks = finding["middle"], finding["weeks"]
    span = (known.start, known.end) if weeks is None else (week_date(middle - weeks), week_date(middle + weeks))
    return {"middle": week_date(middle), "span": span}


def cover_parts(split: pl.DataFrame, setting: Setting) -> Iterator[Outcome]:
    """Coverage of the expected mix, within and total of every source's change and gap."""
    known = expect(setting)
    covered: dict[str, list[bool]] = {}
    for row in split.filter(pl.col("low").is_not_null()).iter_rows(named=True):
        about = row["frame"], row["given"], row["source"]
        if row["kind"] == "gap":
            sides = known.gap(*about)
        else:
            sides = known.change(*about, middle=week_date(SPLIT), span=(known.start, known.end))
        expected = parts(*sides)["two-fold", row["part"]]
        covered.setdefault(f"coverage, {row['part']} of a {row['kind']}", []).append(
            row["low"] <= expected <= row["high"]
        )
    yield from (("decomposition", name, np.mean(each)) for name, each in covered.items())


def cover_corrected(setting: Setting, seed: int) -> Iterator[Outcome]:
    """Coverage of the expected rate by corrected shares over the whole span, by estimator."""
    world = World(seed, autocorrelation=setting.phi, replications=1)
    cells = estimate(world, world.tables())
    truth = pl.when(pl.col("given").is_null()).then(world.truth[None]).otherwise(world.truth["issue"])
    cells = cells.filter(pl.col("low").is_not_null()).with_columns(covered=truth.is_between("low", "high"))
    of_issue = pl.col("given").is_not_null()
    for (estimator, within), part in cells.group_by("estimator", of_issue, maintain_order=True):
        yield "corrected share", f"coverage, {estimator}{', given the issue' if within else ''}", part["covered"].mean()


def declare_nothing() -> list[dict]:
    """Changes at the law's date of every source, over 13, 26, 52 and all weeks on each side."""
    compared = (("threat", None), ("security", None), ("security", ISSUE))
    return [
        _declare(f"{source} {weeks} {frame} {given}", frame, given, source, LAW, weeks, family=f"f{weeks}")
        for source in (*SOURCES.values(), ALL_SOURCES)
        for frame, given in compared
        for weeks in (13, 26, 52, None)
    ]


def find_nothing(tested, split, panels, seed: int) -> Iterator[Outcome]:
    """False positives: shares of the tests that pass at 5% where nothing was planted."""
    changes = tested.filter(pl.col("kind") == "change", pl.col("p").is_not_null())
    for family, part in changes.group_by("family", maintain_order=True):
        said = "all weeks" if family[0] == "fNone" else f"{family[0][1:]} weeks"
        yield "change", f"false positives, {said} on each side", (part["p"] < 0.05).mean()
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

    responses, _ = study_events(
        panels, [{"name": "one", "date": str(week_date(LAW))}], [], scale="share", reference=None
    )
    mean = responses.filter(pl.col("lag").is_null(), pl.col("p").is_not_null())
    for (design,), part in mean.group_by("design", maintain_order=True):
        yield "event", f"false positives, {design}", (part["p"] < 0.05).mean()

    changed = split.filter(pl.col("kind") == "change", pl.col("p").is_not_null())
    for (part,), rows in changed.group_by("part", maintain_order=True):
        yield "decomposition", f"false positives, {part}", (rows["p"] < 0.05).mean()


def declare_planted() -> list[dict]:
    """The changes that were planted, and two that were not."""
    return [
        _declare("power, attack", "threat", None, ALL_SOURCES, ATTACK, 13),
        _declare("power, law in A", "security", ISSUE, SOURCES["A"], LAW, None),
        _declare("power, law in B", "security", ISSUE, SOURCES["B"], LAW, None),
        _declare("nothing in C", "security", ISSUE, SOURCES["C"], LAW, None),
        _declare("nothing in E", "security", None, SOURCES["E"], SPLIT, None),
    ]


def find_planted(tested, split, panels, seed: int) -> Iterator[Outcome]:
    """What is found of what was planted, and of D's change of mix."""
    for row in tested.filter(pl.col("finding").is_not_null(), pl.col("p").is_not_null()).iter_rows(named=True):
        yield "change", row["finding"], row["p"] < 0.05
    finding = {"name": "c", "frame": "threat", "given": ISSUE, "source": SOURCES["C"], "kind": "trend"}
    tests, _ = trend(panels, [finding | {"family": "f", "expect": "rise"}], scale="share", family="t")
    yield from (("trend", "power, trend in C", row["p"] < 0.05) for row in tests if row["finding"] == "c")
    among = [panel for panel in panels if (panel.frame, panel.given) == ("security", ISSUE)]
    breaks, _ = find_changepoints(among, scale="share", draws=DRAWS, seed=seed)
    for outlet in "AB":
        for row in breaks.filter(pl.col("source") == SOURCES[outlet], pl.col("rank") == 1).iter_rows(named=True):
            near = abs((row["date"] - week_date(LAW)).days) <= 7 * MISS
            yield "break", f"power, law in {outlet}, dated within 13 weeks", near and row["p"] < 0.05
    events = [{"name": "Attack", "date": str(week_date(ATTACK))}]
    responses, _ = study_events(panels, events, [], scale="share", reference=None)
    chosen = responses.filter(pl.col("lag").is_null(), pl.col("p").is_not_null(), pl.col("frame") == "threat",
                              pl.col("given").is_null(), pl.col("source") == ALL_SOURCES)  # fmt: skip
    yield from (("event", "power, attack", p < 0.05) for p in chosen["p"])
    changed = split.filter(pl.col("kind") == "change", pl.col("p").is_not_null())
    names = {"mix": "power, mix in D", "within": "pure mix called framing, D", "total": "power, total in D"}
    for row in changed.filter(pl.col("source") == SOURCES["D"], pl.col("frame") == ISSUE).iter_rows(named=True):
        yield "decomposition", names[row["part"]], row["p"] < 0.05


def _declare(name, frame, given, source, middle: int, weeks, *, family="f") -> dict:
    """A declared change at the Monday of week `middle`."""
    named = {"name": name, "frame": frame, "given": given, "source": source, "family": family, "middle": middle}
    return named | {"kind": "change", "date": str(week_date(middle)), "weeks": weeks, "expect": "none"}


def _decompose(outcomes: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """The two-fold rows by the true topics."""
    number = pl.col("topic").replace_strict(list(TOPICS), range(len(TOPICS)), return_dtype=pl.Int64)
    names = pl.DataFrame({"topic": range(len(TOPICS)), "label": list(TOPICS), "words": list(TOPICS), "stability": 1.0})
    table, _, _ = decompose(outcomes, articles, {"lda": [articles.select("article_id", number)]}, {"lda": names}, [],
                            scale="share", split=week_date(SPLIT), patterns={}, min_articles=20)  # fmt: skip
    return table.filter(pl.col("form") == "two-fold")
