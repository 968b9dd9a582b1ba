"""How tables are checked against their contracts, and written.

Tables are polars data frames in memory and Parquet on disk. Writing is atomic: a killed job leaves no half-written
table.
"""

import os
import uuid
from pathlib import Path

import numpy as np
import polars as pl
from pandera.errors import SchemaErrors

from frameshift.contracts import CONTRACTS
from frameshift.names import ALL_SOURCES as ALL_SOURCES


class ContractError(ValueError):
    """A table does not keep its contract: a fault of the workflow, not of the user."""


def check_table(frame: pl.DataFrame, contract: str) -> pl.DataFrame:
    """Return `frame` with the contract's columns first, or raise ContractError saying which column fails and how."""
    schema = CONTRACTS[contract]
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        raise ContractError(f"{contract}: {error}") from error
    named = list(schema.columns)
    return frame.select(*named, *(c for c in frame.columns if c not in named))


def write_table(frame: pl.DataFrame, path: str | Path, contract: str) -> None:
    """Check `frame` against its contract and write it to `path` as Parquet, whole or not at all."""
    checked = check_table(frame, contract)
    write_whole(path, checked.write_parquet)


def empty_table(contract: str) -> pl.DataFrame:
    """A table of no rows with the contract's columns and types."""
    return pl.DataFrame(schema={name: column.dtype.type for name, column in CONTRACTS[contract].columns.items()})


def write_array(array, path: str | Path) -> None:
    """Write a numpy array to `path` as .npy, whole or not at all."""
    _write_with(np.save, path, array)


def write_arrays(path: str | Path, **arrays) -> None:
    """Write numpy arrays by their names to `path` as .npz, whole or not at all."""
    _write_with(np.savez, path, **arrays)


def _write_with(save, path: str | Path, *values, **named) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:  # given a name, numpy would add an ending to it
            save(file, *values, **named)

    write_whole(path, write)


def write_whole(path: str | Path, write) -> None:
    """Call `write(temporary path)`, then move the file into place, so that `path` is never half written."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two machines that share a folder may have processes of one number.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        write(temporary)
        with temporary.open("rb") as written:  # or a machine that loses power keeps the name and not the content
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep_unfinished(path: str | Path) -> None:
    """Remove what jobs that were killed left of `path`; only for a file that no other job may be writing."""
    path = Path(path)
    for part in path.parent.glob(f".{path.name}.*.part"):
        part.unlink(missing_ok=True)
