"""What the page can be asked: every estimate with the passages behind it, packed into one string.

Columns rather than rows, numbers rounded, a passage of several points stored once; then JSON, gzip and base64, the
same bytes for the same tables. Where that is more than the page may hold, each point keeps fewer passages, first of the
random ones, and the page says so; where even that is too much, only the longer periods have passages.
"""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from frameshift.comparisons.groups import Groups, name_by_source
from frameshift.figures.series import AXES
from frameshift.figures.style import DASHES, FAINT, INK, Style, count_articles, frame_colours, source_colours
from frameshift.frames.codebook import Entry
from frameshift.report.evidence import HIGHEST, POINT, RANDOM, iterate_cuts, list_counts, select_points
from frameshift.report.snippets import Mark, cut_passage, mark_hits
from frameshift.tables import ALL_SOURCES

MOST_PACKED = 12_000_000  # characters, two fifths of the 30 MB that a page may have
UNITS = {"intensity": (1, 2, "sd"), "share": (100, 1, "%")}  # factor, digits and short name of what is drawn
MANY, SAMPLED = 20_000, 1_000  # passages: of more than so many it is guessed, from so many, how many will fit
SURELY = 0.8  # of the guess is needed at least
DASH = 2.0  # pixels for each unit of a style's dashes


class Kept(NamedTuple):
    """How many of the highest and random passages of a point are kept, the grains of the estimates that are kept, and
    those behind which there are passages."""

    highest: int
    random: int
    grains: tuple[str, ...]
    behind: tuple[str, ...]


class Shown(NamedTuple):
    """The passages that may be kept (their rows are numbered alike in all parts), and the articles they are from."""

    passages: pl.DataFrame  # passage_id, article (the row in `articles`), scores
    texts: list[str | None]
    marks: list[list[Mark]]
    articles: pl.DataFrame  # article_id, title, source, date, url


def pack_evidence(
    prevalence: pl.DataFrame,
    evidence: pl.DataFrame,
    articles: pl.DataFrame,
    passages: pl.LazyFrame,
    scores: pl.LazyFrame,
    *,
    codebook: Mapping[str, Entry],
    events: Sequence[Mapping],
    measure: str,
    grain: str,
    groups: Groups,
    n_sources: int,
    snippet: int | None,
    most: int = MOST_PACKED,
) -> str | None:
    """The packed payload, which says itself what it leaves out; None where nothing was estimated.

    The tables are comparisons/prevalence, report/evidence, corpus/articles, corpus/passages and frames/passages; of the
    last two only what is kept is read. `grain` is the run's own; `n_sources` get a colour; `snippet` is how many
    characters of a passage may be shown, None for all. The string has at most `most` characters, unless the estimates
    by year alone take more.
    """
    points = select_points(prevalence, measure=measure, entries=list(codebook))
    if points.is_empty():
        return None
    grains = tuple(each for each in dict.fromkeys([grain, "year"]) if each in set(points["grain"]))
    asked = list_counts(evidence)

    def read(part: pl.DataFrame) -> Shown:
        return _read_shown(part, articles, passages, scores, measure, codebook, snippet)

    levels = _list_levels(*asked, grains)
    if evidence["passage_id"].n_unique() > MANY:
        levels = _skip_levels(levels, evidence, read(_sample(evidence)), most)
    shown = read(_keep(evidence, levels[0]))
    head = {
        "measure": measure,
        **_describe_scale(points["scale"][0]),
        "entries": _list_entries(points, codebook),
        "sources": _list_sources(points, articles, groups, n_sources),
        "events": [{"name": e["name"], "date": str(e["date"]), "sources": e.get("sources")} for e in events],
    }
    n = passages.select(pl.len()).collect().item()
    for kept in levels:
        body = _assemble(points, evidence, shown, head, kept)
        packed = pack({**head, **body, "left_out": _say_left_out(body, kept, asked, grains, snippet, n, most)})
        if len(packed) <= most:
            break
    return packed


