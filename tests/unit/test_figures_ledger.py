"""The figure of what became of the rows that were read: its numbers are those of the tables, and nothing overlaps."""

import itertools
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from figure_tables import digest_files, find_clashes, name_sources
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures_style import VISION, to_lab

from frameshift.figures.ledger import COLOURS, NO_SOURCE, OUTCOMES, plot_corpus_ledger, tabulate_ledger
from frameshift.figures.style import NothingToDraw, save_figure

pytestmark = pytest.mark.filterwarnings("error")

REASONS = (
    *("unreadable row", "no text", "only boilerplate", "too short"),
    *("no source", "unknown date", "other language", "repeated id"),
)
FORMS = (
    *("advertisement", "byline", "caption", "comments", "dateline"),
    *("headline", "link", "newsletter", "repeated", "share"),
)
NAMES = ("Australian Broadcasting Corporation", "Christian Science Monitor")


def to_articles(rows: list[tuple]) -> pl.DataFrame:
    """Slim corpus/articles from rows of source, date, date_precision, and whether the article is a copy."""
    columns = {"source": pl.String, "date": pl.Date, "date_precision": pl.String, "copy": pl.Boolean}
    articles = pl.DataFrame(rows, schema=columns, orient="row").with_row_index("article_id")
    return articles.with_columns(
        pl.col("article_id").cast(pl.String), duplicate_of=pl.when("copy").then(pl.lit("0"))
    ).drop("copy")


def to_rejected(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"reason": pl.String, "source": pl.String}, orient="row")


def to_removed(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"article_id": pl.String, "form": pl.String}, orient="row")


