"""The command `frameshift check`: what a run would refuse or reject, said in seconds and without starting it.

Also where the Snakefile has its configuration checked, so that both refuse the same.
"""

import textwrap
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from frameshift.comparisons.sweep import read_sweep
from frameshift.config import check_config, lay_over
from frameshift.corpus.files import find_inputs
from frameshift.errors import UserError
from frameshift.events import read_events
from frameshift.figures.panels import number_panels
from frameshift.frames.codebook import load_codebook
from frameshift.schema import read_yaml

if TYPE_CHECKING:  # the Snakefile reads this module, and needs no data library
    from frameshift.corpus.examine import Examination

ROOT = Path(__file__).parents[2]
_WIDTH = 120


def complete_config(own: Mapping[str, Any], own_file: str | Path | None) -> dict:
    """The defaults with the run's `own` configuration laid over them, after every check that needs no look at articles.

    Not by `configfile:`, which a workflow that uses this one as a module would not pass on. Raises UserError as
    `check_config` does, for a wrong file of events, and where nothing is at corpus.path and nothing is fetched.
    """
    config = lay_over(read_yaml(ROOT / "config" / "config.yaml"), dict(own))
    if isinstance(config["frames"], dict):
        config["frames"]["codebook"] = find_shipped(config["frames"]["codebook"])
    config["events"], config["sweep"] = find_shipped(config["events"]), find_shipped(config["sweep"])
    settings = check_config(config, own_file)
    _check_events(settings["findings"], read_events(settings["events"]), settings["events"])
    if settings["corpus"]["path"] and not settings["corpus"]["download"]:
        find_inputs(locate(settings["corpus"]["path"]))
    find_labels(settings)
    find_external(settings)
    number_panels(settings)
    if settings["sweep"]:
        read_sweep(settings["sweep"], external=settings["frames"]["external"])
    return settings


def _check_events(findings: list[dict], events: list[dict], path: str | None) -> None:
    known = [event["name"] for event in events]
    for finding in findings:
        if "event" in finding and finding["event"] not in known:
            where = (
                f"the events of {path} are {', '.join(known) or 'none'}" if path else "the key `events` names no file"
            )
            raise UserError(f"findings, {finding['name']}: there is no event {finding['event']!r}; {where}")


def find_labels(config: Mapping[str, Any]) -> list[str]:
    """The tables, or folders of them, that people coded; on the demo those that its simulated coders will return."""
    files = [file["path"] for file in config["frames"]["labels"]]
    if config["demo"] is not None:
        return files
    return [str(found) for path in files for found in find_inputs(path, key="frames.labels")]


def find_external(config: Mapping[str, Any]) -> list[str]:
    """The tables of scores from elsewhere."""
    external = config["frames"]["external"].items()
    return [str(found) for name, path in external for found in find_inputs(path, key=f"frames.external.{name}")]


def find_shipped(path: str | None) -> str | None:
    """`path` where it exists from here, else the file of that name that comes with the workflow."""
    is_shipped = isinstance(path, str) and not Path(path).exists() and (ROOT / path).exists()
    return str(ROOT / path) if is_shipped else path


def locate(path: str | list[str]) -> str | list[str]:
    """`path`, or for "package:NAME/FILE" where that installed Python package keeps the file."""
    if isinstance(path, list) or not path.startswith("package:"):
        return path
    package, _, file = path.removeprefix("package:").partition("/")
    spec = find_spec(package)
    if spec is None:
        raise UserError(f"`corpus.path` is {path!r}, but no Python package {package!r} is installed")
    return str(Path(spec.origin).parent / file)


def check_run(own_file: str | Path) -> tuple[str, list[str]]:
    """What to tell about the run that `own_file` configures, and the faults for which it would end.

    Raises UserError where the configuration is wrong, the encoder is not there or the corpus cannot be read.
    """
    own = read_yaml(own_file)
    if not isinstance(own, dict):
        raise UserError(f"{own_file} holds no keys; write one with `frameshift new`, or see config/README.md")
    config = complete_config(own, own_file)
    head = f"{own_file}: the configuration is right."
    labels = config["frames"]["labels"]
    if labels and config["demo"] is None:
        from frameshift.frames.codes import read_codes

        codes = read_codes(labels, load_codebook(config["frames"]["codebook"]))
        head += f" {codes.n_unique(['file', 'row']):,} rows of codes by {codes['coder'].n_unique()} coders can be read."
    if config["demo"] is not None:
        from frameshift.demo.generate import generate

        with TemporaryDirectory() as folder:
            generate(config["demo"], folder)
            return _tell(head, [Path(folder) / "articles.jsonl"], config)
    try:
        paths = find_inputs(locate(config["corpus"]["path"]))
    except UserError:
        if not config["corpus"]["download"]:
            raise
        return f"{head} The corpus is not here yet: the run fetches it from {config['corpus']['download']['url']}", []
    return _tell(head, paths, config)


def _tell(head: str, paths: list[Path], config: Mapping[str, Any]) -> tuple[str, list[str]]:
    from frameshift.corpus.examine import examine_corpus
    from frameshift.embeddings.encoder import describe_encoder

    encoder = describe_encoder(config["embeddings"])
    seen = examine_corpus(paths, config["corpus"], passages=config["passages"])
    lines = [head, "", *(f"  {what:<11} {said}" for what, said in _describe(seen))]
    lines.append(f"  {'encoder':<11} {encoder['model']}, {encoder['backend']}: {encoder['reason']}")
    if seen.warnings:
        lines += ["", "Warnings:", ""]
        for said in seen.warnings:
            lines += textwrap.wrap(said, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return "\n".join(lines), seen.faults


def _describe(seen: "Examination") -> Iterator[tuple[str, str]]:
    """What was seen, line by line: a word on what it is about, and what there is to say."""
    more = "" if seen.is_whole else "more than "
    judged = (
        "all were judged" if seen.n_judged == seen.n_rows else f"{seen.n_judged:,} of them, evenly spaced, were judged"
    )
    yield "rows", f"{more}{seen.n_rows:,}; {judged}"
    share, scale = seen.n_articles / seen.n_judged, seen.n_rows / seen.n_judged
    yield "articles", f"{seen.n_articles:,} of {seen.n_judged:,} rows judged ({share:.0%})"
    for reason, (n, example) in seen.rejected.items():
        yield "rejected", f"{n:,} {reason}: first {_shorten(example, 150)}"
    if not seen.n_articles:
        return
    about = more or ("" if scale == 1 else "about ")
    n_articles, n_passages = seen.n_articles * scale, seen.n_passages * scale
    yield "in all", f"{about}{n_articles:,.0f} articles and {n_passages:,.0f} passages, before copies are merged"
    yield "length", f"{seen.median_words:.0f} words an article, by the median"
    dates = (f"{n:,} {what}" + (f" ({example})" if example else "") for what, (n, example) in seen.dates.items())
    yield "dates", ", ".join(dates)
    yield "languages", _count(seen.languages)
    yield "sources", f"{len(seen.sources):,}: {_count(seen.sources)}"
    for form, (n, example) in seen.removed.items():
        yield "removed", f"{n:,} {form}: first {_shorten(example, 80)!r}"


def _count(counts: Mapping[str, int], n: int = 10) -> str:
    listed = ", ".join(f"{name} {times:,}" for name, times in list(counts.items())[:n])
    return listed + (f" and {len(counts) - n:,} more" if len(counts) > n else "")


def _shorten(text: str, n: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= n else f"{line[: n - 1]}…"
