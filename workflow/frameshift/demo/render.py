"""Write the plan as text: every sentence true to its flags, every article in its outlet's dialect."""

import re
from functools import cache

import numpy as np
import polars as pl

from frameshift.demo.bank import Bank, Text, load_bank
from frameshift.demo.knobs import FRAMES
from frameshift.demo.plan import Plan

MOST_WORDS, LEAST_WORDS = 30, 6
GENERIC = 0.30  # of plain sentences: patterns that all topics share
OPENED, TAILED = 0.12, 0.18  # of body sentences: beginning with a phrase, ending with a source
EDITABLE = 0.08  # of all words: those the bank has another wording for
_AGAIN = {"mig": "these people", "mig_the": "the group", "mig_bare": "such people", "mig_one": "newcomer"}
_JOINS = ("{}, and {}", "{}, while {}", "{}; {}", "{}, and meanwhile {}")


class Dice:
    """Uniform numbers in blocks, because one at a time is slow."""

    def __init__(self, rng: np.random.Generator):
        self._rng, self._numbers = rng, iter(())

    def roll(self) -> float:
        for number in self._numbers:
            return number
        self._numbers = iter(self._rng.random(65536).tolist())
        return next(self._numbers)

    def pick(self, items):
        return items[int(self.roll() * len(items))]


class Writer:
    """Writes one story: its places, countries and people stay the same from sentence to sentence."""

    def __init__(self, bank: Bank, dice: Dice, topic: str, voice: str):
        self.dice, self.topic, self.openers = dice, topic, bank.openers
        self.patterns, self.dialect = bank.patterns[topic], bank.dialects[voice]
        self.used: set[Text] = set()
        fillers = bank.fillers[topic]
        cast = {slot: [self._cast(fillers, slot) for _ in range(n)] for slot, n in _CAST.items()}
        self.fillers = fillers | {slot: [(words,) for words in found] for slot, found in cast.items()}

    def _cast(self, fillers: dict, slot: str) -> str:
        self.fillers = fillers
        return self.fill(self.dice.pick(fillers[slot]), False, set())

    def fill(self, text: Text, indirect: bool, seen: set, again: bool = False) -> str:
        """`text` with slots filled and choices made; no filler twice in a sentence, where that can be helped."""
        words = []
        for part in text:
            if isinstance(part, str):
                words.append(part)
            elif part[0] == "choice":
                words.append(self.fill(self.dice.pick(part[1]), indirect, seen, again))
            elif again and part[1] in _AGAIN:
                words.append(_AGAIN[part[1]])
            else:
                slot = _MIGRATION_SLOTS[indirect].get(part[1], part[1])
                for _ in range(4):
                    found = self.dice.pick(self.fillers[slot])
                    if found not in seen:
                        break
                seen.add(found)
                words.append(self.fill(found, indirect, seen, again))
        return "".join(words)

    def choose(self, kind: str) -> Text:
        """A pattern of this kind that the story has not used, where there is one."""
        for _ in range(6):
            pattern = self.dice.pick(self.patterns[kind])
            if pattern not in self.used:
                break
        self.used.add(pattern)
        return pattern

    def write_sentence(
        self, flags: tuple[bool, ...], migration: bool, case: str, indirect: bool, headline: bool
    ) -> str:
        """A sentence of 6–30 words; the shortest of eight drafts, where it is true of too much to be that short."""
        drafts = []
        while len(drafts) < 8:
            drafts.append(self._draft(flags, migration, case, indirect, headline))
            if LEAST_WORDS <= drafts[-1].count(" ") + 1 <= MOST_WORDS:
                drafts = drafts[-1:]
                break
        sentence = min(drafts, key=len)
        return sentence if headline else sentence + "."

    def _draft(self, flags: tuple[bool, ...], migration: bool, case: str, indirect: bool, headline: bool) -> str:
        seen: set = set()
        if case == "quoted":
            return self._speech(flags, migration, indirect, seen)
        kinds = clause_kinds(flags, migration, case, indirect)
        if kinds == ["plain"] and self.dice.roll() < GENERIC:
            kinds = ["none"]
        clause = self.fill(self.choose(kinds[0]), indirect, seen)
        for kind in kinds[1:]:
            clause = self.dice.pick(_JOINS).format(clause, self.fill(self.choose(kind), indirect, seen, migration))
        sentence = clause
        if not headline and len(kinds) == 1:
            roll = self.dice.roll()
            if roll < OPENED:
                sentence = self.fill(self.dice.pick(self.openers), indirect, seen) + clause
            elif roll < OPENED + TAILED and not re.search(r",|:| said| wrote", clause):
                sentence = clause + self.fill(self.dice.pick(self.dialect["tails"]), indirect, seen)
        return _capital(self._speak(sentence))

    def _speech(self, flags: tuple[bool, ...], migration: bool, indirect: bool, seen: set) -> str:
        frame = FRAMES[flags.index(True)]
        kind = f"m{frame[0]}_quote" if migration else f"{frame}_quote"
        quote = _capital(self.fill(self.choose(kind), indirect, seen))
        speaker = self.fill((("slot", "speaker"),), indirect, seen)
        said = self.dice.pick(self.dialect["said"])
        if self.dice.roll() < 0.7:
            return f'"{quote}," {speaker} {said}'
        return f'{_capital(speaker)} {said}: "{quote}"'

    def _speak(self, sentence: str) -> str:
        swaps = self.dialect["swaps"]
        return _words(tuple(swaps)).sub(lambda m: swaps[m[0]], sentence) if swaps else sentence


