"""Which words set sources and years apart, in all that is written and in what is written about an issue."""

from collections.abc import Mapping

import polars as pl

from frameshift.comparisons.blocks import add_story_weeks
from frameshift.comparisons.contexts import find_contexts
from frameshift.comparisons.groups import Groups, compare_groups
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.passage_words import count_passage_words
from frameshift.comparisons.periods import period_of, tells_period
from frameshift.comparisons.prevalence import HALF
from frameshift.comparisons.words import compare_periods, compare_words
from frameshift.frames.pool import find_passages_about


def find_issue_passages(scores: pl.DataFrame, joint: pl.DataFrame | None, issue: str, *, threshold: float | None):
    """The passages about `issue`, as a table of passage_id.

    `scores` is frames/passages, `joint` frames/joint where people coded: then a passage is about the issue that is
    likelier so than not; else as find_passages_about has it.
    """
    about = None if joint is None else joint.filter(pl.col("given") == issue, pl.col("about") >= HALF)
    if about is None or joint.filter(pl.col("given") == issue).is_empty():
        return find_passages_about(scores, issue, threshold=threshold)
    return about.select("passage_id").unique()


def compare_language(
    counts,
    article_ids: list[str],
    vocabulary: list[str],
    articles: pl.DataFrame,
    passages: pl.LazyFrame,
    about: Mapping[str, pl.DataFrame],
    *,
    groups: Groups,
    min_articles: int,
    top: int,
    contexts: int,
    min_letters: int,
    lemmas: bool,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Words by source, group and year, and these in context: comparisons/words, contexts and omitted.

    `counts` (CSR, articles × vocabulary) holds the words of `article_ids`; `articles` is corpus/articles, `passages`
    corpus/passages; `about` names the passages (passage_id) about each issue, within which the same is done. `top`
    words are kept of each source and year, with up to `contexts` passages each. See words.py and contexts.py.
    """
    dated = add_story_weeks(articles).select(
        *("article_id", "source", "date", "week", "wire_cluster", "language"),
        period=pl.when(tells_period(pl.col("date_precision"), "year")).then(period_of(pl.col("date"), "year")),
    )
    split = {"min_letters": min_letters, "lemmas": lemmas}
    parts = [_compare(counts, article_ids, vocabulary, dated, passages, None, groups=groups, min_articles=min_articles,
                      top=top, contexts=contexts, **split)]  # fmt: skip
    for issue, shown in about.items():
        within = passages.join(shown.lazy(), on="passage_id", how="semi")
        known = within.join(dated.lazy().select("article_id", "language"), on="article_id")
        counted, ids = count_passage_words(
            known.select("article_id", "position", "text", "language").collect(), vocabulary, **split
        )
        parts.append(_compare(counted, ids, vocabulary, dated, within, issue, groups=groups, min_articles=min_articles,
                              top=top, contexts=contexts, **split))  # fmt: skip
    return tuple(pl.concat(tables) for tables in zip(*parts, strict=True))


def _compare(
    counts, article_ids, vocabulary, dated, passages, given, *, groups, min_articles, top, contexts, **split
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Words, contexts and omissions of all articles, or of the passages about `given`."""
    rows = pl.DataFrame({"article_id": article_ids}, schema={"article_id": pl.String}).join(
        dated, on="article_id", how="left", maintain_order="left"
    )
    limits = {"given": given, "min_articles": min_articles, "top": top}

    def by_source(articles: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        sources, clusters = articles["source"].to_list(), articles["wire_cluster"].to_list()
        return compare_words(counts, vocabulary, sources, clusters, **limits)

    words, omitted = compare_groups(by_source, rows, groups)
    periods, lacking = compare_periods(counts, vocabulary, rows["period"].to_list(), rows["week"].to_list(), **limits)
    words = pl.concat([words, periods])
    nothing = list_omissions("words", [])

    def quote(articles: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        found = find_contexts(words, counts, vocabulary, articles, passages, **split, most=contexts)
        return found, nothing

    quoted, _ = compare_groups(quote, rows, groups)
    return words, quoted, pl.concat([omitted, lacking])
