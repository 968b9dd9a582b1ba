"""What makes the workflow run again, and what does not, on a copy of a finished run."""

import os
import re
import shutil
import signal
import time

import polars as pl
import pytest
from conftest import Checkout, add_golden

ARGUMENTS = ("--configfile", "golden.yaml")


@pytest.fixture
def finished(golden, tmp_path, cache) -> Checkout:
    """A copy of the finished run, free to be edited; Snakemake's records come along."""
    shutil.copytree(golden.folder, tmp_path / "copy", symlinks=True)
    copy = Checkout.__new__(Checkout)
    copy.folder, copy.cache = tmp_path / "copy", cache
    return copy


def edit(path, old: str, new: str) -> None:
    content = path.read_text()
    assert content.count(old) >= 1, f"{path} no longer holds {old!r}"
    path.write_text(content.replace(old, new))


def test_a_second_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.run(*ARGUMENTS)


def test_touching_every_file_reruns_nothing(finished):
    for path in [finished.folder / "articles.jsonl", *finished.folder.rglob("*.yaml"), *finished.folder.rglob("*.py"),
                 *finished.folder.rglob("*.smk"), finished.folder / "Snakefile"]:  # fmt: skip
        os.utime(path)
    assert finished.planned(*ARGUMENTS) == set()


FRAMES_ON = {
    "score_frames",
    "pool_frames",
    "count_voices",
    "resample_codebook",
    "estimate_prevalence",
    "estimate_trends",
    "find_changepoints",
    "study_events",
    "decompose_changes",
    "test_contrasts",
    "compare_words",  # of the passages about an issue, too
    "measure_distances",
}
MEASURED = {
    "Scoring passages on the codebook",
    "Counting what is quoted and what is denied",
    "Measuring with other statements and patterns",
}


@pytest.mark.parametrize(
    ("module", "first"),
    [
        ("frames/lexicon.py", MEASURED),
        ("topics/lda.py", {"Fitting LDA, all settings and seeds"}),
        ("topics/bertopic.py", {"Fitting BERTopic, all settings and seeds"}),
        ("comparisons/words.py", {"Finding the words that set sources apart"}),
        ("figures/distances.py", {"Drawing how far sources are apart"}),
        ("report/page.html.j2", {"Writing the page"}),
        ("corpus/download.py", set()),
        ("cli.py", set()),
    ],
)
def test_an_edited_module_reruns_the_rules_that_use_it(finished, module, first):
    """`first` is what runs because of the edit itself, by its message; the rest follows from new inputs."""
    with (finished.folder / "workflow" / "frameshift" / module).open("a") as file:
        file.write("\n# edited\n" if module.endswith(".py") else "{# edited #}\n")
    output = finished.run("--dry-run", "--quiet", "host", *ARGUMENTS)
    assert set(re.findall(r"Job \d+: (.+)\nReason: .*Params have changed", output)) == first


def test_scripts_run_the_package_of_their_own_checkout(finished):
    edit(finished.folder / "workflow/frameshift/topics/fits.py", "no topic model is fitted", "nothing is fitted")
    finished.run(*ARGUMENTS, "--", "results/golden/topics/lda/fits/scores.parquet")
    assert "nothing is fitted" in (finished.folder / "results/golden/logs/fit_lda.log").read_text()


def test_a_word_in_the_codebook_reruns_frames_and_what_follows_but_no_embedding_and_no_topics(finished):
    edit(finished.folder / "frames.yaml", "patterns: [dangerous]", "patterns: [dangerous, deadly]")
    planned = finished.planned(*ARGUMENTS)
    assert planned >= FRAMES_ON
    assert not planned & {"read_corpus", "cut_passages", "prepare_encoder", "embed_shard", "gather_vectors", "fit_lda",
                          "fit_bertopic", "split_words", "select_topics", "assign_topics", "plot_corpus_ledger",
                          "plot_corpus_over_time"}  # fmt: skip


def test_a_colour_reruns_only_what_is_drawn_with_it(finished):
    edit(
        finished.folder / "workflow/frameshift/figures/style.py",
        '"threat": Style("#D55E00"',
        '"threat": Style("#D55E01"',
    )
    planned = finished.planned(*ARGUMENTS)
    assert planned
    assert {rule.split("_")[0] for rule in planned - {"all", "write_page"}} == {"plot"}


def test_new_articles_are_embedded_and_the_old_ones_are_not(finished):
    with (finished.folder / "articles.jsonl").open("a") as file:
        file.write(
            '{"id": "new", "source": "Xenon", "date": "2020-06-20", "title": "", "text": "Clouds hid the moon."}\n'
        )
    finished.run(*ARGUMENTS, "--", "results/golden/embeddings/vectors.npy")
    log = (finished.folder / "results/golden/logs/embed_shard/0.log").read_text()
    assert "1 of 1 encoded" in log
    assert len(pl.read_parquet(finished.folder / "results/golden/corpus/articles.parquet")) == 14


def test_two_runs_of_different_names_at_once_in_one_checkout(checkout):
    add_golden(checkout)
    second = checkout.folder / "second.yaml"
    shutil.copy2(checkout.folder / "golden.yaml", second)
    edit(second, "name: golden", "name: second")
    tables = [f"results/{name}/comparisons/prevalence.parquet" for name in ("golden", "second")]
    process = checkout.start("--configfile", "golden.yaml", "--", tables[0])
    output = checkout.run("--configfile", "second.yaml", "--", tables[1])
    assert process.wait(timeout=300) == 0, (checkout.folder / "output.txt").read_text()
    assert "Error" not in output
    first, second = (pl.read_parquet(checkout.folder / table) for table in tables)
    assert first.equals(second)


def test_a_killed_run_resumes_and_ends_as_if_it_had_not_been(golden, checkout):
    add_golden(checkout)
    process = checkout.start(*ARGUMENTS)
    articles = checkout.folder / "results/golden/corpus/articles.parquet"
    deadline = time.monotonic() + 120
    while not articles.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (checkout.folder / "results/golden/report.html").exists()
    checkout.run(*ARGUMENTS, "--unlock")
    names = ("corpus/articles", "frames/articles", "comparisons/prevalence", "comparisons/contrasts")
    tables = [f"results/golden/{name}.parquet" for name in names]
    checkout.run(*ARGUMENTS, "--", *tables)
    for table in tables:
        assert pl.read_parquet(checkout.folder / table).equals(pl.read_parquet(golden.folder / table)), table
