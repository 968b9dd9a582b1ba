"""The demo's truth: what was realised in the articles, what was expected of them, and what was planted.

An *expected* rate integrates weeks, outlet-weeks and articles out of the process; a *realised* rate counts flags.
Copies appear up to three days after their story; expectations ignore that delay.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl

from frameshift.demo.knobs import AGENCY, FRAMES, ISSUE, OUTLETS, SOURCES, START, TOPICS, Knobs
from frameshift.demo.plan import Plan
from frameshift.demo.process import Process
from frameshift.tables import ALL_SOURCES

MEASURED = [*((frame, None) for frame in (*FRAMES, ISSUE)), *((frame, ISSUE) for frame in FRAMES)]
WEIGHTINGS = ("article", "passage")


def truth_tables(plan: Plan, *, sentences: pl.DataFrame | None = None) -> dict[str, pl.DataFrame]:
    """The truth of `plan`: tables sentences, articles, cells, decomposition and planted.

    `sentences` is the rendered sentence table; without it, the table of sentences has no text.
    """
    sentences = plan.sentences if sentences is None else sentences
    articles = sum_articles(plan)
    weights = weigh_topics(plan.process, plan.knobs)
    return {
        "sentences": sentences,
        "articles": articles,
        "cells": tabulate_cells(plan, articles, weights),
        "decomposition": decompose_truth(plan, articles, weights),
        "planted": list_planted(plan, articles, weights),
    }


def sum_articles(plan: Plan) -> pl.DataFrame:
    """The plan's articles with the share of their sentences (headline included) that show each frame, of all and of
    those about migration (null where none is)."""
    about = pl.col(ISSUE)
    sums = plan.sentences.group_by("original_id", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n_passages"),
        about.sum().cast(pl.Int64).alias("n_migration"),
        *(pl.col(name).mean().alias(f"share_{name}") for name in (*FRAMES, ISSUE)),
        *(pl.col(frame).filter(about).mean().alias(f"share_{frame}_given_{ISSUE}") for frame in FRAMES),
    )
    return plan.articles.join(sums, on="original_id", how="left", maintain_order="left")


def weigh_topics(process: Process, knobs: Knobs) -> dict:
    """Expected (hits, weight), each (v, t, k), for every entry of MEASURED and weighting: their sums give the rate."""
    sentence = np.arange(process.lengths.shape[1])
    count = process.lengths @ sentence + 1  # (v,) sentences an article, with the headline
    about = process.issue * knobs.issue_sentence + (1 - process.issue) * knobs.issue_stray
    # That an article holds any sentence about migration, and so counts in an article-weighted rate given migration.
    some, stray = (1 - process.lengths @ (1 - p) ** (sentence + 1) for p in (knobs.issue_sentence, knobs.issue_stray))
    holds = some[:, None] * process.issue + stray[:, None] * (1 - process.issue)  # (v, k)
    terms = {}
    for weighting in WEIGHTINGS:
        size = np.ones_like(count) if weighting == "article" else count
        whole = process.mix * size[:, None, None]
        within = process.mix * (holds if weighting == "article" else count[:, None] * about)[:, None, :]
        for frame, given in MEASURED:
            if frame == ISSUE:
                rate, weight = about, whole
            else:
                rates = process.rates[FRAMES.index(frame)]
                rate = rates[..., 1] if given else (1 - about) * rates[..., 0] + about * rates[..., 1]
                weight = within if given else whole
            terms[frame, given, weighting] = (weight * rate, weight)
    return terms


def expected_sums(process: Process, terms: tuple, source: str, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hits and weight by topic (k,), of a source over the weeks' `days` (t,) that count."""
    chosen = range(len(OUTLETS)) if source == ALL_SOURCES else [list(SOURCES.values()).index(source)]
    voices = np.zeros(AGENCY + 1)
    for outlet in chosen:
        voices[outlet] += process.own[outlet]
        voices[AGENCY] += process.copied[outlet]
    weight = voices[:, None] * (process.volume * days / 7)
    hits, total = (np.einsum("vt,vtk->k", weight, term) for term in terms)
    return hits, total


def realised_rate(articles: pl.DataFrame, frame: str, given: str | None, weighting: str) -> tuple[float | None, int]:
    """The rate in these articles, and how many of them have passages that count."""
    counted = articles.filter(pl.col("n_migration") > 0) if given else articles
    if counted.is_empty():
        return None, 0
    shares = counted[f"share_{frame}_given_{given}" if given else f"share_{frame}"].to_numpy()
    size = counted["n_migration" if given else "n_passages"].to_numpy() if weighting == "passage" else None
    return float(np.average(shares, weights=size)), counted.height


