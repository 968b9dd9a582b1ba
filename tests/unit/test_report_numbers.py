import re
import subprocess
from datetime import date

import polars as pl
import pytest

from frameshift.report.numbers import (
    count_corpus,
    format_value,
    list_finding_numbers,
    name_macro,
    write_numbers,
)


def test_macro_names_hold_letters_only():
    assert name_macro("articles kept") == "fsArticlesKept"
    assert name_macro("gap_2015 estimate") == "fsGapTwoZeroOneFiveEstimate"


def test_values_are_escaped_for_latex():
    assert format_value(2431) == "2,431"
    assert format_value(-0.12345) == r"\ensuremath{-}0.123"
    assert format_value(None) == format_value(float("nan")) == "--"
    assert format_value(date(2015, 2, 3)) == "2015-02-03"
    assert format_value(r"50% of R&D_x \ {~^#$}") == (
        r"50\% of R\&D\_x \textbackslash{} \{\textasciitilde{}\textasciicircum{}\#\$\}"
    )


def test_every_line_defines_one_macro(tmp_path):
    write_numbers(tmp_path / "numbers.tex", {"articles kept": 2431, "law estimate": 0.25})
    lines = (tmp_path / "numbers.tex").read_text().splitlines()
    assert lines[1:] == [r"\newcommand{\fsArticlesKept}{2,431}", r"\newcommand{\fsLawEstimate}{0.250}"]
    assert all(re.fullmatch(r"\\newcommand\{\\[A-Za-z]+\}\{.*\}", line) for line in lines[1:])


def test_two_names_for_one_macro_are_refused(tmp_path):
    with pytest.raises(ValueError, match="fsGapOne"):
        write_numbers(tmp_path / "numbers.tex", {"gap 1": 1, "gap_1": 2})


def test_the_corpus_is_counted_without_copies():
    articles = pl.DataFrame(
        {
            "source": ["x", "x", "y"],
            "date": [date(2015, 1, 5), date(2014, 1, 5), None],
            "duplicate_of": [None, "1", None],
        }
    )
    accounts = {"rows_read": 5, "kept": 2, "rejected": 2, "merged": 1}
    counted = count_corpus(accounts, articles, n_passages=9)
    assert (counted["sources"], counted["articles dated"], counted["first date"]) == (2, 1, date(2015, 1, 5))
    assert counted["rows read"] == 5


def test_a_declared_finding_without_an_estimate_still_has_its_macros():
    contrasts = pl.DataFrame(
        {
            "finding": ["law", "law", None],
            "estimator": ["design-based", None, None],
            "leads": [True, False, True],
            "estimate": [0.3, 0.2, 1.0],
            **{"low": [0.1] * 3, "high": [0.5] * 3, "p": [0.01] * 3, "q": [0.02] * 3, "smallest": [0.03] * 3},
        }
    )
    findings = [{"name": "law"}, {"name": "attack"}]
    said = [{"sentence": "It rose by 30%.", "verdict": "established"}, {"sentence": "Nothing.", "verdict": "none"}]
    numbers = list_finding_numbers(contrasts, findings, said)
    assert (numbers["law estimate"], numbers["law uncorrected"]) == (0.3, 0.2)
    assert numbers["law sentence"] == "It rose by 30%."
    assert numbers["attack q"] is numbers["attack uncorrected"] is None
    assert numbers["attack verdict"] == "none"


def test_pdflatex_sets_the_numbers(tmp_path, pdflatex):
    write_numbers(tmp_path / "numbers.tex", {"a 1": -0.5, "b": r"50% of R&D_x \ {~^#$}", "c": None, "d": "“−2.1” – 3"})
    document = (
        r"\documentclass{article}\begin{document}\input{numbers}\fsAOne, $\fsAOne$, \fsB, \fsC, \fsD\end{document}"
    )
    (tmp_path / "paper.tex").write_text(document)
    subprocess.run([pdflatex, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=tmp_path, check=True)
