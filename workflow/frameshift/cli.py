"""The command `frameshift`: what can be done beside a run."""

import argparse
import sys
from pathlib import Path

from frameshift.errors import UserError


def main() -> None:
    """Run one subcommand; a user's mistake ends with its message and exit code 1."""
    parser = argparse.ArgumentParser(prog="frameshift", description="Measure how news articles frame an issue.")
    commands = parser.add_subparsers(required=True)
    summary = commands.add_parser("summary", help="print the findings of a finished run")
    summary.add_argument("folder", type=Path, help="results/<name>")
    summary.set_defaults(run=lambda arguments: _summarise(arguments.folder))
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except UserError as error:
        sys.exit(f"Error: {error}")


def _summarise(folder: Path) -> None:
    from frameshift.report.summary import summarise

    print(summarise(folder))
