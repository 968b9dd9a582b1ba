"""What passages are about: an issue, or an issue without those that also show a frame ("migration without victim")."""

from collections.abc import Iterable
from typing import NamedTuple

_WITHOUT = " without "


class Given(NamedTuple):
    """An entry of `comparisons.given`: passages about `issue`, but for those that show `without`."""

    name: str
    issue: str
    without: str | None


def parse_given(name: str) -> Given:
    """`name` in its parts.

    >>> parse_given("migration without victim")
    Given(name='migration without victim', issue='migration', without='victim')
    """
    issue, _, without = name.partition(_WITHOUT)
    return Given(name, issue, without or None)


def list_pairs(entries: Iterable[str], given: Iterable[str]) -> list[tuple[str, Given]]:
    """Every frame with everything within which it is compared: what passages are about, or lack, is not compared."""
    parts = [parse_given(name) for name in given]
    return [(entry, about) for about in parts for entry in entries if entry not in (about.issue, about.without)]
