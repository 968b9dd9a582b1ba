"""Choose one fit of each topic model by the stated rule."""

import polars as pl

from frameshift.jobs import log, logged
from frameshift.tables import write_table
from frameshift.topics.select import choose_fits

SAID = (
    "%(model)s: %(setting)s, seed %(seed)d, NPMI %(npmi).3f, exclusivity %(exclusivity).2f, stability %(stability).2f"
)


def main(scores: list[str], output: str, by: list[str]) -> None:
    selection = choose_fits(pl.concat([pl.read_parquet(path) for path in scores]), by)
    write_table(selection, output, "topics/selection")
    for row in selection.filter(pl.col("chosen")).iter_rows(named=True):
        log.info(SAID, row)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params.choose_by)
