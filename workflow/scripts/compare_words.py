"""Find the words that set each source apart from the rest."""

import polars as pl

from frameshift.comparisons.words import compare_words
from frameshift.jobs import logged
from frameshift.tables import write_table
from frameshift.topics.tokens import count_words


def main(inputs, output, min_articles: int, top: int) -> None:
    tokens = pl.read_parquet(inputs.tokens)
    counts, vocabulary = count_words(tokens)
    articles = tokens.select("article_id").join(
        pl.read_parquet(inputs.articles), on="article_id", how="left", maintain_order="left"
    )
    words, omitted = compare_words(
        counts,
        vocabulary,
        articles["source"].to_list(),
        articles["wire_cluster"].to_list(),
        given=None,
        min_articles=min_articles,
        top=top,
    )
    write_table(words, output.table, "comparisons/words")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params.min_articles, snakemake.params.top)
