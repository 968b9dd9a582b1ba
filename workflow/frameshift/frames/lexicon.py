"""The lexicon: how often a passage uses the words and phrases that stand for an entry."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from frameshift.frames.codebook import Entry, Wording
from frameshift.frames.patterns import express, express_negated

NEGATION_WINDOW = 3  # words between a negation and a hit: "no sign that refugees are a danger"
_HELD_PLACE = "_"  # stands for a removed phrase, so that its neighbours do not come to touch


def score_lexicon(texts: Sequence[str], codebook: Mapping[str, Entry], language: str) -> np.ndarray:
    """Hits per square root of the passage's words, float32 (passages, entries).

    The root is between two wrongs: a plain count favours long passages, and a rate takes one hit in a headline for five
    in a paragraph. On coded headlines (threat) and coded manifesto sentences (migration) it ranked at least as well as
    either, by less than .01.
    """
    series = pl.Series(texts, dtype=pl.String)
    hits = np.column_stack([count_hits(series, entry.wording(language)) for entry in codebook.values()])
    n_words = series.str.count_matches(r"\w+").to_numpy()
    return (hits / np.sqrt(np.maximum(n_words, 1))[:, None]).astype(np.float32)


def count_hits(texts: pl.Series, wording: Wording) -> np.ndarray:
    """How often each of `texts` (n,) matches a pattern of `wording`, int64 (n,).

    Of the texts with a match, phrases with another sense are removed, then negated hits, and what still matches is
    counted.
    """
    matching = texts.str.contains(uttered(wording)).fill_null(False)
    hits = np.zeros(len(texts), dtype=np.int64)
    affirmed = _affirm(texts.filter(matching), wording)
    hits[matching.to_numpy()] = affirmed.str.count_matches(uttered(wording)).to_numpy()
    return hits


def hits_by_pattern(texts: pl.Series, wording: Wording) -> np.ndarray:
    """How often each of `texts` (n,) matches each pattern of `wording` by itself, int64 (n, patterns)."""
    affirmed = _affirm(texts, wording)
    return np.column_stack([affirmed.str.count_matches(express((p,))).to_numpy() for p in wording.patterns])


def _affirm(texts: pl.Series, wording: Wording) -> pl.Series:
    """`texts` without phrases of another sense and without negated hits."""
    texts = keep_sense(texts, wording)
    if not wording.negations:
        return texts
    negated = express_negated(uttered(wording), express(wording.negations), between=NEGATION_WINDOW)
    return texts.str.replace_all(negated, _HELD_PLACE)


def keep_sense(texts: pl.Series, wording: Wording) -> pl.Series:
    """`texts` (n,) without the phrases in which a pattern or a negation means something else."""
    senseless = (*wording.exclude, *wording.not_negations)
    return texts.str.replace_all(express(senseless), _HELD_PLACE) if senseless else texts


def uttered(wording: Wording) -> str:
    """One expression that matches any pattern of `wording`."""
    return express(wording.patterns)
