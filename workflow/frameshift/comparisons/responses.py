"""How some sources of a panel respond to an event: over the weeks that are tested, and week by week around it."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from frameshift.comparisons.blocks import MONTH
from frameshift.comparisons.intervals import MIN_ARTICLES, MIN_TESTED
from frameshift.comparisons.placebo import (
    BASELINE,
    MIN_BASELINE,
    MIN_EFFECTIVE,
    WINDOW,
    Chance,
    Responses,
    Series,
    find_ordinary,
    measure_chance,
    remove_trend,
    respond,
    subtract,
)
from frameshift.comparisons.series import Panel

LAGS = range(-24, 24, MONTH)  # weeks from the event to the first of each month
Members = frozenset[str]  # sources that are taken together


class Study(NamedTuple):
    """A panel, and what is computed once for all its events."""

    panel: Panel
    ordinary: np.ndarray  # (weeks,) bool (placebo.find_ordinary)
    measure: Callable[[Members, Members | None, int, int], tuple[Responses, Chance]]


def prepare_panel(panel: Panel, weeks: list[int]) -> Study:
    """A study of `panel`, of which all events lie in `weeks`, 0 being its first.

    `measure(members, others, lag, length)` tells the responses of some sources together (less those of others, unless
    None) at every date, and their chance; it remembers what it was asked.
    """

    @cache
    def level(members: Members) -> Series:
        chosen = _find_rows(panel, members)
        return remove_trend(panel.totals[chosen].sum(axis=0), panel.weights[chosen].sum(axis=0), weeks)

    @cache
    def measure(members: Members, others: Members | None, lag: int, length: int) -> tuple[Responses, Chance]:
        responses = respond(level(members), lag=lag, length=length)
        if others:
            responses = subtract(responses, respond(level(others), lag=lag, length=length))
        return responses, measure_chance(responses, lag=lag, length=length)

    return Study(panel, find_ordinary(panel.counts.shape[1], weeks), measure)


def describe_response(
    study: Study, week: int, members: Members, others: Members | None
) -> tuple[list[dict], str | None]:
    """Rows of the response of `members` to an event in `week`, and why there is no test where there is none.

    The first row is that of WINDOW weeks from the event on, its lag None; each other is that of a month. They have
    estimate, n_articles, n_clusters and, where there is a test, error, df and n_placebo.
    """
    counts = [study.panel.counts[_find_rows(study.panel, side)].sum(axis=0) for side in (members, others) if side]
    fault = next(filter(None, (_find_fault(side, study.ordinary, week) for side in counts)), None)
    n_weeks, rows = len(study.ordinary), []
    for lag, first, length in [(None, 0, WINDOW), *((lag, lag, MONTH) for lag in LAGS)]:
        if not (0 < week < n_weeks and 0 <= week + first <= n_weeks - length):
            continue
        responses, chance = study.measure(members, others, first, length)
        estimate, variance = responses.estimate[week], responses.variance[week]
        if np.isnan(estimate):
            continue
        seen = counts[0][week + first :][:length]
        row = {"lag": lag, "estimate": estimate, "n_articles": int(seen.sum()), "n_clusters": int((seen > 0).sum())}
        doubt = fault or _doubt(variance, chance)
        if lag is None:
            fault = doubt
        if not doubt:
            row |= {"error": chance.spread * np.sqrt(variance), "df": chance.df, "n_placebo": chance.n_placebo}
        rows.append(row)
    return rows, fault


def _find_fault(counts: np.ndarray, ordinary: np.ndarray, week: int) -> str | None:
    """Why an event in this week of a series of so many articles a week has no test; None where it may have one."""
    before, after = slice(max(week - BASELINE, 0), max(week, 0)), slice(max(week, 0), max(week + WINDOW, 0))
    if (n := int(ordinary[before].sum())) < MIN_BASELINE:
        return f"only {n} of the {BASELINE} weeks before the event lie in the series and clear of other events"
    if (n := len(counts[after])) < WINDOW:
        return f"only {n} of the {WINDOW} weeks from the event on lie in the series"
    for name, side in {"before": counts[before][ordinary[before]], "after": counts[after]}.items():
        if (side > 0).sum() < MIN_TESTED or side.sum() < MIN_ARTICLES:
            return f"too few for a test: {(side > 0).sum()} weeks and {int(side.sum())} articles {name} the event"
    return None


def _doubt(variance: float, chance: Chance) -> str | None:
    """Why placebo dates tell too little; None where they tell enough."""
    if np.isnan(variance) or (chance.n_placebo and not chance.spread):
        return "the score does not vary: no test"
    if chance.df < MIN_EFFECTIVE:
        return (
            f"no test: {chance.n_placebo} dates lie clear of events, worth {chance.df:.1f} independent ones "
            f"beside line and wave, where {MIN_EFFECTIVE} are needed"
        )
    return None


def _find_rows(panel: Panel, members: Members) -> list[bool]:
    return [source in members for source in panel.sources]
