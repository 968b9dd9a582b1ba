"""Record what the run used."""

import json
from collections.abc import Sequence
from pathlib import Path

from frameshift.jobs import logged
from frameshift.report.provenance import collect_provenance
from frameshift.tables import write_whole


def main(inputs, output: str, config: dict) -> None:
    given = {name: inputs.get(name) or None for name in ("corpus", "codebook", "events", "labels", "external")}
    record = collect_provenance(
        config,
        files={
            name: list(path) if isinstance(path, Sequence) and not isinstance(path, str) else path
            for name, path in given.items()
        },
        encoder=json.loads(Path(inputs.encoder).read_text()),
    )
    write_whole(output, lambda part: part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n"))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params.config)
