"""Test the declared findings, and every source against the rest."""

import polars as pl

from frameshift.comparisons.contrasts import test_contrasts
from frameshift.comparisons.elsewhere import gather_tests
from frameshift.comparisons.reading import read_articles, read_scores
from frameshift.frames.pool import choose_scale
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    scores = read_scores(inputs.frames, [params.measure])
    contrasts, omitted = test_contrasts(
        scores,
        read_articles(inputs.articles),
        params.findings,
        measure=params.measure,
        given=params.given,
        min_articles=params.min_articles,
        scale=choose_scale(scores, params.measure),
        groups=params.groups,
        outcomes=pl.scan_parquet(inputs.outcomes) if inputs.get("outcomes") else None,
        elsewhere=gather_tests(*(pl.read_parquet(inputs[name]) for name in ("trends", "events", "decomposition"))),
        attenuation=pl.read_parquet(inputs.attenuation) if inputs.get("attenuation") else None,
        smallest=params.smallest,
        seed=params.seed,
    )
    write_table(contrasts, output.table, "comparisons/contrasts")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
