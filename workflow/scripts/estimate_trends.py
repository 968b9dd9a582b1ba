"""Estimate the trend of each frame in every source, and test it."""

import polars as pl

from frameshift.comparisons.contrasts import EXPLORATORY
from frameshift.comparisons.elsewhere import tabulate_trends
from frameshift.comparisons.groups import compare_findings
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.reading import read_articles, read_outcomes
from frameshift.comparisons.series import corrected_panels, weekly_panels
from frameshift.comparisons.trends import estimate_trends, test_trends
from frameshift.jobs import logged
from frameshift.tables import write_table, write_whole


def main(inputs, output, params) -> None:
    articles = read_articles(inputs.articles)
    outcomes, scale = read_outcomes(inputs.frames, measure=params.measure, given=params.given)
    corrected = pl.scan_parquet(inputs.outcomes) if inputs.get("outcomes") else None

    def estimate(articles: pl.DataFrame, findings: list[dict], dimension: str | None) -> tuple[pl.DataFrame, ...]:
        panels, omitted = weekly_panels(outcomes, articles, min_articles=params.min_articles)
        trends, undrawn = estimate_trends(panels, scale=scale)
        if corrected is not None:
            labelled = corrected_panels(corrected, articles, min_articles=params.min_articles)
            trends = pl.concat([trends, estimate_trends(labelled, scale="corrected share")[0]])
        family = f"{EXPLORATORY}: {dimension} trends" if dimension else f"{EXPLORATORY}: trends"
        tests, untested = test_trends(panels, findings, scale=scale, family=family)
        return trends, tabulate_trends(tests), list_omissions("trends", [*omitted, *undrawn, *untested])

    trends, tests, omitted = compare_findings(estimate, articles, params.groups, params.findings)
    write_table(trends, output.table, "comparisons/trends")
    write_whole(output.tests, tests.write_parquet)
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