def make_tables(
    *,
    n: int = 3000,
    sources: int = 10,
    rejected: int = 300,
    merged: float = 0.05,
    removed: int = 900,
    dated: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """A corpus with small sources, rare reasons and rare forms; with `dated`, not every date is there or complete."""
    rng = np.random.default_rng(4)
    names = [*NAMES, *name_sources(sources)][:sources]
    chances = 1 / np.arange(1, sources + 1)
    whose = rng.choice(names, n + rejected, p=chances / chances.sum()).tolist()
    days = rng.integers(0, 2000, n).tolist()
    articles = [
        (whose[i], *_draw_date(days[i], dated and i % 50 > 0, i % 20 == 0), bool(rng.random() < merged))
        for i in range(n)
    ]
    reasons = rng.choice(REASONS, rejected, p=np.array([1, 3, 2, 50, 4, 1, 30, 9]) / 100).tolist()
    told = [None if i % 9 == 0 else name for i, name in enumerate(whose[n:])]
    lost = rng.integers(0, n, removed).astype(str).tolist()
    forms = rng.choice(FORMS, removed, p=np.array([1, 3, 20, 5, 4, 20, 25, 10, 8, 4]) / 100).tolist()
    return (
        to_articles(articles),
        to_rejected(list(zip(reasons, told, strict=True))),
        to_removed(list(zip(lost, forms, strict=True))),
    )


def _draw_date(day: int, known: bool, only_year: bool) -> tuple[date | None, str | None]:
    if not known:
        return None, None
    when = date(2014, 3, 5) + timedelta(days=day)
    return (when.replace(month=1, day=1), "year") if only_year else (when, "day")


CORPORA = {
    "ten sources": {},
    "many sources": {"n": 20_000, "sources": 120, "rejected": 4000, "removed": 9000},
    "one source": {"sources": 1},
    "nothing lost": {"n": 40, "sources": 1, "rejected": 0, "merged": 0, "removed": 0},
    "nothing lost, no dates": {"n": 40, "sources": 1, "rejected": 0, "merged": 0, "removed": 0, "dated": False},
    "no dates": {"dated": False},
    "hardly any row kept": {"n": 30, "sources": 5, "rejected": 9000, "removed": 3},
    "one rejected": {"n": 9000, "rejected": 1, "removed": 1},
}


GRAINS = ["week", "month", "quarter", "year"]


@pytest.mark.parametrize(
    ("corpus", "grain"), [*((corpus, "quarter") for corpus in CORPORA), *(("ten sources", grain) for grain in GRAINS)]
)
def test_no_text_overlaps_or_is_cut_and_the_figure_fits_a_page(corpus, grain):
    figure, _ = plot_corpus_ledger(*make_tables(**CORPORA[corpus]), grain=grain, n_sources=8)
    assert find_clashes(figure) == []
    assert figure.get_size_inches()[1] * 25.4 < 230


SOURCES = st.sampled_from(["a", "b", "c", "d"])
DATES = st.tuples(st.dates(date(2014, 1, 1), date(2015, 12, 31)), st.sampled_from(["day", "month", "year"]))
ARTICLES = st.lists(
    st.tuples(SOURCES, st.one_of(DATES, st.just((None, None))), st.booleans()).map(
        lambda row: (row[0], *row[1], row[2])
    ),
    max_size=30,
)
REJECTED = st.lists(st.tuples(st.sampled_from(REASONS), st.one_of(st.none(), SOURCES)), max_size=15)
REMOVED = st.lists(st.tuples(st.integers(0, 40).map(str), st.sampled_from(FORMS)), max_size=30)


@settings(max_examples=150, deadline=None)
@given(ARTICLES, REJECTED, REMOVED, st.sampled_from(GRAINS), st.integers(1, 3))
def test_every_row_is_accounted_for_once_in_each_panel(articles, rejected, removed, grain, n_sources):
    if not articles and not rejected:
        return
    tables = (to_articles(articles), to_rejected(rejected), to_removed(removed))
    table = tabulate_ledger(*tables, grain=grain, n_sources=n_sources)

    def add_up(*panels: str, outcome: str | None = None) -> int:
        chosen = table.filter(pl.col("panel").is_in(panels))
        return chosen.filter(pl.col("outcome") == outcome)["n"].sum() if outcome else chosen["n"].sum()

    n_copies = sum(copy for *_, copy in articles)
    expected = {"kept": len(articles) - n_copies, "merged": n_copies, "rejected": len(rejected)}
    assert {outcome: add_up("rows", outcome=outcome) for outcome in OUTCOMES} == expected
    assert {outcome: add_up("sources", outcome=outcome) for outcome in OUTCOMES} == expected
    assert add_up("rows", outcome="read") == sum(expected.values())
    assert add_up("time", "undated") == expected["kept"]
    assert add_up("removed") == len(removed)
    assert table["share"].is_between(0, 1).all()
    whole = table.filter(pl.col("panel") == "sources").group_by("label").agg(pl.col("share").sum())["share"]
    assert whole.to_list() == pytest.approx([1] * whole.len())
    assert table.filter(pl.col("panel") == "rows", pl.col("outcome") != "read")["share"].sum() == pytest.approx(1)


def test_the_bars_of_the_waterfall_follow_on_from_one_another():
    tables = make_tables(n=90, rejected=10, merged=0.2)
    figure, table = plot_corpus_ledger(*tables, grain="year", n_sources=3)
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in figure.axes[0].patches]
    assert bars[0] == (0, 100)
    for (begin, _), (_, end) in itertools.pairwise([(100, 0), *bars[1:]]):
        assert end == pytest.approx(begin)
    kept = table.filter(pl.col("panel") == "rows", pl.col("label") == "kept")["n"].item()
    assert bars[-1] == (0, kept)
    assert [end - begin for begin, end in bars] == table.filter(pl.col("panel") == "rows", pl.col("n") > 0)[
        "n"
    ].to_list()


def test_the_smaller_sources_stand_together_and_rows_without_a_source_apart():
    day = (date(2015, 5, 1), "day")
    articles = to_articles(
        [("big", *day, False)] * 3 + [("mid", *day, True)] * 2 + [("x", *day, False), ("y", *day, False)]
    )
    rejected = to_rejected([("no source", None), ("too short", "mid"), ("too short", "lost")])
    table = tabulate_ledger(articles, rejected, to_removed([]), grain="year", n_sources=2)
    cells = table.filter(pl.col("panel") == "sources").pivot("outcome", index="label", values="n")
    assert cells.rows() == [("big", 3, 0, 0), ("mid", 0, 2, 1), ("other sources (3)", 2, 0, 1), (NO_SOURCE, 0, 0, 1)]


