"""`frameshift plan`: what a run can detect, how many labels that needs, and what cannot be said."""

import sys
from datetime import date

import numpy as np
import polars as pl
import pytest
import yaml
from scipy.stats import t
from test_comparisons_prevalence import find, forget_dates, make_articles, make_scores, spread_articles

from frameshift import cli
from frameshift.comparisons import contrasts
from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.comparisons.prevalence import estimate_prevalence
from frameshift.config import lay_over
from frameshift.errors import UserError
from frameshift.plan.detectable import detectable_differences
from frameshift.plan.labels import effective_sizes, plan_labels
from frameshift.plan.make import make_plan
from frameshift.plan.pilot import ASSUMED_DESIGN, ASSUMED_RHO, ASSUMED_SHARES, design_effect, take_basis

COMPARED = {"measure": "combined", "given": [], "min_articles": 3}
CHANGE = {
    **{"name": "attack", "frame": "threat", "source": "Albion", "kind": "change", "date": "2015-06-15", "weeks": 20},
    **{"family": "declared", "expect": "rise"},
}
CONFIG = {
    "findings": [],
    "corpus": {"groups": {}},
    "comparisons": {"measure": "combined", "grain": "quarter", "given": ["migration"], "min_articles": 50},
    "frames": {"given_threshold": None},
}
EQUAL = {"frame": "threat", "given": None, "source": "Albion", "n_articles": 900, "n_weeks": 200, "df": 100.0}


def weigh(scores):
    """Scores of which each article weighs one, and as many passages as it has."""
    return scores.with_columns(weight=pl.lit(1.0), passages=pl.col("n_passages").cast(pl.Float64))


def detect(scores, articles, findings=(), **options):
    options = COMPARED | {"grain": "quarter", "groups": {}} | options
    return detectable_differences(weigh(scores), articles, list(findings), **options)


def size(*, n_passages=10_000, effective=10_000.0, uneven=1.0, **others):
    types = {"given": pl.String}
    row = EQUAL | {"n_passages": n_passages, "effective": effective, "uneven": uneven} | others
    return pl.DataFrame([row], schema_overrides=types)


def assume(*, share=0.1, rho=0.5):
    row = {"frame": "threat", "given": None, "share": share, "rho": rho}
    return pl.DataFrame([row], schema_overrides={"given": pl.String})


def label(sizes, assumed, *, gap, design=1.5):
    return find(plan_labels(sizes, assumed, design=design), gap=gap)


def code(scores, labels, *, frame="threat", probability=0.1, share=None):
    """Coded passages p0, p1, … of one frame, as in frames/labelled."""
    return pl.DataFrame(
        {
            "passage_id": [f"p{i}" for i in range(len(labels))],
            "frame": frame,
            "measure": "combined",
            "score": pl.Series(scores, dtype=pl.Float64),
            "share": pl.Series([share] * len(labels) if share is None else share, dtype=pl.Float64),
            "label": pl.Series(labels, dtype=pl.Float64),
            "in_corpus": True,
            "probability": pl.Series(np.broadcast_to(probability, len(labels)), dtype=pl.Float64),
        }
    )


def test_a_difference_is_detectable_from_its_quantiles_times_the_standard_error_of_the_run():
    rng = np.random.default_rng(1)
    articles, scores = spread_articles(52), weigh(make_scores(rng.normal(size=312)))
    found, _ = detect(scores, articles, [CHANGE])
    prevalence, _ = estimate_prevalence(scores, articles, grains=["quarter"], scale="intensity", **COMPARED)
    tested, _ = contrasts.test_contrasts(scores, articles, [CHANGE], scale="intensity", groups={}, **COMPARED)
    drawn = find(prevalence, source="Albion", period="2015-Q2", weighting="article")
    cell = find(found, kind="period", comparison="Albion 2015-Q2")
    df = min(drawn["n_clusters"] - 1, 0.75 * 52 / drawn["block_weeks"])
    assert cell["df"] == pytest.approx(df)
    assert cell["se"] == pytest.approx((drawn["high"] - drawn["low"]) / 2 / t.ppf(0.975, df))
    assert cell["detectable"] == pytest.approx(np.sqrt(2) * (t.ppf(0.975, df) + t.ppf(0.8, df)) * cell["se"])
    for kind, drawn in (
        ("finding", find(tested, finding="attack")),
        ("gap", find(tested, source="Brook", family="exploratory")),
    ):
        row = find(found, kind=kind, comparison=drawn["finding"] or "Brook")
        half = (drawn["high"] - drawn["low"]) / 2
        assert row["detectable"] == pytest.approx(half * (1 + t.ppf(0.8, row["df"]) / t.ppf(0.975, row["df"])))
        assert (row["n_articles"], row["n_weeks"]) == (drawn["n_articles"], drawn["n_clusters"])


