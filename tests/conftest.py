"""How tests are shared among processes, and programs that some of them need beside Python."""

import os
import shutil

import pytest

SHARING = ("test_golden", "test_page", "test_reruns")  # one finished run of the workflow


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items) -> None:
    """The tests of a file in one process, and those that share a finished run: it is made once."""
    for item in items:
        stem = item.path.stem
        item.add_marker(pytest.mark.xdist_group("golden" if stem in SHARING else stem))


@pytest.fixture
def pdflatex() -> str:
    return needed("pdflatex")


@pytest.fixture
def chromium() -> str:
    return needed("chromium")


def needed(program: str) -> str:
    """The path of `program`; without it the test is skipped, or fails where FRAMESHIFT_REQUIRE names the program."""
    path = shutil.which(program)
    if path is None and program in os.environ.get("FRAMESHIFT_REQUIRE", "").split():
        pytest.fail(f"{program} is required here, but not installed")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path