@pytest.mark.parametrize(("grain", "counted"), [("week", 1), ("month", 2), ("quarter", 2), ("year", 3)])
def test_a_date_counts_only_where_it_tells_the_period(grain, counted):
    day = date(2015, 1, 1)
    articles = to_articles(
        [("a", day, precision, False) for precision in ("day", "month", "year")] + [("a", None, None, False)]
    )
    figure, table = plot_corpus_ledger(articles, to_rejected([]), to_removed([]), grain=grain, n_sources=1)
    assert table.filter(pl.col("panel") == "time")["n"].to_list() == [counted]
    said = " ".join(text.get_text() for text in figure.texts)
    assert "1 with no date" in said
    assert (f"{3 - counted} with a date that does not tell the {grain}" in said) == (counted < 3)


def test_dates_that_tell_no_quarter_but_the_year_are_drawn_by_year():
    years = [("a", date(year, 1, 1), "year", False) for year in (2013, 2015, 2015)]
    months = [("a", date(2014, 7, 1), "month", True)]  # a copy tells nothing about the kept articles
    figure, table = plot_corpus_ledger(
        to_articles(years + months), to_rejected([]), to_removed([]), grain="week", n_sources=1
    )
    assert table.filter(pl.col("panel") == "time").select("label", "n").rows() == [("2013-01-01", 1), ("2015-01-01", 2)]
    assert "Kept articles per year (n = 3)" in {text.get_text() for text in figure.texts}


def test_what_is_missing_is_said_in_words():
    tables = make_tables(**CORPORA["nothing lost, no dates"])
    figure, table = plot_corpus_ledger(*tables, grain="quarter", n_sources=8)
    said = " ".join(text.get_text() for text in figure.texts)
    assert "so nothing can be shown over time" in said
    assert "No line was removed." in said
    assert table.filter(pl.col("label") == "rejected")["n"].to_list() == [0]
    with pytest.raises(NothingToDraw, match="No row"):
        plot_corpus_ledger(*(rows.clear() for rows in tables), grain="quarter", n_sources=8)


def test_a_form_is_counted_by_lines_and_by_the_kept_articles_that_had_one():
    day = (date(2015, 5, 1), "day")
    articles = to_articles([("a", *day, False)] * 4 + [("a", *day, True)])
    removed = to_removed(
        [("0", "link"), ("0", "link"), ("1", "link"), ("4", "link"), ("rejected", "link"), ("4", "share")]
    )
    table = tabulate_ledger(articles, to_rejected([]), removed, grain="year", n_sources=1)
    cells = table.filter(pl.col("panel") == "removed")
    assert cells.select("label", "n", "share").rows() == [("link", 5, 0.5), ("share", 1, 0.0)]


def test_few_rows_are_not_said_to_be_none_nor_nearly_all_to_be_all():
    figure, _ = plot_corpus_ledger(*make_tables(**CORPORA["one rejected"] | {"merged": 0}), grain="year", n_sources=8)
    said = {text.get_text() for text in figure.texts}
    assert {"<0.1", ">99.9", "9,001"} <= said


@pytest.mark.parametrize("vision", VISION)
def test_the_outcomes_stay_apart_for_every_kind_of_vision_and_in_grey(vision):
    seen = [to_lab(COLOURS[outcome], vision) for outcome in OUTCOMES]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 13
    assert min(np.diff(sorted(colour[0] for colour in seen))) > 9


def test_the_same_tables_in_any_order_give_the_same_bytes(tmp_path):
    tables = make_tables()
    shuffled = [table.sample(fraction=1, shuffle=True, seed=7) for table in tables]
    for name, given_tables in (("first", tables), ("second", shuffled)):
        figure, table = plot_corpus_ledger(*given_tables, grain="quarter", n_sources=8)
        save_figure(figure, tmp_path / name / "corpus_ledger", table)
    first, second = (digest_files(tmp_path / name) for name in ("first", "second"))
    assert len(first) == 4
    assert first == second
