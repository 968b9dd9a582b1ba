"""Study what each event moved."""

import polars as pl

from frameshift.comparisons.events import study_events
from frameshift.comparisons.groups import compare_findings
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.reading import read_articles, read_outcomes
from frameshift.comparisons.series import weekly_panels
from frameshift.events import read_events
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    articles = read_articles(inputs.articles)
    outcomes, scale = read_outcomes(inputs.frames, measure=params.measure, given=params.given)
    events = read_events(inputs.get("events") or None)

    def study(articles: pl.DataFrame, findings: list[dict], _dimension: str | None) -> tuple[pl.DataFrame, ...]:
        panels, omitted = weekly_panels(outcomes, articles, min_articles=params.min_articles)
        table, lacking = study_events(panels, events, findings, scale=scale, reference=params.reference)
        return table, pl.concat([list_omissions("events", omitted), lacking])

    table, omitted = compare_findings(study, articles, params.groups, params.findings)
    write_table(table, output.table, "comparisons/events")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
