"""numbers.tex: every number of a run as a LaTeX macro, so that a paper cites none by hand."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from frameshift.tables import write_whole

DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": r"\ensuremath{-}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
}
UNKNOWN = "--"  # what a macro says where there is no such number


def write_numbers(path: str | Path, values: Mapping[str, object]) -> None:
    r"""Write one `\newcommand` a value: "articles kept" becomes \fsArticlesKept.

    Values are integers (with thousands separators), floats (three decimals), dates, text, or None (a dash); format
    anything else beforehand. Raises ValueError where two names give one macro, or a name has no letter or digit.
    """
    macros: dict[str, str] = {}
    for name, value in values.items():
        macro = name_macro(name)
        if macro in macros:
            raise ValueError(f"two numbers would be called \\{macro}: {name!r} and another")
        macros[macro] = format_value(value)
    lines = ["% Written by frameshift; load it with \\input{numbers}."]
    lines += [f"\\newcommand{{\\{macro}}}{{{text}}}" for macro, text in macros.items()]
    write_whole(path, lambda temporary: temporary.write_text("\n".join(lines) + "\n", encoding="utf-8"))


def name_macro(name: str) -> str:
    """The macro's name, in letters only, as LaTeX wants it: "gap 2015" becomes fsGapTwoZeroOneFive."""
    words = re.findall(r"[A-Za-z]+|[0-9]", name)
    if not words:
        raise ValueError(f"{name!r} has no letter or digit to make a LaTeX name of")
    return "fs" + "".join(DIGITS[int(word)] if word.isdigit() else word[0].upper() + word[1:] for word in words)


def format_value(value: object) -> str:
    """A value as LaTeX text, valid inside and outside of mathematics."""
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:.3f}".replace("-", r"\ensuremath{-}") if value == value else UNKNOWN
    if isinstance(value, int):
        return f"{value:,}".replace("-", r"\ensuremath{-}")
    if isinstance(value, date):
        return value.isoformat()
    return "".join(ESCAPES.get(character, character) for character in str(value))


def count_corpus(accounts: Mapping, articles: pl.DataFrame, *, n_passages: int) -> dict[str, object]:
    """The corpus in numbers, from corpus/accounts.json, corpus/articles and the number of passages."""
    kept = articles.filter(pl.col("duplicate_of").is_null())
    return {
        "rows read": accounts["rows_read"],
        "articles kept": accounts["kept"],
        "articles rejected": accounts["rejected"],
        "articles merged": accounts["merged"],
        "passages": n_passages,
        "sources": kept["source"].n_unique(),
        "articles dated": kept.height - kept["date"].null_count(),
        "first date": kept["date"].min(),
        "last date": kept["date"].max(),
    }


def list_finding_numbers(
    contrasts: pl.DataFrame, findings: Sequence[Mapping], described: Sequence[Mapping]
) -> dict[str, object]:
    """Of each declared finding its numbers as in comparisons/contrasts (None where absent), its sentence and verdict.

    The numbers are those of the row that leads; `uncorrected` is the estimate without the correction by labels.
    `described` is what findings.describe_findings says.
    """
    declared = contrasts.filter(pl.col("finding").is_not_null())
    leading = {row["finding"]: row for row in declared.filter("leads").iter_rows(named=True)}
    measured = dict(declared.filter(pl.col("estimator").is_null()).select("finding", "estimate").iter_rows())
    numbers: dict[str, object] = {}
    for finding, said in zip(findings, described, strict=True):
        name = finding["name"]
        for part in ("estimate", "low", "high", "p", "q", "smallest"):
            numbers[f"{name} {part}"] = leading.get(name, {}).get(part)
        numbers |= {f"{name} uncorrected": measured.get(name)}
        numbers |= {f"{name} sentence": said["sentence"], f"{name} verdict": said["verdict"]}
    return numbers
