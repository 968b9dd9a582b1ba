"""The raw file a workflow meets: one JSON object a line, with the dirt of real corpora, all of it written down."""

import json
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.demo.bank import Bank, load_bank
from frameshift.demo.knobs import SOURCES, Knobs
from frameshift.tables import write_whole

SECOND_NAME = (SOURCES["A"], f"{SOURCES['A']} (Web)")  # outlet A appears under two names
SECOND_NAME_SHARE = 0.3
DATE_FORMATS = (("%Y-%m-%d", 0.6), ("%d/%m/%Y", 0.2), ("%B %d, %Y", 0.2))
BREAKS = ("truncated line", "no body", "empty body", "body of wrong type", "not an object", "not JSON")


def write_corpus(path: Path, articles: pl.DataFrame, *, knobs: Knobs, bank: Bank | None = None) -> pl.DataFrame:
    """Write `articles` (original_id, source, date, title, text), their dirt, broken and foreign rows to `path`.

    Fields: id, outlet, published, headline, body, link. Broken rows and articles in another language are extra rows, so
    that every planned article can be read. Returns one row a line: line (from 1), original_id (of planned articles),
    kind (article, foreign, or one of BREAKS), boilerplate, undated, renamed, date_format.
    """
    bank = bank or load_bank()
    rng = np.random.default_rng([knobs.seed, 2])
    n = articles.height
    boilerplate, undated, renamed = (rng.random(n) < p for p in (knobs.boilerplate, knobs.undated, SECOND_NAME_SHARE))
    style = rng.choice(len(DATE_FORMATS), size=n, p=[share for _, share in DATE_FORMATS])
    lines, ledger = [], []
    for i, row in enumerate(articles.iter_rows(named=True)):
        record = _record(row, DATE_FORMATS[style[i]][0])
        renamed[i] &= row["source"] == SECOND_NAME[0]
        if renamed[i]:
            record["outlet"] = SECOND_NAME[1]
        if boilerplate[i]:
            record["body"] = _wrap(record["body"], bank, rng)
        if undated[i]:
            record["published"] = (None, "", "n/a")[rng.integers(3)]
        lines.append(json.dumps(record, ensure_ascii=False))
        shown = None if undated[i] else DATE_FORMATS[style[i]][0]
        ledger.append((row["original_id"], "article", bool(boilerplate[i]), bool(undated[i]), bool(renamed[i]), shown))

    extra = [("foreign", i) for i in range(round(knobs.foreign * n))]
    extra += [(BREAKS[i % len(BREAKS)], i) for i in range(round(knobs.broken * n))]
    for kind, i in extra:
        model = articles.row(int(rng.integers(n)), named=True)
        row = model | {"original_id": f"{'f' if kind == 'foreign' else 'b'}{i + 1:05d}"}
        if kind == "foreign":
            row["title"], row["text"] = bank.foreign[i % len(bank.foreign)]
        record = _record(row, DATE_FORMATS[0][0])
        lines.append(json.dumps(record, ensure_ascii=False) if kind == "foreign" else _break(record, kind))
        ledger.append((None, kind, False, False, False, None))

    # Extra rows go to random places; the articles keep their order.
    order = np.argsort(np.concatenate([np.arange(n), rng.integers(0, n, len(extra)) - 0.5]), kind="stable")
    text = "".join(lines[i] + "\n" for i in order)
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    columns = ("original_id", "kind", "boilerplate", "undated", "renamed", "date_format")
    flags = ("boilerplate", "undated", "renamed")
    schema = {name: pl.Boolean if name in flags else pl.String for name in columns}
    return pl.DataFrame([ledger[i] for i in order], schema=schema, orient="row").with_row_index("line", 1)


def _record(row: dict, date_format: str) -> dict:
    site = row["source"].lower().replace(" ", "-")
    return {
        "id": row["original_id"],
        "outlet": row["source"],
        "published": row["date"].strftime(date_format),
        "headline": row["title"],
        "body": row["text"],
        "link": f"https://{site}.example/{row['date']:%Y/%m}/{row['original_id']}",
    }


def _wrap(body: str, bank: Bank, rng: np.random.Generator) -> str:
    """`body` with lines that are no part of the article above, between or below its paragraphs."""
    paragraphs = body.split("\n")
    place = rng.integers(0, min(2, len(paragraphs)))
    paragraphs.insert(int(place), bank.boilerplate["top"][rng.integers(len(bank.boilerplate["top"]))])
    below = bank.boilerplate["bottom"]
    chosen = rng.choice(len(below), size=rng.integers(1, 4), replace=False)
    return "\n".join([*paragraphs, *(below[i] for i in chosen)])


def _break(record: dict, kind: str) -> str:
    if kind == "no body":
        record.pop("body")
    elif kind == "empty body":
        record["body"] = ""
    elif kind == "body of wrong type":
        record["body"] = 404
    line = json.dumps(record, ensure_ascii=False)
    if kind == "truncated line":
        return line[: len(line) // 2]
    if kind == "not an object":
        return json.dumps([record["id"], record["headline"]], ensure_ascii=False)
    if kind == "not JSON":
        return f"{record['id']};{record['headline']};{record['published']}"
    return line
