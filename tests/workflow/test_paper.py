"""The paper's figures, tables and numbers, in a real LaTeX document."""

import subprocess

import pytest

PREAMBLE = r"""\documentclass{article}
\usepackage[a4paper, margin=15mm]{geometry}
\usepackage{graphicx}
\begin{document}
\input{numbers}
We read \fsRowsRead{} rows.
"""


@pytest.fixture(scope="module")
def paper(golden):
    golden.run("paper", "--configfile", "golden.yaml")
    return golden.folder / "results/golden/paper"


def test_every_figure_and_table_stands_in_a_document(paper, pdflatex, tmp_path):
    figures, tables = (sorted(path.stem for path in paper.glob(f"{kind}_*.tex")) for kind in ("figure", "table"))
    assert figures == ["figure_1", "figure_2", "figure_3", "figure_4"]
    assert tables == ["table_findings", "table_gaps", "table_sources", "table_topics", "table_validation"]
    body = [f"\\input{{{name}}}" for name in figures] + [
        f"\\begin{{table}}\\input{{{name}}}\\end{{table}}" for name in tables
    ]
    document = "\n".join([PREAMBLE, *body, r"\end{document}"])
    (paper / "document.tex").write_text(document)
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", f"-output-directory={tmp_path}", "document.tex"]
    subprocess.run(command, cwd=paper, check=True, stdout=subprocess.DEVNULL)
    (paper / "document.tex").unlink()
    assert (tmp_path / "document.pdf").stat().st_size > 50_000
    assert (tmp_path / "document.log").read_text().count("<figure_") >= len(figures)  # each image was included


def test_a_second_run_draws_nothing_again(golden, paper):
    assert golden.planned("paper", "--configfile", "golden.yaml") == set()


def test_a_figure_asked_for_in_a_column_is_drawn_again_and_no_other(golden, paper):
    changed = (
        'paper=[{"figures": ["framing_over_time"], "width": "full"}, {"figures": ["joint_framing"], "width": "full"}]'
    )
    planned = golden.run("paper", "--configfile", "golden.yaml", "--dry-run", "--config", changed)
    assert planned.count("of the paper") == 2  # figure 2, and the floats and tables
    assert "Drawing figure_2 of the paper" in planned


def test_a_figure_that_is_none_of_the_run_is_refused_before_the_first_job(golden):
    refused = golden.snakemake("paper", "--configfile", "golden.yaml", "--config", 'paper=[{"figures": ["framing"]}]')
    assert refused.returncode != 0
    assert "paper: there is no figure 'framing' in this run; its figures are corpus_ledger," in refused.stdout
    assert "Traceback" not in refused.stdout