def pack(value: Any) -> str:
    """A plain value as base64 of gzip of JSON; the same value gives the same bytes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _list_levels(highest: int, random: int, grains: tuple[str, ...]) -> list[Kept]:
    """What to keep, the most first: fewer and fewer passages, behind all estimates and then behind those of longer
    periods alone; then none, and estimates of fewer grains."""
    behind = [grains[dropped:] for dropped in range(len(grains) + 1)]
    levels = [Kept(*cut, grains, those) for those in behind for cut in iterate_cuts(highest, random) if any(cut)]
    return levels + [Kept(0, 0, those, ()) for those in behind[: max(len(grains), 1)]]


def _keep(evidence: pl.DataFrame, kept: Kept) -> pl.DataFrame:
    return evidence.filter(
        pl.col("grain").is_in(["all", *kept.behind]),
        pl.col("rank") <= pl.when(pl.col("chosen") == HIGHEST).then(kept.highest).otherwise(kept.random),
    )


def _sample(evidence: pl.DataFrame) -> pl.DataFrame:
    """The rows of SAMPLED passages, by the order of their ids, which are digests."""
    return evidence.join(evidence.select("passage_id").unique().sort("passage_id").head(SAMPLED), on="passage_id")


def _skip_levels(levels: list[Kept], evidence: pl.DataFrame, sample: Shown, most: int) -> list[Kept]:
    """The levels from the first on of which the passages alone may fit, at what they take in a sample: to read and
    mark hundreds of thousands that are then dropped would take minutes."""
    each = len(pack([sample.texts, sample.marks, _nest_scores(sample.passages)])) / len(sample.texts)
    for number, kept in enumerate(levels[:-1]):
        if SURELY * each * _keep(evidence, kept)["passage_id"].n_unique() <= most:
            return levels[number:]
    return levels[-1:]


def _describe_scale(scale: str) -> dict[str, Any]:
    factor, digits, short = UNITS[scale]
    return {"scale": scale, "unit": {"factor": factor, "digits": digits, "axis": AXES[scale], "short": short}}


def _list_entries(points: pl.DataFrame, codebook: Mapping[str, Entry]) -> list[dict]:
    """The entries that have points, in the codebook's order, first over all passages and then within each issue."""
    styles = frame_colours(codebook)
    there = points.select("given", "frame").unique(maintain_order=True).rows()
    givens = [None, *sorted({given for given, _ in there if given is not None})]
    return [
        {
            **{"frame": frame, "given": given, "colour": styles[frame].colour},
            "label": codebook[frame].label + (f" within {given}" if given else ""),
        }
        for given in givens
        for frame in codebook
        if (given, frame) in there
    ]


def _list_sources(points: pl.DataFrame, articles: pl.DataFrame, groups: Groups, n: int) -> list[dict]:
    """All sources together, then every source, the largest first, then the groups that have points."""
    counts = count_articles(articles)
    styles = source_colours(counts, n)
    listed = [_source(ALL_SOURCES, sum(counts.values()), styles[ALL_SOURCES])]
    listed += [_source(name, size, styles[name]) for name, size in counts.items()]
    there = set(points["source"])
    for dimension in name_by_source(groups).values():
        for number, group in enumerate(name for name in dict.fromkeys(dimension.values()) if name in there):
            size = sum(counts.get(source, 0) for source, name in dimension.items() if name == group)
            style = Style(INK, "o", DASHES[(number + 1) % len(DASHES)])
            listed.append(_source(group, size, style) | {"group": True})
    return listed


def _source(name: str, n: int, style: Style) -> dict:
    colour = style.colour if style.named else FAINT
    dash = "solid" if style.dash == "-" else ",".join(f"{DASH * length:g}px" for length in style.dash[1])
    return {"name": name, "n": n, "colour": colour, "dash": dash, "group": False}


