"""More of the same topics, or the same topics framed differently? Changes and gaps, split by topic.

What it means hangs on the topics: articles in the wrong topic turn mix into within. Simulated with the demo's plan, its
12 true topics and outlet D, which writes more on migration and frames nothing differently: with 10, 20 and 40% of the
articles in a random topic, 20, 39 and 68% of the change came out as within. So a `within` next to a large `mix` is to
be believed where it stands apart from zero by every model and seed, and is more than such a share of the total.

Simulated (400 draws of the plan: 2,500 articles of 5 sources in 260 weeks, with an autocorrelation of .6 in topics and
.5 in frames; with 0 there the same): the 95% interval covers the expected part as follows, from the lowest to the
highest of the sources with 20 articles on each side, and all of them together.

                                   mix            within         total
    issue, security: changes       .940 – .978    .938 – .963    .940 – .975
    issue, security: gaps          .948 – .975    .943 – .978    .948 – .973
    framing given the issue        .963 – .988    .907 – .983    .940 – .970

(.907 is of some 40 articles a side in 12 topics.) D's change of mix, 5 points, was found in 73% of the corpora, where
its total was in 45%; it was called framing in 6% (migration), 5% (security) and 7% (security given migration).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from frameshift.comparisons.cells import list_imprecise, usable_articles
from frameshift.comparisons.intervals import MIN_ARTICLES, MIN_CLUSTERS, MIN_TESTED, ROUNDING, t_limits
from frameshift.comparisons.kitagawa import PARTS, Sides, find_sides, split_difference, split_topics
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.pairs import Comparison, list_panels, plan_comparisons
from frameshift.comparisons.sides import Measured, find_uncertainty, measure_sides
from frameshift.frames.patterns import express
from frameshift.tables import ALL_SOURCES, check_table, empty_table

NO_TOPIC = -1
_COLUMNS = {
    **empty_table("comparisons/decomposition").schema,
    "unassigned": pl.Float64,
    **dict.fromkeys(["n_articles", "n_clusters", "block_weeks"], pl.Int64),
}
_TOPIC_COLUMNS = {
    **empty_table("comparisons/decomposition_topics").schema,
    "scale": pl.String,
    **dict.fromkeys(["share_from", "share_to", "mean_from", "mean_to", "stability"], pl.Float64),
}


def decompose(
    outcomes: pl.DataFrame,
    articles: pl.DataFrame,
    assignments: Mapping[str, Sequence[pl.DataFrame]],
    topics: Mapping[str, pl.DataFrame],
    findings: Sequence[Mapping],
    *,
    scale: str,
    split: date | None,
    patterns: Mapping[str, Sequence[str]],
    min_articles: int,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Each change and each gap as mix and within: (comparisons/decomposition, …/decomposition_topics, …/omitted).

    `outcomes` is that of series.find_outcomes, `articles` corpus/articles. `assignments` holds by topic model the
    tables (article_id, topic) of all seeds of its chosen setting, the chosen fit first (chosen_fits), and `topics` its
    topics/topics. Topic -1, an article without a topic, counts as a topic of its own. `patterns` are those of the
    codebook, by frame or issue.

    In every source of at least `min_articles` articles and in ALL_SOURCES, the days from `split` on (null: from the
    Monday of the middle article's week) are set against those before it; and each source against all others over the
    whole span. Each of `findings` of kind "mix" or "within" (name, frame, given, source, date, optional weeks) has its
    own change, `weeks` weeks on each side of `date`, or all before against all after; its name stands at the two-fold
    row of that part by the first model. Findings about a source that no article has are passed over: a group, perhaps.

    `mix` is what the topics' shares make of the difference, `within` what the means within topics make of it, on the
    scale of the outcome (Kitagawa 1955; three-fold: Oaxaca 1973, Blinder 1973; see kitagawa.py). Within an issue,
    shares are of what is about the issue. Only topics are held still: in ALL_SOURCES, that one source published more
    than before is `within`, unless it writes on other topics. `seed_low` and `seed_high` are the range of the estimate
    over the fits, null where there is one; `unassigned` is the share without a topic, mean of both sides. In the table
    of topics, a topic's `mix` is how much its share moved times how far its mean lies from that of all.

    low, high and p are from the t distribution with the variance of intervals.py, each part linearised over the weeks;
    the least weeks and articles on the thinner side are those of contrasts. They take the topics as given: what other
    fits and models would say is in the range and in their rows.
    """
    usable, compared, omitted = usable_articles(articles, min_articles=min_articles)
    omitted += list_imprecise(usable, grains=["week"])
    dated = usable.filter(pl.col("week").is_not_null()).sort("article_id").with_row_index("article")
    assignments = {model: fits for model, fits in assignments.items() if fits}
    if not assignments:
        omitted.append({"reason": "no topic model was fitted: no topics to compare by"})
    tables, by_topic = [pl.DataFrame(schema=_COLUMNS)], [pl.DataFrame(schema=_TOPIC_COLUMNS)]
    comparisons = []
    if assignments and len(dated):
        panels = list_panels(outcomes, dated, compared=compared)
        known = {ALL_SOURCES, *articles["source"]}
        declared = [f for f in findings if f["kind"] in ("mix", "within") and f["source"] in known]
        comparisons, lacking = plan_comparisons(dated, panels, declared, split=split)
        omitted += lacking
    for model, fits in assignments.items():
        numbers = [_number_topics(dated, fit) for fit in fits]
        first = model == next(iter(assignments))
        for comparison in comparisons:
            table, contributions, lacking = _split(comparison, numbers, first=first)
            names = [pl.lit(name, pl.String).alias(column) for column, name in _name(comparison, model, scale).items()]
            described = _describe_topics(topics[model], patterns.get(comparison.panel.frame, ()))
            tables.append(table.with_columns(names).select(*_COLUMNS))
            contributions = contributions.with_columns(names).join(
                described, on="topic", how="left", maintain_order="left"
            )
            by_topic.append(contributions.select(*_TOPIC_COLUMNS))
            omitted += [row for row in lacking if row not in omitted]  # most hang on no topic: they are said once
    return (
        check_table(pl.concat(tables), "comparisons/decomposition"),
        check_table(pl.concat(by_topic), "comparisons/decomposition_topics"),
        list_omissions("decomposition", omitted),
    )


