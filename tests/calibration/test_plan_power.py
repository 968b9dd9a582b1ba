"""Is what a plan calls detectable found in eight of ten samples, and are the labels it asks for enough?

Every pilot makes a promise that is kept in studies drawn independently of it: chance in the pilot's variances is part
of the power.
"""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm, t
from test_intervals import simulate

from frameshift.comparisons import contrasts
from frameshift.plan.detectable import detectable_differences
from frameshift.plan.labels import effective_sizes, plan_labels

PILOTS, STUDIES = 60, 300
LOWEST, HIGHEST = 0.72, 0.90  # of the power: .80, chance of three standard errors, and what formulas simplify
COMPARED = {"measure": "simulated", "given": [], "min_articles": 600, "groups": {}}
CHANGES = {
    "quarter": ["2015-04-01", "2015-06-30", "2015-07-01", "2015-09-30"],
    "change": ["2015-07-06", "2016-01-03", "2016-01-04", "2016-07-03"],
}
N_WEEKS, A_WEEK, LENGTH = 104, 6, 5  # of a source: weeks, articles a week, passages an article
WEEK, ARTICLE, PASSAGE = 0.02, 0.15, 0.83  # variances of what people see, which add up to one


def declare(family, frame):
    dates = [date.fromisoformat(day) for day in CHANGES[family]]
    return {
        **{"name": f"{family} {frame}", "frame": frame, "given": None, "source": "Albion", "kind": "change"},
        **{"windows": (dates[:2], dates[2:]), "family": family, "expect": "rise"},
    }


def weigh(scores, n_passages):
    return scores.with_columns(
        n_passages=pl.lit(n_passages),
        passages=pl.lit(float(n_passages)),
        weight=pl.lit(1.0),
        measure=pl.lit("simulated"),
    )


@pytest.mark.parametrize("family", ["quarter", "change", "exploratory"])
def test_a_detectable_difference_of_intensity_is_found_in_eight_of_ten_samples(family):
    """Of two quarters of a source, of two half years, and of a source to the rest, half as large."""
    rng = np.random.default_rng(20150107)
    scores, articles, _ = simulate(
        rng, outcome="intensity", n_weeks=N_WEEKS, autocorrelation=0.5, replications=PILOTS + STUDIES
    )
    articles = articles.filter(pl.col("source").is_in(["Albion", "Brook"]))
    articles = articles.filter((pl.col("source") == "Albion") | (pl.int_range(pl.len()) % 2 == 0))  # Brook is small
    scores = weigh(scores.join(articles, on="article_id", how="semi"), 1)
    frame = pl.col("frame").cast(pl.Int64)
    declared = [declare(family, str(number)) for number in range(PILOTS + STUDIES) if family in CHANGES]
    planned, _ = detectable_differences(
        scores.filter(frame < PILOTS), articles, declared[:PILOTS], grain="quarter", **COMPARED
    )
    kind = {"quarter": "period", "change": "finding", "exploratory": "gap"}[family]
    promised = (  # of quarters the middle one, as the command tells it: 13 weeks make a noisy standard error
        planned.filter(pl.col("kind") == kind, pl.col("source") == "Albion")
        .group_by("frame")
        .agg(pl.col("detectable").median())
        .sort(frame)["detectable"]
        .to_numpy()
    )
    assert len(promised) == PILOTS
    first = date.fromisoformat(CHANGES[family][2]) if family in CHANGES else articles["date"].min()
    shown = articles.filter(pl.col("source") == "Albion", pl.col("date") >= first)["article_id"].implode()
    studies = scores.filter(frame >= PILOTS)
    studies = studies.with_columns(
        score=pl.col("score") + pl.col("article_id").is_in(shown) * promised[studies["frame"].cast(int) % PILOTS]
    )
    tested, _ = contrasts.test_contrasts(studies, articles, declared[PILOTS:], scale="intensity", **COMPARED)
    found = tested.filter(pl.col("family") == family, pl.col("source") == "Albion")
    assert len(found) == STUDIES
    assert LOWEST <= (found["p"] < 0.05).mean() <= HIGHEST, (found["p"] < 0.05).mean()


def draw_passages(rng, *, rho, p, shifts):
    """What people see and what a measure scores, both (sources, weeks, articles, passages).

    People see a frame in the share p of passages where `shifts` is 0; the measure adds noise of its own, so that it
    correlates `rho` with what people say there.
    """
    size = (len(shifts), N_WEEKS, A_WEEK, LENGTH)
    seen = (
        np.reshape(shifts, (-1, 1, 1, 1))
        + np.sqrt(WEEK) * rng.normal(size=(*size[:2], 1, 1))
        + np.sqrt(ARTICLE) * rng.normal(size=(*size[:3], 1))
        + np.sqrt(PASSAGE) * rng.normal(size=size)
    )
    best = norm.pdf(norm.isf(p)) / np.sqrt(p * (1 - p))  # the correlation of a measure without noise
    noise = np.sqrt((best / rho) ** 2 - 1) * rng.normal(size=size)
    return (seen > norm.isf(p)).astype(float), seen + noise


