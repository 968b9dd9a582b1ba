"""Choosing one fit of each topic model by a stated rule."""

from collections.abc import Sequence

import polars as pl

from frameshift.tables import empty_table

CRITERIA = ("npmi", "c_v", "diversity", "exclusivity", "stability", "agreement", "coverage")  # more is better


def choose_fits(scores: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """`scores` with the column `chosen`, true for one fit of each model: the table topics/selection.

    The rule: the settings of a model are ranked on each criterion of `by`, in the mean over seeds; the best mean rank
    is chosen, and of equals the one with fewer topics. Of its seeds that one is taken whose assignments agree best with
    the others' (adjusted Rand index), hence the most typical fit and not the luckiest; of equals the lower one.
    Coherence alone picks topics that people do not (Hoyle et al. 2021).
    """
    if scores.is_empty():
        return empty_table("topics/selection")
    ranks = [pl.col(name).round(6).fill_nan(None).rank(descending=True).over("model") for name in by]
    settings = (
        scores.group_by("model", "setting", maintain_order=True)
        .agg(pl.col(*CRITERIA, "n_topics").mean())
        .with_columns(mean_rank=pl.mean_horizontal(ranks))
        .sort("model", "mean_rank", "n_topics", "setting", nulls_last=True)
        .unique("model", keep="first", maintain_order=True)
    )
    best = (
        scores.join(settings.select("model", "setting"), on=["model", "setting"], how="semi")
        .sort(["model", pl.col("agreement").fill_nan(0), "seed"], descending=[False, True, False])
        .unique("model", keep="first", maintain_order=True)
    )
    return scores.join(
        best.select("model", "setting", "seed", chosen=pl.lit(True)), on=["model", "setting", "seed"], how="left"
    ).with_columns(pl.col("chosen").fill_null(False))


def chosen_rows(table: pl.DataFrame, selection: pl.DataFrame, model: str) -> pl.DataFrame:
    """The rows of `table` (topics or assignments of all fits) that belong to the chosen fit of `model`."""
    chosen = selection.filter(pl.col("chosen") & (pl.col("model") == model)).select("model", "setting", "seed")
    return table.join(chosen, on=["model", "setting", "seed"], how="semi").drop("model", "setting", "seed")
