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


def compare_groups(
    compare: Callable[[pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]], articles: pl.DataFrame, groups: Groups
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `compare` finds and omits for the sources of `articles`, and below it the same for each of `groups`.

    Both tables of `compare` have the column source. Raises UserError where a source has the name of a group.
    """
    parts = [compare(articles)]
    for names in name_by_source(groups).values():
        of_groups = pl.col("source").is_in(set(names.values()))
        parts.append([table.filter(of_groups) for table in compare(merge_sources(articles, names))])
    tables, omissions = zip(*parts, strict=True)
    return pl.concat(tables), pl.concat(omissions)
