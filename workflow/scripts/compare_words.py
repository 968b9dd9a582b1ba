"""Find the words that set each source apart from the rest."""

import polars as pl

from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.words import compare_words
from frameshift.jobs import logged
from frameshift.tables import write_table
from frameshift.topics.tokens import read_tokens


def main(inputs, output, params) -> None:
    tokens = read_tokens(inputs.tokens)
    articles = pl.DataFrame({"article_id": tokens.articles}, schema={"article_id": pl.String}).join(
        pl.read_parquet(inputs.articles), on="article_id", how="left", maintain_order="left"
    )

    def compare(articles: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        sources, clusters = articles["source"].to_list(), articles["wire_cluster"].to_list()
        limits = {"min_articles": params.min_articles, "top": params.top}
        return compare_words(tokens.counts, tokens.vocabulary, sources, clusters, given=None, **limits)

    words, omitted = compare_groups(compare, articles, params.groups)
    write_table(words, output.table, "comparisons/words")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
