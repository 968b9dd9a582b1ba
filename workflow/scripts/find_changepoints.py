"""Look for the break of each series."""

from functools import partial

import polars as pl

from frameshift.comparisons.changepoints import find_changepoints
from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.reading import read_articles, read_outcomes
from frameshift.comparisons.series import weekly_panels
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    articles = read_articles(inputs.articles)
    outcomes, scale = read_outcomes(inputs.frames, measure=params.measure, given=params.given)
    find = partial(find_changepoints, scale=scale, draws=params.draws, seed=params.seed)

    def search(articles: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        panels, omitted = weekly_panels(outcomes, articles, min_articles=params.min_articles)
        table, lacking = find(panels)
        return table, pl.concat([list_omissions("changepoints", omitted), lacking])

    table, omitted = compare_groups(search, articles, params.groups)
    write_table(table, output.table, "comparisons/changepoints")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
