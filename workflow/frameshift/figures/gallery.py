"""Thumbnails of a run's figures, for the README (make gallery)."""

import sys
from pathlib import Path

from frameshift.figures.catalogue import TITLES

WIDTH = 420  # pixels, shown at half of that


def write_gallery(run: str | Path, folder: str | Path) -> None:
    """Write <kind>.png to `folder` for every kind of figure that the run has: its upper part, in a hundred colours."""
    from PIL import Image

    Path(folder).mkdir(parents=True, exist_ok=True)
    for kind in TITLES:
        found = sorted((Path(run) / "figures").glob(f"{kind}*.png"))
        if not found:
            continue
        image = Image.open(found[0]).convert("RGB")
        image.thumbnail((WIDTH, image.height))
        image = image.crop((0, 0, image.width, min(image.height, WIDTH)))
        image.quantize(96).save(Path(folder) / f"{kind}.png", optimize=True)


if __name__ == "__main__":
    write_gallery(*sys.argv[1:])