def chosen_fits(fits: pl.DataFrame, selection: pl.DataFrame, model: str) -> list[pl.DataFrame]:
    """The assignments (article_id, topic) of each seed of the model's chosen setting, those of the chosen fit first.

    `fits` holds the assignments of all fits, `selection` is topics/selection. Empty where the model has no fit.
    """
    chosen = selection.filter("chosen", model=model).select("model", "setting", best="seed")
    mine = fits.join(chosen, on=["model", "setting"]).sort(pl.col("seed") != pl.col("best"), "seed", "article_id")
    return [fit.select("article_id", "topic") for fit in mine.partition_by("seed", maintain_order=True)]


def overlapping_words(words: str, patterns: Sequence[str]) -> str:
    """Those of a topic's words, as topics/topics spells them, in which a pattern of the codebook is found.

    A topic made of a frame's own words cannot tell what is spoken of from how it is framed.
    """
    if not patterns:
        return ""
    found = re.compile(express(tuple(patterns)))
    return " ".join(word for word in words.split() if found.search(word.replace("_", " ")))


def _number_topics(dated: pl.DataFrame, fit: pl.DataFrame) -> np.ndarray:
    """The topic of each article, counted from NO_TOPIC."""
    found = dated.select("article_id").join(fit, on="article_id", how="left", maintain_order="left")
    return found["topic"].fill_null(NO_TOPIC).to_numpy() - NO_TOPIC


def _name(comparison: Comparison, model: str, scale: str) -> dict[str, str | None]:
    panel, pair = comparison.panel, comparison.pair
    named = {"frame": panel.frame, "given": panel.given, "kind": pair.kind, "from": pair.first}
    return named | {"model": model, "scale": scale}


def _describe_topics(topics: pl.DataFrame, patterns: Sequence[str]) -> pl.DataFrame:
    overlap = [overlapping_words(words, patterns) for words in topics["words"]]
    described = topics.select("topic", "label", "stability").with_columns(overlap=pl.Series(overlap, dtype=pl.String))
    none = {"topic": NO_TOPIC, "label": "no topic", "stability": None, "overlap": ""}
    return pl.concat([described, pl.DataFrame([none], schema=described.schema)])


