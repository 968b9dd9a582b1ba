"""Read what people coded, check it, and bring it to one label a passage and frame."""

import polars as pl

from frameshift.frames.codebook import load_codebook
from frameshift.frames.codes import adjudicate, link_codes, merge_versions, read_codes
from frameshift.jobs import log, logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    codebook = load_codebook(inputs.codebook)
    passages = pl.read_parquet(inputs.passages, columns=["passage_id", "article_id", "text"])
    linked = link_codes(read_codes(params.labels, codebook), passages, pl.read_parquet(inputs.articles))
    codes, n_older = merge_versions(linked)
    labels = adjudicate(codes, codebook)
    elsewhere = labels.filter(~pl.col("in_corpus"))["passage_id"].n_unique()
    log.info(
        "%d passages coded by %d coders; %d are no passages of this corpus; %d codes passed over as copies or older",
        *(labels["passage_id"].n_unique(), codes["coder"].n_unique(), elsewhere, n_older),
    )
    write_table(codes.select("passage_id", "frame", "coder", "code", "voice", "probability", "file", "row"),
                output.codes, "frames/codes")  # fmt: skip
    write_table(labels, output.labels, "frames/labels")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
