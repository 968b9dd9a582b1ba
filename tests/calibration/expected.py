"""What is expected of the demo's process: both sides of a difference, and how much of it is mix and how much within.

Weeks, outlet-weeks and articles are integrated out, as in the demo's truth table; articles weigh the same.
"""

from datetime import date

import numpy as np
from planned import week_date

from frameshift.demo.knobs import Knobs
from frameshift.demo.process import build_process
from frameshift.demo.truth import count_days, expected_sums, split_change, weigh_topics
from frameshift.tables import ALL_SOURCES

Side = tuple[np.ndarray, np.ndarray]  # hits and weight by topic (k,)


class Expected:
    """What is expected of corpora with these knobs, whatever their seed."""

    def __init__(self, knobs: Knobs):
        self.knobs, self.process = knobs, build_process(knobs)
        self.terms = weigh_topics(self.process, knobs)
        self.start, self.end = week_date(0), week_date(knobs.weeks)

    def side(self, frame: str, given: str | None, source: str, since: date, until: date) -> Side:
        """A source's days from `since` up to, but not on, `until`."""
        terms = self.terms[frame, given, "article"]
        return expected_sums(self.process, terms, source, count_days(self.knobs.weeks, since, until))

    def change(
        self, frame: str, given: str | None, source: str, *, middle: date, span: tuple[date, date]
    ) -> list[Side]:
        """The days from `middle` on against those before it."""
        return [self.side(frame, given, source, *days) for days in ((span[0], middle), (middle, span[1]))]

    def gap(self, frame: str, given: str | None, source: str):
        """Both sides of a gap: the source against all others, over the whole span."""
        own, everything = (self.side(frame, given, name, self.start, self.end) for name in (source, ALL_SOURCES))
        return [tuple(whole - mine for whole, mine in zip(everything, own, strict=True)), own]


def difference(first: Side, second: Side) -> float:
    """The second side's rate minus the first's."""
    before, after = (hits.sum() / weight.sum() for hits, weight in (first, second))
    return float(after - before)


def parts(first: Side, second: Side) -> dict[tuple[str, str], float]:
    """By form and part, how much of the difference it is (truth.split_change)."""
    split = split_change(
        *(array for hits, weight in (first, second) for array in (weight / weight.sum(), hits / weight))
    )
    return {(form, part): value for form, part, value in split}
