"""Articles that are documents: plain text, several in a text file, one a line, and saved web pages."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from frameshift.corpus.encoding import MAX_LINE, Lines, decode_page, read_text
from frameshift.corpus.files import read_at_most
from frameshift.corpus.records import Reading, Record
from frameshift.errors import UserError

MAX_HEADLINE_WORDS = 30
_MIN_WORDS = 3  # of a headline after blank lines: shorter ones are labels, such as Member comments
_MIN_REPEATED_WORDS = 4  # of a headline that is repeated: photographers come more than once
_BLANK_LINES = 2
_REPEATED_WITHIN = 5  # lines that are not blank: headline, lead, headline
_MAX_PAGE = 5 * MAX_LINE  # characters

_ENDS_SENTENCE = re.compile(r"""[.。:;,]["'”’»)\]]*$""")
_ENDS_ABBREVIATION = re.compile(r"""\b(?:[^\W\d_]\.){2,}["'”’»)\]]*$""")  # U.S.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)*")  # or a Chinese or Japanese character
_NO_LETTERS = re.compile(r"[\W_]+")


def read_lines(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """One article a line, without a title; blank lines are passed over."""
    lines = Lines(stream, where, encoding=reading.encoding)
    for line in lines:
        if problem := lines.end_record():
            yield lines.number, None, problem
        elif not line.isspace():
            yield lines.number, {"text": line}, None


def read_article(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """A file that is one article, under its headline or without one."""
    text, problem = read_text(stream, where, encoding=reading.encoding)
    if problem:
        yield 1, None, problem
    else:
        title, body = split_headline(text.splitlines(keepends=True))
        yield 1, {"title": title, "text": body}, None


def read_pages(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """The articles in a text file; `row` is the line on which one begins. UserError if none begins for 100 MB."""
    lines = Lines(stream, where, encoding=reading.encoding)
    problems: dict[int, str] = {}
    size = 0

    def note_problems() -> Iterator[str]:
        nonlocal size
        for line in lines:
            if problem := lines.end_record():
                problems[lines.number] = problem
            size += len(line)
            if size > _MAX_PAGE:
                raise UserError(
                    f"{where}: no article begins on the {_MAX_PAGE >> 20} MB before line {lines.number}. Set "
                    "corpus.page_break to what stands between two articles, or corpus.format to lines."
                )
            yield line

    for number, page in split_pages(note_problems(), page_break=reading.page_break):
        size = 0
        found = [problems.pop(n) for n in sorted(problems) if n < number + len(page)]
        if found:
            yield number, None, found[0]
        else:
            title, text = split_headline(page)
            yield number, {"title": title, "text": text}, None


def read_html(stream: BinaryIO, where: str, reading: Reading) -> Iterator[Record]:
    """A saved web page: its article, and what it tells about it; the text is empty where there is none."""
    raw = read_at_most(stream, MAX_LINE)
    if raw is None:
        yield 1, None, f"longer than {MAX_LINE >> 20} MB"
        return
    page, problem = decode_page(raw, where, encoding=reading.encoding)
    yield 1, None if problem else extract_article(page), problem


def extract_article(page: str) -> dict[str, str | None]:
    """title, text, date (ISO 8601), source and url of a web page, None where it does not tell.

    Precision is preferred, because links to other articles and the like would count as the article's own words; where
    that leaves nothing, whatever text there is. Comments are not the article's. The date must be stated in the page's
    data or by its date line: the search for anything that looks like a date would find those of other articles. The
    language that a page states is left out: templates state that of the shop they were bought from.
    """
    import logging

    from trafilatura import bare_extraction, load_html

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # the ledger says which pages have no text
    tree = load_html(page)
    if tree is None:
        return {"text": ""}
    dates = {"extensive_search": False, "original_date": True}
    for favor_precision in (True, False):
        found = bare_extraction(
            tree,
            favor_precision=favor_precision,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=dates,
        )
        if found is not None and found.text:
            break
    else:
        return {"text": ""}
    source = found.sitename or found.hostname
    return {
        "title": _drop_site(found.title, source),
        "text": found.text,
        "date": found.date,
        "source": source,
        "url": found.url,
    }


def split_headline(lines: list[str]) -> tuple[str | None, str]:
    """(headline, text): the first line that is not blank if it is a headline, and the rest; (None, all of it) if not.

    What follows stays as it is, with a headline that is repeated there. In text with fixed line ends a first line
    that goes on in lower case is no headline.
    """
    filled = (i for i, line in enumerate(lines) if line.strip())
    first, second = next(filled, None), next(filled, None)
    if second is None or not is_headline(lines[first]):
        return None, "".join(lines)
    if second == first + 1 and lines[second].lstrip()[0].islower():
        return None, "".join(lines)
    return lines[first].strip(), "".join(lines[second:])


def is_headline(line: str, *, min_words: int = 1) -> bool:
    """Whether a line has at least `min_words` and at most 30 words, and does not end as a sentence does.

    A headline may end in a question mark, in quotes (but not with a full stop within them) or in U.S.
    """
    line = line.strip()
    if not min_words <= len(_WORD.findall(line)) <= MAX_HEADLINE_WORDS:
        return False
    return not _ENDS_SENTENCE.search(line) or _ENDS_ABBREVIATION.search(line) is not None


def split_pages(lines: Iterable[str], *, page_break: re.Pattern[str] | None = None) -> Iterator[tuple[int, list[str]]]:
    """(number of the line on which it begins, its lines) for each article in the lines of a file.

    With `page_break` a page ends at a line in which it is found, and that line is dropped. Without, a page begins
    after a form feed, at a headline after two or more blank lines, and at a headline that is repeated within the
    next five lines that are not blank: a saved page begins with headline, lead and headline. Pages without text are
    left out.
    """
    start, page = 0, []
    for number, line, is_first in _find_breaks(lines, page_break) if page_break else _find_beginnings(lines):
        if is_first and page:
            yield start, page
            page = []
        if page or line.strip():
            start = start if page else number
            page.append(line)
    if page:
        yield start, page


Place = tuple[int, str, bool]  # number of a line, the line, whether a page begins with it


def _find_breaks(lines: Iterable[str], page_break: re.Pattern[str]) -> Iterator[Place]:
    for number, line in enumerate(lines, start=1):
        is_break = page_break.search(line.rstrip("\r\n")) is not None
        yield number, "" if is_break else line, is_break


def _find_beginnings(lines: Iterable[str]) -> Iterator[Place]:
    title = ""  # of this page: it may come three times
    n_blank = 0
    for (number, line, is_fed), following in _look_ahead(_cut_at_form_feeds(lines)):
        is_first = is_fed
        if not line.strip():
            n_blank += 1
        else:
            key = _normalise(line)
            is_repeated = is_headline(line, min_words=_MIN_REPEATED_WORDS) and key in map(_normalise, following)
            is_first |= is_repeated and key != title
            is_first |= n_blank >= _BLANK_LINES and is_headline(line, min_words=_MIN_WORDS)
            n_blank = 0
            if is_first or not title:
                title = key
        yield number, line, is_first


def _cut_at_form_feeds(lines: Iterable[str]) -> Iterator[Place]:
    """The lines, and the parts of those that hold form feeds; a page begins with the first that is not blank."""
    is_fed = False
    for number, line in enumerate(lines, start=1):
        for i, part in enumerate(line.split("\f")):
            is_fed |= i > 0
            is_first = is_fed and bool(part.strip())
            is_fed &= not is_first
            yield number, part, is_first


def _look_ahead(places: Iterator[Place]) -> Iterator[tuple[Place, list[str]]]:
    """Each place with the next lines that are not blank."""
    waiting: deque[Place] = deque()
    n_filled = 0
    for place in places:
        waiting.append(place)
        n_filled += bool(place[1].strip())
        while n_filled > _REPEATED_WITHIN:
            first = waiting.popleft()
            n_filled -= bool(first[1].strip())
            yield first, _filled(waiting)
    while waiting:
        first = waiting.popleft()
        yield first, _filled(waiting)


def _filled(places: Iterable[Place]) -> list[str]:
    return list(islice((line for _, line, _ in places if line.strip()), _REPEATED_WITHIN))


def _normalise(line: str) -> str:
    """A line by its letters and digits: where a headline is repeated, quotes and capitals differ. "" for long lines."""
    return _NO_LETTERS.sub(" ", line.casefold()).strip() if len(line) < 1000 else ""


def _drop_site(title: str | None, site: str | None) -> str | None:
    """The title without the site's name behind a dash or bar."""
    if not title or not site:
        return title
    return re.sub(rf"\s+[-–—|·:]+\s+{re.escape(site)}\s*$", "", title, flags=re.IGNORECASE) or title
