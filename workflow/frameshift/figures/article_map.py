"""The articles as points on a map, named by topic.

Names stand left and right of the map and lines lead to their topics (boundary labelling; Bekos et al. 2007). Of all
ways to share out the places, that of the shortest lines in total is taken: no two of its lines cross. Not datamapplot,
which takes 32 more packages and lets names lie on points, nor adjustText or textalloc, which do not promise that no two
names overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from frameshift.figures.layout import (
    LINE,
    MARGIN,
    MM_PER_INCH,
    add_panel,
    new_sheet,
    sheet_size,
    sheet_width,
    shorten,
    text_width,
    wrap,
    write,
)
from frameshift.figures.style import GREY, INK, PALETTE, SMALL, NothingToDraw, styled
from frameshift.figures.topics import FLAG, FLAG_NOTE
from frameshift.topics.stability import UNSTABLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE = 160.0  # mm of a sheet from which on names stand beside the map; on narrower ones they are listed below
NAMES = 38.0  # mm of a column of names
LEAD = 3.0  # mm between names and map
LINES = 2  # of a name beside the map
SLOT = (LINES + 1) * LINE + 1.0  # mm in height of a name beside the map, with its n
TALLEST = 110.0  # mm of a column of names
SHAPE = (0.6, 1.0)  # height of the map in its widths, at least and at most
AIR = 1.5  # mm within the map's edge
DISC = 3.6  # mm across, at least, of a number on the map
PLAIN = ("#5f5f5f", "#999999")  # named topics beyond the colours, in turn
PALE = "#d8d8d8"  # articles whose topic is not named
DOT = (45.0, 0.4, 1.2)  # mm across of a point: the first over the root of their number, at least, at most
MOST_VECTOR = 2_000  # points that are drawn as vectors; more are an image within the drawing
CORE = 0.5  # of a topic's articles, that are close to the one its name points at
TRIED = 500  # articles that it may point at
ABOUT = (
    "Points close by are articles with similar texts (UMAP of their vectors). Distances between groups, and their size "
    "and density, mean little; which way is up means nothing."
)


class Place(NamedTuple):
    """The map on the sheet, in mm, and what it shows: its centre in the units of the table, and mm a unit."""

    left: float
    top: float
    width: float
    height: float
    centre: tuple[float, float]
    scale: float


@styled
def plot_article_map(
    places: pl.DataFrame, assignments: pl.DataFrame, topics: pl.DataFrame, *, n_topics: int
) -> tuple[Figure, pl.DataFrame]:
    """Each article of `places` (topics/map) as a point, with names for the `n_topics` largest of `topics`.

    `assignments` and `topics` are topics/assignments and topics/topics of one model. The largest topics have colours,
    at most 8; others that are named are grey, the rest and articles without a topic light grey. On a sheet narrower
    than WIDE the coloured topics are named and no others, else as many as TALLEST has room for. Topics less stable than
    UNSTABLE are flagged. The table is a row a point, in the order of drawing: article_id, x, y, topic (-1 for none) and
    label (null where the topic is not named). Raises NothingToDraw without topics, or where the map is empty.
    """
    if places.is_empty():
        raise NothingToDraw("There are too few articles for a map.")
    points = places.join(assignments.select("article_id", "topic"), on="article_id", how="left", maintain_order="left")
    points = points.with_columns(pl.col("topic").fill_null(-1))
    beside = sheet_width() >= WIDE
    most = min(n_topics, 2 * int(TALLEST // SLOT) if beside else len(PALETTE))
    found = topics.filter(pl.col("topic") >= 0, pl.col("topic").is_in(points["topic"].unique().to_list()))
    if found.is_empty():
        raise NothingToDraw("No topic was found in this corpus.")
    named = found.sort(["n_articles", "topic"], descending=[True, False]).head(most)
    points = _order(points, named)
    footer = _explain(points, named, len(assignments), found.height - named.height)
    draw = _draw_beside if beside else _draw_above
    return draw(points, named, footer), points.drop("colour")


def _order(points: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """`points` with label and colour: first those of topics without a name, then without a colour, else by id, so
    that no topic lies on top of another."""
    topics = named["topic"].to_list()
    colours = dict(zip(topics, [*PALETTE, *PLAIN * len(topics)], strict=False))
    labels = dict(named.select("topic", "label").iter_rows())
    level = pl.when(pl.col("colour") == PALE).then(0).when(pl.col("colour").is_in(PLAIN)).then(1).otherwise(2)
    return points.with_columns(
        label=pl.col("topic").replace_strict(labels, default=None, return_dtype=pl.String),
        colour=pl.col("topic").replace_strict(colours, default=PALE, return_dtype=pl.String),
    ).sort(level, "article_id")


def _explain(points: pl.DataFrame, named: pl.DataFrame, n_articles: int, hidden: int) -> list[str]:
    without = points.filter(pl.col("topic") < 0).height
    pale = [
        f"{hidden:,} smaller topic{'' if hidden == 1 else 's'}" if hidden else "",
        f"{without:,} article{'' if without == 1 else 's'} without a topic" if without else "",
    ]
    notes = [ABOUT]
    if any(pale):
        notes.append(f"Light grey: {' and '.join(part for part in pale if part)}.")
    if n_articles > points.height:
        sample = f"{points.height:,} of {n_articles:,} articles, chosen at random, are drawn"
        notes.append(f"{sample}; n of a topic counts all of its articles.")
    if any(_flag(stability) for stability in named["stability"]):
        notes.append(FLAG_NOTE + ".")
    return [" ".join(notes)]


def _draw_beside(points: pl.DataFrame, named: pl.DataFrame, footer: Sequence[str]) -> Figure:
    """The map between two columns of names."""
    width = sheet_width() - 2 * (MARGIN + NAMES + LEAD)
    tall = max(_measure_height(points, width), SLOT * -(-named.height // 2))
    figure, top = new_sheet(tall + 2, header=[_title(points)], footer=footer)
    place = _fit(points, MARGIN + NAMES + LEAD, top, width, tall)
    _draw_points(figure, place, points)
    rows = int(tall // SLOT)
    heights = top + np.arange(rows) * tall / rows + (tall / rows - SLOT) / 2 + LINE * LINES / 2  # the name's middle
    edges = np.array([MARGIN + NAMES, sheet_size(figure)[0] - MARGIN - NAMES])
    slots = np.stack([np.repeat(edges, rows), np.tile(heights, 2)], axis=1)
    cores = np.array([_find_core(points, topic, place) for topic in named["topic"]])
    colours = dict(points.select("topic", "colour").iter_rows())
    for row, core, slot in zip(named.iter_rows(named=True), cores, slots[_share_out(cores, slots)], strict=True):
        left = slot[0] == edges[0]
        side = {"ha": "right" if left else "left"}
        _draw_line(figure, [(slot[0] + (0.8 if left else -0.8), slot[1]), core], colours[row["topic"]])
        flag = _flag(row["stability"])
        lines = wrap(f"{row['topic']} {row['label']}", NAMES - text_width(flag), lines=LINES)
        lines[-1] += flag
        y = slot[1] - LINE * len(lines) / 2 + 0.3
        for i, line in enumerate(lines):
            write(figure, slot[0], y + LINE * i, line, **side)
        write(figure, slot[0], y + LINE * len(lines), f"n = {row['n_articles']:,}", size=SMALL, color=GREY, **side)
    return figure


def _draw_above(points: pl.DataFrame, named: pl.DataFrame, footer: Sequence[str]) -> Figure:
    """The map with numbers on it, and below it the list of their names."""
    width = sheet_width() - 2 * MARGIN
    tall = _measure_height(points, width)
    step = LINE + 0.7
    figure, top = new_sheet(tall + 3 + step * named.height + 2, header=[_title(points)], footer=footer)
    place = _fit(points, MARGIN, top, width, tall)
    _draw_points(figure, place, points)
    cores = np.array([_find_core(points, topic, place) for topic in named["topic"]])
    across = max(DISC, *(text_width(str(topic), size=SMALL) + 1.2 for topic in named["topic"]))
    colours = dict(points.select("topic", "colour").iter_rows())
    for i, (row, core, disc) in enumerate(
        zip(named.iter_rows(named=True), cores, _move_apart(cores, across + 0.6, place), strict=True)
    ):
        colour = colours[row["topic"]]
        if np.hypot(*(core - disc)) > across / 2:
            _draw_line(figure, [tuple(disc), tuple(core)], colour)
        y = top + tall + 3 + step * i + step / 2
        for x, height in (disc, (MARGIN + across / 2, y)):
            _draw_disc(figure, x, height, across, str(row["topic"]), colour)
        n = f"n = {row['n_articles']:,}"
        flag = _flag(row["stability"])
        room = width - across - 1.5 - text_width(flag) - text_width(n, size=SMALL) - 2
        write(figure, MARGIN + across + 1.5, y, shorten(row["label"], room) + flag, va="center_baseline")
        write(figure, MARGIN + width, y, n, size=SMALL, color=GREY, ha="right", va="center_baseline")
    return figure


def _flag(stability: float | None) -> str:
    return FLAG if stability is not None and stability < UNSTABLE else ""  # NaN is not


def _title(points: pl.DataFrame) -> str:
    return f"Articles by topic, those with similar texts close by (n = {points.height:,})"


def _measure_height(points: pl.DataFrame, width: float) -> float:
    """The height that a map of these points takes at this width, in mm."""
    xs, ys = (float(points[axis].max() - points[axis].min()) for axis in "xy")
    return width * min(max(ys / max(xs, 1e-9), SHAPE[0]), SHAPE[1])


def _fit(points: pl.DataFrame, left: float, top: float, width: float, height: float) -> Place:
    """Where to draw so that all points fit in, a unit being as long along x as along y."""
    ends = [(float(points[axis].min()), float(points[axis].max())) for axis in "xy"]
    spans = [max(high - low, 1e-9) for low, high in ends]
    scale = min((width - 2 * AIR) / spans[0], (height - 2 * AIR) / spans[1])
    return Place(left, top, width, height, (sum(ends[0]) / 2, sum(ends[1]) / 2), scale)


def _draw_points(figure: Figure, place: Place, points: pl.DataFrame) -> None:
    panel = add_panel(figure, *place[:4])
    panel.set_axis_off()
    (x, y), scale = place.centre, place.scale
    panel.set(xlim=(x - place.width / 2 / scale, x + place.width / 2 / scale))
    panel.set(ylim=(y - place.height / 2 / scale, y + place.height / 2 / scale))
    share, least, most = DOT
    across = min(max(share / points.height**0.5, least), most) * place.width / 92 / MM_PER_INCH * 72
    image = points.height > MOST_VECTOR
    panel.scatter(points["x"], points["y"], s=across**2, c=points["colour"].to_list(), linewidths=0, rasterized=image)


def _find_core(points: pl.DataFrame, topic: int, place: Place) -> tuple[float, float]:
    """The article of a topic with the smallest circle about it that holds CORE of the topic, in mm on the sheet."""
    from scipy.spatial.distance import cdist

    mine = points.filter(pl.col("topic") == topic).select("x", "y").to_numpy()
    near = int(CORE * (len(mine) - 1))
    reach = np.partition(cdist(mine[:TRIED], mine), near, axis=1)[:, near]
    x, y = (mine[reach.argmin()] - place.centre) * place.scale
    return place.left + place.width / 2 + x, place.top + place.height / 2 - y


def _share_out(cores: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """The slot (m, 2) of each core (k, 2), k ≤ m, so that lines are shortest in total: of two that cross, exchanging
    their slots would shorten the sum."""
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(np.hypot(*(cores[:, None] - slots[None]).transpose(2, 0, 1)))[1]


def _move_apart(cores: np.ndarray, apart: float, place: Place) -> np.ndarray:
    """For one after the other the point closest to its core (k, 2) that is `apart` from those before, on the map."""
    low = np.array([place.left, place.top]) + apart / 2
    high = np.array([place.left + place.width, place.top + place.height]) - apart / 2
    free = np.stack(np.meshgrid(*(np.arange(a, b, 0.5) for a, b in zip(low, high, strict=True))), -1).reshape(-1, 2)
    placed: list[np.ndarray] = []
    for core in cores.clip(low, high):
        candidates = np.vstack([core, free])
        clear = [np.hypot(*(candidates - other).T) >= apart for other in placed]
        candidates = candidates[np.all(clear, axis=0)] if clear else candidates
        placed.append(candidates[np.hypot(*(candidates - core).T).argmin()])
    return np.array(placed)


def _draw_line(figure: Figure, ends: Sequence[tuple[float, float]], colour: str) -> None:
    """A line from a name to its core, with white along it so that it stands out from the points."""
    from matplotlib.lines import Line2D
    from matplotlib.patheffects import Normal, Stroke

    w, h = sheet_size(figure)
    xs, ys = [x / w for x, _ in ends], [1 - y / h for _, y in ends]
    line = Line2D(xs, ys, color=INK, linewidth=0.5, path_effects=[Stroke(linewidth=1.4, foreground="white"), Normal()])
    core = Line2D(xs[1:], ys[1:], marker="o", markersize=4, color=colour, markeredgecolor=INK, markeredgewidth=0.6)
    figure.add_artist(line)
    figure.add_artist(core)


def _draw_disc(figure: Figure, x: float, y: float, across: float, number: str, colour: str) -> None:
    """A number in a white disc with a coloured edge, centred at these mm."""
    from matplotlib.lines import Line2D

    w, h = sheet_size(figure)
    size = across / MM_PER_INCH * 72 - 1
    disc = Line2D([x / w], [1 - y / h], marker="o", markersize=size, color="white", markeredgecolor=colour)
    disc.set(markeredgewidth=1.2, zorder=2.5)  # above the lines to all cores, below the numbers
    figure.add_artist(disc)
    write(figure, x, y, number, size=SMALL, ha="center", va="center_baseline")
