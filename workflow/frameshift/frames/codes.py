"""What people coded: files read, checked, joined with the passages, and brought to one label a passage and frame."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from frameshift.errors import UserError
from frameshift.frames.cells import (
    GUARD,
    KEY,
    clean_text,
    form,
    forms_of,
    read_code,
    read_probability,
    read_time,
    read_voice,
)
from frameshift.frames.codebook import Entry
from frameshift.frames.records import Table, find_name, need_column, read_cell, read_tables
from frameshift.jobs import log
from frameshift.names import ADJUDICATOR
from frameshift.tables import check_table

_FACTS = ("passage_id", "source", "coder", "voice", "coded_at", "probability")
_FIELDS = dict.fromkeys(["frame", "passage_id", "text", "source", "coder", "voice", "coded_at", "file"], pl.String)
_FIELDS |= {"code": pl.Int64, "probability": pl.Float64, "row": pl.Int64}


def read_codes(files: Sequence[Mapping[str, Any]], codebook: Mapping[str, Entry]) -> pl.DataFrame:
    """Every code in `files`: frame, passage_id and text (either may be null), source, coder, voice, coded_at (UTC),
    file, code, probability, row.

    Each of `files` has `path`, `text` (the column of the text) and `entries`, {entry: {column, values}}: the entry is
    present where the column holds one of `values`, or, without values, a yes; an empty mapping means a column of its
    own name for each entry. Of the columns passage_id, source, coder, voice, probability and coded_at those are read
    that are there; without a coder, the file is one. Capitals do not matter. Rows in which nothing is coded are passed
    over, and so are tables without any of the columns, beside one that has them. Raises UserError naming file, row and
    value: for a row that is coded in part, a code, voice, probability or time that is none, a row with neither
    passage_id nor text, and values that the column nowhere holds.
    """
    rows = [row for file in files for row in _read_file(file, codebook)]
    codes = pl.DataFrame(rows, schema=_FIELDS, orient="row")
    return codes.with_columns(coder=pl.col("coder").fill_null(pl.col("file").replace(_name_files(codes))))


def _name_files(codes: pl.DataFrame) -> dict[str, str]:
    """Files as coders: by their name, or, where folders hold several of that name, by their path."""
    nameless = codes.filter(pl.col("coder").is_null())["file"].unique().to_list()
    places = {(Path(file).stem, Path(file).resolve()) for file in nameless}
    stems = [stem for stem, _ in places]
    return {file: Path(file).stem if stems.count(Path(file).stem) == 1 else file for file in nameless}


def _read_file(file: Mapping[str, Any], codebook: Mapping[str, Entry]) -> list[tuple]:
    path = file["path"]
    tables = read_tables(path, key=KEY)
    columns = [how["column"] for how in file["entries"].values()] or list(codebook)
    coded = [table for table in tables if any(find_name(table.columns, column) for column in columns)]
    if tables and not coded:
        raise UserError(
            f"{tables[0].where} has no column {', '.join(columns)}, which would hold codes; it has "
            f"{', '.join(map(repr, tables[0].columns))}: say under `{KEY}` what they mean, "
            "entries: {threat: {column: label, values: [THREAT]}}"
        )
    for where in sorted({table.where for table in tables} - {table.where for table in coded}):
        log.info("%s holds no codes and is passed over", where)
    rows = [row for table in coded for row in _read_table(table, file, codebook)]
    if not rows:
        raise UserError(f"`{KEY}`: no row of {path} is coded; write 1 or 0 into the columns {', '.join(columns)}")
    _check_values(file, coded)
    return rows


def _read_table(table: Table, file: Mapping[str, Any], codebook: Mapping[str, Entry]) -> Iterator[tuple]:
    where = table.where
    at = {name: find_name(table.columns, name) for name in _FACTS}
    at["text"] = find_name(table.columns, file["text"])
    if at["text"] is None and at["passage_id"] is None:
        need_column(table.columns, file["text"], where=f"{where} has no column 'passage_id', and", key=KEY)
    entries = file["entries"] or {name: {"column": name} for name in codebook if find_name(table.columns, name)}
    columns = {frame: need_column(table.columns, how["column"], where=where, key=KEY) for frame, how in entries.items()}
    values = {frame: forms_of(how["values"]) if "values" in how else None for frame, how in entries.items()}
    for row, record in table.records:
        place = f"{where}, row {row}"
        codes = {frame: read_code(record, column, values[frame], place) for frame, column in columns.items()}
        blank = [columns[frame] for frame, code in codes.items() if code is None]
        if len(blank) == len(codes):
            continue
        if blank:
            raise UserError(f"{place}: {', '.join(blank)} not coded, though others are; code all entries or none")
        said = {name: read_cell(record, column) for name, column in at.items()}
        if said["passage_id"] is None and said["text"] is None:
            raise UserError(f"{place}: neither passage_id nor {file['text']!r} is filled: nobody knows what was coded")
        known = (
            said["passage_id"],
            None if said["text"] is None else clean_text(said["text"]),
            said["source"],
            ADJUDICATOR if (said["coder"] or "").casefold() == ADJUDICATOR else said["coder"],
            read_voice(said["voice"], place),
            read_time(said["coded_at"], place),
            where,
        )
        probability = read_probability(said["probability"], place)
        yield from ((frame, *known, code, probability, row) for frame, code in codes.items())


def _check_values(file: Mapping[str, Any], tables: Sequence[Table]) -> None:
    """A value that is spelled wrong would make zeros of what people found."""
    for frame, how in file["entries"].items():
        cells = [record.get(find_name(table.columns, how["column"])) for table in tables for _, record in table.records]
        there = {form(cell): str(cell).strip() for cell in cells if form(cell)}
        for value in how.get("values", []):
            if not forms_of([value]) & there.keys():
                held = ", ".join(map(repr, sorted(there.values())[:10]))
                raise UserError(
                    f"`{KEY}`, {file['path']}: entries.{frame}.values has {value!r}, which column {how['column']!r} "
                    f"nowhere holds; it holds {held}"
                )


def link_codes(codes: pl.DataFrame, passages: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """`codes` (of read_codes) with the passage that each is about: passage_id, source, date, cluster, in_corpus, text.

    A code with a passage_id is about that passage of corpus/passages; one without is about the first passage of the
    same text, in the same source where the file names one. A text that is no passage of this corpus keeps its codes,
    under a digest of it. Raises UserError for an unknown passage_id, and one whose passage has another text than the
    file.
    """
    _check_ids(codes, passages)
    _check_texts(codes, passages)
    by_id = codes.filter(pl.col("passage_id").is_not_null()).drop("source", "text")
    by_text = (
        codes.filter(pl.col("passage_id").is_null()).rename({"text": "said", "source": "named"}).drop("passage_id")
    )
    spelled = pl.col("text").str.replace(GUARD, "$1")
    wanted = passages.select("passage_id", "article_id", "text").filter(
        pl.col("passage_id").is_in(by_id["passage_id"].unique().implode())
        | spelled.is_in(by_text["said"].unique().implode())
    )
    known = wanted.join(
        articles.select("article_id", "source", "date", cluster="wire_cluster"), on="article_id", maintain_order="left"
    ).drop("article_id")
    alike = known.with_columns(said=spelled, named="source")
    first = alike.unique(["said", "named"], keep="first", maintain_order=True)
    anywhere = alike.unique("said", keep="first", maintain_order=True).with_columns(named=pl.lit(None, pl.String))
    linked = pl.concat(
        [
            by_id.join(known, on="passage_id", maintain_order="left"),
            by_text.join(
                pl.concat([first, anywhere]), on=["said", "named"], how="left", nulls_equal=True, maintain_order="left"
            ),
        ],
        how="diagonal",
    )
    texts = linked.filter(pl.col("passage_id").is_null())["said"].unique(maintain_order=True)
    own_id = pl.col("said").replace_strict(texts, texts.map_elements(_digest, return_dtype=pl.String), default=None)
    return linked.with_columns(
        passage_id=pl.coalesce("passage_id", own_id),
        text=pl.coalesce("text", "said"),
        source=pl.coalesce("source", "named"),
        cluster=pl.coalesce("cluster", own_id),
        in_corpus=pl.col("cluster").is_not_null(),
    ).drop("said", "named")


def _digest(text: str) -> str:
    return "text-" + blake2b(text.encode(), digest_size=12).hexdigest()


def _check_ids(codes: pl.DataFrame, passages: pl.DataFrame) -> None:
    unknown = codes.filter(pl.col("passage_id").is_not_null()).join(
        passages, on="passage_id", how="anti", maintain_order="left"
    )
    if len(unknown):
        rows = unknown.unique(["file", "row"], maintain_order=True)
        first = rows.row(0, named=True)
        raise UserError(
            f"{first['file']}, row {first['row']}: passage_id {first['passage_id']!r} is no passage of this corpus "
            f"(rows like this: {len(rows)}). Were articles or `passages` changed since the sheet was drawn? To use "
            "these codes by their text, empty the passage_id of those rows"
        )


def _check_texts(codes: pl.DataFrame, passages: pl.DataFrame) -> None:
    """A column that was sorted without the others would give every code to a wrong passage."""
    both = codes.drop_nulls(["passage_id", "text"]).unique(["file", "row"], maintain_order=True)
    told, true = (
        pl.col(name).str.to_lowercase().str.replace_all("[^a-z0-9]", "")  # what no wrong encoding changes
        for name in ("text", "text_true")
    )
    wrong = both.join(passages, on="passage_id", suffix="_true", maintain_order="left").filter(told != true)
    if len(wrong):
        first = wrong.row(0, named=True)
        raise UserError(
            f"{first['file']}, row {first['row']}: the text {first['text'][:60]!r} is not that of passage_id "
            f"{first['passage_id']!r}, {first['text_true'][:60]!r} (rows like this: {len(wrong)}). Was a column sorted "
            "without the others? Where the id is right, empty the text"
        )


def merge_versions(codes: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """One code a passage, frame and coder, and how many older versions were passed over.

    The same code twice is one. Of several that differ, in the code or in who says so, the latest by `coded_at` counts;
    UserError where that does not tell.
    """
    key = ["passage_id", "frame", "coder"]
    ordered = codes.sort("coded_at", nulls_last=False, maintain_order=True)
    said = pl.struct("code", voice=pl.when(pl.col("code") == 1).then("voice"))
    facts = (
        ordered.filter(pl.struct(key).is_duplicated())
        .group_by(key, maintain_order=True)
        .agg(
            said=said.n_unique(),
            latest=said.filter(pl.col("coded_at") == pl.col("coded_at").max()).n_unique(),
            timed=pl.col("coded_at").is_not_null().all(),
            places=pl.format("{}, row {}", "file", "row"),
        )
    )
    unclear = facts.filter(pl.col("said") > 1, ~pl.col("timed") | (pl.col("latest") > 1))
    if len(unclear):
        row = unclear.row(0, named=True)
        raise UserError(
            f"{row['coder']} coded {row['frame']} of passage {row['passage_id']} in two ways: "
            f"{' and '.join(row['places'][:3])} (codes like this: {len(unclear)}). Keep one, say in the column "
            "coded_at when each was coded, or give each coder a name of their own in the column coder"
        )
    kept = ordered.unique(key, keep="last", maintain_order=True)
    return kept, len(codes) - len(kept)


def adjudicate(codes: pl.DataFrame, codebook: Mapping[str, Entry]) -> pl.DataFrame:
    """The table frames/labels: one label a passage and frame.

    The code of the coder named ADJUDICATOR counts, else the mean of all codes, so that two coders who disagree make
    one half. A frame that is denied is not there; an issue that is denied is still talked about. Of several
    probabilities of a passage the smallest counts, for all frames: 1 stands for unknown.
    """
    denied = (pl.col("voice") == "denied").fill_null(False) & pl.col("frame").is_in(
        [name for name, entry in codebook.items() if entry.kind == "frame"]
    )
    decided = pl.col("coder") == ADJUDICATOR
    code = pl.when(denied).then(0).otherwise(pl.col("code"))
    drawn = codes.with_columns(pl.col("probability").min().over("passage_id"))
    labels = drawn.group_by("passage_id", "frame", maintain_order=True).agg(
        label=pl.when(decided.any()).then(code.filter(decided).first()).otherwise(code.mean()).cast(pl.Float64),
        source=pl.col("source").drop_nulls().first(),
        **{name: pl.col(name).first() for name in ("probability", "date", "cluster", "in_corpus", "text")},
    )
    return check_table(labels.sort("passage_id", "frame"), "frames/labels")
