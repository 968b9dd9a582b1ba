"""The figures of a run: which there are, what they are called, and which fit a column of a page."""

from collections.abc import Mapping

from frameshift.errors import UserError
from frameshift.frames.given import parse_given

TITLES = {  # a kind of figure, in the order of the page
    "corpus_ledger": "Rows read and kept",
    "corpus_over_time": "The corpus over time",
    "framing_over_time": "Framing over time",
    "joint_framing": "Joint framing over time",
    "source_contrasts": "Sources compared, and declared findings",
    "source_frame_heatmap": "Sources and frames",
    "mix_within": "Other topics, or other framing",
    "breaks": "When framing broke",
    "event_responses": "What events moved",
    "event_paths": "The course around each event",
    "robustness": "Findings by other settings",
    "validation": "Measures held against people",
    "topic_shares": "Topics",
    "article_map": "Articles by topic",
    "topic_selection": "Topic models compared",
    "distinctive_words": "Words that set sources apart",
    "source_distances": "How far sources are apart",
    "estimate_vs_truth": "Estimates against the planted truth",
}
OF_EVENTS = ("event_responses", "event_paths")  # where the configuration has events
BY_ISSUE = ("joint_framing", *OF_EVENTS, "distinctive_words")  # drawn once for each of comparisons.given
ALSO_OVERALL = (*OF_EVENTS, "distinctive_words")  # and for all passages
ONLY_WIDE = ("corpus_ledger", "validation")  # have too much side by side for a column


def list_figures(config: Mapping, *, is_swept: bool) -> list[str]:
    """The names of a run's figures, which are those of their files, in the order of the page.

    `is_swept`: whether the findings were estimated by other settings (make robustness).
    """
    left_out = {"robustness"} - ({"robustness"} if is_swept else set())
    left_out |= {"estimate_vs_truth"} if config["demo"] is None else set()
    left_out |= set(OF_EVENTS) if config["events"] is None else set()
    return [name for kind in TITLES if kind not in left_out for name in _list_kind(kind, config)]


def kind_of(name: str) -> str:
    """The kind of a figure: joint_framing_migration is a joint_framing."""
    return next(kind for kind in TITLES if name == kind or (name.startswith(f"{kind}_") and kind in BY_ISSUE))


def issue_of(name: str) -> str | None:
    """The issue that a figure is about: "migration without victim"; None where it is about all passages."""
    return name.removeprefix(kind_of(name)).removeprefix("_").replace("_", " ") or None


def expand_figure(name: str, config: Mapping) -> list[str]:
    """The figures that `name` in the configuration's `paper` stands for: itself, or those of all issues.

    Raises UserError for a name that is none of the run's figures.
    """
    known = list_figures(config, is_swept=bool(config["sweep"] and config["findings"]))
    named = [figure for figure in _list_kind(name, config) if figure in known] if name in TITLES else []
    if not named and name not in known:
        raise UserError(f"paper: there is no figure {name!r} in this run; its figures are {', '.join(known)}")
    return named or [name]


def _list_kind(kind: str, config: Mapping) -> list[str]:
    if kind not in BY_ISSUE:
        return [kind]
    given = config["comparisons"]["given"]
    if kind == "distinctive_words":  # words are compared within an issue as such
        given = dict.fromkeys(parse_given(name).issue for name in given)
    issues = [f"{kind}_{name.replace(' ', '_')}" for name in given]
    return [kind, *issues] if kind in ALSO_OVERALL else issues
