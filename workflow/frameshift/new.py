"""The command `frameshift new`: a configuration for a corpus nobody has described yet, and what is doubtful in it."""

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import yaml

from frameshift.check import ROOT, find_shipped
from frameshift.corpus import guess
from frameshift.corpus.encoding import detect_encoding
from frameshift.corpus.files import SUFFIXES, find_inputs, suffix_of
from frameshift.corpus.inputs import WITHOUT_COLUMNS
from frameshift.corpus.language import read_code
from frameshift.corpus.sample import (
    Member,
    Records,
    format_of,
    is_document,
    list_files,
    name_files,
    read_heads,
    sample_records,
    spread,
)
from frameshift.errors import UserError
from frameshift.frames.codebook import load_codebook
from frameshift.schema import read_yaml

_DEFAULTS = read_yaml(ROOT / "config" / "config.yaml")
OTHER_LANGUAGES: list[str] = _DEFAULTS["corpus"]["other_languages"]
MAIN_LANGUAGE: str = _DEFAULTS["corpus"]["languages"][0]
SHORT = 40  # words: texts of fewer, by their median, are headlines or sentences
CODEBOOK: str = _DEFAULTS["frames"]["codebook"]
MIN_WORDS: int = _DEFAULTS["corpus"]["min_words"]
RESERVED = ("config", "events", "frames", "allsides_events")  # files of the workflow's own in config/
_HEAD = 1 << 20  # bytes of a file that tell its encoding and what a text file holds
_WIDTH = 120


class Setting(NamedTuple):
    """A key of the file; with `is_active` false one that the user may want to have: it is commented out."""

    key: str  # corpus.dates.order
    value: Any
    comment: str = ""
    is_active: bool = True


class Found(NamedTuple):
    """What is said on the screen of what was found."""

    what: str
    said: str


class Doubt(NamedTuple):
    """What is said on the screen of what has to be looked at."""

    said: str


Note = Setting | Found | Doubt


def write_config(
    files: Sequence[str], *, name: str | None = None, force: bool = False, folder: Path = Path("config"), today: date
) -> str:
    """Look at the corpus `files`, write `folder`/<name>.yaml for it, and return what to tell the user.

    The name is derived from the first file's where none is given. Dates after `today` are unlikely. Raises UserError
    where there are no articles, where the name cannot be one, and, without `force`, where the file exists.
    """
    paths = find_inputs(files)
    name = _check_name(name or _derive_name(paths), folder)
    target = folder / f"{name}.yaml"
    if target.exists() and not force:
        raise UserError(f"{target} exists already. Choose another name (--name), or overwrite it with --force.")
    notes = list(describe_corpus(files, paths, today=today))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render_config(name, [note for note in notes if isinstance(note, Setting)]), encoding="utf-8")
    return _tell(target, notes)


def describe_corpus(files: Sequence[str], paths: Sequence[Path], *, today: date) -> Iterator[Note]:
    """What the corpus seems to be: settings in the order of the file, and what to say about them."""
    yield Setting("corpus.path", _shorten_paths(files))
    files_found = list_files(paths)
    kind, format_notes = _describe_format(files_found, paths)
    yield from format_notes
    members = [file for file in files_found if format_of(file) == ("text" if kind in ("pages", "lines") else kind)]
    encoding, encoding_notes = _describe_encoding(members, kind)
    yield from encoding_notes
    sample = sample_records(members, kind, encoding=encoding)
    if not sample.records:
        raise UserError(f"There are no articles in {_join(map(str, paths))}: {_explain_nothing(sample)}.")
    yield _count_rows(sample, members)
    columns = guess.gather_columns(sample.records)
    if kind in WITHOUT_COLUMNS:
        found = {role: role for role in guess.NAMES if any(column.name == role for column in columns)}
        told = guess.guess_file_names(name_files(members)) if len(members) > 1 else None
    else:
        found, told = guess.guess_columns(columns), None
        yield from _describe_columns(found, columns)
    values = {role: next(c.values for c in columns if c.name == name) for role, name in found.items() if name}
    if not values.get("text"):
        raise UserError(f"There is no text in {_join(map(str, paths))}: {_describe_fields(columns)}.")
    if told:
        yield Setting("corpus.file_names", told, "what the names of the files tell")
        yield Found("file names", f"{told}, as in {name_files(members)[0]}")
        values |= _read_names(name_files(members), told)
    elif kind in WITHOUT_COLUMNS:
        found["source"] = found.get("source") if kind == "html" else None
    yield from _describe_sources(values.get("source", []), found, columns, paths, n_rows=len(sample.records))
    yield from _describe_languages(values["text"], values.get("language", []))
    yield from _describe_dates(values.get("date", []), n_rows=len(sample.records), kind=kind, today=today)
    yield from _describe_lengths(values["text"])
    if sample.n_unreadable:
        yield Doubt(f"{sample.n_unreadable} rows of the sample cannot be read; `frameshift check` says why.")
    if documents := [file.name for file in files_found if is_document(file)]:
        yield Doubt(f"Files such as {documents[0]} cannot be read ({len(documents)}): save them as text (.txt).")


