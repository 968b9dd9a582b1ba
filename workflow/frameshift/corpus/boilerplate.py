"""Lines of a news page that are no part of the article, told by the forms that such lines have in English.

What a site repeats in words of its own is learnt from the corpus instead: see repeated.py.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

from sentencex import segment


class Removal(NamedTuple):
    """What was taken out of a text: the form it has, and its words."""

    form: str
    text: str


class _Form(NamedTuple):
    """How lines of one form begin, or end; how long they are at most; and whether sentences have the form as well."""

    name: str
    begins: re.Pattern | None = None
    ends: re.Pattern | None = None  # searched in the last _TAIL characters
    max_words: int = 40
    in_sentences: tuple[str, ...] = ()  # a sentence of this form has one of these in it; (): only lines have the form


def _any_of(*patterns: str) -> re.Pattern:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I)


_AGENCIES = (
    r"(?-i:A\.?P|AFP|EPA|PA|UPI|Getty|GETTY|Reuters|REUTERS|Associated Press|ASSOCIATED PRESS|Bloomberg|Shutterstock"
    r"|Alamy|iStock|Agence France-Presse)(?: Images?| Photos?| Pool| via \w+(?: \w+)?)*"
)
_SITES = r"(?:twitter|x|facebook|instagram|youtube|linkedin|whatsapp|telegram|pinterest|reddit|e-?mail|print|copy link)"
_NAME = r"(?-i:[A-Z][\w.'’-]*(?: (?:(?:de|van|von|der|al|bin|el|la) )?[A-Z][\w.'’-]*){1,3})"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
# What a time consists of: 12:30 p.m. ET on Monday, Jan. 10
_WHEN = (
    rf"(?:[\W\d]|\b(?:[ap]\.?m|at|on|time|ago|hours?|minutes?|days?|eastern|local|{_MONTH}|(?-i:[A-Z]{{2,4}})"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)"
)
_TAIL = 100

_FORMS = [
    _Form(
        "advertisement",
        _any_of(
            r"\W*(?:ad|advertisements?|advertising|advertorial|sponsored(?: content)?|paid content|promoted)\W*$",
            r"\W*advertisement\b(?:\W|$).{0,60}$",
            r"\W*(?:the |this )?(?:story|article) continue[sd]? (?:below|after)\b.{0,40}$",
            r"\W*continue reading(?: the main story| below)?\W*$",
        ),
        max_words=12,
    ),
    _Form(
        "byline",
        _any_of(
            rf"(?-i:By|BY) {_NAME}(?:(?:,| and|, and| &) {_NAME})*(?:,? [^.!?]{{0,60}})?$",
            r"(?-i:BY [A-Z.'’-]+(?: [A-Z.'’-]+){1,3})\b[^.!?]{0,60}$",
            r"\(?(?:additional |further )?(?:reporting|writing|editing) by ",
            rf"(?:last |first )?(?:updated?|published|posted|modified)\b(?=.*\d){_WHEN}+$",
            r"updated with\b.{0,40}$",
            r"this article (?:is more than|was (?:first |originally )?published|was amended)\b",
            r"contributing(?: writers?)?: ",
            r"(?:write to|contact|e-?mail) .{3,160}@\S+\.\w+\W*$",
        ),
        ends=_any_of(
            r"\bcontributed to this (?:report|article|story|post)\b",
            r"\b(?:follow|reach|e-?mail) (?:him|her|them) (?:on|at|via)\b",
        ),
        max_words=60,
    ),
    _Form(
        "caption",
        _any_of(
            r"(?:(?:file |stock )?(?:photo|image|picture)s?|video|media|graphic|illustration|map)"
            r"(?: (?:caption|credit|copyright|source|by|courtesy of)\b|s?:)",
            r"(?:slide ?show|(?:photo |picture )?gallery)\W*(?:\d+ (?:images|photos|pictures)\W*)?$",
            r"(?-i:CLOSE) ",  # the button above a video
            r"(?:enlarge this image|(?:toggle|hide|show) caption|media playback is|just watched\b|file photo\b)",
        ),
        ends=_any_of(
            r"(?:^|[\s(.\"”’])(?-i:Photographs?|PHOTOS?|Photos?|Photographer|Image|Picture|Credit)(?: by)? ?: ?"
            r"[^.!?:]{2,80}[.)]*$",
            r"\([^()]{0,30}(?:photo|image)s?(?: by)?:[^()]{2,60}\)$",
            rf"(?:^|[\s(.,|/]){_AGENCIES}(?:/[\w. ]+)?\)$",
            rf"\w\.? ?/ ?{_AGENCIES}\.?$",
            rf"\({_AGENCIES}/[^()]{{2,40}}\)$",
            rf"[.!?\"”’] {_AGENCIES}(?:/[A-Z][\w. ]{{2,40}})?$",
        ),
        max_words=80,
    ),
    _Form(
        "caption", ends=_any_of(r"\bhide caption \d+ of \d+$"), max_words=10_000
    ),  # all those of a gallery in one line
    _Form(
        "comments",
        _any_of(
            r"\W*(?:member |reader |view |show |hide |post |add |all |\d+ )*comments?(?: \(\d+\)|: ?\d+)?\W*$",
            r"(?:please )?(?:log|sign) ?in(?: here| now)?(?: or \w+(?: \w+)?)? to "
            r"(?:leave|post|join|comment|read|continue|view|vote)\b",
            r"(?:please )?(?:become a (?:member|subscriber)|register|subscribe)(?: now| here)? to "
            r"(?:leave|post|join|comment)\b",
            r"(?:leave|post|write|add) (?:a|your) comments?\W*$",
            r"(?:join|start|be the first to join) the (?:conversation|discussion)\W*$",
            r"comments (?:(?:on this \w+ )?(?:are|have been) (?:now )?closed|close)\b",
            r"(?:what do you think|have your say)\? (?:leave|let us|tell us|share|in the comments)\b",
        ),
        max_words=25,
        in_sentences=("comment", "conversation", "discussion"),
    ),
    _Form(
        "copyright",
        _any_of(
            r"\W*(?:©|\(c\) ?\d{4}|copyright (?:©|\(c\)|\d{4}|by\b))",
            r"\W*all rights reserved\b",
            r"(?:this material|content) may not be (?:published|reproduced)\b",
            r"(?:click here )?for (?:reprint|republishing|licensing)\b",
        ),
        in_sentences=(
            "©",
            "(c)",
            "copyright",
            "rights reserved",
            "may not be",
            "reprint",
            "republishing",
            "licensing",
        ),
    ),
    _Form(
        "link",
        _any_of(
            r"(?-i:READ (?:MORE|ALSO|NEXT|ON)|(?:SEE|ALSO|WATCH|LISTEN|MUST) (?:ALSO|READ|MORE|NOW|WATCH))",
            r"(?-i:(?:MORE|RELATED|WATCH|VIDEO|ALSO)(?: [A-Z]+){0,4}:)",
            r"\W*(?:read (?:more|also|next|on|the full (?:story|article|report))|see (?:also|more)|also read|more"
            r"|related|related (?:stories|articles|coverage|content|topics|links)|recommended(?: for you)?|watch|listen"
            r"|what to read next|don['’]t miss|most (?:read|popular)|top stories|further reading|editor['’]s picks?)"
            r"(?: here| now| below)? ?(?::(?! ?[\"“‘'])|\W*$)",
            r"\W*(?:more on this(?: story)?|more from \w+|on this topic)\b[^.!?]{0,60}(?:\.\.\.)?\W*$",
            r"(?:click|tap) here\b",
            r"listen to (?:this |the )?(?:article|story|episode|podcast)\b[^.!?]{0,40}$",
        ),
        ends=re.compile(r"[^.!?,;:] Read more$"),
        max_words=35,
    ),
    _Form(
        "newsletter",
        _any_of(
            r"\W*(?:sign[ -]?up|subscribe|get|join|receive|start your|enter your|want|don['’]t miss|like what"
            r"|if you like)\b.{0,160}\b(?:newsletters?|inbox|e-?mail (?:address|alerts?|updates?))\b",
            r"\W*sign ?up (?:here|now|today|(?:for|to) (?:get|receive|our|the|a free|daily|weekly|breaking))\b",
            r"\W*(?:newsletters?|newsletter sign[ -]?up|manage newsletters?)\W*$",
            r"\W*subscribe(?: now| today| here)?(?:\W*$| (?:to|for|from) | ?[-–—:!])",
            r"by (?:signing up|subscribing|clicking|submitting)\b.{0,40}\b(?:you|agree)\b",
            r"you (?:can|may) unsubscribe\b",
            r"(?:already|become|not) a (?:subscriber|member)\W*$",
            r"you (?:have|['’]ve) .{1,30}\b(?:free )?articles? (?:left|remaining|this month)",
            r"(?:this (?:article|story|content) is )?(?:for )?(?:subscribers|members) only\W*$",
        ),
        ends=_any_of(r"\b(?:for|to) (?:our )?(?:registered|subscribed) (?:readers|users|members)(?: only)?\W*$"),
        in_sentences=("sign", "subscri", "newsletter", "inbox", "free article", "registered"),
    ),
    _Form(
        "share",
        _any_of(
            r"\W*share(?: this| on| via| with|:|\W*$).{0,60}$",
            r"(?:tweet|e-?mail|print|like|pin|save|bookmark) (?:this|article|story|page|us)\b.{0,40}$",
            rf"\W*(?:follow|like|find|join) .{{1,60}} on {_SITES}\b",
            r"follow (?:us|me)\b",
            rf"\W*(?:(?:share|tweet|save for later|{_SITES})\W*){{2,}}$",
            r"read or share this (?:story|article)\b",
            r"(?:click here to )?(?:get|download) the .{0,30}\bapp\b",
            r"download .{1,40} (?:app\b|for (?:iphone|android|ios))",
        ),
        max_words=25,
        in_sentences=("share", "tweet", "follow", "twitter", "facebook", " app", "on instagram"),
    ),
]

# A place in capitals or an agency in brackets, or both, set off from the first sentence by a dash.
_PLACE = r"[A-Z][A-Z.'’]{2,}(?:[ /-][A-Z.'’]+)*(?:, (?:[A-Z][\w.]*\.?)(?: [A-Z][\w.]*)?)?"  # NEW YORK; BEIRUT, Lebanon
_DAY = rf"(?:,? {_MONTH} \d{{1,2}}(?:, \d{{4}})?)?"
_AGENCY = r"\((?:[A-Z]{2,5}|Reuters|Bloomberg|Xinhua|[A-Z][\w ]{2,20}(?:News|Press|Times|Post))\)"
_DASH = r"(?: (?:--?|[–—]) |[–—] ?)(?=[\"“‘'A-Z0-9])"
_DATELINE = re.compile(
    rf"{_PLACE}{_DAY}(?: ?{_AGENCY})?{_DASH}|(?:[A-Z][\w.'’]+(?:,? [A-Z][\w.'’]+){{0,3}}{_DAY} )?{_AGENCY}{_DASH}"
)
_FIRST_LINES = 6  # a headline stands again near the top

_HINTS = [(hint, form.name) for form in _FORMS for hint in form.in_sentences]

FORMS = tuple(sorted({*(form.name for form in _FORMS), "dateline", "headline"}))


def remove_forms(text: str, title: str, forms: Iterable[str]) -> tuple[str, list[Removal]]:
    """Return `text` (cleaned: one line a paragraph) without the lines that have one of `forms`, and what was removed.

    A headline is a line among the first that is worded like `title`; a dateline is what stands before the dash at the
    beginning of the text, and goes without the rest of its line. Of the forms comments, copyright, newsletter and share
    single sentences are removed too, for some sites run everything together.
    """
    forms = set(forms)
    tests = [form for form in _FORMS if form.name in forms]
    headline = _wording(title) if "headline" in forms else ""
    kept: list[str] = []
    removed: list[Removal] = []
    for place, line in enumerate(text.split("\n")):
        if headline and place < _FIRST_LINES and len(line) < 2 * len(title) and _wording(line) == headline:
            removed.append(Removal("headline", line))
        elif found := _form_of(line, tests):
            removed.append(Removal(found, line))
        elif rest := _without_sentences(line, tests, removed):
            kept.append(rest)
    if "dateline" in forms and kept and (match := _DATELINE.match(kept[0])):
        removed.append(Removal("dateline", match.group().strip()))
        kept[0] = kept[0][match.end() :]
    return "\n".join(kept), removed


def _form_of(line: str, tests: Iterable[_Form]) -> str | None:
    n_words = line.count(" ") + 1
    for form in tests:
        if n_words <= form.max_words and (
            (form.begins and form.begins.match(line)) or (form.ends and form.ends.search(line[-_TAIL:]))
        ):
            return form.name
    return None


def _without_sentences(line: str, tests: Iterable[_Form], removed: list[Removal]) -> str:
    """`line` without the sentences that have a form; they are added to `removed`."""
    lowered = line.lower()
    hinted = {name for hint, name in _HINTS if hint in lowered}
    possible = [form for form in tests if form.name in hinted]
    return drop_sentences(line, lambda sentence: _form_of(sentence, possible), removed) if possible else line


def drop_sentences(line: str, form_of: Callable[[str], str | None], removed: list[Removal]) -> str:
    """`line` without the sentences for which `form_of` names a form; they are added to `removed`."""
    kept = []
    for sentence in segment("en", line):
        if form := form_of(sentence.strip()):
            removed.append(Removal(form, sentence.strip()))
        else:
            kept.append(sentence)
    return "".join(kept).strip()


def _wording(line: str) -> str:
    """`line` without case, accents, punctuation and space: the same for straight and for curly quotes."""
    folded = unicodedata.normalize("NFKD", line.casefold())
    return "".join(letter for letter in folded if letter.isalnum())
