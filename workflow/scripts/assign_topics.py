"""Assign all articles to the topics of the chosen fit of a model, and describe these topics."""

from functools import partial

import numpy as np
import polars as pl

from frameshift.jobs import logged
from frameshift.tables import empty_table, write_array, write_table
from frameshift.topics.assign import assign_articles, describe_topics
from frameshift.topics.fits import read_parameters
from frameshift.topics.sample import read_vectors
from frameshift.topics.select import chosen_rows
from frameshift.topics.tokens import read_tokens


def main(inputs, output, model: str, labels: dict[str, str]) -> None:
    selection = pl.read_parquet(inputs.selection)
    chosen = selection.filter(pl.col("chosen") & (pl.col("model") == model))
    topics = chosen_rows(pl.read_parquet(inputs.topics), selection, model)
    assignments, weights = empty_table("topics/assignments"), np.zeros((0, 0), np.float16)
    if len(chosen):
        fit = chosen.row(0, named=True)
        fitted = chosen_rows(pl.read_parquet(inputs.assignments), selection, model)
        parameters = read_parameters(inputs.parameters, fit["setting"], fit["seed"])
        tokens = read_tokens(inputs.tokens)
        read = partial(read_vectors, ids=inputs.ids, vectors=inputs.vectors)
        assignments, weights = assign_articles(model, parameters, fitted, tokens, read)
    articles = pl.read_parquet(inputs.articles, columns=["article_id", "wire_cluster", "title"])
    write_table(describe_topics(topics, assignments, articles, labels), output.topics, "topics/topics")
    write_table(assignments, output.assignments, "topics/assignments")
    write_array(weights, output.weights)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.wildcards.model, snakemake.params.labels)
