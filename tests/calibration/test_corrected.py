"""Do labels put right what a measure gets wrong, and do the intervals of corrected shares cover the expected rate?"""

import polars as pl
import pytest
from labelled import World, estimate
from planned import covered_range

from frameshift.contracts import ESTIMATORS
from frameshift.tables import ALL_SOURCES

REPLICATIONS = 200


def summarise(found: pl.DataFrame, world: World) -> pl.DataFrame:
    """Bias, its standard error, coverage and mean width of each kind of cell; `honest` is the width over that of ±1.96
    standard deviations of the estimate."""
    truth = pl.when(pl.col("given").is_null()).then(world.truth[None]).otherwise(world.truth["issue"])
    return (
        found.with_columns(truth=truth)
        .group_by("given", "weighting", "estimator", "source")
        .agg(
            bias=(pl.col("estimate") - pl.col("truth")).mean(),
            error=pl.col("estimate").std() / pl.len().sqrt(),
            coverage=pl.col("truth").is_between("low", "high").mean(),
            width=(pl.col("high") - pl.col("low")).mean(),
            honest=(pl.col("high") - pl.col("low")).mean() / (2 * 1.96 * pl.col("estimate").std()),
            labels=pl.col("n_labels").mean(),
        )
        .sort("given", "weighting", "estimator", "source")
    )


def sum_naive(scores: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Mean calibrated share over passages of each frame (all replications together) and source."""
    named = scores.filter(pl.col("given").is_null()).join(articles, on="article_id")
    return (
        named.group_by("source")
        .agg(share=(pl.col("share") * pl.col("passages")).sum() / pl.col("passages").sum())
        .sort("source")
    )


@pytest.mark.parametrize("autocorrelation", [0.0, 0.5])
def test_intervals_of_corrected_shares_cover_where_the_measure_errs_by_source(autocorrelation):
    world = World(1, autocorrelation=autocorrelation, replications=REPLICATIONS)
    tables = world.tables()
    naive = sum_naive(tables[0], world.articles)["share"]
    assert naive[1] - naive[0] > 0.05  # what is no gap
    cells = summarise(estimate(world, tables), world)
    assert len(cells) == 2 * 3 * 3
    assert (cells["bias"].abs() < 3.5 * cells["error"]).all(), cells
    assert cells["coverage"].is_between(*covered_range(REPLICATIONS)).all(), cells
    # Coverage is not bought with width; a tenth is, as the sheet's strata are not known and weeks hardly matter here.
    assert cells["honest"].is_between(0.8, 1.35).all(), cells
    design, powered = (cells.filter(estimator=name)["width"].mean() for name in ESTIMATORS)
    assert powered <= 1.002 * design


def test_labels_without_their_inclusion_probabilities_are_wrong_even_over_all_sources():
    world = World(2, autocorrelation=0.0, replications=60)
    cells = summarise(estimate(world, world.tables(weighted=False)), world).filter(source=ALL_SOURCES)
    assert (cells["bias"].abs() > 3.5 * cells["error"]).all(), cells
    assert (cells.filter(given="issue")["bias"] > 0.02).all(), cells


def test_a_sheet_of_which_a_random_part_was_coded_corrects_as_a_smaller_sheet():
    world = World(3, autocorrelation=0.0, replications=60)
    cells = summarise(estimate(world, world.tables(coded=0.6)), world)
    assert (cells["bias"].abs() < 3.5 * cells["error"]).all(), cells
    assert cells.filter(pl.col("given").is_null(), source=ALL_SOURCES)["labels"].is_between(200, 280).all()
