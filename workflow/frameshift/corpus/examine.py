"""What becomes of a corpus, told from some of its rows before the first job."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import polars as pl

from frameshift.corpus.clean import clean_line, count_words
from frameshift.corpus.inputs import WITHOUT_COLUMNS, Row, read_rows
from frameshift.corpus.judge import (
    Article,
    Rejection,
    Rules,
    judge_row,
    map_columns,
    name_source,
    other_languages,
    read_options,
    read_rules,
    reject_foreign,
    reject_short,
)
from frameshift.corpus.language import check_languages, tell_languages
from frameshift.corpus.ledger import REASONS, count
from frameshift.corpus.preview import cut_articles
from frameshift.corpus.sample import MAX_PAGES, MAX_ROWS, format_of, list_files, spread, tell_kind, thin
from frameshift.names import ALL_SOURCES

SIZE = 200  # rows that are judged, or up to twice as many

Judged = tuple[Row, Article | Rejection]
Example = tuple[int, str]  # how often, and the first one


class Examination(NamedTuple):
    """What some rows of a corpus tell about all of it; see `Example` for the mappings."""

    n_rows: int  # that were read
    is_whole: bool  # whether these are all
    n_judged: int
    n_articles: int  # of these
    n_passages: int  # of these articles
    median_words: float
    rejected: dict[str, Example]  # by reason: file, row and detail
    dates: dict[str, Example]  # known and their range, and by problem
    languages: dict[str, int]
    sources: dict[str, int]  # of all rows that were read
    removed: dict[str, Example]  # by form of boilerplate
    warnings: list[str]
    faults: list[str]  # for which a run would end


def examine_corpus(paths: Sequence[Path], settings: Mapping[str, Any], *, passages: Mapping[str, int]) -> Examination:
    """Judge 200 to 400 rows spread over the first MAX_ROWS of the corpus (of web pages: MAX_PAGES) as a run would.

    Repeated ids, lines that a source repeats, and copies are told from all articles together, so not here. Raises
    UserError as `read_rows` does.
    """
    rules = read_rules(settings)
    columns = map_columns(settings)
    kind = tell_kind(paths, settings["format"])
    places = _spread_pages(paths, settings["file_names"]) if kind == "html" else paths
    stream = read_rows(places, columns=columns, **read_options(settings))
    names, ids = Counter(), Counter()  # of all rows that are read
    rows, n_rows = thin(_watch(islice(stream, _limit(kind)), rules, names, ids), SIZE)
    is_whole = next(stream, None) is None and places == paths
    first = [(row, judge_row(row, rules)) for row in rows]
    judged, languages = _set_aside(first, settings)
    kept = [(row, one) for row, one in judged if isinstance(one, Article)]
    texts = [one.columns["text"] for _, one in kept]
    found = {rules.sources.get(name, name) for name in names}
    absent = _list_absent(rules, settings["groups"], set(names), found)
    faults = [*_find_faults(kept, judged, found), *(absent if is_whole else [])]
    return Examination(
        n_rows=n_rows,
        is_whole=is_whole,
        n_judged=len(rows),
        n_articles=len(kept),
        n_passages=cut_articles([one for _, one in kept], settings["languages"][0], passages).height,
        median_words=median(map(count_words, texts)) if texts else 0,
        rejected=_list_rejected(judged),
        dates=_list_dates(kept),
        languages=languages,
        sources=count(rules.sources.get(name, name) for name in names.elements()),
        removed=_collect((removal.form, removal.text) for _, one in kept for removal in one.removed),
        warnings=[
            *([] if is_whole else [f"{said} It may stand in what was not read." for said in absent]),
            *(_list_empty(rows, columns) if kind not in WITHOUT_COLUMNS else []),
            *_find_doubts(kept, len(judged), ids),
        ],
        faults=faults,
    )


def _limit(kind: str | None) -> int:
    return MAX_PAGES if kind == "html" else MAX_ROWS


def _spread_pages(paths: Sequence[Path], file_names: str | None) -> Sequence[Path]:
    """Pages spread over the folders at `paths`; `paths` themselves where there are few, or where that is impossible."""
    if not all(path.is_dir() for path in paths):
        return paths
    pages = [file.path / file.name for file in list_files(paths) if format_of(file) == "html"]
    are_in_folders = file_names is not None and "/" in file_names  # what these tell would be lost in a common one
    return paths if are_in_folders or len(pages) <= MAX_PAGES else spread(pages, MAX_PAGES)


def _watch(rows: Iterable[Row], rules: Rules, names: Counter[str], ids: Counter[str]) -> Iterator[Row]:
    for row in rows:
        fields = row.fields or {}
        names.update(filter(None, [name_source(row, rules)]))
        ids.update(filter(None, [clean_line(fields.get("id"))]))
        yield row


def _set_aside(judged: list[Judged], settings: Mapping[str, Any]) -> tuple[list[Judged], dict[str, int]]:
    """The rows with short articles and those in other languages rejected, too, and how many are in which language."""
    keep, others = settings["languages"], other_languages(settings)
    if others or len(keep) > 1:
        check_languages((*keep, *others), key="corpus.languages")
    final = [
        (row, _reject(one, lambda c: reject_short(count_words(c["text"]), settings["min_words"], c["source"])))
        for row, one in judged
    ]
    articles = [one.columns for _, one in final if isinstance(one, Article)]
    texts = pl.Series([columns["text"] for columns in articles], dtype=pl.String)
    told = tell_languages([columns["language"] for columns in articles], texts, keep=keep, others=others)
    for columns, language in zip(articles, told, strict=True):
        columns["language"] = language
    final = [(row, _reject(one, lambda c: reject_foreign(c["language"], keep, c["source"]))) for row, one in final]
    return final, count(language or "another script" for language in told)


def _reject(one: Article | Rejection, reject: Callable[[dict], Rejection | None]) -> Article | Rejection:
    return one if isinstance(one, Rejection) else reject(one.columns) or one


def _list_rejected(judged: list[Judged]) -> dict[str, Example]:
    found = _collect((one.reason, f"{_place(row)}: {one.detail}") for row, one in judged if isinstance(one, Rejection))
    return {reason: found[reason] for reason in REASONS if reason in found}


def _list_dates(kept: list[Judged]) -> dict[str, Example]:
    days = [one.columns["date"] for _, one in kept if one.columns["date"]]
    problems = _collect(
        (one.columns["date_problem"], "" if one.columns["date_problem"] == "missing" else _show_date(row))
        for row, one in kept
        if one.columns["date_problem"]
    )
    return ({"known": (len(days), f"{min(days)} to {max(days)}")} if days else {}) | problems


def _collect(pairs: Iterable[tuple[str, str]]) -> dict[str, Example]:
    found: dict[str, Example] = {}
    for name, example in pairs:
        n, first = found.get(name, (0, example))
        found[name] = (n + 1, first)
    return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def _find_faults(kept: list[Judged], judged: list[Judged], found: set[str]) -> Iterator[str]:
    if not kept:
        yield (
            f"None of the {len(judged)} rows judged becomes an article. Check corpus.columns, corpus.source, "
            "corpus.format, corpus.min_words, corpus.languages and corpus.dates."
        )
    unread = [row for row, one in kept if one.columns["date_problem"] == "unparsable"]
    if 2 * len(unread) > len(kept) and all(one.columns["date"] is None for _, one in kept):
        yield (
            f"corpus.dates: no date can be read, such as {_show_date(unread[0])}. Set corpus.dates.order to dmy or mdy "
            "where months are numbers, or add a pattern to corpus.dates.formats, or set corpus.columns.date to null."
        )
    if ALL_SOURCES in found:
        yield f"A source is called {ALL_SOURCES!r}, the name reserved for all of them: rename it in corpus.sources."


def _find_doubts(kept: list[Judged], n_judged: int, ids: Counter[str]) -> Iterator[str]:
    if 0 < len(kept) < n_judged / 2:
        yield "More than half of the rows are rejected: see the reasons above."
    unread = [row for row, one in kept if one.columns["date_problem"] == "unparsable"]
    if unread:
        yield (
            f"Dates that cannot be read count as unknown, such as {_show_date(unread[0])}. Set corpus.dates.order to "
            "dmy or mdy where months are numbers, or add a pattern to corpus.dates.formats."
        )
    if kept and all(one.columns["date"] is None for _, one in kept):
        yield "No article has a date: there will be no comparisons over time."
    n_repeated = ids.total() - len(ids)
    if n_repeated >= 10 and n_repeated > ids.total() / 20:
        yield (
            f"corpus.columns.id: {n_repeated:,} of {ids.total():,} rows have the id of an earlier one. Unless they are "
            "the same article, they are rejected, and so many end the run: map another column, or null."
        )


def _list_empty(rows: Sequence[Row], columns: Mapping[str, str | None]) -> Iterator[str]:
    for ours, name in columns.items():
        if name and not any((row.fields or {}).get(ours) for row in rows):
            yield f"corpus.columns.{ours}: the column {name!r} is empty in every row that was judged."


def _list_absent(
    rules: Rules, groups: Mapping[str, Mapping[str, Sequence[str]]], names: set[str], found: set[str]
) -> list[str]:
    """The names in corpus.sources and corpus.groups that no row has."""
    absent = [
        f"corpus.sources: no article has the source {name!r}.{_suggest(name, names)}"
        for name in rules.sources
        if name not in names
    ]
    return absent + [
        f"corpus.groups.{kind}.{group}: no article has the source {name!r}.{_suggest(name, found)}"
        for kind, members in groups.items()
        for group, sources in members.items()
        for name in sources
        if name not in found
    ]


def _suggest(name: str, found: set[str]) -> str:
    close = get_close_matches(name, sorted(found), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _show_date(row: Row) -> str:
    return f"{(row.fields or {}).get('date')!s:.40} in {_place(row)}"


def _place(row: Row) -> str:
    return f"{row.file}, row {row.row}"
