import polars as pl

from frameshift.comparisons.elsewhere import gather_tests
from frameshift.tables import empty_table

PART = {
    **{"frame": "threat", "given": None, "source": "D", "kind": "change", "from": "2015-01-05/2017-12-31"},
    **{"to": "2018-01-01/2019-12-29", "model": "lda", "form": "two-fold", "scale": "share", "finding": None},
}


def make_table(contract: str, *rows: dict) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=empty_table(f"comparisons/{contract}").schema)


def test_trends_are_taken_as_they_are_and_only_declared_events_and_parts():
    trends = pl.DataFrame({"finding": ["up", None], "contrast": ["end minus start"] * 2, "estimate": [0.1, 0.2]})
    event = {"frame": "threat", "source": "all sources", "event": "Attack", "estimate": 0.05, "scale": "share"}
    events = make_table("events", event | {"finding": "attack"}, event | {"lag": 4, "finding": "attack"}, event)
    parts = make_table(
        "decomposition",
        PART | {"part": "mix", "estimate": 0.03, "finding": "mix_d"},
        PART | {"part": "within", "estimate": 0.01},
        PART | {"part": "total", "estimate": 0.04},
        PART | {"part": "total", "estimate": 0.09, "model": "nmf"},
        PART | {"part": "mix", "estimate": 0.05, "model": "nmf", "seed_low": 0.02, "seed_high": 0.06},
    )
    tests = gather_tests(trends, events, parts)
    assert tests["finding"].to_list() == ["up", None, "attack", "mix_d"]
    assert tests["contrast"].to_list()[2:] == [
        "13 weeks after Attack",
        "2018-01-01 to 2019-12-29 against 2015-01-05 to 2017-12-31",
    ]
    assert tests["total"].to_list() == [None, None, None, 0.04]
    assert tests.select("models_low", "models_high").row(-1) == (0.02, 0.06)


def test_nothing_declared_nothing_gathered():
    trends = pl.DataFrame(schema={"finding": pl.String, "estimate": pl.Float64})
    assert gather_tests(trends, empty_table("comparisons/events"), empty_table("comparisons/decomposition")).is_empty()
