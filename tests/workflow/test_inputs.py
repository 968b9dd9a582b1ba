"""A corpus of several files: all are read, and one that is added is noticed."""

import json

from conftest import add_golden

ACCOUNTS = "results/golden/corpus/accounts.json"
ARGUMENTS = ("--configfile", "golden.yaml", "--", ACCOUNTS)


def test_the_files_of_a_pattern_are_one_corpus(checkout):
    add_golden(checkout)
    lines = (checkout.folder / "articles.jsonl").read_text().splitlines(keepends=True)
    config = checkout.folder / "golden.yaml"
    config.write_text(config.read_text().replace("path: articles.jsonl", "path: news/*.jsonl"))
    (checkout.folder / "news").mkdir()
    (checkout.folder / "news" / "first.jsonl").write_text("".join(lines[:7]))
    (checkout.folder / "news" / "second.jsonl").write_text("".join(lines[7:]))
    checkout.run(*ARGUMENTS)
    accounts = json.loads((checkout.folder / ACCOUNTS).read_text())
    assert accounts["rows_read"] == len(lines)
    assert checkout.planned(*ARGUMENTS) == set()
    (checkout.folder / "news" / "third.jsonl").write_text(lines[0])
    assert checkout.planned(*ARGUMENTS) == {"read_corpus"}
