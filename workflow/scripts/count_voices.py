"""Count how much of each framing is quoted, and how much denied."""

from frameshift.frames.codebook import load_codebook
from frameshift.frames.passages import read_passages
from frameshift.frames.voices import count_voices
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output: str) -> None:
    passages = read_passages(inputs.passages, inputs.articles)
    write_table(count_voices(passages, load_codebook(inputs.codebook)), output, "frames/voices")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0])
