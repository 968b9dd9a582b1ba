"""Fit k-means on the stored article vectors at every setting and seed, in one job: imports cost more than fits."""

from frameshift.jobs import logged
from frameshift.topics.job import fit_or_keep
from frameshift.topics.kmeans import fit_kmeans


def main(inputs, output, params) -> None:
    fit_or_keep("kmeans", fit_kmeans, inputs, output, params, by_vectors=True)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, dict(snakemake.output.items()), snakemake.params)
