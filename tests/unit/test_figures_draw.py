from datetime import date
from functools import partial

import polars as pl
import pytest
from figure_tables import (
    FRAMES,
    find_clashes,
    make_articles,
    make_counts,
    make_prevalence,
    make_topics,
    make_truth,
    make_words,
    name_sources,
)

from frameshift.contracts import SCALES
from frameshift.figures.coverage import plot_corpus_over_time
from frameshift.figures.framing import list_rows, plot_framing_over_time
from frameshift.figures.heatmap import plot_source_frame_heatmap
from frameshift.figures.joint import plot_joint_framing
from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.style import COLUMN_WIDTH, FULL_WIDTH, NothingToDraw, source_colours
from frameshift.figures.topics import UNSTABLE, plot_topic_shares
from frameshift.figures.truth import plot_estimate_vs_truth
from frameshift.figures.words import plot_distinctive_words
from frameshift.tables import ALL_SOURCES, empty_table

pytestmark = pytest.mark.filterwarnings("error")

EVENTS = [{"name": f"Event number {i}", "date": date(2015 + i // 3, 1 + 4 * (i % 3), 9)} for i in range(14)]
EVENTS.append({"name": "A law", "date": "2016-02-08", "sources": ["Albion Courier"]})
CORPORA = {
    "five sources, five years": {"sources": 5},
    "one source": {"sources": 1},
    "three months": {"sources": 3, "grain": "month", "first": date(2016, 1, 1), "last": date(2016, 3, 31)},
    "seventy years": {"sources": 9, "grain": "year", "first": date(1950, 1, 1), "last": date(2019, 12, 31)},
    "weeks": {"sources": 3, "grain": "week", "first": date(2016, 1, 4), "last": date(2017, 4, 30)},
    "forty sources": {"sources": 40, "grain": "year"},
    "no dates": {"sources": 4, "dated": False},
}
TOPICS = {"frames": [f"topic {i}" for i in range(14)], "given": (None,), "measure": "lda", "scale": "share"}


def draw(stem: str, corpus: dict):
    counts, cells = make_counts(corpus["sources"]), make_prevalence(**corpus)
    grain = corpus.get("grain", "quarter")
    frames = {"counts": counts, "measure": "combined", "frames": FRAMES}
    if stem == "framing_over_time":
        return plot_framing_over_time(cells, grain=grain, n_sources=8, events=EVENTS, **frames)
    if stem == "joint_framing":
        joint = frames | {"frames": FRAMES[:3], "given": "migration"}
        return plot_joint_framing(cells, grain=grain, n_sources=8, events=EVENTS[:2], **joint)
    if stem == "source_frame_heatmap":
        return plot_source_frame_heatmap(cells, given=["migration"], **frames)
    if stem == "corpus_over_time":
        span = {key: corpus[key] for key in ("first", "last", "dated") if key in corpus}
        return plot_corpus_over_time(make_articles(corpus["sources"], **span), grain=grain, n_sources=8)
    if stem == "topic_shares":
        shares = make_prevalence(**corpus | TOPICS)
        options = {"counts": counts, "model": "lda", "grain": grain, "n_topics": 12, "n_sources": 8}
        return plot_topic_shares(shares, make_topics(14), **options)
    if stem == "distinctive_words":
        return plot_distinctive_words(make_words(corpus["sources"]), counts=counts, n_sources=8)
    yearly = make_prevalence(**corpus | {"grain": "year"})
    return plot_estimate_vs_truth(yearly, make_truth(yearly), given=["migration"], n_sources=8, **frames)


STEMS = (
    *("corpus_over_time", "topic_shares", "framing_over_time", "joint_framing"),
    *("source_frame_heatmap", "distinctive_words", "estimate_vs_truth"),
)
NOTHING = {("source_frame_heatmap", "one source")} | {
    (stem, "no dates") for stem in ("framing_over_time", "joint_framing", "estimate_vs_truth")
}


@pytest.mark.parametrize("width", [FULL_WIDTH, COLUMN_WIDTH])
@pytest.mark.parametrize("corpus", CORPORA)
@pytest.mark.parametrize("stem", STEMS)
def test_no_text_overlaps_or_is_cut(stem, corpus, width):
    if (stem, corpus) in NOTHING:
        with pytest.raises(NothingToDraw, match=r"no dates|two sources|No cell"):
            draw(stem, CORPORA[corpus])
        return
    with on_sheet(Sheet(width, "a")):
        figure, table = draw(stem, CORPORA[corpus])
    assert sheet_size(figure)[0] == pytest.approx(width)
    assert find_clashes(figure) == []
    assert len(table) > 0


def test_the_overlap_check_itself_sees_overlaps_and_cuts():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    figure.text(0.5, 0.5, "first")
    figure.text(0.55, 0.5, "second")
    figure.text(0.9, 0.1, "too long for its place")
    assert [clash.split(":")[0] for clash in find_clashes(figure)] == ["cut", "overlap"]


@pytest.mark.parametrize("stem", ["framing_over_time", "joint_framing"])
def test_a_figure_over_time_without_estimates_says_why(stem):
    plot, given = (
        (plot_framing_over_time, {}) if stem == "framing_over_time" else (plot_joint_framing, {"given": "migration"})
    )
    options = {"counts": {}, "frames": FRAMES, "measure": "combined", "grain": "quarter", "n_sources": 8}
    with pytest.raises(NothingToDraw):
        plot(empty_table("comparisons/prevalence"), **options, **given)


def test_one_period_is_not_drawn_as_a_development():
    cells = make_prevalence(sources=2, first=date(2016, 1, 1), last=date(2016, 3, 31))
    options = {"counts": make_counts(2), "frames": FRAMES, "measure": "combined", "grain": "quarter", "n_sources": 8}
    with pytest.raises(NothingToDraw, match="one quarter"):
        plot_framing_over_time(cells, **options)


def test_all_sources_get_no_row_of_their_own_where_there_is_one_source():
    cells = make_prevalence(sources=1)
    assert list_rows(cells, source_colours(make_counts(1), 8)) == name_sources(1)
    cells = make_prevalence(sources=2)
    assert list_rows(cells, source_colours(make_counts(2), 8)) == [ALL_SOURCES, *name_sources(2)]


def test_sources_without_any_estimate_get_no_empty_panel():
    cells = make_prevalence(sources=3).with_columns(
        estimate=pl.when(pl.col("source") == "Beacon Post").then(None).otherwise("estimate")
    )
    rows = list_rows(cells, source_colours(make_counts(3), 2))
    assert rows == [ALL_SOURCES, "Albion Courier"]


def test_a_missing_period_breaks_the_line_and_a_point_without_interval_is_hollow():
    starts = [date(2015, 1, 1), date(2015, 7, 1), date(2015, 10, 1)]
    row = make_prevalence(sources=1, frames=["threat"], given=(None,)).filter(pl.col("grain") == "quarter").head(1)
    cells = pl.concat(
        [
            row.with_columns(
                source=pl.lit("Albion Courier"),
                start=pl.lit(start),
                estimate=pl.lit(0.1),
                low=pl.lit(low, pl.Float64),
                high=pl.lit(high, pl.Float64),
            ).with_columns(period=pl.lit(start.isoformat()))
            for start, low, high in zip(starts, (0.0, 0.0, None), (0.2, 0.2, None), strict=True)
        ]
    )
    options = {"counts": {"Albion Courier": 9}, "frames": ["threat"], "measure": "combined", "grain": "quarter"}
    figure, _ = plot_framing_over_time(cells, n_sources=8, **options)
    line, filled, hollow = figure.axes[0].lines
    assert [y == y for y in line.get_ydata()] == [True, False, True, True]
    assert (len(filled.get_xdata()), len(hollow.get_xdata())) == (2, 1)
    assert hollow.get_markerfacecolor() == "white"


def test_intensity_is_never_given_a_percent_sign():
    figure, _ = draw("framing_over_time", CORPORA["five sources, five years"])
    said = " ".join(text.get_text() for text in figure.texts)
    assert "standard deviations above ordinary news" in said
    assert "%" not in said


@pytest.mark.parametrize("stem", ["framing_over_time", "joint_framing", "source_frame_heatmap", "estimate_vs_truth"])
def test_shares_are_drawn_in_percent_and_kept_as_parts_of_one(stem):
    figure, table = draw(stem, CORPORA["five sources, five years"] | {"scale": "share"})
    assert find_clashes(figure) == []
    said = " ".join(text.get_text() for text in figure.texts)
    assert "share of passages (%), calibrated on passages coded by people" in said.replace("Share", "share")
    assert "standard deviations" not in said
    assert table["estimate"].drop_nulls().is_between(0, 1).all()
    assert set(table["scale"]) == {"share"}


def test_a_line_of_shares_is_a_hundred_times_the_table():
    cells = make_prevalence(sources=1, frames=["threat"], given=(None,), scale="share")
    options = {"counts": make_counts(1), "frames": ["threat"], "measure": "combined", "grain": "quarter"}
    figure, table = plot_framing_over_time(cells, n_sources=8, **options)
    own = table.filter(source=name_sources(1)[0]).sort("start")["estimate"].drop_nulls()
    drawn = [y for y in figure.axes[0].lines[0].get_ydata() if y == y]
    assert drawn == pytest.approx((100 * own).to_list())


def test_cells_on_two_scales_are_not_drawn_together():
    cells = pl.concat([make_prevalence(sources=2, frames=[f], scale=s) for f, s in zip(FRAMES, SCALES, strict=False)])
    options = {"counts": make_counts(2), "frames": FRAMES, "measure": "combined", "grain": "quarter", "n_sources": 8}
    with pytest.raises(ValueError, match="too many values to unpack"):
        plot_framing_over_time(cells, **options)


def test_frames_within_an_issue_without_a_frame_stand_in_a_block_of_their_own():
    within = "migration without victim"
    cells = make_prevalence(sources=3, given=(None, "migration", within))
    frames = {"counts": make_counts(3), "measure": "combined"}
    figure, table = plot_source_frame_heatmap(cells, given=["migration", within], frames=FRAMES, **frames)
    assert find_clashes(figure) == []
    shown = {given: set(rows["frame"]) for (given,), rows in table.group_by("given")}
    assert shown == {None: set(FRAMES), "migration": set(FRAMES[:3]), within: set(FRAMES[:2])}
    joint = {"given": within, "grain": "quarter", "n_sources": 8, "frames": FRAMES[:2]}
    figure, _ = plot_joint_framing(cells, **frames, **joint)
    assert find_clashes(figure) == []
    assert f"in passages about {within}" in " ".join(text.get_text() for text in figure.texts)


def test_the_heat_map_shows_each_source_as_its_difference_from_all_sources():
    _, table = draw("source_frame_heatmap", CORPORA["five sources, five years"])
    level = table.filter(pl.col("source") == ALL_SOURCES, pl.col("frame") == "threat", pl.col("given").is_null())
    other = table.filter(pl.col("source") == "Beacon Post", pl.col("frame") == "threat", pl.col("given").is_null())
    assert other["difference"].item() == pytest.approx(other["estimate"].item() - level["estimate"].item())
    assert level["difference"].item() == 0


def add_groups(table: pl.DataFrame) -> pl.DataFrame:
    """`table` with the rows of its second and third source once more, as groups."""
    names = {"Beacon Post": "leaning: left", name_sources(3)[2]: "leaning: right"}
    return pl.concat(
        [table, table.filter(pl.col("source").is_in(list(names))).with_columns(pl.col("source").replace(names))]
    )


def test_groups_of_sources_stand_below_the_sources_of_the_heat_map_and_in_no_other_figure():
    counts, cells, words = make_counts(5), make_prevalence(sources=5), make_words(5)
    frames = {"counts": counts, "measure": "combined", "frames": FRAMES}
    figure, table = plot_source_frame_heatmap(add_groups(cells), given=["migration"], **frames)
    assert find_clashes(figure) == []
    rows = {text.get_text(): text.get_position()[1] for text in figure.texts}
    assert rows["leaning: right"] < rows["leaning: left"] < min(rows[name] for name in name_sources(2))
    left = table.filter(pl.col("source") == "leaning: left").drop("source")
    assert left.equals(table.filter(pl.col("source") == "Beacon Post").drop("source"))
    shown = {"counts": counts, "n_sources": 4, "grain": "quarter"}
    of_frames = shown | {"measure": "combined"}
    for plot, table in (
        (partial(plot_framing_over_time, frames=FRAMES, **of_frames), cells),
        (partial(plot_joint_framing, frames=FRAMES[:3], given="migration", **of_frames), cells),
        (partial(plot_distinctive_words, counts=counts, n_sources=4), words),
        (
            partial(plot_topic_shares, topics=make_topics(14), model="lda", n_topics=12, **shown),
            make_prevalence(sources=5, dated=False, **TOPICS),
        ),
    ):
        (with_groups, drawn), (without, same) = plot(add_groups(table)), plot(table)
        assert drawn.equals(same)
        assert [text.get_text() for text in with_groups.texts] == [text.get_text() for text in without.texts]


@pytest.mark.parametrize("dated", [True, False])
def test_a_topic_that_does_not_come_back_is_flagged_however_long_its_name(dated):
    shares, options = make_prevalence(sources=3, dated=dated, **TOPICS), {"counts": make_counts(3), "model": "lda"}
    options |= {"grain": "quarter", "n_topics": 12, "n_sources": 8}
    stability = pl.Series([UNSTABLE - 0.01, 0.1, UNSTABLE, None, float("nan"), *[0.9] * 9], dtype=pl.Float64)
    figure, table = plot_topic_shares(shares, make_topics(14).with_columns(stability=stability), **options)
    assert find_clashes(figure) == []
    assert table.filter(pl.col("stability") < UNSTABLE)["frame"].unique().sort().to_list() == ["topic 0", "topic 1"]
    said = list_texts(figure)
    flagged = [text for text in said if text.endswith(" †")]
    parts = 2 if dated else 1  # over time, and by source
    assert len(flagged) == 2 * parts  # topic 0 has a long name, which is shortened
    assert any(text.startswith("† does not come back with the same words") for text in said)
    figure, _ = plot_topic_shares(shares, make_topics(14), **options)
    assert not any("†" in text for text in list_texts(figure))


def test_the_flag_is_not_explained_where_no_flagged_topic_is_drawn():
    topics = make_topics(14).with_columns(stability=pl.when(pl.col("topic") == 13).then(0.1).otherwise("stability"))
    options = {"counts": make_counts(3), "model": "lda", "grain": "quarter", "n_topics": 12, "n_sources": 8}
    figure, _ = plot_topic_shares(make_prevalence(sources=3, **TOPICS), topics, **options)
    assert not any("†" in text for text in list_texts(figure))


def test_topics_over_time_also_show_how_far_each_source_is_from_all():
    shares = make_prevalence(sources=3, **TOPICS)
    options = {"counts": make_counts(3), "model": "lda", "grain": "quarter", "n_topics": 2, "n_sources": 2}
    figure, table = plot_topic_shares(shares, make_topics(14), **options)
    whole = table.filter(pl.col("grain") == "all", pl.col("frame") == "topic 1")
    share = dict(whole.select("source", "estimate").iter_rows())
    assert set(share) == {ALL_SOURCES, *name_sources(2)}
    gap = 100 * (share["Albion Courier"] - share[ALL_SOURCES])
    assert f"{gap:+.1f}".replace("-", "−") in list_texts(figure)


def list_texts(figure) -> list[str]:
    labels = [label for axes in figure.axes for label in axes.get_yticklabels()]
    return [text.get_text() for text in [*figure.texts, *labels]]


def test_words_of_a_source_are_those_of_the_highest_z_with_their_intervals():
    words = pl.DataFrame(
        {
            "source": ["x"] * 3,
            "given": pl.Series([None] * 3, dtype=pl.String),
            "period": ["all"] * 3,
            "word": ["camp", "boat", "rain"],
            "log_odds": [1.0, 0.5, -2.0],
            "z": [2.0, 5.0, -9.0],
            "q": [0.2, 0.001, 0.001],
        }
    )
    _, table = plot_distinctive_words(words, counts={"x": 10}, n_sources=1, n_words=2)
    assert table["word"].to_list() == ["boat", "camp"]
    assert table["low"].to_list() == pytest.approx([0.5 - 0.196, 1 - 0.98])


def test_truth_panels_state_the_rank_correlation():
    cells = make_prevalence(sources=3, grain="year")
    figure, table = plot_estimate_vs_truth(
        *(cells, make_truth(cells)),
        **{"counts": make_counts(3), "frames": FRAMES, "given": [], "measure": "combined", "n_sources": 3},
    )
    n = table.filter(pl.col("frame") == "threat").height
    assert f"rank correlation 1.00 (n = {n})" in {text.get_text() for text in figure.texts}


def test_coverage_counts_articles_by_period_and_says_how_many_have_no_date():
    articles = pl.DataFrame(
        {
            "source": ["x", "x", "x", "y"],
            "date": [date(2015, 1, 5), date(2015, 3, 31), date(2015, 8, 1), None],
            "date_precision": ["day", "day", "month", None],
            "duplicate_of": pl.Series([None] * 4, dtype=pl.String),
        }
    )
    figure, table = plot_corpus_over_time(articles, grain="quarter", n_sources=2)
    assert table.rows() == [("x", date(2015, 1, 1), 2), ("x", date(2015, 7, 1), 1)]
    assert "1 without a date: counted in n, not drawn." in {text.get_text() for text in figure.texts}
    figure, table = plot_corpus_over_time(articles, grain="week", n_sources=2)
    assert table["n_articles"].to_list() == [1, 1]
    assert "1 of unknown week: counted in n, not drawn." in {text.get_text() for text in figure.texts}


@pytest.mark.parametrize(("precision", "drawn"), [("month", "month"), ("year", "year")])
def test_coverage_of_a_corpus_of_months_or_years_is_drawn_by_these(precision, drawn):
    articles = make_articles(3).drop_nulls("date")
    start = pl.col("date").dt.truncate("1mo" if precision == "month" else "1y")
    articles = articles.with_columns(date=start, date_precision=pl.lit(precision))
    figure, table = plot_corpus_over_time(articles, grain="week", n_sources=3)
    said = {text.get_text() for text in figure.texts}
    assert f"Articles per {drawn}, by source" in said
    assert table["n_articles"].sum() == len(articles)
    assert not any("not drawn" in text for text in said)
    assert find_clashes(figure) == []
