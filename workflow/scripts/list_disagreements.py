"""List the passages on which the measures disagree most."""

import polars as pl

from frameshift.frames.disagreement import list_disagreements
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(scores: str, passages: str, output: str) -> None:
    listed = list_disagreements(pl.read_parquet(scores), pl.read_parquet(passages))
    write_table(listed, output, "frames/disagreements")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input.scores, snakemake.input.passages, snakemake.output[0])
