"""Any corpus turned into one clean table, and a ledger in which every input row is accounted for."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from frameshift.corpus.boilerplate import Removal
from frameshift.corpus.duplicates import mark_duplicates
from frameshift.corpus.inputs import read_rows
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
from frameshift.corpus.ledger import account, describe_total_loss
from frameshift.corpus.repeated import remove_repeated
from frameshift.errors import UserError
from frameshift.jobs import log
from frameshift.names import name_group
from frameshift.tables import ALL_SOURCES, empty_table

_BATCH = 5000  # articles held as Python objects at a time: a data frame needs half the memory
_LOGGED = 100_000  # rows between two lines of the log

_ARTICLES = {
    "article_id": pl.String,
    "original_id": pl.String,
    "source": pl.String,
    "date": pl.Date,
    "date_precision": pl.String,
    "date_problem": pl.String,
    "title": pl.String,
    "text": pl.String,
    "url": pl.String,
    "language": pl.String,
    "file": pl.String,
    "row": pl.Int64,
}
_REMOVED = {
    "article_id": pl.String,
    "source": pl.String,
    "file": pl.String,
    "row": pl.Int64,
    "form": pl.String,
    "text": pl.String,
}


class Corpus(NamedTuple):
    """The tables corpus/articles, rejected and removed (see tables.py) and the ledger corpus/accounts.json."""

    articles: pl.DataFrame
    rejected: pl.DataFrame
    removed: pl.DataFrame
    accounts: dict[str, Any]


class _Gathered(NamedTuple):
    """What single rows tell: articles (with date_problem), rejected, removed, and what the checks need."""

    articles: pl.DataFrame
    rejected: pl.DataFrame
    removed: pl.DataFrame
    rows_read: int
    names: set[str]  # of sources, as the corpus has them
    unparsable: str  # the first date that cannot be read, and where it stands


def read_corpus(
    paths: str | Path | Sequence[str | Path], settings: Mapping[str, Any], *, label: str | None = None
) -> Corpus:
    """Read the corpus at `paths` by the configuration's section `corpus`.

    `label` is what the ledger calls a corpus of one file, folder or archive (its own name, if None). article_id is a
    digest of source, date, title and text as it was before boilerplate was removed; identical rows after the first get
    "-2", "-3", … appended, so that inserting other rows changes no id. For accounts see ledger.account.

    Raises UserError as `read_rows` does; if every row is rejected; if a name in corpus.sources or corpus.groups does
    not occur; if a source bears the name reserved for all of them; if most articles have a date and none can be
    parsed. Raises ContractError if the ledger does not add up.
    """
    rules = read_rules(settings)
    keep, others = settings["languages"], other_languages(settings)
    if others or len(keep) > 1:
        check_languages((*keep, *others), key="corpus.languages")
    gathered = _gather(paths, settings, rules, label)
    articles, learnt = _remove_repeated(gathered.articles, share=settings["boilerplate"]["repeated_share"])
    articles = articles.with_columns(n_words=pl.col("text").str.count_matches(r"\S+").cast(pl.Int64))
    articles, short = _set_aside(articles, "n_words", lambda n, source: reject_short(n, settings["min_words"], source))
    languages = tell_languages(articles["language"].to_list(), articles["text"], keep=keep, others=others)
    articles = articles.with_columns(language=pl.Series(languages, dtype=pl.String))
    articles, foreign = _set_aside(articles, "language", lambda found, source: reject_foreign(found, keep, source))
    rejected = pl.concat([gathered.rejected, short, foreign])
    if articles.is_empty():
        raise UserError(describe_total_loss(rejected))
    _check_ids(rejected, gathered.rows_read)
    _check_source_names(rules, gathered.names)
    _check_groups(settings["groups"], set(articles["source"].unique()))
    _check_dates(articles, gathered.unparsable)
    removed = pl.concat([gathered.removed, learnt]).with_columns(
        n_articles=pl.col("article_id").n_unique().over("source", "form", "text").cast(pl.Int64)
    )
    articles = mark_duplicates(articles, **settings["duplicates"])
    accounts = account(articles, rejected, removed, rows_read=gathered.rows_read)
    return Corpus(articles.drop("date_problem"), rejected, removed, accounts)


def _gather(paths, settings: Mapping[str, Any], rules: Rules, label: str | None) -> _Gathered:
    articles, removed = [pl.DataFrame(schema=_ARTICLES)], [pl.DataFrame(schema=_REMOVED)]
    waiting: list[dict] = []
    taken_out: list[tuple] = []
    rejected: list[tuple] = []
    names: set[str] = set()
    ids: dict[str, tuple[str, str, int]] = {}  # the article with an id, and where it stands
    repeats: Counter[str] = Counter()
    rows_read, unparsable = 0, ""

    def store() -> None:
        articles.append(pl.DataFrame(waiting, schema=_ARTICLES))
        removed.append(pl.DataFrame(taken_out, schema=_REMOVED, orient="row"))
        waiting.clear()
        taken_out.clear()

    for row in read_rows(paths, columns=map_columns(settings), label=label, **read_options(settings)):
        rows_read += 1
        names.add(name_source(row, rules))
        judged = judge_row(row, rules)
        if isinstance(judged, Article):
            digest = _identify(judged)
            judged = _refuse_repeated_id(judged, ids, (digest, row.file, row.row))
        if isinstance(judged, Rejection):
            rejected.append((row.file, row.row, *judged))
            continue
        if judged.columns["date_problem"] == "unparsable":
            unparsable = unparsable or f"{row.file}, row {row.row}: {row.fields['date']!r}"
        article_id = _number_repeat(digest, repeats)
        waiting.append({"article_id": article_id, **judged.columns, "file": row.file, "row": row.row})
        origin = (article_id, judged.columns["source"], row.file, row.row)
        taken_out.extend((*origin, *removal) for removal in judged.removed)
        if len(waiting) == _BATCH:
            store()
        if rows_read % _LOGGED == 0:
            log.info("%d rows read", rows_read)
    store()
    return _Gathered(
        pl.concat(articles), _list_rejected(rejected), pl.concat(removed), rows_read, names - {""}, unparsable
    )


def _refuse_repeated_id(
    article: Article, ids: dict[str, tuple[str, str, int]], own: tuple[str, str, int]
) -> Article | Rejection:
    """`article`, or its rejection where another one before has the same id: labels could not tell the two apart."""
    original, source = article.columns["original_id"], article.columns["source"]
    if original is None or (first := ids.setdefault(original, own))[0] == own[0]:
        return article
    return Rejection("repeated id", f"{original!r} is the id of another article: {first[1]}, row {first[2]}", source)


def _identify(article: Article) -> str:
    columns = article.columns
    parts = (columns["source"], str(columns["date"] or ""), columns["title"], article.whole_text)
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def _number_repeat(article_id: str, repeats: Counter[str]) -> str:
    repeats[article_id] += 1
    return article_id if repeats[article_id] == 1 else f"{article_id}-{repeats[article_id]}"


def _list_rejected(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=empty_table("corpus/rejected").schema, orient="row")


def _remove_repeated(articles: pl.DataFrame, *, share: float | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The articles without what their sources repeat, and what was removed."""
    removed: dict[int, list[Removal]] = {}
    if share is not None:
        texts, removed = remove_repeated(articles.select("source", "text"), share=share)
        articles = articles.with_columns(texts)
    number = [row for row, found in removed.items() for _ in found]
    found = [removal for found in removed.values() for removal in found]
    origins = articles.select("article_id", "source", "file", "row")[number]
    table = origins.with_columns(
        pl.Series("form", [removal.form for removal in found], dtype=pl.String),
        pl.Series("text", [removal.text for removal in found], dtype=pl.String),
    )
    return articles, table.select(*_REMOVED)


