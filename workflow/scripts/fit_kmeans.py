"""Fit k-means on the stored article vectors at every setting and seed, in one job: imports cost more than fits."""

from frameshift.jobs import logged
from frameshift.topics.fits import digest_settings, feasible, keep_fits, write_fits
from frameshift.topics.kmeans import fit_kmeans
from frameshift.topics.sample import read_sample, read_vectors


def main(inputs, output, params) -> None:
    settings = digest_settings(dict(params.items()))
    if not params.refit and keep_fits(output, settings):
        return
    tokens = read_sample(inputs.tokens, params.sample)
    vectors = read_vectors(tokens.articles, inputs.ids, inputs.vectors)
    fits = fit_kmeans(vectors, tokens, n_topics=feasible(params.n_topics, tokens), seeds=params.seeds)
    write_fits(fits, "kmeans", tokens, output, settings)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, dict(snakemake.output.items()), snakemake.params)
