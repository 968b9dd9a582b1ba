"""Latent Dirichlet allocation (Blei, Ng & Jordan 2003) by gensim's online variational Bayes (Hoffman et al. 2010)."""

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from frameshift.jobs import log
from frameshift.topics.fits import Fit, by_size
from frameshift.topics.tokens import Tokens

PASSES = 5


def fit_lda(tokens: Tokens, *, n_topics: Sequence[int], seeds: Sequence[int]) -> Iterator[Fit]:
    """One fit for each number of topics and seed.

    `LdaModel`, not `LdaMulticore`: the same seed then gives the same fit.
    """
    if not n_topics:
        return
    from gensim.models import LdaModel

    corpus, words = _bags(tokens.counts), _numbered(tokens.vocabulary)
    for k in n_topics:
        for seed in seeds:
            started = time.monotonic()
            # No perplexity on the way: it costs a third of the time and nobody reads it.
            model = LdaModel(corpus, num_topics=k, id2word=words, passes=PASSES, random_state=seed, eval_every=None)
            parameters = {"topics": model.expElogbeta.astype(np.float32)}
            weights = assign_lda(parameters, tokens.counts)
            seconds = time.monotonic() - started
            topic = np.where(weights.any(axis=1), weights.argmax(axis=1), -1)
            fit = Fit(k, seed, model.get_topics().astype(float), topic, weights, parameters, seconds)
            log.info("LDA, %d topics, seed %d: %.1f s", k, seed, seconds)
            yield by_size(fit)


def assign_lda(parameters: Mapping[str, np.ndarray], counts) -> np.ndarray:
    """Topic weights of articles under fitted topics: (articles, topics); rows sum to one, or zero without words.

    `counts` is a sparse matrix (articles, vocabulary of the fit).
    """
    from gensim.models import LdaModel

    topics = parameters["topics"]
    model = LdaModel(num_topics=len(topics), id2word=_numbered(range(topics.shape[1])), dtype=np.float32)
    model.expElogbeta = topics
    model.random_state = _Even()
    gamma = model.inference(_bags(counts))[0].astype(float)
    known = np.diff(counts.indptr)[:, None] > 0  # without a word there is nothing to tell
    return np.where(known, gamma / gamma.sum(axis=1, keepdims=True), 0.0)


class _Even:
    """In place of random numbers: inference begins with equal weights, whatever other articles stand beside it."""

    @staticmethod
    def gamma(shape: float, scale: float, size: tuple[int, int]) -> np.ndarray:
        return np.full(size, shape * scale)


def _bags(counts) -> list[list[tuple[int, float]]]:
    from gensim.matutils import Sparse2Corpus

    return list(Sparse2Corpus(counts, documents_columns=False))


def _numbered(words) -> dict[int, str]:
    return {number: str(word) for number, word in enumerate(words)}
