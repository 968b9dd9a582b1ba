"""Draw one of the run's figures at the size, and with the letter, that it has in a paper."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import frameshift
from frameshift.figures.layout import WIDTHS, Sheet, on_sheet
from frameshift.jobs import logged

SCRIPTS = Path(frameshift.__file__).parents[1] / "scripts"


def main(inputs, stem: str, params) -> None:
    draw = runpy.run_path(str(SCRIPTS / f"{params.rule}.py"))["main"]
    with on_sheet(Sheet(WIDTHS[params.width], params.letter)):
        draw(inputs, stem, SimpleNamespace(**params.figure))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output.svg.removesuffix(".svg"), snakemake.params)
