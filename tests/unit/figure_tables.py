"""Made-up tables that keep the contracts, for the tests of figures and report."""

import hashlib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from frameshift.tables import ALL_SOURCES, check_table

EVERY = {"week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
FRAMES = ["threat", "security", "victim", "migration"]


def name_sources(n: int) -> list[str]:
    """`n` names: short, long, Cyrillic, Greek, with a dollar, and numbered ones."""
    odd = [
        "Albion Courier",
        "Beacon Post",
        "The Very Long-Named Provincial Gazette and Evening Advertiser of the Northern Counties",
        "Новая газета",
        "Ελευθεροτυπία & $ons",
    ]
    return (odd + [f"Daily {i:02d}" for i in range(n)])[:n]


def make_counts(n: int) -> dict[str, int]:
    return {name: 2000 // (i + 1) + 7 for i, name in enumerate(name_sources(n))}


def name_period(start: date, grain: str) -> str:
    if grain == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    if grain == "week":
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02d}"
    return start.isoformat()[: 4 if grain == "year" else 7]


def make_prevalence(
    *,
    sources: int,
    grain: str = "quarter",
    first: date = date(2015, 1, 1),
    last: date = date(2019, 12, 31),
    frames=FRAMES,
    given=(None, "migration"),
    measure: str = "combined",
    scale: str = "intensity",
    dated: bool = True,
    seed: int = 1,
) -> pl.DataFrame:
    """Smooth random series by frame, issue and source; some cells missing, some without an interval."""
    rng = np.random.default_rng(seed)
    names = [ALL_SOURCES, *name_sources(sources)]
    counts = make_counts(sources)
    spans = {"all": [None]}
    if dated:
        spans[grain] = pl.date_range(first, last, EVERY[grain], eager=True).to_list()
    rows = []
    for frame in frames:
        for issue in given:
            if frame == issue:
                continue
            for source in names:
                for span, starts in spans.items():
                    level = rng.normal(0.3, 0.25) + 0.2 * np.cumsum(rng.normal(0, 0.4, len(starts)))
                    for i, start in enumerate(starts):
                        whole = sum(counts.values()) if source == ALL_SOURCES else counts[source]
                        n = max(0, int(whole / len(starts) * rng.uniform(0.4, 1.6) / (1 if issue is None else 4)))
                        value = float(level[i]) if scale == "intensity" else float(1 / (1 + np.exp(2.5 - level[i])))
                        half = (1.2 if scale == "intensity" else 0.2) / np.sqrt(max(n, 1))
                        if start is not None and rng.random() < 0.04:
                            continue
                        sure = n >= 20
                        rows.append(
                            {
                                "frame": frame,
                                "given": issue,
                                "measure": measure,
                                "source": source,
                                "grain": span,
                                "period": "all" if start is None else name_period(start, grain),
                                "start": start,
                                "weighting": "article",
                                "scale": scale,
                                "estimator": "mean",
                                "estimate": value if n else None,
                                "low": value - half if sure else None,
                                "high": value + half if sure else None,
                                "n_articles": n,
                                "n_clusters": min(n, 13),
                            }
                        )
    schema = {"given": pl.String, "start": pl.Date, "estimate": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return check_table(pl.DataFrame(rows, schema_overrides=schema), "comparisons/prevalence")


LONG_LABEL = "a label that someone wrote at great length for a topic about borders and camps"


def digest_files(folder: Path) -> dict[str, str]:
    """The digest of each file in `folder`."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def make_topics(n: int) -> pl.DataFrame:
    words = ["border", "asylum", "camp", "boat", "visa", "police", "court", "budget", "election", "harbour"]
    rows = [
        {
            "topic": i,
            "label": ", ".join(words[(i + j) % 10] for j in range(3)) if i % 3 else LONG_LABEL,
            "words": " ".join(words[(i + j) % 10] for j in range(10)),
            "frex": " ".join(words[(i + j) % 10] for j in reversed(range(10))),
            "n_articles": 400 - 13 * i,
            "npmi": 0.1,
            "c_v": 0.5,
            "exclusivity": 0.6,
            "stability": 0.8,
            "articles": [],
        }
        for i in range(n)
    ]
    return check_table(pl.DataFrame(rows, schema_overrides={"articles": pl.List(pl.String)}), "topics/topics")


def make_articles(sources: int, *, first=date(2015, 1, 1), last=date(2019, 12, 31), dated: bool = True) -> pl.DataFrame:
    """A slim corpus/articles: source, date, date_precision, duplicate_of; the second source has a gap of a year."""
    rng = np.random.default_rng(2)
    rows = []
    days = (last - first).days
    for i, (source, n) in enumerate(make_counts(sources).items()):
        for day in sorted(rng.integers(0, days + 1, n).tolist()):
            when = first + timedelta(days=day)
            if i == 1 and when.year == first.year + 2:
                continue
            rows.append(
                {"source": source, "date": when if dated and rng.random() > 0.01 else None, "duplicate_of": None}
            )
    articles = pl.DataFrame(rows, schema={"source": pl.String, "date": pl.Date, "duplicate_of": pl.String})
    return articles.with_columns(date_precision=pl.when(pl.col("date").is_not_null()).then(pl.lit("day")))


def make_words(sources: int, n: int = 20) -> pl.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for source in name_sources(sources):
        for given in (None, "migration"):
            for i, stem in enumerate(["frontier", "counterterrorism", "boat", "мигрант"] * (n // 4)):
                odds = float(rng.uniform(0.1, 1.4))
                rows.append((source, given, f"{stem}{i}", odds, odds / 0.12, 0.2 if odds < 0.25 else 0.001))
    words = pl.DataFrame(rows, orient="row", schema=["source", "given", "word", "log_odds", "z", "q"])
    return check_table(words.with_columns(period=pl.lit("all")), "comparisons/words")


def make_truth(prevalence: pl.DataFrame) -> pl.DataFrame:
    """Planted shares that rise with the estimates."""
    cells = prevalence.filter(pl.col("grain") != "all", pl.col("estimate").is_not_null())
    planted = 1 / (1 + (1.8 - 0.6 * pl.col("estimate")).exp())
    article = cells.select("frame", "given", "source", "grain", "period", "weighting", realised=planted)
    return pl.concat([article, article.with_columns(weighting=pl.lit("passage"))])


def find_clashes(figure) -> list[str]:
    """Pairs of visible texts that overlap, and texts that reach beyond the figure's edge."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    from frameshift.figures.style import drawing_style

    with drawing_style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        undrawn = _list_undrawn_labels(figure)
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        shown = [text for text in texts if id(text) not in undrawn]
        boxes = [(text.get_text(), text.get_window_extent(renderer).padded(-0.5)) for text in shown]
    clashes = [f"cut: {a!r}" for a, box in boxes if not _is_inside(box, figure.bbox)]
    for i, (a, first) in enumerate(boxes):
        clashes += [f"overlap: {a!r} {b!r}" for b, second in boxes[:i] if first.overlaps(second)]
    return clashes


def _list_undrawn_labels(figure) -> set[int]:
    """The ids of tick labels beyond the limits of their axes: matplotlib keeps these but does not draw them."""
    undrawn = set()
    for axes in figure.axes:
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            low, high = sorted(limits)
            air = 1e-9 * (high - low)
            drawn = {
                id(label)
                for tick in axis.get_major_ticks()
                if low - air <= tick.get_loc() <= high + air
                for label in (tick.label1, tick.label2)
            }
            labels = {id(label) for tick in axis.majorTicks for label in (tick.label1, tick.label2)}
            undrawn |= labels - drawn
    return undrawn


def _is_inside(box, whole) -> bool:
    return box.x0 >= whole.x0 and box.x1 <= whole.x1 and box.y0 >= whole.y0 and box.y1 <= whole.y1