def test_more_articles_of_the_same_weeks_help_only_as_far_as_weeks_do_not_differ():
    rng = np.random.default_rng(2)
    weeks = rng.normal(size=(52, 1, 1))

    def span(a_week):
        values = np.broadcast_to(weeks, (52, 2, a_week)) + 0.5 * rng.normal(size=(52, 2, a_week))
        found, _ = detect(make_scores(values.ravel()), spread_articles(52, a_week=a_week))
        return find(found, kind="span", comparison="Albion")["detectable"]

    assert span(6) == pytest.approx(span(3), rel=0.15)


def test_where_the_run_draws_no_interval_nothing_is_detectable_and_the_reason_is_told():
    found, reasons = detect(make_scores(np.arange(30.0)), spread_articles(5), [CHANGE | {"date": "2015-01-19"}])
    assert found["detectable"].null_count() == len(found) > 0
    assert any(reason.startswith("Albion: finding attack: too few for a test: 2 weeks") for reason in reasons)


def test_reasons_that_differ_in_numbers_only_are_told_once():
    days = [(source, date(2015, 1, 5)) for source in "AABBBC" + 9 * "D"]
    _, reasons = detect(make_scores(np.arange(15.0)), make_articles(days), min_articles=5)
    assert "A: not compared by itself: articles below min_articles (2 of 5) (and 2 more like it)" in reasons


def test_at_the_number_of_labels_the_variances_of_the_formula_add_up():
    gap, p, rho, design = 0.05, 0.1, 0.5, 1.5
    row = label(size(effective=4000.0, uneven=1.2), assume(share=p, rho=rho), gap=gap, design=design)
    v = p * (1 - p) + (p + gap) * (1 - p - gap)
    variance = v / 4000 + v * (1 - rho**2) * 1.2 * (design / row["labels"] - 1 / 10_000)
    assert gap == pytest.approx((t.ppf(0.975, 100) + t.ppf(0.8, 100)) * np.sqrt(variance), rel=1e-3)


def test_independent_passages_without_a_measure_need_what_a_textbook_says():
    """Two shares, .10 and .20, 80% power, 5%: (z.975 + z.80)² Σ p(1 − p) / gap² = 196 a group (Fleiss 1981)."""
    sizes = size(n_passages=10_000_000, effective=10_000_000.0, df=1e6)
    assert label(sizes, assume(rho=0.0), gap=0.10, design=1.0)["labels"] == pytest.approx(197, abs=1)


def test_a_better_measure_saves_labels_and_unequal_probabilities_cost_some():
    few, many = (label(size(), assume(rho=rho), gap=0.10)["labels"] for rho in (0.8, 0.4))
    assert few < many / 2
    assert label(size(), assume(rho=0.4), gap=0.10, design=3.0)["labels"] == pytest.approx(2 * many, rel=0.01)


def test_a_gap_below_what_the_articles_allow_needs_no_number_of_labels():
    rows = plan_labels(size(effective=400.0), assume(rho=0.9), design=1.0)
    floor = rows["floor"][0]
    v = 0.1 * 0.9 + (0.1 + floor) * (0.9 - floor)
    assert floor == pytest.approx((t.ppf(0.975, 100) + t.ppf(0.8, 100)) * np.sqrt(v / 400))
    assert rows.select((pl.col("labels").is_null()) == (pl.col("gap") < floor)).to_series().all()


