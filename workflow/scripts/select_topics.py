"""Choose one fit of each topic model by the stated rule."""

import polars as pl

from frameshift.jobs import log, logged
from frameshift.tables import write_table
from frameshift.topics.fits import read_fits
from frameshift.topics.select import choose_fits, chosen_rows, name_topics


def main(fits: list[str], output, models: list[str], labels: dict) -> None:
    scores, topics, assignments = read_fits(fits)
    selection = choose_fits(scores)
    write_table(selection, output.selection, "topics/selection")
    for number, model in enumerate(models):
        named = name_topics(chosen_rows(topics, selection, model), labels.get(model, {}))
        write_table(named, output.topics[number], "topics/topics")
        write_table(chosen_rows(assignments, selection, model), output.assignments[number], "topics/assignments")
    for row in selection.filter(pl.col("chosen")).iter_rows(named=True):
        log.info("%(model)s: %(setting)s, seed %(seed)d, NPMI %(npmi).3f, stability %(stability).2f", row)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input.fits, snakemake.output, snakemake.params.models, snakemake.params.labels)
