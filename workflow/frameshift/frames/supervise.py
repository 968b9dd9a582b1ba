"""With what people coded: the supervised measure, the combination with it, and calibrated shares, alone and joint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from frameshift.errors import UserError
from frameshift.frames.calibrate import Coded, Target, calibrate, cross_fit, fit_model
from frameshift.frames.codebook import Entry
from frameshift.frames.combine import ReferenceStatistics, combine, reference_statistics
from frameshift.frames.given import Given, list_pairs, parse_given
from frameshift.frames.learn import FOLDS, MIN_CODED
from frameshift.frames.score import Encode, lengthen, reference_scores, score_passages, widen
from frameshift.jobs import log
from frameshift.names import COMBINED, REFERENCE_LANGUAGE, SUPERVISED
from frameshift.tables import check_table, empty_table

BATCH = 65_536  # passages in memory at once

Scores = Mapping[str, np.ndarray]  # (passages, entries) by measure


@dataclass(frozen=True)
class Reference:
    """The reference sentences: their vectors, and the statistics of the label-free measures over them."""

    vectors: np.ndarray
    statistics: Mapping[str, ReferenceStatistics]


def score_outside(
    labels: pl.DataFrame, encode: Encode, codebook: Mapping[str, Entry], measures: Sequence[str], *, best: int
) -> tuple[tuple[np.ndarray, Scores], Reference]:
    """Vectors and label-free scores of the texts of frames/labels that are not in the corpus, by passage_id, and the
    reference.

    Such texts are taken to be in the language of the reference sentences.
    """
    texts = _list_coded(labels).filter(~pl.col("in_corpus"))["text"].to_list()
    reference = Reference(*reference_scores(encode, codebook, measures, best=best))
    vectors = encode(texts) if texts else np.empty((0, reference.vectors.shape[1]), np.float32)
    languages = [REFERENCE_LANGUAGE] * len(texts)
    scores = score_passages(texts, vectors, encode, codebook, measures, best=best, languages=languages)
    return (vectors, scores), reference


def describe_labels(labels: pl.DataFrame, passages: pl.DataFrame, joint: pl.DataFrame, given: Sequence[str]) -> None:
    """Log of each entry how many passages were coded and what could be made of them; UserError where of none."""
    learnt = set(passages.filter(pl.col("measure") == SUPERVISED)["frame"])
    shared = set(passages.filter(pl.col("share").is_not_null())["frame"])
    lacking = f"at least {MIN_CODED} with and {MIN_CODED} without, of {FOLDS} articles each, are needed"
    said = []
    for (entry,), rows in labels.group_by("frame", maintain_order=True):
        present, absent = (rows["label"] > 0.5).sum(), (rows["label"] < 0.5).sum()
        what = "learned" if entry in learnt else f"too few to learn: {lacking}"
        what += ", calibrated" if entry in shared else ", not calibrated" if entry in learnt else ""
        said.append(f"{entry}: {present} passages with, {absent} without; {what}")
        log.info("%s", said[-1])
    if not learnt:
        raise UserError("`frames.labels`: nothing can be learned. " + "; ".join(said) + ". Code more, or take them out")
    for name in given:
        found = joint.filter(pl.col("given") == name)["frame"].unique(maintain_order=True)
        log.info("shares given %s: %s", name, ", ".join(found) or f"none; {lacking}, coded on the same passages")


def supervise(
    scores: pl.DataFrame,
    passage_ids: pl.Series,
    vectors: np.ndarray,
    labels: pl.DataFrame,
    outside: tuple[np.ndarray, Scores],
    reference: Reference,
    entries: Sequence[str],
    given: Sequence[str],
    *,
    seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The tables frames/passages, frames/joint and frames/labelled.

    `scores` are the label-free ones (with `combined` and external measures) of the passages `passage_ids` (n,) with
    `vectors` (n, d). `labels` is frames/labels; `outside` are vectors and label-free scores of its texts that are not
    in the corpus, in the order of their ids. A coded passage has the supervised score and share of models that did not
    see its cluster. An entry with too few labels keeps its label-free scores, and has no share.
    """
    free = widen(scores.filter(pl.col("measure") != COMBINED), passage_ids, entries)
    facts = _list_coded(labels)
    coded, rows = _gather_coded(labels, facts, passage_ids, vectors, free, outside, entries)
    pairs = list_pairs(entries, given)
    targets = _list_targets(entries, pairs)
    model = fit_model(coded, targets, seed=seed)
    crossed = cross_fit(coded, targets, seed=seed, strengths=model.strengths)

    statistics = {**reference.statistics, SUPERVISED: reference_statistics(model.predict_log_odds(reference.vectors))}
    n = len(passage_ids)
    supervised, shares = np.empty((n, len(entries))), {}
    for start in range(0, n, BATCH):
        part = slice(start, start + BATCH)
        supervised[part] = model.predict_log_odds(vectors[part])
        features = _stack({measure: matrix[part] for measure, matrix in free.items()})
        for target, share in model.predict_shares(supervised[part], features).items():
            shares.setdefault(target, np.empty(n))[part] = share
    here = rows >= 0
    supervised[rows[here]] = crossed.log_odds[here]
    for target, share in shares.items():
        share[rows[here]] = crossed.shares[target][here]
    alone, held = {}, {}
    for target in [target for target in shares if len(target) == 1]:
        label = coded.labels[:, target[0]]
        use = np.flatnonzero(here & ~np.isnan(label))
        held[target] = np.full(len(label), np.nan)
        held[target][use], alone[target] = calibrate(
            crossed.shares[target][use],
            shares[target],
            label[use],
            coded.weights[use],
            coded.clusters[use],
            seed=seed,
        )
        alone[target][rows[use]] = held[target][use]

    every = {**free, SUPERVISED: supervised}
    every[COMBINED] = combine(every, statistics)
    table = _add_share(lengthen(passage_ids, every, entries), passage_ids, entries, alone)
    own = {measure: _of_coded(matrix, rows, outside[1].get(measure)) for measure, matrix in free.items()}
    own[SUPERVISED] = crossed.log_odds
    own[COMBINED] = combine(own, statistics)
    ids = facts["passage_id"]
    labelled = _add_share(lengthen(ids, own, entries), ids, entries, held).join(
        labels.drop("text"), on=["passage_id", "frame"], maintain_order="left"
    )
    return (
        check_table(table, "frames/passages"),
        _tabulate_joint(passage_ids, pairs, entries, shares),
        check_table(labelled, "frames/labelled"),
    )


