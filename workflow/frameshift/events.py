"""Dated events, as the user declares them."""

from pathlib import Path

from frameshift.schema import check_schema, read_yaml


def read_events(path: str | Path | None) -> list[dict]:
    """The dated events of `path`: dicts of name, date (ISO) and sources, by date; none where `path` is None."""
    if path is None:
        return []
    events = read_yaml(path)
    check_schema(events, "events", str(path))
    return sorted(events, key=lambda event: (event["date"], event["name"]))
