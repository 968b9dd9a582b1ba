"""What the documentation says is what the code does. `python tests/unit/test_docs.py` writes the table of keys anew."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "config" / "README.md"
BEGIN, END = "<!-- keys: written from the schema and config.yaml -->\n", "<!-- end of keys -->"


def tabulate_keys() -> str:
    """Every key with what it means and its default, as a Markdown table."""
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    defaults = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    lines = ["| key | meaning | default |", "|---|---|---|"]

    def add(properties: dict, values: dict | None, path: str) -> None:
        for name, rules in properties.items():
            default = values.get(name) if isinstance(values, dict) else None
            nested = rules.get("properties") or rules.get("items", {}).get("properties")
            written = yaml.safe_dump(default, default_flow_style=True).removesuffix("...\n").strip()
            shown = "" if (nested and default) or name == "name" else f"`{written}`"
            allowed = f" One of {', '.join(map(str, filter(None, rules['enum'])))}." if "enum" in rules else ""
            lines.append(f"| `{path}{name}` | {' '.join(rules['description'].split())}{allowed} | {shown} |")
            if nested:
                add(nested, default, f"{path}{name}{'[]' if 'items' in rules else ''}.")

    add(schema["properties"], defaults, "")
    return "\n".join(lines) + "\n"


def test_the_manual_lists_every_key_with_its_meaning_and_default():
    assert MANUAL.read_text().split(BEGIN)[1].split(END)[0] == tabulate_keys()


def test_the_commands_in_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text(), re.M)) <= targets


def test_every_file_the_readme_links_to_exists():
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text())
    missing = [link for link in links if not link.startswith("http") and not (ROOT / link).exists()]
    assert missing == []


def test_the_conda_environment_is_the_lock():
    lock = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    environment = yaml.safe_load((ROOT / "envs/frameshift.yaml").read_text())
    assert environment["dependencies"][-1]["pip"] == lock


def test_the_lock_pins_what_the_package_asks_for():
    import tomllib

    from packaging.requirements import Requirement

    lock = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line)
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(lock[requirement.name.lower()]), requirement


if __name__ == "__main__":
    before, rest = MANUAL.read_text().split(BEGIN)
    MANUAL.write_text(before + BEGIN + tabulate_keys() + END + rest.split(END)[1])
