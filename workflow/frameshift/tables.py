"""The column contracts of every table that one room hands to the next, and how tables are read and written.

A contract names the columns that must be there, with their types; more columns are welcome. Tables are polars
data frames in memory and Parquet on disk. Writing is atomic: a killed job leaves no half-written table.
"""

import os
import uuid
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from frameshift.names import ALL_SOURCES as ALL_SOURCES

GRAINS = ("all", "year", "quarter", "month", "week")
SCALES = ("intensity", "share", "corrected share")
VOICES = ("own", "quoted", "denied")  # who frames it so: the outlet, somebody it quotes, or nobody, as it is denied


def _text(nullable: bool = False, **kwargs) -> pa.Column:
    return pa.Column(pl.String, nullable=nullable, **kwargs)


def _number(nullable: bool = False, **kwargs) -> pa.Column:
    return pa.Column(pl.Float64, nullable=nullable, **kwargs)


def _count(**kwargs) -> pa.Column:
    return pa.Column(pl.Int64, pa.Check.ge(0), **kwargs)


def _one_of(values: Iterable[str], **kwargs) -> pa.Column:
    return pa.Column(pl.String, pa.Check.isin(list(values)), **kwargs)


def _estimate() -> dict[str, pa.Column]:
    return {"estimate": _number(nullable=True), "low": _number(nullable=True), "high": _number(nullable=True)}


