"""The process that produces the demo's news: everything about the plan that is fixed before a week is drawn.

Six voices write: the five outlets, each with its own articles, and an agency whose stories several outlets print. The
agency's mix and framing are those of D before D's change, so that copies carry no outlet's planted effect into another.
All rates here are *expected* ones: weeks, outlet-weeks and articles are integrated out.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from frameshift.demo.knobs import AGENCY, FRAMES, OUTLET_EFFECTS, OUTLETS, TOPICS, Knobs

VOICES = (*OUTLETS, "agency")
IN_MIGRATION = np.array([group == "migration" for group, *_ in TOPICS.values()])
_TOPIC_EFFECTS = np.array([effects for _, *effects in TOPICS.values()]).T  # (frames, topics)
_VOICE_EFFECTS = np.array([OUTLET_EFFECTS[voice] for voice in VOICES]).T  # (frames, voices)
_A, _B, _C, _D, _E = range(len(OUTLETS))
_GRID = np.linspace(-14.0, 14.0, 1401)  # of the linear predictor, for the mean over the latent terms


@dataclass(frozen=True)
class Process:
    """Arrays are indexed by voice v, week t, topic k, frame f, outlet o and m (0: not about migration, 1: about it)."""

    volume: np.ndarray  # (t,) expected number of articles a week, all outlets
    own: np.ndarray  # (o,) share of all articles that are an outlet's own
    copied: np.ndarray  # (o,) share of all articles that are an outlet's copies of agency stories
    inclusion: dict[int, np.ndarray]  # number of outlets of a wire story -> (o,) probability of standing in each
    lengths: np.ndarray  # (v, n) probability of n body sentences
    mix_logits: np.ndarray  # (v, t, k) topic preferences without the weekly noise
    mix: np.ndarray  # (v, t, k) expected shares of the topics
    issue: np.ndarray  # (k,) probability that an article of the topic is about migration
    base: np.ndarray  # (f, v, k, m) linear predictor before any planted effect
    planted: np.ndarray  # (f, v, t, m) planted effects, logits
    rates: np.ndarray  # (f, v, t, k, m) expected rate of the frame


@lru_cache(maxsize=16)
def _build_process(knobs: Knobs) -> Process:
    inclusion = {n: include_outlets(np.array(knobs.shares), n) for n in (2, 3, 4)}
    own, copied = split_shares(knobs, inclusion)
    volume = weekly_volume(knobs)
    lengths = length_probabilities(knobs)
    issue = np.where(IN_MIGRATION, knobs.issue_in_topic, knobs.issue_elsewhere)
    sentences = lengths @ np.arange(lengths.shape[1]) + 1  # per article, with the headline
    weights = np.append(own, copied.sum()) * sentences  # (v,) of all sentences
    mix_logits, mix = settle_mix(knobs, own, copied, weights, volume)
    planted = plant_effects(knobs)

    about = issue * knobs.issue_sentence + (1 - issue) * knobs.issue_stray
    cells = weights[:, None, None] * volume[None, :, None] * mix  # (v, t, k)
    cells = np.stack([cells * (1 - about), cells * about], axis=-1)  # (v, t, k, m)
    mean_rate = mean_logistic(knobs)
    base = np.empty((len(FRAMES), len(VOICES), len(TOPICS), 2))
    for f, name in enumerate(FRAMES):
        within = getattr(knobs, f"{name}_given_migration")
        outside = (getattr(knobs, name) - knobs.migration * within) / (1 - knobs.migration)
        spread = _VOICE_EFFECTS[f][:, None] + _TOPIC_EFFECTS[f][None, :]  # (v, k)
        for m, target in ((0, outside), (1, within)):
            predictor = spread[:, None, :] + planted[f, :, :, m][:, :, None]  # (v, t, k)
            base[f, :, :, m] = spread + solve_level(predictor, cells[..., m], target, mean_rate)
    rates = np.interp(base[:, :, None] + planted[:, :, :, None], _GRID, mean_rate)
    return Process(volume, own, copied, inclusion, lengths, mix_logits, mix, issue, base, planted, rates)


def build_process(knobs: Knobs) -> Process:
    """The process of `knobs`; the same for every `seed`, and kept, so that replications cost nothing."""
    return _build_process(replace(knobs, seed=0))


def include_outlets(shares: np.ndarray, n: int) -> np.ndarray:
    """(o,) probabilities, proportional to `shares` where they fit below 1, that add up to `n`."""
    certain = np.zeros(len(shares), bool)
    while True:
        rest = np.where(certain, 0.0, shares)
        probability = np.where(certain, 1.0, (n - certain.sum()) * rest / rest.sum())
        if (probability <= 1 + 1e-12).all():
            return np.minimum(probability, 1.0)
        certain |= probability > 1


def split_shares(knobs: Knobs, inclusion: dict[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Each outlet's own articles and its wire copies, as shares of all articles; together they are `knobs.shares`."""
    shares = np.array(knobs.shares) / sum(knobs.shares)
    copies = sum(p * inclusion[n] for p, n in zip(knobs.wire_outlets, (2, 3, 4), strict=True))  # (o,) a wire story
    stories = 1 / ((1 - knobs.wire) + knobs.updates + knobs.wire * copies.sum())  # per article
    copied = stories * knobs.wire * copies
    own = shares - copied
    if (own < 0).any():
        raise ValueError(f"demo: wire = {knobs.wire} gives an outlet more copies than articles; lower it")
    return own, copied


