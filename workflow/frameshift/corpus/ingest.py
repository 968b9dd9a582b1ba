"""Any corpus turned into one clean table, and a ledger in which every input row is accounted for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from frameshift.corpus.clean import clean_line, clean_text, count_words
from frameshift.corpus.dates import DATE_PROBLEMS, parse_date
from frameshift.corpus.duplicates import mark_duplicates
from frameshift.corpus.inputs import Row, read_rows
from frameshift.errors import UserError
from frameshift.jobs import log
from frameshift.tables import ALL_SOURCES, ContractError, empty_table

_BATCH = 5000  # articles held as Python objects at a time: a data frame needs half the memory

_ARTICLE_SCHEMA = {
    "article_id": pl.String,
    "original_id": pl.String,
    "source": pl.String,
    "date": pl.Date,
    "title": pl.String,
    "text": pl.String,
    "url": pl.String,
    "language": pl.String,
    "n_words": pl.Int64,
    "date_problem": pl.String,
}


class Corpus(NamedTuple):
    """The tables corpus/articles and corpus/rejected (see tables.py) and the ledger corpus/accounts.json."""

    articles: pl.DataFrame
    rejected: pl.DataFrame
    accounts: dict[str, Any]


class Rejection(NamedTuple):
    """Why a row became no article, and what was found."""

    reason: str  # unreadable row, no text, too short, no source, unknown date
    detail: str


class Rules(NamedTuple):
    """What decides about a row; the part of the configuration's section `corpus` that concerns single rows."""

    source: str | None
    sources: dict[str, str]
    language: str
    date_formats: tuple[str, ...]
    earliest: date
    latest: date
    reject_undated: bool
    min_words: int


def read_corpus(path: str | Path, settings: Mapping[str, Any], *, label: str | None = None) -> Corpus:
    """Read the corpus at `path` by the configuration's section `corpus`.

    `label` is what the ledger calls the corpus (its own name, if None). accounts holds rows_read, kept, rejected,
    merged, and reasons {reason: n}; further, over the kept articles, dates {known, missing, unparsable, out of range:
    n} and sources {source: n}. article_id is a digest of source, date, title and text; identical rows after the first
    get "-2", "-3", … appended, so that inserting other rows changes no id.

    Raises UserError as `read_rows` does, and if every row is rejected, if a name in corpus.sources does not occur, or
    if a source bears the name reserved for all of them, or if most articles have a date and none can be parsed;
    ContractError if the ledger does not add up.
    """
    rules = read_rules(settings)
    rows_read = 0
    names: set[str] = set()
    unparsable = ""  # the first date that fits no format
    repeats: Counter[str] = Counter()
    waiting: list[dict] = []
    frames = [pl.DataFrame(schema=_ARTICLE_SCHEMA)]
    rejected = []
    for row in read_rows(path, format=settings["format"], columns=map_columns(settings), label=label):
        rows_read += 1
        names.add(name_source(row, rules))
        judged = judge_row(row, rules)
        if isinstance(judged, Rejection):
            rejected.append((row.file, row.row, *judged))
            continue
        if judged["date_problem"] == "unparsable":
            unparsable = unparsable or f"{row.file}, row {row.row}: {row.fields['date']!r}"
        waiting.append({"article_id": _number_repeat(_identify(judged), repeats), **judged})
        if len(waiting) == _BATCH:
            frames.append(pl.DataFrame(waiting, schema=_ARTICLE_SCHEMA))
            waiting.clear()
    frames.append(pl.DataFrame(waiting, schema=_ARTICLE_SCHEMA))
    rejections = pl.DataFrame(rejected, schema=empty_table("corpus/rejected").schema, orient="row")
    articles = pl.concat(frames)

    if articles.is_empty():
        raise UserError(_describe_total_loss(path, rejections))
    _check_source_names(rules, names - {""})
    _check_dates(articles, unparsable, rules)
    articles = mark_duplicates(
        articles, policy=settings["duplicates"]["policy"], similarity=settings["duplicates"]["similarity"]
    )
    return Corpus(articles.drop("date_problem"), rejections, _account(articles, rejections, rows_read))


def read_rules(settings: Mapping[str, Any]) -> Rules:
    """The rules for single rows from the configuration's section `corpus`."""
    dates = settings["dates"]
    return Rules(
        source=clean_line(settings["source"]) or None,
        sources={clean_line(name): clean_line(meant) for name, meant in settings["sources"].items()},
        language=settings["language"],
        date_formats=tuple(dates["formats"]),
        earliest=date.fromisoformat(str(dates["earliest"])),  # YAML reads dates, JSON gives strings
        latest=date.fromisoformat(str(dates["latest"])),
        reject_undated=dates["unknown"] == "reject",
        min_words=settings["min_words"],
    )


def map_columns(settings: Mapping[str, Any]) -> dict[str, str | None]:
    """corpus.columns; the column of the source is not read where corpus.source names one source for all articles.

    Raises UserError if neither says where an article's source is found.
    """
    columns = dict(settings["columns"])
    if settings["source"]:
        columns["source"] = None
    elif not columns["source"] or settings["format"] in ("text", "lines"):
        raise UserError(
            "The configuration does not say which source the articles are from. Set corpus.source to the name of the "
            "one source, or corpus.columns.source to the column that holds it (text files have no columns)."
        )
    return columns