def _set_aside(
    articles: pl.DataFrame, column: str, reject: Callable[[Any, str], Rejection | None]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The articles that `reject` (of the column's value and the source) lets pass, and the rejected ones."""
    rows = articles.select("file", "row", column, "source").iter_rows()
    judged = [(file, row, reject(value, source)) for file, row, value, source in rows]
    passed = pl.Series([rejection is None for _, _, rejection in judged], dtype=pl.Boolean)
    rejected = [(file, row, *rejection) for file, row, rejection in judged if rejection is not None]
    return articles.filter(passed), _list_rejected(rejected)


def _check_ids(rejected: pl.DataFrame, rows_read: int) -> None:
    """Raise UserError if so many rows bear another's id that it is none: the number of a row in its file, say."""
    repeated = rejected.filter(pl.col("reason") == "repeated id")
    if repeated.height >= 10 and repeated.height > rows_read / 20:
        file, row, _, detail, _ = repeated.row(0)
        raise UserError(
            f"corpus.columns.id: {repeated.height} of {rows_read} rows have the id of another article. The first: "
            f"{file}, row {row}: {detail}. Map a field that differs from article to article, or set corpus.columns.id "
            "to null."
        )


def _check_source_names(rules: Rules, found: set[str]) -> None:
    """Raise UserError for a name in corpus.sources that the corpus lacks, and for a source with the reserved name."""
    for name in rules.sources:
        if name not in found:
            raise UserError(f"corpus.sources: no article has the source {name!r}. {_suggest(name, found)}")
    if ALL_SOURCES in {rules.sources.get(name, name) for name in found}:
        raise UserError(
            f"A source is called {ALL_SOURCES!r}, the name reserved for all of them together. Give it another name "
            f"in corpus.sources, for example {{{ALL_SOURCES}: Unnamed outlet}}."
        )


def _check_groups(groups: Mapping[str, Mapping[str, Sequence[str]]], found: set[str]) -> None:
    """Raise UserError for a source in corpus.groups that no article has, and for a source named as a group is."""
    for dimension, members in groups.items():
        for group, sources in members.items():
            if name_group(dimension, group) in found:
                raise UserError(
                    f"corpus.groups.{dimension}.{group}: a source is called {name_group(dimension, group)!r}, as the "
                    "group is where results are shown. Rename one of the two."
                )
            for name in sources:
                if name not in found:
                    raise UserError(
                        f"corpus.groups.{dimension}.{group}: no article has the source {name!r} "
                        f"(after corpus.sources). {_suggest(name, found)}"
                    )


def _suggest(name: str, found: set[str]) -> str:
    close = get_close_matches(name, sorted(found), n=3)
    listed = ", ".join(map(repr, sorted(found)[:50])) + (f" and {len(found) - 50} more" if len(found) > 50 else "")
    hint = f"Closest: {', '.join(map(repr, close))}. " if close else ""
    return f"{hint}Correct the name or remove the line. Sources found: {listed}."


def _check_dates(articles: pl.DataFrame, unparsable: str) -> None:
    """Raise UserError if most articles have a date and none can be read; say in the log how many cannot."""
    n = int((articles["date_problem"] == "unparsable").sum())
    if not n:
        return
    said = f"of {articles.height} articles, {n} have a date that cannot be read ({unparsable})"
    remedy = "Set corpus.dates.order to dmy or mdy where months are numbers, or add a pattern to corpus.dates.formats"
    if articles["date"].null_count() == articles.height < 2 * n:
        raise UserError(f"corpus.dates: {said}. {remedy}, or set corpus.columns.date to null.")
    log.warning("Warning: corpus.dates: %s; these articles count as undated. %s.", said, remedy)
