"""Text from bytes: UTF-8 where it is that, an older encoding where it is not, line by line."""

import codecs
import io
import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import BinaryIO

from frameshift.errors import UserError
from frameshift.jobs import log

MAX_LINE = 20 << 20  # bytes; far above any article, so that a file without line ends does not fill the memory
_EVIDENCE = 1 << 20  # bytes looked at to tell which older encoding a file is in
_MIN_IN_RUNS = 6  # bytes side by side beyond ASCII: three Chinese characters, a Russian word; not a dash and a quote

# Older encodings in wide use; of each family the largest: cp1252 holds latin-1, gb18030 GBK, cp932 Shift JIS.
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254")
_OTHERS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp932", "euc_jp", "gb18030", "big5", "cp949")
_CENTRAL_EUROPEAN = ("CROATIAN", "CZECH", "HUNGARIAN", "POLISH", "ROMANIAN", "SLOVAK", "SLOVENE")
_WESTERN = ("BOKMAL", "CATALAN", "DANISH", "DUTCH", "ENGLISH", "FINNISH", "FRENCH", "GERMAN", "ICELANDIC", "ITALIAN")
_WESTERN += ("PORTUGUESE", "SPANISH", "SWEDISH")

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# What browsers take these names for (WHATWG, Encoding Standard), as pages use characters of the larger set.
_LARGER = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_LARGER |= {"shift_jis": "cp932", "euc_kr": "cp949"}

# What is no character in UTF-16 becomes this one, which no text can hold and which UTF-8 refuses.
codecs.register_error("frameshift.mark", lambda error: ("\udcff", error.end))


class Lines:
    """The decoded lines of a stream, one after the other, and what is wrong with those that cannot be used.

    With encoding "auto" a mark at the beginning decides for UTF-16 or UTF-8; without one a line is UTF-8 where it can
    be, and the others are in one older encoding, told from the first of them; but where most of a line is UTF-8, as in
    text cut off within a character, what is not becomes U+FFFD. A line that cannot be decoded, or has more than
    `limit` bytes, is given all the same (with the bytes written out, or empty), so that records which go on behind it
    are understood; `end_record` says why not to use it.

    Raises UserError for an encoding that Python does not know.
    """

    def __init__(self, stream: BinaryIO, where: str, *, encoding: str = "auto", limit: int = MAX_LINE) -> None:
        stream = stream if hasattr(stream, "peek") else io.BufferedReader(stream)
        self._where, self._limit = where, limit
        self._name = _choose_encoding(stream.peek(3)[:3], encoding)
        self._may_be_older = encoding == "auto" and self._name == "utf-8"
        self._older = ""  # the older encoding, once a line needs it
        self._n_older = self._first_older = 0
        self._n_mended = self._first_mended = 0
        if self._name == "utf-8" and stream.peek(3).startswith(codecs.BOM_UTF8):
            stream.read(3)
        self._is_bytewise = "\n".encode(self._name) == b"\n"  # lines can be told before they are decoded
        self._codec = self._name if self._is_bytewise else "utf-8"
        self._readline = stream.readline if self._is_bytewise else _recode(stream, self._name)
        self._ahead: deque[bytes] = deque()  # read to learn the encoding, and not given yet
        self._given_back: list[str] = []  # the next one last
        self._taken: list[str] = []  # since the record began
        self._problems: dict[int, str] = {}  # by number of line, since the record began
        self.number = 0  # of the line given last, from 1

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if self._given_back:
            line = self._given_back.pop()
        else:
            raw = self._ahead.popleft() if self._ahead else self._readline(self._limit + 1)
            if not raw:
                self._report()
                raise StopIteration
            if len(raw) > self._limit:
                line = self._skip_rest(raw)
            else:
                try:
                    line = raw.decode(self._codec)
                except UnicodeDecodeError as error:
                    line = self._decode_otherwise(raw, error)
        self.number += 1
        self._taken.append(line)
        return line

    def end_record(self) -> str | None:
        """Why the lines given since the last call cannot be used, if they cannot; a new record begins after them."""
        self._taken.clear()
        if not self._problems:
            return None
        found = [self._problems.pop(n) for n in sorted(self._problems) if n <= self.number]
        return found[0] if found else None

    def give_back_all_but_first(self) -> None:
        """Give the lines since the record began, except the first, once more."""
        back = self._taken[1:]
        self._given_back.extend(reversed(back))
        self.number -= len(back)
        del self._taken[1:]

    def _skip_rest(self, raw: bytes) -> str:
        while raw and not raw.endswith(b"\n"):
            raw = self._readline(_EVIDENCE)
        self._problems[self.number + 1] = f"line {self.number + 1} is longer than {self._limit >> 20} MB"
        return "\n"

    def _decode_otherwise(self, raw: bytes, error: UnicodeDecodeError) -> str:
        number = self.number + 1
        tried = f"not {self._name}"
        if self._may_be_older:
            if mended := _mend(raw):
                self._n_mended += 1
                self._first_mended = self._first_mended or number
                return mended
            self._older = self._older or self._find_older(raw)
            tried = f"neither UTF-8 nor {self._older}"
            try:
                line = raw.decode(self._older)
            except UnicodeDecodeError as second:
                error = second
            else:
                self._n_older += 1
                self._first_older = self._first_older or number
                return line
        place = f"byte 0x{raw[error.start]:02x} at {error.start + 1} of" if self._is_bytewise else "a character of"
        self._problems[number] = f"{place} line {number} is {tried}; convert the file or set corpus.encoding"
        return raw.decode(self._codec, "backslashreplace")

    def _find_older(self, raw: bytes) -> str:
        size = 0
        while size < _EVIDENCE and (line := self._readline(self._limit + 1)):
            self._ahead.append(line)
            if len(line) > self._limit:  # its rest comes next from the stream
                break
            size += len(line)
        return _detect_older(filter(_is_older, [raw, *self._ahead]))

    def _report(self) -> None:
        if self._n_older:
            log.warning(
                "Warning: %s: lines that are not UTF-8 were read as %s: %d, the first one line %d. If their letters "
                "are wrong, set corpus.encoding",
                *(self._where, self._older, self._n_older, self._first_older),
            )
        if self._n_mended:
            log.warning(
                "Warning: %s: lines in which a few bytes are not UTF-8 and were replaced: %d, the first one line %d",
                *(self._where, self._n_mended, self._first_mended),
            )
        self._n_older = self._n_mended = 0  # said once, though the end may be met twice


