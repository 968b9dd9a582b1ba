"""Differences tested: before and after a date, and between a source and the rest."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

import polars as pl

from frameshift.comparisons.cells import list_imprecise, usable_articles
from frameshift.comparisons.difference_tests import test_difference
from frameshift.comparisons.differences import (
    SUMS,
    Difference,
    Series,
    find_change,
    find_gap,
    has_labels,
    read_series,
)
from frameshift.comparisons.families import CORRECTED, add_families
from frameshift.comparisons.groups import Groups, merge_sources, name_by_source
from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.comparisons.omissions import Impossible, list_omissions
from frameshift.comparisons.prevalence import within
from frameshift.comparisons.series import find_outcomes, weigh_once
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES, check_table, empty_table

EXPLORATORY = "exploratory"  # the family of what was not declared before the results were seen
_COLUMNS = {
    **empty_table("comparisons/contrasts").schema,
    "measure": pl.String,
    **dict.fromkeys(["n_articles", "n_clusters", "block_weeks"], pl.Int64),
}
_SERIES = ["frame", "given"]


class _Outcomes(NamedTuple):
    """What is compared, on which scale, and how it was corrected."""

    table: pl.DataFrame  # article_id, frame, given and differences.SUMS
    scale: str
    estimator: str | None  # None: as measured


def test_contrasts(
    scores: pl.DataFrame,
    articles: pl.DataFrame,
    findings: list[dict],
    *,
    measure: str,
    given: list[str],
    min_articles: int,
    scale: str,
    groups: Groups,
    outcomes: pl.DataFrame | pl.LazyFrame | None = None,
    elsewhere: pl.DataFrame | None = None,
    attenuation: pl.DataFrame | None = None,
    smallest: Mapping[str, float] | None = None,
    seed: int = 0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Declared and exploratory differences of mean framing: (comparisons/contrasts, comparisons/omitted).

    Each of `findings` has name, frame, source (or ALL_SOURCES), family, expect, kind, and may have `given` (an issue).
    A `change` is the mean of the `weeks` weeks from `date` on minus that of the `weeks` weeks before it (all weeks on
    either side where `weeks` is null) or, with `windows` instead, of two pairs of dates (the last day included), that
    of the second minus that of the first. A `gap` is the source minus all other sources over the whole span. In the
    family "exploratory" stand the gaps of every source of at least `min_articles` articles, for each frame, over all
    passages and within each issue of `given`. Findings of other kinds are estimated elsewhere: their rows (finding,
    frame, given, source, contrast, period, scale, estimator, estimate, low, high, p, n_articles, n_clusters and, for
    parts of a difference, its `total` and their range over topic models) come in `elsewhere` and stand in the same
    families; undeclared ones there have no finding, and their own family and kind.

    Each of `groups` is compared in the same ways as if it were one source (see groups.py), with all sources outside it
    as the rest. The undeclared gaps of each dimension are a family of their own, "exploratory: leaning": they ask
    another question than those of single sources, whose q must not change because sources were grouped as well.

    Estimates are on `scale` ("intensity" or "share"), each article weighing one or, within an issue with shares, as
    much as it is likely to be about it. With `outcomes` (comparisons/outcomes, by corrected.py) there are also rows on
    the scale "corrected share", one an `estimator`, where 50 coded passages stand on each side; within an issue these
    weigh passages. With `attenuation` (comparisons/attenuation) changes of any kind have a row divided by it too (see
    attenuation.py). How p and the intervals come about: see difference_tests.py. `n_clusters` counts weeks with
    articles on the thinner side: below 8, or 20 articles there, no interval; below 6 no test. `estimate_throughout` is
    a change of all sources on those present in each of its quarters, null where these are all or none. `smallest` is
    the finding's own smallest effect of interest or that of its scale in `smallest`. q and `leads`: see families.py.
    Raises UserError for a finding about a source that no article has, and for a source with the name of a group.
    """
    dimensions = name_by_source(groups)
    grouped = {name for names in dimensions.values() for name in names.values()}
    _check_sources(findings, sorted({*articles["source"], *grouped}))
    issues = [*given, *(finding["given"] for finding in findings if finding.get("given"))]
    measured = find_outcomes(scores, measure=measure, given=issues, scale=scale)
    compared = list(_list_outcomes(measured, outcomes, scale))
    tested = [finding for finding in findings if finding["kind"] in ("change", "gap")]
    options = {"given": given, "min_articles": min_articles, "seed": seed}

    single = [finding for finding in tested if finding["source"] not in grouped]
    rows, omitted = _contrast(compared, articles, single, family=EXPLORATORY, **options)
    for dimension, names in dimensions.items():
        among = set(names.values())
        declared = [finding for finding in tested if finding["source"] in among]
        merged, family = merge_sources(articles, names), f"{EXPLORATORY}: {dimension}"
        found, lacking = _contrast(compared, merged, declared, family=family, among=among, **options)
        rows += found
        omitted += [row for row in lacking if row.get("source") in among]
    rows += _take_elsewhere(findings, elsewhere)
    contrasts = add_families(
        pl.DataFrame(rows, schema=_COLUMNS).with_columns(measure=pl.lit(measure)),
        own={finding["name"]: finding["smallest"] for finding in findings if finding.get("smallest") is not None},
        smallest=smallest or {},
        attenuation=attenuation,
    )
    return check_table(contrasts, "comparisons/contrasts"), list_omissions("contrasts", omitted)


