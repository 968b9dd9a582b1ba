import csv
import hashlib
import itertools
from datetime import date

import numpy as np
import polars as pl
import pytest
from figure_tables import FRAMES, make_articles, make_counts, make_prevalence

from frameshift.figures.coverage import plot_corpus_over_time
from frameshift.figures.framing import plot_framing_over_time
from frameshift.figures.heatmap import plot_source_frame_heatmap
from frameshift.figures.layout import shorten, spread, text_width, wrap
from frameshift.figures.series import choose_ticks, list_events, number_events, select_cells
from frameshift.figures.style import (
    OTHER_STYLE,
    PALETTE,
    NothingToDraw,
    count_articles,
    draw_or_say_why,
    drawing_style,
    frame_colours,
    save_figure,
    source_colours,
)

# Machado, Oliveira & Fernandes (2009), severity 1: linear RGB as seen without one kind of cone.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def to_lab(colour: str, vision: str = "normal") -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(VISION[vision]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(xyz / [0.9505, 1, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_stay_apart_for_every_kind_of_vision(vision):
    seen = [to_lab(colour, vision) for colour in PALETTE]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 13


def test_the_first_five_colours_stay_apart_in_grey():
    lightness = sorted(to_lab(colour)[0] for colour in PALETTE[:5])
    assert min(np.diff(lightness)) > 9


def test_the_largest_sources_get_colours_and_the_others_share_grey():
    styles = source_colours({"b": 5, "a": 5, "c": 9, "d": 1}, 3)
    assert [styles[source].colour for source in ("c", "a", "b")] == list(PALETTE[:3])
    assert styles["d"] == OTHER_STYLE
    assert not styles["d"].named


def test_more_sources_than_colours_leave_the_rest_grey():
    styles = source_colours({f"s{i:02d}": 100 - i for i in range(20)}, 20)
    assert sum(style.named for source, style in styles.items() if source != "all sources") == len(PALETTE)


def test_frames_keep_their_colours_whatever_else_is_drawn():
    alone = frame_colours(["security"])["security"]
    among = frame_colours(["economy", "security", "threat"])
    assert among["security"] == alone
    assert len({style.colour for style in among.values()}) == 3


def test_copies_are_not_counted():
    articles = pl.DataFrame({"source": ["x", "x", "y"], "duplicate_of": [None, "1", None]})
    assert count_articles(articles) == {"x": 1, "y": 1}


def test_spread_labels_do_not_overlap_and_stay_within_the_bounds():
    assert spread([0, 1, 9.5], [4, 4, 4], 0, 20) == [2, 6, 10]
    assert spread([19, 19.5], [4, 4], 0, 20) == [14, 18]
    assert spread([1, 2], [11, 11], 0, 20) is None


def test_shortened_and_wrapped_text_fits_its_width():
    with drawing_style():
        cut = shorten("A name that is far too long for its place", 20)
        assert cut.endswith("…")
        assert text_width(cut) <= 20
        lines = wrap("one two three four five six seven eight nine ten", 18, lines=2)
        assert len(lines) == 2
        assert all(text_width(line) <= 18 for line in lines)


@pytest.mark.parametrize(
    ("first", "last", "most", "expected"),
    [
        (date(2016, 1, 1), date(2016, 4, 1), 4, ["2016-01-01", "2016-02-01", "2016-03-01", "2016-04-01"]),
        (date(2015, 1, 1), date(2020, 1, 1), 3, ["2016-01-01", "2018-01-01", "2020-01-01"]),
        (date(1950, 1, 1), date(2020, 1, 1), 4, ["1960-01-01", "1980-01-01", "2000-01-01", "2020-01-01"]),
        (date(2016, 3, 7), date(2016, 3, 28), 4, ["2016-03-07"]),
    ],
)
def test_ticks_stand_at_round_dates(first, last, most, expected):
    assert [tick.isoformat() for tick in choose_ticks(first, last, most)] == expected


def test_events_outside_the_periods_are_left_out_and_the_others_numbered_by_date():
    periods = pl.DataFrame({"start": [date(2015, 1, 1)], "end": [date(2016, 1, 1)]})
    events = [
        {"name": "late", "date": "2015-09-01", "sources": ["x"]},
        {"name": "early", "date": date(2015, 2, 1)},
        {"name": "before", "date": "2014-01-01"},
    ]
    read = number_events(events, periods)
    assert [(event["number"], event["name"]) for event in read] == [(1, "early"), (2, "late")]
    assert list_events(read)[0].endswith("1 early (2015-02-01); 2 late (2015-09-01, in x).")


def test_two_estimators_for_one_cell_are_refused():
    cells = make_prevalence(sources=1)
    twice = pl.concat([cells, cells.with_columns(estimator=pl.lit("other"))])
    with pytest.raises(ValueError, match=r"several estimators.*mean.*other"):
        select_cells(twice, frames=FRAMES, given=None, measure="combined", grain="quarter")


def draw_samples() -> dict:
    cells, counts = make_prevalence(sources=3, grain="year"), make_counts(3)
    common = {"counts": counts, "frames": FRAMES, "measure": "combined"}
    return {
        "framing": plot_framing_over_time(cells, grain="year", n_sources=2, **common),
        "heatmap": plot_source_frame_heatmap(cells, given=["migration"], **common),
        "coverage": plot_corpus_over_time(make_articles(3), grain="year", n_sources=2),
    }


def test_the_same_tables_give_the_same_bytes_in_every_format(tmp_path):
    digests = []
    for folder in ("first", "second"):
        for name, (figure, table) in draw_samples().items():
            save_figure(figure, tmp_path / folder / name, table)
        files = sorted((tmp_path / folder).iterdir())
        assert [file.name for file in files][:4] == ["coverage.csv", "coverage.pdf", "coverage.png", "coverage.svg"]
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]


def test_the_csv_beside_a_figure_is_the_table_that_was_drawn(tmp_path):
    figure, table = plot_corpus_over_time(make_articles(2), grain="year", n_sources=2)
    save_figure(figure, tmp_path / "corpus_over_time", table)
    with (tmp_path / "corpus_over_time.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], int(row["n_articles"])) for row in rows] == list(
        table.select("source", "n_articles").rows()
    )


def test_pdf_text_is_embedded_as_truetype(tmp_path):
    figure, table = plot_corpus_over_time(make_articles(1), grain="year", n_sources=1)
    save_figure(figure, tmp_path / "x", table)
    pdf = (tmp_path / "x.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf


def test_where_there_is_nothing_to_draw_the_figure_and_its_table_say_why(tmp_path):
    def plot():
        raise NothingToDraw("The articles have no dates.")

    figure, table = draw_or_say_why(plot)
    assert [text.get_text() for text in figure.texts] == ["The articles have no dates."]
    assert table.to_dicts() == [{"reason": "The articles have no dates."}]
    save_figure(figure, tmp_path / "x", table)


def test_a_figure_higher_than_a_page_is_named_in_the_log(tmp_path, caplog):
    from matplotlib.figure import Figure

    caplog.set_level("INFO", logger="frameshift")
    for name, inches in (("low", 8.0), ("high", 10.0)):
        save_figure(Figure(figsize=(3, inches)), tmp_path / name, pl.DataFrame())
    assert "high is 254 mm high, a page with a caption about 225" in caplog.text
    assert "low is" not in caplog.text
