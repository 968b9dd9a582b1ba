"""The demo's text: a rich bank, true sentences in varied words, and dialects that lead a word list astray."""

import math
import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frameshift.demo.bank import FOLDER, count_texts, load_bank, parse_text
from frameshift.demo.knobs import FRAMES, TOPICS, Knobs
from frameshift.demo.plan import draw_plan
from frameshift.demo.render import clause_kinds, edit_words, render_articles

# What anyone would put into a word list for these frames; the codebook's own patterns are not looked at here.
ORDINARY = {
    "threat": r"terror|threat|attack|danger|fear|menac|risk|warn|violen|extrem|alarm|inva(?:d|sion)|peril|hostil|bomb"
    r"|weapon|crisis|flood|overrun|kill|crim|gang|radical|deadly|enem|panic|afraid|scared|catastroph|explo",
    "security": r"police|border|patrol|surveil|security|soldier|troop|army|military|guard|checkpoint|camera|wiretap"
    r"|intelligence|deport|detain|detention|arrest|counter-terror|raid|fence|officer|custody|prison",
    "victim": r"victim|kill|drown|injur|attack|dead|died?\b|death|wound|suffer|abus|trauma|fled|surviv",
    "migration": r"migra|refugee|asylum|foreigner|newcomer|visa|deport|resettl|displaced|smuggl",
}
TOPIC_SLOTS = (
    "actor", "people", "body", "thing", "event", "site", "danger", "target", "guard", "measure", "sufferer", "harm",
)  # fmt: skip


@pytest.fixture(scope="module")
def written():
    plan = draw_plan(Knobs(articles=1500, shares=(0.38, 0.38, 0.12, 0.06, 0.06)))
    return plan, *render_articles(plan)


def _without_comments(file: Path) -> str:
    return re.sub(r"^\s*#.*$", "", file.read_text(encoding="utf-8"), flags=re.M)


def _has(entry: str) -> pl.Expr:
    return pl.col("text").str.contains(f"(?i){ORDINARY[entry]}")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_slot_of_a_topic_has_thirty_fillers(topic):
    fillers = load_bank().fillers[topic]
    assert {slot: n for slot in TOPIC_SLOTS if (n := count_texts(fillers[slot])) < 30} == {}


@pytest.mark.parametrize("migration", [False, True])
@pytest.mark.parametrize("frame", [None, *FRAMES])
@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_and_label_has_forty_patterns_in_effect(topic, frame, migration):
    # exp(entropy) of the pattern a sentence is made from: forty equally frequent patterns give forty.
    knobs, patterns = Knobs(), load_bank().patterns[topic]
    flags = tuple(name == frame for name in FRAMES)
    danger = knobs.hard_danger / knobs.victim_given_migration if frame == "victim" and migration else 0.0
    use: dict = {}
    cases = [("plain", indirect, (1 - danger) / 2) for indirect in (False, True)] + [
        ("danger to migrants", False, danger)
    ]
    for case, indirect, share in cases[: 3 if danger else 2]:
        kinds = clause_kinds(flags, migration, case, indirect)
        split = [("plain", 0.7 * share), ("none", 0.3 * share)] if kinds == ["plain"] else [(kinds[0], share)]
        for kind, part in split:
            for pattern in patterns[kind]:
                use[pattern] = use.get(pattern, 0) + part / len(patterns[kind])
    entropy = -sum(p * math.log(p) for p in use.values() if p)
    assert sum(use.values()) == pytest.approx(1)
    assert math.exp(entropy) >= 40


def test_every_slot_that_a_pattern_names_can_be_filled():
    known = set(re.findall(r"^  (\w+): ", (FOLDER / "shared.yaml").read_text(), re.M)) | set(TOPIC_SLOTS)
    known |= {"mig", "mig_the", "mig_bare", "mig_one"}
    named = {slot for file in FOLDER.glob("*.yaml") for slot in re.findall(r"\{(\w+)\}", _without_comments(file))}
    assert named <= known


@pytest.mark.parametrize("entry", [*FRAMES, "migration"])
def test_more_than_a_third_of_true_sentences_hold_no_ordinary_word(written, entry):
    true = written[2].filter(pl.col(entry))
    assert 0.35 <= 1 - true.select(_has(entry).mean()).item() <= 0.65


