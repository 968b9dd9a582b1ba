import csv
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from figure_tables import digest_files, find_clashes, make_topics

from frameshift.figures.article_map import (
    FLAG_NOTE,
    MOST_VECTOR,
    PALE,
    WIDE,
    Place,
    _move_apart,
    _share_out,
    plot_article_map,
)
from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.style import COLUMN_WIDTH, FULL_WIDTH, PALETTE, NothingToDraw, save_figure
from frameshift.figures.topics import UNSTABLE
from frameshift.tables import empty_table

pytestmark = pytest.mark.filterwarnings("error")

WIDTHS = (FULL_WIDTH, COLUMN_WIDTH)
LABELS = {
    "words": ["border, asylum, camp", "boat", "visa, police, constitutional court of the republic"],
    "not Latin": ["граница, убежище, лагерь беженцев", "σύνορα, πρόσφυγες, κυβέρνηση και βουλή", "$ons & $aus"],
    "endless": ["Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2, "a b c d " * 40, "x"],
}
SHAPES = {
    "groups": lambda rng, topic: 5 * np.stack([np.cos(topic), np.sin(topic)], 1) + rng.normal(0, 0.6, (len(topic), 2)),
    "one heap": lambda rng, topic: rng.normal(0, 1, (len(topic), 2)),
    "one point": lambda rng, topic: np.zeros((len(topic), 2)),
    "a line": lambda rng, topic: np.stack([topic + rng.random(len(topic)), np.zeros(len(topic))], 1),
    "far off": lambda rng, topic: rng.normal(0, 0.1, (len(topic), 2)) + 400 * (topic == 3)[:, None],
}


def make_map(n_topics: int, *, each: int = 12, shape: str = "groups", labels: str = "words", without: int = 5):
    """topics/map, topics/assignments and topics/topics: `each` articles a topic, and some `without` one."""
    rng = np.random.default_rng(4)
    topic = np.concatenate([np.repeat(np.arange(n_topics), each), np.full(without, -1)])
    ids = [f"{number:05x}" for number in rng.permutation(len(topic))]
    points = SHAPES[shape](rng, topic.astype(float))
    places = pl.DataFrame({"article_id": ids, "x": points[:, 0], "y": points[:, 1]}).sort("article_id")
    assignments = pl.DataFrame({"article_id": ids, "topic": topic, "weight": 0.5, "fitted": True})
    named = [LABELS[labels][i % 3] for i in range(n_topics)]
    topics = pl.concat([make_topics(1)] * n_topics).with_columns(
        topic=pl.Series(range(n_topics)), label=pl.Series(named), n_articles=400 - 7 * pl.Series(range(n_topics))
    )
    return places, assignments, topics


def draw(tables, *, width: float = FULL_WIDTH, n_topics: int = 12):
    with on_sheet(Sheet(width)):
        return plot_article_map(*tables, n_topics=n_topics)


def list_texts(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("width", [*WIDTHS, WIDE])
@pytest.mark.parametrize("n", [1, 3, 12, 40])
@pytest.mark.parametrize("labels", LABELS)
def test_no_text_overlaps_or_is_cut(width, n, labels):
    figure, table = draw(make_map(n, labels=labels), width=width, n_topics=40)
    assert find_clashes(figure) == []
    assert sheet_size(figure)[0] == pytest.approx(width)
    assert table.height == 12 * n + 5


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_overlaps_however_the_articles_lie(width, shape):
    figure, table = draw(make_map(14, shape=shape), width=width)
    assert find_clashes(figure) == []
    assert table.height == 14 * 12 + 5
    assert sheet_size(figure)[1] < 170


@pytest.mark.parametrize("width", WIDTHS)
def test_the_points_are_those_of_the_table_in_its_order_with_one_scale_for_both_axes(width):
    figure, table = draw(make_map(14), width=width)
    (panel,) = figure.axes
    (points,) = panel.collections
    assert np.asarray(points.get_offsets()).tolist() == table.select("x", "y").to_numpy().tolist()
    box = panel.get_position()
    w, h = sheet_size(figure)
    across, up = np.ptp(panel.get_xlim()) / (box.width * w), np.ptp(panel.get_ylim()) / (box.height * h)
    assert across == pytest.approx(up)
    for low, high, axis in ((*panel.get_xlim(), "x"), (*panel.get_ylim(), "y")):
        assert table[axis].is_between(low, high).all()


def test_the_largest_topics_have_colours_other_named_ones_grey_and_the_rest_light_grey_below():
    from matplotlib.colors import to_hex

    figure, table = draw(make_map(14))
    (points,) = figure.axes[0].collections
    drawn = table.with_columns(colour=pl.Series([to_hex(colour).upper() for colour in points.get_facecolors()]))
    shown = {topic: set(rows["colour"]) for (topic,), rows in drawn.group_by("topic")}
    assert [shown[topic] for topic in range(8)] == [{colour.upper()} for colour in PALETTE]
    assert all(shown[topic].isdisjoint({*PALETTE, PALE.upper()}) for topic in range(8, 12))
    assert shown[12] == shown[13] == shown[-1] == {PALE.upper()}
    assert set(drawn["topic"].head(2 * 12 + 5)) == {12, 13, -1}
    assert drawn.filter(pl.col("topic").is_in([12, 13, -1]))["label"].null_count() == 2 * 12 + 5
    assert drawn.filter(pl.col("topic") == 4)["label"].unique().to_list() == [LABELS["words"][1]]


def test_the_foot_counts_what_has_no_name():
    said = " ".join(list_texts(draw(make_map(14))[0]))
    assert "Light grey: 2 smaller topics and 5 articles without a topic." in said
    said = " ".join(list_texts(draw(make_map(13, without=0))[0]))
    assert "Light grey: 1 smaller topic." in said
    assert "Light grey" not in " ".join(list_texts(draw(make_map(12, without=0))[0]))


def test_a_column_names_the_coloured_topics_in_a_list_with_their_numbers():
    said = list_texts(draw(make_map(14), width=COLUMN_WIDTH)[0])
    assert [said.count(str(topic)) for topic in range(9)] == [2] * 8 + [0]
    assert "Light grey: 6 smaller topics" in " ".join(said)
    assert [f"n = {400 - 7 * topic:,}" in said for topic in range(9)] == [True] * 8 + [False]


def test_a_sample_is_said_to_be_one_and_articles_without_assignment_have_no_topic():
    places, assignments, topics = make_map(4, each=50)
    figure, _ = draw((places.head(60), assignments, topics))
    said = " ".join(list_texts(figure))
    assert "(n = 60)" in said
    assert "60 of 205 articles, chosen at random, are drawn" in said
    _, table = draw((places, assignments.head(150), topics))
    assert table.filter(pl.col("topic") == -1).height == 55
    assert "at random" not in " ".join(list_texts(draw((places, assignments, topics))[0]))


def test_a_topic_with_no_article_on_the_map_is_not_named():
    places, assignments, topics = make_map(4)
    kept = places.join(assignments.filter(pl.col("topic") != 0), on="article_id", how="semi")
    figure, table = draw((kept, assignments, topics))
    assert table.filter(pl.col("topic") == 0).is_empty()
    assert "n = 400" not in list_texts(figure)
    assert "n = 393" in list_texts(figure)


@pytest.mark.parametrize("width", WIDTHS)
def test_unstable_topics_are_flagged_however_long_their_names(width):
    places, assignments, topics = make_map(6, labels="endless")
    stability = pl.Series([UNSTABLE - 0.01, 0.1, UNSTABLE, None, float("nan"), 0.9], dtype=pl.Float64)
    figure, _ = draw((places, assignments, topics.with_columns(stability=stability)), width=width)
    assert find_clashes(figure) == []
    assert sum(text.endswith(" †") for text in list_texts(figure)) == 2
    assert FLAG_NOTE in " ".join(list_texts(figure))
    figure, _ = draw((places, assignments, topics), width=width)
    assert "†" not in " ".join(list_texts(figure))


@pytest.mark.parametrize("seed", range(5))
def test_no_two_lines_cross_and_every_name_has_a_place_of_its_own(seed):
    rng = np.random.default_rng(seed)
    cores = rng.uniform(0, 90, (12, 2))
    slots = np.array([(x, y) for x in (-4.0, 94.0) for y in np.linspace(0, 90, 7)])
    chosen = _share_out(cores, slots)
    assert len(set(chosen.tolist())) == 12
    for one, other in combinations(range(12), 2):
        assert not _cross(cores[one], slots[chosen[one]], cores[other], slots[chosen[other]])


def _cross(a, b, c, d) -> bool:
    def turn(p, q, r) -> bool:
        return (q[0] - p[0]) * (r[1] - p[1]) > (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) != turn(a, b, d) and turn(c, d, a) != turn(c, d, b)


def test_the_crossing_check_itself_sees_a_crossing():
    assert _cross((0, 0), (2, 2), (0, 2), (2, 0))
    assert not _cross((0, 0), (2, 0), (0, 1), (2, 1))


def test_numbers_stand_on_their_cores_or_as_close_as_they_can_without_touching():
    place = Place(10.0, 5.0, 80.0, 50.0, (0.0, 0.0), 1.0)
    apart = _move_apart(np.array([[30.0, 30.0], [60.0, 30.0], [31.0, 30.0], [30.0, 30.0], [10.0, 5.0]]), 4.0, place)
    assert apart[0].tolist() == [30, 30]
    assert apart[1].tolist() == [60, 30]
    assert min(np.hypot(*(a - b)) for a, b in combinations(apart, 2)) >= 4
    assert np.hypot(*(apart[2] - [31, 30])) < 4.5
    assert apart[4].tolist() == [12, 7]  # not over the edge of the map


@pytest.mark.parametrize("width", WIDTHS)
def test_the_same_tables_give_the_same_bytes_and_the_csv_is_what_was_drawn(tmp_path, width):
    for folder in ("first", "again"):
        (tmp_path / folder).mkdir()
        figure, table = draw(make_map(9, each=250), width=width)  # more than MOST_VECTOR: an image within the drawing
        save_figure(figure, tmp_path / folder / "article_map", table)
    assert digest_files(tmp_path / "first") == digest_files(tmp_path / "again")
    with (tmp_path / "first" / "article_map.csv").open(encoding="utf-8") as file:
        rows = [(row["article_id"], float(row["x"]), int(row["topic"]), row["label"]) for row in csv.DictReader(file)]
    assert rows == table.select("article_id", "x", "topic", pl.col("label").fill_null("")).rows()


def test_many_points_are_an_image_within_the_drawing_and_few_are_vectors(tmp_path):
    for each, image in ((20, False), (3 * MOST_VECTOR // 9, True)):
        figure, table = draw(make_map(9, each=each))
        save_figure(figure, tmp_path / "article_map", table)
        svg = (tmp_path / "article_map.svg").read_text(encoding="utf-8")
        assert ("<image" in svg) == image
        assert len(svg) < 600_000
        pdf = (tmp_path / "article_map.pdf").read_bytes()
        assert (b"/FontFile2" in pdf, b"/Type3" in pdf) == (True, False)  # names are text, whatever points are


def test_without_topics_or_places_there_is_nothing_to_draw():
    places, assignments, topics = make_map(3)
    with pytest.raises(NothingToDraw, match="No topic was found"):
        draw((places, empty_table("topics/assignments"), empty_table("topics/topics")))
    with pytest.raises(NothingToDraw, match="too few articles"):
        draw((places.clear(), assignments, topics))
    with pytest.raises(NothingToDraw, match="No topic"):
        draw((places, assignments.with_columns(topic=pl.lit(-1, pl.Int64)), topics))
