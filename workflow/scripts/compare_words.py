"""Find the words that set sources and years apart, and quote them."""

import polars as pl

from frameshift.comparisons.language import compare_language, find_issue_passages
from frameshift.comparisons.reading import DECIDING, read_articles, read_scores
from frameshift.frames.given import parse_given
from frameshift.jobs import logged
from frameshift.tables import write_table
from frameshift.topics.tokens import read_tokens


def main(inputs, output, params) -> None:
    tokens = read_tokens(inputs.tokens)
    scores = read_scores(inputs.scores, DECIDING)
    joint = pl.read_parquet(inputs.joint, columns=["passage_id", "given", "about"]) if inputs.get("joint") else None
    issues = dict.fromkeys(parse_given(name).issue for name in params.given)
    words, contexts, omitted = compare_language(
        tokens.counts,
        tokens.articles,
        tokens.vocabulary,
        read_articles(inputs.articles),
        pl.scan_parquet(inputs.passages),
        {issue: find_issue_passages(scores, joint, issue, threshold=params.threshold) for issue in issues},
        groups=params.groups,
        min_articles=params.min_articles,
        top=params.top,
        contexts=params.contexts,
        min_letters=params.min_letters,
        lemmas=params.lemmas,
    )
    write_table(words, output.table, "comparisons/words")
    write_table(contexts, output.contexts, "comparisons/contexts")
    write_table(omitted, output.omitted, "comparisons/omitted")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output, snakemake.params)