CONTRACTS: dict[str, pa.DataFrameSchema] = {
    "corpus/articles": pa.DataFrameSchema(
        {
            "article_id": _text(unique=True),  # digest of source, date, title and text
            "original_id": _text(nullable=True),  # the corpus's own id, where a column is mapped to it
            "source": _text(),
            "date": pa.Column(pl.Date, nullable=True),  # null when unknown
            "date_precision": _one_of(["day", "month", "year"], nullable=True),  # the date is the first of these days
            "title": _text(),  # "" when there is none
            "text": _text(),  # paragraphs separated by one line feed
            "url": _text(nullable=True),
            "language": _text(),  # ISO 639-1
            "n_words": _count(),
            "duplicate_of": _text(nullable=True),  # article_id of the kept copy; null for kept articles
            "wire_cluster": _text(),  # article_id of the cluster's first copy; its own id when alone
            "file": _text(),  # where the article was read, and
            "row": _count(),  # in which row of it
        }
    ),
    "corpus/rejected": pa.DataFrameSchema(
        {
            "file": _text(),
            "row": _count(),
            "reason": _text(),  # one of corpus.ledger.REASONS
            "detail": _text(),
            "source": _text(nullable=True),  # where the row tells it
        }
    ),
    "corpus/removed": pa.DataFrameSchema(
        {
            "article_id": _text(),  # of a rejected article too
            "source": _text(),
            "file": _text(),
            "row": _count(),
            "form": _text(),  # one of corpus.boilerplate.FORMS, or repeated
            "text": _text(),  # the line or sentence
            "n_articles": _count(),  # of the source, from which the same was removed
        }
    ),
    "corpus/passages": pa.DataFrameSchema(
        {
            "passage_id": _text(unique=True),
            "article_id": _text(),
            "position": _count(),  # 0 is the headline
            "text": _text(),
            "n_words": _count(),
        }
    ),
    "topics/topics": pa.DataFrameSchema(
        {
            "topic": pa.Column(pl.Int64),
            "label": _text(),
            "words": _text(),  # those most surely more common in its articles than in others (topics.words.keyness)
            "frex": _text(),  # the same, by frequency and exclusivity
            "n_articles": _count(),
            "npmi": _number(nullable=True),
            "c_v": _number(nullable=True),
            "exclusivity": _number(nullable=True),
            "stability": _number(nullable=True),
            "articles": pa.Column(pl.List(pl.String)),  # the most typical ones
        }
    ),
    "topics/assignments": pa.DataFrameSchema(
        {
            "article_id": _text(unique=True),
            "topic": pa.Column(pl.Int64),  # -1 for none
            "weight": _number(),
            "fitted": pa.Column(pl.Boolean),  # whether the model was fitted on it, or it was assigned afterwards
        }
    ),
    "topics/selection": pa.DataFrameSchema(
        {
            "model": _text(),
            "setting": _text(),
            "seed": pa.Column(pl.Int64),
            "npmi": _number(nullable=True),
            "c_v": _number(nullable=True),
            "diversity": _number(nullable=True),
            "exclusivity": _number(nullable=True),
            "stability": _number(nullable=True),
            "agreement": _number(nullable=True),  # adjusted Rand index with the other seeds of the setting
            "coverage": _number(),  # share of the articles with a topic
            "outliers": _number(),  # share that the model itself left out
            "seconds": _number(),
            "chosen": pa.Column(pl.Boolean),
        }
    ),
    "frames/passages": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "measure": _text(),
            "score": _number(),
            "share": _number(nullable=True),  # calibrated probability; of the combined measure, where labels allow it
        }
    ),
    "frames/joint": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "given": _text(),  # an issue, or "issue without frame"
            "share": _number(),  # calibrated probability that the passage shows the frame and is about `given`
            "about": _number(),  # that it is about `given`
        }
    ),
    "frames/codes": pa.DataFrameSchema(
        {
            "passage_id": _text(),  # of a text that is no passage of the corpus: a digest of it
            "frame": _text(),
            "coder": _text(),
            "code": pa.Column(pl.Int64, pa.Check.isin([0, 1])),
            "voice": _one_of(VOICES, nullable=True),
            "probability": _number(),  # with which the passage was drawn; 1 where unknown
            "file": _text(),
            "row": _count(),
        }
    ),
    "frames/labels": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "label": pa.Column(pl.Float64, pa.Check.in_range(0, 1)),  # the adjudicated code, or the coders' mean
            "probability": _number(),
            "source": _text(nullable=True),
            "date": pa.Column(pl.Date, nullable=True),
            "cluster": _text(),  # the article's wire cluster
            "in_corpus": pa.Column(pl.Boolean),
            "text": _text(),
        }
    ),
    "frames/labelled": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "measure": _text(),
            "score": _number(),  # out of fold, where the measure learns from labels
            "share": _number(nullable=True),  # likewise
            "label": _number(),
            "probability": _number(),
            "source": _text(nullable=True),
            "date": pa.Column(pl.Date, nullable=True),
            "cluster": _text(),
            "in_corpus": pa.Column(pl.Boolean),
        }
    ),
    "frames/validation": pa.DataFrameSchema(
        {
            "frame": _text(),
            "measure": _text(),  # "coders": agreement among people
            "source": _text(),
            "period": _text(),  # "all", or an era such as "2012–2014"
            "n": _count(),
            "metric": _text(),
            **_estimate(),
        }
    ),
    "frames/voices": pa.DataFrameSchema(
        {
            "frame": _text(),
            "source": _text(),
            "n_passages": _count(),  # with a pattern of the frame, denied or not
            "quoted": _number(),  # share of these in which a hit stands between quotation marks
            "denied": _number(),  # share of these in which every hit is negated
        }
    ),
    "frames/articles": pa.DataFrameSchema(
        {
            "article_id": _text(),
            "frame": _text(),
            "given": _text(nullable=True),  # null: all passages; an issue: only the passages about it
            "measure": _text(),
            "score": _number(),  # mean over the passages; an intensity
            "share": _number(nullable=True),  # null unless calibrated or thresholded by declared labels
            "n_passages": _count(),  # how many passages the mean is over
            "weight": _number(),  # of the article in a mean over articles: see frames.pool
            "passages": _number(),  # how many passages it stands for in a mean over passages
        }
    ),
    "frames/sensitivity": pa.DataFrameSchema(
        {
            "frame": _text(),
            "source": _text(),
            "n_passages": _count(),
            "difference": _number(),  # of the source's mean from that of all, in intensity
            "low": _number(),  # of the 95% that other statements and patterns of the codebook give
            "high": _number(),
            "agreement": _number(nullable=True),  # all sources: median rank correlation with the scores as they are
        }
    ),
    "frames/disagreements": pa.DataFrameSchema(
        {
            "frame": _text(),
            "rank": _count(),  # 1 for the largest spread
            "passage_id": _text(),
            "article_id": _text(),
            "text": _text(),
            "spread": _number(),  # between the measures' percentiles, 0 to 100
            "measure": _text(),
            "percentile": _number(),
        }
    ),
    "frames/curves": pa.DataFrameSchema(
        {
            "frame": _text(),
            "measure": _text(),
            "curve": _one_of(["roc", "pr", "calibration"]),
            "x": _number(),
            "y": _number(),
            "low": _number(nullable=True),
            "high": _number(nullable=True),
        }
    ),
    "comparisons/prevalence": pa.DataFrameSchema(
        {
            "frame": _text(),  # a codebook entry, or "topic 7"
            "given": _text(nullable=True),
            "measure": _text(),  # how the frame was measured, or the topic model
            "source": _text(),  # a source, or ALL_SOURCES
            "grain": _one_of(GRAINS),
            "period": _text(),  # "2015-Q3", "2015-07", "2015-W31", "2015", or "all"
            "start": pa.Column(pl.Date, nullable=True),  # first day of the period; null for "all"
            "weighting": _one_of(["article", "passage"]),
            "scale": _one_of(SCALES),
            "estimator": _text(),
            **_estimate(),
            "n_articles": _count(),
            "n_clusters": _count(),
        }
    ),
    "comparisons/contrasts": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "family": _text(),
            "contrast": _text(),
            "source": _text(),
            "period": _text(),
            "scale": _one_of(SCALES),
            **_estimate(),
            "p": _number(nullable=True),
            "q": _number(nullable=True),
        }
    ),
    "comparisons/words": pa.DataFrameSchema(
        {
            "source": _text(),
            "given": _text(nullable=True),
            "word": _text(),
            "log_odds": _number(),
            "z": _number(),
            "q": _number(nullable=True),
        }
    ),
    "comparisons/omitted": pa.DataFrameSchema(
        {
            "table": _text(),
            "frame": _text(nullable=True),
            "source": _text(nullable=True),
            "period": _text(nullable=True),
            "reason": _text(),
        }
    ),
}


