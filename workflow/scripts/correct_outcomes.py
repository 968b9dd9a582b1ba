"""Correct shares by what people coded."""

import polars as pl

from frameshift.comparisons.attenuation import estimate_attenuation
from frameshift.comparisons.corrected import correct_outcomes, pair_codes
from frameshift.jobs import log, logged
from frameshift.names import COMBINED
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    labels = pl.read_parquet(inputs.labels)
    coded = labels.lazy().select("passage_id").unique()
    shares = pl.scan_parquet(inputs.shares).filter(pl.col("measure") == COMBINED)
    read = [
        table.join(coded, on="passage_id", how="semi").collect()
        for table in (
            shares.select("passage_id", "frame", "share"),
            pl.scan_parquet(inputs.joint),
            pl.scan_parquet(inputs.passages).select("passage_id", "article_id"),
        )
    ]
    scores = pl.scan_parquet(inputs.articles).filter(pl.col("measure") == COMBINED).collect()
    outcomes, omitted = correct_outcomes(scores, labels, *read, given=params.given)
    log.info("%d articles hold coded passages", outcomes.filter(pl.col("n_labels") > 0)["article_id"].n_unique())
    write_table(outcomes, output.table, "comparisons/outcomes")
    pairs = pair_codes(labels, read[0], read[1].filter(pl.col("given").is_in(params.given)))
    write_table(estimate_attenuation(pairs), output.attenuation, "comparisons/attenuation")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
