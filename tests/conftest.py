"""Programs that some tests need beside Python."""

import os
import shutil

import pytest


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