def _read_shown(
    evidence: pl.DataFrame,
    articles: pl.DataFrame,
    passages: pl.LazyFrame,
    scores: pl.LazyFrame,
    measure: str,
    codebook: Mapping[str, Entry],
    snippet: int | None,
) -> Shown:
    """The passages of `evidence` with text, marks and scores, by source, date and place in the article."""
    ids = evidence.select("passage_id").unique()
    read = passages.join(ids.lazy(), on="passage_id", how="semi").collect(engine="streaming")
    known = articles.select("article_id", "source", "date", "language", "title", "url")
    rows = read.select("passage_id", "article_id", "position", "text").join(known, on="article_id").sort(
        "source", "date", "article_id", "position"
    )  # fmt: skip
    from_ = rows.select("article_id", "title", "source", "date", "url").unique("article_id", maintain_order=True)
    marks = (
        mark_hits(rows["text"].to_list(), rows["language"].to_list(), codebook) if snippet != 0 else [[]] * len(rows)
    )
    cut = [cut_passage(text, found, snippet) for text, found in zip(rows["text"], marks, strict=True)]
    numbered = rows.select("passage_id", "article_id").join(
        from_.with_row_index("article").select("article_id", "article"), on="article_id", maintain_order="left"
    )
    wide = numbered.join(
        _spread_scores(scores, ids, measure, codebook), on="passage_id", how="left", maintain_order="left"
    )
    return Shown(wide.drop("article_id"), [text for text, _ in cut], [found for _, found in cut], from_)


def _spread_scores(
    scores: pl.LazyFrame, ids: pl.DataFrame, measure: str, codebook: Mapping[str, Entry]
) -> pl.DataFrame:
    """passage_id, and a column for every entry and measure, and for the entry's share where there is one."""
    read = scores.filter(pl.col("frame").is_in(list(codebook))).join(ids.lazy(), on="passage_id", how="semi")
    found = read.select("passage_id", "frame", "measure", "score", "share").collect(engine="streaming")
    shares = found.filter(pl.col("measure") == measure).drop_nulls("share")
    long = pl.concat(
        [found.select("passage_id", "frame", "measure", "score"),
         shares.select("passage_id", "frame", measure=pl.lit("share"), score="share")]
    )  # fmt: skip
    return long.select(
        "passage_id", name=pl.concat_str("frame", "measure", separator=SEPARATOR), score=pl.col("score").round(2) + 0.0
    ).pivot("name", index="passage_id", values="score")


SEPARATOR = "\x1f"  # between entry and measure, in the name of a column of scores


def _assemble(
    points: pl.DataFrame, evidence: pl.DataFrame, shown: Shown, head: Mapping[str, Any], kept: Kept
) -> dict[str, Any]:
    """grains, points, passages and articles of the payload."""
    chosen = _keep(evidence, kept)
    ids = shown.passages.select("passage_id").with_row_index("row")
    rows = ids.join(chosen, on="passage_id", how="semi", maintain_order="left")["row"]
    passages = shown.passages[rows]
    numbers = passages.select("passage_id").with_row_index("number")
    used = passages["article"].unique().sort()
    return {
        "grains": list(kept.grains),
        "points": _tabulate_points(points, chosen.join(numbers, on="passage_id"), head, kept.grains),
        "passages": {
            "text": [shown.texts[row] for row in rows],
            "article": used.search_sorted(passages["article"]).to_list(),
            "score": _nest_scores(passages),
            "marks": [shown.marks[row] for row in rows],
        },
        "articles": _tabulate_articles(shown.articles[used], head["sources"]),
    }


