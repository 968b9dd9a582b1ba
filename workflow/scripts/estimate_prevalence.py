"""Estimate how prevalent each frame and each topic is, by source and period."""

from functools import partial

import polars as pl

from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.prevalence import estimate_prevalence, topic_prevalence
from frameshift.frames.pool import choose_scale
from frameshift.jobs import log, logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    articles = pl.read_parquet(inputs.articles)
    scores = pl.read_parquet(inputs.frames)
    options = {"grains": sorted({"year", params.grain}), "min_articles": params.min_articles}
    of_frames = partial(
        estimate_prevalence,
        scores,
        measure=params.measure,
        given=params.given,
        scale=choose_scale(scores, params.measure),
        **options,
    )
    of_topics = [
        partial(
            topic_prevalence,
            pl.read_parquet(assignments),
            model=model,
            labels=dict(pl.read_parquet(names, columns=["topic", "label"]).iter_rows()),
            **options,
        )
        for model, assignments, names in zip(params.models, inputs.assignments, inputs.topics, strict=True)
    ]
    found = [compare_groups(estimate, articles, params.groups) for estimate in (of_frames, *of_topics)]
    tables, omitted = zip(*found, strict=True)
    write_table(pl.concat(tables, how="diagonal"), output.table, "comparisons/prevalence")
    write_table(pl.concat(omitted).unique(maintain_order=True), output.omitted, "comparisons/omitted")
    log.info("%d estimates, %d left out", sum(map(len, tables)), sum(map(len, omitted)))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
