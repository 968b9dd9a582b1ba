import numpy as np
import polars as pl
import pytest
from figure_tables import FRAMES, digest_files, find_clashes, make_counts, name_sources

from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.mix import STYLES, plot_mix_within
from frameshift.figures.style import COLUMN_WIDTH, FRAME_STYLES, FULL_WIDTH, PALETTE, NothingToDraw, save_figure
from frameshift.tables import ALL_SOURCES, check_table, empty_table

pytestmark = pytest.mark.filterwarnings("error")

GIVEN = ["migration", "migration without victim"]
GROUPS = ["leaning: left", "leaning: the right and far right of a parliament with many small parties"]
WIDTHS = [FULL_WIDTH, COLUMN_WIDTH]
SPAN = ("2015-01-05/2017-12-31", "2018-01-01/2019-12-28")
LABELS = ["refugees, seekers, migrants", "a label that someone wrote at great length", "robot, chip maker, computer"]
PARTS = ("mix", "within", "total")


def list_comparisons(sources: int, groups=()) -> list[dict]:
    rows = []
    for issue in (None, *GIVEN):
        for frame in FRAMES[: {None: 4, "migration": 3}.get(issue, 2)]:
            for source in [ALL_SOURCES, *name_sources(sources), *groups]:
                about = {"frame": frame, "given": issue, "source": source}
                rows.append(about | {"kind": "change", "from": SPAN[0], "to": SPAN[1]})
                if source != ALL_SOURCES:
                    rows.append(about | {"kind": "gap", "from": "all other sources", "to": source})
    return rows


def make_decomposition(
    sources: int, *, scale: str = "share", groups=(), models=("bertopic", "lda"), seed: int = 4
) -> pl.DataFrame:
    """Both forms by each model, each with a range over seeds."""
    rng, rows = np.random.default_rng(seed), []
    for about in list_comparisons(sources, groups):
        mix, within = rng.normal(0, 0.03 if scale == "share" else 0.3, 2)
        for model in models:
            shift = 0.0 if model == "bertopic" else 0.004
            parts = {"mix": mix + shift, "within": within - shift, "total": mix + within}
            for form in ("two-fold", "three-fold"):
                for part, value in parts.items():
                    half = 0.02 * rng.uniform(0.5, 1.5)
                    row = about | {"model": model, "form": form, "part": part, "scale": scale, "estimate": value}
                    row |= {"low": value - half, "high": value + half, "p": 0.2, "n_articles": 700, "n_clusters": 90}
                    around = 0.0 if part == "total" else 0.002
                    rows.append(row | {"seed_low": value - around, "seed_high": value + around})
    counted = {"n_articles": pl.Int64, "n_clusters": pl.Int64}
    table = pl.DataFrame(rows, schema=empty_table("comparisons/decomposition").schema | counted)
    return check_table(table, "comparisons/decomposition")


def make_topics(sources: int, *, scale: str = "share", groups=()) -> pl.DataFrame:
    """Three topics: the first has words of the codebook, the second is unstable, the third contributes nothing."""
    contributions = [(0.03, 0.01, "refugees migrants", 0.9), (-0.02, 0.0, "", 0.2), (0.0, 0.0, "", None)]
    rows = [
        about
        | {"model": "bertopic", "topic": topic, "label": LABELS[topic], "mix": mix, "within": within}
        | {"overlap": overlap, "scale": scale, "stability": stability}
        for about in list_comparisons(sources, groups)
        for topic, (mix, within, overlap, stability) in enumerate(contributions)
    ]
    schema = empty_table("comparisons/decomposition_topics").schema | {"scale": pl.String, "stability": pl.Float64}
    return check_table(pl.DataFrame(rows, schema=schema), "comparisons/decomposition_topics")


def draw(table: pl.DataFrame, sources: int, *, topics=None, width: float = FULL_WIDTH, **options):
    topics = make_topics(sources) if topics is None else topics
    options = {"counts": make_counts(sources), "frames": FRAMES, "given": GIVEN, "model": "bertopic"} | options
    with on_sheet(Sheet(width, "a")):
        return plot_mix_within(table, topics, **{"n_sources": 8} | options)


