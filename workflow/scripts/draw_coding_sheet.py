"""Draw passages for people to code, and write the sheet as a CSV and as a page."""

import polars as pl

from frameshift.frames.codebook import load_codebook
from frameshift.frames.coding_files import check_page, digest_sheet, write_sample, write_sheet
from frameshift.frames.coding_page import write_coding_page
from frameshift.frames.sheet import deal_passages, draw_sample, primary_entry
from frameshift.jobs import log, logged
from frameshift.names import COMBINED


def main(inputs, output, params) -> None:
    codebook = load_codebook(inputs.codebook)
    sample = draw_sample(
        pl.read_parquet(inputs.passages),
        pl.read_parquet(inputs.articles, columns=["article_id", "source", "date", "language", "duplicate_of"]),
        pl.scan_parquet(inputs.scores).filter(frame=primary_entry(codebook), measure=COMBINED).collect(),
        n=params.passages,
        seed=params.seed,
    )
    if sample.height < params.passages:
        log.warning("Warning: there are only %s passages, and all are drawn", f"{sample.height:,}")
    dealt = deal_passages(sample, params.coders, double=params.double, seed=params.seed)
    check_page(output.page, digest_sheet(dealt))
    if not write_sheet(dealt, list(codebook), output.sheet):
        log.info("%s holds codes and is left as it is", output.sheet)
    write_coding_page(dealt, codebook, output.page, name=params.name)
    write_sample(dealt, output.sample)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
