"""What a corpus nobody has described yet seems to hold, told from a sample of its records."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from frameshift.corpus.clean import clean_line
from frameshift.corpus.dates import DateRules, describe_dates, parse_date
from frameshift.corpus.documents import split_pages
from frameshift.corpus.language import read_code
from frameshift.corpus.names import compile_names, read_name

# What people call the columns, the likelier meant first: of two columns of text the one as it was published, and not
# its words set apart; of two dates that of publication.
NAMES: dict[str, tuple[str, ...]] = {
    "url": ("url", "link", "articleurl", "sourceurl", "permalink", "href", "uri"),
    "date": (
        *("date", "published", "pubdate", "publishdate", "publisheddate", "datepublished", "publicationdate"),
        *("publishedat", "datum", "fecha", "data", "day", "createdat", "created", "timestamp", "datetime", "time"),
        *("year", "jahr", "annee"),
    ),
    "language": ("language", "lang", "sprache", "langue", "idioma", "taal"),
    "id": ("id", "guid", "uuid", "articleid", "docid", "documentid"),
    "text": (
        *("contentoriginal", "rawtext", "rawcontent", "fulltext", "volltext", "body", "text", "content", "article"),
        *("story", "inhalt", "artikel", "texte", "contenu", "texto", "contenido", "testo", "tekst"),
    ),
    "title": (
        *("headline", "title", "header", "heading", "titel", "schlagzeile", "uberschrift", "titre", "titulo"),
        *("titolo", "kop", "tytul"),
    ),
    "source": (
        *("source", "outlet", "publication", "publisher", "newspaper", "medianame", "sourcename", "sitename", "site"),
        *("domain", "media", "medium", "paper", "quelle", "zeitung", "journal", "fuente", "fonte", "bron"),
    ),
}
_FAR = 5 * 366  # days between the bulk of the dates and one that is not likely
_SAME = 0.9  # names of sources as alike as this may be one with a typing error
_COMPARED = 300  # names, the most frequent, with which the others are compared
_ENOUGH, _MOST = 150, 400  # characters of text that tell a language
_GENERIC = re.compile(r"\([^)]*\)|^www\.|\.(?:com|org|net|co\.uk|[a-z]{2})$|\b(?:the|news|online|web|blog|print)\b")
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}")


class Column(NamedTuple):
    """The values of a field that are not empty, as text."""

    name: str
    values: list[str]
    n_rows: int


class Dates(NamedTuple):
    """What the dates in a sample tell."""

    n: int  # that are not missing
    n_unread: int
    unread: str | None  # the first of these
    order: str | None  # proven: dmy or mdy
    is_ambiguous: bool  # all could be read if the order were known, by either
    first: date | None  # of the dates that are likely
    last: date | None
    unlikely: list[str]  # as written: in the future, or years away from nearly all others
    has_years_only: bool


def gather_columns(records: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The fields of the records that hold text, numbers, dates or lists of text."""
    names = dict.fromkeys(name for record in records for name in record)
    columns = []
    for name in names:
        values = [_as_text(record.get(name)) for record in records]
        columns.append(Column(str(name), [value for value in values if value], len(records)))
    return columns


def guess_columns(columns: Sequence[Column]) -> dict[str, str | None]:
    """For each of our names the column that seems to hold it, or None: by its name if the values agree, or by these.

    Where there is no text but headlines these are the text, and there is no title.
    """
    found: dict[str, str | None] = {}

    def take(role: str, fits: Callable[[Column], bool], *, by_values: bool = True) -> None:
        free = [column for column in columns if column.name not in found.values() and column.values]
        ranks = {column.name: _rank(column.name, NAMES[role]) for column in free}
        named = [column for column in free if ranks[column.name] is not None and fits(column)]
        if role == "text" and named:  # a short one beside a long one is a teaser
            longest = max(map(_words, named))
            named = [column for column in named if _words(column) > longest / 2]
        if named:
            found[role] = min(named, key=lambda column: ranks[column.name]).name
        else:
            found[role] = _GUESSES[role](free) if by_values and role in _GUESSES else None

    take("url", _holds_urls)
    take("date", lambda column: _share_of_dates(column) > 0.5)
    take("language", _holds_languages)
    take("id", _holds_ids)
    take("text", lambda column: _words(column) >= 2 and not _holds_urls(column))
    take("title", _holds_lines)
    take("source", _holds_sources)
    if found["text"] is None:
        found |= {"text": found["title"], "title": None}
    if found["text"] is None:
        free = [column for column in columns if column.name not in found.values() and _words(column) >= 3]
        found["text"] = max(free, key=_words).name if free else None
    return found


def list_possible_sources(columns: Iterable[Column], found: Mapping[str, str | None]) -> list[Column]:
    """Columns without another use whose values recur as those of a source do."""
    return [column for column in columns if column.name not in found.values() and _recurs(column)]


