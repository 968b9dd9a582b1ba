"""What the page says of shifts, in tables: breaks, events, topics against framing, distances, and words in context.

All of it was looked for and not declared, so each table holds what passed the correction for many tests, the largest
first, and says how many were looked at.
"""

from collections.abc import Mapping

import polars as pl

from frameshift.comparisons.multiplicity import add_q
from frameshift.names import ALL_SOURCES, TOPIC_MODELS
from frameshift.report.findings import UNITS, Q, name_frame

MOST = 20  # rows of a table
MOST_WORDS = 8  # of a source
SHAPES = {"step": "a step", "trend": "rather a trend", None: "–"}


def describe_breaks(changepoints: pl.DataFrame) -> dict:
    """The breaks found: `n_searched` series, and rows of cells (frame, source, date, shift, shape, q)."""
    found = changepoints.filter(pl.col("q") < Q).sort(pl.col("shift").abs(), descending=True)
    rows = [
        [
            name_frame(row),
            row["source"],
            _say_dates(row),
            _say_estimate(row | {"estimate": row["shift"]}),
            SHAPES[row["shape"]],
            _say_q(row["q"]),
        ]
        for row in found.head(MOST).iter_rows(named=True)
    ]
    n_searched = changepoints.select("frame", "given", "source").n_unique()
    return {"n_searched": n_searched, "n_found": len(found), "rows": rows}


def describe_events(events: pl.DataFrame) -> dict:
    """Responses to events: `n_tested`, and rows of cells (event, frame, source, response, q) by q."""
    tested = events.filter(pl.col("lag").is_null(), pl.col("p").is_not_null())
    found = tested.filter((pl.col("q") < Q) | (pl.col("finding").is_not_null())).sort("q")
    rows = [
        [
            row["event"],
            name_frame(row),
            row["source"],
            "its own course" if row["design"] == "interrupted" else row["reference"],
            _say_estimate(row),
            _say_q(row["q"]),
        ]
        for row in found.head(MOST).iter_rows(named=True)
    ]
    return {"n_tested": len(tested), "n_found": len(found), "rows": rows}


def describe_mix(decomposition: pl.DataFrame, topics: pl.DataFrame, model: str) -> dict:
    """Changes and gaps of which the total is established: rows of cells (frame, source, what is compared, total, mix,
    within, topics that contribute most, marked where their words are the codebook's).

    q is that of the totals of one model, changes and gaps together (Benjamini & Hochberg 1995).
    """
    of_model = decomposition.filter(pl.col("model") == model, pl.col("form") == "two-fold")
    whole = of_model.filter(pl.col("part") == "total")
    found = add_q(whole, within=["model"]).filter(pl.col("q") < Q).sort(pl.col("estimate").abs(), descending=True)
    parts = {
        (*(row[key] for key in _COMPARED), row["part"]): row for row in of_model.sort("part").iter_rows(named=True)
    }
    by_topic = dict(topics.filter(pl.col("model") == model).group_by(_COMPARED, maintain_order=True))
    rows = []
    for row in found.head(MOST).iter_rows(named=True):
        key = tuple(row[name] for name in _COMPARED)
        between = "all others"
        if row["kind"] == "change":
            between = f"from\u00a0{row['to'].split('/')[0]} on against before"
        said = [_say_estimate(parts[*key, part]) for part in ("total", "mix", "within")]
        rows.append([name_frame(row), row["source"], between, *said, _say_topics(by_topic.get(key))])
    return {"n_compared": len(whole), "n_found": len(found), "rows": rows, "model": TOPIC_MODELS[model]}


_COMPARED = ["frame", "given", "source", "kind", "from", "to"]


def describe_distances(distances: pl.DataFrame) -> dict:
    """Pairs of sources apart: rows of cells (what, source, other, distance, q)."""
    found = distances.filter(pl.col("q") < Q).sort("kind", "distance", descending=[True, True])
    rows = [
        [
            "topics" if row["kind"] == "topics" else f"passages that show {name_frame(row).lower()}",
            row["source"],
            row["other"],
            f"{row['distance']:.3f}",
            _say_q(row["q"]),
        ]
        for row in found.head(MOST).iter_rows(named=True)
    ]
    return {"n_compared": len(distances), "n_found": len(found), "rows": rows}


def list_words(words: pl.DataFrame, contexts: pl.DataFrame) -> list[dict]:
    """By issue and source, the words established (q < .05), each with passages: given, source, words.

    A word has word and contexts, which have before, match, after and date.
    """
    key = ["given", "source", "period", "word"]
    quoted: dict[tuple, list[dict]] = {}
    for row in contexts.iter_rows(named=True):
        quoted.setdefault(tuple(row[name] for name in key), []).append(row)
    found = words.filter(pl.col("q") < Q, pl.col("period") == "all")
    return [
        {
            "given": given,
            "source": source,
            "words": [
                {"word": row["word"].replace("_", " "), "contexts": quoted.get(tuple(row[name] for name in key), [])}
                for row in part.head(MOST_WORDS).iter_rows(named=True)
            ],
        }
        for (given, source), part in found.group_by("given", "source", maintain_order=True)
        if source != ALL_SOURCES
    ]


def _say_topics(topics: pl.DataFrame | None) -> str:
    if topics is None:
        return "–"
    most = topics.sort((pl.col("mix") + pl.col("within")).abs(), descending=True).head(2)
    return "; ".join(row["label"] + ("*" if row["overlap"] else "") for row in most.iter_rows(named=True))


def _say_dates(row: Mapping) -> str:
    return f"{row['date']}" if row["date_low"] is None else f"{row['date']} ({row['date_low']} to {row['date_high']})"


def _say_estimate(row: Mapping) -> str:
    """An estimate with its interval, in the unit of UNITS, unbroken: +3.5 (+0.3 to +6.7)."""
    factor, digits, _ = UNITS[row["scale"]]
    values = [row["estimate"], row["low"], row["high"]]
    said = ["" if value is None else f"{value * factor:+.{digits}f}".replace("-", "−") for value in values]
    return f"{said[0]} ({said[1]} to {said[2]})".replace(" ", "\u00a0") if said[1] else said[0]


def _say_q(q: float | None) -> str:
    return "–" if q is None else "< 0.001" if q < 0.001 else f"{q:.3f}"
