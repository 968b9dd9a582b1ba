"""Fit LDA at every setting and seed, in one job: imports cost more than fits."""

from frameshift.jobs import logged
from frameshift.topics.job import fit_or_keep
from frameshift.topics.lda import fit_lda


def main(inputs, output, params) -> None:
    fit_or_keep("lda", fit_lda, inputs, output, params)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, dict(snakemake.output.items()), snakemake.params)
