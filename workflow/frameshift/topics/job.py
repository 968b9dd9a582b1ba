"""What the jobs that fit topic models have in common."""

from collections.abc import Callable, Iterator, Mapping

from frameshift.topics.fits import Fit, digest_settings, feasible, keep_fits, write_fits
from frameshift.topics.sample import read_sample, read_vectors


def fit_or_keep(
    model: str,
    fit: Callable[..., Iterator[Fit]],
    inputs,
    output: Mapping[str, str],
    params,
    *,
    by_vectors: bool = False,
) -> None:
    """Fit `model` at every setting and seed and write its tables, unless `refit` is off and they were made alike.

    `inputs` and `params` are those of the rule (see rules/topics.smk); `fit` takes the words of the articles, after
    their vectors where `by_vectors`.
    """
    settings = digest_settings(dict(params.items()))
    if not params.refit and keep_fits(output, settings):
        return
    tokens = read_sample(inputs.tokens, params.sample)
    data = [read_vectors(tokens.articles, inputs.ids, inputs.vectors), tokens] if by_vectors else [tokens]
    fits = fit(*data, n_topics=feasible(params.n_topics, tokens), seeds=params.seeds)
    write_fits(fits, model, tokens, output, settings)