def _select(articles: pl.DataFrame, source: str, since: date, until: date) -> pl.DataFrame:
    within = pl.col("date").is_between(since, until, closed="left")
    return articles.filter(within if source == ALL_SOURCES else within & (pl.col("source") == source))


def count_days(weeks: int, since: date, until: date) -> np.ndarray:
    """(t,) how many days of each week lie from `since` up to, but not on, `until`."""
    first, last = (since - START).days, (until - START).days
    week = 7 * np.arange(weeks)
    return np.clip(np.minimum(week + 7, last) - np.maximum(week, first), 0, 7)


def compare_rates(
    plan: Plan, articles: pl.DataFrame, weights: dict, *, source: str, frame: str, given: str | None, weighting: str,
    since: date, until: date,
) -> dict:  # fmt: skip
    """Realised and expected rate of one frame in one source and period, and the number of articles that count."""
    hits, total = expected_sums(
        plan.process, weights[frame, given, weighting], source, count_days(plan.knobs.weeks, since, until)
    )
    realised, n = realised_rate(_select(articles, source, since, until), frame, given, weighting)
    return {"realised": realised, "expected": float(hits.sum() / total.sum()), "n_articles": n}


def list_periods(knobs: Knobs) -> list[tuple[str, str, date, date]]:
    """(grain, period, first day, day after the last) of all, every year and every quarter."""
    end = START + timedelta(weeks=knobs.weeks)
    periods = [("all", "all", START, end)]
    for year in range(START.year, (end - timedelta(days=1)).year + 1):
        firsts = [date(year, month, 1) for month in (1, 4, 7, 10)] + [date(year + 1, 1, 1)]
        periods.append(("year", str(year), firsts[0], firsts[-1]))
        periods += [
            ("quarter", f"{year}-Q{q + 1}", firsts[q], firsts[q + 1])
            for q in range(4)
            if firsts[q] < end and firsts[q + 1] > START
        ]
    return periods


