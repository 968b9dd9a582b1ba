"""Draw the demo's latent truth: which article of which outlet says what, before any of it is written.

No text is made here, so that simulations can draw thousands of corpora. `frameshift.demo.process` holds what is
expected of them.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from frameshift.demo.knobs import AGENCY, DIALECTS, FRAMES, OUTLETS, SOURCES, START, TOPICS, Knobs
from frameshift.demo.process import VOICES, Process, build_process

CASES = ("plain", "quoted", "danger to migrants", "denied", "other sense", "decoy")
PLAIN, QUOTED, DANGER, DENIED, OTHER_SENSE, DECOY = range(len(CASES))


@dataclass(frozen=True)
class Plan:
    """One draw of the corpus.

    articles: original_id, story, outlet, source, week, date, topic, about_migration, wire_story (null when printed by
    one outlet only), update_of (original_id or null), edits (share of words to edit), n_sentences (without headline).
    sentences: original_id, position (0 is the headline), topic, migration, threat, security, victim (flags), their
    probabilities p_* given everything drawn for the week and the article, case (one of CASES), indirect, voice.
    events: name, week, date.
    Copies of a story repeat its sentences; the column `story` says which articles share them.
    """

    knobs: Knobs
    process: Process
    articles: pl.DataFrame
    sentences: pl.DataFrame
    events: pl.DataFrame


def draw_plan(knobs: Knobs) -> Plan:
    """Draw articles and sentences; the same knobs give the same plan."""
    process = build_process(knobs)
    rng = np.random.default_rng(knobs.seed)
    stories = _draw_stories(rng, knobs, process)
    articles = _print_stories(rng, knobs, process, stories)
    effects = _draw_latent(rng, knobs)
    sentences = _draw_sentences(rng, knobs, process, stories, effects)

    ids = np.array([f"d{n:05d}" for n in range(1, len(articles["story"]) + 1)])
    story, update = articles["story"], articles["update"]
    wire = stories["voice"][story] == AGENCY
    n_sentences = stories["length"][story] + knobs.update_sentences * update
    topics, sources = np.array(list(TOPICS)), np.array([SOURCES[o] for o in OUTLETS])
    first = {s: i for s, i, u in zip(story, ids, update, strict=True) if not u}
    article_table = pl.DataFrame(
        {
            "original_id": ids,
            "story": story,
            "outlet": np.array(OUTLETS)[articles["outlet"]],
            "source": sources[articles["outlet"]],
            "week": articles["day"] // 7,
            "date": np.datetime64(START) + articles["day"],
            "topic": topics[stories["topic"][story]],
            "about_migration": stories["issue"][story],
            "wire_story": [f"w{s:05d}" if wired else None for s, wired in zip(story, wire, strict=True)],
            "update_of": [first[s] if u else None for s, u in zip(story, update, strict=True)],
            "edits": articles["edits"],
            "n_sentences": n_sentences,
        },
        schema_overrides={"wire_story": pl.String, "update_of": pl.String, "date": pl.Date},
    )

    # Sentences lie story by story; an article takes the first of its story's, and an update all of them.
    row = np.repeat(np.arange(len(ids)), n_sentences + 1)
    position = np.arange(len(row)) - np.repeat(np.cumsum(n_sentences + 1) - (n_sentences + 1), n_sentences + 1)
    at = sentences["start"][story[row]] + position
    flags, chances = sentences["flags"][at], sentences["chances"][at]
    sentence_table = pl.DataFrame(
        {
            "original_id": ids[row],
            "position": position,
            "topic": topics[stories["topic"][story[row]]],
            "migration": sentences["migration"][at],
            **{name: flags[:, f] for f, name in enumerate(FRAMES)},
            "p_migration": sentences["p_migration"][at],
            **{f"p_{name}": chances[:, f] for f, name in enumerate(FRAMES)},
            "case": np.array(CASES)[sentences["case"][at]],
            "indirect": sentences["indirect"][at],
            "voice": np.array(["own", "quoted", "denied"])[sentences["voice"][at]],
        }
    )
    events = [("Attack", knobs.attack_week), ("Law", knobs.law_week)]
    event_table = pl.DataFrame(
        [(name, week, START + timedelta(weeks=week)) for name, week in events],
        schema={"name": pl.String, "week": pl.Int64, "date": pl.Date},
        orient="row",
    )
    return Plan(knobs, process, article_table, sentence_table, event_table)


def draw_ar1(rng: np.random.Generator, shape: tuple[int, ...], phi: float, sd: float, df: float | None) -> np.ndarray:
    """Stationary first-order autoregressions along the first axis, with standard deviation `sd`."""
    innovation = rng.normal(size=shape) if df is None else rng.standard_t(df, size=shape) * np.sqrt((df - 2) / df)
    series = np.empty(shape)
    series[0] = innovation[0]
    for t in range(1, shape[0]):
        series[t] = phi * series[t - 1] + np.sqrt(1 - phi**2) * innovation[t]
    return sd * series


def _share_factor(terms: np.ndarray, correlation: float) -> np.ndarray:
    """From independent terms (..., 4) those of threat, security and victim (..., 3): the first two correlated."""
    common, own = np.sqrt(correlation) * terms[..., :1], np.sqrt(1 - correlation) * terms[..., 1:3]
    return np.concatenate([common + own, terms[..., 3:]], axis=-1)


def _draw_latent(rng: np.random.Generator, knobs: Knobs) -> np.ndarray:
    """(t, v, f) effects of week and outlet-week."""
    week = draw_ar1(rng, (knobs.weeks, 1, 4), knobs.week_phi, knobs.week_sd, knobs.shock_df)
    outlet = draw_ar1(rng, (knobs.weeks, len(VOICES), 4), knobs.outlet_week_phi, knobs.outlet_week_sd, None)
    return _share_factor(week, knobs.shared_factor) + _share_factor(outlet, knobs.shared_factor)


def _draw_stories(rng: np.random.Generator, knobs: Knobs, process: Process) -> dict[str, np.ndarray]:
    """One entry a story: voice, week, day, topic, issue, length (body sentences), updated."""
    busy = rng.gamma(knobs.count_size, 1 / knobs.count_size, knobs.weeks)  # makes the weekly counts negative binomial
    per_story = 1 + knobs.updates / (1 - knobs.wire)
    wire = process.copied.sum() / sum(p * n for p, n in zip(knobs.wire_outlets, (2, 3, 4), strict=True))
    expected = np.append(process.own / per_story, wire)[:, None] * process.volume * busy  # (v, t)
    counts = rng.poisson(expected)
    voice, week = (index.repeat(counts.ravel()) for index in np.indices(counts.shape).reshape(2, -1))

    noise = draw_ar1(rng, (knobs.weeks, len(TOPICS)), knobs.mix_week_phi, knobs.mix_week_sd, None)
    weight = np.exp(process.mix_logits + noise)
    below = np.cumsum(weight, axis=-1) / weight.sum(-1, keepdims=True)
    size = len(voice)
    topic = (below[voice, week, :-1] < rng.random(size)[:, None]).sum(1)
    longer = np.cumsum(process.lengths, axis=1)
    return {
        "voice": voice,
        "day": 7 * week + rng.integers(0, 7, size),
        "week": week,
        "topic": topic,
        "issue": rng.random(size) < process.issue[topic],
        "length": (longer[voice, :-1] < rng.random(size)[:, None]).sum(1),
        "updated": (voice != AGENCY) & (rng.random(size) < per_story - 1),
    }


def _print_stories(rng: np.random.Generator, knobs: Knobs, process: Process, stories: dict) -> dict[str, np.ndarray]:
    """One entry an article, ordered by day and outlet: story, outlet, day, update, edits."""
    own = np.flatnonzero(stories["voice"] != AGENCY)
    updated = np.flatnonzero(stories["updated"])
    story, outlet = [own, updated], [stories["voice"][own], stories["voice"][updated]]
    delay, edits = [np.zeros(len(own), int), np.ones(len(updated), int)], [np.zeros(len(own)), np.zeros(len(updated))]

    wire = np.flatnonzero(stories["voice"] == AGENCY)
    copies = rng.choice([2, 3, 4], size=len(wire), p=np.array(knobs.wire_outlets) / sum(knobs.wire_outlets))
    chance = np.array([process.inclusion[n] for n in (2, 3, 4)])[copies - 2]
    # Systematic sampling in a random order keeps each outlet's inclusion probability (Madow 1949).
    order = rng.permuted(np.broadcast_to(np.arange(len(OUTLETS)), chance.shape), axis=1)
    reached = np.floor(np.cumsum(np.take_along_axis(chance, order, 1), axis=1) + rng.random((len(wire), 1)) + 1e-9)
    which, place = np.nonzero(np.diff(reached, axis=1, prepend=0) > 0)
    rank = np.concatenate([[0], np.cumsum(which[1:] == which[:-1])]) if len(which) else which
    printed_first = np.concatenate([[True], which[1:] != which[:-1]]) if len(which) else which.astype(bool)
    rank = rank - np.maximum.accumulate(np.where(printed_first, rank, 0))
    story.append(wire[which])
    outlet.append(order[which, place])
    delay.append(np.where(rank == 0, 0, rng.integers(0, knobs.wire_days + 1, len(which))))
    edits.append(np.where(rank == 0, 0.0, rng.uniform(0, knobs.wire_edits, len(which))))

    story, outlet, delay, edits = (np.concatenate(part) for part in (story, outlet, delay, edits))
    update = np.zeros(len(story), bool)
    update[len(own) : len(own) + len(updated)] = True
    day = np.minimum(stories["day"][story] + delay, 7 * knobs.weeks - 1)
    order = np.lexsort((story, update, outlet, day))
    table = {"story": story, "outlet": outlet, "day": day, "update": update, "edits": edits}
    return {name: column[order] for name, column in table.items()}


def _draw_sentences(
    rng: np.random.Generator, knobs: Knobs, process: Process, stories: dict, effects: np.ndarray
) -> dict[str, np.ndarray]:
    """The sentences of every story, one after the other; `start` is where a story's begin."""
    count = 1 + stories["length"] + knobs.update_sentences * stories["updated"]
    start = np.cumsum(count) - count
    story = np.repeat(np.arange(len(count)), count)
    voice, week, topic = (stories[name][story] for name in ("voice", "week", "topic"))

    p_migration = np.where(stories["issue"][story], knobs.issue_sentence, knobs.issue_stray)
    migration = rng.random(len(story)) < p_migration
    m = migration.astype(int)
    article = knobs.article_sd * _share_factor(rng.normal(size=(len(count), 4)), knobs.shared_factor)
    logit = process.base[:, voice, topic, m].T + process.planted[:, voice, week, m].T
    chances = 1 / (1 + np.exp(-(logit + effects[week, voice] + article[story])))  # (sentence, f)
    flags = rng.random(chances.shape) < chances
    case = _draw_cases(rng, knobs, voice, migration, flags)
    tilt = np.array([DIALECTS[name][0] for name in VOICES])
    return {
        "start": start,
        "migration": migration,
        "p_migration": p_migration,
        "flags": flags,
        "chances": chances,
        "case": case,
        "indirect": rng.random(len(story)) < np.clip(knobs.indirect + tilt, 0, 1)[voice],
        "voice": np.select([case == QUOTED, case == DENIED], [1, 2], 0),
    }


