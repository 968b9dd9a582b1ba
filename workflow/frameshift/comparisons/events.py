"""Did an event move the framing? Interrupted series within each source, and how sources respond differently.

An event that all sources share shows within each of them ("interrupted": the series after it against its own
counterfactual); comparing sources would take it out. Where sources are thought to respond differently, what a source
did is held against what its reference did in the same weeks ("differential"), so that whatever both share drops out.
Both are judged by placebo dates (see placebo.py).

Simulated with the demo's plan (150 replications, true flags): how often its attack, of a half-life of 6 weeks and 7.5
points of threat over 13, and its law, of 11 points of security within migration, pass at 5%. Long windows find a
lasting change better: that is the contrast of the kind "change".

    articles  attack: all sources  single sources  law: in A, in B  against the sources it does not concern
       2,500                  .61      .31 to .44         .25, .15                                 .16, .18
      10,400                  .80      .35 to .75         .46, .40                                 .45, .46
"""

from datetime import date, timedelta

import polars as pl

from frameshift.comparisons.multiplicity import add_q
from frameshift.comparisons.omissions import list_omissions
from frameshift.comparisons.periods import WEEK_ZERO, monday_of
from frameshift.comparisons.placebo import FADE, WINDOW, judge
from frameshift.comparisons.responses import Members, describe_response, prepare_panel
from frameshift.comparisons.series import Panel
from frameshift.errors import UserError
from frameshift.tables import ALL_SOURCES, check_table, empty_table

_COLUMNS = {
    **empty_table("comparisons/events").schema,
    "reference": pl.String,
    **dict.fromkeys(["n_articles", "n_clusters", "n_placebo"], pl.Int64),
    **dict.fromkeys(["df", "error"], pl.Float64),
}


