"""Non-negative matrix factorisation of TF-IDF weights, fitted online by gensim (Zhao, Tan & Xu 2017)."""

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from frameshift.jobs import log
from frameshift.topics.fits import Fit, by_size
from frameshift.topics.tokens import Tokens

PASSES = 5


def fit_nmf(tokens: Tokens, *, n_topics: Sequence[int], seeds: Sequence[int]) -> Iterator[Fit]:
    """One fit for each number of topics and seed; an article that no topic explains is of none."""
    if not n_topics:
        return
    from gensim.matutils import Sparse2Corpus
    from gensim.models import Nmf

    n_articles = np.bincount(tokens.counts.indices, minlength=len(tokens.vocabulary))
    rarity = np.log(len(tokens.articles) / np.maximum(n_articles, 1)).astype(np.float32)
    corpus = list(Sparse2Corpus(_weigh(tokens.counts, rarity), documents_columns=False))
    words = dict(enumerate(tokens.vocabulary))
    for k in n_topics:
        for seed in seeds:
            started = time.monotonic()
            model = Nmf(corpus, num_topics=k, id2word=words, passes=PASSES, random_state=seed)
            parameters = {"topics": model.get_topics(normalize=False).astype(np.float32), "rarity": rarity}
            weights = assign_nmf(parameters, tokens.counts)
            topic = np.where(weights.any(axis=1), weights.argmax(axis=1), -1)
            seconds = time.monotonic() - started
            log.info("NMF, %d topics, seed %d: %.1f s", k, seed, seconds)
            distribution = model.get_topics().astype(float)
            yield by_size(Fit(k, seed, distribution, topic, weights, parameters, seconds, float((topic < 0).mean())))


def assign_nmf(parameters: Mapping[str, np.ndarray], counts) -> np.ndarray:
    """Topic weights of articles under fitted topics: (articles, topics), rows sum to one, or to zero where none fits.

    `counts` is a sparse matrix (articles, vocabulary of the fit).
    """
    from sklearn.decomposition import non_negative_factorization

    topics = parameters["topics"]
    if not counts.shape[0]:
        return np.zeros((0, len(topics)))
    weights = non_negative_factorization(
        _weigh(counts, parameters["rarity"]), H=topics, n_components=len(topics), update_H=False, max_iter=500, tol=1e-4
    )[0].astype(float)
    weights *= topics.sum(axis=1)  # topics of any scale: in words, not in units of their own
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)


def _weigh(counts, rarity: np.ndarray):
    """TF-IDF, each article scaled to length one."""
    from sklearn.preprocessing import normalize

    return normalize(counts.multiply(rarity[None, :]).tocsr().astype(np.float32))