def _split(
    comparison: Comparison, numbers: Sequence[np.ndarray], *, first: bool
) -> tuple[pl.DataFrame, pl.DataFrame, list[dict]]:
    """The parts by the fits of one topic model, what its topics contribute, and what is left out.

    `numbers` holds each fit's topic of every article. Findings are marked at the rows of the `first` model.
    """
    panel, pair, marks, alone = comparison
    asked = {source for source, _ in marks} if alone else set(pair.sources)
    measured, lacking = measure_sides(panel, pair, numbers)
    table, contributions = pl.DataFrame(schema=_COLUMNS), pl.DataFrame(schema=_TOPIC_COLUMNS)
    if measured.sources:
        sides = find_sides(*measured.fits[0])
        table, untested = _tabulate_parts(measured, sides, kind=pair.kind)
        contributions = _tabulate_topics(measured.sources, sides)
        lacking |= untested
    marked = [
        marks.get((source, part)) if first and form == "two-fold" else None
        for source, form, part in table.select("source", "form", "part").iter_rows()
    ]
    to = pl.col("source") if pair.second is None else pl.lit(pair.second)
    table = table.with_columns(to.alias("to"), finding=pl.Series(marked, dtype=pl.String))
    chosen = pl.col("source").is_in(asked)
    prefix = f"finding {', '.join(marks.values())}" if alone else pair.kind
    prefix += f" given {panel.given}" if panel.given and not alone else ""
    omitted = [
        {"frame": panel.frame, "source": source, "reason": f"{prefix}: {reason}"}
        for source, reason in lacking.items()
        if source in asked
    ]
    return table.filter(chosen), contributions.with_columns(to.alias("to")).filter(chosen), omitted


def _tabulate_parts(measured: Measured, sides: Sides, *, kind: str) -> tuple[pl.DataFrame, dict[str, str]]:
    """A row for each source and part; and why a source has no test."""
    from scipy.stats import t

    parts = np.stack([split_difference(find_sides(*fit)) for fit in measured.fits])  # (fits, sources, parts)
    found = find_uncertainty(measured, sides, kind=kind)
    size = sides.size.min(axis=-1).astype(int)
    enough = (measured.n_clusters >= MIN_TESTED) & (size >= MIN_ARTICLES)
    varies = found.own > ROUNDING
    tested = enough[:, None] & varies
    limited = tested & (measured.n_clusters >= MIN_CLUSTERS)[:, None]
    variance = np.where(varies, found.variance, 1)
    low, high = t_limits(parts[0], variance, found.df)
    p = 2 * t.sf(np.abs(parts[0]) / np.sqrt(variance), found.df)
    several = len(parts) > 1
    each = {
        "estimate": parts[0],
        "low": np.where(limited, low, np.nan),
        "high": np.where(limited, high, np.nan),
        "p": np.where(tested, p, np.nan),
        "seed_low": parts.min(axis=0) if several else np.full_like(low, np.nan),
        "seed_high": parts.max(axis=0) if several else np.full_like(low, np.nan),
        "block_weeks": found.block.astype(int),
        "unassigned": np.tile(sides.shares[..., 0].mean(axis=-1)[:, None], len(PARTS)),
        "n_articles": np.tile(sides.size.sum(axis=-1).astype(int)[:, None], len(PARTS)),
        "n_clusters": np.tile(measured.n_clusters[:, None], len(PARTS)),
    }
    forms, names = zip(*PARTS, strict=True)
    many = len(measured.sources)
    keys = {"source": np.repeat(measured.sources, len(PARTS)), "form": forms * many, "part": names * many}
    table = pl.DataFrame(keys | {name: values.ravel() for name, values in each.items()}).fill_nan(None)
    lacking = {
        source: f"too few for a test: {weeks} weeks and {articles} articles on the thinner side"
        for source, weeks, articles, tests in zip(measured.sources, measured.n_clusters, size, enough, strict=True)
        if not tests
    }
    constant = [source for source, some in zip(measured.sources, varies.any(axis=-1), strict=True) if not some]
    return table, dict.fromkeys(constant, "the score does not vary: no test") | lacking


def _tabulate_topics(sources: list[str], sides: Sides) -> pl.DataFrame:
    """A row for each source and topic that it has."""
    mix, within = split_topics(sides)
    number = np.arange(mix.shape[-1]) + NO_TOPIC
    each = {"mix": mix, "within": within}
    for side, name in enumerate(("from", "to")):
        each |= {f"share_{name}": sides.shares[:, side], f"mean_{name}": sides.means[:, side]}
    keys = {"source": np.repeat(sources, len(number)), "topic": np.tile(number, len(sources))}
    table = pl.DataFrame(keys | {name: values.ravel() for name, values in each.items()})
    return table.filter(pl.Series(sides.present.any(axis=-2).ravel()))
