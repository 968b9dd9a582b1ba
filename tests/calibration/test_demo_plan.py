"""The expected rates of the demo's truth are the means of what its plan realises."""

import numpy as np
import polars as pl

from frameshift.demo.knobs import Knobs
from frameshift.demo.plan import draw_plan
from frameshift.demo.truth import sum_articles, tabulate_cells, weigh_topics

REPLICATIONS = 20


def test_realised_rates_scatter_around_the_expected_ones():
    knobs = Knobs(articles=6000, shares=(0.2,) * 5, effect=1.5)
    cells = []
    for seed in range(REPLICATIONS):
        plan = draw_plan(Knobs(**{**knobs.__dict__, "seed": seed}))
        table = tabulate_cells(plan, sum_articles(plan), weigh_topics(plan.process, plan.knobs))
        cells.append(table.filter(pl.col("grain") != "quarter"))
    realised = np.array([table["realised"].to_numpy() for table in cells])
    expected = cells[0]["expected"].to_numpy()
    error = realised.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS)
    z = (realised.mean(axis=0) - expected) / error
    # 504 correlated cells: a rate that were wrong by a tenth of itself would lie five or more errors away.
    assert np.abs(z).max() < 5
    assert np.mean(np.abs(z) > 2) < 0.12
    assert np.abs(z.mean()) < 0.8
