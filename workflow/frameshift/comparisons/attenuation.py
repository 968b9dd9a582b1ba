"""How much of a true change shows in calibrated shares, and changes corrected by it.

A measure that errs makes changes too small: where people see a frame its share is m₁ on average, elsewhere m₀, and when
the frame becomes more frequent by Δ, the mean share rises by (m₁ - m₀) Δ only, if it errs alike before and after. So a
change divided by m₁ - m₀, the attenuation, has the size that people would see (for shares of people: Rogan & Gladen
1978; for probabilities: Bella et al. 2010). One number from all coded passages is enough, so that changes can be
corrected in sources and periods of which few passages were coded, where the design-based correction (corrected.py)
cannot. It needs what that does not: equal errors on both sides. Within a source that is plausible, and tested by era in
frames/validation; between sources it is not, because their words differ, and gaps are not corrected so.
"""

import numpy as np
import polars as pl

from frameshift.comparisons.intervals import MIN_LABELS
from frameshift.contracts import ADJUSTED
from frameshift.tables import check_table, empty_table

MIN_KIND = 10  # coded passages with the frame, and without it
NORMAL = 1.96


def estimate_attenuation(pairs: pl.DataFrame) -> pl.DataFrame:
    """m₁ - m₀ of each frame and given with its 95% interval: the table comparisons/attenuation.

    `pairs` is what people coded beside the calibrated shares of models that did not see it (corrected.pair_codes).
    Weighted by inclusion probabilities; within an issue over the passages coded as about it, by the share among what is
    about it. The variance is linearised over the articles' clusters. Frames with fewer than MIN_LABELS passages, or
    MIN_KIND with or without the frame, have no row.
    """
    about = pl.col("coded_about")
    is_within = pl.col("given").is_not_null()
    coded = pairs.filter(~is_within | (about > 0)).select(
        *("frame", "given", "cluster"),
        weight=pl.when(is_within).then(about).otherwise(1) / pl.col("probability"),
        code=pl.col("coded") / pl.when(is_within).then(about).otherwise(1),
        share=pl.col("predicted") / pl.when(is_within).then("predicted_about").otherwise(1),
    )
    rows = []
    for (frame, given), part in coded.group_by("frame", "given", maintain_order=True):
        weight, code, share = (part[column].to_numpy() for column in ("weight", "code", "share"))
        kinds = (code >= 0.5).sum(), (code < 0.5).sum()
        if len(part) < MIN_LABELS or min(kinds) < MIN_KIND:
            continue
        seen, unseen = weight * code, weight * (1 - code)
        with_frame, without = (w @ share / w.sum() for w in (seen, unseen))
        influence = seen * (share - with_frame) / seen.sum() - unseen * (share - without) / unseen.sum()
        cluster = np.unique(part["cluster"].to_numpy(), return_inverse=True)[1]
        sums = np.bincount(cluster, influence)
        reach = NORMAL * np.sqrt(len(sums) / (len(sums) - 1) * (sums @ sums))
        estimate = float(with_frame - without)
        named = {"frame": frame, "given": given, "n_labels": len(part), "estimate": estimate}
        rows.append(named | {"low": estimate - reach, "high": estimate + reach})
    table = pl.DataFrame(rows, schema=empty_table("comparisons/attenuation").schema)
    return check_table(table.sort("frame", "given"), "comparisons/attenuation")


def adjust_changes(contrasts: pl.DataFrame, attenuation: pl.DataFrame) -> pl.DataFrame:
    """The uncorrected changes of `contrasts` (rows of comparisons/contrasts) in shares, divided by the attenuation.

    The interval is Fieller's (1954), which holds the uncertainty of both and excludes 0 just where that of the change
    does; p and q are those of the change, because whether there is one is the same question. Gaps have no row, nor have
    frames whose attenuation may be 0. What stands beside the estimate is divided alike.
    """
    known = attenuation.filter(pl.col("low") > 0).select(
        "frame", "given", slope="estimate", slack=pl.col("estimate") - pl.col("low")
    )
    changes = contrasts.filter(pl.col("scale") == "share", pl.col("estimator").is_null(), pl.col("kind") != "gap").join(
        known, on=["frame", "given"], nulls_equal=True, maintain_order="left"
    )
    change, slope, slack = pl.col("estimate"), pl.col("slope"), pl.col("slack")
    reach = (pl.col("high") - pl.col("low")) / 2
    sharp = slope**2 - slack**2
    root = ((change * slope) ** 2 - (change**2 - reach**2) * sharp).sqrt()
    return changes.with_columns(
        estimate=change / slope,
        low=(change * slope - root) / sharp,
        high=(change * slope + root) / sharp,
        **{name: pl.col(name) / slope for name in ("total", "models_low", "models_high", "estimate_throughout")},
        attenuation=slope,
        scale=pl.lit("corrected share"),
        estimator=pl.lit(ADJUSTED),
    ).drop("slope", "slack")