def plan_study(scores, *, rho, p, gap, design):
    """Labels a source, and degrees of freedom, by pilots: `scores` (pilots, sources, weeks, articles, passages)."""
    n_articles = N_WEEKS * A_WEEK
    week = pl.int_range(pl.len()) % n_articles // A_WEEK
    articles = pl.DataFrame({"source": np.repeat(["Albion", "Brook"], n_articles)}).with_columns(
        article_id=pl.format("a{}", pl.int_range(pl.len())),
        date=pl.lit(date(2015, 1, 5)) + pl.duration(weeks=week),
        date_precision=pl.lit("day"),
        duplicate_of=pl.lit(None, pl.String),
        wire_cluster=pl.format("a{}", pl.int_range(pl.len())),
    )
    frames = pl.DataFrame({"frame": map(str, range(len(scores)))}).with_columns(given=pl.lit(None, pl.String))
    placed = frames.join(articles, how="cross", maintain_order="left_right").select(
        "frame", "given", "source", "article_id"
    )
    means = weigh(placed.with_columns(score=pl.Series(scores.mean(axis=-1).ravel())), LENGTH)
    planned, _ = detectable_differences(means.drop("source"), articles, [], grain="year", **COMPARED)
    passages = placed.select(pl.all().repeat_by(LENGTH).explode()).with_columns(score=pl.Series(scores.ravel()))
    assumed = frames.with_columns(share=pl.lit(p), rho=pl.lit(rho))
    labels = plan_labels(effective_sizes(planned, passages), assumed, design=design)
    return labels.filter(pl.col("gap") == gap, pl.col("source") == "Albion").select("labels", "df").rows()


def draw_labels(rng, scores, n, *, by):
    """Which passages are drawn, about `n` a source, and how likely each was: some thrice as likely as the others.

    These are those of the second half of the weeks (by "era"), or the highest fifth of the scores (by "score").
    """
    if by == "era":
        chosen = np.broadcast_to(np.arange(N_WEEKS)[:, None, None] >= N_WEEKS // 2, scores.shape)
    else:
        chosen = scores > np.quantile(scores, 0.8)
    weight = np.where(chosen, 3.0, 1.0)
    probability = np.minimum(n * weight / weight.sum(axis=(1, 2, 3), keepdims=True), 1.0)
    return rng.random(scores.shape) < probability, probability


def finds_gap(rng, *, rho, p, gap, n, df, by):
    """Design-based supervised learning (Egami et al. 2023) with `n` labels a source: whether the gap has p < .05."""
    seen, scores = draw_passages(rng, rho=rho, p=p, shifts=[0.0, norm.isf(p) - norm.isf(p + gap)])
    drawn, probability = draw_labels(rng, scores, n, by=by)
    slope, intercept = np.polyfit(scores[drawn], seen[drawn], 1, w=np.sqrt(1 / probability[drawn]))
    predicted = intercept + slope * scores
    weeks = (predicted + drawn / probability * (seen - predicted)).mean(axis=(2, 3))  # all of one size
    estimate = weeks[1].mean() - weeks[0].mean()
    variance = weeks.var(axis=1, ddof=1).sum() / N_WEEKS
    return 2 * t.sf(abs(estimate) / np.sqrt(variance), df) < 0.05


def find_power(*, rho, p, gap, by):
    rng = np.random.default_rng(20150108)
    pilots = np.array([draw_passages(rng, rho=rho, p=p, shifts=[0.0, 0.0])[1] for _ in range(PILOTS)])
    probability = draw_labels(rng, pilots[0], 100, by=by)[1]
    design = (1 / probability[0]).mean() * probability[0].mean()  # 1 + cv²(1/π) among those drawn
    asked = plan_study(pilots, rho=rho, p=p, gap=gap, design=design)
    return np.mean([finds_gap(rng, rho=rho, p=p, gap=gap, n=n, df=df, by=by) for n, df in asked * (STUDIES // PILOTS)])


@pytest.mark.parametrize(("rho", "p", "gap"), [(0.5, 0.10, 0.10), (0.4, 0.20, 0.10), (0.4, 0.05, 0.05)])
def test_the_labels_that_are_asked_for_find_the_gap_in_eight_of_ten_samples(rho, p, gap):
    assert LOWEST <= find_power(rho=rho, p=p, gap=gap, by="era") <= HIGHEST


def test_where_high_scores_are_drawn_more_often_the_labels_are_more_than_enough():
    """There measure and people differ most, so the weights cost less than Kish's design effect says."""
    assert find_power(rho=0.5, p=0.10, gap=0.10, by="score") >= LOWEST