def render_config(name: str, settings: Sequence[Setting]) -> str:
    """The file's text: sections in the order of the settings, lines commented out where they are not active."""
    lines = [
        "# Written by `frameshift new` from a sample of the corpus: correct what is wrong. Keys that are not here have",
        "# the values of config/config.yaml; all are explained in config/README.md.",
        f"name: {_scalar(name)}",
    ]
    sections = list(dict.fromkeys(setting.key.split(".")[0] for setting in settings))
    for section in sections:
        members = [setting for setting in settings if setting.key.startswith(f"{section}.")]
        lines += ["", f"{section}:", *_render_section(members, depth=1)]
    return "\n".join(lines) + "\n"


def _render_section(settings: Sequence[Setting], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for part, members in groupby(settings, key=lambda setting: setting.key.split(".")[depth]):
        members = list(members)
        if members[0].key.count(".") == depth:
            for setting in members:
                yield from _render_line(part, setting, indent)
        else:
            is_active = any(member.is_active for member in members)
            yield f"{indent}{'' if is_active else '# '}{part}:"
            yield from _render_section(members, depth + 1)


def _render_line(key: str, setting: Setting, indent: str) -> Iterator[str]:
    off = "" if setting.is_active else "# "
    is_block = key == "sources"
    line = f"{indent}{off}{key}:" + ("" if is_block else f" {_scalar(setting.value)}")
    beside = f"{line} # {setting.comment}" if setting.comment else line
    if len(beside) <= _WIDTH and not is_block:
        yield beside
    else:
        yield from textwrap.wrap(setting.comment, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
        if setting.value or not is_block:
            yield line
    if is_block:
        yield from (f"{indent}{off}  {_scalar(name)}: {_scalar(value)}" for name, value in setting.value.items())


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return text.removesuffix("...\n").strip()


def _describe_format(files: Sequence[Member], paths: Sequence[Path]) -> tuple[str, list[Note]]:
    """The format that most files have, and what to say about it."""
    kinds = Counter(kind for file in files if (kind := format_of(file)))
    if not files:
        raise UserError(f"{_join(map(str, paths))} is empty. Put the articles there, or name where they are.")
    if not kinds:
        if documents := [file.name for file in files if is_document(file)]:
            raise UserError(f"{documents[0]}: such files cannot be read. Save the articles as text (.txt) or a table.")
        raise UserError(
            f"There are no articles in {_join(map(str, paths))}: no file there ends in {', '.join(SUFFIXES)}. Rename "
            "what has other endings by what it is, or name other files."
        )
    kind, n = kinds.most_common(1)[0]
    said = f"{kind}, {_plural(n, 'file')}"
    if len(kinds) > 1:
        others = ", ".join(f"{count} {other}" for other, count in kinds.most_common()[1:])
        doubt = Doubt(f"There are files of other formats, too, which are passed over: {others}.")
        return kind, [Setting("corpus.format", kind, f"not read: {others}"), Found("format", said), doubt]
    if kind != "text":
        return kind, [Found("format", said)]
    heads = read_heads(spread(files, 20), _HEAD)
    told = guess.tell_text_kind([head.decode(detect_encoding(head), "replace") for head in heads])
    meaning = {"text": "one article each", "pages": "several articles each", "lines": "one article a line"}[told]
    notes: list[Note] = [Found("format", f"{told}: {_plural(n, 'text file')}, {meaning}")]
    if told != "text":
        notes.insert(0, Setting("corpus.format", told, meaning))
    return told, notes


def _describe_encoding(members: Sequence[Member], kind: str) -> tuple[str, list[Note]]:
    """The encoding to read with, "auto" wherever that will do, and what to say about it."""
    if kind in ("excel", "parquet", "html"):
        return "auto", []
    heads = read_heads(spread(members[:200], 5), _HEAD)
    for head in heads:
        if head.count(0) > len(head) / 5 and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            name = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
            return name, [Setting("corpus.encoding", name, "UTF-16 without its mark"), Found("encoding", name)]
    seen = Counter(detect_encoding(head) for head in heads)
    odd = [name for name in seen if not name.startswith("utf")]
    if not odd:
        return "auto", [Found("encoding", ", ".join(sorted(seen)).upper())]
    return "auto", [Found("encoding", f"{', '.join(odd)}: an older one, which is read without a setting")]


def _count_rows(sample: Records, members: Sequence[Member]) -> Found:
    if sample.is_whole:
        return Found("rows", f"{sample.n_rows:,}")
    if len(members) == 1:
        return Found("rows", f"more than {sample.n_rows:,}; what follows is true of the first {sample.n_rows:,}")
    return Found("rows", f"more than {sample.n_rows:,} in {_plural(len(members), 'file')}; what follows is a sample")


def _describe_columns(found: Mapping[str, str | None], columns: Sequence[guess.Column]) -> Iterator[Note]:
    defaults = {"title": "title", "text": "text", "date": "date", "source": "source"}
    own = {role: found[role] for role in (*defaults, "url", "language", "id")}
    if not own["text"]:
        raise UserError(f"No column holds text: {_describe_fields(columns)}. Name the file that has the articles.")
    changed = {role: name for role, name in own.items() if name != defaults.get(role)}
    unused = [column.name or "(a column without a name)" for column in columns if column.name not in found.values()]
    if changed:
        yield Setting("corpus.columns", changed, f"not used: {_join(unused)}" if unused else "")
    yield Found("columns", ", ".join(f"{role}: {name}" for role, name in own.items() if name))
    if unused:
        yield Found("not used", _join(unused, 12))
    if not own["title"]:
        yield Found("title", "none found: the articles have no headlines of their own")


def _describe_sources(
    values: Sequence[str],
    found: Mapping[str, str | None],
    columns: Sequence[guess.Column],
    paths: Sequence[Path],
    *,
    n_rows: int,
) -> Iterator[Note]:
    if not values:
        name = _derive_source(paths[0])
        possible = guess.list_possible_sources(columns, found)
        others = [f"{column.name} ({_count(column.values, 3)})" for column in possible]
        comment = "guessed from the file's name; correct it"
        if others:
            comment += f". Or is it a column, {' or '.join(others)}? Then name that in `columns` and remove this line"
        yield Setting("corpus.source", name, comment)
        yield Doubt(
            f"Nothing says who published the articles. By the file's name corpus.source is {name!r}: correct it."
        )
        return
    names = guess.count_sources(values)
    listed = f"{_plural(len(names), 'name')}: {_count(values, 10)}"
    yield Found("sources", listed)
    if len(values) < n_rows:
        yield Doubt(f"{n_rows - len(values)} of {n_rows} rows have no source: they will be rejected.")
    same = guess.find_same_sources(names)
    yield Setting("corpus.sources", same, f"seen: {listed}", is_active=False)
    if same:
        yield Doubt(
            f"Names that may be of one source: {_join([f'{name} = {other}' for name, other in same.items()], 4)}. If "
            "they are, remove the # before them and before `sources` in the file."
        )


def _describe_languages(texts: Sequence[str], told: Sequence[str]) -> Iterator[Note]:
    counts = Counter(map(read_code, told)) if told else guess.guess_languages(spread(texts, 100))
    unknown = counts.pop(None, 0)
    n = counts.total()
    known = [code for code, times in counts.most_common() if times > n / 100 and (times > 1 or n < 20)]
    main = next(iter(known), MAIN_LANGUAGE)
    yield Found("languages", ", ".join(f"{code} {counts[code] / n:.0%}" for code in known) or "cannot be told")
    if unknown:
        yield Doubt(f"{unknown} rows name a language that is none: their texts decide.")
    if main != MAIN_LANGUAGE:
        yield Setting("corpus.languages", [main])
    if main not in _list_codebook_languages():
        yield Doubt(
            f"Most texts are in {main!r}, which the codebook {CODEBOOK} lacks: in a copy, named in frames.codebook, "
            f"add anchors, neutral statements and patterns in {main!r}."
        )
    if not told and (more := [code for code in known if code not in (main, *OTHER_LANGUAGES)]):
        yield Setting("corpus.other_languages", [*OTHER_LANGUAGES, *more], "set aside where they have slipped in")
    if len(known) > 1:
        yield Doubt(f"Articles in {', '.join(known[1:])} are set aside. To keep them, see corpus.languages.")


def _list_codebook_languages() -> set[str]:
    """The languages that all entries of the default codebook have."""
    return set.intersection(*(set(entry.languages) for entry in load_codebook(find_shipped(CODEBOOK)).values()))


def _describe_dates(values: Sequence[str], *, n_rows: int, kind: str, today: date) -> Iterator[Note]:
    if not values:
        lacking = "the pages do not tell" if kind == "html" else "none found"
        yield Found("dates", f"{lacking}: comparisons over time will not be possible")
        return
    dates = guess.guess_dates(values, today=today)
    order = {"dmy": "day first (dmy)", "mdy": "month first (mdy)", None: ""}[dates.order]
    first, last = (str(day)[: 4 if dates.has_years_only else None] for day in (dates.first, dates.last))
    span = f"{first} to {last}" if dates.first else "none can be read"
    missing = f"{n_rows - dates.n} missing" if dates.n < n_rows else ""
    yield Found("dates", ", ".join(filter(None, [span, order, missing, "years only" if dates.has_years_only else ""])))
    if dates.order:
        yield Setting("corpus.dates.order", dates.order, "proven by the dates of the sample")
    elif dates.is_ambiguous:
        yield Setting(
            "corpus.dates.order", "dmy", f"or mdy? {dates.unread} could be both; remove each # to choose", False
        )
        yield Doubt(
            f"Whether dates such as {dates.unread!r} begin with the day or the month cannot be told: until "
            f"corpus.dates.order says it, they count as unknown ({dates.n_unread} of {dates.n})."
        )
    elif dates.unread:
        yield Setting(
            "corpus.dates.formats", ["%Y-%m-%d"], f"in what form is {dates.unread!r}? See strptime of Python", False
        )
    if dates.n_unread and not dates.is_ambiguous:
        yield Doubt(f"{dates.n_unread} of {dates.n} dates cannot be read, such as {dates.unread!r}.")
    if dates.unlikely and dates.first:
        seen = f"{len(dates.unlikely)} in the sample: {_join(dates.unlikely, 3)}"
        yield Setting(
            "corpus.dates.earliest", dates.first.replace(month=1, day=1), "from the likely dates of the sample"
        )
        yield Setting("corpus.dates.latest", dates.last.replace(month=12, day=31), f"the unlikely ones, {seen}")
        yield Doubt(
            f"Some dates are unlikely ({seen}): those outside {dates.first.year}–{dates.last.year} count as unknown. "
            "Correct earliest and latest in corpus.dates where that is wrong."
        )
    if dates.has_years_only:
        yield Setting("comparisons.grain", "year", "the dates are years only")


def _describe_lengths(texts: Sequence[str]) -> Iterator[Note]:
    lengths = [len(text.split()) for text in texts]
    typical, share = median(lengths), sum(length < MIN_WORDS for length in lengths) / len(lengths)
    is_short = typical < SHORT
    cut = (
        f"; {share:.1%} have fewer than {MIN_WORDS} and will be rejected (min_words)" if share and not is_short else ""
    )
    yield Found("length", f"{typical:.0f} words a text, by the median{cut}")
    if is_short:
        yield Setting("corpus.min_words", 1, "headlines or sentences: no text is too short")
        yield Doubt(f"The texts are headlines or sentences ({typical:.0f} words by the median), so min_words is 1.")


def _shorten_paths(files: Sequence[str]) -> str | list[str]:
    """The only file; for many that are all there are of their kind in a folder, the pattern; else their list."""
    folders, suffixes = {Path(file).parent for file in files}, {Path(file).suffix for file in files}
    if len(files) > 3 and len(folders) == len(suffixes) == 1:
        folder, pattern = folders.pop(), f"*{suffixes.pop()}"
        if sorted(folder.glob(pattern)) == sorted(map(Path, files)):
            return str(folder / pattern)
    return files[0] if len(files) == 1 else list(files)


def _read_names(names: Sequence[str], template: str) -> dict[str, list[str]]:
    pattern = guess.compile_names(template)
    told = [guess.read_name(name, pattern) for name in names]
    return {field: [fields[field] for fields in told] for field in pattern.groupindex}


def _derive_name(paths: Sequence[Path]) -> str:
    stem = _stem(paths[0] if len(paths) == 1 or not paths[0].parent.name else paths[0].parent)
    folded = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", folded).strip("_-") or "corpus"
    return f"{name}_corpus" if name in RESERVED else name


def _check_name(name: str, folder: Path) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name) or name in RESERVED:
        raise UserError(
            f"--name {name!r}: a run's name is made of letters, digits, - and _, and is none of {', '.join(RESERVED)}, "
            f"which {folder}/ has already."
        )
    return name


def _derive_source(path: Path) -> str:
    return " ".join(re.split(r"[\W_]+", _stem(path))).strip() or "corpus"


def _stem(path: Path) -> str:
    name = path.resolve().name
    while path.is_file() and re.search(r"\.(?:gz|bz2|xz|tar|tgz|zip)$", name.lower()):
        name = name.rsplit(".", 1)[0]
    return name.rsplit(".", 1)[0] if suffix_of(name) in SUFFIXES else name


def _explain_nothing(sample: Records) -> str:
    return f"none of {sample.n_rows} rows can be read" if sample.n_rows else "nothing stands in it, or a header only"


def _describe_fields(columns: Sequence[guess.Column]) -> str:
    return f"found are {_join([column.name for column in columns])}" if columns else "nothing was found"


def _count(values: Sequence[str], n: int) -> str:
    return _join([f"{name} {times}" for name, times in guess.count_sources(values).most_common()], n)


def _join(items: Iterable[str], n: int = 8) -> str:
    items = list(items)
    return ", ".join(items[:n]) + (f" and {len(items) - n} more" if len(items) > n else "")


def _plural(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def _tell(target: Path, notes: Sequence[Note]) -> str:
    found = [note for note in notes if isinstance(note, Found)]
    doubts = [note.said for note in notes if isinstance(note, Doubt)]
    lines = [f"{target} is written. This is what the corpus seems to be:", ""]
    lines += [f"  {note.what:<11} {note.said}" for note in found]
    if doubts:
        lines += ["", "Look at this, and correct it in the file:", ""]
        for doubt in doubts:
            lines += textwrap.wrap(doubt, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
    lines += ["", "Next:", ""]
    lines += [f"  frameshift check {target}    (or: make check CONFIG={target})", f"  make run CONFIG={target}"]
    return "\n".join(lines)
