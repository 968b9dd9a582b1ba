"""Hold the estimated changes against what was planted."""

import polars as pl

from frameshift.demo.recovery import compare_planted
from frameshift.jobs import logged
from frameshift.tables import write_whole


def main(inputs, output: str, measure: str) -> None:
    scores, articles, planted = (pl.read_parquet(inputs[name]) for name in ("frames", "articles", "planted"))
    names = [name for name in ("outcomes", "attenuation") if inputs.get(name)]
    corrections = {name: pl.read_parquet(inputs[name]) for name in names}
    recovery = compare_planted(planted, scores, articles, measure=measure, **corrections)
    write_whole(output, recovery.write_parquet)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params.measure)
