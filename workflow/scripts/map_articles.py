"""Lay the articles out on a plane, those with similar vectors near each other."""

from frameshift.jobs import logged
from frameshift.tables import write_table
from frameshift.topics.map import lay_out, pick_articles
from frameshift.topics.sample import read_vectors


def main(inputs, output: str, seed: int) -> None:
    articles = pick_articles(inputs.ids)
    vectors = read_vectors(articles, inputs.ids, inputs.vectors)
    write_table(lay_out(articles, vectors, seed=seed), output, "topics/map")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        main(snakemake.input, snakemake.output[0], snakemake.params.seed)
