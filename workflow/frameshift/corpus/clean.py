"""Plain text: one Unicode form, no control characters, one line a paragraph."""

import re
import unicodedata

# Every line ending in use: Windows, old Mac, vertical tab, form feed, NEL and Unicode's line and paragraph separators.
_LINE_ENDINGS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# What nobody sees and what splits or joins words behind the reader's back: control characters, soft hyphens,
# zero-width spaces, marks of direction, byte order marks; and lone surrogates, which UTF-8 cannot hold (JSON escapes
# can). Zero-width joiners stay: they change the spelling of Persian and of Indian languages.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` in NFC, its non-empty lines stripped, their inner whitespace collapsed, joined by one line feed each."""
    text = _INVISIBLE.sub("", _LINE_ENDINGS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def clean_line(text: str | None) -> str:
    """`text` cleaned and on one line, as a headline or the name of a source stands; "" for None."""
    return " ".join(clean_text(text or "").split())


def count_words(text: str) -> int:
    """Number of words: runs of characters between whitespace."""
    return len(text.split())
