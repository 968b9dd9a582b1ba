"""Are breaks found where they are, and only there?"""

import numpy as np
import pytest
from changepoint_power import N_WEEKS, NEAR, search
from planned import allowed_rejections, draw_panels
from scipy.stats import binom

from frameshift.comparisons.breaks import find_breaks
from frameshift.demo.knobs import ISSUE, Knobs

REPLICATIONS = 200


def test_a_plan_without_effects_has_no_breaks():
    """Weeks have an autocorrelation of .5; frames are drawn nearly apart, so each counts as a replication."""
    tested = []
    for seed in range(REPLICATIONS // 4):
        panels = draw_panels(Knobs(seed=seed, effect=0))
        for key in [("threat", None), ("victim", None), ("security", None), ("security", ISSUE)]:
            found, _ = find_breaks(*panels[key].take("Albion Courier"), draws=199, seed=seed)
            tested.append(found[0].p <= 0.05)
    assert np.mean(tested) <= allowed_rejections(REPLICATIONS)


@pytest.mark.parametrize("phi", [0, 0.5, 0.8])
def test_weeks_that_resemble_their_neighbours_are_no_break(phi):
    rng = np.random.default_rng(20250401)
    found = [search(rng, articles=4, signal=np.zeros(N_WEEKS), phi=phi) for _ in range(REPLICATIONS)]
    assert np.mean([each.p <= 0.05 for each in found]) <= allowed_rejections(REPLICATIONS)
    assert np.mean([each.low > 0 or each.high < 0 for each in found]) <= allowed_rejections(REPLICATIONS)


@pytest.fixture(scope="module")
def steps():
    """Breaks found where 13 points come in week 157, at eight articles a week."""
    rng = np.random.default_rng(20250402)
    signal = 0.13 * (np.arange(N_WEEKS) >= 157)
    return [search(rng, articles=8, signal=signal) for _ in range(REPLICATIONS)]


def test_a_step_of_thirteen_points_is_dated_within_a_quarter(steps):
    near = np.sum([abs(each.week - 157) <= NEAR for each in steps])
    assert near >= binom.ppf(0.001, REPLICATIONS, 0.9)
    assert np.mean([each.p <= 0.05 for each in steps]) > 0.9


def test_intervals_of_date_and_shift_hold_what_is_true(steps):
    dated = [each.week_low <= 157 <= each.week_high for each in steps if each.week_low is not None]
    assert np.sum(dated) >= binom.ppf(0.0005, len(dated), 0.93)
    assert np.sum([each.low <= 0.13 <= each.high for each in steps]) >= binom.ppf(0.0005, REPLICATIONS, 0.95)


def test_a_step_is_a_step_and_a_steep_line_is_a_trend(steps):
    assert np.mean([each.shape == "step" for each in steps]) > 0.85
    rng = np.random.default_rng(20250403)
    line = 0.25 * np.arange(N_WEEKS) / N_WEEKS
    lines = [search(rng, articles=8, signal=line) for _ in range(REPLICATIONS // 2)]
    assert np.mean([each.shape == "trend" for each in lines]) > 0.7
