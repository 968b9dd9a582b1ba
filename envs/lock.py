"""Write the lock (requirements.txt) and the conda environment from what is installed in the running environment.

Run by `make lock`, after installing the packages of pyproject.toml, whose comments say why each is there.
"""

from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADER = "# Every package, pinned; written by `make lock`. Install with: pip install --no-deps -r requirements.txt\n"


def pins() -> list[str]:
    """name==version of everything installed but frameshift and pip; build marks such as +cpu are left out."""
    found = {dist.metadata["Name"].lower().replace("_", "-"): dist.version.split("+")[0] for dist in distributions()}
    return [f"{name}=={version}" for name, version in sorted(found.items()) if name not in ("frameshift", "pip")]


def conda_environment(lock: list[str]) -> str:
    """The conda environment that holds the locked packages; every rule names it."""
    lines = "\n".join(f"      - {pin}" for pin in lock)
    return (
        "# Written by `make lock` from requirements.txt.\n"
        "channels:\n  - conda-forge\n  - nodefaults\n"
        "dependencies:\n  - python =3.11\n  - pip\n  - pip:\n" + lines + "\n"
    )


if __name__ == "__main__":
    lock = pins()
    (ROOT / "requirements.txt").write_text(HEADER + "\n".join(lock) + "\n")
    (ROOT / "envs" / "frameshift.yaml").write_text(conda_environment(lock))
