"""Split articles into the words that topic models, coherence and word lists share."""

import polars as pl

from frameshift.jobs import log, logged
from frameshift.tables import write_whole
from frameshift.topics.tokens import tokenise


def main(articles: str, output: str, **limits) -> None:
    tokens = tokenise(pl.read_parquet(articles), **limits)
    write_whole(output, tokens.write_parquet)
    log.info("%d articles, %d distinct words", len(tokens), tokens["tokens"].explode().n_unique())


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        limits = {name: snakemake.params[name] for name in ("min_letters", "min_articles", "max_share")}
        main(snakemake.input[0], snakemake.output[0], **limits)
