"""Scores from elsewhere: another classifier, an entailment model, a language model's answers."""

from collections.abc import Collection

import polars as pl

from frameshift.errors import UserError
from frameshift.frames.records import Table, find_name, need_column, read_cell, read_number, read_tables


def read_external(measure: str, path: str, passages: pl.DataFrame, entries: Collection[str]) -> pl.DataFrame:
    """passage_id, frame, measure, score from a table of passage_id or article_id, frame, score.

    A score of an article is that of all its passages. `passages` is corpus/passages. Passages of which the table says
    nothing have no score. Raises UserError naming file, row and value: for a missing column, an unknown frame or id, a
    score that is no number, a passage scored twice.
    """
    key = f"frames.external.{measure}"
    tables = read_tables(path, key=key)
    if not tables:
        raise UserError(f"`{key}`: {path} holds no score; it needs rows of passage_id or article_id, frame and score")
    unit = _find_unit({column for table in tables for column in table.columns})
    schema = {unit: pl.String, "frame": pl.String, "score": pl.Float64, "file": pl.String, "row": pl.Int64}
    rows = [row for table in tables for row in _read_table(table, unit, entries, key)]
    scores = pl.DataFrame(rows, schema=schema, orient="row")
    _check_rows(scores, passages, unit, key)
    return scores.join(passages.select("passage_id", "article_id"), on=unit, maintain_order="left").select(
        "passage_id", "frame", measure=pl.lit(measure), score="score"
    )


def _find_unit(columns: Collection[str]) -> str:
    of_articles = find_name(columns, "article_id") and not find_name(columns, "passage_id")
    return "article_id" if of_articles else "passage_id"


def _read_table(table: Table, unit: str, entries: Collection[str], key: str) -> list[tuple]:
    where = table.where
    columns = [need_column(table.columns, name, where=where, key=key) for name in (unit, "frame", "score")]
    names = {}  # of entries, by what the file says
    rows = []
    for row, record in table.records:
        about, said, number = (read_cell(record, column) for column in columns)
        if about is None:
            raise UserError(f"{where}, row {row}: {unit} is empty; fill it in or take the row out")
        if said not in names:
            names[said] = find_name(entries, said or "")
        if names[said] is None:
            raise UserError(
                f"{where}, row {row}: frame is {said or ''!r}; the codebook has {', '.join(entries)}. Name it so, or "
                "take such rows out"
            )
        score = read_number(number)
        if score is None:
            raise UserError(
                f"{where}, row {row}: score is {record.get(columns[2])!r}, not a number; leave the row out where there "
                "is no score"
            )
        rows.append((about, names[said], score, where, row))
    return rows


def _check_rows(scores: pl.DataFrame, passages: pl.DataFrame, unit: str, key: str) -> None:
    unknown = scores.join(passages, on=unit, how="anti", maintain_order="left")
    if len(unknown):
        first = unknown.row(0, named=True)
        raise UserError(
            f"{first['file']}, row {first['row']}: {unit} {first[unit]!r} is not in this corpus (rows like this: "
            f"{len(unknown)}); ids are those of corpus/{unit.removesuffix('_id')}s.parquet. Score these, or "
            "take the rows out"
        )
    twice = scores.filter(pl.struct(unit, "frame").is_duplicated())
    if len(twice):
        first = twice.row(0, named=True)
        same = twice.filter(pl.col(unit) == first[unit], pl.col("frame") == first["frame"])
        places = " and ".join(f"{file}, row {row}" for file, row in same.select("file", "row").iter_rows())
        raise UserError(
            f"{places}: {first['frame']} of {unit} {first[unit]!r} is scored more than once; keep one ({key})"
        )
