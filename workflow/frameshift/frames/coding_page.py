"""The coding sheet as one page that works offline: a passage at a time, the codebook beside it, keys to code."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from frameshift.contracts import VOICES
from frameshift.frames.codebook import Entry
from frameshift.frames.coding_files import digest_sheet, list_columns
from frameshift.html import load_templates
from frameshift.tables import write_whole

VOICE_MEANS = {"own": "the outlet itself", "quoted": "somebody it quotes", "denied": "nobody: it is denied"}


def write_coding_page(dealt: pl.DataFrame, codebook: Mapping[str, Entry], path: str | Path, *, name: str) -> None:
    """Write the page to `path`, for the coders and in the orders of `dealt` (of deal_passages).

    `name` is the run's. Of the sample the page holds text, language and probability, and no source: coders are blind.
    """
    page = render_coding_page(
        name=name,
        entries=list(codebook.values()),
        voices={voice: VOICE_MEANS[voice] for voice in VOICES},
        labels={entry.name: entry.label for entry in codebook.values()},
        data=gather_data(dealt, codebook),
    )
    write_whole(path, lambda temporary: temporary.write_text(page, encoding="utf-8"))


def gather_data(dealt: pl.DataFrame, codebook: Mapping[str, Entry]) -> dict:
    """What the page's script works on, as plain values: each passage once, and each coder's order as numbers of them.

    `digest` is under which name a browser keeps the codes, so that two sheets do not mix.
    """
    passages = dealt.unique("passage_id", maintain_order=True).select(
        "passage_id", "text", "language", probability=pl.col("probability").cast(pl.String)
    )
    number = {passage: i for i, passage in enumerate(passages["passage_id"])}
    orders = dealt.group_by("coder", maintain_order=True).agg("passage_id")
    return {
        "digest": digest_sheet(dealt),
        "columns": list_columns(list(codebook)),
        "entries": {name: {"label": entry.label, "kind": entry.kind} for name, entry in codebook.items()},
        "voices": list(VOICES),
        "passages": passages.to_dicts(),
        "orders": {coder: [number[passage] for passage in order] for coder, order in orders.iter_rows()},
    }


def render_coding_page(**content) -> str:
    """The page as HTML, from plain values; whatever a passage or the codebook says is text, never markup."""
    from markupsafe import Markup

    folder = Path(__file__).parent
    environment = load_templates(folder)
    # ours, not an article's
    environment.globals["asset"] = lambda name: Markup((folder / name).read_text(encoding="utf-8"))
    return environment.get_template("coding_page.html.j2").render(**content)
