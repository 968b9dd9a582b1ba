"""Decompose changes and gaps into topics and framing."""

from datetime import date

import polars as pl

from frameshift.comparisons.decomposition import chosen_fits, decompose
from frameshift.comparisons.groups import compare_findings
from frameshift.comparisons.reading import read_articles, read_outcomes
from frameshift.frames.codebook import load_codebook
from frameshift.jobs import logged
from frameshift.tables import write_table


def main(inputs, output, params) -> None:
    selection = pl.read_parquet(inputs.selection)
    outcomes, scale = read_outcomes(inputs.frames, measure=params.measure, given=params.given)
    fits, topics = {}, {}
    for model, of_all, chosen, names in zip(params.models, inputs.fits, inputs.assignments, inputs.topics, strict=True):
        others = chosen_fits(pl.read_parquet(of_all), selection, model)[1:]
        fits[model] = [pl.read_parquet(chosen).select("article_id", "topic"), *others]
        topics[model] = pl.read_parquet(names)
    codebook = load_codebook(inputs.codebook).items()
    patterns = {name: [p for words in entry.languages.values() for p in words.patterns] for name, entry in codebook}
    split = date.fromisoformat(params.split) if params.split else None
    options = {"scale": scale, "split": split, "patterns": patterns, "min_articles": params.min_articles}

    def compare(articles: pl.DataFrame, findings: list[dict], _dimension: str | None) -> tuple[pl.DataFrame, ...]:
        return decompose(outcomes, articles, fits, topics, findings, **options)

    found = compare_findings(compare, read_articles(inputs.articles), params.groups, params.findings)
    contracts = ("decomposition", "decomposition_topics", "omitted")
    for table, path, name in zip(found, (output.table, output.topics, output.omitted), contracts, strict=True):
        write_table(table, path, f"comparisons/{name}")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
