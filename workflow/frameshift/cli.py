"""The command `frameshift`: what can be done beside a run."""

import argparse
import sys
from pathlib import Path

from frameshift.errors import UserError


def main() -> None:
    """Run one subcommand; a user's mistake ends with its message and exit code 1."""
    parser = argparse.ArgumentParser(prog="frameshift", description="Measure how news articles frame an issue.")
    commands = parser.add_subparsers(required=True)
    new = commands.add_parser("new", help="look at a corpus and write a configuration for it")
    new.add_argument("files", nargs="+", metavar="FILE", help="a file, folder, archive or pattern of articles")
    new.add_argument("--name", help="of the run, and so of config/<name>.yaml; by default that of the files")
    new.add_argument("--force", action="store_true", help="overwrite the file where it exists")
    new.set_defaults(run=_write_config)
    check = commands.add_parser("check", help="say what a run would refuse or reject, without starting it")
    check.add_argument("config", type=Path, help="config/<name>.yaml")
    check.set_defaults(run=_check)
    plan = commands.add_parser("plan", help="say which differences a run can detect, and how many labels that needs")
    plan.add_argument("config", type=Path, help="config/<name>.yaml, of a run that is finished without labels")
    plan.set_defaults(run=_plan)
    summary = commands.add_parser("summary", help="print the findings of a finished run")
    summary.add_argument("folder", type=Path, help="results/<name>")
    summary.set_defaults(run=_summarise)
    cache = commands.add_parser("cache", help="say what the cache of vectors holds, and clean it up")
    cache.add_argument("folder", type=Path, nargs="?", help="by default FRAMESHIFT_CACHE or results/.cache")
    cache.add_argument("--limit", metavar="SIZE", help="remove what was used least recently until it takes this much")
    cache.add_argument("--clear", action="store_true", help="remove all of it")
    cache.set_defaults(run=_tend_cache)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except UserError as error:
        sys.exit(f"Error: {error}")


def _write_config(arguments: argparse.Namespace) -> None:
    from datetime import date

    from frameshift.new import write_config

    print(write_config(arguments.files, name=arguments.name, force=arguments.force, today=date.today()))


def _check(arguments: argparse.Namespace) -> None:
    from frameshift.check import check_run

    report, faults = check_run(arguments.config)
    print(report, flush=True)
    if faults:
        raise UserError("\n".join(faults))


def _plan(arguments: argparse.Namespace) -> None:
    from frameshift.plan.tell import plan_run

    print(plan_run(arguments.config))


def _tend_cache(arguments: argparse.Namespace) -> None:
    from frameshift.embeddings.encoder import cache_home
    from frameshift.embeddings.prune import clear_cache, parse_size, prune_cache, survey_cache

    home = arguments.folder or cache_home("results/.cache")
    if not home.is_dir():
        raise UserError(f"there is no cache at {home}; name its folder: frameshift cache FOLDER")
    if arguments.clear:
        print(f"{clear_cache(home) / 1e6:,.0f} MB removed")
    elif arguments.limit:
        blocks, size = prune_cache(home, parse_size(arguments.limit))
        print(f"{blocks:,} blocks removed, {size / 1e6:,.0f} MB")
    holdings = survey_cache(home)
    for one in holdings:
        print(f"{one.size / 1e6:9,.1f} MB  {one.folder.name}  used {one.days:.0f} days ago  {one.encoder}")
    print(f"{sum(one.size for one in holdings) / 1e6:9,.1f} MB  in {home}")


def _summarise(arguments: argparse.Namespace) -> None:
    from frameshift.report.summary import summarise

    print(summarise(arguments.folder))
