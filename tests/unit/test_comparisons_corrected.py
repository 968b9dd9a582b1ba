from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from ppi_py import ppi_mean_pointestimate
from scipy.special import logit

from frameshift.comparisons.corrected import correct_outcomes
from frameshift.comparisons.corrected_prevalence import estimate_corrected
from frameshift.comparisons.groups import compare_groups
from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.tables import ALL_SOURCES, empty_table

START = date(2015, 1, 5)


def make_articles(n, *, sources=("Albion", "Brook"), a_week=4):
    """Articles a0, a1, … in turn from each source, `a_week` a week."""
    return pl.DataFrame(
        {
            "article_id": [f"a{i}" for i in range(n)],
            "source": [sources[i % len(sources)] for i in range(n)],
            "date": [START + timedelta(weeks=i // a_week) for i in range(n)],
            "wire_cluster": [f"a{i}" for i in range(n)],
        }
    ).with_columns(date_precision=pl.lit("day"), duplicate_of=pl.lit(None, pl.String))


def make_tables(shares, codes, probability, *, article, joint=None, about=None):
    """What correct_outcomes reads, of passages p0, p1, … in the articles numbered `article`.

    `shares` and `codes` hold a frame's values by its name, NaN where a passage was not coded; `joint` and `about`
    those of (frame, given).
    """
    article, ids = np.asarray(article), [f"p{i}" for i in range(len(article))]
    names = [f"a{i}" for i in range(article.max() + 1)]
    length = np.bincount(article)

    def pool(frame, given, share, passages, weight):
        return pl.DataFrame(
            {
                "article_id": names,
                "share": np.bincount(article, share) / passages,
                "passages": passages,
                "weight": weight,
                "n_passages": length,
            }
        ).with_columns(frame=pl.lit(frame), given=pl.lit(given, pl.String), measure=pl.lit("combined"))

    labels = pl.concat(
        pl.DataFrame({"passage_id": ids, "label": code, "probability": probability})
        .with_columns(frame=pl.lit(frame), in_corpus=pl.lit(True), cluster=pl.col("passage_id"))
        .filter(pl.col("label").is_not_nan())
        for frame, code in codes.items()
    )
    share_rows = pl.concat(
        pl.DataFrame({"passage_id": ids, "share": share}).with_columns(frame=pl.lit(frame))
        for frame, share in shares.items()
    )
    scores = [pool(frame, None, share, length * 1.0, np.ones(len(length))) for frame, share in shares.items()]
    joint_rows = [empty_table("frames/joint")]
    for (frame, given), share in (joint or {}).items():
        likely = about[given]
        scores.append(pool(frame, given, share, np.bincount(article, likely), np.bincount(article, likely).clip(0, 1)))
        rows = pl.DataFrame({"passage_id": ids, "share": share, "about": likely})
        rows = rows.with_columns(frame=pl.lit(frame), given=pl.lit(given))
        joint_rows.append(rows.select(joint_rows[0].columns))
    passages = pl.DataFrame({"passage_id": ids, "article_id": [names[i] for i in article]})
    return pl.concat(scores), labels, share_rows, pl.concat(joint_rows), passages


def sample(rng, n, *, n_coded, frame="threat", rate=0.3, right=0.8):
    """A simple random sample of `n_coded` of `n` passages, four an article: tables, labels of all, shares, coded."""
    label = (rng.random(n) < rate).astype(float)
    share = np.clip(np.where(rng.random(n) < right, label, 1 - label) * 0.6 + rng.normal(0.1, 0.05, n), 0, 1)
    coded = np.zeros(n, dtype=bool)
    coded[rng.choice(n, n_coded, replace=False)] = True
    tables = make_tables(
        {frame: share}, {frame: np.where(coded, label, np.nan)}, n_coded / n, article=np.arange(n) // 4
    )
    return tables, label, share, coded


def mean(outcomes, **values):
    """Σ total / Σ weight of the rows with these values."""
    for column, value in values.items():
        outcomes = outcomes.filter(pl.col(column).eq_missing(pl.lit(value)))
    assert len(outcomes)
    return outcomes["total"].sum() / outcomes["weight"].sum()


def test_totals_are_predictions_plus_weighted_errors():
    nan = np.nan
    tables = make_tables(
        {"threat": np.array([0.2, 0.6, 0.1, 0.5, 0.4])},
        {"threat": np.array([1.0, nan, nan, 0.5, nan])},  # two coders disagreed on p3
        np.array([0.5, 0.5, 0.5, 0.25, 0.5]),
        article=[0, 0, 0, 1, 1],
    )
    outcomes, omitted = correct_outcomes(*tables, given=[])
    assert omitted.is_empty()
    scale = 5 / (1 / 0.5 + 1 / 0.25)  # so that two labels stand for five passages
    sums = [0.9 + scale * (1 - 0.2) / 0.5, 0.9 + scale * (0.5 - 0.5) / 0.25]
    for weighting, length in (("passage", (1, 1)), ("article", (3, 2))):
        rows = outcomes.filter(estimator="design-based", weighting=weighting).sort("article_id")
        np.testing.assert_allclose(rows["total"], [total / n for total, n in zip(sums, length, strict=True)])
        assert rows["n_labels"].to_list() == [1, 1]
        assert rows["weight"].to_list() == ([3, 2] if weighting == "passage" else [1, 1])
    assert outcomes["counted"].all()


def test_within_an_issue_the_mean_is_a_ratio_of_corrected_sums():
    threat, issue, victim = np.array([1.0, 0, 1, 1]), np.array([1.0, 1, 0, 0.5]), np.array([0.0, 1, 0, 0])
    both, likely = np.array([0.3, 0.2, 0.1, 0.4]), np.array([0.8, 0.6, 0.3, 0.5])
    part, rest = both * 0.9, likely * 0.7
    coded = np.array([True, True, False, True])
    probability = np.array([0.5, 0.8, 0.5, 0.5])
    codes = {"threat": threat, "migration": issue, "victim": victim}
    tables = make_tables(
        {name: np.full(4, 0.3) for name in codes},
        {name: np.where(coded, code, np.nan) for name, code in codes.items()},
        probability,
        article=[0, 0, 1, 1],
        joint={("threat", "migration"): both, ("threat", "migration without victim"): part},
        about={"migration": likely, "migration without victim": rest},
    )
    given = ["migration", "migration without victim"]
    outcomes, _ = correct_outcomes(*tables, given=given)
    w = np.where(coded, 4 / (1 / probability)[coded].sum() / probability, 0)
    for name, f, g, about in zip(given, (both, part), (likely, rest), (issue, issue * (1 - victim)), strict=True):
        expected = (f.sum() + w @ (threat * about - f)) / (g.sum() + w @ (about - g))
        assert mean(outcomes, estimator="design-based", given=name) == pytest.approx(expected)
        assert set(outcomes.filter(given=name)["weighting"]) == {"passage"}
    counts = outcomes.filter(estimator="design-based").group_by("given").agg(pl.col("n_labels").sum())
    assert dict(counts.iter_rows())["migration"] == 3
    assert dict(counts.iter_rows())["migration without victim"] == 2
    assert set(correct_outcomes(*tables, given=["migration"])[0]["given"]) == {None, "migration"}


def test_a_simple_random_sample_gives_what_ppi_py_gives():
    tables, label, share, coded = sample(np.random.default_rng(1), 4_000, n_coded=300)
    outcomes, _ = correct_outcomes(*tables, given=[])
    theirs = [label[coded], share[coded], share]
    for weighting in ("article", "passage"):  # articles are equally long
        found = mean(outcomes, estimator="design-based", weighting=weighting)
        assert found == pytest.approx(ppi_mean_pointestimate(*theirs, lam=1).item(), abs=1e-12)
    power = np.cov(label[coded], share[coded])[0, 1] / share[coded].var(ddof=1)
    assert 0.2 < power < 0.95
    found = mean(outcomes, estimator="prediction-powered", weighting="passage")
    assert found == pytest.approx(ppi_mean_pointestimate(*theirs, lam=power).item(), abs=1e-12)
    # Where λ is theirs too: they take the unlabelled to be others than the labelled, so that λ is less by 1 + n/N.
    others = [label[coded], share[coded], share[~coded]]
    assert found == pytest.approx(ppi_mean_pointestimate(*others).item(), abs=2e-3)


@pytest.mark.parametrize(("right", "low", "high"), [(0.5, 0.0, 0.15), (1.0, 0.99, 1.0)])
def test_a_prediction_counts_as_much_as_it_tells(right, low, high):
    tables, label, share, coded = sample(np.random.default_rng(2), 4_000, n_coded=400, right=right)
    outcomes, _ = correct_outcomes(*tables, given=[])
    powered = mean(outcomes, estimator="prediction-powered", weighting="passage")
    mean_label, gap = label[coded].mean(), share.mean() - share[coded].mean()
    assert low <= (powered - mean_label) / gap <= high


def test_where_every_passage_is_coded_the_means_are_those_of_the_labels():
    rng = np.random.default_rng(3)
    label = rng.integers(0, 2, 40).astype(float)
    article = np.repeat(np.arange(8), [2, 8, 5, 5, 3, 7, 1, 9])
    tables = make_tables({"threat": rng.random(40)}, {"threat": label}, 1.0, article=article)
    outcomes, omitted = correct_outcomes(*tables, given=[])
    assert omitted.is_empty()
    by_article = np.bincount(article, label) / np.bincount(article)
    for estimator in ("design-based", "prediction-powered"):
        assert mean(outcomes, estimator=estimator, weighting="passage") == pytest.approx(label.mean())
        assert mean(outcomes, estimator=estimator, weighting="article") == pytest.approx(by_article.mean())


def test_labels_of_probability_1_stand_for_themselves_beside_a_sheet():
    share, label = np.full(100, 0.2), np.full(100, np.nan)
    label[:30] = 1.0
    probability = np.where(np.arange(100) < 20, 1.0, 0.1)  # ten of eighty were drawn, though by their numbers eight
    tables = make_tables({"threat": share}, {"threat": label}, probability, article=np.arange(100) // 4)
    outcomes, _ = correct_outcomes(*tables, given=[])
    assert mean(outcomes, estimator="design-based", weighting="passage") == pytest.approx(1.0)


@pytest.mark.parametrize("known", [False, True])
def test_labels_that_do_not_stand_for_the_corpus_correct_nothing_and_it_is_said(known):
    n_coded = 100 if known else 300
    tables, *_ = sample(np.random.default_rng(4), 4_000, n_coded=n_coded)
    probability = pl.lit(300 / 4_000 if known else 1.0)
    outcomes, omitted = correct_outcomes(
        tables[0], tables[1].with_columns(probability=probability), *tables[2:], given=[]
    )
    assert outcomes.is_empty()
    stand = 1333 if known else 300
    assert omitted.rows() == [
        (
            *("outcomes", "threat", None, None),
            f"shares are not corrected: by their probabilities of being drawn the {n_coded} coded passages stand for "
            f"{stand} of 4000; draw passages with `make sheet` and code all of them",
        )
    ]


def test_frames_without_a_share_or_a_label_and_texts_from_elsewhere_are_passed_over():
    tables, *_ = sample(np.random.default_rng(5), 400, n_coded=100)
    scores, labels, *rest = tables
    plain, _ = correct_outcomes(*tables, given=["migration"])
    unshared = scores.with_columns(frame=pl.lit("security"), share=pl.lit(None, pl.Float64))
    uncoded = scores.with_columns(frame=pl.lit("victim"))
    elsewhere = labels.head(9).with_columns(passage_id=pl.lit("text-1"), in_corpus=pl.lit(False))
    more = pl.concat([scores, unshared, uncoded]), pl.concat([labels, elsewhere])
    outcomes, omitted = correct_outcomes(*more, *rest, given=["migration"])
    assert outcomes.equals(plain)
    assert omitted["frame"].to_list() == ["victim"]
    assert "the 0 coded passages stand for 0 of 400" in omitted["reason"][0]


def test_a_passage_counts_within_an_issue_only_where_all_that_it_takes_was_coded():
    n = 40
    half = np.where(np.arange(n) % 2, 1.0, np.nan)
    other = np.where(np.arange(n) % 2, np.nan, 0.0)
    names = ["migration", "migration without victim"]
    tables = make_tables(
        dict.fromkeys(["threat", "migration"], np.full(n, 0.3)),
        {"threat": np.ones(n), "migration": half, "victim": other},
        0.5,
        article=np.arange(n) // 4,
        joint={("threat", name): np.full(n, 0.2) for name in names},
        about={name: np.full(n, 0.5) for name in names},
    )
    outcomes, omitted = correct_outcomes(*tables, given=names)
    assert omitted["reason"].str.contains("within migration without victim .* the 0 coded passages").to_list() == [True]
    rows = outcomes.filter(estimator="design-based", weighting="passage")
    labels = rows.group_by("frame", "given").agg(pl.col("n_labels").sum())
    assert set(labels.iter_rows()) == {("threat", None, 40), ("migration", None, 20), ("threat", "migration", 20)}
    assert mean(outcomes, estimator="design-based", given="migration") == pytest.approx(1.0)


# ---- their means


@pytest.fixture(scope="module")
def corrected():
    """Outcomes of 1,200 articles in 150 weeks, of which 400 passages were coded."""
    tables, *_ = sample(np.random.default_rng(6), 4_800, n_coded=400)
    return correct_outcomes(*tables, given=[])[0], make_articles(1_200, a_week=8)


def test_means_are_ratios_of_sums_where_a_cell_has_enough_labels(corrected):
    outcomes, articles = corrected
    prevalence, omitted = estimate_corrected(outcomes, articles, grains=["year", "quarter"], min_articles=20)
    dated = outcomes.join(articles, on="article_id").with_columns(year=pl.col("date").dt.strftime("%Y"))
    for source in ("Albion", "Brook", ALL_SOURCES):
        of_source = dated if source == ALL_SOURCES else dated.filter(source=source)
        for period in ("all", "2015", "2016", "2017"):
            part = of_source if period == "all" else of_source.filter(year=period)
            n_labels = part.filter(estimator="design-based", weighting="article")["n_labels"].sum()
            rows = prevalence.filter(source=source, period=period)
            assert len(rows) == (4 if n_labels >= MIN_LABELS else 0)
            for row in rows.iter_rows(named=True):
                estimator = row["estimator"].split(", ")[0]
                wanted = mean(part, estimator=estimator, weighting=row["weighting"])
                assert row["estimate"] == pytest.approx(wanted)
                assert row["n_labels"] == n_labels
                assert row["n_articles"] == part["article_id"].n_unique()
    assert prevalence.filter(grain="quarter", source="Albion").is_empty()
    assert set(prevalence["scale"]) == {"corrected share"}
    assert ("prevalence", "threat", "Albion", None, "fewer than 50 labels in 12 of 12 quarters: not corrected there; "
            "the calibrated share shrinks differences") in omitted.rows()  # fmt: skip


def test_the_interval_holds_the_chance_in_what_was_coded_and_is_symmetric_in_logits(corrected):
    outcomes, articles = corrected
    prevalence, _ = estimate_corrected(outcomes, articles, grains=[], min_articles=20)
    row = prevalence.row(by_predicate=(pl.col("source") == ALL_SOURCES) & (pl.col("weighting") == "passage") &
                         pl.col("estimator").str.starts_with("design"), named=True)  # fmt: skip
    assert row["estimator"] == "design-based, weekly clusters, logit t"
    low, p, high = (logit(row[name]) for name in ("low", "estimate", "high"))
    assert high - p == pytest.approx(p - low)
    _, label, share, coded = sample(np.random.default_rng(6), 4_800, n_coded=400)
    error = np.sqrt((label - share)[coded].var() / 400 + label.var() / 4_800)
    assert (row["high"] - row["low"]) / (2 * 1.97 * error) == pytest.approx(1, abs=0.15)


def test_few_labels_of_a_rare_frame_leave_an_uncut_interval_by_t():
    tables, *_ = sample(np.random.default_rng(8), 4_800, n_coded=60, rate=0.004, right=0.9)
    outcomes, _ = correct_outcomes(*tables, given=[])
    prevalence, _ = estimate_corrected(outcomes, make_articles(1_200, a_week=8), grains=[], min_articles=20)
    row = prevalence.filter(source=ALL_SOURCES, weighting="passage").row(0, named=True)
    assert row["estimator"] == "design-based, weekly clusters, t"
    assert row["low"] < 0 < row["high"]
    assert row["high"] - row["estimate"] == pytest.approx(row["estimate"] - row["low"])


def test_weeks_of_negative_weight_leave_a_sound_interval(recwarn):
    rng = np.random.default_rng(9)
    n = 4_800
    issue, threat = (rng.random(n) < 0.3) * 1.0, (rng.random(n) < 0.4) * 1.0
    about = np.clip(0.3 + 0.4 * issue + rng.normal(0, 0.05, n), 0, 1)  # too high
    coded = rng.random(n) < 0.1
    codes = {"threat": np.where(coded, threat, np.nan), "migration": np.where(coded, issue, np.nan)}
    shares = {"threat": np.full(n, 0.4), "migration": about}
    tables = make_tables(shares, codes, 0.1, article=np.arange(n) // 4, joint={("threat", "migration"): about * 0.4},
                         about={"migration": about})  # fmt: skip
    outcomes, _ = correct_outcomes(*tables, given=["migration"])
    articles = make_articles(1_200, a_week=4)
    within = outcomes.filter(given="migration").join(articles, on="article_id")
    weeks = within.group_by("date").agg(pl.col("weight").sum())
    assert weeks["weight"].min() < 0
    prevalence, _ = estimate_corrected(outcomes, articles, grains=["year"], min_articles=20)
    row = prevalence.filter(given="migration", source=ALL_SOURCES, grain="all").row(0, named=True)
    n_about = coded @ issue
    assert row["n_labels"] == n_about
    error = np.sqrt(0.4 * 0.6 / n_about)
    assert (row["high"] - row["low"]) / (2 * 1.96 * error) == pytest.approx(1, abs=0.2)
    assert row["low"] < 0.4 < row["high"]
    same = outcomes.filter(given="migration").with_columns(total=0.25 * pl.col("weight"))
    alike, _ = estimate_corrected(same, articles, grains=[], min_articles=20)
    assert alike["estimate"].to_list() == pytest.approx([0.25] * len(alike))
    assert (alike["high"] - alike["low"]).fill_null(0).abs().max() < 1e-9  # the weights' own chance is not the mean's
    assert not recwarn.list


def test_groups_of_sources_are_corrected_as_if_they_were_one_source(corrected):
    outcomes, articles = corrected
    groups = {"kind": {"daily": ["Albion", "Brook"]}}
    prevalence, _ = compare_groups(
        lambda named: estimate_corrected(outcomes, named, grains=[], min_articles=20), articles, groups
    )
    columns = ["weighting", "estimator", "estimate", "n_articles"]
    group, everything = (prevalence.filter(source=name).select(columns) for name in ("kind: daily", ALL_SOURCES))
    assert len(group) == 4
    assert group.equals(everything)


def test_bad_input_is_estimated_or_left_out_without_a_warning_or_a_nan(corrected, recwarn):
    outcomes, articles = corrected
    options = {"grains": ["year", "quarter", "week"], "min_articles": 20}
    undated = articles.with_columns(date=pl.lit(None, pl.Date), date_precision=pl.lit(None, pl.String))
    single = articles.with_columns(source=pl.lit("Albion"))
    small = articles.with_columns(source=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("Cape")).otherwise("source"))
    constant = outcomes.with_columns(total=pl.col("weight") * 0.3)
    for rows, corpus, n in (
        (outcomes, undated, 12),
        (outcomes, single, None),
        (outcomes, small, None),
        (constant, articles, None),
        (outcomes.clear(), articles, 0),
    ):
        prevalence, omitted = estimate_corrected(rows, corpus, **options)
        assert n is None or len(prevalence) == n
        numbers = prevalence.select(pl.col("estimate", "low", "high").is_nan().fill_null(False).any())
        assert not any(numbers.row(0)) if len(prevalence) else True
        assert omitted["reason"].is_not_null().all()
    assert estimate_corrected(outcomes, undated, **options)[0]["low"].null_count() == 12
    assert "Cape" not in estimate_corrected(outcomes, small, **options)[0]["source"]
    assert not recwarn.list
