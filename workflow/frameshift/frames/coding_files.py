"""The sheet as a spreadsheet, and the care that a sheet which people work on is not drawn over."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from frameshift.digests import digest_json
from frameshift.errors import UserError
from frameshift.frames.records import read_records
from frameshift.tables import write_whole

REMEDY = "Keep coding that sheet, or move the folder away to draw another"
_FORMULA = r"^([=+\-@\t\r])"


def list_columns(entries: Sequence[str]) -> list[str]:
    """The columns of a sheet and of what comes back, in their order. UserError where an entry is named like another."""
    before, after = ["passage_id", "coder"], ["voice", "note", "probability", "coded_at", "text"]
    if taken := sorted({*before, *after} & set(entries)):
        raise UserError(f"codebook: `entries.{taken[0]}` is named like a column of the coding sheet; rename the entry")
    return [*before, *entries, *after]


def digest_sheet(dealt: pl.DataFrame) -> str:
    """A digest of who codes which passage (columns coder and passage_id), whatever the order."""
    return digest_json(dealt.select("coder", "passage_id").unique().sort("coder", "passage_id").rows())[:16]


def write_sheet(dealt: pl.DataFrame, entries: Sequence[str], path: str | Path) -> bool:
    """Write what deal_passages dealt to `path` as a CSV to be filled in; False where codes are there and it is kept.

    One row a passage and coder, each coder's in their own order; the codes, voice, note and coded_at are empty. Excel
    takes the file for UTF-8 by its first bytes. A text that begins like a formula has an apostrophe before it. Raises
    UserError where `path` holds a sheet of other passages, or codes for other entries.
    """
    columns = list_columns(entries)
    if Path(path).exists() and _is_begun(Path(path), digest_sheet(dealt), entries):
        Path(path).touch()  # it is as new as what it was drawn from
        return False
    empty = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in dealt.columns]
    _write_csv(dealt.with_columns(empty).select(columns), path)
    return True


def write_sample(dealt: pl.DataFrame, path: str | Path) -> None:
    """Write the design to `path`, for whoever evaluates the codes and not for coders: one row a passage.

    passage_id, coders ("anna;ben"), source, era, bin, probability, text.
    """
    passages = dealt.group_by("passage_id", maintain_order=True).agg(
        pl.col("coder").sort().str.join(";").alias("coders"),
        pl.col("source", "era", "bin", "probability", "text").first(),
    )
    _write_csv(passages.sort("passage_id"), path)


def _write_csv(table: pl.DataFrame, path: str | Path) -> None:
    guarded = table.with_columns(pl.col("text").str.replace(_FORMULA, "'$1"))
    write_whole(path, lambda temporary: guarded.write_csv(temporary, include_bom=True, line_terminator="\r\n"))


def check_page(path: str | Path, digest: str) -> None:
    """Raise UserError where `path` is the page of a sheet of other passages, which coders may be working with."""
    if Path(path).exists() and digest not in Path(path).read_text(encoding="utf-8"):
        raise UserError(f"{path} is a sheet of other passages, or for other coders. {REMEDY}")


def _is_begun(path: Path, digest: str, entries: Sequence[str]) -> bool:
    """Whether the sheet at `path`, which must be that of `digest`, holds codes."""
    records = [record for _, _, record in read_records(str(path), key="coding")]
    there = [(str(record.get("coder")), str(record.get("passage_id"))) for record in records]
    if digest != digest_sheet(pl.DataFrame(there, schema=["coder", "passage_id"], orient="row")):
        raise UserError(f"{path} is a sheet of other passages, or for other coders. {REMEDY}")
    fixed = {"passage_id", "coder", "probability", "text"}
    begun = any(str(value or "").strip() for record in records for key, value in record.items() if key not in fixed)
    if begun and (lacking := [name for name in entries if name not in records[0]]):
        raise UserError(f"{path} holds codes, but none for {', '.join(lacking)} of the codebook. {REMEDY}")
    return begun
