"""The ledger: every row that was read is kept, rejected for a reason, or merged into the copy that is kept."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import polars as pl

from frameshift.corpus.dates import DATE_PROBLEMS
from frameshift.tables import ContractError

REASONS = (
    "unreadable row",
    "repeated id",
    "no text",
    "no source",
    "unknown date",
    "only boilerplate",
    "too short",
    "other language",
)


def account(articles: pl.DataFrame, rejected: pl.DataFrame, removed: pl.DataFrame, *, rows_read: int) -> dict[str, Any]:
    """The ledger of a corpus: corpus/accounts.json.

    `articles` has duplicate_of and date_problem. Returns rows_read, kept, rejected, merged and reasons {reason: n};
    over the kept articles dates {known, missing, unparsable, out of range: n}, languages and sources {name: n}; and
    removed {form: lines}. Raises ContractError if rows_read is not the sum of kept, rejected and merged.
    """
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
        "reasons": count(rejected["reason"]),
        "dates": {name: dates.get(name, 0) for name in ("known", *DATE_PROBLEMS)},
        "languages": count(kept["language"]),
        "sources": count(kept["source"]),
        "removed": count(removed["form"]),
    }


def count(values: Iterable[str]) -> dict[str, int]:
    """How often each value occurs, the most frequent first and equal ones by name."""
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def describe_total_loss(rejected: pl.DataFrame) -> str:
    """What to say where no row became an article."""
    counts = ", ".join(f"{reason}: {n}" for reason, n in count(rejected["reason"]).items())
    file, row, reason, detail = rejected.select("file", "row", "reason", "detail").row(0)
    return (
        f"None of the {rejected.height} rows became an article ({counts}). The first: {file}, row {row}: "
        f"{reason} ({detail}). Check corpus.columns, corpus.source, corpus.format, corpus.min_words, corpus.languages "
        "and corpus.dates."
    )
