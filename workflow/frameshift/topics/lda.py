"""Latent Dirichlet allocation (Blei, Ng & Jordan 2003) by gensim's online variational Bayes (Hoffman et al. 2010)."""

import time

from frameshift.jobs import log
from frameshift.topics.fits import Fit

PASSES = 5


def fit_lda(counts, vocabulary: list[str], *, n_topics: list[int], seeds: list[int]) -> list[Fit]:
    """One fit for each number of topics and seed. `counts` is a sparse matrix articles × vocabulary.

    `LdaModel`, not `LdaMulticore`: the same seed then gives the same fit.
    """
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel

    corpus = list(Sparse2Corpus(counts, documents_columns=False))
    id2word = dict(enumerate(vocabulary))
    fits = []
    for k in n_topics:
        for seed in seeds:
            started = time.monotonic()
            model = LdaModel(corpus, num_topics=k, id2word=id2word, passes=PASSES, random_state=seed)
            gamma = model.inference(corpus)[0].astype(float)
            weights = gamma / gamma.sum(axis=1, keepdims=True)
            topic = weights.argmax(axis=1)
            fits.append(
                Fit(k, seed, model.get_topics().astype(float), topic, weights.max(axis=1), time.monotonic() - started)
            )
            log.info("LDA, %d topics, seed %d: %.1f s", k, seed, fits[-1].seconds)
    return fits