def _draw_cases(
    rng: np.random.Generator, knobs: Knobs, voice: np.ndarray, migration: np.ndarray, flags: np.ndarray
) -> np.ndarray:
    """Which sentences are hard, and how: an index into CASES. A sentence is hard in one way only."""
    threat, security, victim = flags.T
    bare = ~flags.any(1)
    tilt = np.array([DIALECTS[name][1] for name in VOICES])[voice]
    u = rng.random(len(migration))
    # Other senses of the words come without migration only; there, they are more frequent to make up for it.
    other = np.where(migration, 0.0, knobs.hard_other_sense * bare.sum() / max((bare & ~migration).sum(), 1))
    case = np.select(
        [u < knobs.hard_denied, u < knobs.hard_denied + other, u < np.maximum(knobs.decoys + tilt, 0)],
        [DENIED, OTHER_SENSE, DECOY],
        PLAIN,
    )
    harmed = victim & migration & ~threat & ~security
    quotable = (threat ^ security) & ~victim
    danger = knobs.hard_danger * migration.sum() / max(harmed.sum(), 1)
    quoted = knobs.hard_quoted * len(u) / max(quotable.sum(), 1)
    framed = np.select([harmed & (u < danger), quotable & (u < quoted)], [DANGER, QUOTED], PLAIN)
    return np.where(bare, case, framed)