def study_events(
    panels: list[Panel], events: list[dict], findings: list[dict], *, scale: str, reference: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How far framing moved with each event: (comparisons/events, comparisons/omitted).

    Each of `events` has name, date (ISO) and may have `sources`, those that it concerns; else it concerns all. The
    estimate is a mean over some weeks minus a counterfactual, on the scale of the outcome: the row without a lag is
    that of the WINDOW (13) weeks from the event's own week on, and has p; a row with a lag is that of the 4 weeks that
    begin so many weeks from the event's, and shows the course; those before the event should not differ from 0.
    The counterfactual is the mean of the 26 weeks before, moved along the source's own line and annual wave. Weeks
    within 26 weeks from an earlier event, of whatever sources, are not in it; events that near are among the omissions.

    In the design "interrupted" stand the sources of an event, or, where it concerns all, every source and ALL_SOURCES;
    and the sources of `findings`, whose rows bear their names. In the design "differential" each source of an event
    is held against `reference` or, where that is None, against all sources together that the event does not concern
    (where it concerns all, against all others): the estimate is by how much more it moved.

    Intervals and p are by placebo dates. q controls the false discovery rate among the tested rows of each design
    (Benjamini & Hochberg 1995). `n_articles` and `n_clusters` are the source's articles and weeks with articles in
    the weeks that the estimate is of. With fewer than 20 articles or 6 weeks before or after (in the source or its
    reference) there is no test. Only findings of the kind "event" are looked at; raises UserError for one about an
    event that is not among `events`, and for two about the same.
    """
    declared = _index_findings(findings, {event["name"] for event in events})
    inside, omitted = _split_events(events, panels)
    omitted += _list_unknown(events, panels)
    omitted += [row for event in inside for row in _list_near(event, inside)]
    omitted += _list_lost(declared, panels, {event["name"] for event in inside})
    rows = []
    for panel in panels:
        found, lacking = _study_panel(panel, inside, declared, reference)
        rows += found
        omitted += lacking
    table = pl.DataFrame(rows, schema=_COLUMNS).with_columns(scale=pl.lit(scale))
    return check_table(_add_tests(table), "comparisons/events"), list_omissions("events", omitted)


def _index_findings(findings: list[dict], known: set[str]) -> dict[tuple, str]:
    """The names of the findings of kind "event" by frame, given, source and event."""
    names: dict[tuple, str] = {}
    for finding in findings:
        if finding["kind"] != "event":
            continue
        if finding["event"] not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise UserError(
                f"findings, {finding['name']}: {finding['event']!r} is no event; the events are {listed}. "
                "Correct the name, or add the event to the file that `events` names"
            )
        key = finding["frame"], finding.get("given"), finding["source"], finding["event"]
        if key in names:
            raise UserError(f"findings, {finding['name']}: the same is asked by {names[key]!r}; leave one of them out")
        names[key] = finding["name"]
    return names


def _study_panel(
    panel: Panel, events: list[dict], declared: dict[tuple, str], reference: str | None
) -> tuple[list[dict], list[dict]]:
    """Rows of all events in one panel, and omissions."""
    study = prepare_panel(panel, [_week(event) - panel.first_week for event in events])
    rows, omitted = [], []
    if reference is not None and reference not in panel.sources and events:
        reason = f"differential: the reference {reference} has no article with such a score"
        omitted.append({"frame": panel.frame, "reason": reason})
    for event in events:
        concerned = event.get("sources") or [*panel.compared, ALL_SOURCES]
        for source in [*panel.compared, ALL_SOURCES]:
            finding = declared.get((panel.frame, panel.given, source, event["name"]))
            if source not in concerned and not finding:
                continue
            week = _week(event) - panel.first_week
            members = frozenset(panel.sources if source == ALL_SOURCES else [source])
            named = {"frame": panel.frame, "given": panel.given, "source": source, "event": event["name"]}
            found, fault = describe_response(study, week, members, None)
            named |= {"design": "interrupted"}
            rows += [{**named, **row, "finding": finding if row["lag"] is None else None} for row in found]
            against = _choose_reference(panel, event, source, reference) if source in concerned else None
            beside = None
            if against:
                found, beside = describe_response(study, week, members, against[1])
                named |= {"design": "differential", "reference": against[0]}
                rows += [{**named, **row} for row in found]
            if fault or beside:
                within = f" within {panel.given}" if panel.given else ""
                asked = f"finding {finding}" if finding and fault else f"event {event['name']}{within}"
                reason = f"{asked}: {fault}" if fault else f"{asked}, against {against[0]}: {beside}"
                omitted.append({"frame": panel.frame, "source": source, "reason": reason})
    return rows, omitted


def _choose_reference(panel: Panel, event: dict, source: str, reference: str | None) -> tuple[str, Members] | None:
    """Name and members of what the source's response is held against; None where there is nothing."""
    if source in (ALL_SOURCES, reference):
        return None
    if reference is not None:
        return (reference, frozenset([reference])) if reference in panel.sources else None
    others = frozenset(panel.sources) - {source}
    unconcerned = others - frozenset(event.get("sources") or others)
    if unconcerned:
        return "sources that the event does not concern", unconcerned
    return ("all other sources", others) if others else None


def _split_events(events: list[dict], panels: list[Panel]) -> tuple[list[dict], list[dict]]:
    """The events within the weeks of any panel, and omissions of the others."""
    if not panels:
        return [], []
    first = min(panel.first_week for panel in panels)
    end = max(panel.first_week + panel.counts.shape[1] for panel in panels)
    inside = [event for event in events if first < _week(event) < end]
    reason = f"lies outside the weeks of the articles, {monday_of(first)} to {monday_of(end) - timedelta(days=1)}"
    omitted = [
        {"period": str(event["date"]), "reason": f"event {event['name']} {reason}"}
        for event in events
        if event not in inside
    ]
    return inside, omitted


def _list_unknown(events: list[dict], panels: list[Panel]) -> list[dict]:
    """Omissions: sources that an event concerns and no article has, perhaps because they are spelled otherwise."""
    known = {source for panel in panels for source in panel.sources}
    reason = "concerns this source, of which there is no article of known day"
    return [
        {"source": source, "period": str(event["date"]), "reason": f"event {event['name']} {reason}"}
        for event in events
        for source in event.get("sources") or []
        if panels and source not in known
    ]


def _list_near(event: dict, events: list[dict]) -> list[dict]:
    """Omissions: events so near before or after this one that what is estimated may be due to either."""
    near = [
        other["name"]
        for other in events
        if other is not event
        and -FADE < _week(other) - _week(event) < WINDOW
        and (not other.get("sources") or not event.get("sources") or set(other["sources"]) & set(event["sources"]))
    ]
    reason = f"event {event['name']}: near {', '.join(near)}; what is estimated may be due to either"
    return [{"period": str(event["date"]), "reason": reason}] if near else []


def _list_lost(declared: dict[tuple, str], panels: list[Panel], inside: set[str]) -> list[dict]:
    """Omissions of findings that no row can bear: nothing was measured, the source is small, the event is outside.

    A source that no panel has is that of a group or of another panel, or was refused when the configuration was read.
    """
    by_frame = {(panel.frame, panel.given): panel for panel in panels}
    known = {ALL_SOURCES}.union(*(panel.sources for panel in panels))
    omitted = []
    for (frame, given, source, event), name in declared.items():
        panel = by_frame.get((frame, given))
        if panels and source not in known:
            continue
        if panel is None:
            reason = "no article of known day has such a score"
        elif event not in inside:
            reason = f"the event {event} lies outside the weeks of the articles"
        elif source not in (*panel.compared, ALL_SOURCES):
            reason = "this source has fewer articles than min_articles, or none with such a score"
        else:
            continue
        omitted.append({"frame": frame, "source": source, "reason": f"finding {name}: {reason}"})
    return omitted


def _add_tests(table: pl.DataFrame) -> pl.DataFrame:
    """From estimate, error and df: low and high, p of the rows without a lag, and q within each design."""
    bounded = table.filter(pl.col("error").is_not_null())
    limits = judge(*(bounded[column].to_numpy() for column in ("estimate", "error", "df")))
    bounded = bounded.with_columns(**dict(zip(("p", "low", "high"), map(pl.Series, limits), strict=True)))
    tested = pl.when(pl.col("lag").is_null()).then("p")
    rows = pl.concat([bounded.with_columns(p=tested), table.filter(pl.col("error").is_null())])
    return add_q(rows, within=["design"]).drop("error").sort("frame", "given", "source", "event", "design", "lag")


def _week(event: dict) -> int:
    """The number of the event's week (periods.week_of)."""
    return (date.fromisoformat(str(event["date"])) - WEEK_ZERO).days // 7
