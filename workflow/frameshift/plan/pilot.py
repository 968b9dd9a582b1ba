"""What a pilot coding tells for a plan: how common a frame is, and how well the measure follows people."""

from typing import NamedTuple

import numpy as np
import polars as pl

from frameshift.comparisons.intervals import LEVEL, MIN_LABELS
from frameshift.frames.given import parse_given

ASSUMED_SHARES = (0.05, 0.10, 0.20)
ASSUMED_RHO = (0.4, 0.6)  # on the demo .42 to .75 by frame and source, .2 to .6 within passages about migration
ASSUMED_DESIGN = 1.5


class Basis(NamedTuple):
    """Shares and the lowest and highest correlation to plan with, and from how many codes they are (0: assumed)."""

    shares: tuple[float, ...]
    low: float
    high: float
    n_codes: int


def take_basis(labelled: pl.DataFrame | None, *, frame: str, given: str | None, measure: str) -> Basis:
    """Share and correlation of `frame`, over all coded passages or those that people coded as `given`.

    `labelled` is frames/labelled, or None; only passages of the corpus count. Share and correlation are weighted by
    inverse inclusion probability. The correlation is that with the calibrated share where there is one, else with the
    score; its 95% interval is Fisher's (1921), with Kish's effective number of codes. Assumptions stand in where fewer
    than MIN_LABELS passages were coded, or where all were coded alike or score alike. A negative correlation is as good
    as none.
    """
    assumed = Basis(ASSUMED_SHARES, *ASSUMED_RHO, 0)
    if labelled is None:
        return assumed
    coded = labelled.filter(pl.col("in_corpus"), pl.col("measure") == measure, pl.col("frame") == frame)
    if given is not None:
        _, issue, without = parse_given(given)
        coded = coded.join(_showing(labelled, issue), on="passage_id", how="semi").join(
            _showing(labelled, without), on="passage_id", how="anti"
        )
    if len(coded) < MIN_LABELS:
        return assumed
    label, weight = coded["label"].to_numpy(), 1 / coded["probability"].to_numpy()
    score = coded["score" if coded["share"].null_count() else "share"].to_numpy()
    if np.ptp(label) == 0 or np.ptp(score) == 0:
        return assumed
    covariance = np.cov(score, label, aweights=weight)
    rho = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    low, high = _fisher_limits(rho, weight.sum() ** 2 / (weight**2).sum())
    return Basis((float(np.average(label, weights=weight)),), max(low, 0.0), max(high, 0.0), len(coded))


def design_effect(drawn: pl.DataFrame) -> float | None:
    """Kish's design effect of a sample, 1 + cv²(1/π) within a source; the median over sources.

    `drawn` has passage_id, source and probability. None where no source has two passages.
    """
    weight = 1 / pl.col("probability")
    effects = (
        drawn.unique("passage_id")
        .group_by("source")
        .agg(n=pl.len(), effect=pl.len() * (weight**2).sum() / weight.sum() ** 2)
        .filter(pl.col("n") > 1)
    )
    return effects["effect"].median()


def _showing(labelled: pl.DataFrame, frame: str | None) -> pl.DataFrame:
    return labelled.filter(pl.col("frame") == pl.lit(frame, pl.String), pl.col("label") >= 0.5).select("passage_id")


def _fisher_limits(rho: float, n: float) -> tuple[float, float]:
    from scipy.stats import norm

    reach = norm.ppf((1 + LEVEL) / 2) / np.sqrt(max(n - 3, 1))
    z = np.arctanh(np.clip(rho, -0.999, 0.999))
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))
