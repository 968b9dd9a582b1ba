"""Gaps in what an archive holds of a source: weeks without articles, where there should be some.

What was not archived looks like what was not written, and a source that comes or goes moves the mean of all sources.
"""

from datetime import timedelta

import numpy as np
import polars as pl

from frameshift.comparisons.periods import monday_of, week_of

CHANCE = 0.01  # a gap is longer than the longest that a source of its rate has by chance, but for one in a hundred
SHORTEST = 4  # weeks; the summer break of a weekly is no gap


def find_gaps(articles: pl.DataFrame) -> pl.DataFrame:
    """Gaps between the first and the last article of each source: source, first (a Monday), last (a Sunday), weeks.

    `articles` has source and date (of known days). A run of k empty weeks is one where n·exp(-λk) < CHANCE, with λ the
    source's articles a week over its span of n weeks: so rarely would articles that come independently leave such a
    run. Articles come in bursts, so runs just beyond that may be chance still.
    """
    rows = []
    weeks = articles.select("source", week=week_of(pl.col("date")))
    for (source,), part in weeks.group_by("source", maintain_order=True):
        found, counts = np.unique(part["week"].to_numpy(), return_counts=True)
        span = int(found[-1] - found[0]) + 1
        empty = np.diff(found) - 1
        long = (empty >= SHORTEST) & (span * np.exp(-counts.sum() / span * empty) < CHANCE)
        rows += [
            {
                "source": source,
                "first": monday_of(before + 1),
                "last": monday_of(before + n + 1) - timedelta(days=1),
                "weeks": int(n),
            }
            for before, n in zip(found[:-1][long], empty[long], strict=True)
        ]
    schema = {"source": pl.String, "first": pl.Date, "last": pl.Date, "weeks": pl.Int64}
    return pl.DataFrame(rows, schema=schema).sort("source", "first")


def list_gaps(usable: pl.DataFrame) -> list[dict]:
    """Omissions (source, period and reason) of the gaps in `usable` (cells.usable_articles)."""
    return [
        {
            "source": gap["source"],
            "period": f"{gap['first']} to {gap['last']}",
            "reason": f"no article for {gap['weeks']} weeks: what is a gap in the archive can look like a shift",
        }
        for gap in find_gaps(usable.filter(pl.col("week").is_not_null())).iter_rows(named=True)
    ]
