"""Download the corpus and check that it is the one that was meant."""

from frameshift.corpus.download import fetch
from frameshift.jobs import logged


def main(download: dict, place: str, destination: str) -> None:
    fetch(download["url"], destination, sha256=download["sha256"], place=place)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.params.download, snakemake.params.place, snakemake.output[0])
