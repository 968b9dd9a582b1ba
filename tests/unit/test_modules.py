"""The digest of a rule's code follows its imports, and only content changes it."""

import ast
import os
import shutil
from pathlib import Path

import pytest

from frameshift import modules

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A package of three modules: a script uses `room.one`, which uses `base` inside a function; `other` is unused."""
    folder = tmp_path / "frameshift"
    (folder / "room").mkdir(parents=True)
    (folder / "room" / "__init__.py").write_text("")
    (folder / "room" / "one.py").write_text("def work():\n    from frameshift.base import tool\n    return tool\n")
    (folder / "base.py").write_text("tool = 1\n")
    (folder / "other.py").write_text("unused = 1\n")
    (folder / "page.j2").write_text("page")
    (tmp_path / "script.py").write_text("from frameshift.room.one import work\n")
    monkeypatch.setattr(modules, "PACKAGE", folder)
    modules._imports.cache_clear()
    yield tmp_path
    modules._imports.cache_clear()


def digest(package: Path) -> str:
    modules._imports.cache_clear()
    return modules.code_digest(package / "script.py", ("page.j2",))


def test_imports_are_followed_also_inside_functions(package):
    assert modules.modules_used(package / "script.py") == {"room", "room.one", "base"}


@pytest.mark.parametrize("file", ["frameshift/base.py", "frameshift/room/one.py", "script.py", "frameshift/page.j2"])
def test_an_edit_of_a_used_file_changes_the_digest(package, file):
    before = digest(package)
    with (package / file).open("a") as edited:
        edited.write("# edited\n")
    assert digest(package) != before


def test_a_touch_or_an_edit_elsewhere_does_not(package):
    before = digest(package)
    os.utime(package / "frameshift" / "base.py", (1, 1))
    (package / "frameshift" / "other.py").write_text("unused = 2\n")
    moved = package.parent / f"{package.name}-moved"
    shutil.copytree(package, moved)
    assert digest(package) == before


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_what_a_script_imports_is_what_its_digest_covers(script):
    """Against the interpreter itself: the modules loaded at import are among those the digest covers."""
    import subprocess
    import sys

    names = [
        node.module
        for node in ast.walk(ast.parse(script.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("frameshift")
    ]
    report = f"import sys, {', '.join(names)}; print(*(m for m in sys.modules if m.startswith('frameshift.')))"
    loaded = subprocess.run(
        [sys.executable, "-c", report], env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")}, capture_output=True,
        text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert {name.removeprefix("frameshift.") for name in loaded} <= modules.modules_used(script)


def test_no_script_thinks():
    assert {path.stem: lines for path in SCRIPTS if (lines := len(path.read_text().splitlines())) > 45} == {}


def test_importing_the_package_for_the_rules_loads_no_heavy_library():
    import subprocess
    import sys

    heavy = ["torch", "sentence_transformers", "gensim", "bertopic", "umap", "matplotlib", "sklearn", "scipy", "pandas"]
    report = (
        f"import sys, frameshift.config, frameshift.modules, frameshift.frames.codebook, frameshift.demo.plan;"
        f"print(*(m for m in {heavy} if m in sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", report], env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")}, capture_output=True,
        text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert loaded == []
