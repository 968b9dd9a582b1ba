import numpy as np
import polars as pl
import pytest
from figure_tables import FRAMES, digest_files, find_clashes, make_counts, name_sources

from frameshift.contracts import ADJUSTED, DESIGN_BASED
from frameshift.figures.contrasts import plot_source_contrasts, say_q
from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.style import COLUMN_WIDTH, FULL_WIDTH, GREY, PALETTE, NothingToDraw, save_figure
from frameshift.tables import check_table, empty_table

pytestmark = pytest.mark.filterwarnings("error")

GIVEN = ["migration", "migration without victim"]
GROUPS = ["leaning: left", "leaning: the right and far right of a parliament with many small parties"]
WIDTHS = [FULL_WIDTH, COLUMN_WIDTH]


def make_contrasts(sources: int, *, scale: str = "share", groups=(), findings: int = 4, seed: int = 5) -> pl.DataFrame:
    """Gaps of every source and group, by frame and issue: corrected over all passages where `scale` is "share";
    and declared findings of every kind."""
    rng = np.random.default_rng(seed)
    rows = []
    for issue in (None, *GIVEN):
        for frame in FRAMES[: {None: 4, "migration": 3}.get(issue, 2)]:
            for source in [*name_sources(sources), *groups]:
                size = 0.03 if scale == "share" else 0.3
                row = {"family": "exploratory", "kind": "gap", "contrast": f"{source} minus the rest", "source": source}
                row |= {"frame": frame, "given": issue, "period": "all", "scale": scale, "n_articles": 2500}
                rows.append(row | draw_numbers(rng, size))
                if issue is None and scale == "share":
                    corrected = {"scale": "corrected share", "estimator": DESIGN_BASED}
                    rows.append(row | corrected | draw_numbers(rng, size))
    for i in range(findings):
        kind = ["change", "trend", "mix", "gap", "event"][i % 5]
        row = {"family": "declared", "kind": kind, "contrast": "all weeks from 2018-01-08 minus all weeks before"}
        row |= {"frame": FRAMES[i % 4], "given": None if i % 2 else "migration", "period": "all", "n_articles": 310}
        row |= {"source": ["all sources", "Albion Courier", name_sources(3)[2]][i % 3], "expect": "rise"}
        row |= {"finding": f"finding_{i}" if i else "a_long_name_that_somebody_gave_to_a_finding_about_a_law"}
        corrected = {"scale": "corrected share", "estimator": ADJUSTED} if scale == "share" else {"scale": scale}
        rows.append(row | corrected | draw_numbers(rng, 0.1))
    measured = {"measure": pl.String, "n_articles": pl.Int64, "n_clusters": pl.Int64}
    table = pl.DataFrame(rows, schema=empty_table("comparisons/contrasts").schema | measured)
    leads = (pl.col("estimator").is_not_null() | (pl.lit(scale) == "intensity")) | pl.col("given").is_not_null()
    return check_table(table.with_columns(leads=leads, measure=pl.lit("combined")), "comparisons/contrasts")


def draw_numbers(rng, size: float) -> dict:
    estimate, half = rng.normal(0, size), size * rng.uniform(0.5, 2)
    q = min(1.0, float(np.exp(-2.5 * abs(estimate) / half)))
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half, "p": q, "q": q, "smallest": size}


def draw(table: pl.DataFrame, sources: int, *, width: float = FULL_WIDTH, **options):
    options = {"counts": make_counts(sources), "frames": FRAMES, "given": GIVEN, "n_sources": 8} | options
    with on_sheet(Sheet(width, "a")):
        return plot_source_contrasts(table, **options)


