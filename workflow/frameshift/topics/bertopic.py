"""BERTopic (Grootendorst 2022) on the stored article vectors.

UMAP (McInnes et al. 2018) reduces the vectors once a seed; HDBSCAN (Campello et al. 2013) finds clusters; class-based
TF-IDF gives their words; clusters are merged to the number of topics asked for.
"""

import time

import numpy as np

from frameshift.jobs import log
from frameshift.topics.fits import Fit

DIMENSIONS = 5
NEIGHBOURS = 15
MIN_CLUSTER = 10


def fit_bertopic(
    vectors: np.ndarray, tokens: list[list[str]], vocabulary: list[str], *, n_topics: list[int], seeds: list[int]
) -> list[Fit]:
    """One fit for each number of topics and seed. `vectors` is float32 (articles, d), `tokens` the articles' words.

    UMAP is seeded, hence reproducible on one machine; between machines its last digits differ.
    """
    from umap import UMAP

    fits = []
    for seed in seeds:
        started = time.monotonic()
        reduced = UMAP(
            n_neighbors=NEIGHBOURS, n_components=DIMENSIONS, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1
        ).fit_transform(vectors)
        reducing = time.monotonic() - started
        for k in n_topics:
            started = time.monotonic()
            words, topic, weight = _cluster(reduced, vectors, tokens, vocabulary, k)
            fits.append(Fit(k, seed, words, topic, weight, reducing + time.monotonic() - started))
            log.info("BERTopic, %d topics, seed %d: %d found, %.1f s", k, seed, len(words), fits[-1].seconds)
    return fits


def _cluster(reduced: np.ndarray, vectors: np.ndarray, tokens: list[list[str]], vocabulary: list[str], k: int):
    """Word weights (topics × vocabulary), topic and weight of each article, from vectors already reduced."""
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer

    clusterer = HDBSCAN(
        min_cluster_size=MIN_CLUSTER, metric="euclidean", cluster_selection_method="eom", core_dist_n_jobs=1
    )
    model = BERTopic(
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=clusterer,
        # The tokens are made already; the vectoriser only counts them.
        vectorizer_model=CountVectorizer(vocabulary=vocabulary, analyzer=str.split),
        nr_topics=k + 1,  # bertopic counts the outliers as a topic
        language="multilingual",  # "english" strips all but a-z from the documents, accents included
        calculate_probabilities=False,
        verbose=False,
    )
    topic, _ = model.fit_transform([" ".join(words) for words in tokens], embeddings=reduced)
    topic = np.asarray(topic)
    found = sorted(set(topic.tolist()) - {-1})
    first = 1 if -1 in topic else 0
    words = np.asarray(model.c_tf_idf_[first:].todense())
    words = words / np.maximum(words.sum(axis=1, keepdims=True), 1e-12)
    return words, topic, _closeness(vectors, topic, found)


def _closeness(vectors: np.ndarray, topic: np.ndarray, found: list[int]) -> np.ndarray:
    """Cosine similarity of each article to the mean vector of its topic, 0 for articles of none."""
    weight = np.zeros(len(topic))
    for number in found:
        members = topic == number
        centre = vectors[members].mean(axis=0)
        weight[members] = np.clip(vectors[members] @ centre / max(np.linalg.norm(centre), 1e-12), 0, 1)
    return weight
