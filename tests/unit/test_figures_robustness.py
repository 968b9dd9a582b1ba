import numpy as np
import polars as pl
import pytest
from figure_tables import FRAMES, digest_files, find_clashes, name_sources

from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.robustness import _COLUMNS
from frameshift.comparisons.sweep import SETTINGS
from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.robustness import SAID, plot_robustness
from frameshift.figures.style import NothingToDraw, save_figure
from frameshift.tables import check_table

pytestmark = pytest.mark.filterwarnings("error")

SWEEP = {
    "main": {},
    "long_passages": {"max_sentences": 10, "max_words": 120},
    "lexicon": {"measure": "lexicon"},
    "no_wire": {"duplicates": "unique"},
    "axis": {"measure": "axis"},
    "half_year": {"weeks": 26},
    "strict": {"threshold": -1.5},
}
NOTHING = list_omissions("robustness", [])


def make_findings(n: int) -> list[dict]:
    sources = name_sources(max(n, 3))
    return [
        {
            **{"name": f"finding_{i}", "frame": FRAMES[i % 4], "given": "migration" if i % 2 else None},
            **{"source": sources[i], "kind": "change", "date": "2017-01-09", "family": "declared", "expect": "rise"},
        }
        for i in range(n)
    ]


def make_robustness(findings: list[dict], sweep=SWEEP, *, seed=5) -> pl.DataFrame:
    """An estimate of each finding under each specification, of standard deviation 0.1 (main: 0.02), in a share."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, settings in sweep.items():
        for finding in findings:
            value = 0.02 if name == "main" else float(rng.normal(0.02, 0.01))
            row = {"specification": name, **settings, "finding": finding["name"], "scale": "share", "kind": "change"}
            row |= {"estimate": value, "low": value - 0.03, "high": value + 0.03, "deviation": 0.1}
            rows.append(row | {"relative": value / 0.1})
    return check_table(pl.DataFrame(rows, schema=_COLUMNS), "comparisons/robustness")


def change(table: pl.DataFrame, specification: str, finding="finding_0", **values) -> pl.DataFrame:
    """`table` with other values in one row."""
    row = (pl.col("specification") == specification) & (pl.col("finding") == finding)
    return table.with_columns(pl.when(row).then(value).otherwise(name).alias(name) for name, value in values.items())


def texts_of(figure) -> list[str]:
    return [text.get_text() for text in [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]]


def marks_of(axes, marker: str) -> list[float]:
    return [line.get_xdata()[0] for line in axes.lines if line.get_marker() == marker]


@pytest.mark.parametrize("width", [180.0, 85.0])
@pytest.mark.parametrize("n", [1, 3, 12, 40])
def test_no_text_overlaps_or_is_cut(n, width):
    findings = make_findings(n)
    with on_sheet(Sheet(width)):
        figure, table = plot_robustness(make_robustness(findings), NOTHING, findings=findings)
    assert find_clashes(figure) == []
    assert sheet_size(figure)[0] == pytest.approx(width)
    assert len(figure.axes) == n
    assert len(table) == n * len(SWEEP)


def test_rows_are_grouped_by_what_they_change_and_say_it():
    findings = make_findings(1)
    figure, _ = plot_robustness(make_robustness(findings), NOTHING, findings=findings)
    labels = ["as in the run", "measure lexicon", "measure axis", "about an issue from −1.5", "copies: no wire stories"]
    labels += ["26 weeks on each side", "≤ 10 sentences, ≤ 120 words"]
    places = {text.get_text(): text.get_position()[1] for text in figure.texts}
    heights = [places[label] for label in labels]
    assert heights == sorted(heights, reverse=True)
    gaps = -np.diff(heights)
    assert gaps[1] < gaps[0]  # the two measures are one group


def test_every_setting_of_the_sweep_has_words():
    assert set(SAID) == set(SETTINGS)


def test_points_are_in_standard_deviations_with_the_run_as_a_line():
    findings = make_findings(1)
    figure, table = plot_robustness(make_robustness(findings), NOTHING, findings=findings)
    (axes,) = figure.axes
    drawn = marks_of(axes, "o") + marks_of(axes, "D")
    assert sorted(drawn) == pytest.approx(sorted(table["relative"]))
    dotted = [line for line in axes.lines if line.get_linestyle() == ":" or line.is_dashed()]
    assert [line.get_xdata()[0] for line in dotted] == [pytest.approx(0.2)]
    main = table.filter(specification="main")
    assert main["low"].item() == pytest.approx(-0.1)
    assert "standard deviations between articles" in figure.texts[0].get_text()


def test_what_moves_the_finding_most_stands_out():
    findings = make_findings(2)
    table = change(make_robustness(findings), "half_year", estimate=-0.06, relative=-0.6, low=-0.09, high=-0.03)
    figure, drawn = plot_robustness(table, NOTHING, findings=findings)
    assert marks_of(figure.axes[0], "D") == [-0.6]
    assert len(marks_of(figure.axes[1], "D")) == 1
    assert drawn.filter(finding="finding_0").filter("moves_most")["specification"].to_list() == ["half_year"]
    signs = (drawn.filter(finding="finding_0", scale="share")["estimate"] > 0).sum() - 1  # without main
    assert f"sign {signs}/6" in texts_of(figure)


def test_what_could_not_be_estimated_is_marked_and_told_from_what_cannot_matter():
    findings = make_findings(2)
    table = make_robustness(findings).filter(
        ~(pl.col("specification").is_in(["lexicon", "half_year"]) & (pl.col("finding") == "finding_0"))
    )
    reasons = [
        "specification lexicon: finding finding_0: lexicon was not scored",
        "specification fewest: bertopic was fitted in no such other way: see `topics.n_topics`",
    ]
    omitted = list_omissions("robustness", [{"reason": reason} for reason in reasons])
    figure, drawn = plot_robustness(table, omitted, findings=findings)
    assert texts_of(figure).count("not estimated") == 1
    assert [text.get_text() for text in figure.axes[0].texts] == ["not estimated"]
    assert drawn.filter(pl.col("reason").is_not_null())["reason"].to_list() == ["lexicon was not scored"]
    said = "Without a row: fewest (bertopic was fitted in no such other way: see topics.n_topics)."
    assert said in texts_of(figure)
    with on_sheet(Sheet(85.0)):
        narrow, _ = plot_robustness(table, omitted, findings=make_findings(2) + make_findings(3)[2:])
    assert find_clashes(narrow) == []
    assert "Not estimated by any setting: finding_2." in " ".join(texts_of(narrow))


def test_a_specification_under_which_each_finding_failed_keeps_its_row():
    findings = make_findings(2)
    reasons = [f"specification corrected: finding finding_{i}: too few coded passages" for i in range(2)]
    omitted = list_omissions("robustness", [{"reason": reason} for reason in reasons])
    figure, drawn = plot_robustness(make_robustness(findings), omitted, findings=findings)
    assert "corrected" in texts_of(figure)
    assert texts_of(figure).count("not estimated") == 2
    assert drawn.filter(specification="corrected")["reason"].to_list() == ["too few coded passages"] * 2


def test_a_point_without_an_interval_has_no_bar_and_one_without_a_deviation_no_point():
    findings = make_findings(1)
    table = change(make_robustness(findings), "axis", low=None, high=None)
    table = change(table, "lexicon", deviation=None, relative=None)
    figure, _ = plot_robustness(table, NOTHING, findings=findings)
    (axes,) = figure.axes
    assert len(axes.collections) == len(SWEEP) - 2
    assert [text.get_text() for text in axes.texts] == ["not estimated"]
    assert "Without a bar" in " ".join(texts_of(figure))


def test_a_finding_that_the_run_itself_could_not_estimate_is_drawn_without_its_line():
    findings = make_findings(1)
    table = make_robustness(findings).filter(pl.col("specification") != "main")
    figure, drawn = plot_robustness(table, NOTHING, findings=findings)
    assert not any(line.is_dashed() for line in figure.axes[0].lines)
    assert not drawn["moves_most"].any()


def test_findings_keep_the_order_of_the_configuration():
    findings = make_findings(3)[::-1]
    figure, _ = plot_robustness(make_robustness(findings[::-1]), NOTHING, findings=findings)
    titles = [text.get_text() for text in figure.texts if text.get_text().startswith("finding_")]
    assert titles == ["finding_2", "finding_1", "finding_0"]


def test_without_an_estimate_the_reason_is_said():
    with pytest.raises(NothingToDraw, match="No declared finding could be estimated"):
        plot_robustness(make_robustness([]), NOTHING, findings=make_findings(2))


def test_the_same_table_gives_the_same_bytes(tmp_path):
    findings = make_findings(4)
    for turn in ("first", "second"):
        (tmp_path / turn).mkdir()
        figure, table = plot_robustness(make_robustness(findings), NOTHING, findings=findings)
        save_figure(figure, tmp_path / turn / "robustness", table)
    assert digest_files(tmp_path / "first") == digest_files(tmp_path / "second")
    assert pl.read_csv(tmp_path / "first" / "robustness.csv").height == len(table)