def _list_outcomes(
    measured: pl.DataFrame, outcomes: pl.DataFrame | pl.LazyFrame | None, scale: str
) -> Iterator[_Outcomes]:
    """The outcomes as measured, and as corrected by each estimator."""
    yield _Outcomes(measured.with_columns(size="weight", articles="weight", labels=0), scale, None)
    if outcomes is None:
        return
    known = measured.select("article_id", *_SERIES, articles="weight")
    leading = weigh_once(outcomes.lazy())
    for estimator in leading.select(pl.col("estimator").unique().sort()).collect().to_series():
        table = (
            leading.filter(pl.col("estimator") == estimator)
            .drop("estimator", "weighting")
            .collect()
            .join(known, on=["article_id", *_SERIES], nulls_equal=True)
            .rename({"expected_weight": "size", "n_labels": "labels"})
        )
        yield _Outcomes(table, CORRECTED, estimator)


def _contrast(
    compared: list[_Outcomes],
    articles: pl.DataFrame,
    findings: list[dict],
    *,
    family: str,
    among: set[str] | None = None,
    given: list[str],
    min_articles: int,
    seed: int,
) -> tuple[list[dict], list[dict]]:
    """Rows of the findings and, in `family`, of each source's gaps (only those `among`, where given); and omissions."""
    usable, sources, omitted = usable_articles(articles, min_articles=min_articles)
    omitted += list_imprecise(usable, grains=["week"])
    usable = usable.filter(pl.col("week").is_not_null())
    rows = []
    for outcomes in compared:
        days = _sum_days(outcomes.table, usable)
        parts = dict(sorted(days.partition_by(_SERIES, as_dict=True).items(), key=lambda pair: str(pair[0])))
        explored = [
            {"frame": frame, "given": issue, "source": source, "kind": "gap", "family": family}
            for frame, issue in parts
            if issue in (None, *given) and days["source"].n_unique() > 1
            for source in sources
            if among is None or source in among
        ]
        series: dict[tuple, Series] = {}
        for wanted in [*findings, *explored]:
            key = wanted["frame"], wanted.get("given")
            try:
                if key not in series:
                    series[key] = read_series(parts.get(key, days.clear()))
                row, reason = _test(series[key], wanted, sources, corrected=outcomes.estimator is not None, seed=seed)
                rows.append(row | {"scale": outcomes.scale, "estimator": outcomes.estimator})
            except Impossible as impossible:
                reason = str(impossible)
            if reason:
                asked = f"finding {wanted['name']}" if "name" in wanted else f"{wanted['family']} gap{within(key[1])}"
                omitted.append({"frame": key[0], "source": wanted["source"], "reason": f"{asked}: {reason}"})
    return rows, [row for number, row in enumerate(omitted) if row not in omitted[:number]]


def _sum_days(outcomes: pl.DataFrame, usable: pl.DataFrame) -> pl.DataFrame:
    """Sums of the outcomes by frame, given, source, date and week, sorted."""
    by = [*_SERIES, "source", "date", "week"]
    dated = outcomes.join(usable.select("article_id", "source", "date", "week"), on="article_id")
    return dated.group_by(by).agg(pl.col(SUMS).sum()).sort(by)


def _test(series: Series, wanted: dict, sources: list[str], *, corrected: bool, seed: int) -> tuple[dict, str | None]:
    """One contrast as a row, and the reason if it has no test."""
    source = wanted["source"]
    if source != ALL_SOURCES and source not in sources:
        raise Impossible("this source has fewer articles than min_articles")
    difference = find_change(series, wanted) if wanted["kind"] == "change" else find_gap(series, source)
    if corrected:
        difference = _check_labels(difference)
    numbers, reason = test_difference(difference, series, source, seed=seed)
    row = {key: wanted.get(key) for key in ("frame", "given", "family", "source", "kind", "expect")}
    about = {"contrast": difference.contrast, "period": difference.period, "finding": wanted.get("name")}
    return row | about | numbers, reason


def _check_labels(difference: Difference) -> Difference:
    """`difference`, without its check on other sources where these have too few labels; raises Impossible."""
    if not has_labels(difference.sides):
        before, after = difference.sides.labels.sum(axis=1).astype(int)
        needed = f"where {MIN_LABELS} on each side are needed"
        raise Impossible(f"not corrected: {before} and {after} coded passages, {needed}")
    keeps = difference.others is not None and has_labels(difference.others)
    return difference if keeps else difference._replace(others=None)


def _take_elsewhere(findings: list[dict], elsewhere: pl.DataFrame | None) -> list[dict]:
    """The rows that were estimated elsewhere, declared ones with what their findings say of them."""
    declared = {
        finding["name"]: {key: finding[key] for key in ("family", "kind", "expect")}
        for finding in findings
        if finding["kind"] not in ("change", "gap")
    }
    rows = [] if elsewhere is None else elsewhere.iter_rows(named=True)
    return [
        {key: value for key, value in row.items() if key in _COLUMNS} | declared.get(row["finding"], {})
        for row in rows
        if row["finding"] is None or row["finding"] in declared
    ]


def _check_sources(findings: list[dict], known: list[str]) -> None:
    for finding in findings:
        if finding["source"] not in (*known, ALL_SOURCES):
            close = get_close_matches(finding["source"], [*known, ALL_SOURCES], n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"the corpus has {', '.join(known)}"
            raise UserError(f"findings, {finding['name']}: no article has the source {finding['source']!r}; {hint}")
