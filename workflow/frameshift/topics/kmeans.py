"""k-means (Lloyd 1982) on the principal components of the article vectors: the cheap reference for BERTopic."""

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from frameshift.jobs import log
from frameshift.topics.fits import Fit, by_size
from frameshift.topics.tokens import Tokens
from frameshift.topics.words import class_tfidf

COMPONENTS = 50
STARTS = 5  # of which the best is kept


def fit_kmeans(vectors: np.ndarray, tokens: Tokens, *, n_topics: Sequence[int], seeds: Sequence[int]) -> Iterator[Fit]:
    """One fit for each number of topics and seed. `vectors` is float32 (articles, d), in the order of `tokens`."""
    if not n_topics:
        return
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the order of sums, and with it their last digits, does not depend on threads
        pca = PCA(min(COMPONENTS, *vectors.shape), svd_solver="covariance_eigh").fit(vectors)
        space = {"mean": pca.mean_.astype(np.float32), "components": pca.components_.astype(np.float32)}
        reduced = _reduce(space, vectors)
        for k in n_topics:
            for seed in seeds:
                started = time.monotonic()
                model = KMeans(k, n_init=STARTS, random_state=seed).fit(reduced)
                parameters = {**space, "centres": model.cluster_centers_.astype(np.float32)}
                weights = assign_kmeans(parameters, vectors)
                topic = weights.argmax(axis=1)
                words = class_tfidf(tokens.counts, topic, k)
                seconds = time.monotonic() - started
                log.info("k-means, %d topics, seed %d: %.1f s", k, seed, seconds)
                yield by_size(Fit(k, seed, words, topic, weights, parameters, seconds))


def assign_kmeans(parameters: Mapping[str, np.ndarray], vectors: np.ndarray) -> np.ndarray:
    """How close articles are to the topics' centres: (articles, topics), 1 at the centre, towards 0 far away."""
    from sklearn.metrics.pairwise import euclidean_distances

    return 1 / (1 + euclidean_distances(_reduce(parameters, vectors), parameters["centres"]))


def _reduce(space: Mapping[str, np.ndarray], vectors: np.ndarray) -> np.ndarray:
    return (vectors - space["mean"]) @ space["components"].T
