"""Estimate how prevalent each frame and each topic is, by source and period."""

from functools import partial

import polars as pl

from frameshift.comparisons.corrected_prevalence import estimate_corrected
from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.prevalence import estimate_prevalence, topic_prevalence
from frameshift.comparisons.reading import read_articles, read_scores
from frameshift.frames.pool import choose_scale
from frameshift.jobs import log, logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    articles, scores = read_articles(inputs.articles), read_scores(inputs.frames, [params.measure])
    options = {"grains": sorted({"year", params.grain}), "min_articles": params.min_articles}
    measured = {"measure": params.measure, "given": params.given, "scale": choose_scale(scores, params.measure)}
    estimates = [partial(estimate_prevalence, scores, **measured, **options)]
    if inputs.get("outcomes"):
        estimates.append(partial(estimate_corrected, pl.scan_parquet(inputs.outcomes), **options))
    for model, assignments, names in zip(params.models, inputs.assignments, inputs.topics, strict=True):
        labels = dict(pl.read_parquet(names, columns=["topic", "label"]).iter_rows())
        topics = pl.read_parquet(assignments)
        estimates.append(partial(topic_prevalence, topics, model=model, labels=labels, **options))
    tables, omitted = zip(*(compare_groups(each, articles, params.groups) for each in estimates), strict=True)
    write_table(pl.concat(tables, how="diagonal"), output.table, "comparisons/prevalence")
    write_table(pl.concat(omitted).unique(maintain_order=True), output.omitted, "comparisons/omitted")
    log.info("%d estimates, %d left out", sum(map(len, tables)), sum(map(len, omitted)))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
