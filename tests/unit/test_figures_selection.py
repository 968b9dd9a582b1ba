"""The figure that compares topic models: every fit is drawn once, the chosen settings are ringed, nothing overlaps."""

import itertools

import numpy as np
import polars as pl
import pytest
from figure_tables import digest_files, find_clashes
from test_figures_style import VISION, to_lab

from frameshift.figures.selection import CRITERIA, STYLES, plot_topic_selection
from frameshift.figures.style import NothingToDraw, draw_or_say_why, save_figure
from frameshift.tables import check_table, empty_table
from frameshift.topics import select

pytestmark = pytest.mark.filterwarnings("error")

BY = ["npmi", "exclusivity", "stability"]


def make_selection(*, models=tuple(STYLES), asked=(20, 30, 40), seeds: int = 5, **changes) -> pl.DataFrame:
    """Random scores; the first seed of each model's second-last setting is chosen; LDA finds a topic fewer."""
    rng = np.random.default_rng(6)
    rows = [
        {
            "model": model,
            "setting": f"n_topics={n}",
            "seed": seed,
            **{name: float(rng.uniform(0.1, 0.9)) for name in select.CRITERIA},
            "coverage": float(rng.uniform(0.9, 1)) if model == "bertopic" else 1.0,
            "outliers": 0.0,
            "seconds": 1.0,
            "chosen": n == asked[-2:][0] and seed == 1,
            "n_topics": n - (model == "lda"),
        }
        | changes
        for model in models
        for n in asked
        for seed in range(1, seeds + 1)
    ]
    return check_table(pl.DataFrame(rows, infer_schema_length=None), "topics/selection")


CASES = {
    "four models": ({}, BY),
    "one model, one setting": ({"models": ["lda"], "asked": (20,), "seeds": 2}, BY),
    "one criterion": ({}, ["npmi"]),
    "coverage alone": ({}, ["coverage"]),
    "five panels": ({}, [*BY, "agreement"]),
    "every criterion": ({}, list(select.CRITERIA)),
    "many numbers of topics": ({"asked": tuple(range(100, 500, 20))}, BY),
    "numbers far apart": ({"asked": (2, 3, 500), "seeds": 100}, BY),
    "all the same": (dict.fromkeys(BY, 0.25), BY),
    "below zero": ({"npmi": -0.125, "stability": 0.0, "exclusivity": 1.0}, BY),
}


@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_or_is_cut_and_the_figure_fits_a_page(case):
    changes, criteria = CASES[case]
    figure, table = plot_topic_selection(make_selection(**changes), criteria=criteria)
    assert find_clashes(figure) == []
    width, height = figure.get_size_inches() * 25.4
    assert width == pytest.approx(180)
    assert height < 230
    assert len(figure.axes) == table["criterion"].n_unique() == len({*criteria, "coverage"})


def test_a_panel_for_each_criterion_of_the_choice_and_then_for_coverage():
    assert set(CRITERIA) == set(select.CRITERIA)
    _, table = plot_topic_selection(make_selection(), criteria=["stability", "npmi"])
    assert table["criterion"].unique(maintain_order=True).to_list() == ["stability", "npmi", "coverage"]
    _, table = plot_topic_selection(make_selection(), criteria=["coverage", "npmi"])
    assert table["criterion"].unique(maintain_order=True).to_list() == ["coverage", "npmi"]


def test_the_table_holds_every_fit_and_the_mean_of_its_setting_by_the_number_asked_for():
    selection = make_selection()
    _, table = plot_topic_selection(selection, criteria=BY)
    assert len(table) == 4 * len(selection)
    assert table["n_topics"].unique().sort().to_list() == [20, 30, 40]  # LDA found one fewer
    cells = table.filter(criterion="npmi", model="lda", n_topics=30)
    fits = selection.filter(model="lda", setting="n_topics=30")
    assert cells["value"].to_list() == fits["npmi"].to_list()
    assert cells["mean"].unique().item() == pytest.approx(fits["npmi"].mean())
    assert table.filter("chosen")["n_topics"].unique().to_list() == [30]


def test_a_small_dot_for_each_seed_a_line_through_the_means_and_a_ring_at_the_chosen_setting():
    selection = make_selection()
    figure, _ = plot_topic_selection(selection, criteria=BY)
    lines = figure.axes[0].lines
    rings = [line for line in lines if line.get_markerfacecolor() == "none"]
    assert len(rings) == len(STYLES)
    dots, means, marks = lines[:3]  # of LDA
    assert dots.get_ydata().tolist() == selection.filter(model="lda")["npmi"].to_list()
    assert len(means.get_xdata()) == len(marks.get_xdata()) == 3
    assert [rings[0].get_xdata()[0], rings[0].get_ydata()[0]] == [means.get_xdata()[1], means.get_ydata()[1]]
    starts = {line.get_xdata()[0] for line in lines if line.get_linestyle() != "None"}
    assert len(starts) == len(STYLES)  # side by side


def test_fits_without_a_score_are_not_drawn_and_a_criterion_without_any_says_so():
    selection = make_selection(seeds=2).with_columns(
        stability=pl.lit(None, pl.Float64), npmi=pl.when(pl.col("seed") == 1).then(float("nan")).otherwise("npmi")
    )
    figure, table = plot_topic_selection(selection, criteria=BY)
    assert find_clashes(figure) == []
    assert [text.get_text() for text in figure.axes[2].texts] == ["not defined"]
    cells = table.filter(criterion="npmi")
    assert cells["value"].null_count() == len(cells) // 2
    assert cells["mean"].is_finite().all()


def test_no_axis_is_labelled_above_what_a_criterion_can_reach_and_coverage_is_in_percent():
    figure, _ = plot_topic_selection(make_selection(models=["lda"], stability=1.0), criteria=["stability"])
    for axes, highest in zip(figure.axes, ("1", "100"), strict=True):
        assert axes.get_yticklabels()[-1].get_text() == highest


def test_an_empty_table_says_why():
    with pytest.raises(NothingToDraw, match="No topic model was fitted"):
        plot_topic_selection(empty_table("topics/selection"), criteria=BY)
    figure, table = draw_or_say_why(plot_topic_selection, empty_table("topics/selection"), criteria=BY)
    assert table.columns == ["reason"]
    assert find_clashes(figure) == []


@pytest.mark.parametrize("vision", VISION)
def test_models_stay_apart_for_every_kind_of_vision_and_in_grey(vision):
    seen = [to_lab(style.colour, vision) for style in STYLES.values()]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 13
    if vision == "normal":
        assert min(np.diff(sorted(colour[0] for colour in seen))) > 9
    assert len({style.marker for style in STYLES.values()}) == len(STYLES)


def test_the_same_table_in_any_order_gives_the_same_bytes(tmp_path):
    selection = make_selection()
    for name, rows in (("first", selection), ("second", selection.sample(fraction=1, shuffle=True, seed=7))):
        figure, table = plot_topic_selection(rows, criteria=BY)
        save_figure(figure, tmp_path / name / "topic_selection", table)
    first, second = (digest_files(tmp_path / name) for name in ("first", "second"))
    assert len(first) == 4
    assert first == second
