"""Every number of the demo corpus, as a knob with a default; and the names the plan and the text share."""

from dataclasses import dataclass, fields
from datetime import date

from frameshift.errors import UserError

FRAMES = ("threat", "security", "victim")  # the frames, in the order of every array
ISSUE = "migration"
OUTLETS = ("A", "B", "C", "D", "E")
SOURCES = {
    "A": "Albion Courier",
    "B": "Beacon Post",
    "C": "Capital Gazette",
    "D": "Dispatch Weekly",
    "E": "Evening Echo",
}
AGENCY = len(OUTLETS)  # the voice of wire stories, after the five outlets' own
START = date(2015, 1, 5)  # a Monday; week 156 begins on 2018-01-01, so years 4 and 5 are calendar years

# Each topic's group, then its effect on the logit of threat, security and victim. The levels come from the targets of
# `Knobs`; these effects only spread the frames over the topics, most to the three that resemble security news.
TOPICS: dict[str, tuple[str, float, float, float]] = {
    "asylum": ("migration", 0.3, 0.3, 0.3),
    "crossings": ("migration", 0.5, 0.6, 0.8),
    "terrorism": ("security", 2.0, 1.8, 0.5),
    "defence": ("security", 1.6, 1.5, 1.0),
    "crime": ("security", 1.4, 1.9, 1.0),
    "economy": ("other", 0.2, -0.5, -0.6),
    "health": ("other", 0.2, -0.4, 0.5),
    "sport": ("other", -0.8, -0.6, -0.6),
    "culture": ("other", -0.8, -0.8, -0.8),
    "climate": ("other", 0.0, -0.6, 0.2),
    "technology": ("other", 0.2, 0.3, -0.6),
    "cities": ("other", -0.4, 0.0, 0.0),
}
# Effects of the outlet's own articles on threat, security and victim. A and B are equal; D, E and the agency are equal.
OUTLET_EFFECTS = {
    "A": (0.2, 0.1, 0.0),
    "B": (0.2, 0.1, 0.0),
    "C": (0.1, -0.3, 0.2),
    "D": (-0.2, -0.1, 0.1),
    "E": (-0.2, -0.1, 0.1),
    "agency": (-0.2, -0.1, 0.1),
}
# How far an outlet's dialect moves the probability of indirect wording and of decoys: this, and not its framing, is
# what makes a measure err by outlet.
DIALECTS = {
    "A": (-0.10, 0.03),
    "B": (0.14, -0.06),
    "C": (0.00, 0.00),
    "D": (-0.08, 0.07),
    "E": (0.14, -0.06),
    "agency": (0.02, 0.00),
}


@dataclass(frozen=True)
class Knobs:
    """The numbers of the demo corpus. Rates are shares of sentences and effects are logits, unless said otherwise."""

    seed: int = 1
    outlets_seed: int = (
        7  # draws the outlets' standing topic preferences: the outlets stay, the news changes with `seed`
    )
    effect: float = 1.0  # multiplies every planted effect; 0 is the null

    # Volume
    weeks: int = 260
    articles: int = 2500  # expected, over all weeks and outlets
    shares: tuple[float, ...] = (0.35, 0.25, 0.20, 0.15, 0.05)  # of the articles, A to E
    count_size: float = 5.0  # of the negative binomial of weekly counts; smaller is burstier
    shock: float = 0.6  # how many more articles in shock weeks
    shock_weeks: int = 3  # the week of an event and those after it that count as shock weeks
    wave: float = 0.15  # the amplitude of the annual wave

    # Topics
    mix_outlet_sd: float = 0.4
    mix_week_sd: float = 0.3  # stationary
    mix_week_phi: float = 0.6

    # Length: body sentences an article, lognormal; the headline comes on top
    length_median: float = 11.0
    length_median_b: float = 8.0
    length_median_d: float = 16.0
    length_sd: float = 0.4  # of the logarithm
    length_least: int = 6
    length_most: int = 30

    # Migration: of articles, then of sentences
    issue_in_topic: float = 0.97
    issue_elsewhere: float = 0.08
    issue_sentence: float = 0.60
    issue_stray: float = 0.01

    # Latent variation of the frames
    week_sd: float = 0.35
    week_phi: float = 0.5
    outlet_week_sd: float = 0.25
    outlet_week_phi: float = 0.3
    article_sd: float = 1.0
    shared_factor: float = 0.4  # the correlation of threat and security at every level
    shock_df: float | None = None  # Student's t for the weeks' innovations: heavy-tailed shocks; null is normal

    # Expected rates over the whole corpus, planted effects included
    migration: float = 0.20
    threat: float = 0.12
    security: float = 0.12
    victim: float = 0.06
    threat_given_migration: float = 0.15
    security_given_migration: float = 0.20
    victim_given_migration: float = 0.15

    # Planted effects
    attack_week: int = 105
    attack_threat: float = 1.2
    attack_half_life: float = 6.0  # weeks
    law_week: int = 157
    law_security: float = 0.9  # on sentences about migration, in A and B
    trend_threat: float = 0.8  # on sentences about migration, in C, reached after `trend_weeks`
    trend_weeks: int = 260
    mix_before: float = 0.08  # D's (and E's and the agency's) share of articles on the migration topics
    mix_after: float = 0.20  # D's, from the end of the rise on
    mix_week: int = 156
    mix_rise: int = 26  # weeks the rise takes

    # Copies
    wire: float = 0.12  # of stories
    wire_outlets: tuple[float, ...] = (0.6, 0.3, 0.1)  # probabilities that a wire story stands in 2, 3 or 4 outlets
    wire_days: int = 3  # the longest delay of a copy
    wire_edits: float = 0.10  # the largest share of words edited
    updates: float = 0.03  # of stories
    update_sentences: int = 2  # new sentences an update ends with

    # Wording
    indirect: float = 0.52  # of framed or migration sentences: worded without the usual words
    decoys: float = 0.15  # of unframed sentences: the usual words without the frame, denied and other sense included
    hard_danger: float = 0.06  # of migration sentences: danger to migrants, in the words of threat
    hard_denied: float = 0.03  # of unframed sentences
    hard_quoted: float = 0.04  # of all sentences
    hard_other_sense: float = 0.02  # of unframed sentences

    # Coders
    labels: int = 1000
    sensitivity: float = 0.88
    specificity: float = 0.96

    # Dirt, as shares of articles
    broken: float = 0.03
    boilerplate: float = 0.25
    undated: float = 0.01
    foreign: float = 0.01

    @classmethod
    def read(cls, given: dict | None) -> "Knobs":
        """Knobs from the mapping under `demo:` in a config; raises UserError for an unknown name or a wrong value."""
        known = {field.name: field for field in fields(cls)}
        values = {}
        for name, value in (given or {}).items():
            if name not in known:
                raise UserError(f"demo.{name}: there is no such knob. Choose from: {', '.join(sorted(known))}.")
            values[name] = _check_knob(name, value, known[name].default)
        return cls(**values)


def _check_knob(name: str, value, default):
    """`value` in the type of `default`; null only where that is the default."""
    if value is None and default is None:
        return None
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or len(value) != len(default):
            raise UserError(
                f"demo.{name}: {value!r} is not a list of {len(default)} numbers. Give {list(default)}, say."
            )
        return tuple(_check_knob(name, number, 0.0) for number in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(f"demo.{name}: {value!r} is not a number. Give a number such as {default or 4}.")
    if isinstance(default, int) and value != int(value):
        raise UserError(f"demo.{name}: {value!r} is not a whole number. Give one such as {default}.")
    return int(value) if isinstance(default, int) else float(value)
