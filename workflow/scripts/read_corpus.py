"""Read the articles; every row is kept, rejected with a reason, or merged."""

import json
from pathlib import Path

from frameshift.corpus.ingest import read_corpus
from frameshift.jobs import log, logged
from frameshift.tables import write_table, write_whole


def main(paths: list[str], settings: dict, output) -> None:
    corpus = read_corpus(paths, settings)
    write_table(corpus.articles, output.articles, "corpus/articles")
    write_table(corpus.rejected, output.rejected, "corpus/rejected")
    write_table(corpus.removed, output.removed, "corpus/removed")
    write_whole(output.accounts, lambda part: Path(part).write_text(json.dumps(corpus.accounts, indent=2) + "\n"))
    log.info("rows read %(rows_read)d: kept %(kept)d, rejected %(rejected)d, merged %(merged)d", corpus.accounts)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(list(snakemake.input), snakemake.params.settings, snakemake.output)