def list_texts(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def list_panels(figure) -> list:
    return [axes for axes in figure.axes if axes.axison]  # without the samples of the key


def find_points(axes, part: str) -> list[tuple[float, str]]:
    """Each point of a part and its face, from the top row to the lowest."""
    lines = [line for line in axes.lines if line.get_marker() == STYLES[part].marker]
    lines.sort(key=lambda line: line.get_ydata()[0])
    return [(line.get_xdata()[0], line.get_markerfacecolor()) for line in lines]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scale", ["share", "intensity"])
@pytest.mark.parametrize(("sources", "groups"), [(3, GROUPS), (12, []), (40, GROUPS)])
def test_no_text_overlaps_or_is_cut(sources, groups, scale, width):
    decomposition, topics = (make(sources, scale=scale, groups=groups) for make in (make_decomposition, make_topics))
    figure, table = draw(decomposition, sources, topics=topics, width=width)
    assert sheet_size(figure)[0] == pytest.approx(width)
    assert find_clashes(figure) == []
    assert set(groups) <= set(table["source"])
    said = " ".join(list_texts(figure))
    unit = "percentage points of passages" if scale == "share" else "standard deviations of ordinary news"
    assert unit in said
    assert "%" not in said.replace("95%", "")
    assert ("they tell the direction, not the size" in said) == (scale == "share")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_marks_are_the_table_of_the_model_that_leads(width, tmp_path):
    decomposition = make_decomposition(3)
    figure, table = draw(decomposition, 3, width=width)
    panels = list_panels(figure)
    assert len(panels) == 18
    rows = [ALL_SOURCES, *name_sources(3)]
    for axes, kind in ((panels[0], "change"), (panels[1], "gap")):
        mine = table.filter(pl.col("given").is_null(), frame="threat", kind=kind)
        for part in STYLES:
            expected = [100 * value for name in rows for value in mine.filter(source=name, part=part)["estimate"]]
            assert [x for x, _ in find_points(axes, part)] == pytest.approx(expected)
        totals = [100 * value for name in rows for value in mine.filter(source=name, part="total")["estimate"]]
        bars = [patch.get_width() for patch in axes.patches]
        assert bars == pytest.approx(totals)
    assert set(table["model"]) == {"bertopic"}
    assert len(table) == decomposition.filter(model="bertopic", form="two-fold").height
    save_figure(figure, tmp_path / "figure", table)
    assert pl.read_csv(tmp_path / "figure.csv")["estimate"].to_list() == pytest.approx(table["estimate"].to_list())


def test_the_range_is_over_all_models_and_seeds():
    _, table = draw(make_decomposition(3), 3)
    parts = table.filter(pl.col("part") != "total")
    spread = (parts["models_high"] - parts["models_low"]).to_list()
    assert spread == pytest.approx([0.008] * len(parts))  # 0.004 between models, 0.002 to each side over seeds
    one = make_decomposition(3, models=["bertopic"]).with_columns(seed_low=None, seed_high=None)
    one = one.with_columns(pl.col("seed_low", "seed_high").cast(pl.Float64))
    assert any("range over" in text for text in list_texts(draw(make_decomposition(3), 3)[0]))
    assert not any("range over" in text for text in list_texts(draw(one, 3)[0]))


def test_changes_at_the_dates_of_single_findings_are_left_out():
    decomposition = make_decomposition(3)
    extra = decomposition.filter(kind="change", source="Beacon Post", frame="threat").with_columns(
        pl.lit("2016-01-01/2016-06-30").alias("from"), estimate=pl.lit(9.0), finding=pl.lit("mix_b")
    )
    _, table = draw(pl.concat([decomposition, extra]), 3)
    assert set(table.filter(kind="change")["from"]) == {SPAN[0]}
    assert table["estimate"].max() < 1


def test_the_topics_behind_the_largest_totals_are_named_and_marked():
    figure, table = draw(make_decomposition(3), 3)
    named = table.filter(pl.col("topics").is_not_null())
    assert set(named["part"]) == {"total"}
    assert named.group_by("kind").len()["len"].to_list() == [3, 3]
    largest = table.filter(part="total", kind="gap").sort(pl.col("estimate").abs(), descending=True).row(0, named=True)
    assert largest["topics"] == f"0 “{LABELS[0]}”* (+4.0) and 1 “{LABELS[1]}” † (−2.0)"
    said = " ".join(list_texts(figure))
    assert largest["topics"] in said
    assert "* its words are words of the codebook" in said
    assert "† does not come back" in said


def test_marks_are_not_explained_where_no_topic_has_them():
    topics = make_topics(3).with_columns(overlap=pl.lit(""), stability=pl.lit(0.9))
    said = " ".join(list_texts(draw(make_decomposition(3), 3, topics=topics)[0]))
    assert "codebook" not in said
    assert "†" not in said


def test_a_part_without_an_interval_is_hollow_and_a_source_without_parts_looks_missing():
    decomposition = make_decomposition(3)
    first = (pl.col("frame") == "threat") & (pl.col("kind") == "change") & pl.col("given").is_null()
    unsure = first & (pl.col("source") == "Albion Courier")
    decomposition = decomposition.filter(~(first & (pl.col("source") == "Beacon Post"))).with_columns(
        [pl.when(unsure).then(None).otherwise(name).alias(name) for name in ("low", "high", "p")]
    )
    figure, _ = draw(decomposition, 3)
    panel = list_panels(figure)[0]
    assert [face for _, face in find_points(panel, "mix")] == [STYLES["mix"].colour, "white", STYLES["mix"].colour]
    assert [text.get_text() for text in panel.texts] == ["no estimate"]
    assert "Hollow: too few articles for an interval." in " ".join(list_texts(figure))
    assert find_clashes(figure) == []


def test_without_changes_only_gaps_are_drawn():
    figure, table = draw(make_decomposition(3).filter(kind="gap"), 3)
    assert find_clashes(figure) == []
    assert len(list_panels(figure)) == 9
    assert ALL_SOURCES not in set(table["source"])
    assert not any(text.endswith(": change") for text in list_texts(figure))


def test_sources_that_are_left_out_are_counted():
    figure, table = draw(make_decomposition(12), 12)
    n = table.filter(pl.col("source") != ALL_SOURCES)["source"].n_unique()
    assert 5 <= n <= 8
    assert f"{12 - n} smaller sources are not drawn." in " ".join(list_texts(figure))


def test_nothing_to_split_is_said():
    with pytest.raises(NothingToDraw, match="could be split by topic"):
        draw(make_decomposition(3).clear(), 3)
    with pytest.raises(NothingToDraw, match="could be split by topic"):
        draw(make_decomposition(3), 3, model="nmf")


def test_the_parts_have_colours_that_no_frame_has():
    colours = {style.colour for style in STYLES.values()}
    assert len(colours) == 2
    assert colours <= set(PALETTE)
    assert not colours & {style.colour for style in FRAME_STYLES.values()}


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        figure, table = draw(make_decomposition(3), 3)
        save_figure(figure, tmp_path / folder / "figure", table)
    assert digest_files(tmp_path / "one") == digest_files(tmp_path / "two")
