"""One row of the input made an article, or the reason why it is none."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from frameshift.corpus.boilerplate import Removal, remove_forms
from frameshift.corpus.clean import clean_line, clean_text
from frameshift.corpus.dates import DateRules, parse_date, read_date_rules
from frameshift.corpus.inputs import Row
from frameshift.corpus.language import read_code
from frameshift.errors import UserError


class Rejection(NamedTuple):
    """Why a row became no article: one of ledger.REASONS, what was found, and the source where the row tells it."""

    reason: str
    detail: str
    source: str | None = None


class Rules(NamedTuple):
    """The part of the configuration's section `corpus` that concerns single rows."""

    source: str | None
    sources: dict[str, str]
    dates: DateRules
    reject_undated: bool
    forms: tuple[str, ...]


class Article(NamedTuple):
    """The columns of an article that one row tells, its text as it came, and what was removed from it."""

    columns: dict[str, Any]  # original_id, source, date, date_precision, date_problem, title, text, url, language
    whole_text: str  # cleaned, with boilerplate
    removed: list[Removal]


def read_rules(settings: Mapping[str, Any]) -> Rules:
    """The rules for single rows from the configuration's section `corpus`."""
    return Rules(
        source=clean_line(settings["source"]) or None,
        sources={clean_line(name): clean_line(meant) for name, meant in settings["sources"].items()},
        dates=read_date_rules(settings["dates"]),
        reject_undated=settings["dates"]["unknown"] == "reject",
        forms=tuple(settings["boilerplate"]["forms"]),
    )


def map_columns(settings: Mapping[str, Any]) -> dict[str, str | None]:
    """corpus.columns; the column of the source is not read where corpus.source names one source for all articles.

    Raises UserError if nothing says where an article's source is found.
    """
    columns = dict(settings["columns"])
    if settings["source"]:
        columns["source"] = None
    elif not _tells_source(settings):
        raise UserError(
            "The configuration does not say which source the articles are from. Set corpus.source to the name of the "
            "one source, corpus.columns.source to the column that holds it, or, for text files, corpus.file_names to "
            'how their names tell it, as in "{source}/{date}".'
        )
    return columns


def read_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The options of inputs.read_rows from the configuration's section `corpus`."""
    return {key: settings[key] for key in ("format", "encoding", "page_break", "file_names")}


def name_source(row: Row, rules: Rules) -> str:
    """The source of a row as the corpus calls it, before corpus.sources is applied; "" if it has none."""
    return rules.source or _clean_name((row.fields or {}).get("source"))


_clean_name = lru_cache(maxsize=10_000)(clean_line)  # a corpus has few sources, and each row is asked for its own twice


def judge_row(row: Row, rules: Rules) -> Article | Rejection:
    """The article in a row, without the known forms of boilerplate, or why the row is none."""
    named = name_source(row, rules)
    source = rules.sources.get(named, named)
    if row.fields is None:
        return Rejection("unreadable row", row.problem or "", source or None)
    fields = row.fields
    whole = clean_text(fields.get("text") or "")
    if not whole:
        return Rejection("no text", "the field of the text is empty", source or None)
    if not source:
        return Rejection("no source", "the field of the source is empty")
    when, precision, problem = parse_date(fields.get("date"), rules.dates)
    if problem and rules.reject_undated:
        return Rejection("unknown date", f"{problem}: {fields.get('date') or ''}", source)
    title = clean_line(fields.get("title"))
    text, removed = remove_forms(whole, title, rules.forms)
    columns = {
        "original_id": clean_line(fields.get("id")) or None,
        "source": source,
        "date": when,
        "date_precision": precision,
        "date_problem": problem,
        "title": title,
        "text": text,
        "url": clean_line(fields.get("url")) or None,
        "language": read_code(fields.get("language") or ""),
    }
    return Article(columns, whole, removed)


def reject_short(n_words: int, min_words: int, source: str) -> Rejection | None:
    """The rejection of an article that has fewer than `min_words` words without boilerplate."""
    if n_words >= min_words:
        return None
    if not n_words:
        return Rejection("only boilerplate", "nothing is left of the text without boilerplate", source)
    return Rejection("too short", f"{n_words} words, corpus.min_words is {min_words}", source)


def reject_foreign(language: str | None, keep: Sequence[str], source: str) -> Rejection | None:
    """The rejection of an article in none of the languages `keep`; None is a script that no language has."""
    if language in keep:
        return None
    said = language or "a script that no language of the configuration uses"
    return Rejection("other language", f"{said}; corpus.languages is {', '.join(keep)}", source)


def other_languages(settings: Mapping[str, Any]) -> list[str]:
    """The languages that are told apart from those to keep."""
    return [language for language in settings["other_languages"] if language not in settings["languages"]]


def _tells_source(settings: Mapping[str, Any]) -> bool:
    if settings["format"] in ("text", "pages", "lines"):
        return "{source}" in (settings["file_names"] or "")
    return bool(settings["columns"]["source"])
