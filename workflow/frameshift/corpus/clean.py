"""Plain text: readable characters in one Unicode form, one line a paragraph."""

import re
import unicodedata
from html import unescape

# Every line ending in use: Windows, old Mac, vertical tab, form feed, NEL and Unicode's line and paragraph separators.
_LINE_ENDINGS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# What nobody sees and what splits or joins words behind the reader's back: control characters, soft hyphens,
# zero-width spaces, marks of direction, byte order marks; and lone surrogates, which UTF-8 cannot hold (JSON escapes
# can). Zero-width joiners stay: they change the spelling of Persian and of Indian languages.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]")

# UTF-8 read as another encoding: the first byte of a character shows as one of Â-ô (in Cyrillic code pages В-ф), the
# second as a sign that rarely follows a letter, or as a control character. ftfy decides; this only spares it 99% of the
# texts, for it reads 3 MB a second.
_MOJIBAKE = re.compile("[Â-ôВ-ф][\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™Ђ-Џђ-џ№Ґґ]|[\x80-\x84\x86-\x9f]")

_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});")

_WRAPPED = range(40, 121)  # the longest line, in letters, of texts that are wrapped
_MIN_JOINTS = 4  # with fewer line breaks there is no telling


def clean_text(text: str) -> str:
    """`text` repaired and in NFC: its non-empty lines stripped, inner whitespace collapsed, joined by one line feed.

    Repaired are HTML entities (&amp;), text that was decoded in the wrong encoding (by ftfy), and hard-wrapped lines.
    """
    text = _INVISIBLE.sub("", _LINE_ENDINGS.sub("\n", _repair(text)))
    lines = [" ".join(line.split()) for line in unicodedata.normalize("NFC", text).split("\n")]
    return "\n".join(line for line in join_wrapped(lines) if line)


def clean_line(text: str | None) -> str:
    """`text` cleaned and on one line, as a headline or the name of a source stands; "" for None."""
    return " ".join(clean_text(text or "").split())


def count_words(text: str) -> int:
    """Number of words: runs of characters between whitespace."""
    return len(text.split())


def join_wrapped(lines: list[str]) -> list[str]:
    """`lines` with hard-wrapped paragraphs joined again; blank lines ("") stand between paragraphs and stay.

    A line was broken because the next word did not fit: line, blank and next word are longer than the longest line.
    Where most breaks between two lines are of this kind, those are taken back and the others kept as ends of
    paragraphs. Text whose lines are paragraphs breaks for other reasons, and stays.
    """
    width = max(map(len, lines), default=0)
    if width not in _WRAPPED:
        return lines
    joints = [place for place in range(1, len(lines)) if lines[place - 1] and lines[place]]
    forced = {p for p in joints if len(lines[p - 1]) + 1 + len(lines[p].split(" ", 1)[0]) > width}
    if len(forced) < _MIN_JOINTS or len(forced) < 0.6 * len(joints):
        return lines
    joined: list[str] = []
    for place, line in enumerate(lines):
        if place in forced:
            joined[-1] += line if joined[-1].endswith("-") else f" {line}"
        else:
            joined.append(line)
    return joined


def _repair(text: str) -> str:
    if "&" in text and _ENTITY.search(text):
        text = unescape(text)
    if text.isascii() or not _MOJIBAKE.search(text):
        return text
    from ftfy import fix_encoding

    return fix_encoding(text)
