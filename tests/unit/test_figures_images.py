"""Do figures still look as they did? Drawn from made-up tables and held against images in tests/data/figures.

After a change that is meant to be seen, look at the new images and keep them: run this file as a script.
"""

from pathlib import Path

import pytest
import test_figures_contrasts
import test_figures_mix
from test_figures_draw import CORPORA, draw

from frameshift.figures.layout import Sheet, on_sheet
from frameshift.figures.style import COLUMN_WIDTH, FULL_WIDTH, drawing_style

KEPT = Path(__file__).parents[1] / "data" / "figures"
DPI = 50  # layout and colours, not the edges of letters, which depend on the library that sets them
TOLERANCE = 1.5  # root mean square of 0 to 255; the lines of one panel that are missing make more (see below)
CORPUS = CORPORA["three months"] | {"grain": "month"}
FIGURES = {
    "framing_over_time": (FULL_WIDTH, lambda: draw("framing_over_time", CORPUS)),
    "joint_framing": (COLUMN_WIDTH, lambda: draw("joint_framing", CORPUS)),
    "source_frame_heatmap": (COLUMN_WIDTH, lambda: draw("source_frame_heatmap", CORPUS)),
    "source_contrasts": (FULL_WIDTH, lambda: test_figures_contrasts.draw(test_figures_contrasts.make_contrasts(3), 3)),
    "mix_within": (FULL_WIDTH, lambda: test_figures_mix.draw(test_figures_mix.make_decomposition(3), 3)),
}


def save(name: str, folder: Path, change=lambda figure: None) -> Path:
    """Draw the figure, `change` it, and save it as an image."""
    width, plot = FIGURES[name]
    with on_sheet(Sheet(width, "a")):
        figure, _ = plot()
    change(figure)
    with drawing_style():
        figure.savefig(folder / f"{name}.png", dpi=DPI, metadata={"Software": None})
    return folder / f"{name}.png"


def compare(name: str, drawn: Path) -> str | None:
    from matplotlib.testing.compare import compare_images

    return compare_images(str(KEPT / f"{name}.png"), str(drawn), tol=TOLERANCE)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(name, tmp_path):
    assert compare(name, save(name, tmp_path)) is None


def remove_lines(figure) -> None:
    for line in figure.axes[0].lines:
        line.set_visible(False)


def recolour(figure) -> None:
    for axes in figure.axes:
        axes.set_facecolor("#dddddd")


def shift(figure) -> None:
    for axes in figure.axes:
        axes.set_position(axes.get_position().translated(0.01, 0))


@pytest.mark.parametrize("change", [remove_lines, recolour, shift])
def test_the_comparison_sees_a_change(change, tmp_path):
    assert compare("framing_over_time", save("framing_over_time", tmp_path, change)) is not None


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for name in FIGURES:
        save(name, KEPT)