def test_labels_are_neither_more_than_the_passages_nor_below_what_a_corrected_share_needs():
    small = size(n_passages=400, effective=400.0)
    assert label(small, assume(), gap=0.10, design=2.0)["labels"] < 400
    assert label(small, assume(), gap=0.10, design=3.0)["labels"] is None
    assert label(size(), assume(share=0.02, rho=0.95), gap=0.10)["labels"] == MIN_LABELS


def test_a_share_above_one_half_is_planned_as_its_complement():
    assert plan_labels(size(), assume(share=0.9), design=1.5)["labels"].equals(
        plan_labels(size(), assume(share=0.1), design=1.5)["labels"]
    )


def spread_passages(values):
    """Scores (articles × passages) of the articles of spread_articles, Albion's before Brook's in each week."""
    n, m = values.shape
    return pl.DataFrame(
        {
            "frame": "threat",
            "given": pl.Series([None] * (n * m), dtype=pl.String),
            "source": np.tile(np.repeat(["Albion", "Brook"], 3 * m), n // 6),
            "article_id": np.repeat([f"a{i}" for i in range(n)], m),
            "score": values.ravel(),
        }
    )


def measure_effective(values):
    articles = spread_articles(len(values) // 6)
    differences, _ = detect(make_scores(values.mean(axis=1)), articles)
    return find(effective_sizes(differences, spread_passages(values)), source="Albion")


def test_independent_passages_are_worth_their_number_and_equal_ones_as_many_as_there_are_weeks():
    rng = np.random.default_rng(3)
    free = measure_effective(rng.normal(size=(624, 5)))
    assert free["n_passages"] == 312 * 5
    assert free["effective"] == pytest.approx(312 * 5, rel=0.2)
    alike = [np.repeat(rng.normal(size=104), 6)[:, None] * np.ones(5) for _ in range(9)]
    assert np.median([measure_effective(values)["effective"] for values in alike]) == pytest.approx(104, rel=0.3)


def test_short_articles_make_the_weights_of_passages_uneven():
    differences, _ = detect(make_scores(np.random.default_rng(4).normal(size=120)), spread_articles(20))
    passages = spread_passages(np.random.default_rng(5).normal(size=(120, 4))).filter(
        (pl.int_range(pl.len()) % 4 == 0) | (pl.col("article_id").str.slice(1).cast(pl.Int64) % 2 == 0)
    )
    row = find(effective_sizes(differences, passages), source="Albion")
    m = np.array([4, 1, 4] * 20)
    assert row["uneven"] == pytest.approx(m.mean() * (1 / m).mean())


def test_a_pilot_tells_share_and_correlation_weighted_by_how_its_passages_were_drawn():
    rng = np.random.default_rng(6)
    label = (rng.random(4000) < 0.2).astype(float)
    score = label + rng.normal(size=4000)
    rho = np.corrcoef(score, label)[0, 1]
    probability = np.where(label == 1, 0.5, 0.1)
    drawn = rng.random(4000) < probability
    coded = code(score[drawn], label[drawn], probability=probability[drawn])
    basis = take_basis(coded, frame="threat", given=None, measure="combined")
    assert basis.n_codes == drawn.sum()
    assert basis.shares[0] == pytest.approx(0.2, abs=0.03)
    assert basis.low < rho < basis.high
    assert basis.high - basis.low < 0.2


def test_within_an_issue_only_what_people_coded_as_about_it_counts():
    about = code(np.zeros(200), [1] * 100 + [0] * 100, frame="migration")
    threat = code(np.arange(200.0), [0, 1] * 50 + [0] * 100)
    labelled = pl.concat([about, threat])
    basis = take_basis(labelled, frame="threat", given="migration", measure="combined")
    assert (basis.shares, basis.n_codes) == ((0.5,), 100)


@pytest.mark.parametrize(
    "labelled",
    [None, code(np.arange(40.0), [0, 1] * 20), code(np.arange(60.0), [0] * 60), code(np.ones(60), [0, 1] * 30)],
)
def test_without_a_telling_pilot_assumptions_stand_in(labelled):
    assumed = take_basis(labelled, frame="threat", given=None, measure="combined")
    assert assumed == (ASSUMED_SHARES, *ASSUMED_RHO, 0)


def test_a_measure_that_runs_against_people_is_as_good_as_none():
    basis = take_basis(code(np.arange(60.0), [1] * 30 + [0] * 30), frame="threat", given=None, measure="combined")
    assert (basis.low, basis.high) == (0, 0)


def test_the_design_effect_is_that_of_the_weights_within_a_source():
    sheet = pl.DataFrame(
        {
            "passage_id": ["p0", "p0", "p1", "p2", "p3", "p4"],  # p0 is coded twice
            "source": ["A", "A", "A", "B", "B", "C"],
            "probability": [0.5, 0.5, 0.1, 0.2, 0.2, 0.9],
        }
    )
    effects = 2 * (2**2 + 10**2) / 12**2, 1.0  # of A and B; one passage of C tells nothing
    assert design_effect(sheet) == pytest.approx(np.mean(effects))
    assert design_effect(sheet.filter(source="C")) is None


@pytest.fixture
def run(tmp_path):
    """Write the tables of a run of these articles, five passages each, a fifth of them about migration."""

    def write(articles, *, folder=tmp_path / "results" / "mine"):
        rng = np.random.default_rng(7)
        passages = articles.select("article_id").join(pl.DataFrame({"position": range(5)}), how="cross")
        passages = passages.with_columns(passage_id=pl.format("p{}", pl.int_range(pl.len())))
        scored = pl.concat(
            passages.select("passage_id", "article_id", "position").with_columns(
                frame=pl.lit(frame),
                measure=pl.lit(measure),
                score=pl.Series(rng.normal(size=len(passages)))
                if measure == "combined"
                else (pl.col("position") == (1 if frame == "migration" else 2)).cast(pl.Float64),
            )
            for frame in ("threat", "migration", "victim")
            for measure in ("combined", "lexicon")
        )
        by = ["article_id", "frame", "measure"]
        pooled = [
            part.group_by(by, maintain_order=True).agg(pl.col("score").mean(), n_passages=pl.len().cast(pl.Int64))
            for part in (scored, scored.filter(pl.col("position") == 1))
        ]
        means = pl.concat(
            weigh(part).with_columns(given=pl.lit(given, pl.String), share=pl.lit(None, pl.Float64))
            for part, given in zip(pooled, (None, "migration"), strict=True)
        )
        for name in ("corpus", "frames"):
            (folder / name).mkdir(parents=True)
        articles.write_parquet(folder / "corpus/articles.parquet")
        passages.write_parquet(folder / "corpus/passages.parquet")
        scored.drop("article_id", "position").write_parquet(folder / "frames/passages.parquet")
        means.write_parquet(folder / "frames/articles.parquet")
        return folder

    return write


@pytest.fixture
def tell(tmp_path, monkeypatch, capsys):
    """What the command prints for config `mine.yaml`, or its error."""
    monkeypatch.chdir(tmp_path)
    corpus = {"path": "articles.jsonl"}
    (tmp_path / "articles.jsonl").write_text("{}\n")

    def plan(**others):
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"name": "mine", "corpus": corpus, **others}))
        monkeypatch.setattr(sys, "argv", ["frameshift", "plan", "mine.yaml"])
        try:
            cli.main()
        except SystemExit as ended:
            return str(ended)
        return capsys.readouterr().out

    return plan


