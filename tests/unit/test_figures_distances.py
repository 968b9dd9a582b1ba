from itertools import combinations

import numpy as np
import polars as pl
import pytest
from figure_tables import FRAMES, digest_files, find_clashes, make_counts, name_sources
from test_figures_style import to_lab

from frameshift.figures.distances import find_colour, plot_source_distances
from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.style import NothingToDraw, save_figure, source_colours
from frameshift.tables import check_table, empty_table

pytestmark = pytest.mark.filterwarnings("error")


def make_distances(sources: int, *, frames=FRAMES, missing=0.0, seed=4) -> pl.DataFrame:
    """Topics, and the passages of each frame: every pair of sources in alphabetical order, some `missing`."""
    rng = np.random.default_rng(seed)
    rows = []
    for frame in (None, *sorted(frames)):
        for source, other in combinations(sorted(name_sources(sources)), 2):
            value = float(rng.gamma(2, 0.1 if frame is None else 0.003) - (0.001 if frame else 0))
            row = {"kind": "topics" if frame is None else "embedding", "frame": frame, "given": None}
            row |= {"source": source, "other": other, "distance": value, "low": value / 2, "high": value * 2}
            row |= {"p": 0.01, "q": 0.01 if value > (0.2 if frame is None else 0.006) else 0.3}
            if rng.random() >= missing:
                rows.append(row | {"naive": value, "n_articles": int(rng.integers(20, 3000)), "n_blocks": 60})
    schema = {"frame": pl.String, "given": pl.String}
    return check_table(pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None), "comparisons/distances")


def draw(table: pl.DataFrame, sources: int, n_sources=8, frames=FRAMES):
    return plot_source_distances(table, counts=make_counts(sources), n_sources=n_sources, frames=frames)


def texts_of(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("width", [180.0, 85.0])
@pytest.mark.parametrize("sources", [2, 3, 12, 40])
def test_no_text_overlaps_or_is_cut(sources, width):
    with on_sheet(Sheet(width)):
        figure, table = draw(make_distances(sources), sources)
    assert find_clashes(figure) == []
    wide, high = sheet_size(figure)
    assert wide == pytest.approx(width)
    assert high < 260
    shown = min(sources, 8)
    assert len(table) == (1 + len(FRAMES)) * shown * (shown - 1) // 2
    hidden = f"{sources - 8} smaller sources are not drawn."
    assert (hidden in texts_of(figure)) == (sources > 8)


def test_each_pair_has_a_cell_and_sources_stand_in_the_order_of_their_size():
    figure, table = draw(make_distances(3, frames=["threat"]), 3)
    said = texts_of(figure)
    (pair,) = table.filter(kind="topics", source="Albion Courier", other="Beacon Post").iter_rows(named=True)
    assert f"{pair['distance']:.2f}" in said
    (pair,) = table.filter(kind="embedding", source="Albion Courier", other="Beacon Post").iter_rows(named=True)
    assert f"{pair['distance'] * 1000:.1f}" in said
    names = [text for text in said if text.startswith(("Albion", "Beacon", "The Very"))]
    assert [name.split()[0] for name in names] == ["Albion", "Beacon", "The"] * 2
    numbers = [patch for patch in figure.artists if patch.get_hatch() is None and patch.get_linewidth() > 0]
    assert len(numbers) == len(table) == 6


def test_the_squares_before_the_names_have_the_colours_of_the_sources():
    figure, _ = draw(make_distances(3, frames=[]), 3)
    from matplotlib.colors import to_hex

    squares = [to_hex(patch.get_facecolor()).upper() for patch in figure.artists if patch.get_linewidth() == 0]
    styles = source_colours(make_counts(3), 8)
    assert squares == [styles[source].colour.upper() for source in name_sources(3)]


def test_established_distances_are_bold_and_framed_and_missing_ones_hatched():
    table = make_distances(3, frames=[]).with_columns(q=pl.Series([0.001, 0.2, None]))
    figure, _ = draw(table, 3)
    weights = {text.get_text(): text.get_weight() for text in figure.texts}
    distances = [f"{value:.2f}" for value in table["distance"]]
    assert [weights[text] for text in distances] == ["bold", "normal", "normal"]
    assert sum(patch.get_linewidth() == 0.6 for patch in figure.artists) == 1
    assert not any("Hatched" in text for text in texts_of(figure))
    figure, _ = draw(table.head(2), 3)
    assert [patch.get_hatch() for patch in figure.artists].count("////") == 1
    assert any("Hatched: no estimate." in text for text in texts_of(figure))


def test_a_distance_below_what_chance_gives_is_white_with_a_minus():
    table = make_distances(2, frames=["threat"]).with_columns(
        distance=pl.when(kind="embedding").then(-0.0004).otherwise("distance")
    )
    figure, drawn = draw(table, 2)
    assert "−0.4" in texts_of(figure)
    assert drawn["distance"].min() == -0.0004
    assert find_colour(-0.2) == "#ffffff"


def test_the_steps_of_the_colours_are_even_in_lightness_and_numbers_stay_readable():
    lightness = [to_lab(find_colour(part))[0] for part in np.linspace(0, 1, 11)]
    steps = -np.diff(lightness)
    assert steps.min() > 0.75 * steps.max() > 0
    assert lightness[-1] > 60  # ink has 10


def test_frames_follow_their_order_after_the_topics_and_issues_come_last():
    table = make_distances(2)
    within = table.filter(frame="threat").with_columns(given=pl.lit("migration"))
    figure, _ = draw(pl.concat([within, table]), 2)
    titles = [text.get_text() for text in figure.texts if text.get_weight() == "bold" and "." not in text.get_text()]
    assert titles[:-1] == ["topics", *(f"passages that show {frame}" for frame in FRAMES)]
    assert titles[-1].startswith("passages that show threat, about")


def test_a_pair_with_a_group_of_sources_is_not_drawn():
    table = make_distances(3)
    groups = table.with_columns(source=pl.lit("leaning: left"))
    figure, drawn = draw(pl.concat([table, groups]), 3)
    same, expected = draw(table, 3)
    assert drawn.equals(expected)
    assert texts_of(figure) == texts_of(same)


def test_without_two_sources_the_reason_is_said():
    with pytest.raises(NothingToDraw, match="no two sources"):
        draw(empty_table("comparisons/distances"), 3)
    with pytest.raises(NothingToDraw, match="no two sources"):
        draw(make_distances(3), 3, n_sources=1)


def test_the_same_table_gives_the_same_bytes(tmp_path):
    for turn in ("first", "second"):
        (tmp_path / turn).mkdir()
        figure, table = draw(make_distances(5, missing=0.2), 5)
        save_figure(figure, tmp_path / turn / "source_distances", table)
    assert digest_files(tmp_path / "first") == digest_files(tmp_path / "second")
    assert pl.read_csv(tmp_path / "first" / "source_distances.csv").height == len(table)
