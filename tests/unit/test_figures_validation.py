"""The figure that holds measures against people: everything in its table is drawn, nothing overlaps or is cut."""

import itertools
from datetime import date

import numpy as np
import polars as pl
import pytest
from figure_tables import digest_files, find_clashes
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve
from test_figures_style import VISION, to_lab

from frameshift.figures.curves import AGREEMENT, CURVES, say_interval
from frameshift.figures.style import NothingToDraw, draw_or_say_why, save_figure
from frameshift.figures.validation import MORE_STYLES, STYLES, plot_validation, tabulate_validation
from frameshift.frames import accuracy, agreement
from frameshift.frames import curves as frames_curves
from frameshift.tables import ALL_SOURCES

pytestmark = pytest.mark.filterwarnings("error")

FRAMES = ["threat", "security", "victim", "migration"]
LONG = [
    "danger to the welfare state and to public order",
    "anti-elite",
    "Wirtschaftsflüchtlingszuschreibungen",
    "x",
    *(f"frame number {i}" for i in range(20)),
]
SKILL = {"lexicon": 0.7, "axis": 1.3, "supervised": 1.8, "combined": 2.1}
NUMBERS = {
    "frame": pl.String,
    "measure": pl.String,
    "source": pl.String,
    "period": pl.String,
    "n": pl.Int64,
    "metric": pl.String,
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
POINTS = {
    "frame": pl.String,
    "measure": pl.String,
    "curve": pl.String,
    **dict.fromkeys(("x", "y", "low", "high"), pl.Float64),
}


def make_validation(
    frames=FRAMES, *, skill=SKILL, n: int = 400, share: bool = True, twice: bool = True, seed: int = 1
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """frames/validation and the curves of simulated scores; every number also for a source and for a period."""
    rng = np.random.default_rng(seed)
    numbers, points = [], []
    for frame in frames:
        rate = rng.uniform(0.08, 0.4)
        label = rng.random(n) < rate

        def add(metric, measure, value, half, count=n, frame=frame):
            for source, period in ((ALL_SOURCES, "all"), ("Beacon Post", "all"), (ALL_SOURCES, "2012–2014")):
                off = 0.0 if (source, period) == (ALL_SOURCES, "all") else 0.01
                ends = (value, None, None) if half is None else (value, value - half, min(1.0, value + half))
                numbers.append((frame, measure, source, period, count, metric, ends[0] - off, *ends[1:]))

        if twice:
            for metric, value in zip(AGREEMENT, rng.uniform(0.5, 0.95, 3), strict=True):
                add(metric, "coders", float(value), 0.08, n // 5)
            add("percent agreement", "coders", 0.9, 0.03, n // 5)
        for measure, gain in skill.items():
            score = gain * label + rng.normal(size=n)
            add("prevalence", measure, float(label.mean()), 0.03)
            add("auc", measure, float(roc_auc_score(label, score)), 0.05)
            add("average precision", measure, float(average_precision_score(label, score)), 0.08)
            across, up, _ = roc_curve(label, score)
            points += [(frame, measure, "roc", x, y, None, None) for x, y in zip(across, up, strict=True)]
            precision, recall, _ = precision_recall_curve(label, score)
            points += [(frame, measure, "pr", x, y, None, None) for x, y in zip(recall, precision, strict=True)]
        if share and "combined" in skill:
            add("calibration error", "combined", 0.04, 0.02)
            odds = np.log(rate / (1 - rate)) + skill["combined"] * (score - skill["combined"] / 2)
            for part in np.array_split(np.sort(1 / (1 + np.exp(-odds))), 10):
                x, half = float(part.mean()), 1.6 * float(np.sqrt(part.mean() * (1 - part.mean()) / len(part)))
                y = float(np.clip(x + rng.normal(0, half / 2), 0, 1))
                points.append((frame, "combined", "calibration", x, y, max(0.0, y - half), min(1.0, y + half)))
    return pl.DataFrame(numbers, schema=NUMBERS, orient="row"), pl.DataFrame(points, schema=POINTS, orient="row")


def test_what_is_drawn_is_what_the_validation_calls_by_that_name():
    assert set(AGREEMENT) < set(agreement.METRICS)
    assert {curve.metric for curve in CURVES.values()} < {*accuracy.RANKED, *accuracy.CALIBRATED}
    labelled = pl.DataFrame({"score": [0.1, 0.2, 0.3, 0.4], "label": [0.0, 1.0, 0.0, 1.0]}).with_columns(
        passage_id=pl.int_range(4).cast(pl.String),
        cluster=pl.int_range(4).cast(pl.String),
        frame=pl.lit("threat"),
        measure=pl.lit("combined"),
        share="score",
        probability=pl.lit(1.0),
        source=pl.lit("Beacon Post"),
        date=pl.lit(date(2015, 1, 1)),
        in_corpus=pl.lit(True),
    )
    assert set(frames_curves.curves(labelled)["curve"]) == set(CURVES)


def draw(frames=FRAMES, **changes):
    return plot_validation(*make_validation(frames, **changes), frames=frames)


def list_texts(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


CASES = {
    "four frames": {},
    "one frame": {"frames": ["threat"]},
    "two frames": {"frames": FRAMES[:2]},
    "six frames with long names": {"frames": LONG[:6], "n": 100},
    "nine frames with long names": {"frames": LONG[:9], "n": 100},
    "one measure": {"skill": {"axis": 1.0}},
    "eight measures": {"skill": SKILL | {f"an external classifier number {i}": 1 + i / 9 for i in range(4)}},
    "no share": {"share": False},
    "nobody overlapped": {"twice": False},
    "perfect": {"skill": {"lexicon": 50.0}},
    "few passages": {"n": 30},
}


@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_or_is_cut_and_up_to_six_frames_fit_a_page(case):
    figure, table = draw(**CASES[case])
    assert find_clashes(figure) == []
    width, height = figure.get_size_inches() * 25.4
    n = len(CASES[case].get("frames", FRAMES))
    assert width == pytest.approx(180 if n > 1 else 85)
    assert n > 6 or height < 240
    assert table["frame"].n_unique() == n


def test_a_row_without_anything_is_left_out_and_frames_stand_in_balanced_blocks():
    for left_out, rows in (({}, 4), ({"share": False}, 3), ({"twice": False}, 3)):
        assert len(draw(["threat", "victim"], **left_out)[0].axes) == 2 * rows
    figure, _ = draw(LONG[:9], skill={"axis": 1.0}, n=50)
    left = [round(axes.get_position().x0, 6) for axes in figure.axes]
    assert [left.count(x) for x in sorted(set(left))] == [6, 6, 6, 6, 3]


def test_a_frame_without_curves_or_second_coders_says_so_in_its_panels():
    validation, curves = make_validation()
    alone = pl.col("frame") == "security"
    figure, _ = plot_validation(
        validation.filter(~(alone & pl.col("metric").is_in([*AGREEMENT, "auc", "average precision"]))),
        curves.filter(~alone),
        frames=FRAMES,
    )
    assert find_clashes(figure) == []
    said = [[text.get_text() for text in axes.texts] for axes in figure.axes[1::4]]
    assert said == [["not coded twice"], ["not defined"], ["not defined"], ["not defined"]]
    assert list_texts(figure).count("–") == 2 * len(SKILL)
    assert "0 coded twice" in list_texts(figure)


def test_numbers_are_drawn_where_there_are_no_curves():
    validation, curves = make_validation(["threat"], share=False, twice=False)
    figure, table = plot_validation(validation, curves.clear(), frames=["threat"])
    assert find_clashes(figure) == []
    assert len(figure.axes) == 2
    for metric in ("auc", "average precision", "prevalence"):
        rows = table.filter(metric=metric)
        assert {say_interval(*row) for row in rows.select("estimate", "low", "high").rows()} <= set(list_texts(figure))


def test_only_all_sources_and_times_are_in_the_table_with_one_prevalence_a_frame_and_all_of_it_is_drawn():
    validation, curves = make_validation()
    fewer = pl.when((pl.col("measure") == "combined") & (pl.col("metric") == "prevalence")).then(399).otherwise("n")
    figure, table = plot_validation(validation.with_columns(n=fewer.cast(pl.Int64)), curves, frames=FRAMES)
    whole = validation.filter(source=ALL_SOURCES, period="all")
    for metric in [*AGREEMENT, "auc", "average precision", "calibration error"]:
        mine = table.filter(metric=metric)
        assert sorted(mine["estimate"]) == sorted(whole.filter(metric=metric)["estimate"])
    prevalence = table.filter(metric="prevalence")
    assert prevalence["frame"].to_list() == FRAMES
    assert set(prevalence["measure"]) == {"supervised"}  # the first of those that scored most
    numbers = table.filter(pl.col("x").is_null(), ~pl.col("metric").is_in(list(AGREEMENT)))
    said = list_texts(figure)
    assert all(say_interval(*row) in said for row in numbers.select("estimate", "low", "high").iter_rows())
    assert [said.count("n = 400"), said.count("80 coded twice")] == [4, 4]


def test_a_roc_curve_is_drawn_as_it_is_and_the_steps_of_precision_and_recall_cover_the_average_precision():
    figure, table = draw(["threat"], skill={"axis": 1.3})
    _, roc, pr = figure.axes
    points = table.filter(metric="roc")
    line = roc.lines[-1]
    assert [line.get_xdata().tolist(), line.get_ydata().tolist()] == [
        points["x"].to_list(),
        points["estimate"].to_list(),
    ]
    assert np.trapezoid(line.get_ydata(), line.get_xdata()) == pytest.approx(
        table.filter(metric="auc")["estimate"].item()
    )
    recalls = table.filter(metric="pr")["x"]
    assert recalls.is_unique().all()
    assert recalls.min() > 0
    steps = pr.lines[-1]
    assert steps.get_drawstyle() == "steps-pre"
    area = (np.diff(steps.get_xdata()) * steps.get_ydata()[1:]).sum()
    assert area == pytest.approx(table.filter(metric="average precision")["estimate"].item())
    assert set(pr.lines[0].get_ydata()) == {table.filter(metric="prevalence")["estimate"].item()}


def test_intervals_are_bars_and_points_without_one_are_hollow():
    validation, curves = make_validation(["threat"], skill={"combined": 2.0})
    figure, _ = plot_validation(validation, curves, frames=["threat"])
    bare = [
        column.with_columns(low=None, high=None).cast({"low": pl.Float64, "high": pl.Float64})
        for column in (validation, curves)
    ]
    without, _ = plot_validation(*bare, frames=["threat"])
    for axes, fill in ((figure, "#1a1a1a"), (without, "white")):
        for panel in (axes.axes[0], axes.axes[3]):
            points = [line for line in panel.lines if line.get_linestyle() == "None"]
            assert len(points) in (3, 10)
            assert {line.get_markerfacecolor() for line in points} == {fill}
    bars = [line for line in figure.axes[3].lines if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2]
    drawn = curves.filter(curve="calibration").sort("x")
    assert [tuple(bar.get_ydata()) for bar in bars] == drawn.select("low", "high").rows()
    assert "[" not in "".join(list_texts(without))


def test_agreement_below_chance_and_at_one_stays_within_the_panel():
    validation, curves = make_validation()
    values = {"krippendorff alpha": -0.31, "cohen kappa": 1.0, "gwet ac1": -0.001}
    for metric, value in values.items():
        mine = pl.col("metric") == metric
        ends = {"estimate": value, "low": value - 0.3, "high": min(1.0, value + 0.3)}
        validation = validation.with_columns(
            pl.when(mine).then(v).otherwise(pl.col(k)).alias(k) for k, v in ends.items()
        )
    figure, _ = plot_validation(validation, curves, frames=FRAMES)
    assert find_clashes(figure) == []
    assert [text.get_text() for text in figure.axes[0].texts] == ["−0.31", "1.00", "0.00"]
    assert {axes.get_xlim() for axes in figure.axes[:4]} == {figure.axes[0].get_xlim()}
    assert figure.axes[0].get_xlim()[0] < -0.61
    for axes in figure.axes[:4]:
        for text in axes.texts:
            box = text.get_window_extent()
            assert axes.bbox.x0 - 1 < box.x0 < box.x1 < axes.bbox.x1 + 1


def test_measures_beyond_those_that_can_be_told_apart_are_named_and_not_drawn():
    figure, table = draw(["threat", "victim"], skill=SKILL | {f"model {i}": 1.5 for i in range(6)})
    assert set(table["measure"]) == {"coders", *SKILL, *(f"model {i}" for i in range(4))}
    assert "Not drawn: model 4, model 5." in list_texts(figure)


def test_measures_keep_their_look_whatever_else_is_drawn():
    for skill in ({"lexicon": 1.0}, SKILL, SKILL | {"nli": 1.0}):
        figure, _ = draw(["threat"], skill=skill)
        assert STYLES["lexicon"].colour in {line.get_color() for line in figure.axes[1].lines}


def test_what_nobody_coded_or_too_few_coded_says_why():
    validation, curves = make_validation()
    with pytest.raises(NothingToDraw, match="No passages were coded by people: draw a sheet"):
        plot_validation(validation.clear(), curves.clear(), frames=FRAMES)
    with pytest.raises(NothingToDraw, match="coded too few passages"):
        plot_validation(validation.filter(metric="prevalence"), curves.clear(), frames=FRAMES)
    figure, table = draw_or_say_why(plot_validation, validation.clear(), curves.clear(), frames=FRAMES)
    assert table.columns == ["reason"]
    assert find_clashes(figure) == []


def test_frames_that_were_not_asked_for_are_not_in_the_table():
    table = tabulate_validation(*make_validation(), frames=["victim", "threat"], measures=["axis"])
    assert table["frame"].unique(maintain_order=True).to_list() == ["victim", "threat"]
    assert set(table["measure"]) == {"coders", "axis"}


@pytest.mark.parametrize("vision", VISION)
def test_measures_stay_apart_for_every_kind_of_vision_and_in_grey(vision):
    seen = [to_lab(style.colour, vision) for style in [*STYLES.values(), *MORE_STYLES]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 13
    if vision == "normal":
        assert min(np.diff(sorted(colour[0] for colour in seen[: len(STYLES)]))) > 9
    assert len({style.marker for style in [*STYLES.values(), *MORE_STYLES]}) == len(seen)


def test_the_same_tables_in_any_order_give_the_same_bytes(tmp_path):
    tables = make_validation(FRAMES[:2])
    mixed = [table.sample(fraction=1, shuffle=True, seed=7) for table in tables]
    for name, (validation, curves) in (("first", tables), ("second", mixed)):
        figure, table = plot_validation(validation, curves, frames=FRAMES[:2])
        save_figure(figure, tmp_path / name / "validation", table)
    first, second = (digest_files(tmp_path / name) for name in ("first", "second"))
    assert len(first) == 4
    assert first == second
