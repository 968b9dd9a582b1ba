import polars as pl
import pytest
from figure_tables import digest_files, find_clashes, make_counts, make_prevalence, make_words, name_sources

from frameshift.figures.layout import Sheet, on_sheet, sheet_size
from frameshift.figures.style import NothingToDraw, save_figure
from frameshift.figures.words import count_about, plot_distinctive_words
from frameshift.tables import empty_table

pytestmark = pytest.mark.filterwarnings("error")


def draw(sources: int, **others):
    return plot_distinctive_words(make_words(sources), counts=make_counts(sources), n_sources=8, **others)


def texts_of(figure) -> str:
    return " | ".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize("width", [180.0, 85.0])
@pytest.mark.parametrize("sources", [1, 3, 12, 40])
def test_no_text_overlaps_or_is_cut(sources, width):
    for given in (None, "migration"):
        with on_sheet(Sheet(width)):
            figure, table = draw(sources, given=given)
        assert find_clashes(figure) == []
        assert sheet_size(figure)[0] == pytest.approx(width)
        assert set(table["given"]) == {given}


def test_the_figure_of_an_issue_shows_its_words_and_says_so():
    whole, of_all = draw(3)
    within, of_issue = draw(3, given="migration")
    assert of_all["given"].null_count() == len(of_all)
    assert set(of_issue["given"]) == {"migration"}
    assert "a word in passages about migration in this source" in texts_of(within)
    assert "in passages" not in texts_of(whole)


def test_n_in_the_figure_of_an_issue_is_that_of_articles_about_it():
    sizes = count_about(make_prevalence(sources=3), "migration")
    assert set(sizes) == {"all sources", *name_sources(3)}
    counts = make_counts(3)
    assert all(0 < sizes[source] < counts[source] for source in counts)
    figure, _ = draw(3, given="migration", sizes=sizes)
    assert f"Albion Courier (n = {sizes['Albion Courier']:,})" in texts_of(figure)
    assert f"{counts['Albion Courier']:,}" not in texts_of(figure)
    figure, _ = draw(3, given="migration", sizes={})
    assert "n =" not in texts_of(figure)


def test_a_source_without_words_of_the_issue_is_neither_drawn_nor_counted_there():
    words = make_words(3).filter(~((pl.col("source") == "Beacon Post") & (pl.col("given") == "migration")))
    figure, table = plot_distinctive_words(words, counts=make_counts(3), n_sources=8, given="migration")
    assert "Beacon Post" not in set(table["source"])
    assert "not drawn" not in texts_of(figure)


@pytest.mark.parametrize("given", [None, "migration"])
def test_without_words_the_reason_is_said(given):
    with pytest.raises(NothingToDraw, match="in passages about migration" if given else "from the others:"):
        plot_distinctive_words(empty_table("comparisons/words"), counts=make_counts(2), n_sources=8, given=given)


def test_the_same_table_gives_the_same_bytes(tmp_path):
    for turn in ("first", "second"):
        (tmp_path / turn).mkdir()
        figure, table = draw(3, given="migration")
        save_figure(figure, tmp_path / turn / "words", table)
    assert digest_files(tmp_path / "first") == digest_files(tmp_path / "second")
    assert pl.read_csv(tmp_path / "first" / "words.csv")["word"].to_list() == table["word"].to_list()
