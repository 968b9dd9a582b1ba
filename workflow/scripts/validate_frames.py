"""Hold the measures against what people coded."""

import polars as pl

from frameshift.frames.curves import curves
from frameshift.frames.validation import validate
from frameshift.jobs import log, logged
from frameshift.tables import empty_table, write_table


def main(inputs, output, params) -> None:
    tables = {name: inputs.get(name) for name in ("codes", "labelled")}
    codes, labelled = (
        pl.read_parquet(path) if path else empty_table(f"frames/{name}") for name, path in tables.items()
    )
    validation, reasons = validate(codes, labelled, seed=params.seed)
    for reason in reasons:
        log.info("%(frame)s, %(source)s, %(period)s: %(reason)s", reason)
    write_table(validation, output.validation, "frames/validation")
    write_table(curves(labelled), output.curves, "frames/curves")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