def weekly_volume(knobs: Knobs) -> np.ndarray:
    """(t,) expected articles a week: an annual wave and the shock weeks, scaled to `knobs.articles` in all."""
    week = np.arange(knobs.weeks)
    volume = 1 + knobs.wave * np.sin(2 * np.pi * week * 7 / 365.25)
    for event in (knobs.attack_week, knobs.law_week):
        volume[(week >= event) & (week < event + knobs.shock_weeks)] *= 1 + knobs.shock
    return volume * knobs.articles / volume.sum()


def length_probabilities(knobs: Knobs) -> np.ndarray:
    """(v, n) probability of n body sentences: a rounded lognormal, clipped; B writes short and D long."""
    from scipy.stats import norm

    medians = np.full(len(VOICES), knobs.length_median)
    medians[_B], medians[_D] = knobs.length_median_b, knobs.length_median_d
    edges = np.arange(knobs.length_least, knobs.length_most) + 0.5
    below = norm.cdf((np.log(edges) - np.log(medians[:, None])) / knobs.length_sd)
    inside = np.diff(below, prepend=0.0, append=1.0)
    return np.pad(inside, ((0, 0), (knobs.length_least, 0)))


def settle_mix(
    knobs: Knobs, own: np.ndarray, copied: np.ndarray, weights: np.ndarray, volume: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(v, t, k) topic preferences and expected shares that give D, E and the agency their share of migration topics,
    and the corpus its rate of sentences about migration."""
    rng = np.random.default_rng(knobs.outlets_seed)
    taste = rng.normal(0, knobs.mix_outlet_sd, (4, len(TOPICS)))
    taste = taste[[_A, _B, _C, _D, _D, _D]]  # E and the agency have D's
    noise = np.random.default_rng(0).normal(0, knobs.mix_week_sd, (256, len(TOPICS)))
    noise = np.concatenate([noise, -noise])  # antithetic: the mean over weeks

    weight = np.exp(taste[:, None] + noise)  # (v, draw, k)
    odds = np.log(weight[..., IN_MIGRATION].sum(-1)) - np.log(weight[..., ~IN_MIGRATION].sum(-1))  # (v, draw)

    def share(lift: float, voices: list[int]) -> np.ndarray:
        return (1 / (1 + np.exp(-lift - odds[voices]))).mean(1)

    neutral = bisect(lambda lift: share(lift, [_E])[0], knobs.mix_before)
    lift = np.full((len(VOICES), knobs.weeks), neutral)

    # D's own articles have to rise further than D, because its wire copies stay as they are.
    rise = np.clip((np.arange(knobs.weeks) - knobs.mix_week + 1) / max(knobs.mix_rise, 1), 0, 1)
    goal = knobs.mix_before + knobs.effect * (knobs.mix_after - knobs.mix_before) * rise * (own + copied)[_D] / own[_D]
    levels, where = np.unique(goal, return_inverse=True)
    lift[_D] = np.array([bisect(lambda x: share(x, [_D])[0], level) for level in levels])[where]

    # The share of migration topics in A, B and C follows from the rate over all.
    about = [
        q * knobs.issue_sentence + (1 - q) * knobs.issue_stray for q in (knobs.issue_in_topic, knobs.issue_elsewhere)
    ]
    needed = (knobs.migration - about[1]) / (about[0] - about[1]) * weights.sum()
    fixed = weights[_D] * np.average(goal, weights=volume) + weights[[_E, AGENCY]].sum() * knobs.mix_before
    abc = [_A, _B, _C]
    lift[abc] = bisect(
        lambda x: weights[abc] @ share(x, abc) / weights[abc].sum(), (needed - fixed) / weights[abc].sum()
    )

    logits = taste[:, None, :] + lift[:, :, None] * IN_MIGRATION
    mix = np.empty_like(logits)
    for v in range(len(VOICES)):
        _, first, where = np.unique(lift[v], return_index=True, return_inverse=True)
        noisy = np.exp(logits[v, first][:, None] + noise)  # (level, draw, k)
        mix[v] = (noisy / noisy.sum(-1, keepdims=True)).mean(1)[where]
    return logits, mix


def plant_effects(knobs: Knobs) -> np.ndarray:
    """(f, v, t, m) planted effects in logits: the attack everywhere, the law in A and B, the trend in C."""
    planted = np.zeros((len(FRAMES), len(VOICES), knobs.weeks, 2))
    week = np.arange(knobs.weeks)
    threat, security = FRAMES.index("threat"), FRAMES.index("security")
    since = np.maximum(week - knobs.attack_week, 0)
    pulse = np.where(week >= knobs.attack_week, knobs.attack_threat * 0.5 ** (since / knobs.attack_half_life), 0.0)
    planted[threat] += pulse[None, :, None]
    planted[security, [_A, _B], :, 1] += knobs.law_security * (week >= knobs.law_week)
    planted[threat, _C, :, 1] += knobs.trend_threat * week / knobs.trend_weeks
    return knobs.effect * planted


def mean_logistic(knobs: Knobs) -> np.ndarray:
    """The mean of logistic(x + latent terms) at each x of the grid, by Gauss–Hermite quadrature over normal terms."""
    spread = np.sqrt(knobs.week_sd**2 + knobs.outlet_week_sd**2 + knobs.article_sd**2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    return (1 / (1 + np.exp(-_GRID[:, None] - spread * nodes))) @ weights / weights.sum()


def solve_level(predictor: np.ndarray, weights: np.ndarray, target: float, mean_rate: np.ndarray) -> float:
    """The level that, added to `predictor`, makes the weighted mean rate equal `target`."""
    total = weights.sum()
    return bisect(lambda level: (np.interp(predictor + level, _GRID, mean_rate) * weights).sum() / total, target)


def bisect(rise, target: float, low: float = -12.0, high: float = 12.0) -> float:
    """Where the increasing function `rise` reaches `target`, to 1e-9."""
    if not rise(low) < target < rise(high):
        raise ValueError(f"demo: a rate of {target:.3f} cannot be reached with these knobs")
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if rise(middle) < target else (low, middle)
    return (low + high) / 2
