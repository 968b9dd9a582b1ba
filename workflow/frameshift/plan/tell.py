"""A plan as text for the terminal."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from frameshift.check import complete_config
from frameshift.comparisons.intervals import MIN_ARTICLES, MIN_CLUSTERS, MIN_LABELS
from frameshift.frames.given import parse_given
from frameshift.plan.labels import GAPS
from frameshift.plan.make import Plan, make_plan
from frameshift.plan.pilot import ASSUMED_RHO, ASSUMED_SHARES
from frameshift.schema import read_yaml

_WIDTH = 120
_LABEL, _NUMBER = 38, 14  # of the upper table: the comparison, and each frame's difference
_LEFT, _SIDE = 31, 44  # of the lower table: frame, share and correlation, and each of two sources
_MAX_FRAMES, _MAX_REASONS = 4, 6
_ALIKE = {"span": "two sources, whole span", "gap": "a source against the rest", "group gap": "a group, the rest"}


def plan_run(own_file: str | Path) -> str:
    """What the run that `own_file` configures can detect, and how many labels that needs.

    Raises UserError where the configuration is wrong, or the run without labels is not there yet.
    """
    own = read_yaml(own_file)
    config = complete_config(own if isinstance(own, dict) else {}, own_file)
    run = Path("results") / config["name"]
    return tell_plan(make_plan(run, config), name=str(run), grain=config["comparisons"]["grain"])


def tell_plan(plan: Plan, *, name: str, grain: str) -> str:
    """The plan of the run `name`: differences of intensity, labels for gaps of shares, and what cannot be compared.

    Each number is the middle of cells alike, or of the smallest of them: some forty lines, however many sources. So of
    what frames are compared within, only issues are told, and not "migration without victim" beside migration.
    """
    issues = [None, *(name for name in plan.about if parse_given(name).without is None)]
    lines = [*_tell_differences(plan.differences, issues, name=name, grain=grain), "", *_tell_labels(plan, issues)]
    if plan.reasons:
        lines += ["", "What cannot be compared:", ""]
        for reason in plan.reasons[:_MAX_REASONS]:
            lines += _bullet(reason)
        if len(plan.reasons) > _MAX_REASONS:
            lines += _bullet(f"{len(plan.reasons) - _MAX_REASONS} more reasons; see {name}/comparisons/omitted.parquet")
    return "\n".join(lines)


def _tell_differences(differences: pl.DataFrame, issues: list[str | None], *, name: str, grain: str) -> Iterator[str]:
    if differences["detectable"].null_count() == len(differences):
        yield f"{name}: no difference of intensity can be planned: the run draws no interval for any cell."
        return
    frames = differences["frame"].unique().sort().to_list()
    hidden = [*frames[_MAX_FRAMES:], *sorted(set(differences["given"].drop_nulls()) - set(issues))]
    more = f"; not shown: {', '.join(hidden)}" if hidden else ""
    yield from textwrap.wrap(
        f"{name}: smallest difference of intensity that is found at 5% in 8 of 10 tries, before correction for "
        "multiple tests. In brackets the standard error: of a mean, or in the lines on the rest and on findings of the "
        f"difference. cells: those with an interval (from {MIN_CLUSTERS} weeks and {MIN_ARTICLES} articles on) of "
        f"all{more}.",
        _WIDTH,
    )
    for issue in issues:
        part = differences.filter(pl.col("given").eq_missing(pl.lit(issue, pl.String)))
        if part.is_empty():
            continue
        shown = [frame for frame in frames[:_MAX_FRAMES] if issue is None or frame not in parse_given(issue)]
        yield ""
        yield _align(_name_passages(issue), ["articles", "weeks", "cells", *shown])
        for label, rows in _group_comparisons(part, grain=grain):
            known = rows.filter(pl.col("detectable").is_not_null())
            n_known, n_cells = (x.select("comparison", "period").n_unique() for x in (known, rows))
            sizes = [_middle(known if n_known else rows, column) for column in ("n_articles", "n_weeks")]
            values = [_tell_detectable(known.filter(pl.col("frame") == frame)) for frame in shown]
            yield _align(f"  {label}", [*sizes, f"{n_known}/{n_cells}", *values])


def _group_comparisons(part: pl.DataFrame, *, grain: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Rows of comparisons to be told together: the middle of all of a kind, and of the smallest tenth of them."""
    for kind, what in {"period": f"two {grain}s of a source", **_ALIKE}.items():
        rows = part.filter(pl.col("kind") == kind)
        if rows.is_empty():
            continue
        yield f"{what}: median", rows
        known = rows.filter(pl.col("detectable").is_not_null())
        cells = known.group_by("comparison").agg(pl.col("n_articles").min(), pl.col("n_weeks").min())
        cells = cells.sort("n_weeks" if "gap" in kind else "n_articles", "comparison")
        if len(cells) > 1:
            smallest = cells.head(-(-len(cells) // 10))["comparison"].to_list()
            named = smallest[0] if len(smallest) == 1 else "the smallest tenth"
            yield f"  {named}", known.filter(pl.col("comparison").is_in(smallest))
    for (finding,), rows in part.filter(pl.col("kind") == "finding").group_by("comparison", maintain_order=True):
        yield f"finding {finding}", rows


def _tell_labels(plan: Plan, issues: list[str | None]) -> Iterator[str]:
    if plan.labels["source"].n_unique() < 2:
        yield (
            "Labels: a gap of shares needs two sources with an interval over the whole span; there "
            f"{'is one' if len(plan.labels) else 'is none'}."
        )
        return
    design = "of the sample drawn" if plan.has_sample else "assumed: no sample is drawn yet"
    yield from textwrap.wrap(
        "Labels (coded passages) in each of two sources alike, so that a gap of their corrected shares is found at 5% "
        f"in 8 of 10 tries; design effect {plan.design:.2f} ({design}); never below {MIN_LABELS}. Ranges go from the "
        "easiest to the hardest of the shares and correlations (of measure and people). no: not with all passages that "
        "such a source has; at best: the gap found with all. All frames are coded on each passage: the largest number "
        "counts.",
        _WIDTH,
    )
    for issue in issues:
        part = plan.labels.filter(pl.col("given").eq_missing(pl.lit(issue, pl.String)))
        if part["source"].n_unique() < 2:
            continue
        sources = part.unique("source").sort("n_articles", "source")["source"].to_list()
        chosen = {sources[len(sources) // 2]: "median", sources[0]: "smallest"}
        names = (f"two like {_shorten(source, 24)} ({which})" for source, which in chosen.items())
        yield ""
        yield f"{_shorten(_name_passages(issue), _LEFT):<{_LEFT}}" + "".join(f"{name:>{_SIDE}}" for name in names)
        points = [f"{100 * gap:.0f} points" for gap in GAPS] + ["at best"]
        yield _align_labels("", "share", "correl.", [points, points])
        for (frame,), rows in part.group_by("frame", maintain_order=True):
            basis = plan.bases[frame, issue]
            share, rho = (_span([f"{x:.2f}" for x in values]) for values in (basis.shares, (basis.low, basis.high)))
            told = [_tell_gaps(rows.filter(pl.col("source") == source)) for source in chosen]
            yield _align_labels(f"  {frame}", share, rho, told)
    yield ""
    yield from _tell_bases(plan)


def _tell_gaps(rows: pl.DataFrame) -> list[str]:
    """Labels of one source for each gap, as a range, and the gap that is found at best."""
    told = []
    for gap in GAPS:
        labels = rows.filter(pl.col("gap") == gap)["labels"].sort(nulls_last=True).to_list()
        told.append(_span(["no" if n is None else str(n) for n in (labels[0], labels[-1])]))
    return [*told, _span([f"{100 * floor:.1f}" for floor in rows["floor"].unique().sort()])]


def _tell_bases(plan: Plan) -> Iterator[str]:
    codes = [basis.n_codes for basis in plan.bases.values() if basis.n_codes]
    if codes:
        yield from _bullet(
            f"Shares and correlations are those of the pilot coding, of {min(codes):,} passages or more."
        )
    if len(codes) < len(plan.bases):
        shares, rhos = (_span([f"{x:.2f}" for x in values]) for values in (ASSUMED_SHARES, ASSUMED_RHO))
        which = "Other shares" if codes else "Shares"
        yield from _bullet(
            f"{which} of {shares} and correlations of {rhos} are assumptions: 100 to 200 pilot codes would replace "
            "them."
        )
    for issue, share in plan.about.items():
        if share > 0 and parse_given(issue).without is None:
            yield from _bullet(
                f"Within {issue}, labels are passages about it: {share:.0%} of all. A simple random draw needs "
                f"{1 / share:.1f} times as many."
            )


def _tell_detectable(rows: pl.DataFrame) -> str:
    if rows.is_empty():
        return "–"
    return f"{rows['detectable'].median():.3f} ({rows['se'].median():.3f})"


def _name_passages(issue: str | None) -> str:
    return "All passages" if issue is None else f"Within {issue}"


def _span(values: Sequence[str]) -> str:
    """The first and the last of `values`, or the one that both are."""
    return "–".join(dict.fromkeys([values[0], values[-1]]))


def _middle(rows: pl.DataFrame, column: str) -> str:
    return f"{rows[column].median():,.0f}"


def _align(label: str, cells: list[str]) -> str:
    widths = [10, 7, 9, *[_NUMBER] * (len(cells) - 3)]
    padded = (f"{_shorten(cell, width - 1):>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{_shorten(label, _LABEL):<{_LABEL}}" + "".join(padded)


def _align_labels(frame: str, share: str, correlation: str, sides: list[list[str]]) -> str:
    left = f"{_shorten(frame, 11):<11}{share:>10}{correlation:>10}"
    return f"{left:<{_LEFT}}" + "".join(f"{cell:>11}" for side in sides for cell in side)


def _shorten(text: str, n: int) -> str:
    return text if len(text) <= n else f"{text[: n - 1]}…"


def _bullet(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
