from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from figure_tables import FRAMES, digest_files, find_clashes, make_counts, name_sources

from frameshift.figures.breaks import plot_breaks
from frameshift.figures.event_paths import plot_event_paths
from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.responses import plot_event_responses
from frameshift.figures.style import NothingToDraw, save_figure
from frameshift.tables import ALL_SOURCES, check_table, empty_table

pytestmark = pytest.mark.filterwarnings("error")

GIVEN = ["migration", "migration without victim"]
FIRST, LAST = date(2015, 1, 5), date(2019, 12, 29)
EVENTS = [
    {"name": "Attack", "date": date(2017, 1, 9)},
    {"name": "A law with a very long name that someone wrote out", "date": "2018-01-08", "sources": ["Beacon Post"]},
]
MANY = [{"name": f"Event number {i}", "date": date(2015 + i // 3, 1 + 4 * (i % 3), 9)} for i in range(14)]
TEXTS = {"given": pl.String, "shape": pl.String, "reference": pl.String, "finding": pl.String}
TYPES = {**TEXTS, "date_low": pl.Date, "date_high": pl.Date, "lag": pl.Int64, "low": pl.Float64, "high": pl.Float64}


def make_break(frame="threat", source="Albion Courier", **others) -> dict:
    row = {"frame": frame, "given": None, "source": source, "date": date(2017, 3, 6), "shape": "step", "shift": 0.031}
    row |= {"date_low": date(2016, 12, 5), "date_high": date(2017, 5, 1), "low": 0.01, "high": 0.052, "scale": "share"}
    return row | {"p": 0.001, "q": 0.01, "rank": 1, "segment": f"{FIRST}/{LAST}"} | others


def tabulate(rows: list[dict], table: str) -> pl.DataFrame:
    found = pl.DataFrame(rows, schema_overrides=TYPES, infer_schema_length=None)
    unknown = [name for name in TYPES if name in found.columns and name not in rows[0]]
    return check_table(found.drop(unknown), table)


def make_breaks(sources: int, *, share_found=0.15, scale="share", seed=1) -> pl.DataFrame:
    """A series for most frames, issues and sources; some break, in steps and trends, several times."""
    rng = np.random.default_rng(seed)
    rows = []
    for issue in (None, *GIVEN):
        for frame in FRAMES:
            for source in [ALL_SOURCES, *name_sources(sources)]:
                if (issue and frame in issue) or rng.random() < 0.05:
                    continue
                found = rng.random() < share_found
                for rank in (1, 2, 2, 3) if found else (1,):
                    when = FIRST + timedelta(days=int(rng.integers((LAST - FIRST).days)))
                    step = rng.random() < 0.8
                    ends = {"date_low": when - timedelta(70), "date_high": when + timedelta(105)}
                    named = {"given": issue, "date": when, "rank": rank, "scale": scale, "shift": rng.normal(0, 0.05)}
                    named |= ends if found and step else {"date_low": None, "date_high": None}
                    named |= {"shape": ("step" if step else "trend") if found else None}
                    p = float(rng.choice([0.001, 0.04])) if found else 0.6
                    rows.append(make_break(frame, source, **named) | {"p": p, "q": min(1.0, 2 * p)})
    return tabulate(rows, "comparisons/changepoints")


def draw_breaks(table: pl.DataFrame, sources: int, events=EVENTS, n_sources=8):
    options = {"counts": make_counts(sources), "frames": FRAMES, "given": GIVEN}
    return plot_breaks(table, **options, n_sources=n_sources, events=events)


def make_responses(sources: int, *, events=EVENTS, few=(), scale="share", seed=2) -> pl.DataFrame:
    """Means and courses of every source and event, those of `few` sources without an interval."""
    rng = np.random.default_rng(seed)
    rows = []
    for event in events:
        for source in event.get("sources") or [ALL_SOURCES, *name_sources(sources)]:
            for design in ("interrupted", "differential"):
                if design == "differential" and source == ALL_SOURCES:
                    continue
                for frame in FRAMES:
                    for issue in (None, "migration"):
                        if frame == issue:
                            continue
                        for lag in (None, *range(-24, 24, 4)):
                            value, half = rng.normal(0, 0.04), rng.gamma(4, 0.01)
                            sure = source not in few
                            rows.append(
                                {
                                    **{"frame": frame, "given": issue, "source": source, "event": event["name"]},
                                    **{"design": design, "lag": lag, "scale": scale, "estimate": value},
                                    **{"low": value - half if sure else None, "high": value + half if sure else None},
                                    **{"p": 0.01 if sure and lag is None else None},
                                    **{"q": (0.03 if value > 0.05 else 0.3) if sure and lag is None else None},
                                    **{"finding": None, "reference": None, "n_articles": 40, "n_clusters": 13},
                                }
                            )
    return tabulate(rows, "comparisons/events")


def draw_responses(plot, table: pl.DataFrame, sources: int, events=EVENTS, **others):
    options = {"counts": make_counts(sources), "frames": FRAMES, "n_sources": 8, "events": events}
    return plot(table, **options | others)


def texts_of(figure) -> list[str]:
    return [text.get_text() for text in [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]]


@pytest.mark.parametrize("width", [180.0, 85.0])
@pytest.mark.parametrize("sources", [1, 3, 12, 40])
def test_no_text_of_the_breaks_overlaps_or_is_cut(sources, width):
    with on_sheet(Sheet(width)):
        figure, table = draw_breaks(make_breaks(sources), sources, EVENTS if sources > 1 else [])
    assert find_clashes(figure) == []
    assert sheet_size(figure)[0] == pytest.approx(width)
    assert table["source"].n_unique() == (min(sources, 8) + 1 if sources > 1 else 1)


def test_many_breaks_at_once_do_not_run_into_each_other():
    for width in (180.0, 85.0):
        with on_sheet(Sheet(width)):
            figure, _ = draw_breaks(make_breaks(12, share_found=0.95, scale="intensity"), 12, MANY)
        assert find_clashes(figure) == []


def test_what_is_established_is_filled_and_what_passes_only_alone_is_hollow():
    rows = [
        make_break(),
        make_break(source="Beacon Post", p=0.04, q=0.3, shift=-0.02),
        make_break(source=ALL_SOURCES, p=0.7, q=0.9, shape=None, date_low=None, date_high=None),
    ]
    figure, table = draw_breaks(tabulate(rows, "comparisons/changepoints"), 2)
    marks = {line.get_marker(): line.get_markerfacecolor() for axes in figure.axes for line in axes.lines}
    assert marks["v"] == "white"
    assert marks["^"] == "#332288"
    drawn = dict(table.select("source", "drawn").iter_rows())
    assert drawn == {"Albion Courier": "established", "Beacon Post": "by itself", ALL_SOURCES: "searched"}
    said = texts_of(figure)
    assert {"+3.1", "−2.0"} <= set(said)
    assert any("3 series searched: 1 breaks established" in text for text in said)
    assert {row["date"] for row in rows} == set(table["date"])


def test_a_trend_is_a_slope_over_the_span_and_no_point():
    row = make_break(shape="trend", date_low=None, date_high=None, shift=-0.031)
    figure, _ = draw_breaks(tabulate([row], "comparisons/changepoints"), 1, [])
    (slope,) = figure.axes[0].lines
    assert [day.astype(date) for day in slope.get_xdata()] == [FIRST, LAST]
    up, down = slope.get_ydata()
    assert up < down  # y grows downwards
    assert slope.get_marker() == "None"


def test_panels_without_a_break_are_named_and_sources_that_were_not_searched_look_so():
    rows = [make_break(), make_break("victim", p=0.5, q=0.5, shape=None, date_low=None, date_high=None)]
    rows.append(make_break("victim", "Beacon Post", p=0.5, q=0.5, shape=None, date_low=None, date_high=None))
    figure, _ = draw_breaks(tabulate(rows, "comparisons/changepoints"), 2)
    said = texts_of(figure)
    assert "not searched" in said  # the Beacon Post's threat
    assert "No break in victim." in said
    assert "victim" not in said


def test_breaks_of_sources_that_are_not_drawn_are_counted():
    rows = [make_break(), make_break(source="Beacon Post")]
    figure, table = draw_breaks(tabulate(rows, "comparisons/changepoints"), 2, n_sources=1)
    assert "1 smaller source is not drawn. Established there: 1 break." in texts_of(figure)
    assert table["source"].to_list() == ["Albion Courier"]


def test_an_event_is_drawn_only_through_the_sources_it_concerns():
    rows = [make_break(source=source) for source in (ALL_SOURCES, "Albion Courier", "Beacon Post")]
    figure, _ = draw_breaks(tabulate(rows, "comparisons/changepoints"), 2)
    days = np.array([np.datetime64("2017-01-09"), np.datetime64("2018-01-08")])
    ends = [path.vertices for lines in figure.axes[0].collections for path in lines.get_paths()]
    upright = [path[0, 0] for path in ends if path[0, 0] == path[1, 0]]
    numbers = [figure.axes[0].convert_xunits(day) for day in days]
    assert [upright.count(number) for number in numbers] == [3, 2]  # the law: all sources, and the Beacon Post


def test_where_nothing_broke_or_was_searched_the_reason_is_said():
    with pytest.raises(NothingToDraw, match="No series is long enough"):
        draw_breaks(empty_table("comparisons/changepoints"), 3)
    rows = [make_break(p=0.3, q=0.4, shape=None, date_low=None, date_high=None)]
    with pytest.raises(NothingToDraw, match="any of the 1 series"):
        draw_breaks(tabulate(rows, "comparisons/changepoints"), 3)


@pytest.mark.parametrize("plot", [plot_event_responses, plot_event_paths])
@pytest.mark.parametrize("width", [180.0, 85.0])
@pytest.mark.parametrize("sources", [1, 3, 12, 40])
def test_no_text_about_events_overlaps_or_is_cut(sources, width, plot):
    given = "migration" if sources == 3 else None
    with on_sheet(Sheet(width)):
        figure, table = draw_responses(plot, make_responses(sources), sources, given=given)
    assert find_clashes(figure) == []
    assert sheet_size(figure)[0] == pytest.approx(width)
    assert set(table["given"]) == {given}
    assert all(
        any(text.endswith(f"({event['date']})") for text in texts_of(figure)) for event in EVENTS[: 1 + (sources > 1)]
    )
    assert ("in passages about migration" in " ".join(texts_of(figure))) == (given is not None)


@pytest.mark.parametrize("plot", [plot_event_responses, plot_event_paths])
def test_of_many_events_those_with_the_strongest_evidence_are_drawn(plot):
    table = make_responses(8, events=MANY)
    best = (pl.col("event") == "Event number 11") & pl.col("lag").is_null()
    table = table.with_columns(q=pl.when(best).then(0.0001).otherwise("q"))
    with on_sheet(Sheet(85.0)):
        figure, drawn = draw_responses(plot, table, 8, MANY)
    n = drawn["event"].n_unique()
    assert 0 < n < len(MANY)
    assert "Event number 11" in set(drawn["event"])
    assert f"{len(MANY) - n} events with weaker evidence (larger q) not drawn." in texts_of(figure)
    assert find_clashes(figure) == []
    assert sheet_size(figure)[1] < 260


def test_a_response_is_filled_where_it_is_established_and_drawn_in_points():
    table = make_responses(2, events=EVENTS[:1])
    sure = (pl.col("source") == "Albion Courier") & pl.col("lag").is_null()
    table = table.with_columns(q=pl.when(sure).then(0.01).when(pl.col("q").is_not_null()).then(0.5))
    figure, drawn = draw_responses(plot_event_responses, table, 2, EVENTS[:1])
    (row,) = drawn.filter(frame="threat", source="Albion Courier", design="interrupted").iter_rows(named=True)
    marks = {tuple(line.get_xdata()): line for line in figure.axes[0].lines if line.get_marker() in ("o", "D")}
    assert len(marks) == 5  # all sources, and both designs of two sources
    assert [mark.get_markerfacecolor() for mark in marks.values()].count("white") == 3
    assert marks[(row["estimate"] * 100,)].get_markerfacecolor() == "#332288"
    assert row["lag"] is None


def test_sources_without_an_interval_are_counted_and_not_drawn():
    table = make_responses(3, events=EVENTS[:1], few=name_sources(3)[1:])
    figure, drawn = draw_responses(plot_event_responses, table, 3, EVENTS[:1])
    assert set(drawn["source"]) == {ALL_SOURCES, "Albion Courier"}
    assert "2 more without an interval" in texts_of(figure)
    with pytest.raises(NothingToDraw, match="too few articles"):
        draw_responses(plot_event_responses, make_responses(1, few=[ALL_SOURCES, *name_sources(1)]), 1)


def test_a_bar_that_is_far_too_wide_ends_in_an_arrow():
    table = make_responses(3, events=EVENTS[:1])
    wide = pl.col("source") == "Beacon Post", pl.col("frame") == "threat", pl.col("design") == "interrupted"
    table = table.with_columns(high=pl.when(pl.all_horizontal(*wide)).then(5.0).otherwise("high"))
    figure, drawn = draw_responses(plot_event_responses, table, 3, EVENTS[:1])
    assert any("Arrow: the interval goes on." in text for text in texts_of(figure))
    assert [line.get_marker() for line in figure.axes[0].lines].count(">") == 1
    assert drawn["high"].max() == 5.0  # the table is whole


def test_a_path_shows_all_sources_or_those_that_the_event_concerns():
    figure, drawn = draw_responses(plot_event_paths, make_responses(3), 3)
    shown = {event: set(rows["source"]) for (event,), rows in drawn.group_by("event")}
    assert shown == {"Attack": {ALL_SOURCES}, EVENTS[1]["name"]: {"Beacon Post"}}
    assert set(drawn["design"]) == {"interrupted"}
    first = drawn.filter(event="Attack", frame="threat").sort("lag")
    line = next(line for line in figure.axes[0].lines if len(line.get_xdata()) > 2)
    assert line.get_ydata().tolist() == pytest.approx((first["estimate"] * 100).to_list())
    assert line.get_xdata().tolist() == [lag + 2 for lag in range(-24, 24, 4)]


def test_a_path_breaks_where_there_is_no_estimate_and_is_hollow_without_an_interval():
    table = make_responses(1, events=EVENTS[:1]).filter(pl.col("lag").is_null() | (pl.col("lag") != 4))
    unsure = pl.col("lag") == 8
    table = table.with_columns(pl.when(~unsure.fill_null(False)).then(pl.col("low", "high")))
    figure, _ = draw_responses(plot_event_paths, table, 1, EVENTS[:1])
    line, sure = (line for line in figure.axes[0].lines if len(line.get_xdata()) > 2)
    assert line.get_color() == "#332288"  # all sources together are this one
    assert np.isnan(line.get_ydata()).sum() == 1
    assert len(sure.get_xdata()) == 10
    assert line.get_markerfacecolor() == "none"


@pytest.mark.parametrize("plot", [plot_event_responses, plot_event_paths])
def test_without_a_response_the_reason_is_said(plot):
    with pytest.raises(NothingToDraw, match="could be estimated"):
        draw_responses(plot, empty_table("comparisons/events"), 3)
    with pytest.raises(NothingToDraw, match="within trade could be estimated"):
        draw_responses(plot, make_responses(2), 2, given="trade")


def test_groups_of_sources_are_in_no_figure_of_shifts():
    breaks, responses = make_breaks(3), make_responses(3)
    for plot, table in ((draw_breaks, breaks), (plot_event_responses, responses), (plot_event_paths, responses)):
        groups = table.filter(source="Beacon Post").with_columns(source=pl.lit("leaning: left"))
        both = [
            plot(rows, 3) if plot is draw_breaks else draw_responses(plot, rows, 3)
            for rows in (table, pl.concat([table, groups]))
        ]
        assert both[0][1].equals(both[1][1])
        assert texts_of(both[0][0]) == texts_of(both[1][0])


def test_intensity_is_in_standard_deviations_and_never_in_percent():
    for figure, _ in (
        draw_breaks(make_breaks(3, scale="intensity"), 3),
        draw_responses(plot_event_responses, make_responses(3, scale="intensity"), 3),
        draw_responses(plot_event_paths, make_responses(3, scale="intensity"), 3),
    ):
        said = " ".join(texts_of(figure))
        assert "standard deviations of ordinary news" in said
        assert "percent" not in said


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for turn in ("first", "second"):
        (tmp_path / turn).mkdir()
        drawn = {
            "breaks": draw_breaks(make_breaks(3), 3),
            "responses": draw_responses(plot_event_responses, make_responses(3), 3),
            "paths": draw_responses(plot_event_paths, make_responses(3), 3),
        }
        for stem, (figure, table) in drawn.items():
            save_figure(figure, tmp_path / turn / stem, table)
            assert pl.read_csv(tmp_path / turn / f"{stem}.csv").height == len(table)
    assert digest_files(tmp_path / "first") == digest_files(tmp_path / "second")
