"""Programs that some tests need beside Python, and pages opened in one of them."""

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def pdflatex() -> str:
    return needed("pdflatex")


@pytest.fixture(scope="session")
def chromium() -> str:
    return needed("chromium")


@pytest.fixture(scope="module")
def browser(chromium):
    """Chromium, driven by Playwright, for the tests of one file."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser):
    """Open a file in a context of its own; the test fails where the page complains, alerts, or asks a host."""
    contexts, troubles = [], []

    def visit(path: Path, *, script: str = "", **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: is_local(request.url) or troubles.append(request.url))
        page.on("dialog", lambda dialog: troubles.append(dialog.message) or dialog.dismiss())
        page.add_init_script(script)
        page.goto(path.as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []


def is_local(address: str) -> bool:
    return address.startswith(("file:", "blob:", "data:"))


def needed(program: str) -> str:
    """The path of `program`; without it the test is skipped, or fails where FRAMESHIFT_REQUIRE names the program."""
    path = shutil.which(program)
    if path is None and program in os.environ.get("FRAMESHIFT_REQUIRE", "").split():
        pytest.fail(f"{program} is required here, but not installed")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path
