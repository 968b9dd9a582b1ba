"""What the names of files tell: "{source}/{date} {title}" read out of Guardian/2015-03-04 Border closed.txt."""

import re
from pathlib import PurePosixPath

from frameshift.errors import UserError

FIELDS = ("source", "date", "title", "id", "url", "language")
_PARTS = re.compile(r"\{(?P<field>[^{}]*)\}|(?P<any>\*+)|(?P<mark>[^{}*]+)|(?P<brace>[{}])")
_DATE = r"\d(?:[^/]*?\d)??"  # begins and ends with a digit, so that it can be told from a name in front of it


def compile_names(template: str) -> re.Pattern[str]:
    """The regular expression of corpus.file_names, for `read_name`; `*` stands for anything but a slash.

    Raises UserError for a field that is unknown, named twice, or not set apart from what stands beside it.
    """
    pattern, fields, was_open = "", [], False
    for part in _PARTS.finditer(template):
        field, mark = part["field"], part["mark"]
        if part["brace"]:
            raise _complain(template, "a brace is not closed, or not opened")
        if mark is None and was_open:
            raise _complain(template, f"nothing sets {part[0]} apart from what stands before it")
        was_open = mark is None
        if mark is not None:
            pattern += re.escape(mark)
        elif field is None:
            pattern += "[^/]*?"
        elif field not in FIELDS or field in fields:
            raise _complain(template, f"{part[0]} is {'named twice' if field in fields else 'no field'}")
        else:
            fields.append(field)
            pattern += rf"(?P<{field}>{_DATE if field == 'date' else '[^/]+?'})"
    if not fields:
        raise _complain(template, "it has no field")
    return re.compile(rf"(?:.*/)?{pattern}", re.DOTALL)


def read_name(name: str, pattern: re.Pattern[str]) -> dict[str, str] | None:
    """The fields that a file's name tells, or None if it does not fit; folders before the pattern's do not matter."""
    path = PurePosixPath(name.removesuffix(".gz"))
    fits = pattern.fullmatch(str(path.with_suffix("")))
    return {field: value.strip() for field, value in fits.groupdict().items()} if fits else None


def _complain(template: str, reason: str) -> UserError:
    fields = ", ".join(f"{{{field}}}" for field in FIELDS)
    return UserError(
        f"corpus.file_names: {template!r}: {reason}. Write {fields} for what matters and * for what does not, with "
        'marks between them, as in "{source}/{date} {title}".'
    )
