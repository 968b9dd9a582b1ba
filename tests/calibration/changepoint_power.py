"""How often a step is dated within a quarter, and found significant, by its size and the articles of a source-week.

Run as a script, it prints the table of `power_table`.
"""

import numpy as np
import polars as pl
from scipy.signal import lfilter
from scipy.special import expit, logit

from frameshift.comparisons.breaks import Break, find_breaks

N_WEEKS, BASE, SENTENCES = 260, 0.2, 7
WEEK_SD, SOURCE_SD, ARTICLE_SD = 0.35, 0.25, 1.0  # of the demo's plan, in logits
WEEK_PHI, SOURCE_PHI = 0.5, 0.3
NEAR = 13  # weeks


def draw_effects(rng: np.random.Generator, sd: float, phi: float) -> np.ndarray:
    """(weeks,) a stationary AR(1) series of standard deviation `sd`."""
    noise = rng.normal(size=N_WEEKS)
    noise[1:] *= np.sqrt(1 - phi**2)
    return sd * lfilter([1], [1, -phi], noise)


def draw_series(
    rng: np.random.Generator, *, articles: float, signal: np.ndarray, phi: float = WEEK_PHI
) -> tuple[np.ndarray, np.ndarray]:
    """Totals and weights (weeks,) of one source whose expected share of a frame is BASE + `signal` (weeks,).

    Every article weighs one and has SENTENCES sentences; weeks, the source's weeks and articles vary in logits.
    """
    counts = rng.negative_binomial(5, 5 / (5 + articles), size=N_WEEKS)
    week = np.repeat(np.arange(N_WEEKS), counts)
    spread = np.sqrt(WEEK_SD**2 + SOURCE_SD**2 + ARTICLE_SD**2)
    # the logit at which a mean over normal effects has the wished share, by the usual factor for the logistic
    level = logit(BASE + signal) * np.sqrt(1 + (16 * np.sqrt(3) / (15 * np.pi)) ** 2 * spread**2)
    level = level + draw_effects(rng, WEEK_SD, phi) + draw_effects(rng, SOURCE_SD, 0.6 * phi)
    shown = rng.binomial(SENTENCES, expit(level[week] + ARTICLE_SD * rng.normal(size=len(week)))) / SENTENCES
    return np.bincount(week, shown, minlength=N_WEEKS), counts.astype(float)


def search(rng: np.random.Generator, *, draws: int = 199, **options) -> Break:
    """The main break of one drawn series."""
    totals, weights = draw_series(rng, **options)
    return find_breaks(totals, weights, weights, draws=draws, seed=1)[0][0]


def power_table(
    *, steps: list[float], articles: list[float], replications: int, seed: int, draws: int = 199
) -> pl.DataFrame:
    """By step (a share) and articles a source-week: shares dated `near` (within 13 weeks), significant, and both;
    whose interval of the date holds it, of the significant; and whose interval of the shift holds the step."""
    rows = []
    for step in steps:
        for number in articles:
            rng = np.random.default_rng([seed, round(1000 * step), round(10 * number)])
            weeks = rng.integers(52, N_WEEKS - 52, size=replications)
            found = [
                search(rng, articles=number, signal=step * (np.arange(N_WEEKS) >= week), draws=draws) for week in weeks
            ]
            near = np.array([abs(each.week - week) <= NEAR for each, week in zip(found, weeks, strict=True)])
            significant = np.array([each.p <= 0.05 for each in found])
            dated = [
                each.week_low <= week <= each.week_high
                for each, week in zip(found, weeks, strict=True)
                if each.week_low is not None
            ]
            rows.append(
                {
                    "points": 100 * step,
                    "articles": number,
                    "near": near.mean(),
                    "significant": significant.mean(),
                    "both": (near & significant).mean(),
                    "date covered": float(np.mean(dated)) if dated else None,
                    "shift covered": np.mean([each.low <= step <= each.high for each in found]),
                    "step": np.mean([each.shape == "step" for each in found]),
                    "shift, if significant": float(np.mean([e.shift for e in found if e.p <= 0.05] or [np.nan])),
                }
            )
    return pl.DataFrame(rows)


if __name__ == "__main__":
    with pl.Config(tbl_rows=-1, tbl_cols=-1, float_precision=2, tbl_width_chars=160):
        print(power_table(steps=[0.05, 0.08, 0.13, 0.2], articles=[2, 4, 8, 16], replications=200, seed=20261126))