_CAST = {"place": 3, "country": 3, "name": 4}
_MIGRATION_SLOTS = [
    {slot: slot.replace("mig", f"mig_{manner}", 1) for slot in _AGAIN} for manner in ("direct", "indirect")
]


@cache
def _words(words: tuple[str, ...]) -> re.Pattern:
    return re.compile(rf"\b(?:{'|'.join(words)})\b(?!['’-])")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def clause_kinds(flags: tuple[bool, ...], migration: bool, case: str, indirect: bool) -> list[str]:
    """The kinds of clause a sentence is joined from, one for each frame it is true of; the first names the issue."""
    manner = "indirect" if indirect else "direct"
    present = [frame for frame, flag in zip(FRAMES, flags, strict=True) if flag]
    if not present:
        if case == "other sense":
            return ["other_sense"]
        stem = {"plain": "migration" if migration else "plain"}.get(case, f"migration_{case}" if migration else case)
        return [stem]
    if case == "danger to migrants":
        return ["mv_danger"]
    return [f"m{frame[0]}_{manner}" if migration else f"{frame}_{manner}" for frame in present]


def edit_words(text: str, edits: dict[str, str]) -> str:
    """The sentence with every word changed that has another wording in `edits`; speech stays as it was said."""
    return text if '"' in text else " ".join(edits.get(word, word) for word in text.split(" "))


def render_articles(plan: Plan, *, bank: Bank | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write every article.

    Returns the articles (original_id, source, date, title, text: paragraphs separated by a line feed) and the plan's
    sentences with their `text`. A headline has no full stop. A desk's edits gather in some sentences of a copy, so
    many that about the article's `edits` of all words change.
    """
    bank = bank or load_bank()
    dice = Dice(np.random.default_rng([plan.knobs.seed, 1]))
    truth = plan.sentences.select(
        "original_id", "position", "migration", pl.concat_list(FRAMES).alias("flags"), "case", "indirect"
    ).partition_by("original_id", maintain_order=True)
    longest: dict[int, tuple] = {}  # of each story's articles the one with most sentences: an update has a few more
    for row, rows in zip(plan.articles.iter_rows(named=True), truth, strict=True):
        if row["story"] not in longest or rows.height > longest[row["story"]][1].height:
            longest[row["story"]] = (row, rows)

    stories: dict[int, list[str]] = {}
    for story in sorted(longest):
        row, rows = longest[story]
        writer = Writer(bank, dice, row["topic"], "agency" if row["wire_story"] else row["outlet"])
        stories[story] = [
            writer.write_sentence(tuple(flags), migration, case, indirect, position == 0)
            for _, position, migration, flags, case, indirect in rows.iter_rows()
        ]

    titles, bodies, written = [], [], []
    for story, n, share in plan.articles.select("story", "n_sentences", "edits").iter_rows():
        sentences = stories[story][: n + 1]
        if share:
            sentences = [edit_words(s, bank.edits) if dice.roll() < share / EDITABLE else s for s in sentences]
        titles.append(sentences[0])
        bodies.append(_paragraphs(sentences[1:], dice))
        written.extend(sentences)
    articles = plan.articles.select("original_id", "outlet", "source", "date").with_columns(
        title=pl.Series(titles, dtype=pl.String), text=pl.Series(bodies, dtype=pl.String)
    )
    return articles, plan.sentences.with_columns(text=pl.Series(written, dtype=pl.String))


def _paragraphs(sentences: list[str], dice: Dice) -> str:
    paragraphs, at = [], 0
    while at < len(sentences):
        size = 1 + int(dice.roll() * 4)
        paragraphs.append(" ".join(sentences[at : at + size]))
        at += size
    return "\n".join(paragraphs)
