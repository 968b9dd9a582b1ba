"""Pool the scores of passages to articles."""

import polars as pl

from frameshift.frames.pool import pool_frames
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output: str, params) -> None:
    joint = inputs.get("joint")
    pooled = pool_frames(
        pl.read_parquet(inputs.scores),
        pl.read_parquet(inputs.passages),
        pl.read_parquet(joint) if joint else None,
        given=params.given,
        threshold=params.threshold,
    )
    write_table(pooled, output, "frames/articles")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params)