def detect_encoding(head: bytes) -> str:
    """What "auto" makes of the beginning of a file: utf-16, utf-8, or the encoding of the lines that are not UTF-8."""
    name = _choose_encoding(head[:3], "auto")
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    older = list(filter(_is_older, whole_lines.splitlines()))
    return _detect_older(older) if older and name == "utf-8" else name


def read_text(stream: BinaryIO, where: str, *, encoding: str = "auto", limit: int = MAX_LINE) -> tuple[str, str | None]:
    """All of a stream as text, and why it cannot be used (it is longer than `limit` bytes, or cannot be decoded)."""
    lines = Lines(stream, where, encoding=encoding, limit=limit)
    parts, size = [], 0
    for line in lines:
        parts.append(line)
        size += len(line)
        if size > limit:
            return "", f"longer than {limit >> 20} MB"
    return "".join(parts), lines.end_record()


def decode_page(raw: bytes, where: str, *, encoding: str = "auto") -> tuple[str, str | None]:
    """A web page as text, and why it cannot be used. The older encoding that a page declares is believed."""
    if encoding == "auto" and (declared := _CHARSET.search(raw[:4096])) and not _is_utf8(raw):
        try:
            name = codecs.lookup(declared[1].decode("ascii")).name
        except LookupError:
            name = "utf-8"
        if not name.startswith("utf"):
            return raw.decode(_LARGER.get(name, name), "replace"), None  # one odd byte does not make it unreadable
    return read_text(io.BytesIO(raw), where, encoding=encoding)


def _choose_encoding(head: bytes, encoding: str) -> str:
    if encoding == "auto":
        return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        "\n".encode(encoding)
        name = codecs.lookup(encoding).name
    except (LookupError, UnicodeError) as error:
        raise UserError(
            f"corpus.encoding: no encoding is called {encoding!r}. Set it to auto, or to a name such as utf-8, utf-16, "
            "windows-1252, iso-8859-2, windows-1251, shift_jis or gb18030."
        ) from error
    return "utf-8" if name == "utf-8-sig" else name


def _recode(stream: BinaryIO, name: str) -> Callable[[int], bytes]:
    """readline() of a stream in an encoding whose line ends are not the byte 0x0a, giving UTF-8."""
    text = io.TextIOWrapper(stream, name, errors="frameshift.mark", newline="\n")
    return lambda size: text.readline(size).encode("utf-8", "surrogatepass")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_older(line: bytes) -> bool:
    return not _is_utf8(line) and not _mend(line)


def _mend(raw: bytes) -> str | None:
    """A line that is UTF-8 but for a few bytes with these replaced, None if it is in another encoding."""
    text = raw.decode("utf-8", "replace")
    n_wrong = text.count("\ufffd")
    return text if sum(char > "\x7f" for char in text) > 2 * n_wrong else None


def _detect_older(lines: Iterable[bytes]) -> str:
    """The one older encoding of lines that are not UTF-8; windows-1252 where nothing speaks against it.

    charset-normalizer tells scripts apart in a single sentence, but takes a third of the single sentences in Western
    languages for Central European ones; there the language decides, which lingua knows even where letters are wrong.
    In Latin script most letters beyond ASCII stand alone, in other scripts side by side.
    """
    from charset_normalizer import from_bytes

    raw = b"\n".join(lines)[:_EVIDENCE]
    runs = re.findall(rb"[\x80-\xff]+", raw)
    in_runs = sum(len(run) for run in runs if len(run) > 1)
    if in_runs >= _MIN_IN_RUNS and 2 * in_runs > sum(map(len, runs)):
        names = [*_LATIN, *_OTHERS]
        best = from_bytes(raw, cp_isolation=names, preemptive_behaviour=False, enable_fallback=False).best()
        if best is not None and best.encoding in _OTHERS:
            return best.encoding
    western = raw.decode("cp1252", "replace")
    language = _name_language(western[:20_000])
    texts = {name: raw.decode(name, "replace") for name in _latin_encodings(language)}
    best = max(texts, key=lambda name: sum(map(str.isalpha, texts[name])))  # in the wrong one some letters become signs
    return best if texts[best] != western else "cp1252"


def _latin_encodings(language: str | None) -> tuple[str, ...]:
    if language in _CENTRAL_EUROPEAN:
        return ("cp1250", "iso8859_2")
    return ("cp1254",) if language == "TURKISH" else ("cp1252",)


def _name_language(text: str) -> str | None:
    from lingua import Language, LanguageDetectorBuilder

    languages = [getattr(Language, name) for name in (*_WESTERN, *_CENTRAL_EUROPEAN, "TURKISH")]
    detector = LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()
    found = detector.detect_language_of(text)
    return found.name if found else None
