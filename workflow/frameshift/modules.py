"""Which modules of this package a script uses, and a digest of their content.

Snakemake reruns a job when its parameters change. A rule passes `code=code("its_script")`, so that an edited
module reruns exactly the rules that use it, while a touched one reruns none. The modules are read from the import
statements themselves, also those inside functions: no list to keep by hand, none to forget.
"""

import ast
import hashlib
import os
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent


def prefer_this_package() -> None:
    """Have the scripts that this process starts import this package, also where another checkout's is installed."""
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([str(PACKAGE.parent), *filter(None, others)]))


def code_digest(script: Path, assets: tuple[str, ...] = ()) -> str:
    """Digest of a script, of the modules it uses, directly or through others, and of `assets` in the package."""
    modules = sorted(modules_used(script))
    digest = hashlib.sha256(script.read_bytes())
    for name in modules:
        digest.update(f"\0{name}\0".encode() + _source_of(name).read_bytes())
    for asset in assets:
        digest.update(f"\0{asset}\0".encode() + (PACKAGE / asset).read_bytes())
    return digest.hexdigest()[:16]


def modules_used(script: Path) -> set[str]:
    """Names within the package ("topics.lda", say) of the modules a script imports, transitively."""
    found: set[str] = set()
    waiting = list(_imports(script))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_imports(_source_of(name)))
    return found


@cache
def _imports(path: Path) -> tuple[str, ...]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "frameshift":
            parent = node.module.removeprefix("frameshift").lstrip(".")
            names += [f"{parent}.{alias.name}".lstrip(".") for alias in node.names]
            names.append(parent)
        elif isinstance(node, ast.Import):
            names += [a.name.removeprefix("frameshift.") for a in node.names if a.name.startswith("frameshift.")]
    # Importing a.b runs a/__init__.py too.
    parts = [name.split(".") for name in names if name]
    with_parents = {".".join(part[:end]) for part in parts for end in range(1, len(part) + 1)}
    return tuple(sorted(name for name in with_parents if _source_of(name).is_file()))


def _source_of(name: str) -> Path:
    path = PACKAGE.joinpath(*name.split("."))
    module = path.with_suffix(".py")
    return module if module.is_file() else path / "__init__.py"
