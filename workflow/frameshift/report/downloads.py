"""Tables that can be saved from within the page: compressed CSV, the large ones only as files beside it."""

import base64
import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

MOST_READ = 8_000_000  # bytes of Parquet; a larger table is not looked at
MOST_EACH = 2_000_000  # characters of base64 that one table may take
MOST_TOGETHER = 6_000_000  # and all
DIGITS = 6  # significant ones
QUOTING = ("comparisons/contexts", "frames/disagreements")  # tables that quote articles
_FORMULA = r"^([=+\-@])"  # a spreadsheet would reckon a text that begins so


def pack_tables(
    tables: Iterable[str | Path],
    folder: str | Path,
    holds: Mapping[str, str],
    accounts: Mapping[str, Any],
    *,
    with_texts: bool,
) -> list[dict[str, Any]]:
    """The corpus's `accounts` and those of the Parquet files `tables` that fit, as {name, rows, data, about}; `data` is
    base64 of gzip of CSV.

    Names are relative to `folder`, without ending; `holds` says of each file what it holds. Passed over are empty
    tables, and those that quote articles unless `with_texts`. Lists are joined by blanks, numbers have six significant
    digits, and texts that a spreadsheet would take for a formula have an apostrophe in front.
    """
    packed, room = [pack_accounts(accounts)], MOST_TOGETHER
    for file in map(Path, tables):
        path = file.relative_to(folder)
        name = path.with_suffix("").as_posix()
        if file.stat().st_size > MOST_READ or (name in QUOTING and not with_texts):
            continue
        table = pl.read_parquet(file)
        if table.is_empty():
            continue
        data = pack_csv(table)
        if len(data) <= min(MOST_EACH, room):
            room -= len(data)
            packed.append({"name": name, "rows": len(table), "data": data, "about": holds[path.as_posix()]})
    return packed


def pack_csv(table: pl.DataFrame) -> str:
    """A table as base64 of gzip of CSV; the same table gives the same bytes."""
    plain = table.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join(" ") for name, kind in table.schema.items() if kind == pl.List
    )
    written = plain.with_columns(
        pl.selectors.float().round_sig_figs(DIGITS), pl.selectors.string().str.replace(_FORMULA, "'${1}")
    ).write_csv()
    return base64.b64encode(gzip.compress(written.encode(), 9, mtime=0)).decode()


def pack_accounts(accounts: Mapping[str, Any]) -> dict[str, Any]:
    """corpus/accounts as a table to save: what was counted ("reasons: too short"), and how often."""
    rows: list[tuple[str, int]] = []
    for name, value in accounts.items():
        rows += [(f"{name}: {part}", n) for part, n in value.items()] if isinstance(value, Mapping) else [(name, value)]
    table = pl.DataFrame(rows, schema={"what": pl.String, "n": pl.Int64}, orient="row")
    about = "how many rows were read, kept, merged and rejected, and why"
    return {"name": "corpus/accounts", "rows": len(table), "data": pack_csv(table), "about": about}
