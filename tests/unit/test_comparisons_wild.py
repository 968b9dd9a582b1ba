"""The wild bootstrap from block sums is that of the textbook, which resamples rows and fits every sample anew."""

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm

from frameshift.comparisons import wild

ALL = 5000  # more draws than twelve blocks have patterns of signs


def make_rows(n_blocks, *, seed=1, effect=0.0, terms=2):
    """Rows of a regression: y, design, weights and block; the second half of the blocks is treated."""
    rng = np.random.default_rng(seed)
    block = np.arange(n_blocks).repeat(rng.integers(3, 7, n_blocks))
    treated = (block >= n_blocks // 2).astype(float)
    design = np.column_stack([np.ones(len(block)), treated, rng.normal(size=len(block))])[:, :terms]
    y = rng.normal(size=n_blocks)[block] + rng.normal(size=len(block)) + effect * treated
    return y, design, rng.uniform(0.5, 2, len(block)), block


def sum_blocks(y, design, weight, block):
    """Moments and grams of each block."""
    outer = design[:, :, None] * design[:, None, :] * weight[:, None, None]
    n_blocks = block.max() + 1
    grams = np.array([outer[block == g].sum(axis=0) for g in range(n_blocks)])
    moments = np.array([(design * (weight * y)[:, None])[block == g].sum(axis=0) for g in range(n_blocks)])
    return moments, grams


def fit(y, design, weight, block):
    """The second coefficient and its cluster-robust standard error."""
    root = np.sqrt(weight)[:, None]
    beta = np.linalg.lstsq(root * design, root[:, 0] * y, rcond=None)[0]
    scores = design * (weight * (y - design @ beta))[:, None]
    inverse = np.linalg.inv((design * weight[:, None]).T @ design)
    summed = np.array([scores[block == g].sum(axis=0) for g in range(block.max() + 1)])
    return beta[1], np.sqrt((inverse @ summed.T @ summed @ inverse)[1, 1])


def resample_rows(y, design, weight, block, *, null=0.0, points=(-1, 1)):
    """p of the second coefficient, as in Cameron, Gelbach & Miller (2008), over all patterns of the block weights."""
    rest, root = np.delete(design, 1, axis=1), np.sqrt(weight)[:, None]
    shifted = y - null * design[:, 1]
    fitted = rest @ np.linalg.lstsq(root * rest, root[:, 0] * shifted, rcond=None)[0] + null * design[:, 1]
    estimate, error = fit(y, design, weight, block)
    observed = abs(estimate - null) / error
    found = []
    for pattern in product(points, repeat=int(block.max()) + 1):
        again, its_error = fit(fitted + np.array(pattern)[block] * (y - fitted), design, weight, block)
        found.append(abs(again - null) / its_error)
    return np.mean(np.array(found) >= observed * (1 - 1e-9))


@pytest.mark.parametrize(("effect", "terms"), [(0.4, 2), (1.2, 3)])
def test_p_is_that_of_resampled_rows(effect, terms):
    rows = make_rows(12, effect=effect, terms=terms)
    tested = wild.test_linear(*sum_blocks(*rows), np.eye(terms)[1], draws=ALL, seed=1)
    assert 0 < tested.p < 1
    assert tested.p == pytest.approx(resample_rows(*rows))


def test_the_interval_holds_what_is_not_rejected():
    rows = make_rows(12, effect=1.0)
    tested = wild.test_linear(*sum_blocks(*rows), np.array([0.0, 1.0]), draws=ALL, seed=1)
    width = tested.high - tested.low
    for limit, outward in ((tested.low, -1), (tested.high, 1)):
        assert resample_rows(*rows, null=limit + 1e-3 * outward * width) <= 0.05
        assert resample_rows(*rows, null=limit - 1e-3 * outward * width) > 0.05


def test_the_standard_error_is_the_cluster_robust_one_of_statsmodels():
    y, design, weight, block = make_rows(14, terms=3)
    tested = wild.test_linear(*sum_blocks(y, design, weight, block), np.array([0.0, 1.0, 0.0]), draws=99, seed=1)
    cluster = {"groups": block, "use_correction": False}
    peer = sm.WLS(y, design, weights=weight).fit(cov_type="cluster", cov_kwds=cluster)
    assert (tested.estimate, tested.error) == (pytest.approx(peer.params[1]), pytest.approx(peer.bse[1]))


def test_two_means_are_a_regression_on_their_sides():
    y, design, weight, block = make_rows(12, effect=0.5)
    block = np.where(np.arange(len(block)) % 9 == 0, 11 - block, block)  # some blocks stand on both sides
    sides = np.stack([1 - design[:, 1], design[:, 1]])
    totals, weights = (
        np.array([np.bincount(block, side * weight * values, minlength=12) for side in sides])
        for values in (y, np.ones_like(y))
    )
    means = wild.test_means(totals, weights, draws=ALL, seed=1)
    peer = wild.test_linear(*sum_blocks(y, design, weight, block), np.array([0.0, 1.0]), draws=ALL, seed=1)
    assert means == pytest.approx(peer)


def test_below_twelve_blocks_the_weights_are_the_six_of_webb():
    rows = make_rows(6, effect=1.0)
    patterns = 6**6
    tested = wild.test_linear(*sum_blocks(*rows), np.array([0.0, 1.0]), draws=patterns, seed=1)
    again = wild.test_linear(*sum_blocks(*rows), np.array([0.0, 1.0]), draws=patterns, seed=2)
    assert tested == again  # every pattern once: no chance in it
    assert tested.p * patterns == pytest.approx(round(tested.p * patterns))
    drawn = wild.test_linear(*sum_blocks(*rows), np.array([0.0, 1.0]), draws=9999, seed=1)
    assert drawn.p == pytest.approx(tested.p, abs=0.02)
    signs = resample_rows(*rows)
    assert tested.p != pytest.approx(signs, abs=1e-3)


def test_a_seed_gives_the_same_p_and_another_hardly_another():
    sums = sum_blocks(*make_rows(20, effect=0.8))
    first, again, other = (wild.test_linear(*sums, np.array([0.0, 1.0]), draws=9999, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.p != other.p
    assert first.p == pytest.approx(other.p, abs=0.02)


def test_five_blocks_and_scores_that_do_not_vary_have_no_test():
    assert wild.test_linear(*sum_blocks(*make_rows(5)), np.array([0.0, 1.0]), draws=99, seed=1) is None
    y, *rest = make_rows(12)
    assert wild.test_linear(*sum_blocks(np.ones_like(y), *rest), np.array([0.0, 1.0]), draws=99, seed=1) is None