def test_the_command_tells_differences_labels_and_assumptions_on_one_screen(run, tell):
    run(spread_articles(104))
    said = tell(findings=[CHANGE])
    assert len(said.splitlines()) <= 45
    assert max(map(len, said.splitlines())) <= 120
    for part in ("two sources, whole span: median", "a source against the rest", "finding attack", "two quarters of a"):
        assert f"\n  {part}" in said
    assert "two like Albion (smallest)" in said
    assert "design effect 1.50 (assumed: no sample is drawn yet)" in said
    assert "are assumptions: 100 to 200 pilot codes would replace them." in said
    assert "Within migration, labels are passages about it: 20% of all." in said
    assert "nan" not in said.lower()
    assert "None" not in said


def test_a_pilot_coding_and_a_sheet_replace_the_assumptions(run, tell):
    folder = run(spread_articles(104))
    rng = np.random.default_rng(8)
    scores = pl.read_parquet(folder / "frames/passages.parquet").filter(measure="combined", frame="threat")
    coded = scores.head(300).with_columns(
        share=pl.lit(None, pl.Float64),
        label=(pl.col("score") + pl.Series(rng.normal(size=300)) > 1.2).cast(pl.Float64),
        probability=pl.lit(0.1),
        in_corpus=pl.lit(True),
    )
    coded.write_parquet(folder / "frames/labelled.parquet")
    (folder / "coding").mkdir()
    sheet = coded.select("passage_id", coder=pl.lit("anna"), probability=pl.lit(0.1))
    (folder / "coding/sample.csv").write_text(sheet.write_csv(), encoding="utf-8-sig")
    plan = make_plan(folder, CONFIG)
    assert (plan.design, plan.has_sample) == (pytest.approx(1.0), True)
    assert plan.bases["threat", None].n_codes == 300
    assert plan.bases["migration", None].n_codes == 0
    shares = plan.labels.filter(pl.col("given").is_null()).group_by("frame").agg(n=pl.col("share").n_unique())
    assert dict(shares.iter_rows()) == {"threat": 1, "migration": len(ASSUMED_SHARES), "victim": len(ASSUMED_SHARES)}
    said = tell()
    assert "design effect 1.00 (of the sample drawn)" in said
    assert "those of the pilot coding, of 300 passages or more" in said