class ContractError(ValueError):
    """A table does not keep its contract: a fault of the workflow, not of the user."""


def check_table(frame: pl.DataFrame, contract: str) -> pl.DataFrame:
    """Return `frame` with the contract's columns first, or raise ContractError saying which column fails and how."""
    schema = CONTRACTS[contract]
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        raise ContractError(f"{contract}: {error}") from error
    named = list(schema.columns)
    return frame.select(*named, *(c for c in frame.columns if c not in named))


def write_table(frame: pl.DataFrame, path: str | Path, contract: str) -> None:
    """Check `frame` against its contract and write it to `path` as Parquet, whole or not at all."""
    checked = check_table(frame, contract)
    write_whole(path, checked.write_parquet)


def empty_table(contract: str) -> pl.DataFrame:
    """A table of no rows with the contract's columns and types."""
    return pl.DataFrame(schema={name: column.dtype.type for name, column in CONTRACTS[contract].columns.items()})


def write_array(array, path: str | Path) -> None:
    """Write a numpy array to `path` as .npy, whole or not at all."""
    _write_with(np.save, path, array)


def write_arrays(path: str | Path, **arrays) -> None:
    """Write numpy arrays by their names to `path` as .npz, whole or not at all."""
    _write_with(np.savez, path, **arrays)


def _write_with(save, path: str | Path, *values, **named) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:  # given a name, numpy would add an ending to it
            save(file, *values, **named)

    write_whole(path, write)


def write_whole(path: str | Path, write) -> None:
    """Call `write(temporary path)`, then move the file into place, so that `path` is never half written."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two machines that share a folder may have processes of one number.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        write(temporary)
        with temporary.open("rb") as written:  # or a machine that loses power keeps the name and not the content
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep_unfinished(path: str | Path) -> None:
    """Remove what jobs that were killed left of `path`; only for a file that no other job may be writing."""
    path = Path(path)
    for part in path.parent.glob(f".{path.name}.*.part"):
        part.unlink(missing_ok=True)
