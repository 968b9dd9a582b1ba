"""BERTopic (Grootendorst 2022) on the stored article vectors.

UMAP (McInnes et al. 2018) reduces the vectors once a seed; HDBSCAN (Campello et al. 2013) finds clusters; they are
merged to the number of topics asked for. HDBSCAN leaves articles out. Each then goes to the topic whose centre is
closest, if it is as close as all but the least typical twentieth of the topic's own articles; else it stays without.
"""

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from frameshift.jobs import log
from frameshift.topics.fits import Fit, by_size
from frameshift.topics.tokens import Tokens

DIMENSIONS = 5
NEIGHBOURS = 15
MIN_CLUSTER = 10
TYPICAL = 0.05  # quantile of the similarities of a topic's own articles from which another one may join


def fit_bertopic(
    vectors: np.ndarray, tokens: Tokens, *, n_topics: Sequence[int], seeds: Sequence[int]
) -> Iterator[Fit]:
    """One fit for each number of topics and seed. `vectors` is float32 (articles, d), in the order of `tokens`.

    UMAP is seeded, hence reproducible on one machine; between machines its last digits differ. What it came to is kept
    among the parameters (`reduced`).
    """
    if not n_topics:
        return
    from hdbscan import HDBSCAN
    from umap import UMAP

    for seed in seeds:
        started = time.monotonic()
        reduced = UMAP(
            n_neighbors=min(NEIGHBOURS, len(vectors) - 1),
            n_components=DIMENSIONS,
            min_dist=0.0,
            metric="cosine",
            random_state=seed,
            n_jobs=1,
        ).fit_transform(vectors)
        clusters = HDBSCAN(min_cluster_size=MIN_CLUSTER, core_dist_n_jobs=1).fit_predict(reduced)
        reducing = time.monotonic() - started
        if clusters.max() < 1:
            log.warning("Warning: BERTopic, seed %d: HDBSCAN finds no two clusters in these articles: left out", seed)
            continue
        for k in n_topics:
            started = time.monotonic()
            words, own = _merge(reduced, clusters, tokens, k)
            fit = _take_in(vectors, own, words, k, seed)
            seconds = reducing + time.monotonic() - started
            log.info("BERTopic, %d topics, seed %d: %d found, %.1f s", k, seed, len(words), seconds)
            stored = {**fit.parameters, "reduced": reduced.astype(np.float32)}
            yield by_size(Fit(k, seed, words, fit.topic, fit.weights, stored, seconds, fit.outliers))


def assign_bertopic(parameters: Mapping[str, np.ndarray], vectors: np.ndarray) -> np.ndarray:
    """Cosine similarity of articles to the topics' centres: (articles, topics); 0 where it is below a topic's limit."""
    similarity = vectors @ parameters["centres"].T
    return np.where(similarity >= parameters["limits"], similarity, 0.0).clip(0, 1).astype(float)


def _merge(reduced: np.ndarray, clusters: np.ndarray, tokens: Tokens, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Word weights (topics, vocabulary) and the topic of each article, -1 for none, of clusters merged to `k`."""
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction

    model = BERTopic(
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=_Counted(tokens),
        nr_topics=k + int(clusters.min() < 0),  # bertopic counts the outliers as a topic
        language="multilingual",  # "english" strips all but a-z from the documents, accents included
        calculate_probabilities=False,
        verbose=False,
    )
    documents = [str(row) for row in range(len(tokens.articles))]
    topic, _ = model.fit_transform(documents, embeddings=reduced, y=clusters)
    topic = np.asarray(topic)
    words = np.asarray(model.c_tf_idf_[1 if -1 in topic else 0 :].todense())
    return words / np.maximum(words.sum(axis=1, keepdims=True), 1e-12), topic


class _Counted:
    """Where BERTopic wants the words of joined documents counted: these are numbers of articles, counted already."""

    def __init__(self, tokens: Tokens):
        self._tokens = tokens

    def fit(self, documents, *_):
        return self

    def transform(self, documents):
        from scipy.sparse import csr_matrix

        rows = [np.array(document.split(), dtype=int) for document in documents]
        row = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
        shape = (len(rows), len(self._tokens.articles))
        return csr_matrix((np.ones(len(row)), (row, np.concatenate(rows))), shape=shape) @ self._tokens.counts

    def fit_transform(self, documents, *_):
        return self.transform(documents)

    def get_feature_names_out(self):
        return np.array(self._tokens.vocabulary)


def _take_in(vectors: np.ndarray, own: np.ndarray, words: np.ndarray, k: int, seed: int) -> Fit:
    """The fit after the articles that HDBSCAN left out went to the nearest topic, where one is near enough."""
    centres = np.stack([vectors[own == number].mean(axis=0) for number in range(len(words))])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    similarity = vectors @ centres.T
    limits = np.array([np.quantile(similarity[own == number, number], TYPICAL) for number in range(len(words))])
    parameters = {"centres": centres.astype(np.float32), "limits": limits.astype(np.float32)}
    near = assign_bertopic(parameters, vectors)
    topic = np.where(own >= 0, own, np.where(near.any(axis=1), near.argmax(axis=1), -1))
    weights = similarity.clip(0, 1).astype(float)
    return Fit(k, seed, words, topic, weights, parameters, 0.0, float((own < 0).mean()))