def _list_coded(labels: pl.DataFrame) -> pl.DataFrame:
    """One row of `labels` a passage; by their ids, because the folds depend on the order."""
    return labels.unique("passage_id", keep="first", maintain_order=True).sort("passage_id")


def _gather_coded(labels, facts, passage_ids, vectors, free: Scores, outside, entries) -> tuple[Coded, np.ndarray]:
    """The coded passages, in the order of `facts`, and the row of each in the corpus (-1: outside)."""
    place = pl.DataFrame({"passage_id": passage_ids}).with_row_index("row").cast({"row": pl.Int64})
    rows = facts.join(place, on="passage_id", how="left", maintain_order="left")["row"].fill_null(-1).to_numpy()
    matrix = widen(labels.select("passage_id", "frame", measure=pl.lit("label"), score="label"), facts["passage_id"],
                   entries)["label"]  # fmt: skip
    return Coded(
        vectors=_of_coded(vectors, rows, outside[0]).astype(np.float32),
        scores=_stack({measure: _of_coded(scores, rows, outside[1].get(measure)) for measure, scores in free.items()}),
        labels=matrix,
        weights=1 / facts["probability"].to_numpy(),
        clusters=facts["cluster"].to_numpy(),
        in_corpus=facts["in_corpus"].to_numpy(),
    ), rows  # fmt: skip


def _of_coded(matrix: np.ndarray, rows: np.ndarray, outside: np.ndarray | None) -> np.ndarray:
    """The rows of coded passages: of the corpus's matrix, or of `outside` for those that are not in it (else NaN)."""
    taken = np.full((len(rows), matrix.shape[1]), np.nan)
    taken[rows >= 0] = matrix[rows[rows >= 0]]
    if outside is not None:
        taken[rows < 0] = outside
    return taken


def _stack(scores: Scores) -> np.ndarray:
    """All measures of all entries side by side."""
    return np.column_stack(list(scores.values()))


def _number(entries: Sequence[str], entry: str | None, given: Given | None) -> Target:
    """An entry, what frames are compared within, or both, as calibrate.py has it."""
    own = () if entry is None else (entries.index(entry),)
    if given is None:
        return own
    return (*own, entries.index(given.issue), *([~entries.index(given.without)] if given.without else []))


def _list_targets(entries: Sequence[str], pairs: Sequence[tuple[str, Given]]) -> list[Target]:
    """What is calibrated. An issue without a frame needs the frame within the issue."""
    alone = [_number(entries, entry, None) for entry in entries]
    needed = [_number(entries, given.without, parse_given(given.issue)) for _, given in pairs if given.without]
    return list(dict.fromkeys([*alone, *needed, *(_number(entries, *pair) for pair in pairs)]))


def _add_share(table: pl.DataFrame, ids: pl.Series, entries: Sequence[str], shares: Mapping) -> pl.DataFrame:
    """`table` with the share of each passage and entry, in the rows of the combined measure."""
    found = [
        pl.DataFrame({"passage_id": ids, "share": share}).with_columns(
            frame=pl.lit(entries[target[0]]), measure=pl.lit(COMBINED), share=pl.col("share").fill_nan(None)
        )
        for target, share in shares.items()
    ]
    if not found:
        return table.with_columns(share=pl.lit(None, pl.Float64))
    return table.join(pl.concat(found), on=["passage_id", "frame", "measure"], how="left", maintain_order="left")


def _tabulate_joint(ids: pl.Series, pairs: Sequence[tuple[str, Given]], entries, shares: Mapping) -> pl.DataFrame:
    """frames/joint, for what could be calibrated."""
    parts = [
        pl.DataFrame(
            {"passage_id": ids, "share": shares[both], "about": shares[_number(entries, None, given)]}
        ).with_columns(frame=pl.lit(entry), given=pl.lit(given.name))
        for entry, given in pairs
        if (both := _number(entries, entry, given)) in shares
    ]
    return check_table(pl.concat([empty_table("frames/joint"), *parts], how="diagonal"), "frames/joint")
