"""List what could not be compared, and why."""

import polars as pl

from frameshift.jobs import logged
from frameshift.tables import write_table


def main(parts: list[str], output: str) -> None:
    write_table(pl.concat([pl.read_parquet(part) for part in parts]), output, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(list(snakemake.input), snakemake.output[0])
