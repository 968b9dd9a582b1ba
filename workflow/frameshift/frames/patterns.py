"""Patterns: words and phrases with wildcards, made into one regular expression.

`terror*` matches terror, terrorist and Terrorism; `gunm*n` needs no second pattern for the plural; `put * at risk`
matches with any one word in between. Hyphens and line breaks part the words of a phrase as blanks do, and straight and
curly apostrophes are the same. The expressions are written for the engine of polars, which knows no look-around and
takes time in proportion to the text, however many patterns there are.
"""

import re

_BREAK = r"[\s\-‐‑–]+"  # between the words of a phrase
_WORD = r"[\w'’]+"
_WITHIN_CLAUSE = r"[^\w.!?;:]+"  # between a negation and what it negates
_ALLOWED = re.compile(r"[\w*][\w*'’]*(?:[ \-][\w*][\w*'’]*)*")


def find_pattern_fault(pattern: str, *, shortest: int) -> str | None:
    """What is wrong with `pattern` and how to mend it, as the rest of a sentence; None if it can be used.

    A pattern with a wildcard and fewer than `shortest` letters, and a phrase that begins or ends with a bare `*`, match
    nearly everything.
    """
    if "**" in pattern:
        return "has two wildcards in a row; write one *"
    if not _ALLOWED.fullmatch(pattern):
        return "is not made of words with single blanks; allowed are letters, digits, hyphens, apostrophes and *"
    words = re.split(r"[ \-]", pattern)
    if set(words) == {"*"}:
        return "matches everything; name at least one word"
    if "*" in (words[0], words[-1]):
        return "begins or ends with a word that may be any; leave that * out"
    if "*" in pattern and len(re.findall(r"\w", pattern)) < shortest:
        return f"matches nearly everything; give at least {shortest} letters beside the *"
    return None


def express(patterns: tuple[str, ...]) -> str:
    """One expression that matches any of `patterns` as whole words, ignoring case; longer patterns are tried first."""
    alternatives = sorted(patterns, key=lambda p: (-len(p), p))
    return rf"(?i:\b(?:{'|'.join(map(_express_phrase, alternatives))})\b)"


def express_negated(hit: str, negations: str, *, between: int) -> str:
    """One expression that matches from a negation to a hit with at most `between` words of one clause in between."""
    return rf"{negations}(?:{_WITHIN_CLAUSE}{_WORD}){{0,{between}}}?{_WITHIN_CLAUSE}{hit}"


def _express_phrase(pattern: str) -> str:
    return _BREAK.join(_express_word(word) for word in re.split(r"[ \-]", pattern))


def _express_word(word: str) -> str:
    if word == "*":
        return _WORD
    return re.sub(r"\\?['’]", "['’]", re.escape(word)).replace(r"\*", r"\w*")
