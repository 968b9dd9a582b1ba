"""The panels of a paper's figures: which of the run's figures they are, their numbers, letters and widths."""

from collections.abc import Mapping
from string import ascii_lowercase
from typing import NamedTuple

from frameshift.errors import UserError
from frameshift.figures.catalogue import ONLY_WIDE, expand_figure, kind_of


class Panel(NamedTuple):
    """A part of a figure of the paper: which of the run's figures it is, and how it is drawn."""

    figure: str
    number: int
    letter: str  # none where a figure has one panel
    width: str  # column or full


def number_panels(config: Mapping) -> dict[str, Panel]:
    """The panels of the configuration's `paper` by the names of their files: figure_1, figure_2a, figure_2b, …

    Raises UserError for a figure that the run does not draw, and for one that does not fit the width asked for.
    """
    panels = {}
    for number, wanted in enumerate(config["paper"], start=1):
        figures = [figure for name in wanted["figures"] for figure in expand_figure(name, config)]
        width = wanted.get("width", "full")
        if len(figures) > len(ascii_lowercase):
            raise UserError(f"paper, figure {number}: {len(figures)} panels are more than there are letters")
        for figure, letter in zip(figures, ascii_lowercase, strict=False):
            if width == "column" and kind_of(figure) in ONLY_WIDE:
                raise UserError(f"paper, figure {number}: {figure} is too wide for a column; say width: full")
            letter = letter if len(figures) > 1 else ""
            panels[f"figure_{number}{letter}"] = Panel(figure, number, letter, width)
    return panels
