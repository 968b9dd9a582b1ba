import hashlib
import json
import subprocess
from datetime import date

import numpy

from frameshift.digests import digest_json, digest_path
from frameshift.report.provenance import collect_provenance, read_commit


def test_a_folder_has_one_digest_whatever_the_order_and_another_when_a_file_changes(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).write_text(name)
    first = digest_path(tmp_path)
    assert first == digest_path(tmp_path)
    (tmp_path / "a").write_text("changed")
    assert digest_path(tmp_path) != first
    assert digest_path(tmp_path / "absent") is None
    assert digest_path(tmp_path / "b") == hashlib.sha256(b"b").hexdigest()


def test_the_digest_of_findings_ignores_the_order_of_keys_and_sees_a_changed_date():
    finding = {"name": "law", "date": date(2018, 1, 8)}
    assert digest_json([finding]) == digest_json([dict(reversed(finding.items()))])
    assert digest_json([finding]) != digest_json([finding | {"date": date(2018, 1, 9)}])


def test_provenance_is_plain_json_and_the_same_twice(tmp_path):
    (tmp_path / "frames.yaml").write_text("threat: {}")
    config = {"name": "x", "findings": [{"name": "law", "date": date(2018, 1, 8)}]}
    options = {
        "files": {"codebook": tmp_path / "frames.yaml", "events": None},
        "encoder": {"model": "m", "key": "abc"},
    }
    first, second = (collect_provenance(config, **options) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert first["libraries"]["numpy"] == numpy.__version__
    assert first["encoder"] == {"model": "m", "key": "abc"}
    assert any("8-bit" in said for said in first["machine_dependent"])
    assert first["inputs"]["events"] is None
    assert first["inputs"]["codebook"]["sha256"] == hashlib.sha256(b"threat: {}").hexdigest()
    assert first["config"]["findings"][0]["date"] == "2018-01-08"


def test_the_commit_is_read_only_from_a_repository_of_ones_own(tmp_path):
    assert read_commit(tmp_path) is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    assert read_commit(tmp_path) is None
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    (tmp_path / "inner").mkdir()
    assert read_commit(tmp_path / "inner") is None
    assert read_commit(tmp_path)["changed_since"] is False
    (tmp_path / "new").write_text("x")
    assert read_commit(tmp_path)["changed_since"] is True
