"""More of the same topics, or the same topics framed differently: each change and each gap in its two parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from frameshift.figures.contrasts import MEASURED, rank_sources, set_difference_axis, write_title
from frameshift.figures.forest import (
    UNITS,
    draw_bar,
    draw_point,
    find_reach,
    is_cut,
    measure_names,
    say_signed,
    write_names,
)
from frameshift.figures.layout import (
    KEY_SAMPLE,
    LINE,
    MARGIN,
    add_panel,
    is_narrow,
    new_sheet,
    say_hidden,
    sheet_width,
    shorten,
    text_width,
    write,
)
from frameshift.figures.style import GREY, INK, SMALL, NothingToDraw, Style, source_colours, styled
from frameshift.figures.topics import FLAG, FLAG_NOTE, UNSTABLE
from frameshift.names import TOPIC_MODELS
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TALLEST = 210.0  # mm of panels that a page holds: beyond it fewer sources are drawn, but LEAST_ROWS at least
LEAST_ROWS = 5
ROW, BELOW = 3.4, 2.0  # mm of a source, and between the sources and their groups
TITLE, HEAD, FOOT, UNIT = 5.0, 4.2, 4.8, 3.6  # mm: a block's title; a panel's name and numbers; the axis' title
APART = 3.0  # mm between panels
ASIDE = {"mix": -0.72, "within": 0.72}  # mm from the middle of a row
TOTAL = "#d9d9d9"
KINDS = ("change", "gap")
STYLES = {"mix": Style("#882255", "s", "-"), "within": Style("#0072B2", "o", "-")}  # no frame has these colours
SIZES = {"mix": 2.4, "within": 2.8}
NAMED_ROWS, NAMED_TOPICS = 3, 2  # of each kind the largest totals whose topics are named, and how many of these
OVERLAP = "*"
COLUMNS = [
    *("frame", "given", "source", "kind", "from", "to", "model", "part", "scale", "estimate", "low", "high"),
    *("models_low", "models_high", "p", "n_articles", "n_clusters"),
]
_ROW = ["frame", "given", "source", "kind", "from", "to"]


class _Plan(NamedTuple):
    """What all panels have in common; lengths in mm."""

    sources: list[str]  # the rows: all sources, single ones, groups
    n_groups: int
    kinds: list[str]
    names: float
    columns: int  # frames side by side
    width: float  # of a panel

    @property
    def height(self) -> float:
        return ROW * len(self.sources) + (BELOW if self.n_groups else 0.0)

    @property
    def middles(self) -> dict[str, float]:
        """Where each source's row lies below the panel's top."""
        first = len(self.sources) - self.n_groups
        return {name: ROW * (i + 0.5) + (BELOW if i >= first else 0.0) for i, name in enumerate(self.sources)}


class _Block(NamedTuple):
    """All passages, or those about an issue."""

    title: str
    frames: list[str]
    cells: pl.DataFrame  # as they are drawn
    reach: Mapping[str, tuple[float, float]]  # by kind, the limits of the axis


@styled
def plot_mix_within(
    decomposition: pl.DataFrame,
    topics: pl.DataFrame,
    *,
    counts: Mapping[str, int],
    frames: Sequence[str],
    given: Sequence[str],
    model: str,
    n_sources: int,
) -> tuple[Figure, pl.DataFrame]:
    """Changes over time and gaps between sources, as mix and within (two-fold), from comparisons/decomposition.

    `topics` is comparisons/decomposition_topics, `counts` articles per source, `model` the topic model that leads. One
    block for all passages and one for each issue of `given`, one panel a frame and kind, one row a source: all together
    (changes only), the `n_sources` largest, and groups. The change is the one that all sources have, not those of
    single findings. The table adds the range of each part over topic models and seeds, and the topics that are named.
    Raises NothingToDraw where nothing was decomposed, ValueError for several scales.
    """
    cells = _select_cells(decomposition, frames, given, model)
    ranked, groups = rank_sources(cells, counts)
    styles = source_colours(counts, n_sources)
    plan = _plan(cells, [source for source in ranked if styles[source].named], groups, counts)
    table = _add_topics(cells.filter(pl.col("source").is_in(plan.sources)), topics, model)
    blocks = _list_blocks(table, frames, given)
    key = _list_key(table, decomposition["model"].n_unique())
    keys = LINE * (1 + _place_key(key)[-1][2]) + 2.0
    hidden = len(ranked) - sum(source in ranked for source in plan.sources)
    figure, top = new_sheet(
        keys + sum(_block_height(plan, block) for block in blocks),
        header=[_say_header(table, model)],
        footer=[*_say_topics(table), _list_notes(table, blocks, plan, hidden)],
    )
    _draw_key(figure, top, key)
    y = top + keys
    for block in blocks:
        _draw_block(figure, y, block, plan, counts)
        y += _block_height(plan, block)
    return figure, table


def _select_cells(decomposition: pl.DataFrame, frames: Sequence[str], given: Sequence[str], model: str) -> pl.DataFrame:
    """The two-fold parts by `model`, with their range over all models and seeds."""
    about = pl.col("given").is_null() | pl.col("given").is_in(list(given))
    known = pl.col("frame").is_in(list(frames)) & pl.col("estimate").is_not_null()
    every = decomposition.filter(about, known, form="two-fold")
    by = [*_ROW, "part"]
    models = every.group_by(by).agg(
        models_low=pl.min_horizontal("estimate", "seed_low").min(),
        models_high=pl.max_horizontal("estimate", "seed_high").max(),
    )
    cells = every.filter(model=model).join(models, on=by, how="left", nulls_equal=True)
    changes = cells.filter(kind="change")
    if len(changes):  # findings have dates of their own, for their sources only
        common = changes.group_by("from", "to").len().sort("len", "from", "to", descending=[True, False, False])
        changes = changes.join(common.head(1), on=["from", "to"], how="semi")
    cells = pl.concat([changes, cells.filter(kind="gap")]).select(COLUMNS)
    if cells.is_empty():
        raise NothingToDraw("No change and no gap could be split by topic: see the list of what was left out.")
    return cells.sort("kind", "given", "frame", "source", "part")


def _plan(cells: pl.DataFrame, ranked: list[str], groups: list[str], counts: Mapping[str, int]) -> _Plan:
    kinds = [kind for kind in KINDS if kind in set(cells["kind"])]
    n_frames = cells.group_by("given").agg(pl.col("frame").n_unique())["frame"].to_list()
    columns = min(max(n_frames), 1 if is_narrow() else 4 // len(kinds))
    rows = sum(-(-n // columns) for n in n_frames)
    together = [ALL_SOURCES] if ALL_SOURCES in set(cells["source"]) else []
    room = TALLEST - len(n_frames) * (TITLE + UNIT) - rows * (HEAD + FOOT + (BELOW if groups else 0.0))
    fit = max(LEAST_ROWS, int(room / rows / ROW) - len(groups) - len(together))
    sources = [*together, *ranked[:fit], *groups]
    if not sources:
        raise NothingToDraw("Only smaller sources, which get no row, were decomposed: see figures.sources.")
    width, panels = sheet_width() - 2 * MARGIN, columns * len(kinds)
    names = measure_names(sources, _count_articles(cells, counts), most=max(0.22 * width, 30.0))
    return _Plan(sources, len(groups), kinds, names, columns, (width - names) / panels - APART)


def _count_articles(cells: pl.DataFrame, counts: Mapping[str, int]) -> dict[str, int]:
    """Articles on both sides of the change, or else (without a change) of the source."""
    changes = cells.filter(kind="change").group_by("source").agg(pl.col("n_articles").max())
    return {**counts, **dict(changes.iter_rows())}


def _add_topics(table: pl.DataFrame, topics: pl.DataFrame, model: str) -> pl.DataFrame:
    """`table` with `topics`: at the largest totals (one a panel) the topics that contribute most, as they are named."""
    totals = table.filter(pl.col("part") == "total", pl.col("low").is_not_null())
    size = pl.col("estimate").abs()
    largest = (
        totals.sort(size, *_ROW, descending=[True] + [False] * len(_ROW))
        .group_by("kind", "given", "frame", maintain_order=True)
        .head(1)
        .group_by("kind", maintain_order=True)
        .head(NAMED_ROWS)
    )
    named = []
    for row in largest.iter_rows(named=True):
        same = [pl.col(name).eq_missing(pl.lit(row[name], pl.String)) for name in _ROW]
        mine = topics.filter(*same, model=model).with_columns(both=pl.col("mix") + pl.col("within"))
        mine = mine.sort(pl.col("both").abs(), "topic", descending=[True, False]).head(NAMED_TOPICS)
        said = [_name_topic(topic, row["scale"]) for topic in mine.iter_rows(named=True)]
        named.append({name: row[name] for name in [*_ROW, "part"]} | {"topics": " and ".join(said) or None})
    schema = dict.fromkeys([*_ROW, "part", "topics"], pl.String)
    names = pl.DataFrame(named, schema=schema)
    return table.join(names, on=[*_ROW, "part"], how="left", nulls_equal=True, maintain_order="left")


def _name_topic(topic: Mapping, scale: str) -> str:
    factor, digits, _ = UNITS[scale]
    marks = (OVERLAP if topic["overlap"] else "") + (FLAG if _is_unstable(topic["stability"]) else "")
    number = "" if topic["topic"] < 0 else f"{topic['topic']} "
    return f"{number}“{topic['label']}”{marks} ({say_signed(factor * topic['both'], digits)})"


def _is_unstable(stability: float | None) -> bool:
    return stability is not None and stability < UNSTABLE  # NaN is not


def _list_blocks(table: pl.DataFrame, frames: Sequence[str], given: Sequence[str]) -> list[_Block]:
    (scale,) = table["scale"].unique()
    ends = ["estimate", "low", "high", "models_low", "models_high"]
    cells = table.with_columns(pl.col(ends) * UNITS[scale][0])
    blocks = []
    for issue in (None, *given):
        here = cells.filter(pl.col("given").eq_missing(pl.lit(issue, pl.String)))
        if len(here):
            title = "All passages" if issue is None else f"Passages about {issue}"
            reach = {kind: find_reach(here.filter(pl.col("kind") == kind)) for kind in set(here["kind"])}
            shown = [frame for frame in frames if frame in set(here["frame"])]
            blocks.append(_Block(title, shown, here, reach))
    return blocks


def _block_height(plan: _Plan, block: _Block) -> float:
    return TITLE + -(-len(block.frames) // plan.columns) * (HEAD + plan.height + FOOT) + UNIT


def _draw_block(figure: Figure, top: float, block: _Block, plan: _Plan, counts: Mapping[str, int]) -> None:
    write_title(figure, top, block.title, int(block.cells["n_articles"].max()))
    sizes = _count_articles(block.cells, counts)
    room = plan.width + APART
    for i, frame in enumerate(block.frames):
        row, column = divmod(i, plan.columns)
        y = top + TITLE + row * (HEAD + plan.height + FOOT)
        if column == 0:
            at = [y + HEAD + middle for middle in plan.middles.values()]
            write_names(figure, at, plan.names, plan.sources, sizes, gap=ROW / 2 + HEAD - 1.6)
        left = MARGIN + plan.names + column * len(plan.kinds) * room
        for j, kind in enumerate(plan.kinds):
            name = shorten(frame, plan.width - text_width(f": {kind}", size=SMALL), weight="bold", size=SMALL)
            write(figure, left + j * room, y + 0.4, name, weight="bold", size=SMALL)
            after = left + j * room + text_width(name, weight="bold", size=SMALL)
            write(figure, after, y + 0.4, f": {kind}", size=SMALL)
            panel = add_panel(figure, left + j * room, y + HEAD, plan.width, plan.height)
            mine = block.cells.filter(pl.col("frame") == frame, pl.col("kind") == kind)
            _draw_panel(panel, mine, kind, plan, block.reach.get(kind, (-1.0, 1.0)))
    below = top + _block_height(plan, block) - UNIT
    middle = MARGIN + plan.names + (min(len(block.frames), plan.columns) * len(plan.kinds) * room - APART) / 2
    write(figure, middle, below - 1.0, UNITS[block.cells["scale"][0]][2], ha="center", size=SMALL)


def _draw_panel(panel: Axes, mine: pl.DataFrame, kind: str, plan: _Plan, reach: tuple[float, float]) -> None:
    set_difference_axis(panel, plan.height, reach, ticks=max(2, int(plan.width / 8)))
    rows: dict[str, dict[str, dict]] = {}
    for cell in mine.iter_rows(named=True):
        rows.setdefault(cell["source"], {})[cell["part"]] = cell
    for source, y in plan.middles.items():
        if source in rows:
            _draw_row(panel, y, rows[source], reach)
        elif source != ALL_SOURCES or kind != "gap":
            panel.text(sum(reach) / 2, y, "no estimate", ha="center", va="center", size=SMALL, color=GREY)
    for part, style in STYLES.items():  # all at once, which keeps the file small
        shown = [(y + ASIDE[part], rows[source][part]) for source, y in plan.middles.items() if source in rows]
        _draw_ranges(panel, [(y, cell["models_low"], cell["models_high"]) for y, cell in shown], style.colour)


def _draw_row(panel: Axes, y: float, parts: Mapping[str, Mapping], reach: tuple[float, float]) -> None:
    from matplotlib.patches import Rectangle

    total = parts["total"]["estimate"]
    panel.add_patch(Rectangle((0, y - 0.42 * ROW), total, 0.84 * ROW, facecolor=TOTAL, linewidth=0, zorder=0.5))
    for part, style in STYLES.items():
        cell, at = parts[part], y + ASIDE[part]
        draw_bar(panel, at, cell["low"], cell["high"], reach=reach, colour=style.colour)
        size, sure = SIZES[part], cell["low"] is not None
        draw_point(panel, cell["estimate"], at, colour=style.colour, marker=style.marker, filled=sure, size=size)


def _draw_ranges(panel: Axes, ranges: Sequence[tuple[float, float, float]], colour: str) -> None:
    """Where other topic models and seeds put a part (height, low, high): thin lines between two ticks."""
    if ranges:
        y, low, high = zip(*ranges, strict=True)
        panel.hlines(y, low, high, color=colour, linewidth=0.4, zorder=2)
        panel.plot([*low, *high], [*y, *y], "|", color=colour, markersize=3.0, markeredgewidth=0.5, zorder=2.5)


def _list_key(table: pl.DataFrame, n_models: int) -> list[tuple[str, str]]:
    """What is explained: its kind, and its label."""
    entries = [("mix", "mix: other topics"), ("within", "within: the same topics framed otherwise"), ("total", "total")]
    models = f"{n_models} topic models and their seeds" if n_models > 1 else "the topic model's seeds"
    return [*entries, ("range", f"range over {models}")] if _has_range(table) else entries


def _has_range(table: pl.DataFrame) -> bool:
    """Whether there is more than one fit to take a range of."""
    return bool((table["models_high"] > table["models_low"]).any())


def _place_key(key: Sequence[tuple[str, str]]) -> list[tuple[str, float, int]]:
    """Label, mm from the left, and line of each entry."""
    places: list[tuple[str, float, int]] = []
    x, line = MARGIN, 0
    for _, label in key:
        needed = KEY_SAMPLE + 1 + text_width(label, size=SMALL)
        if x > MARGIN and x + needed > sheet_width() - MARGIN:
            x, line = MARGIN, line + 1
        places.append((label, x, line))
        x += needed + 4
    return places


def _draw_key(figure: Figure, top: float, key: Sequence[tuple[str, str]]) -> None:
    """Each mark as it is drawn in the panels, and what it is."""
    for (kind, _), (label, x, line) in zip(key, _place_key(key), strict=True):
        y = top + line * LINE
        sample = add_panel(figure, x, y, KEY_SAMPLE, 2.8)
        sample.set(xlim=(0, 1), ylim=(0, 1), frame_on=False)
        sample.set_axis_off()
        if kind in STYLES:
            style = STYLES[kind]
            draw_bar(sample, 0.5, 0.0, 1.0, reach=(0.0, 1.0), colour=style.colour)
            draw_point(sample, 0.5, 0.5, colour=style.colour, marker=style.marker, filled=True, size=SIZES[kind])
        elif kind == "total":
            sample.axhspan(0.0, 1.0, color=TOTAL, linewidth=0)
        else:
            _draw_ranges(sample, [(0.5, 0.1, 0.9)], INK)
        write(figure, x + KEY_SAMPLE + 1, y + 0.2, label, size=SMALL)


def _say_header(table: pl.DataFrame, model: str) -> str:
    said = f"Difference in {MEASURED[table['scale'][0]]}, split by the topics of {TOPIC_MODELS.get(model, model)}"
    sides = table.filter(kind="change").select(pl.col("from", "to").str.replace("/", " to ")).unique()
    kinds = [f"change: {after} minus {before}" for before, after in sides.iter_rows()]
    kinds += ["gap: the source minus all other sources"] if "gap" in set(table["kind"]) else []
    return f"{said}, with 95% intervals; {'; '.join(kinds)}"


def _say_topics(table: pl.DataFrame) -> list[str]:
    """A paragraph for each kind: the topics behind the largest totals."""
    factor, digits, _ = UNITS[table["scale"][0]]
    named = table.filter(pl.col("topics").is_not_null()).sort(pl.col("estimate").abs(), descending=True)
    paragraphs = []
    for (kind,), rows in named.group_by("kind", maintain_order=True):
        said = []
        for row in rows.iter_rows(named=True):
            given = "" if row["given"] is None else f" in passages about {row['given']}"
            total = say_signed(factor * row["estimate"], digits)
            source = shorten(row["source"], 45, size=SMALL)
            said.append(f"{row['frame']}{given}, {source}, {total}, most by {row['topics']}")
        paragraphs.append(f"The largest {kind}s: {'; '.join(said)}.")
    return sorted(paragraphs)


def _explain_marks(table: pl.DataFrame) -> list[str]:
    said = "".join(table["topics"].drop_nulls())
    overlap = f"{OVERLAP} its words are words of the codebook, too: topic and frame cannot be told apart."
    return [overlap] * (OVERLAP in said) + [f"{FLAG_NOTE}."] * (FLAG in said)


def _list_notes(table: pl.DataFrame, blocks: Sequence[_Block], plan: _Plan, hidden: int) -> str:
    notes = ["Hollow: too few articles for an interval."] if table["low"].null_count() else []
    cut = [
        is_cut(block.cells.filter(pl.col("kind") == kind), block.reach[kind])
        for block in blocks
        for kind in block.reach
    ]
    notes += ["Arrows: the interval goes on."] if any(cut) else []
    if table["scale"][0] == "share":
        notes.append("Shares are not corrected for errors of the measure: they tell the direction, not the size.")
    if plan.n_groups:
        notes.append("Below the gap: groups of sources, each as if it were one source.")
    return " ".join(
        [*_explain_marks(table), *notes, "n: articles before and after the change.", *say_hidden(hidden, "source")]
    )
