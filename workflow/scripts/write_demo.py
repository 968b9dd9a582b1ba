"""Write the demo corpus and the truth it was written from."""

from pathlib import Path

from frameshift.demo.generate import generate
from frameshift.jobs import logged


def main(folder: Path, knobs: dict) -> None:
    generate(knobs, folder)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(Path(snakemake.output.articles).parent, snakemake.params.knobs)