def list_texts(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def find_points(axes) -> list[tuple]:
    """Marker, face and edge of each point, from the top row to the lowest."""
    lines = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    lines.sort(key=lambda line: line.get_ydata()[0])
    return [(line.get_marker(), line.get_markerfacecolor(), line.get_markeredgecolor()) for line in lines]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scale", ["share", "intensity"])
@pytest.mark.parametrize(("sources", "groups"), [(3, GROUPS), (12, []), (40, GROUPS)])
def test_no_text_overlaps_or_is_cut(sources, groups, scale, width):
    figure, table = draw(make_contrasts(sources, scale=scale, groups=groups), sources, width=width)
    assert sheet_size(figure)[0] == pytest.approx(width)
    assert find_clashes(figure) == []
    assert set(groups) <= set(table["source"])
    unit = "percentage points of passages" if scale == "share" else "standard deviations of ordinary news"
    assert unit in list_texts(figure)
    assert not any("%" in text.replace("95%", "") for text in list_texts(figure))


def test_rows_come_in_one_order_in_all_panels_and_groups_below_with_the_same_colours():
    figure, _ = draw(make_contrasts(3, groups=GROUPS), 3)
    gaps = figure.axes[:-1]
    edges = {tuple(edge for _, _, edge in find_points(axes)) for axes in gaps}
    assert len(gaps) == 9
    assert edges == {(*PALETTE[:3], "#1a1a1a", "#1a1a1a")}
    names = {text.get_text(): text.get_position()[1] for text in figure.texts}
    assert names["leaning: left"] < names["Beacon Post"] < names["Albion Courier"]


def test_sources_beyond_the_coloured_ones_are_grey():
    figure, _ = draw(make_contrasts(3), 3, n_sources=2)
    assert [edge for _, _, edge in find_points(figure.axes[0])] == [*PALETTE[:2], GREY]


def test_a_point_is_filled_where_q_is_small_and_a_diamond_where_people_corrected_it():
    figure, table = draw(make_contrasts(3, findings=0), 3)
    for axes, (frame, given) in zip(
        figure.axes[:5], [*[(f, None) for f in FRAMES], ("threat", "migration")], strict=True
    ):
        drawn = [table.filter(pl.col("given").eq_missing(given), source=name, frame=frame) for name in name_sources(3)]
        for (marker, face, edge), row in zip(find_points(axes), drawn, strict=True):
            assert marker == ("o" if given else "D")
            assert face == (edge if row["q"].item() < 0.05 else "white")
    assert 0 < table["q"].lt(0.05).sum() < len(table)
    assert {say_q(q) for q in table["q"]} <= set(list_texts(figure))


def test_the_band_of_the_smallest_difference_is_not_drawn_about_shares_that_tell_no_size():
    figure, _ = draw(make_contrasts(3, findings=0), 3)
    bands = [[patch.get_x() for patch in axes.patches if patch.get_width() == pytest.approx(6)] for axes in figure.axes]
    assert bands == [[pytest.approx(-3)]] * 4 + [[]] * 5


def test_only_the_estimate_that_leads_is_drawn_and_the_csv_holds_it_as_parts_of_one(tmp_path):
    contrasts = make_contrasts(3)
    figure, table = draw(contrasts, 3)
    expected = contrasts.filter("leads").height
    assert len(table) == expected
    assert sum(len(find_points(axes)) for axes in figure.axes) == expected
    drawn = figure.axes[0].lines
    first = table.filter(pl.col("given").is_null(), source="Albion Courier", frame="threat", kind="gap")
    assert 100 * first["estimate"].item() == pytest.approx(
        min((line for line in drawn if line.get_marker() == "D"), key=lambda line: line.get_ydata()[0]).get_xdata()[0]
    )
    save_figure(figure, tmp_path / "figure", table)
    assert pl.read_csv(tmp_path / "figure.csv")["estimate"].to_list() == pytest.approx(table["estimate"].to_list())


def test_a_source_without_an_estimate_and_a_gap_without_a_test_look_missing():
    contrasts = make_contrasts(3, findings=0)
    mine = (pl.col("source") == "Beacon Post") & (pl.col("frame") == "victim")
    untested = (pl.col("source") == "Albion Courier") & (pl.col("frame") == "victim")
    nothing = [pl.when(untested).then(None).otherwise(name).alias(name) for name in ("low", "high", "p", "q")]
    figure, _ = draw(contrasts.filter(~mine).with_columns(nothing), 3)
    assert find_clashes(figure) == []
    victim = figure.axes[2]
    assert [text.get_text() for text in victim.texts] == ["no estimate"]
    assert find_points(victim)[0][1] == "white"
    assert len(victim.collections) == 1  # one bar, for the third source
    assert list_texts(figure).count("–") >= 4


def test_findings_stand_in_rows_with_what_was_expected_and_the_numbers():
    contrasts = make_contrasts(3, findings=5)
    figure, table = draw(contrasts, 3)
    said = list_texts(figure)
    assert "Declared findings" in said
    for row in table.filter(pl.col("finding").is_not_null(), pl.col("kind") != "change").iter_rows(named=True):
        assert row["finding"].replace("_", " ") in said
        assert any(text.startswith(f"{100 * row['estimate']:+.1f} (".replace("-", "−")) for text in said)
    assert "by the mix of topics" in " ".join(said)
    assert "declared, expected: rise" in said
    alone, drawn = draw(contrasts.filter(pl.col("finding").is_not_null()), 3)
    assert find_clashes(alone) == []
    assert len(alone.axes) == 1
    assert drawn["finding"].null_count() == 0


def test_of_many_findings_the_first_are_drawn_and_the_others_counted():
    figure, table = draw(make_contrasts(2, findings=23), 2)
    assert find_clashes(figure) == []
    assert table["finding"].is_not_null().sum() == 20
    assert "3 more declared findings are not drawn." in list_texts(figure)


def test_sources_that_are_left_out_are_counted():
    counts = make_counts(40)
    few = pl.col("source").is_in(name_sources(30))
    figure, table = draw(make_contrasts(40).filter(few | pl.col("finding").is_not_null()), 40)
    shown = table.filter(pl.col("finding").is_null())
    n = shown["source"].n_unique()
    assert set(shown["source"]) == set(list(counts)[:n])
    notes = " ".join(list_texts(figure))
    assert "10 sources are not compared: too few articles." in notes
    assert f"{30 - n} smaller sources are not drawn." in notes


def test_nothing_to_compare_is_said():
    with pytest.raises(NothingToDraw, match="not two sources"):
        draw(make_contrasts(3, findings=0).clear(), 3)


def test_intensity_and_shares_are_not_drawn_on_one_axis():
    mixed = pl.concat([make_contrasts(2), make_contrasts(2, scale="intensity")])
    with pytest.raises(ValueError, match="cannot share an axis"):
        draw(mixed, 2)


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        figure, table = draw(make_contrasts(3), 3)
        save_figure(figure, tmp_path / folder / "figure", table)
    assert digest_files(tmp_path / "one") == digest_files(tmp_path / "two")


def test_a_bar_far_wider_than_the_others_is_cut_and_it_is_said():
    alike = {"estimate": pl.lit(0.01), "low": pl.lit(-0.01), "high": pl.lit(0.03)}
    contrasts = make_contrasts(12, findings=0).with_columns(**alike)
    far = (pl.col("source") == "Daily 06") & (pl.col("frame") == "victim") & pl.col("given").is_null()
    figure, _ = draw(contrasts.with_columns(high=pl.when(far).then(2.0).otherwise("high")), 12)
    assert "Arrows: the interval goes on." in " ".join(list_texts(figure))
    assert figure.axes[0].get_xlim()[1] < 50
    figure, _ = draw(contrasts, 12)
    assert "Arrows" not in " ".join(list_texts(figure))


def test_q_is_said_as_journals_print_it():
    assert [say_q(q) for q in (0.0004, 0.0123, 1.0, None)] == ["<.001", ".012", "1.000", "–"]
