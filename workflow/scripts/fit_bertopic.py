"""Fit BERTopic on the stored article vectors at every setting and seed, in one job: imports cost more than fits."""

import numpy as np
import polars as pl

from frameshift.embeddings.gather import article_order
from frameshift.jobs import logged
from frameshift.topics.bertopic import fit_bertopic
from frameshift.topics.fits import too_small, write_fits
from frameshift.topics.tokens import count_words


def main(inputs, output, n_topics: list[int], seeds: list[int]) -> None:
    row = {article: number for number, article in enumerate(article_order(pl.read_parquet(inputs.ids)))}
    tokens = pl.read_parquet(inputs.tokens).filter(pl.col("article_id").is_in(list(row)))
    _, vocabulary = count_words(tokens)
    fits = []
    if not too_small(tokens, vocabulary):
        vectors = np.load(inputs.vectors)[[row[article] for article in tokens["article_id"]]]
        fits = fit_bertopic(vectors, tokens["tokens"].to_list(), vocabulary, n_topics=n_topics, seeds=seeds)
    write_fits(fits, "bertopic", tokens, vocabulary, output)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        params = snakemake.params
        main(snakemake.input, dict(snakemake.output.items()), params.n_topics, params.seeds)
