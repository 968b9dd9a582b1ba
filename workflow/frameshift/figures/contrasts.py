"""Which sources frame it more than the others: their gaps as a forest, and below it what was declared beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from frameshift.figures.forest import (
    UNITS,
    Q,
    bare_axis,
    draw_bar,
    draw_point,
    find_reach,
    is_cut,
    measure_names,
    say_signed,
    write_names,
)
from frameshift.figures.layout import (
    LINE,
    MARGIN,
    add_panel,
    draw_key,
    key_height,
    new_sheet,
    say_hidden,
    sheet_size,
    sheet_width,
    shorten,
    text_width,
    wrap,
    write,
)
from frameshift.figures.style import ALL_STYLE, GAP, GREY, INK, SMALL, NothingToDraw, Style, source_colours, styled
from frameshift.tables import ALL_SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TALLEST = 225.0  # mm of panels that a page holds: beyond it fewer sources are drawn, but LEAST_ROWS at least
LEAST_ROWS = 8
MOST_FINDINGS = 20
ROW, BELOW = 3.2, 2.0  # mm of a source, and between the sources and their groups
TITLE, HEAD, FOOT, UNIT = 5.0, 4.2, 5.0, 4.2  # mm: a block's title; a panel's name and numbers; the axis' title
PANEL, NUMBER = 16.0, 9.0  # mm: the least width of a panel, and of q beside it
SMALL_LINE = 2.8  # mm from one line of the smallest text to the next
MEASURED = {"intensity": "intensity (standard deviations)", "share": "share of passages (percentage points)"}
CORRECTED = Style(INK, "D", "-")
MEASURED_STYLE = Style(INK, "o", "-")
KEYS = {
    "corrected share": ("corrected by passages that people coded", CORRECTED),
    "share": ("not corrected: tells the direction, not the size", MEASURED_STYLE),
}
PARTS = {"mix": "by the mix of topics, ", "within": "by framing within topics, "}
COLUMNS = [
    *("finding", "family", "kind", "frame", "given", "source", "contrast", "period", "measure", "scale", "estimator"),
    *("estimate", "low", "high", "p", "q", "smallest", "expect", "n_articles", "n_clusters"),
]


class _Forest(NamedTuple):
    """What all panels of the gaps have in common; lengths in mm."""

    sources: list[str]  # the rows, groups last
    n_groups: int
    styles: Mapping[str, Style]
    counts: Mapping[str, int]
    names: float
    columns: int
    room: float  # of a panel with the q beside it

    @property
    def width(self) -> float:
        return self.room - NUMBER

    @property
    def height(self) -> float:
        return ROW * len(self.sources) + (BELOW if 0 < self.n_groups < len(self.sources) else 0.0)

    @property
    def middles(self) -> dict[str, float]:
        """Where each source's row lies below the panel's top."""
        first = len(self.sources) - self.n_groups
        below = BELOW if first else 0.0
        return {name: ROW * (i + 0.5) + (below if i >= first else 0.0) for i, name in enumerate(self.sources)}


@styled
def plot_source_contrasts(
    contrasts: pl.DataFrame, *, counts: Mapping[str, int], frames: Sequence[str], given: Sequence[str], n_sources: int
) -> tuple[Figure, pl.DataFrame]:
    """Each source against all others, by frame, and the declared findings, from comparisons/contrasts.

    One block of panels for all passages and one for each issue of `given`, one panel a frame, one row a source: the
    estimate that leads, its 95% interval and q. `counts` is articles per source; the `n_sources` largest are coloured,
    groups (which are not in `counts`) stand below. The last block has a row for each declared finding of any kind.
    Intensity is in standard deviations, shares in percentage points (the table keeps parts of one). Raises
    NothingToDraw where there is neither a gap nor a finding, ValueError where intensity and shares are mixed.
    """
    gaps = _select_gaps(contrasts, frames, given)
    found = contrasts.filter("leads", pl.col("finding").is_not_null(), pl.col("estimate").is_not_null())
    declared = found.select(COLUMNS).sort("family", "finding").head(MOST_FINDINGS)
    if gaps.is_empty() and declared.is_empty():
        raise NothingToDraw("There are not two sources to compare, and no finding: see the list of what was left out.")
    blocks = _list_blocks(gaps, frames, given)
    findings = _lay_findings(declared)
    forest = _plan_forest(blocks, counts, n_sources, TALLEST - findings.height)
    gaps = gaps.filter(pl.col("source").is_in(forest.sources))
    table = pl.concat([gaps, declared])
    unit = _read_scale(table)
    blocks = _list_blocks(_in_units(gaps), frames, given)
    key = [entry for scale, entry in KEYS.items() if scale in set(table["scale"])]
    keys = key_height(key) + 1.0 if key else 0.0

    height = sum(_block_height(forest, len(shown)) for _, shown, _ in blocks)
    header = f"Each source minus all other sources: difference in {MEASURED[unit]}, with 95% interval"
    figure, top = new_sheet(
        keys + height + findings.height,
        header=[header] if blocks else [],
        footer=[
            *_list_notes([*(cells for _, _, cells in blocks), _in_units(declared)], forest, contrasts),
            *_say_more(len(found) - len(declared)),
        ],
    )
    if key:
        draw_key(figure, top, key)
    y = top + keys
    for title, shown, cells in blocks:
        _draw_block(figure, y, title, shown, cells, forest)
        y += _block_height(forest, len(shown))
    if len(declared):
        _draw_findings(figure, y, _in_units(declared), findings, forest.styles)
    return figure, table


def say_q(q: float | None) -> str:
    """As journals print it: ".012", "<.001", and "–" where there is no test."""
    if q is None:
        return "–"
    return "<.001" if q < 0.001 else f"{q:.3f}".removeprefix("0")


def rank_sources(table: pl.DataFrame, counts: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The single sources of `table`, largest first, and the groups, which are not in `counts`."""
    present = set(table["source"]) - {ALL_SOURCES}
    return [source for source in source_colours(counts, 0) if source in present], sorted(present.difference(counts))


