"""Split articles into the words that topic models, coherence and word lists share."""

import polars as pl

from frameshift.jobs import log, logged
from frameshift.topics.tokens import tokenise, write_tokens

COLUMNS = ["article_id", "title", "text", "language", "duplicate_of"]


def main(articles: str, output: str, **limits) -> None:
    tokens = tokenise(pl.read_parquet(articles, columns=COLUMNS), **limits)
    write_tokens(tokens, output)
    log.info(
        "%d articles, %d words, %d of them distinct", len(tokens.articles), len(tokens.words), len(tokens.vocabulary)
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        limits = {name: value for name, value in snakemake.params.items() if name != "code"}
        main(snakemake.input[0], snakemake.output[0], **limits)
