"""Corpora of two sources that say the same, a measure that errs otherwise in one than in the other, and coded passages.

Passages are coded by a stratified sheet, about 200 a source. One set of articles carries all replications, each as a
frame and an issue of its own.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.signal import lfilter
from scipy.special import expit, logit

from frameshift.comparisons.corrected import correct_outcomes
from frameshift.comparisons.corrected_prevalence import estimate_corrected
from frameshift.frames.sheet import draw_rows

SOURCES, A_WEEK = ["Albion", "Brook"], [6, 2]  # and articles a week of each
START, WEEKS, LABELS = date(2015, 1, 5), 104, 400
WEEK_SD, SOURCE_SD, ARTICLE_SD = 0.35, 0.25, 0.8  # of the effects on weeks, source-weeks and articles, in logits
FOUND = {"Albion": (0.75, 0.03), "Brook": (0.95, 0.15)}  # how often the measure sees the frame where it is, and is not


def draw_series(rng, *, shape, sd, autocorrelation):
    """Stationary AR(1) series of standard deviation `sd` along the last axis."""
    noise = rng.normal(size=shape)
    noise[..., 1:] *= np.sqrt(1 - autocorrelation**2)
    return sd * lfilter([1], [1, -autocorrelation], noise)


class World:
    """Articles and passages, and of each replication the flags and what the measure makes of them."""

    def __init__(self, seed: int, *, autocorrelation: float, replications: int, threat=(0.12, 0.25), issue=0.4):
        self.rng = rng = np.random.default_rng([20250310, seed])
        self.replications = replications
        n = rng.poisson(np.array(A_WEEK)[:, None], size=(len(SOURCES), WEEKS)).ravel()
        source, week = (axis.ravel().repeat(n) for axis in np.mgrid[: len(SOURCES), :WEEKS])
        ids = np.array([f"a{i}" for i in range(len(source))])
        self.articles = pl.DataFrame(
            {
                "article_id": ids,
                "source": np.array(SOURCES)[source],
                "date": [START + timedelta(weeks=int(w)) for w in week],
                "wire_cluster": ids,
            }
        ).with_columns(date_precision=pl.lit("day"), duplicate_of=pl.lit(None, pl.String))
        self.length = rng.integers(3, 13, size=len(ids))
        self.article = np.arange(len(ids)).repeat(self.length)
        self.source, self.week = source[self.article], week[self.article]
        self.ids = np.array([f"p{i}" for i in range(len(self.article))])
        effects = {"autocorrelation": autocorrelation, "rng": rng, "source": source, "week": week}
        self.issue, about = self._draw_flags(np.full((1, 1), issue), **effects)
        self.threat, (elsewhere, within) = self._draw_flags(np.where(self.issue, threat[1], threat[0]), **effects)
        self.truth = {None: about * within + (1 - about) * elsewhere, "issue": within}
        both = self.threat & self.issue
        self.share, self.joint, self.about = (self._measure(flags) for flags in (self.threat, both, self.issue))
        self.joint = np.minimum(self.joint, self.about)

    def _draw_flags(self, base, *, autocorrelation, rng, source, week):
        """Flags (replications, passages) of the base rate that each has but for the effects, and the expected rates."""
        shape = (self.replications, len(SOURCES), WEEKS)
        shared = draw_series(rng, shape=(shape[0], 1, WEEKS), sd=WEEK_SD, autocorrelation=autocorrelation)
        own = draw_series(rng, shape=shape, sd=SOURCE_SD, autocorrelation=0.6 * autocorrelation)
        effect = (shared + own)[:, source, week] + rng.normal(scale=ARTICLE_SD, size=(shape[0], len(source)))
        nodes, weights = np.polynomial.hermite_e.hermegauss(61)
        sd = np.sqrt(WEEK_SD**2 + SOURCE_SD**2 + ARTICLE_SD**2)
        rates = (expit(logit(np.unique(base))[:, None] + sd * nodes) @ weights / weights.sum()).tolist()
        chance = expit(logit(base) + effect[:, self.article])
        return rng.random(chance.shape) < chance, rates[0] if len(rates) == 1 else rates

    def _measure(self, flags):
        """Shares that are calibrated over both sources, and in neither: (replications, passages)."""
        hit, false = np.array([FOUND[source] for source in SOURCES])[self.source].T
        seen = self.rng.random(flags.shape) < np.where(flags, hit, false)
        right = (seen & flags).sum(axis=1) / seen.sum(axis=1), (~seen & flags).sum(axis=1) / (~seen).sum(axis=1)
        return np.where(seen, right[0][:, None], right[1][:, None])

    def tables(self, *, weighted=True, coded=1.0) -> list[pl.DataFrame]:
        """frames/articles, frames/labels, shares, frames/joint and passages: replication r is frame t7 within m7."""
        scores, labels, shares, joint = [], [], [], []
        strata = self.source * 6 + 3 * (self.week >= WEEKS // 2)
        for r in range(self.replications):
            score = self.share[r] + self.rng.normal(scale=0.1, size=len(self.ids))
            bins = np.searchsorted(np.quantile(score, [0.5, 0.8]), score)
            rows, probability = draw_rows(strata + bins, LABELS, self.rng)
            if not weighted:
                probability = np.full(len(rows), len(rows) / len(self.ids))
            done = self.rng.random(len(rows)) < coded
            rows, probability = rows[done], probability[done]
            ids, frame, given = self.ids[rows], f"t{r}", f"m{r}"
            scores += [
                self._pool(self.share[r], np.ones(len(self.ids)), frame, None),
                self._pool(self.joint[r], self.about[r], frame, given),
            ]
            drawn = pl.DataFrame({"passage_id": ids, "probability": probability}).with_columns(
                frame=pl.lit(frame), given=pl.lit(given), in_corpus=pl.lit(True), cluster=pl.col("passage_id")
            )
            codes = ((frame, self.threat[r, rows]), (given, self.issue[r, rows]))
            labels += [drawn.with_columns(frame=pl.lit(entry), label=pl.Series(code) * 1.0) for entry, code in codes]
            shares.append(drawn.with_columns(share=pl.Series(self.share[r, rows])))
            joint.append(drawn.with_columns(share=pl.Series(self.joint[r, rows]), about=pl.Series(self.about[r, rows])))
        passages = pl.DataFrame({"passage_id": self.ids, "article_id": self.articles["article_id"][self.article]})
        return [*(pl.concat(parts) for parts in (scores, labels, shares, joint)), passages]

    def _pool(self, share, about, frame, given):
        total, weight = (np.bincount(self.article, values) for values in (share, about))
        none = 1 - np.exp(np.bincount(self.article, np.log1p(-np.minimum(about, 1 - 1e-9))))
        return pl.DataFrame(
            {
                "article_id": self.articles["article_id"],
                "share": total / weight,
                "passages": weight,
                "weight": np.ones(len(none)) if given is None else none,
                "n_passages": self.length,
            }
        ).with_columns(frame=pl.lit(frame), given=pl.lit(given, pl.String), measure=pl.lit("combined"))


def estimate(world: World, tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Corrected shares over the whole span; given is "issue" for all replications, or null."""
    given = tables[3]["given"].unique().to_list()
    outcomes, omitted = correct_outcomes(*tables, given=given)
    assert omitted.is_empty()
    found, _ = estimate_corrected(outcomes, world.articles, grains=[], min_articles=20)
    return found.with_columns(
        pl.when(pl.col("given").is_not_null()).then(pl.lit("issue")).alias("given"),
        pl.col("estimator").str.split(",").list.first(),
    )
