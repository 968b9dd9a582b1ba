"""How prevalent each frame is by shares that labels correct, by source and period.

Simulated (900 replications; two sources of the same truth, .20 over all passages and .28 within an issue, of 6 and 2
articles a week, two years at autocorrelation .5; a measure whose calibrated shares say .18 and .28; 400 passages drawn
by a stratified sheet): bias and coverage of the 95% interval over the whole span, weighting "passage".

                                labels   bias    coverage  width
    larger source                233    +.0006    .937     .086
    smaller source               167    +.0001    .958     .111
    all sources                  400    +.0005    .947     .073
    larger, within the issue     100    +.0010    .977     .150
    smaller, within the issue     70    -.0003    .960     .187
    all, within the issue        170    +.0005    .970     .125

Intervals are about a tenth wider than they need be (a fifth where strata tell more of the frame than shares do),
because labels are taken to be drawn independently of each other, and strata make them vary less. With 60 labels a
source and a truth of .07 they cover .94 to .96.
"""

from itertools import product

import polars as pl

from frameshift.comparisons.cells import CELL, add_all_sources, estimate_cells, sum_periods, usable_articles
from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.prevalence import within
from frameshift.contracts import ESTIMATORS
from frameshift.names import COMBINED
from frameshift.tables import check_table


def estimate_corrected(
    outcomes: pl.DataFrame | pl.LazyFrame, articles: pl.DataFrame, *, grains: list[str], min_articles: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Shares corrected by labels, by source and period: (comparisons/prevalence, comparisons/omitted).

    `outcomes` is comparisons/outcomes (corrected.py; a lazy table is read in parts), `articles` corpus/articles. As
    estimate_prevalence, but on the scale "corrected share", for each estimator of the outcomes, and only where a cell
    has MIN_LABELS labels (within an issue: about it), whose number is in the column `n_labels`; omitted names what has
    fewer. What is left out of every estimate of prevalence is named by estimate_prevalence, and not again here.

    A mean is the ratio Σ total / Σ weight. Its influences are total - mean · weight a week; with few labels those of a
    week, and within an issue even its weight, may be negative. So each cell is linearised: weeks get the weights that
    calibrated shares expect, in proportion, and totals with the same influences. Their variance is clustered by week,
    as everywhere, and holds the chance in what was drawn for coding, because that is drawn passage by passage. What
    weeks have in common is estimated from these totals too, on the scale itself: calibrated shares show less of it than
    there is, as they show less of everything. The interval is symmetric in logits where the one by t lies within 0 and
    1; where it does not, it stands as it is, uncut, and so does an estimate below 0: too few labels stand behind it.
    """
    usable, sources, _ = usable_articles(articles, min_articles=min_articles)
    keys = ["frame", "given", "weighting", "estimator", "source"]
    days = pl.concat(
        outcomes.lazy()
        .filter(pl.col("estimator") == estimator, pl.col("weighting") == weighting)
        .collect()  # here: a lazy sum adds up in another order each time
        .join(usable, on="article_id", maintain_order="left")
        .group_by(*keys, "date", "date_precision", "week", maintain_order=True)
        .agg(pl.col("total", "weight", "expected_weight", "n_labels").sum(), n_articles=pl.col("counted").sum())
        for estimator, weighting in product(ESTIMATORS, ("article", "passage"))
    ).sort(*keys, "date", "date_precision", "week")
    sums = sum_periods(days, keys=keys, grains=grains).pipe(add_all_sources, sources=sources)
    cell = [*CELL, "estimator"]
    cells = sums.group_by(cell, maintain_order=True).agg(pl.col("total", "weight", "expected_weight", "n_labels").sum())
    cells = cells.select(
        *(*cell, "n_labels"),
        mean=pl.col("total") / pl.col("weight"),
        inflation=pl.col("weight") / pl.col("expected_weight"),
    )
    labelled = cells.filter(pl.col("n_labels") >= MIN_LABELS, pl.col("inflation") > 0)
    linear = sums.drop("n_labels").join(labelled, on=cell, nulls_equal=True, maintain_order="left")
    expected = pl.col("inflation") * pl.col("expected_weight")
    linear = linear.with_columns(
        total=pl.col("total") - pl.col("mean") * (pl.col("weight") - expected), weight=expected
    )
    estimated = pl.concat(
        linear.filter(pl.col("estimator") == estimator)
        .pipe(estimate_cells, scale="intensity")
        .with_columns(estimator=pl.lit(estimator))
        for estimator in ESTIMATORS
    )
    prevalence = (
        estimated.join(labelled.select(*cell, "n_labels"), on=cell, nulls_equal=True, maintain_order="left")
        .pipe(_bend_limits)
        .with_columns(scale=pl.lit("corrected share"), measure=pl.lit(COMBINED))
    )
    omitted = list_omissions("prevalence", _scarcely_labelled(cells))
    return check_table(prevalence, "comparisons/prevalence"), omitted


def _bend_limits(cells: pl.DataFrame) -> pl.DataFrame:
    """Limits symmetric in logits, where those by t are within 0 and 1; the estimator says which they are."""
    p = pl.col("estimate")
    odds, reach = p / (1 - p), ((pl.col("high") - p) / (p * (1 - p))).exp()
    bent = (pl.col("low") > 0) & (pl.col("high") < 1)
    low, high = odds / reach, odds * reach
    return cells.with_columns(
        low=pl.when(bent).then(low / (1 + low)).otherwise("low"),
        high=pl.when(bent).then(high / (1 + high)).otherwise("high"),
        estimator=pl.format(
            "{}, weekly clusters, {}", "estimator", pl.when(bent).then(pl.lit("logit t")).otherwise(pl.lit("t"))
        ),
    )


def _scarcely_labelled(cells: pl.DataFrame) -> list[dict]:
    """The frames and sources with cells of too few labels, and how many cells of each grain these are."""
    counted = (
        cells.unique(CELL[:2] + CELL[3:], maintain_order=True)  # whatever the weighting and the estimator
        .group_by("frame", "given", "source", "grain", maintain_order=True)
        .agg(few=(pl.col("n_labels") < MIN_LABELS).sum(), n=pl.len(), n_labels=pl.col("n_labels").sum())
        .filter(pl.col("few") > 0)
        .with_columns(
            said=pl.when(pl.col("grain") == "all")
            .then(pl.format("over the whole span ({})", "n_labels"))
            .otherwise(pl.format("in {} of {} {}s", "few", "n", "grain"))
        )
        .group_by("frame", "given", "source", maintain_order=True)
        .agg(pl.col("said").str.join(", "))
        .sort("frame", "given", "source")
    )
    return [
        {
            "frame": row["frame"],
            "source": row["source"],
            "reason": f"fewer than {MIN_LABELS} labels{within(row['given'])} {row['said']}: not corrected there; the "
            "calibrated share shrinks differences",
        }
        for row in counted.iter_rows(named=True)
    ]
