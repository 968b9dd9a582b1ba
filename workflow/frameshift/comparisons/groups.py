"""Groups of sources, compared as if each were one source that had published all their articles.

So nothing is estimated anew for groups: the sources get their group's name, and everything else is what it is for
sources. The sources in no group stay beside the groups, in what the groups are compared with and in what tells how
weeks depend on each other. (That is pooled over other series than for single sources, so the interval of a group of one
source is not quite that source's.)
"""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from frameshift.errors import UserError
from frameshift.names import name_group

Tables = tuple[pl.DataFrame, ...]
Groups = Mapping[str, Mapping[str, Sequence[str]]]  # dimension, group, its sources: `corpus.groups`


def name_by_source(groups: Groups) -> dict[str, dict[str, str]]:
    """By dimension, the name ("leaning: left") of the group that each source is in."""
    return {
        dimension: {source: name_group(dimension, group) for group, members in parts.items() for source in members}
        for dimension, parts in groups.items()
    }


def merge_sources(articles: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """`articles` with the group's name in place of each source of `names`.

    Raises UserError where a source has the name of a group.
    """
    for name in sorted(set(articles["source"]) & set(names.values())):
        raise UserError(f"`corpus.groups` makes {name!r}, but a source of the corpus is called so; rename the group")
    return articles.with_columns(pl.col("source").replace(names))


def compare_groups(compare: Callable[[pl.DataFrame], Tables], articles: pl.DataFrame, groups: Groups) -> Tables:
    """What `compare` finds for the sources of `articles`, and below it the same for each of `groups`.

    All tables that `compare` returns have the column source. Raises UserError where a source has the name of a group.
    """
    return compare_findings(lambda grouped, *_: compare(grouped), articles, groups, [])


def compare_findings(
    compare: Callable[[pl.DataFrame, list[dict], str | None], Tables],
    articles: pl.DataFrame,
    groups: Groups,
    findings: Sequence[dict],
) -> Tables:
    """As compare_groups, where `compare` also takes the declared findings about its sources, and the groups' dimension
    (None for single sources)."""
    dimensions = name_by_source(groups)
    of_groups = {name for names in dimensions.values() for name in names.values()}
    parts = [compare(articles, [finding for finding in findings if finding["source"] not in of_groups], None)]
    for dimension, names in dimensions.items():
        among = set(names.values())
        about = [finding for finding in findings if finding["source"] in among]
        found = compare(merge_sources(articles, names), about, dimension)
        parts.append(tuple(table.filter(pl.col("source").is_in(among)) for table in found))
    return tuple(pl.concat(tables, how="diagonal") for tables in zip(*parts, strict=True))
