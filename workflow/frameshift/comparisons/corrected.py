"""Shares corrected by what people coded: outcomes of articles that do not inherit the errors of the measures.

A calibrated share is right over the whole corpus and wrong where the measures err otherwise than elsewhere, so that
gaps between sources, and changes, come out too small or where there are none. Labels of known inclusion probability put
that right in any part of the corpus, whatever the measures do: Ỹ = f̂ + (R/π)(Y - f̂) of a passage, with f̂ its
calibrated share (of models that did not see it, if it was coded), R whether it was coded, π the probability that it was
drawn, and Y its label, has the expectation of Y (design-based supervised learning: Egami et al. 2023). Its price is
variance, and the fewer labels the more: a mean of few labels is a mean of few labels.

Prediction-powered inference weighs the prediction by how much it helps, λf̂ + (R/π)(Y - λf̂) (PPI++: Angelopoulos, Duchi
& Zrnic 2023). With λ = 1 it is the same. Here λ comes from all sources together, for each frame and what it is within.
"""

import polars as pl

from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.prevalence import HALF, within
from frameshift.contracts import DESIGN_BASED
from frameshift.frames.given import parse_given
from frameshift.names import COMBINED
from frameshift.tables import check_table

MOST_SCALED = 2  # labels that stand for less than half of the passages, or twice as many, are no sample of the corpus
_PAIR = ["frame", "given"]
_MEAN = [*_PAIR, "weighting"]
_PARTS = ["coded", "predicted", "coded_about", "predicted_about"]


