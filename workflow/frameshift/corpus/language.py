"""The language of each article, told from its letters and words where no field tells it."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from frameshift.errors import UserError

# An article counts as written in another language when that one's probability exceeds that of the best language to keep
# by so much. Of 2,823 English headlines one is lost so (18 at a margin of 0), of 28 headlines in six other languages
# none is kept; with 100 letters of the text or more, none of either.
MARGIN = 0.4

# Where the small models prefer a language to keep so clearly to all others, the large ones, which need nine times the
# time, agreed on all of 2,499 English headlines.
_CERTAIN = 0.95

_BATCH = 5000  # articles whose texts are held as Python objects at a time

_WINDOW = 200  # letters; of a long text one window at the beginning, in the middle and at the end


def tell_languages(
    told: Sequence[str | None], texts: pl.Series, *, keep: Sequence[str], others: Sequence[str]
) -> list[str | None]:
    """The language (ISO 639-1) of each article: the one that a field of the corpus told, or else the text's.

    With one language in `keep` and no `others`, all that is not told is taken to be in it. See detect_languages.
    """
    languages = list(told)
    silent = [row for row, language in enumerate(told) if language is None]
    for start in range(0, len(silent), _BATCH):
        some = silent[start : start + _BATCH]
        if others or len(keep) > 1:
            found = detect_languages(texts.gather(some).to_list(), keep=keep, others=others)
        else:
            found = [keep[0]] * len(some)
        for row, language in zip(some, found, strict=True):
            languages[row] = language
    return languages


def detect_languages(texts: Sequence[str], *, keep: Sequence[str], others: Sequence[str]) -> list[str | None]:
    """The language (ISO 639-1) of each text, one of `keep` or `others`; None for a script that none of them uses.

    A text without a letter, and one that may as well be in a language to keep, is taken to be in the likeliest of
    these. By lingua, whose models of one to five letters tell short texts apart. Raises UserError for a language that
    it does not know.
    """
    windows = [_windows(text) for text in texts]
    shares = _share(_build((*keep, *others), is_small=True), windows)
    doubtful = [row for row, share in enumerate(shares) if not _is_certain(share, keep)]
    closer = _share(_build((*keep, *others), is_small=False), [windows[row] for row in doubtful]) if doubtful else []
    for row, share in zip(doubtful, closer, strict=True):
        shares[row] = share
    return [_decide(text, share, keep, others) for text, share in zip(texts, shares, strict=True)]


def check_languages(languages: Sequence[str], *, key: str) -> None:
    """Raise UserError for a language that the detector does not know; `key` is where the configuration names it."""
    known = _codes()
    for language in languages:
        if language not in known:
            raise UserError(f"`{key}`: {language!r} cannot be told apart; known are {', '.join(sorted(known))}")


def read_code(value: str) -> str | None:
    """The ISO 639-1 code of a language as a corpus writes it (en, en-GB, eng, English); None for what is none."""
    return _names().get(value.strip().lower().replace("_", "-").split("-")[0])


def _windows(text: str) -> list[str]:
    """Parts of a text that are judged one by one: an English article may quote, or begin with, a German sentence."""
    if len(text) <= 2 * _WINDOW:
        return [text]
    middle = (len(text) - _WINDOW) // 2
    return [text[:_WINDOW], text[middle : middle + _WINDOW], text[-_WINDOW:]]


def _share(detector, windows: list[list[str]]) -> list[Counter[str]]:
    """For each text the probabilities of the languages (ISO 639-1), averaged over its windows."""
    values = iter(detector.compute_language_confidence_values_in_parallel([part for some in windows for part in some]))
    shares: list[Counter[str]] = []
    for some in windows:
        shares.append(Counter())
        for _ in some:
            for value in next(values):
                shares[-1][value.language.iso_code_639_1.name.lower()] += value.value / len(some)
    return shares


def _is_certain(share: Counter[str], keep: Sequence[str]) -> bool:
    (best, most), *rest = share.most_common(2)
    return best in keep and most - sum(value for _, value in rest) > _CERTAIN


def _lead(share: Counter[str], keep: Sequence[str], others: Sequence[str]) -> float:
    """By how much the best language to keep is more probable than the best other one."""
    return max(share[language] for language in keep) - max((share[language] for language in others), default=0.0)


def _decide(text: str, share: Counter[str], keep: Sequence[str], others: Sequence[str]) -> str | None:
    if not any(share.values()) and any(letter.isalpha() for letter in text):
        return None
    if _lead(share, keep, others) < -MARGIN:
        return max(others, key=lambda language: share[language])
    return max(keep, key=lambda language: share[language])  # of equals the first


@lru_cache(maxsize=1)
def _codes() -> dict:
    from lingua import Language

    return {language.iso_code_639_1.name.lower(): language for language in Language.all()}


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names = {}
    for code, language in _codes().items():
        names |= {code: code, language.iso_code_639_3.name.lower(): code, language.name.lower(): code}
    return names


@lru_cache(maxsize=4)
def _build(languages: tuple[str, ...], *, is_small: bool):
    from lingua import LanguageDetectorBuilder

    check_languages(languages, key="corpus.languages")
    builder = LanguageDetectorBuilder.from_languages(*(_codes()[language] for language in languages))
    return (builder.with_low_accuracy_mode() if is_small else builder).build()