def _read_scale(table: pl.DataFrame) -> str:
    """The scale whose unit all rows have: that of shares for corrected ones, too."""
    scales = {"intensity" if scale == "intensity" else "share" for scale in table["scale"]}
    if len(scales) > 1:
        raise ValueError(f"intensity and shares cannot share an axis: {table['scale'].unique().sort().to_list()}")
    return scales.pop()


def _in_units(table: pl.DataFrame) -> pl.DataFrame:
    """`table` as it is drawn, with `band`: half the width of the grey band of its row."""
    if table.is_empty():
        return table
    factor, _, _ = UNITS[_read_scale(table)]
    band = pl.when(pl.col("scale") != "share").then(pl.col("smallest") * factor)  # those tell no size
    return table.with_columns(band.alias("band"), pl.col("estimate", "low", "high") * factor)


def _reach(cells: pl.DataFrame) -> tuple[float, float]:
    low, high = find_reach(cells)
    band = 1.04 * (cells["band"].max() or 0.0)
    return min(low, -band), max(high, band)


def _select_gaps(contrasts: pl.DataFrame, frames: Sequence[str], given: Sequence[str]) -> pl.DataFrame:
    about = pl.col("given").is_null() | pl.col("given").is_in(list(given))
    wanted = about & pl.col("frame").is_in(list(frames)) & pl.col("finding").is_null() & (pl.col("kind") == "gap")
    gaps = contrasts.filter("leads", wanted, pl.col("estimate").is_not_null())
    return gaps.select(COLUMNS).sort("frame", "given", "source")


def _list_blocks(
    gaps: pl.DataFrame, frames: Sequence[str], given: Sequence[str]
) -> list[tuple[str, list[str], pl.DataFrame]]:
    """Title, frames and rows of all passages and of each issue."""
    blocks = []
    for issue in (None, *given):
        cells = gaps.filter(pl.col("given").eq_missing(pl.lit(issue, pl.String)))
        if len(cells):
            title = "All passages" if issue is None else f"Passages about {issue}"
            present = set(cells["frame"])
            blocks.append((title, [frame for frame in frames if frame in present], cells))
    return blocks