def guess_dates(values: Sequence[str], *, today: date) -> Dates:
    """The order that a sample proves, the range of its likely dates, and those that are not likely."""
    sample = describe_dates(values)
    rules = DateRules(sample.order, (), None, date.min, date.max)
    parsed = [(value, parse_date(value, rules)) for value in values]
    dated = [(value, found) for value, found in parsed if found.date]
    past = sorted(found.date for _, found in dated if found.date <= today)
    bulk = past[len(past) // 50 : len(past) - len(past) // 50]
    likely = [day for day in past if (bulk[0] - day).days <= _FAR and (day - bulk[-1]).days <= _FAR]
    unread = [value for value, found in parsed if found.problem == "unparsable"]
    return Dates(
        n=sample.n_values,
        n_unread=len(unread),
        unread=unread[0] if unread else None,
        order=sample.order,
        is_ambiguous=bool(unread) and min(count_dates(unread, order) for order in ("dmy", "mdy")) > len(unread) / 2,
        first=likely[0] if likely else None,
        last=likely[-1] if likely else None,
        unlikely=[value for value, found in dated if not likely or not likely[0] <= found.date <= likely[-1]],
        has_years_only=sum(found.precision == "year" for _, found in dated) > len(dated) / 2,
    )


def count_dates(values: Iterable[str], order: str) -> int:
    """How many of the values are dates with that order of day and month."""
    rules = DateRules(order, (), None, date.min, date.max)
    return sum(parse_date(value, rules).date is not None for value in values)


def guess_languages(texts: Sequence[str]) -> Counter[str]:
    """How many of the texts are in which language (ISO 639-1), by their beginnings; short ones are taken together.

    By lingua's smaller models, so that all languages can be considered: single short texts would need the larger ones.
    """
    from lingua import LanguageDetectorBuilder

    pieces, piece = [], ""
    for text in texts:
        piece = f"{piece} {text}".strip()
        if len(piece) >= _ENOUGH:
            pieces.append(piece[:_MOST])
            piece = ""
    detector = LanguageDetectorBuilder.from_all_spoken_languages().with_low_accuracy_mode().build()
    found = detector.detect_languages_in_parallel_of(pieces or [piece])
    return Counter(language.iso_code_639_1.name.lower() for language in found if language is not None)


def count_sources(values: Iterable[str]) -> Counter[str]:
    """How often each source stands in the sample, as the run will call it."""
    return Counter(filter(None, map(clean_line, values)))


def find_same_sources(counts: Mapping[str, int]) -> dict[str, str]:
    """Names that may be another one's, and that one, the more frequent of the two: {"CNN (Web News)": "CNN"}."""
    same: dict[str, str] = {}
    chosen: dict[str, str] = {}  # name reduced to what sets it apart: name in full
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        key = _reduce(name)
        close = key if key in chosen else next((other for other in chosen if _is_alike(key, other)), None)
        if close is not None:
            same[name] = chosen[close]
        elif len(chosen) < _COMPARED:
            chosen[key] = name
    return same


def tell_text_kind(heads: Sequence[str]) -> str:
    """Whether text files, of which these are the beginnings, hold one article each, several (pages) or one a line.

    A line of 80 words is an article; many lines that are all short and no paragraphs, in a single file, are headlines.
    """
    lines = [[line for line in head.splitlines() if line.strip()] for head in heads]
    n_pages = [sum(1 for _ in split_pages(head.splitlines(keepends=True))) for head in heads]
    lengths = [len(line.split()) for found in lines for line in found]
    if not lengths:
        return "text"
    per_file = median(map(len, lines))
    if per_file >= 5 and median(lengths) >= 80:
        return "lines"
    if median(n_pages) >= 2:
        return "pages"
    n_blank = sum(not line.strip() for head in heads for line in head.splitlines())
    is_list = len(heads) == 1 and len(lengths) >= 50 and n_blank < len(lengths) / 10 and max(lengths) <= 40
    return "lines" if is_list else "text"


def guess_file_names(names: Sequence[str]) -> str | None:
    """The pattern by which all `names` tell source and date: "{source}/{date}_*" for Guardian/2015-03-04_border.txt.

    Of several the one that tells most; the folder's name alone counts as the source where there are several folders.
    None where not every name fits.
    """
    best, best_score = None, 0
    for template in _list_templates():
        found = [read_name(name, compile_names(template)) for name in names]
        if None in found or not found:
            continue
        sources = [fields["source"] for fields in found if "source" in fields]
        dates = [fields["date"] for fields in found if "date" in fields]
        if sources and not _are_sources(sources):
            continue
        if dates and max(count_dates(dates, order) for order in ("dmy", "mdy")) < len(dates):
            continue
        are_days = bool(dates) and not any(re.fullmatch(r"\d{4}|\d{4}-\d\d", value) for value in dates)
        score = 4 * bool(sources) + 2 * bool(dates) + are_days
        if score > best_score:
            best, best_score = template, score
    return best


def _list_templates() -> list[str]:
    marks = ("_", " ", "-", " - ", "__", ".")
    without_source = ["{date}", *(f"{{date}}{mark}*" for mark in marks)]
    with_source = [
        stem.replace("+", mark)
        for mark in marks
        for stem in ("{source}+{date}", "{source}+{date}+*", "{date}+{source}", "{date}+{source}+*")
    ]
    folders = [f"{{source}}/{between}{stem}" for between in ("", "*/") for stem in [*without_source, "*"]]
    return [*folders, *with_source, *without_source]


def _are_sources(names: Sequence[str]) -> bool:
    n_distinct = len(set(names))
    few = 2 <= n_distinct <= len(names) / 2 or (n_distinct >= 2 and len(names) < 4)
    return few and not any(re.search(r"\d", name) for name in names)


def _as_text(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value).strip()
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _rank(name: str, known: Sequence[str]) -> int | None:
    """How well a column's name says what is looked for: 0 best; None not at all."""
    folded = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    tokens = [token.lower() for token in _TOKENS.findall(folded)]
    whole = "".join(tokens)
    if whole in known:
        return known.index(whole)
    parts = {*tokens, *(first + second for first, second in pairwise(tokens))}
    if "id" in known and whole.endswith("id"):
        parts.add("id")
    return next((len(known) + i for i, word in enumerate(known) if word in parts), None)


def _words(column: Column) -> float:
    """Median words of a value; 0 for columns of numbers or dates."""
    if _share(column, lambda value: any(letter.isalpha() for letter in value)) < 0.5:
        return 0
    some = column.values[:: max(1, len(column.values) // 200)]
    return median(len(value.split()) for value in some)


def _share(column: Column, test: Callable[[str], object]) -> float:
    return sum(bool(test(value)) for value in column.values) / max(len(column.values), 1)


def _share_of_dates(column: Column) -> float:
    values = [value for value in column.values if len(value) < 60]
    dates = describe_dates(values)
    if not dates.n_values or len(values) < len(column.values) / 2:
        return 0.0
    return max(dates.n_parsed, *(count_dates(values, order) for order in ("dmy", "mdy"))) / dates.n_values


def _holds_urls(column: Column) -> bool:
    return _share(column, lambda value: re.match(r"https?://\S+$", value)) > 0.8


def _holds_languages(column: Column) -> bool:
    return _share(column, read_code) > 0.9


def _holds_ids(column: Column) -> bool:
    is_unique = len(set(column.values)) == len(column.values) == column.n_rows
    return is_unique and _share(column, lambda value: len(value) <= 64 and " " not in value) == 1


def _holds_lines(column: Column) -> bool:
    return 1 <= _words(column) <= 30 and _share(column, lambda value: "\n" not in value) > 0.9


def _holds_sources(column: Column) -> bool:
    n_distinct = len(set(column.values))
    return 0 < _words(column) <= 6 and not _holds_urls(column) and (n_distinct <= max(column.n_rows / 2, 5))


def _recurs(column: Column) -> bool:
    n_distinct = len(set(column.values))
    is_name = 0 < _words(column) <= 5 and not _holds_urls(column) and _share_of_dates(column) < 0.5
    return is_name and len(column.values) > column.n_rows / 2 and 2 <= n_distinct <= column.n_rows / 3


def _guess_url(columns: list[Column]) -> str | None:
    return next((column.name for column in columns if _holds_urls(column)), None)


def _guess_date(columns: list[Column]) -> str | None:
    """Numbers are left out: ids of ten digits are Unix times, too."""
    written = [column for column in columns if _share(column, str.isdigit) < 0.5]
    return next((column.name for column in written if _share_of_dates(column) > 0.8), None)


def _guess_text(columns: list[Column]) -> str | None:
    """The longest, from 20 words on; the title is tried where none is so long."""
    longest = max(columns, key=_words, default=None)
    return longest.name if longest and _words(longest) >= 20 and not _holds_urls(longest) else None


def _guess_title(columns: list[Column]) -> str | None:
    """The first that holds sentences of a headline's length, nearly each another one."""
    for column in columns:
        if 4 <= _words(column) <= 20 and _holds_lines(column) and len(set(column.values)) > 0.8 * len(column.values):
            return column.name
    return None


def _guess_source(columns: list[Column]) -> str | None:
    """Names of sites; or the only column whose values recur, where no column has a name that says anything."""
    for column in columns:
        if _share(column, _DOMAIN.fullmatch) > 0.8 and _recurs(column):
            return column.name
    possible = [column.name for column in columns if _recurs(column)]
    is_mute = all(re.fullmatch(r"\W*|[A-Za-z]{0,6}[ _]?\d+|[A-Za-z]", column.name) for column in columns)
    return possible[0] if is_mute and len(possible) == 1 else None


_GUESSES: dict[str, Callable[[list[Column]], str | None]] = {
    "url": _guess_url,
    "date": _guess_date,
    "text": _guess_text,
    "title": _guess_title,
    "source": _guess_source,
}


def _reduce(name: str) -> str:
    """`name` without what outlets add to their names: the same for CNN, CNN (Web News) and www.cnn.com."""
    rest = name.casefold()
    for _ in range(2):  # www. and .com
        rest = _GENERIC.sub(" ", rest.strip(" -–|:"))
    return re.sub(r"\W+", "", rest) or clean_line(name).casefold()


def _is_alike(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= 8 and SequenceMatcher(None, one, other).ratio() >= _SAME
