"""Check a YAML document against its JSON schema, with messages for the person who wrote it."""

import datetime
from difflib import get_close_matches
from pathlib import Path

import yaml

from frameshift.errors import UserError

PLAIN_WORDS = {"object": "mapping of keys to values", "array": "list", "string": "text"}
SCHEMAS = Path(__file__).parents[1] / "schemas"


def read_yaml(path: str | Path) -> object:
    """The plain content of a YAML file; dates come as ISO strings. Raises UserError where it cannot be read."""
    path = Path(path)
    try:
        return plain(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; check the path (you are in {Path.cwd().name}/)") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: this is not valid YAML: {error}") from None


def plain(value):
    """`value` with mappings and lists as dict and list, and dates as ISO strings: what JSON can hold."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def check_schema(document: object, schema: str, where: str) -> None:
    """Check `document` against `schemas/<schema>.schema.yaml`; `where` names it in the message.

    Raises UserError listing every fault: the key, the value found, what is allowed.
    """
    from jsonschema import Draft202012Validator

    rules = yaml.safe_load((SCHEMAS / f"{schema}.schema.yaml").read_text(encoding="utf-8"))
    validator = Draft202012Validator(rules, format_checker=Draft202012Validator.FORMAT_CHECKER)
    faults = sorted(validator.iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    if faults:
        raise UserError("\n".join(f"{where}: {_explain(fault)}" for fault in faults))


def _explain(fault) -> str:
    key = _key(fault.absolute_path)
    if fault.validator == "additionalProperties" and isinstance(fault.instance, dict):
        allowed = sorted(fault.schema.get("properties", {}))
        unknown = [name for name in fault.instance if name not in allowed]
        if allowed and unknown:
            return "; ".join(_unknown_key(fault.absolute_path, name, allowed) for name in unknown)
    if fault.validator == "required":
        missing = [name for name in fault.validator_value if name not in fault.instance]
        return f"{key} lacks {', '.join(f'`{name}`' for name in missing)}; please add it"
    if fault.validator == "enum":
        return f"{key} is {fault.instance!r}; allowed are {', '.join(str(value) for value in fault.validator_value)}"
    if fault.validator == "type":
        expected = [fault.validator_value] if isinstance(fault.validator_value, str) else fault.validator_value
        return (
            f"{key} is {fault.instance!r}, which is no {' or '.join(PLAIN_WORDS.get(kind, kind) for kind in expected)}"
        )
    meaning = fault.schema.get("description", "")
    return f"{key} is {fault.instance!r}: {fault.message}" + (f" ({meaning})" if meaning else "")


def _unknown_key(path, name: object, allowed: list[str]) -> str:
    close = get_close_matches(str(name), allowed, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"allowed are {', '.join(allowed)}"
    return f"{_key([*path, name])} is no known key; {hint}"


def _key(path) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return f"`{''.join(parts).lstrip('.')}`" if parts else "the document"
