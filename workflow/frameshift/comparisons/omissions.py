"""What could not be compared, and why."""

import polars as pl

from frameshift.tables import empty_table


class Impossible(Exception):
    """A comparison that cannot be made; the message is the reason for the table of omissions."""


def list_omissions(table: str, rows: list[dict]) -> pl.DataFrame:
    """Rows of comparisons/omitted for `table`: each has a reason and, where they apply, frame, source and period."""
    schema = empty_table("comparisons/omitted").schema
    return pl.DataFrame([{"table": table, **row} for row in rows], schema=schema)
