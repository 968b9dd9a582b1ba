"""Real runs of the workflow, as a user starts them, in folders of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "data" / "golden"


class Checkout:
    """A copy of the repository's workflow in a folder of its own, so that a test may edit it."""

    def __init__(self, folder: Path, cache: Path):
        self.folder, self.cache = folder, cache
        for name in ("Snakefile", "workflow", "config", "envs"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, folder / name)
        for cached in folder.rglob("__pycache__"):
            shutil.rmtree(cached)

    def command(self, *arguments: str) -> list[str]:
        profile = self.folder / "workflow" / "profiles" / "default"
        return [sys.executable, "-m", "snakemake", "--cores", "2", "--workflow-profile", str(profile), *arguments]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "FRAMESHIFT_CACHE": str(self.cache)}

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start Snakemake in a session of its own, so that the whole of it can be killed."""
        with (self.folder / "output.txt").open("w") as output:
            return subprocess.Popen(
                self.command(*arguments), cwd=self.folder, env=self.environment(), stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run Snakemake here; the output of both streams is in stdout."""
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip

    def run(self, *arguments: str) -> str:
        """Run Snakemake here and return its output; the test fails with that output where the run fails."""
        finished = self.snakemake(*arguments)
        assert finished.returncode == 0, finished.stdout
        return finished.stdout

    def planned(self, *arguments: str) -> set[str]:
        """The rules of which a dry run would run a job."""
        output = self.run("--dry-run", *arguments)
        if "Nothing to be done" in output:
            return set()
        table = output.split("Job stats:")[1].split("total")[0]
        return {line.split()[0] for line in table.splitlines()[3:] if line.split()}


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    """One cache of vectors for all runs of the session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def checkout(tmp_path, cache) -> Checkout:
    """A fresh copy of the workflow."""
    return Checkout(tmp_path, cache)


def add_golden(checkout: Checkout) -> None:
    """Put the golden corpus, its codebook and its configuration beside the workflow."""
    for file in GOLDEN.iterdir():
        shutil.copy2(file, checkout.folder / file.name)


@pytest.fixture(scope="session")
def golden(tmp_path_factory, cache) -> Checkout:
    """A finished run on the golden corpus; tests must leave it as it is."""
    checkout = Checkout(tmp_path_factory.mktemp("golden"), cache)
    add_golden(checkout)
    checkout.run("--configfile", "golden.yaml")
    return checkout
