"""A small demo from end to end, topic models included."""

import json

import polars as pl
import pytest

from frameshift.contracts import CONTRACTS
from frameshift.report.summary import summarise
from frameshift.tables import check_table

CONFIG = """
name: small
demo: {articles: 300, seed: 50}
topics: {n_topics: [12], seeds: 3}
embeddings: {shards: 2}
events: config/events.yaml
frames: {labels: [{path: results/small/demo/labels.csv}]}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory, cache):
    """The results of a finished run on a small demo corpus."""
    from conftest import Checkout

    checkout = Checkout(tmp_path_factory.mktemp("small"), cache)
    demo = (checkout.folder / "config/demo.yaml").read_text()
    corpus = demo[demo.index("corpus:") : demo.index("embeddings:")]
    findings = demo[demo.index("findings:") :]
    (checkout.folder / "small.yaml").write_text(CONFIG + corpus + findings)
    checkout.run("--configfile", "small.yaml")
    checkout.run("draw_coding_sheet", "--configfile", "small.yaml")
    return checkout.folder / "results" / "small"


def test_every_row_is_accounted_for_as_it_was_planted(small):
    accounts = json.loads((small / "corpus/accounts.json").read_text())
    dirt = pl.read_parquet(small / "demo/truth_dirt.parquet")
    assert accounts["rows_read"] == len(dirt)
    assert accounts["rows_read"] == accounts["kept"] + accounts["rejected"] + accounts["merged"]


@pytest.fixture(scope="module")
def scored(small):
    """True frames of the sentences, and the function that says how well scores of a table rank them."""
    from sklearn.metrics import roc_auc_score

    truth = pl.read_parquet(small / "demo/truth_sentences.parquet").unique(["original_id", "text"])
    known = (
        pl.read_parquet(small / "corpus/passages.parquet")
        .join(pl.read_parquet(small / "corpus/articles.parquet").select("article_id", "original_id"), on="article_id")
        .join(truth, on=["original_id", "text"])
    )

    def rank(table: str, frame: str, measure: str, column: str) -> float:
        scores = pl.read_parquet(small / f"frames/{table}.parquet").filter(frame=frame, measure=measure)
        rows = scores.join(known, on="passage_id")
        assert len(rows) > 3000
        return roc_auc_score(rows[frame], rows[column])

    return rank


@pytest.mark.parametrize("frame", ["threat", "security", "victim", "migration"])
def test_labels_tell_framed_sentences_better_than_no_labels(scored, frame):
    free = scored("unlabelled", frame, "combined", "score")
    assert free > 0.8
    assert scored("passages", frame, "combined", "share") > free
    assert scored("passages", frame, "supervised", "score") > free


def test_shares_are_those_of_the_true_frames(small):
    truth = pl.read_parquet(small / "demo/truth_sentences.parquet")
    prevalence = pl.read_parquet(small / "comparisons/prevalence.parquet").filter(
        grain="all", source="all sources", weighting="passage", measure="combined"
    )
    assert set(prevalence["scale"]) == {"share", "corrected share"}
    for frame in ("threat", "security", "victim", "migration"):
        rows = prevalence.filter(pl.col("given").is_null(), frame=frame)
        assert len(rows) == 3  # calibrated, and corrected by two estimators
        for row in rows.iter_rows(named=True):
            assert row["estimate"] == pytest.approx(truth[frame].mean(), abs=0.03), row
    joint = prevalence.filter(frame="security", given="migration")["estimate"].to_list()
    assert joint == pytest.approx([truth.filter("migration")["security"].mean()] * len(joint), abs=0.1)


def test_every_comparison_left_a_table_that_keeps_its_contract(small):
    for contract in CONTRACTS:
        room, name = contract.split("/")
        if room == "comparisons" and name != "robustness":
            check_table(pl.read_parquet(small / f"comparisons/{name}.parquet"), contract)
    contrasts = pl.read_parquet(small / "comparisons/contrasts.parquet")
    assert set(contrasts["kind"]) >= {"change", "gap", "trend", "event"}  # too few articles to take a change apart
    declared = contrasts.filter(pl.col("finding").is_not_null())
    assert declared.filter("leads")["finding"].n_unique() == declared["finding"].n_unique()
    adjusted = declared.filter(estimator="attenuation-adjusted").join(
        declared.filter(pl.col("estimator").is_null()), on="finding"
    )
    assert len(adjusted)
    assert (adjusted["estimate"] / adjusted["estimate_right"]).to_list() == pytest.approx(
        (1 / adjusted["attenuation"]).to_list()
    )


def test_no_number_in_a_comparison_is_not_a_number(small):
    for path in (small / "comparisons").glob("*.parquet"):
        table = pl.read_parquet(path)
        for column in table.select(pl.selectors.float()).columns:
            assert not table[column].is_nan().any(), f"{path.name}: {column}"


def test_measures_are_held_against_the_simulated_coders(small):
    validation = pl.read_parquet(small / "frames/validation.parquet").filter(source="all sources", period="all")
    assert set(validation["measure"]) == {"coders", "lexicon", "axis", "supervised", "combined"}
    alpha = validation.filter(metric="krippendorff alpha")
    assert alpha["estimate"].is_between(0.4, 0.9).all()
    shown = validation.filter(metric="auc", measure="combined")
    assert (shown["low"] > 0.7).all()
    page = (small / "report.html").read_text()
    assert "Agreement between coders" in page
    assert "in percentage points of passages" in page


def test_passages_are_drawn_for_people_to_code(small):
    sheet = pl.read_csv(small / "coding/sheet.csv")
    drawn = pl.read_csv(small / "coding/sample.csv")
    assert sheet["passage_id"].n_unique() == drawn["passage_id"].n_unique() == 400
    passages = pl.read_parquet(small / "corpus/passages.parquet")
    assert set(sheet["passage_id"]) <= set(passages["passage_id"])
    assert sheet["threat"].null_count() == len(sheet)
    page = (small / "coding/sheet.html").read_text()
    assert not any(source in page for source in pl.read_parquet(small / "corpus/articles.parquet")["source"].unique())


def test_topic_models_find_the_planted_topics(small):
    from sklearn.metrics import normalized_mutual_info_score

    truth = pl.read_parquet(small / "demo/truth_articles.parquet").select("original_id", planted="topic")
    articles = pl.read_parquet(small / "corpus/articles.parquet").select("article_id", "original_id")
    chosen = pl.read_parquet(small / "topics/selection.parquet").filter("chosen")
    assert set(chosen["model"]) == {"lda", "nmf", "kmeans", "bertopic"}
    for model, least in {"bertopic": 0.8, "kmeans": 0.8, "nmf": 0.6, "lda": 0.5}.items():
        found = pl.read_parquet(small / f"topics/{model}/assignments.parquet")
        both = found.join(articles, on="article_id").join(truth, on="original_id")
        assert normalized_mutual_info_score(both["planted"], both["topic"]) > least, model


def test_the_estimates_are_held_against_what_was_planted(small):
    recovery = pl.read_parquet(small / "demo/recovery.parquet")
    assert set(recovery["name"]) >= {"attack", "law", "trend", "mix", "nothing"}
    assert recovery["estimate"].null_count() < len(recovery)
    drawn = pl.read_csv(small / "figures/estimate_vs_truth.csv")
    assert {"estimate", "realised"} <= set(drawn.columns)


def test_the_page_and_the_terminal_say_the_findings(small):
    said = summarise(small)
    for finding in ("attack", "law_a", "trend_c", "mix_d", "nothing_e"):
        assert f"  {finding}: " in said
    assert "Planted (change of the expected share)" in said
    assert "Planted and estimated" in (small / "report.html").read_text()