def _plan_forest(
    blocks: list[tuple[str, list[str], pl.DataFrame]], counts: Mapping[str, int], n_sources: int, tallest: float
) -> _Forest:
    cells = pl.concat([cells for _, _, cells in blocks]) if blocks else pl.DataFrame({"source": []})
    ranked, groups = rank_sources(cells, counts)
    styles = {
        source: style if style.named else replace(style, colour=GREY)  # dark enough for a row of its own
        for source, style in source_colours(counts, n_sources).items()
    }
    styles |= dict.fromkeys(groups, ALL_STYLE)
    width, widest = sheet_width() - 2 * MARGIN, max(0.22 * sheet_width(), 30.0)
    most = max((len(frames) for _, frames, _ in blocks), default=1)
    names = measure_names([*ranked, *groups], counts, most=widest) if ranked or groups else 0.0
    columns = max(1, int((width - names) // (PANEL + NUMBER)))
    columns = -(-most // -(-most // columns))
    rows = sum(-(-len(frames) // columns) for _, frames, _ in blocks)
    room = tallest - len(blocks) * (TITLE + UNIT) - rows * (HEAD + FOOT)
    fit = max(LEAST_ROWS, int((room / max(rows, 1) - BELOW) / ROW) - len(groups))
    sources = [*(ranked if len(ranked) <= fit + 2 else ranked[:fit]), *groups]
    names = measure_names(sources, counts, most=widest) if sources else 0.0
    return _Forest(sources, len(groups), styles, counts, names, columns, (width - names) / columns)


def _block_height(forest: _Forest, n_frames: int) -> float:
    return TITLE + -(-n_frames // forest.columns) * (HEAD + forest.height + FOOT) + UNIT


def _draw_block(
    figure: Figure, top: float, title: str, frames: list[str], cells: pl.DataFrame, forest: _Forest
) -> None:
    write_title(figure, top, title, int(cells["n_articles"].max()))
    reach = _reach(cells)
    for i, frame in enumerate(frames):
        row, column = divmod(i, forest.columns)
        y = top + TITLE + row * (HEAD + forest.height + FOOT)
        left, right = (MARGIN + forest.names + (column + end) * forest.room - 2 * end for end in (0, 1))
        if column == 0:
            at = [y + HEAD + middle for middle in forest.middles.values()]
            write_names(figure, at, forest.names, forest.sources, forest.counts, gap=ROW / 2 + HEAD - 1.6)
        name = shorten(frame, forest.width - 1, weight="bold", size=SMALL)
        write(figure, left, y + 0.4, name, weight="bold", size=SMALL)
        write(figure, right, y + 1.6, "q", ha="right", va="center", size=SMALL, color=GREY)
        panel = add_panel(figure, left, y + HEAD, forest.width, forest.height)
        set_difference_axis(panel, forest.height, reach, ticks=max(2, int(forest.width / 8)))
        mine = {row["source"]: row for row in cells.filter(pl.col("frame") == frame).iter_rows(named=True)}
        _draw_panel(panel, mine, forest, reach)
        for source, middle in forest.middles.items():
            q = mine[source]["q"] if source in mine else None
            colour = INK if q is not None and q < Q else GREY
            write(figure, right, y + HEAD + middle, say_q(q), ha="right", va="center", size=SMALL, color=colour)
    below = top + _block_height(forest, len(frames)) - UNIT
    middle = MARGIN + forest.names + (min(len(frames), forest.columns) * forest.room - NUMBER) / 2
    write(figure, middle, below - 1.0, UNITS[_read_scale(cells)][2], ha="center", size=SMALL)


def write_title(figure: Figure, top: float, title: str, n: int) -> None:
    room = sheet_size(figure)[0] - 2 * MARGIN
    said = next(
        said for said in (f" (n = {n:,} articles)", f" (n = {n:,})", "") if not said or _fits(title, said, room)
    )
    title = shorten(title, room - text_width(said), weight="bold")
    write(figure, MARGIN, top + 0.6, title, weight="bold")
    write(figure, MARGIN + text_width(title, weight="bold"), top + 0.6, said)


def _fits(title: str, said: str, room: float) -> bool:
    return text_width(title, weight="bold") + text_width(said) <= room


def set_difference_axis(panel: Axes, height: float, reach: tuple[float, float], *, ticks: int) -> None:
    from matplotlib.ticker import MaxNLocator

    bare_axis(panel, height)
    panel.set_xlim(*reach)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 5, 10]))
    panel.grid(axis="x", color=GAP, linewidth=0.4)
    panel.set_axisbelow(True)


def _draw_panel(panel: Axes, mine: Mapping[str, Mapping], forest: _Forest, reach: tuple[float, float]) -> None:
    bands = [row["band"] for row in mine.values() if row["band"] is not None]
    if bands:
        panel.axvspan(-bands[0], bands[0], color=GAP, linewidth=0, zorder=0)
    for source, y in forest.middles.items():
        if source in mine:
            _draw_row(panel, y, mine[source], forest.styles[source], reach)
        else:
            at = sum(reach) / 2
            panel.text(at, y, "no estimate", ha="center", va="center", size=SMALL, color=GREY)


def _draw_row(panel: Axes, y: float, row: Mapping, style: Style, reach: tuple[float, float]) -> None:
    draw_bar(panel, y, row["low"], row["high"], reach=reach, colour=style.colour)
    marker, size = (CORRECTED.marker, 3.0) if row["scale"] == "corrected share" else (MEASURED_STYLE.marker, 3.4)
    filled = row["q"] is not None and row["q"] < Q
    draw_point(panel, row["estimate"], y, colour=style.colour, marker=marker, filled=filled, size=size)


def _list_notes(drawn: list[pl.DataFrame], forest: _Forest, contrasts: pl.DataFrame) -> list[str]:
    """The notes at the foot; `drawn` are the rows of each panel with an axis of its own, as they are drawn."""
    drawn = [cells for cells in drawn if len(cells)]
    notes = [f"Filled: q below {Q:g}. Hollow: q of {Q:g} or above, or no test (–)."]
    if any(cells["band"].max() for cells in drawn):
        notes.append("Grey band: smaller than the smallest difference of interest.")
    if any(is_cut(cells, _reach(cells)) for cells in drawn):
        notes.append("Arrows: the interval goes on.")
    if forest.n_groups:
        notes.append("Below the gap: groups of sources, each as if it were one source.")
    if not forest.sources:
        return [" ".join(notes)]
    notes.append("n: articles of the source.")
    compared = set(contrasts.filter(pl.col("kind") == "gap")["source"])
    single = [source for source in forest.counts if source != ALL_SOURCES]
    absent = sum(source not in compared for source in single)
    if absent:
        notes.append(f"{absent:,} source{' is' if absent == 1 else 's are'} not compared: too few articles.")
    n_drawn = len(forest.sources) - forest.n_groups
    return [" ".join([*notes, *say_hidden(len(compared.intersection(single)) - n_drawn, "source")])]


def _say_more(n: int) -> list[str]:
    return [f"{n:,} more declared finding{' is' if n == 1 else 's are'} not drawn."] if n else []


class _Row(NamedTuple):
    """What stands beside the interval of a declared finding."""

    name: str
    beside: str  # the name, where there is room: its family and what was expected
    compared: list[str]  # lines
    estimate: str
    evidence: str

    @property
    def height(self) -> float:
        """In mm."""
        return LINE + SMALL_LINE * len(self.compared) + 1.4


class _Findings(NamedTuple):
    """The rows of the declared findings, and the mm that stand to the left and to the right of their panel."""

    rows: list[_Row]
    names: float
    numbers: float

    @property
    def height(self) -> float:
        """Of the whole block, in mm."""
        return TITLE + sum(row.height for row in self.rows) + FOOT + UNIT if self.rows else 0.0


def _lay_findings(declared: pl.DataFrame) -> _Findings:
    names = 0.43 * (sheet_width() - 2 * MARGIN)
    rows = [_say_finding(row, names - 2) for row in _in_units(declared).iter_rows(named=True)]
    numbers = [text_width(said, size=SMALL) for row in rows for said in (row.estimate, row.evidence)]
    return _Findings(rows, names, max(numbers, default=0.0) + 1.5)


def _say_finding(row: Mapping, width: float) -> _Row:
    about = "" if row["given"] is None else f" in passages about {row['given']}"
    contrast = PARTS.get(row["kind"], "") + row["contrast"]
    contrast = "against all other sources" if row["kind"] == "gap" else contrast
    source = shorten(row["source"], 0.8 * width, size=SMALL)
    compared = wrap(f"{row['frame']}{about}, {source}: {contrast}", width, size=SMALL, lines=5)
    name = shorten(row["finding"].replace("_", " "), width, size=SMALL, weight="bold")
    expected = f"{row['family']}, expected: {row['expect']}"
    if text_width(name, size=SMALL, weight="bold") + 1.5 + text_width(expected, size=SMALL) > width:
        compared.append(shorten(expected, width, size=SMALL))
        expected = ""
    q = say_q(row["q"])
    tested = "no test" if row["q"] is None else f"q < {q[1:]}" if q[0] == "<" else f"q = {q}"
    return _Row(name, expected, compared, _say_estimate(row), f"{tested}, n = {row['n_articles']:,}")


def _say_estimate(row: Mapping) -> str:
    _, digits, _ = UNITS[row["scale"]]
    said = say_signed(row["estimate"], digits)
    if row["low"] is None:
        return said
    low, high = (say_signed(row[end], digits).removeprefix("+") for end in ("low", "high"))
    return f"{said} ({low} to {high})"


def _draw_findings(
    figure: Figure, top: float, declared: pl.DataFrame, findings: _Findings, styles: Mapping[str, Style]
) -> None:
    write(figure, MARGIN, top + 0.6, "Declared findings", weight="bold")
    width = sheet_size(figure)[0] - 2 * MARGIN - findings.names - findings.numbers
    left, height = MARGIN + findings.names, sum(row.height for row in findings.rows)
    panel, reach = add_panel(figure, left, top + TITLE, width, height), _reach(declared)
    set_difference_axis(panel, height, reach, ticks=max(2, int(width / 9)))
    y = 0.0
    for cell, row in zip(declared.iter_rows(named=True), findings.rows, strict=True):
        if cell["band"] is not None:
            _draw_band(panel, y + 0.5, row.height - 1.0, cell["band"])
        _draw_row(panel, y + row.height / 2, cell, styles.get(cell["source"], ALL_STYLE), reach)
        _write_finding(figure, top + TITLE + y, row, left + width + findings.numbers)
        y += row.height
    below = top + TITLE + height + FOOT - 1.0
    write(figure, left + width / 2, below, UNITS[_read_scale(declared)][2], ha="center", size=SMALL)


def _write_finding(figure: Figure, top: float, row: _Row, right: float) -> None:
    """The words of a row to the left, and its numbers up to `right`."""
    write(figure, MARGIN, top + 0.7, row.name, size=SMALL, weight="bold")
    beside = MARGIN + text_width(row.name, size=SMALL, weight="bold") + 1.5
    write(figure, beside, top + 0.7, row.beside, size=SMALL, color=GREY)
    for i, line in enumerate(row.compared):
        write(figure, MARGIN, top + 0.3 + LINE + SMALL_LINE * i, line, size=SMALL, color=GREY)
    middle = top + row.height / 2
    write(figure, right, middle - 0.2, row.estimate, ha="right", va="bottom", size=SMALL)
    write(figure, right, middle + 0.4, row.evidence, ha="right", size=SMALL, color=GREY)


def _draw_band(panel: Axes, y: float, height: float, smallest: float) -> None:
    from matplotlib.patches import Rectangle

    panel.add_patch(Rectangle((-smallest, y), 2 * smallest, height, facecolor=GAP, linewidth=0, zorder=0))
