"""Cut articles into passages."""

import polars as pl

from frameshift.corpus.passages import cut_passages
from frameshift.jobs import log, logged
from frameshift.tables import write_table


def main(articles: str, output: str, *, max_words: int, max_sentences: int) -> None:
    passages = cut_passages(pl.read_parquet(articles), max_words=max_words, max_sentences=max_sentences)
    write_table(passages, output, "corpus/passages")
    log.info("%d passages, %.0f words on average", len(passages), passages["n_words"].mean() or 0)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        params = snakemake.params
        main(snakemake.input[0], snakemake.output[0], max_words=params.max_words, max_sentences=params.max_sentences)
