"""Pool the scores of passages to articles."""

import polars as pl

from frameshift.frames.pool import pool_frames
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(passages: str, scores: str, output: str, given: list[str], threshold: float | None) -> None:
    pooled = pool_frames(pl.read_parquet(scores), pl.read_parquet(passages), given=given, threshold=threshold)
    write_table(pooled, output, "frames/articles")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        inputs, params = snakemake.input, snakemake.params
        main(inputs.passages, inputs.scores, snakemake.output[0], params.given, params.threshold)
