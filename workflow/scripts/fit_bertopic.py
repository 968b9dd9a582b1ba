"""Fit BERTopic on the stored article vectors at every setting and seed, in one job: imports cost more than fits."""

from frameshift.jobs import logged
from frameshift.topics.bertopic import fit_bertopic
from frameshift.topics.job import fit_or_keep


def main(inputs, output, params) -> None:
    fit_or_keep("bertopic", fit_bertopic, inputs, output, params, by_vectors=True)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, dict(snakemake.output.items()), snakemake.params)
