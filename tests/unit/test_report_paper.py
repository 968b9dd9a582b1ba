import polars as pl
import pytest
from test_report_findings import GAP, POINTS, ROW

from frameshift.errors import UserError
from frameshift.figures.catalogue import BY_ISSUE, TITLES, issue_of, kind_of, list_figures
from frameshift.figures.panels import Panel, number_panels
from frameshift.report.paper import list_tables, typeset, write_floats, write_tables
from frameshift.tables import empty_table

ISSUES = {"given": ["migration", "migration without victim"]}
RUN = {"comparisons": ISSUES, "demo": None, "sweep": None, "findings": [], "paper": [], "events": None}


def ask(*paper, **changed):
    return RUN | {"paper": list(paper)} | changed


def test_a_figure_of_one_panel_has_no_letter_and_is_as_wide_as_the_page():
    panels = number_panels(ask({"figures": ["framing_over_time"]}, {"figures": ["mix_within"], "width": "column"}))
    assert panels == {
        "figure_1": Panel("framing_over_time", 1, "", "full"),
        "figure_2": Panel("mix_within", 2, "", "column"),
    }


def test_several_figures_are_lettered_panels_and_an_issue_left_open_means_all():
    panels = number_panels(ask({"figures": ["joint_framing", "breaks"]}))
    assert list(panels) == ["figure_1a", "figure_1b", "figure_1c"]
    assert [panel.figure for panel in panels.values()] == [
        "joint_framing_migration",
        "joint_framing_migration_without_victim",
        "breaks",
    ]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            {"figures": ["framing_over_tme"]},
            "paper: there is no figure 'framing_over_tme' in this run; its figures are",
        ),
        ({"figures": ["joint_framing_crime"]}, "no figure 'joint_framing_crime'"),
        ({"figures": ["estimate_vs_truth"]}, "no figure 'estimate_vs_truth'"),
        ({"figures": ["robustness"]}, "no figure 'robustness'"),
        ({"figures": ["validation"], "width": "column"}, "figure 1: validation is too wide for a column"),
        ({"figures": ["breaks"] * 27}, "27 panels are more than there are letters"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wanted, said):
    with pytest.raises(UserError, match=said):
        number_panels(ask(wanted))


def test_figures_of_the_demo_and_of_the_sweep_can_be_asked_for_where_there_are_any():
    config = ask({"figures": ["robustness", "estimate_vs_truth"]}, demo={}, sweep="sweep.tsv", findings=[{}])
    assert [panel.figure for panel in number_panels(config).values()] == ["robustness", "estimate_vs_truth"]


def test_every_figure_has_a_kind_and_those_of_issues_have_their_issue():
    names = list_figures(RUN | {"demo": {}, "events": "events.yaml"}, is_swept=True)
    assert {kind_of(name) for name in names} == set(TITLES)
    assert [name for name in names if kind_of(name) == "distinctive_words"] == [
        "distinctive_words",
        "distinctive_words_migration",
    ]
    assert len(names) == len(TITLES) + len(BY_ISSUE) * 2 - 2
    assert issue_of("joint_framing_migration_without_victim") == "migration without victim"
    assert issue_of("framing_over_time") is None
    left_out = {"robustness", "estimate_vs_truth", "event_responses", "event_paths"}
    assert left_out.isdisjoint(list_figures(RUN, is_swept=False))


def test_a_float_holds_its_panels_and_the_caption_of_each_kind_once(tmp_path):
    for kind in ("joint_framing", "breaks"):
        (tmp_path / f"{kind}.rst").write_text(f"About {kind} & 95% more.\n\nHow to read: as {kind}.\n")
    panels = number_panels(ask({"figures": ["joint_framing", "breaks"], "width": "column"}))
    write_floats(tmp_path, panels, tmp_path)
    text = (tmp_path / "figure_1.tex").read_text()
    assert text.count(r"\includegraphics{figure_1") == 3
    assert text.count(r"About joint\_framing \& 95\% more. as joint\_framing.") == 1
    assert r"\textbf{a, b} Joint framing over time." in text
    assert r"\textbf{c} When framing broke." in text
    assert r"\label{fig:joint-framing}" in text


def make_tables():
    validation = empty_table("frames/validation")
    topics = empty_table("topics/topics")
    contrasts = pl.DataFrame([POINTS, ROW | {"leads": False}, GAP | {"q": None}], infer_schema_length=None)
    contrasts = contrasts.with_columns(n_articles=pl.lit(12))
    sources = pl.DataFrame({"source": ["A & B"], "articles": [1200], "first": ["2015-01-01"], "last": [None]})
    findings = [{"name": "law", "sentence": "", "verdict": "established as expected (rise)"}]
    return list_tables(sources=sources, contrasts=contrasts, findings=findings, validation=validation, topics=topics)


def test_the_table_of_findings_holds_the_leading_rows_in_their_unit():
    row = make_tables()["findings"].row(0, named=True)
    assert row == {
        "finding": "law",
        "frame": "Security in passages about migration",
        "source": "Albion Courier",
        "difference": 23.1,
        "low": 10.0,
        "high": 36.0,
        "unit": "points",
        "q": 0.0002,
        "articles": 12,
        "smallest": 3.0,
        "verdict": "established as expected (rise)",
    }


def test_the_table_of_gaps_holds_the_undeclared_ones():
    (row,) = make_tables()["gaps"].iter_rows(named=True)
    assert (row["source"], row["difference"], row["unit"], row["q"]) == (
        "Evening Echo",
        -0.1,
        "standard deviations",
        None,
    )


def test_a_table_is_escaped_and_its_numbers_are_as_long_as_they_are_exact():
    text = typeset(
        pl.DataFrame(
            {"source": ["A & B_1"], "low": [-0.1], "p": [0.0001], "q": [None], "n": [1200]},
            schema_overrides={"q": pl.Float64},
        )
    )
    assert r"\begin{tabular}{lrrrr}" in text
    assert r"A \& B\_1 & \ensuremath{-}0.1 & $<$ 0.001 & -- & 1,200 \\" in text


def test_tables_are_written_for_latex_and_as_they_are(tmp_path):
    write_tables(tmp_path, make_tables())
    assert {path.name for path in tmp_path.iterdir()} == {
        f"table_{name}.{ending}"
        for name in ("sources", "findings", "gaps", "validation", "topics")
        for ending in ("csv", "tex")
    }
    assert pl.read_csv(tmp_path / "table_findings.csv")["difference"].to_list() == [23.1]