def name_source(row: Row, rules: Rules) -> str:
    """The source of a row as the corpus calls it, before corpus.sources is applied; "" if it has none."""
    return rules.source or clean_line((row.fields or {}).get("source"))


def judge_row(row: Row, rules: Rules) -> dict[str, Any] | Rejection:
    """The columns of an article, from original_id to date_problem, or why the row is none."""
    if row.fields is None:
        return Rejection("unreadable row", row.problem or "")
    fields = row.fields
    text = clean_text(fields.get("text") or "")
    n_words = count_words(text)
    source = name_source(row, rules)
    when, problem = parse_date(
        fields.get("date"), formats=rules.date_formats, earliest=rules.earliest, latest=rules.latest
    )
    if not text:
        return Rejection("no text", "the field of the text is empty")
    if n_words < rules.min_words:
        return Rejection("too short", f"{n_words} words, corpus.min_words is {rules.min_words}")
    if not source:
        return Rejection("no source", "the field of the source is empty")
    if problem and rules.reject_undated:
        return Rejection("unknown date", f"{problem}: {fields.get('date') or ''}")
    return {
        "original_id": clean_line(fields.get("id")) or None,
        "source": rules.sources.get(source, source),
        "date": when,
        "title": clean_line(fields.get("title")),
        "text": text,
        "url": clean_line(fields.get("url")) or None,
        "language": clean_line(fields.get("language")).lower() or rules.language,
        "n_words": n_words,
        "date_problem": problem,
    }


def _identify(article: Mapping[str, Any]) -> str:
    parts = (article["source"], str(article["date"] or ""), article["title"], article["text"])
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def _number_repeat(article_id: str, repeats: Counter[str]) -> str:
    repeats[article_id] += 1
    return article_id if repeats[article_id] == 1 else f"{article_id}-{repeats[article_id]}"


def _account(articles: pl.DataFrame, rejected: pl.DataFrame, rows_read: int) -> dict[str, Any]:
    kept = articles.filter(pl.col("duplicate_of").is_null())
    merged = articles.height - kept.height
    if rows_read != kept.height + rejected.height + merged:
        raise ContractError(
            f"corpus/accounts: {rows_read} rows were read, but {kept.height} kept, {rejected.height} rejected and "
            f"{merged} merged make {kept.height + rejected.height + merged}"
        )
    dates = dict(kept["date_problem"].fill_null("known").value_counts().iter_rows())
    return {
        "rows_read": rows_read,
        "kept": kept.height,
        "rejected": rejected.height,
        "merged": merged,
        "reasons": _count(rejected["reason"]),
        "dates": {name: dates.get(name, 0) for name in ("known", *DATE_PROBLEMS)},
        "sources": _count(kept["source"]),
    }


def _count(values: Iterable[str]) -> dict[str, int]:
    """How often each value occurs, the most frequent first and equal ones by name."""
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _check_source_names(rules: Rules, found: set[str]) -> None:
    """Raise UserError for a name in corpus.sources that the corpus lacks, and for a source with the reserved name."""
    listed = ", ".join(map(repr, sorted(found)[:50])) + (f" and {len(found) - 50} more" if len(found) > 50 else "")
    for name in rules.sources:
        if name not in found:
            close = get_close_matches(name, sorted(found), n=3)
            raise UserError(
                f"corpus.sources: no article has the source {name!r}. "
                + (f"Closest: {', '.join(map(repr, close))}. " if close else "")
                + f"Correct the name or remove the line. Sources found: {listed}."
            )
    if ALL_SOURCES in {rules.sources.get(name, name) for name in found}:
        raise UserError(
            f"A source is called {ALL_SOURCES!r}, the name reserved for all of them together. Give it another name "
            f"in corpus.sources, for example {{{ALL_SOURCES}: Unnamed outlet}}."
        )


def _check_dates(articles: pl.DataFrame, unparsable: str, rules: Rules) -> None:
    """Raise UserError if most articles have a date and none fits the formats; say in the log how many do not fit."""
    n = int((articles["date_problem"] == "unparsable").sum())
    if not n:
        return
    said = f"of {articles.height} articles, {n} have a date that fits none of {list(rules.date_formats)} ({unparsable})"
    if articles["date"].null_count() == articles.height < 2 * n:
        raise UserError(
            f"corpus.dates.formats: {said}. Add its format, e.g. %d/%m/%Y, or set corpus.columns.date to null."
        )
    log.warning("Warning: corpus.dates.formats: %s; these articles count as undated", said)


def _describe_total_loss(path: str | Path, rejected: pl.DataFrame) -> str:
    counts = ", ".join(f"{reason}: {n}" for reason, n in _count(rejected["reason"]).items())
    file, row, reason, detail = rejected.row(0)
    return (
        f"{path}: none of the {rejected.height} rows became an article ({counts}). The first: {file}, row {row}: "
        f"{reason} ({detail}). Check corpus.columns, corpus.source, corpus.format, corpus.min_words and corpus.dates."
    )
