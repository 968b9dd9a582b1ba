"""Measure how far sources are apart, in their topics and in the passages that show a frame."""

from functools import partial

import numpy as np
import polars as pl

from frameshift.comparisons.distances import compare_embeddings, compare_topics, find_passages_showing
from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.reading import DECIDING, read_articles, read_scores
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    articles, scores = read_articles(inputs.articles), read_scores(inputs.scores, DECIDING)
    options = {name: params[name] for name in ("min_articles", "most", "draws", "seed")}
    shown = {(entry, None): find_passages_showing(scores, entry) for entry in params.entries}
    vectors = np.load(inputs.vectors, mmap_mode="r")
    measures = [
        partial(compare_topics, pl.read_parquet(inputs.assignments), **options),
        partial(compare_embeddings, vectors, pl.read_parquet(inputs.ids), shown, **options),
    ]
    found = [compare_groups(measure, articles, params.groups) for measure in measures]
    tables, omitted = zip(*found, strict=True)
    write_table(pl.concat(tables, how="diagonal"), output.table, "comparisons/distances")
    write_table(pl.concat(omitted).unique(maintain_order=True), output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
