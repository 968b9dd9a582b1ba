"""One call that writes the demo corpus, its truth and its coded sample into a folder."""

from pathlib import Path

import polars as pl

from frameshift.demo.coders import draw_labels
from frameshift.demo.dirt import write_corpus
from frameshift.demo.knobs import Knobs
from frameshift.demo.plan import draw_plan
from frameshift.demo.render import render_articles
from frameshift.demo.truth import truth_tables
from frameshift.tables import write_whole


def generate(knobs: dict | None, out_dir: str | Path) -> dict:
    """Write articles.jsonl, truth_{sentences,articles,cells,planted,decomposition,dirt,events}.parquet and labels.csv.

    `knobs` maps names of `Knobs` to values; the same knobs give the same bytes. Returns the numbers of rows written.
    Raises UserError for an unknown knob or a value that is no number.
    """
    folder, settings = Path(out_dir), Knobs.read(knobs)
    plan = draw_plan(settings)
    articles, sentences = render_articles(plan)
    tables = truth_tables(plan, sentences=sentences)
    tables["dirt"] = write_corpus(folder / "articles.jsonl", articles, knobs=settings)
    tables["events"] = plan.events
    # Updates are near-copies of an article in the same outlet and may be merged into it: nobody codes them.
    first = plan.articles.filter(pl.col("update_of").is_null())
    labels = draw_labels(sentences, first, knobs=settings)
    for name, table in tables.items():
        write_whole(folder / f"truth_{name}.parquet", table.write_parquet)
    write_whole(folder / "labels.csv", labels.write_csv)
    return {
        "articles": articles.height,
        "lines": tables["dirt"].height,
        "sentences": sentences.height,
        "labels": labels.height,
    }