def _tabulate_points(
    points: pl.DataFrame, chosen: pl.DataFrame, head: Mapping[str, Any], grains: tuple[str, ...]
) -> dict[str, list]:
    """The points at `grains` and over the whole span, by entry, source, grain and period, as columns."""
    order = pl.col("chosen") == RANDOM
    behind = chosen.sort(*POINT, order, "rank").group_by(POINT, maintain_order=True).agg(
        passages="number", highest=(~order).sum()
    )  # fmt: skip
    names = {
        "entry": [(e["frame"], e["given"]) for e in head["entries"]],
        "source": [s["name"] for s in head["sources"]],
    }
    numbers = {
        "entry": pl.DataFrame(names["entry"], schema=["frame", "given"], orient="row").cast(pl.String),
        "source": pl.DataFrame({"source": names["source"]}),
        "grain": pl.DataFrame({"grain": [*grains, "all"]}),
    }
    table = points.select(*POINT, "start", "estimate", "low", "high", "n_articles").join(
        behind, on=POINT, how="left", nulls_equal=True
    )
    for name, numbered in numbers.items():
        index = numbered.with_row_index(f"{name}_number")
        table = table.join(index, on=numbered.columns, nulls_equal=True)
    table = table.sort("entry_number", "source_number", "grain_number", "start", "period")
    empty = pl.lit([], pl.List(pl.UInt32))
    return table.select(
        *(pl.col(f"{name}_number").alias(name) for name in numbers),
        "period",
        pl.col("start").cast(pl.String),
        *(pl.col(name).round(4) + 0.0 for name in ("estimate", "low", "high")),
        pl.col("n_articles").alias("n"),
        pl.col("passages").fill_null(empty),
        pl.col("highest").fill_null(0),
    ).to_dict(as_series=False)


def _nest_scores(passages: pl.DataFrame) -> dict[str, dict[str, list]]:
    """The scores by entry and measure; an entry's share comes last."""
    nested: dict[str, dict[str, list]] = {}
    columns = [name.split(SEPARATOR) for name in passages.columns if SEPARATOR in name]
    for frame, measure in sorted(columns, key=lambda name: (name[1] == "share", name)):
        nested.setdefault(frame, {})[measure] = passages[f"{frame}{SEPARATOR}{measure}"].to_list()
    return nested


def _tabulate_articles(articles: pl.DataFrame, sources: Sequence[Mapping]) -> dict[str, list]:
    numbers = {source["name"]: number for number, source in enumerate(sources)}
    return {
        "title": [title or None for title in articles["title"]],
        "source": [numbers[source] for source in articles["source"]],
        "date": articles["date"].cast(pl.String).to_list(),
        "url": [safe_url(url) for url in articles["url"]],
    }


def safe_url(url: str | None) -> str | None:
    """An address of the web, or None: a corpus may hold anything, and a link is followed."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def _say_left_out(
    body: Mapping[str, Any],
    kept: Kept,
    asked: tuple[int, int],
    grains: tuple[str, ...],
    snippet: int | None,
    n: int,
    most: int,
) -> str:
    """What the page does not hold, as sentences; `n` is how many passages there are."""
    held, counts = len(body["passages"]["text"]), _say_counts(kept.highest, kept.random)
    bare = [grain for grain in kept.grains if grain not in kept.behind]
    if bare and held:
        behind = " and ".join([*(f"by {grain}" for grain in kept.behind), "over the whole span"])
        counts = f"{behind} {counts}, and none of those by {' and '.join(bare)}"
    said = [f"This page holds {held:,} of {n:,} passages: of each estimate {counts}."]
    if (kept.highest, kept.random, kept.behind) != (*asked, grains) and any(asked):
        said.append(f"The settings ask for {_say_counts(*asked)}; more would be beyond {most / 1e6:.0f} MB.")
    if kept.grains != grains:
        dropped = " and ".join(grain for grain in grains if grain not in kept.grains)
        said.append(f"For the same reason the estimates by {dropped} are left out here.")
    said.append("A text that stands in several articles is listed once.")
    if snippet == 0:
        said.append("The texts are left out, as the settings say.")
    elif snippet is not None:
        said.append(f"Texts are cut to {snippet:,} characters, as the settings say.")
    return " ".join(said)


def _say_counts(highest: int, random: int) -> str:
    if not highest and not random:
        return "none"
    parts = [f"the {highest} that score highest" if highest > 1 else "the one that scores highest"] if highest else []
    drawn = f"{random} drawn at random" if random > 1 else "one drawn at random"
    return " and ".join(parts + ([drawn + (" from the others" if highest else "")] if random else []))