def test_about_a_seventh_of_unframed_sentences_hold_a_decoy(written):
    bare = written[2].filter(~pl.any_horizontal(FRAMES))
    assert 0.10 <= bare.select((_has("threat") | _has("security") | _has("victim")).mean()).item() <= 0.20


def test_equal_outlets_differ_by_three_points_for_a_word_list(written):
    plan, _, sentences = written
    rows = sentences.join(plan.articles.select("original_id", "outlet"), on="original_id")
    share = dict(rows.group_by("outlet").agg(_has("threat").mean()).iter_rows())
    truth = dict(rows.group_by("outlet").agg(pl.mean("p_threat")).iter_rows())
    assert share["A"] - share["B"] >= 0.03
    assert abs(truth["A"] - truth["B"]) < 0.02


def test_sentences_have_six_to_thirty_words_and_end_once(written):
    words = written[2]["text"].str.split(" ").list.len()
    assert words.min() >= 6
    assert (words > 30).mean() < 0.004  # true of three frames at once
    body = written[2].filter(pl.col("position") > 0)["text"]
    assert body.str.contains(r'[\p{L}0-9"]\.$').all()
    assert not body.str.contains(r"[.!?]\s").any()
    assert not written[2]["text"].str.contains(r"[{}<>|]|  ").any()


def test_paragraphs_hold_one_to_four_sentences_and_all_of_them(written):
    _, articles, sentences = written
    joined = sentences.filter(pl.col("position") > 0).group_by("original_id", maintain_order=True).agg(pl.col("text"))
    assert articles["text"].str.replace_all("\n", " ").to_list() == joined["text"].list.join(" ").to_list()
    sizes = articles["text"].str.split("\n").explode().str.count_matches(r"\.(?: |$)")
    assert (sizes.min(), sizes.max()) == (1, 4)
    assert articles["title"].to_list() == sentences.filter(pl.col("position") == 0)["text"].to_list()


def test_copies_of_a_wire_story_change_up_to_a_tenth_of_their_words(written):
    plan, articles, _ = written
    wire = plan.articles.filter(pl.col("wire_story").is_not_null()).join(articles, on="original_id")
    wanted, changed = [], []
    for _, copies in wire.group_by("story", maintain_order=True):
        first = copies.filter(pl.col("edits") == 0)["text"][0].split()
        for edits, text in copies.filter(pl.col("edits") > 0).select("edits", "text").iter_rows():
            after = text.split()
            same = sum(block.size for block in SequenceMatcher(None, first, after, False).get_matching_blocks())
            wanted.append(edits)
            changed.append((max(len(first), len(after)) - same) / len(first))
    assert np.mean(changed) == pytest.approx(np.mean(wanted), abs=0.012)
    assert np.quantile(changed, 0.95) < 0.12
    assert np.corrcoef(wanted, changed)[0, 1] > 0.7


def test_no_two_topics_share_most_of_their_vocabulary(written):
    sentences = written[2].filter(~pl.col("migration"))
    words = {}
    for (topic,), rows in sentences.group_by("topic"):
        counts = Counter(re.findall(r"[a-z]{4,}", " ".join(rows["text"]).lower()))
        words[topic] = {word for word, _ in counts.most_common(300)}
    for one, other in combinations(TOPICS, 2):
        assert len(words[one] & words[other]) / 300 < 0.5, (one, other)


def test_a_sentence_is_joined_from_a_clause_for_each_frame():
    assert clause_kinds((True, True, False), False, "plain", True) == ["threat_indirect", "security_indirect"]
    assert clause_kinds((False, False, True), True, "danger to migrants", True) == ["mv_danger"]
    assert clause_kinds((False, False, False), True, "denied", False) == ["migration_denied"]
    assert clause_kinds((False, False, False), False, "plain", False) == ["plain"]


def test_texts_are_cut_into_words_slots_and_choices():
    text = parse_text("the <old/new> {site} burned")
    assert text == ("the ", ("choice", (("old",), ("new",))), " ", ("slot", "site"), " burned")
    assert count_texts([text, parse_text("a <b/c/d> <e/f>")]) == 8


def test_edits_leave_speech_alone():
    edits = {"near": "close to"}
    assert edit_words("they were near us", edits) == "they were close to us"
    assert edit_words('"Stay near us," he said', edits) == '"Stay near us," he said'
