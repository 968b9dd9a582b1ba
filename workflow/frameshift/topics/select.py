"""Choosing one fit of each topic model by a stated rule, and naming its topics."""

import polars as pl

from frameshift.tables import empty_table

CRITERIA = ("npmi", "diversity", "stability")


def choose_fits(scores: pl.DataFrame) -> pl.DataFrame:
    """`scores` with the column `chosen`, true for one fit of each model: the table topics/selection.

    The rule: fits of a model are ranked on coherence (NPMI), diversity and stability; the best mean rank is chosen,
    and of equals the one with fewer topics, then the lower seed. Coherence alone picks topics that people do not
    (Hoyle et al. 2021).
    """
    if scores.is_empty():
        return empty_table("topics/selection")
    ranks = [pl.col(name).fill_nan(None).rank(descending=True).over("model") for name in CRITERIA]
    ranked = scores.with_columns(mean_rank=pl.mean_horizontal(ranks))
    best = ranked.sort("model", "mean_rank", "n_topics", "seed").group_by("model", maintain_order=True).first()
    return scores.join(
        best.select("model", "setting", "seed", chosen=pl.lit(True)), on=["model", "setting", "seed"], how="left"
    ).with_columns(pl.col("chosen").fill_null(False))


def chosen_rows(table: pl.DataFrame, selection: pl.DataFrame, model: str) -> pl.DataFrame:
    """The rows of `table` (topics or assignments of all fits) that belong to the chosen fit of `model`."""
    chosen = selection.filter(pl.col("chosen") & (pl.col("model") == model)).select("model", "setting", "seed")
    return table.join(chosen, on=["model", "setting", "seed"], how="semi").drop("model", "setting", "seed")


def name_topics(topics: pl.DataFrame, labels: dict) -> pl.DataFrame:
    """`topics` with the column label: from `labels` (topic number → name) where given, else its three top words."""
    given = {int(topic): name for topic, name in labels.items()}
    names = [
        given.get(topic, ", ".join(words.split()[:3])) for topic, words in topics.select("topic", "words").iter_rows()
    ]
    return topics.with_columns(label=pl.Series(names, dtype=pl.String))
