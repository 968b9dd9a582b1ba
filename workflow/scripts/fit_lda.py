"""Fit LDA at every setting and seed, in one job: imports cost more than fits."""

from frameshift.jobs import logged
from frameshift.topics.fits import digest_settings, feasible, keep_fits, write_fits
from frameshift.topics.lda import fit_lda
from frameshift.topics.sample import read_sample


def main(inputs, output, params) -> None:
    settings = digest_settings(dict(params.items()))
    if not params.refit and keep_fits(output, settings):
        return
    tokens = read_sample(inputs.tokens, params.sample)
    fits = fit_lda(tokens, n_topics=feasible(params.n_topics, tokens), seeds=params.seeds)
    write_fits(fits, "lda", tokens, output, settings)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, dict(snakemake.output.items()), snakemake.params)
