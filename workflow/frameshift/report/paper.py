r"""The paper's part of a run: its figures as floats with captions, and tables, for LaTeX.

A paper says \input{figure_2} where the second figure shall stand; its panels are files of their own, so that they can
be set in another way, too. Tables have the rules of the package booktabs, or plain ones where it is not loaded.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from frameshift.figures.catalogue import TITLES, kind_of
from frameshift.figures.panels import Panel
from frameshift.names import ALL_SOURCES
from frameshift.report.captions import read_caption
from frameshift.report.findings import UNITS, name_frame
from frameshift.report.numbers import format_value
from frameshift.tables import write_whole

WRAPPED = {"words": 50, "frame": 32, "verdict": 38}  # mm of columns of longer texts
RULES = "".join(f"\\providecommand{{\\{rule}}}{{\\hline}}" for rule in ("toprule", "midrule", "bottomrule"))


def write_floats(folder: str | Path, panels: Mapping[str, Panel], captions: str | Path) -> None:
    """Write figure_1.tex, figure_2.tex, … to `folder`: each a float with its panels, caption and label.

    `captions` is the folder of the .rst files.
    """
    for number in sorted({panel.number for panel in panels.values()}):
        mine = {name: panel for name, panel in panels.items() if panel.number == number}
        said: dict[str, list[str]] = {}  # of each kind the letters of its panels
        for panel in mine.values():
            said.setdefault(kind_of(panel.figure), []).append(panel.letter)
        texts = []
        for kind, letters in said.items():
            caption = read_caption(Path(captions) / f"{kind}.rst")
            which = f"\\textbf{{{', '.join(letters)}}} " if letters[0] else ""
            texts.append(f"{which}{TITLES[kind]}. {format_value(f'{caption.shows} {caption.reading}')}")
        # Panels of a column's width stand side by side, others below each other: TeX breaks the line where it is full.
        images = "\\hfill\n".join(f"\\includegraphics{{{name}.pdf}}" for name in mine)
        label = next(iter(said)).replace("_", "-")
        lines = ["\\begin{figure}[p]", "\\centering", images, f"\\caption{{{' '.join(texts)}}}"]
        text = "\n".join([*lines, f"\\label{{fig:{label}}}", "\\end{figure}"]) + "\n"
        write_whole(Path(folder) / f"figure_{number}.tex", lambda path, text=text: path.write_text(text, "utf-8"))


def write_tables(folder: str | Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write each table as table_<name>.csv, and as table_<name>.tex with its columns' names as heads."""
    for name, table in tables.items():
        write_whole(Path(folder) / f"table_{name}.csv", table.write_csv)
        text = typeset(table)
        write_whole(Path(folder) / f"table_{name}.tex", lambda path, text=text: path.write_text(text, "utf-8"))


def typeset(table: pl.DataFrame) -> str:
    """The table as a LaTeX tabular; text is escaped, and what is missing is a dash."""
    import pandas as pd

    style = pd.DataFrame(table.to_dict(as_series=False), dtype=object).style.hide(axis="index")
    style = style.format(_say).format_index(format_value, axis="columns")
    columns = "".join(
        "r" if dtype.is_numeric() else f"p{{{WRAPPED[name]}mm}}" if name in WRAPPED else "l"
        for name, dtype in table.schema.items()
    )
    return f"{RULES}%\n{style.to_latex(hrules=True, column_format=columns)}"


def _say(value: object) -> str:
    """A cell: numbers to three decimals at most, and as short as they are exact."""
    if not isinstance(value, float) or value != value:
        return format_value(value)
    if 0 < abs(value) < 0.0005:
        return "$<$ 0.001"
    return f"{round(value, 3) + 0.0:g}".replace("-", r"\ensuremath{-}")


def list_tables(
    *,
    sources: pl.DataFrame,
    contrasts: pl.DataFrame,
    findings: Sequence[Mapping],
    validation: pl.DataFrame,
    topics: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """The tables of a paper: sources, findings, gaps, validation, topics.

    `sources` has source, articles, first and last; `findings` are those of findings.describe_findings; the others are
    comparisons/contrasts, frames/validation, and topics/topics of the primary model. Differences are in the unit that
    stands beside them.
    """
    verdicts = {said["name"]: said["verdict"] for said in findings}
    declared = _in_units(contrasts.filter("leads", pl.col("finding").is_not_null()))
    verdict = pl.col("finding").replace_strict(verdicts, default=None, return_dtype=pl.String).alias("verdict")
    about = ["frame", "source", "difference", "low", "high", "unit", "q", "articles"]
    gaps = contrasts.filter("leads", pl.col("finding").is_null(), pl.col("kind") == "gap")
    metrics = ["auc", "average precision", "f1", "calibration error", "krippendorff alpha"]
    overall = validation.filter(pl.col("source") == ALL_SOURCES, pl.col("period") == "all")
    return {
        "sources": sources,
        "findings": declared.select("finding", *about, "smallest", verdict),
        "gaps": _in_units(gaps).select(about),
        "validation": overall.filter(pl.col("metric").is_in(metrics)).select(
            "frame", "measure", "metric", "estimate", "low", "high", passages="n"
        ),
        "topics": topics.sort(["n_articles", "topic"], descending=[True, False]).select(
            "topic", "label", pl.col("words").str.replace_all("_", " "), "npmi", "stability", articles="n_articles"
        ),
    }


def _in_units(contrasts: pl.DataFrame) -> pl.DataFrame:
    """The rows with frame said in words, and the difference, low, high and smallest in `unit`, rounded as it is."""
    rows = [
        {
            **row,
            "frame": name_frame(row),
            "unit": UNITS[row["scale"]][2],
            **{
                name: None if row[column] is None else round(row[column] * factor, digits)
                for name, column in (("difference", "estimate"), ("low", "low"), ("high", "high"), ("smallest",) * 2)
            },
        }
        for row in contrasts.iter_rows(named=True)
        for factor, digits, _ in [UNITS[row["scale"]]]
    ]
    schema = contrasts.schema | {"unit": pl.String, "difference": pl.Float64, "articles": pl.Int64}
    table = pl.DataFrame(rows, schema=schema) if rows else pl.DataFrame(schema=schema)
    return table.with_columns(articles="n_articles")
