import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

from frameshift.comparisons.multiplicity import add_q

P = [0.001, 0.04, 0.03, None, 0.5, 0.02]
FAMILY = ["a", "a", "a", "a", "b", "b"]


def test_q_is_benjamini_and_hochbergs_within_each_family_as_in_statsmodels():
    table = add_q(pl.DataFrame({"row": range(6), "family": FAMILY, "p": P}), within=["family"]).sort("row")
    expected = [*multipletests(P[:3], method="fdr_bh")[1], None, *multipletests(P[4:], method="fdr_bh")[1]]
    assert table["q"].to_list() == [None if q is None else pytest.approx(q) for q in expected]


def test_a_column_of_q_that_is_there_is_written_anew():
    table = pl.DataFrame({"family": ["a"], "q": pl.Series([None], dtype=pl.Float64), "p": [0.2]})
    assert add_q(table, within=["family"]).columns == ["family", "q", "p"]
    assert add_q(table, within=["family"])["q"].to_list() == [0.2]


@pytest.mark.parametrize("p", [[], [None]])
def test_without_a_test_there_is_no_q(p):
    table = pl.DataFrame({"family": ["a"] * len(p), "p": pl.Series(p, dtype=pl.Float64)})
    assert add_q(table, within=["family"])["q"].null_count() == len(p)
