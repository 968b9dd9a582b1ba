"""Fit LDA at every setting and seed, in one job: imports cost more than fits."""

import polars as pl

from frameshift.jobs import logged
from frameshift.topics.fits import too_small, write_fits
from frameshift.topics.lda import fit_lda
from frameshift.topics.tokens import count_words


def main(tokens_path: str, output, n_topics: list[int], seeds: list[int]) -> None:
    tokens = pl.read_parquet(tokens_path)
    counts, vocabulary = count_words(tokens)
    fits = [] if too_small(tokens, vocabulary) else fit_lda(counts, vocabulary, n_topics=n_topics, seeds=seeds)
    write_fits(fits, "lda", tokens, vocabulary, output)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input[0], dict(snakemake.output.items()), snakemake.params.n_topics, snakemake.params.seeds)
