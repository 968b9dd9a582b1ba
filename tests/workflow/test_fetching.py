"""A corpus that is absent is fetched by its rule, from a server on this machine."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import GOLDEN, add_golden

DIGEST = hashlib.sha256((GOLDEN / "articles.jsonl").read_bytes()).hexdigest()


@pytest.fixture
def server():
    """The address of a server that holds the golden corpus."""
    serving = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(GOLDEN)))
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()


def configure(checkout, url: str, digest: str) -> None:
    add_golden(checkout)
    (checkout.folder / "articles.jsonl").unlink()
    config = checkout.folder / "golden.yaml"
    download = f"path: data/articles.jsonl\n  download: {{url: '{url}', sha256: {{articles.jsonl: {digest}}}}}"
    config.write_text(config.read_text().replace("path: articles.jsonl", download))


def test_an_absent_corpus_is_fetched_once_and_a_present_one_is_not_touched(checkout, server):
    configure(checkout, f"{server}/articles.jsonl", DIGEST)
    target = "results/golden/corpus/articles.parquet"
    checkout.run("--configfile", "golden.yaml", "--", target)
    fetched = checkout.folder / "results/.downloads/articles.jsonl"
    assert fetched.read_bytes() == (GOLDEN / "articles.jsonl").read_bytes()
    assert "Nothing to be done" in checkout.run("--configfile", "golden.yaml", "--", target)
    own = checkout.folder / "data/articles.jsonl"
    own.parent.mkdir()
    own.write_bytes(fetched.read_bytes())
    checkout.run("--configfile", "golden.yaml", "--forceall", "--", target)
    assert own.exists()


@pytest.mark.parametrize(
    ("digest", "file", "messages"),
    [
        ("a" * 64, "articles.jsonl", ["sha256", "data/articles.jsonl"]),
        (DIGEST, "absent.jsonl", ["404", "data/articles.jsonl"]),
    ],
)
def test_a_wrong_or_missing_file_says_what_to_fetch_and_where_to_put_it(checkout, server, digest, file, messages):
    configure(checkout, f"{server}/{file}", digest)
    finished = checkout.snakemake("--configfile", "golden.yaml", "--", "results/golden/corpus/articles.parquet")
    assert finished.returncode != 0
    assert "Traceback" not in finished.stdout
    for message in [f"{server}/{file}", *messages]:
        assert message in finished.stdout
    assert not list((checkout.folder / "results").rglob("articles.jsonl"))
