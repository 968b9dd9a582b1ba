"""How many labels a corrected share needs, so that a gap between two sources is detected.

The corrected share of a source is the mean over its articles of Ỹ = f + (R/π)(Y − f) (Egami et al. 2023), which at its
best weight of f is PPI++ (Angelopoulos, Duchi & Zrnic 2023). A passage's label Y has variance v = p(1 − p); a measure
that correlates ρ with it leaves v(1 − ρ²) to be learnt from people. The variance of the corrected share is

    v / M  +  v (1 − ρ²) (u d / n  −  u / N)

- v / M is the variance of the share if people coded every passage: passages of one article and one week resemble each
  other, so that N passages are worth M independent ones. M = s²/se² is taken from the scores: s² is the variance of a
  passage's score, se the standard error of the source's mean, clustered by week. It assumes that labels cluster as
  scores do. Noise in a measure hides clustering: on the demo planted labels are worth about two thirds of that M, in
  the median of sources and frames. So this part may be too small, and what no coding can detect is stated mildly.
- n labels drawn with probabilities π leave the second part. d = 1 + cv²(1/π) within a source (Kish 1965), which holds
  where the probabilities have nothing to do with how far measure and people differ. A sheet that draws more of the high
  scores draws more where they do, and needs fewer labels (simulated at p = .10: power .95, where probabilities that
  differ by era have .88). Articles weigh alike, so a passage of a short one weighs more than one of a long one:
  u = mean(m)·mean(1/m), with m passages an article.

A gap between two sources alike, of shares p and p + g, has the sum of both variances, and is detected with 80% power
where g is (t.975 + t.80) standard errors (detectable.py). Solved for n, that is the number of labels in each source.
Weeks that both share would make the gap more precise, which is not counted on.
"""

import numpy as np
import polars as pl

from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.plan.detectable import power_quantiles

GAPS = (0.02, 0.05, 0.10)
_SIZES = ["frame", "given", "source"]


def effective_sizes(differences: pl.DataFrame, passages: pl.DataFrame) -> pl.DataFrame:
    """For each frame, given and source with a standard error: what its passages are worth.

    `differences` is the result of detectable_differences; `passages` has frame, given, source, article_id and score, a
    row for each passage. Returns frame, given, source, df, n_passages (N), effective (M) and uneven (u): see above.
    Articles weigh alike in the variance s² too.
    """
    articles = passages.group_by(*_SIZES, "article_id").agg(
        m=pl.len(), mean=pl.col("score").mean(), square=(pl.col("score") ** 2).mean()
    )
    sources = articles.group_by(_SIZES).agg(
        n_passages=pl.col("m").sum().cast(pl.Int64),
        uneven=pl.col("m").mean() * (1 / pl.col("m")).mean(),
        variance=pl.col("square").mean() - pl.col("mean").mean() ** 2,
    )
    return (
        differences.filter(pl.col("kind") == "span", pl.col("se").is_not_null())
        .join(sources, on=_SIZES, nulls_equal=True, maintain_order="left")
        .with_columns(
            effective=pl.min_horizontal(pl.col("variance") / pl.col("se") ** 2, pl.col("n_passages") / pl.col("uneven"))
        )
        .select(*_SIZES, "n_articles", "n_weeks", "df", "n_passages", "effective", "uneven")
    )


def plan_labels(sizes: pl.DataFrame, assumed: pl.DataFrame, *, design: float) -> pl.DataFrame:
    """Labels in each of two sources alike that a gap between them needs, and what no number of labels can detect.

    `sizes` is that of effective_sizes; `assumed` has frame, given, share (p, of the lower of both sources) and rho, in
    as many rows as are to be told; `design` is d. A share above one half stands for its complement, of the same
    variance. Returns a row for each of both and each of GAPS: gap, labels, and `floor`, the smallest gap that is
    detected if every passage is coded. `labels` is null where the gap is below the
    floor, or needs more labels than the source has passages; it is never below MIN_LABELS.
    """
    rows = sizes.join(assumed, on=["frame", "given"], nulls_equal=True, maintain_order="left_right").join(
        pl.DataFrame({"gap": GAPS}), how="cross", maintain_order="left_right"
    )
    p, gap, rho, effective, uneven, size = (
        rows[name].cast(pl.Float64).to_numpy() for name in ("share", "gap", "rho", "effective", "uneven", "n_passages")
    )
    reach = power_quantiles(rows["df"].to_numpy())
    p = np.minimum(p, 1 - p)
    both = p * (1 - p) + (p + gap) * (1 - p - gap)
    learnt = both * (1 - rho**2) * uneven
    left = (gap / reach) ** 2 - both / effective + learnt / size
    labels = np.ceil(design * learnt / np.where(left > 0, left, np.nan)).clip(min=MIN_LABELS)
    return rows.with_columns(
        labels=pl.Series(np.where(labels <= size, labels, np.nan)).fill_nan(None).cast(pl.Int64),
        floor=_find_floor(p, effective, reach),
    )


def _find_floor(p: np.ndarray, effective: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """The gap g that is `reach` standard errors with every passage coded: g² = k (2p(1 − p) + g(1 − 2p) − g²)."""
    k = reach**2 / effective
    slope, constant = k * (1 - 2 * p), 2 * k * p * (1 - p)
    return (slope + np.sqrt(slope**2 + 4 * (1 + k) * constant)) / (2 * (1 + k))