def test_without_labels_or_a_sheet_the_assumptions_are_those_stated(run):
    plan = make_plan(run(spread_articles(104)), CONFIG)
    assert (plan.design, plan.has_sample) == (ASSUMED_DESIGN, False)
    assert set(plan.labels["rho"]) == set(ASSUMED_RHO)
    assert not plan.labels.filter(frame="migration", given="migration").height


@pytest.mark.parametrize(
    ("articles", "told"),
    [
        (
            spread_articles(104, sources=["Albion"]),
            ["two sources with an interval over the whole span; there is one", "the only source"],
        ),
        (
            forget_dates(spread_articles(104)),
            ["the run draws no interval for any cell", "there is none", "none of the 624 articles has a date"],
        ),
        (
            pl.concat(
                [
                    spread_articles(104),
                    spread_articles(1, sources=["Cape"]).with_columns(article_id=pl.format("c{}", "article_id")),
                ]
            ),
            ["Cape: not compared by itself: articles below min_articles (3 of 50)"],
        ),
        (spread_articles(3), ["the run draws no interval for any cell", "there is none", "(9 of 50)"]),
    ],
    ids=["one source", "no dates", "three articles", "three weeks"],
)
def test_what_cannot_be_said_is_told_with_its_reason(run, tell, articles, told):
    run(articles)
    said = tell(findings=[CHANGE])
    for part in told:
        assert part in said
    assert "nan" not in said.lower()
    assert "None" not in said


def test_without_a_run_the_message_says_which_to_make(tell):
    said = tell()
    assert "results/mine/corpus/articles.parquet: there is no such table" in said
    assert said.endswith("make run CONFIG=config/mine.yaml")


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("passage_id,coder\np0,anna\n", "sample.csv has no column 'probability', but passage_id, coder;"),
        ("passage_id,probability\np0,0.5\np1,2\n", "sample.csv, row 3: probability is '2', but must be above 0"),
        ("passage_id,probability\np0,\n", "sample.csv, row 2: probability is None, but must be above 0"),
    ],
)
def test_a_sheet_that_does_not_tell_how_it_was_drawn_is_refused(run, sheet, message):
    folder = run(spread_articles(104))
    (folder / "coding").mkdir()
    (folder / "coding/sample.csv").write_text(sheet)
    with pytest.raises(UserError) as error:
        make_plan(folder, CONFIG)
    assert message in str(error.value)


def test_a_measure_that_was_not_scored_is_a_message(run):
    with pytest.raises(UserError, match="'axis' was not scored"):
        make_plan(run(spread_articles(104)), lay_over(CONFIG, {"comparisons": {"measure": "axis"}}))
