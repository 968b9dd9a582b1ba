"""Settle which encoder the run uses, and prepare its model."""

import json

from frameshift.embeddings.encoder import prepare_encoder
from frameshift.jobs import log, logged
from frameshift.tables import write_whole


def main(output: str, settings: dict, cache: str) -> None:
    record = prepare_encoder(settings, cache)
    log.info("The encoder is %s on %s: %s", record["model"], record["backend"], record["reason"])
    write_whole(output, lambda part: part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n"))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.output[0], dict(snakemake.params.settings), snakemake.params.cache)