def tabulate_cells(plan: Plan, articles: pl.DataFrame, weights: dict) -> pl.DataFrame:
    """Realised and expected rates: source × period × frame × given × weighting, with the number of articles."""
    rows = []
    for source in (*SOURCES.values(), ALL_SOURCES):
        for grain, period, since, until in list_periods(plan.knobs):
            chosen = _select(articles, source, since, until)
            days = count_days(plan.knobs.weeks, since, until)
            for (frame, given, weighting), terms in weights.items():
                hits, total = expected_sums(plan.process, terms, source, days)
                realised, n = realised_rate(chosen, frame, given, weighting)
                start = None if grain == "all" else since
                expected = float(hits.sum() / total.sum())
                rows.append((frame, given, source, grain, period, start, weighting, realised, expected, n))
    schema = {
        "frame": pl.String, "given": pl.String, "source": pl.String, "grain": pl.String, "period": pl.String,
        "start": pl.Date, "weighting": pl.String, "realised": pl.Float64, "expected": pl.Float64,
        "n_articles": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def split_change(w0: np.ndarray, f0: np.ndarray, w1: np.ndarray, f1: np.ndarray) -> list[tuple[str, str, float]]:
    """(form, part, amount): the change of Σ w f between two periods, by topic shares w (k,) and rates f (k,).

    Kitagawa (1955) with averaged weights (two-fold), and with the interaction apart (three-fold). A topic that is
    absent in one period takes the other's rate.
    """
    f0, f1 = np.where(w0 > 0, f0, f1), np.where(w1 > 0, f1, f0)
    dw, df = w1 - w0, f1 - f0
    total = float(w1 @ f1 - w0 @ f0)
    return [
        ("two-fold", "mix", float(dw @ (f0 + f1) / 2)),
        ("two-fold", "within", float(df @ (w0 + w1) / 2)),
        ("two-fold", "total", total),
        ("three-fold", "mix", float(dw @ f0)),
        ("three-fold", "within", float(w0 @ df)),
        ("three-fold", "interaction", float(dw @ df)),
        ("three-fold", "total", total),
    ]


def decompose_truth(plan: Plan, articles: pl.DataFrame, weights: dict) -> pl.DataFrame:
    """How much of each frame's change from before to after D's change of mix is mix, and how much framing within true
    topics; equal weight for articles. `from` and `to` are ISO 8601 intervals, the last day included."""
    knobs, rows = plan.knobs, []
    middle = knobs.mix_week if 0 < knobs.mix_week < knobs.weeks else knobs.weeks // 2
    middle, end = (START + timedelta(weeks=week) for week in (middle, knobs.weeks))
    spans = [(START, middle), (middle, end)]
    names = [f"{since}/{until - timedelta(days=1)}" for since, until in spans]
    for source in (*SOURCES.values(), ALL_SOURCES):
        for frame in FRAMES:
            expected, realised = [], []
            for since, until in spans:
                days = count_days(knobs.weeks, since, until)
                hits, total = expected_sums(plan.process, weights[frame, None, "article"], source, days)
                expected += [total / total.sum(), hits / total]
                realised += _topic_rates(_select(articles, source, since, until), frame)
            parts = zip(split_change(*expected), split_change(*realised), strict=True)
            rows += [
                (frame, None, source, *names, "true topics", form, part, value, found)
                for (form, part, value), (_, _, found) in parts
            ]
    names = ("frame", "given", "source", "from", "to", "model", "form", "part")
    schema = dict.fromkeys(names, pl.String) | {"expected": pl.Float64, "realised": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _topic_rates(articles: pl.DataFrame, frame: str) -> list[np.ndarray]:
    """Shares of the topics and rates within them, (k,) each; a rate is 0 where the topic is absent."""
    topic = np.array([list(TOPICS).index(t) for t in articles["topic"]], int)
    count = np.bincount(topic, minlength=len(TOPICS))
    hits = np.bincount(topic, weights=articles[f"share_{frame}"].to_numpy(), minlength=len(TOPICS))
    return [count / max(count.sum(), 1), hits / np.maximum(count, 1)]


def list_planted(plan: Plan, articles: pl.DataFrame, weights: dict) -> pl.DataFrame:
    """One row a planted effect, and a planted absence of one: what it is, and the rates before and after it, in windows
    given as dates (the last day included). `logit` is null for the change of mix."""
    knobs = plan.knobs
    attack, law, mix, end = knobs.attack_week, knobs.law_week, knobs.mix_week, knobs.weeks
    year, risen = min(52, end // 2), mix + knobs.mix_rise
    a, b, c, d, e = SOURCES.values()
    attacked = attack + round(2 * knobs.attack_half_life)
    # name, description, source, frame, given, kind, week, logits, windows before and after (in weeks)
    effects = [
        ("attack", "threat rises everywhere, then fades by half every six weeks", ALL_SOURCES, "threat", None, "pulse",
         attack, knobs.attack_threat, (attack - 26, attack), (attack, attacked)),
        *(("law", "more security in what is said of migration, for good", source, "security", ISSUE, "step",
           law, knobs.law_security, (0, law), (law, end)) for source in (a, b)),
        ("law", "no law for this outlet", c, "security", ISSUE, "none", law, 0.0, (0, law), (law, end)),
        ("trend", "ever more threat in what is said of migration, without a break", c, "threat", ISSUE, "trend",
         0, knobs.trend_threat, (0, year), (end - year, end)),
        ("mix", "more articles on migration", d, ISSUE, None, "mix", mix, None, (0, mix), (risen, end)),
        *(("mix", "the framing of migration stays", d, frame, ISSUE, "none", mix, 0.0, (0, mix), (risen, end))
          for frame in ("threat", "security")),
        *(("nothing", "a small outlet without any change of its own", e, frame, given, "none", mix, 0.0, (0, mix),
           (mix, end)) for frame, given in ((ISSUE, None), ("security", None), ("security", ISSUE))),
    ]  # fmt: skip
    rows = []
    for name, description, source, frame, given, kind, week, logit, *windows in effects:
        if not all(0 <= first < last <= end for first, last in windows):
            continue  # a corpus too short to hold this effect
        row = {"name": name, "description": description, "source": source, "frame": frame, "given": given, "kind": kind}
        row |= {"date": START + timedelta(weeks=week), "logit": None if logit is None else knobs.effect * logit}
        for side, (first, last) in zip(("before", "after"), windows, strict=True):
            since, until = START + timedelta(weeks=first), START + timedelta(weeks=last)
            found = compare_rates(
                plan, articles, weights, source=source, frame=frame, given=given, weighting="article",
                since=since, until=until,
            )  # fmt: skip
            row |= {f"{side}_from": since, f"{side}_to": until - timedelta(days=1)}
            row |= {f"{key}_{side}": value for key, value in found.items()}
        rows.append(row)
    return pl.DataFrame(rows, schema_overrides={"given": pl.String, "logit": pl.Float64}, infer_schema_length=None)
