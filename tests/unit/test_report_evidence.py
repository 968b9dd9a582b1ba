"""Which passages stand behind an estimate: held against a search of every point by itself."""

import polars as pl
import pytest
from evidence_tables import GROUPS, make_run

from frameshift.comparisons.periods import period_of, tells_period
from frameshift.report.evidence import POINT, gather_evidence, iterate_cuts, list_counts, select_points
from frameshift.tables import ALL_SOURCES

ENTRIES = ["threat", "victim", "migration"]
MEMBERS = {f"{dimension}: {name}": sources for dimension, parts in GROUPS.items() for name, sources in parts.items()}


def gather(run, *, highest=3, random=2, groups=GROUPS, threshold=None):
    joint = run["joint"]
    return gather_evidence(
        select_points(run["prevalence"], measure="combined", entries=ENTRIES),
        run["articles"],
        run["passages"].lazy(),
        run["scores"].lazy(),
        None if joint is None else joint.lazy(),
        measure="combined",
        groups=groups,
        threshold=threshold,
        highest=highest,
        random=random,
    )


def search(run, point, *, highest, random):
    """The passages behind one point, by looking at every passage: (highest, random) as lists of passage_id."""
    articles = run["articles"].filter(pl.col("duplicate_of").is_null())
    if articles["date"].null_count() < len(articles):
        articles = articles.filter(pl.col("date").is_not_null())
    if point["source"] != ALL_SOURCES:
        articles = articles.filter(pl.col("source").is_in(MEMBERS.get(point["source"], [point["source"]])))
    articles = articles.filter(
        tells_period(pl.col("date_precision"), point["grain"]),
        period_of(pl.col("date"), point["grain"]) == point["period"],
    )
    scores = run["scores"].filter(pl.col("frame") == point["frame"], pl.col("measure") == "combined")
    scale = "score" if run["joint"] is None else "share"
    value = dict(scores.select("passage_id", scale).iter_rows())
    if point["given"] and run["joint"] is not None:
        pair = run["joint"].filter(
            pl.col("frame") == point["frame"], pl.col("given") == point["given"], pl.col("about") >= 0.5
        )
        value = dict(pair.select("passage_id", "share").iter_rows())
    elif point["given"]:
        hits = {
            frame: set(run["scores"].filter(frame=frame, measure="lexicon").filter(pl.col("score") > 0)["passage_id"])
            for frame in ("migration", "victim")
        }
        about = hits["migration"] - (hits["victim"] if "without" in point["given"] else set())
        value = {id: score for id, score in value.items() if id in about}
    behind = run["passages"].filter(pl.col("article_id").is_in(articles["article_id"].to_list()))
    texts = {id: text for id, text in behind.select("passage_id", "text").iter_rows() if id in value}
    best = take(sorted(texts, key=lambda id: (-value[id], id)), texts, highest, set())
    return best, take(sorted(texts), texts, random, {texts[id] for id in best})


def take(ids, texts, n, seen):
    taken = []
    for id in ids:
        if texts[id] not in seen and len(taken) < n:
            seen.add(texts[id])
            taken.append(id)
    return taken


@pytest.mark.parametrize("options", [{}, {"coded": True}, {"dated": False}], ids=["intensity", "shares", "undated"])
@pytest.mark.parametrize(("highest", "random"), [(3, 2), (1, 0), (0, 2), (20, 20)])
def test_every_point_has_its_highest_scored_passages_and_a_draw_of_the_others(options, highest, random):
    run = make_run(**options)
    evidence = gather(run, highest=highest, random=random)
    found = {
        key: (
            rows.filter(chosen="highest")["passage_id"].to_list(),
            rows.filter(chosen="random")["passage_id"].to_list(),
        )
        for key, rows in evidence.sort("rank").group_by(POINT)
    }
    points = select_points(run["prevalence"], measure="combined", entries=ENTRIES)
    assert len(points) > (40 if options.get("dated", True) else 15)
    assert {source for source in points["source"] if ":" in source} == set(MEMBERS)
    assert set(found) <= set(points.select(POINT).iter_rows())
    for point in points.iter_rows(named=True):
        expected = search(run, point, highest=highest, random=random)
        assert found.get(tuple(point[name] for name in POINT), ([], [])) == expected, point


def test_ranks_count_from_one_within_each_kind():
    evidence = gather(make_run())
    for _, rows in evidence.group_by([*POINT, "chosen"]):
        assert sorted(rows["rank"]) == list(range(1, len(rows) + 1))


def test_a_score_decides_what_is_about_an_issue_where_a_threshold_is_given():
    run = make_run()
    evidence = gather(run, threshold=1.2, highest=99, random=0).filter(given="migration", grain="all")
    of_issue = run["scores"].filter(pl.col("score") >= 1.2, frame="migration", measure="combined")
    assert set(evidence["passage_id"]) <= set(of_issue["passage_id"])
    assert len(evidence)


def test_the_order_of_the_tables_changes_nothing():
    run = make_run()
    shuffled = run | {name: run[name].sample(fraction=1, shuffle=True, seed=3) for name in ("passages", "scores")}
    assert gather(shuffled).equals(gather(run))


def test_more_articles_leave_the_passages_of_other_periods_as_they_were():
    run = make_run()
    first = run["articles"].filter(pl.col("date") < pl.date(2016, 1, 1), pl.col("date_precision") == "day")
    smaller = run | {"articles": first}
    before, after = (
        gather(each, groups={}).filter(grain="quarter").join(gather(smaller), on=POINT, how="semi", nulls_equal=True)
        for each in (smaller, run)
    )
    assert len(before) > 100
    assert after.equals(before)


def test_without_points_or_passages_wanted_there_is_no_evidence():
    run = make_run()
    assert gather(run, highest=0, random=0).is_empty()
    assert gather(run | {"prevalence": run["prevalence"].clear()}).is_empty()


def test_points_are_what_is_drawn():
    prevalence = make_run()["prevalence"]
    other = pl.concat(
        [
            prevalence.with_columns(measure=pl.lit("lexicon")),
            prevalence.with_columns(scale=pl.lit("corrected share")),
            prevalence.with_columns(frame=pl.lit("topic 1")),
            prevalence.with_columns(estimate=pl.lit(None, pl.Float64)),
        ]
    )
    points = select_points(pl.concat([prevalence, other]), measure="combined", entries=ENTRIES)
    assert points.equals(prevalence.filter(weighting="article"))


def test_where_fewer_fit_random_passages_go_first():
    assert list(iterate_cuts(2, 2)) == [(2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    assert list(iterate_cuts(0, 1)) == [(0, 1), (0, 0)]
    assert list_counts(gather(make_run())) == (3, 2)
    assert list_counts(gather(make_run(), highest=0, random=0)) == (0, 0)