def correct_outcomes(
    scores: pl.DataFrame,
    labels: pl.DataFrame,
    shares: pl.DataFrame,
    joint: pl.DataFrame,
    passages: pl.DataFrame,
    *,
    given: list[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Totals and weights of articles, corrected by labels: (comparisons/outcomes, comparisons/omitted).

    `scores` is frames/articles; `labels` is frames/labels; `shares` (passage_id, frame, share) and `joint`
    (frames/joint) hold the calibrated shares of coded passages, of models that did not see them; `passages` has
    passage_id and article_id of these. `given` names what frames are compared within. The mean of any articles is
    Σ total / Σ weight; only sums over many articles are sensible, because a single article's total is mostly 0 or huge.

    Over all passages, weighting "article" has the mean of Ỹ over an article's passages and weight 1, "passage" their
    sum and number. Within an issue the total is the sum of Ỹ of "frame and issue" and the weight that of "issue", so
    the mean is a ratio of sums; people's codes are multiplied for it, and 1 minus the code for what is left out. There
    is no equal-article version: an article's own ratio is not linear in its passages, so the few of them that are coded
    cannot correct it. λ, clipped to [0, 1], is that with the least variance of the overall sum (Hájek's 1964 variance
    of a sample of fixed size), for each weighting, and for total and weight apart.

    Labels count with 1/π, scaled so that they stand for as many passages as there are: a sheet of which a part was
    coded is a smaller sheet. Those of probability 1 stand for themselves. Where more than a factor MOST_SCALED would be
    needed the labels are no sample of the corpus, and nothing is corrected. `n_labels` is the number of coded passages
    in the article, within an issue of those coded as about it. Further columns: `counted` (whether the article counts
    as one about the issue) and `expected_weight` (the weight by calibrated shares alone).
    """
    wanted = pl.col("given").is_null() | pl.col("given").is_in(given)
    measured = scores.filter(pl.col("measure") == COMBINED, pl.col("share").is_not_null(), wanted)
    coded = pair_codes(labels, shares, joint.filter(wanted))
    placed = coded.join(passages.select("passage_id", "article_id"), on="passage_id", maintain_order="left")
    scaled, omitted = _scale_weights(placed, measured)
    parts = _weigh_passages(scaled, measured)
    sums = parts.group_by("article_id", *_MEAN, maintain_order=True).agg(
        *((pl.col("w") * pl.col(name)).sum().alias(name) for name in _PARTS), n_labels=pl.col("counts").sum()
    )
    base = _sum_predicted(measured.join(scaled.select(_PAIR).unique(), on=_PAIR, how="semi", nulls_equal=True))
    powers = _tune(parts)
    by_mean = base.partition_by(_MEAN, maintain_order=True)  # in parts, which keeps the joined tables small
    outcomes = pl.concat(_correct(part, sums, powers) for part in [base.clear(), *by_mean])
    return check_table(outcomes, "comparisons/outcomes"), list_omissions("outcomes", omitted)


def pair_codes(labels: pl.DataFrame, shares: pl.DataFrame, joint: pl.DataFrame) -> pl.DataFrame:
    """What people coded beside what the measures say, a row for each coded passage, frame and given.

    The arguments are those of correct_outcomes. `coded` and `predicted` are the code and the share of the frame,
    within an issue of frame and issue; `coded_about` and `predicted_about` those of the issue, 0 for all passages, of
    which the number is known and not predicted; `counts` is whether the passage counts as a label.
    """
    drawn = labels.filter("in_corpus").select("passage_id", "frame", "label", "probability", "cluster")
    pairs = pl.concat([_pair_alone(drawn, shares), _pair_within(drawn, joint)])
    return pairs.sort(*_PAIR, "passage_id")  # joins return rows in any order, and sums differ by it in the last digit


def _pair_alone(drawn: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """The pairs of each frame over all passages."""
    return drawn.join(shares.drop_nulls("share"), on=["passage_id", "frame"]).select(
        "passage_id",
        "probability",
        "cluster",
        "frame",
        given=pl.lit(None, pl.String),
        coded="label",
        predicted="share",
        coded_about=pl.lit(0.0),
        predicted_about=pl.lit(0.0),
        counts=pl.lit(1, pl.Int64),
    )


def _pair_within(drawn: pl.DataFrame, joint: pl.DataFrame) -> pl.DataFrame:
    """The pairs of each frame within each issue; see calibrate.code_target."""
    names = [parse_given(name) for name in joint["given"].unique().sort()]
    givens = pl.DataFrame(names, schema={"given": pl.String, "issue": pl.String, "without": pl.String}, orient="row")
    code = drawn.select("passage_id", entry="frame", code="label")
    known = (
        joint.join(givens, on="given")
        .join(drawn, on=["passage_id", "frame"])
        .join(code.rename({"code": "issue_code"}), left_on=["passage_id", "issue"], right_on=["passage_id", "entry"])
        .join(code, left_on=["passage_id", "without"], right_on=["passage_id", "entry"], how="left")
        .filter(pl.col("without").is_null() | pl.col("code").is_not_null())
        .with_columns(coded_about=pl.col("issue_code") * (1 - pl.col("code").fill_null(0)))
    )
    return known.select(
        "passage_id",
        "probability",
        "cluster",
        *_PAIR,
        coded=pl.col("label") * pl.col("coded_about"),
        predicted="share",
        coded_about="coded_about",
        predicted_about="about",
        counts=(pl.col("coded_about") >= HALF).cast(pl.Int64),
    )


def _scale_weights(coded: pl.DataFrame, measured: pl.DataFrame) -> tuple[pl.DataFrame, list[dict]]:
    """`coded` with the number `w` of passages that each stands for, and what the labels cannot correct."""
    certain = pl.col("probability") >= 1
    stands = coded.group_by(_PAIR, maintain_order=True).agg(
        n=pl.len(), certain=certain.sum(), stands=(1 / pl.col("probability")).filter(~certain).sum()
    )
    facts = (
        measured.group_by(_PAIR, maintain_order=True)
        .agg(n_passages=pl.col("n_passages").sum())
        .join(stands, on=_PAIR, how="left", nulls_equal=True)
        .with_columns(pl.col("n", "certain", "stands").fill_null(0))
        .with_columns(missing=pl.col("n_passages") - pl.col("certain"))
        .with_columns(factor=pl.when(pl.col("missing") == 0).then(1.0).otherwise(pl.col("missing") / pl.col("stands")))
        .sort(_PAIR)
    )
    fits = pl.col("factor").is_between(1 / MOST_SCALED, MOST_SCALED)
    omitted = [
        {
            "frame": row["frame"],
            "reason": f"shares{within(row['given'])} are not corrected: by their probabilities of being drawn the "
            f"{row['n']} coded passages stand for {row['certain'] + row['stands']:.0f} of {row['n_passages']}; "
            "draw passages with `make sheet` and code all of them",
        }
        for row in facts.filter(~fits).iter_rows(named=True)
    ]
    w = pl.when(certain).then(1.0).otherwise(pl.col("factor") / pl.col("probability"))
    factors = facts.filter(fits).select(*_PAIR, "factor")
    return coded.join(factors, on=_PAIR, nulls_equal=True, maintain_order="left").with_columns(w=w), omitted


def _weigh_passages(scaled: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    """The coded passages for each weighting: a passage is one, or its part of its article."""
    length = measured.select("article_id", *_PAIR, "n_passages")
    alone = scaled.filter(pl.col("given").is_null()).join(
        length, on=["article_id", *_PAIR], nulls_equal=True, maintain_order="left"
    )
    return pl.concat(
        [
            scaled.with_columns(weighting=pl.lit("passage")),
            alone.with_columns(pl.col(_PARTS) / pl.col("n_passages"), weighting=pl.lit("article")).drop("n_passages"),
        ]
    )


def _sum_predicted(measured: pl.DataFrame) -> pl.DataFrame:
    """Total and weight of each article by calibrated shares alone, for each weighting."""
    counted = (pl.col("weight") >= HALF).alias("counted")
    rows = measured.select("article_id", *_PAIR, counted, "share", "passages")
    by_passage = rows.with_columns(weighting=pl.lit("passage"), expected_weight="passages")
    by_article = rows.filter(pl.col("given").is_null()).with_columns(
        weighting=pl.lit("article"), expected_weight=pl.lit(1.0)
    )
    return pl.concat([by_article, by_passage]).select(
        *("article_id", *_MEAN, "counted", "expected_weight"),
        expected_total=pl.col("share") * pl.col("expected_weight"),
    )


def _correct(base: pl.DataFrame, sums: pl.DataFrame, powers: pl.DataFrame) -> pl.DataFrame:
    """The rows of `base`, of _sum_predicted, once for each estimator with what coded passages (`sums`) say of them."""
    joined = base.join(sums, on=["article_id", *_MEAN], how="left", nulls_equal=True, maintain_order="left")
    joined = joined.with_columns(pl.col(*_PARTS, "n_labels").fill_null(0)).join(
        powers, on=_MEAN, nulls_equal=True, maintain_order="left"
    )
    return joined.select(
        *("article_id", *_MEAN, "estimator", "n_labels", "counted", "expected_weight"),
        total=pl.col("power") * (pl.col("expected_total") - pl.col("predicted")) + pl.col("coded"),
        weight=pl.col("power_about") * (pl.col("expected_weight") - pl.col("predicted_about")) + pl.col("coded_about"),
    )


def _tune(parts: pl.DataFrame) -> pl.DataFrame:
    """λ of total and weight (`power`, `power_about`) for each estimator, by frame, given and weighting."""
    tuned = parts.group_by(_MEAN, maintain_order=True).agg(
        power=_least_variance("coded", "predicted"), power_about=_least_variance("coded_about", "predicted_about")
    )
    return pl.concat(
        [
            tuned.with_columns(estimator=pl.lit(DESIGN_BASED), power=pl.lit(1.0), power_about=pl.lit(1.0)),
            tuned.with_columns(estimator=pl.lit("prediction-powered")),
        ],
        how="diagonal",
    )


def _least_variance(coded: str, predicted: str) -> pl.Expr:
    """λ of least variance: the slope of wY on wf̂, where what was drawn for certain does not count; 1 if any will do."""
    chance = (1 - 1 / pl.col("w")).clip(0)
    x, y = pl.col("w") * pl.col(predicted), pl.col("w") * pl.col(coded)
    x = x - (chance * x).sum() / chance.sum()
    spread = (chance * x * x).sum()
    return pl.when(spread.is_finite() & (spread > 0)).then((chance * x * y).sum() / spread).otherwise(1.0).clip(0, 1)
