"""The column contracts of every table that one room hands to the next: the columns that must be there, with their
types; more columns are welcome.
"""

from collections.abc import Iterable

import pandera.polars as pa
import polars as pl

GRAINS = ("all", "year", "quarter", "month", "week")
SCALES = ("intensity", "share", "corrected share")
KINDS = ("change", "gap", "trend", "event", "mix", "within")  # of contrasts and declared findings
DESIGN_BASED = "design-based"  # the estimator of corrected shares that leads
ESTIMATORS = (DESIGN_BASED, "prediction-powered")
ADJUSTED = "attenuation-adjusted"  # and of corrected changes
VOICES = ("own", "quoted", "denied")  # who frames it so: the outlet, somebody it quotes, or nobody, as it is denied


def _text(nullable: bool = False, **kwargs) -> pa.Column:
    return pa.Column(pl.String, nullable=nullable, **kwargs)


def _number(nullable: bool = False, **kwargs) -> pa.Column:
    return pa.Column(pl.Float64, nullable=nullable, **kwargs)


def _count(**kwargs) -> pa.Column:
    return pa.Column(pl.Int64, pa.Check.ge(0), **kwargs)


def _one_of(values: Iterable[str], **kwargs) -> pa.Column:
    return pa.Column(pl.String, pa.Check.isin(list(values)), **kwargs)


def _estimate() -> dict[str, pa.Column]:
    return {"estimate": _number(nullable=True), "low": _number(nullable=True), "high": _number(nullable=True)}


CONTRACTS: dict[str, pa.DataFrameSchema] = {
    "corpus/articles": pa.DataFrameSchema(
        {
            "article_id": _text(unique=True),  # digest of source, date, title and text
            "original_id": _text(nullable=True),  # the corpus's own id, where a column is mapped to it
            "source": _text(),
            "date": pa.Column(pl.Date, nullable=True),  # null when unknown
            "date_precision": _one_of(["day", "month", "year"], nullable=True),  # the date is the first of these days
            "title": _text(),  # "" when there is none
            "text": _text(),  # paragraphs separated by one line feed
            "url": _text(nullable=True),
            "language": _text(),  # ISO 639-1
            "n_words": _count(),
            "duplicate_of": _text(nullable=True),  # article_id of the kept copy; null for kept articles
            "wire_cluster": _text(),  # article_id of the cluster's first copy; its own id when alone
            "file": _text(),  # where the article was read, and
            "row": _count(),  # in which row of it
        }
    ),
    "corpus/rejected": pa.DataFrameSchema(
        {
            "file": _text(),
            "row": _count(),
            "reason": _text(),  # one of corpus.ledger.REASONS
            "detail": _text(),
            "source": _text(nullable=True),  # where the row tells it
        }
    ),
    "corpus/removed": pa.DataFrameSchema(
        {
            "article_id": _text(),  # of a rejected article too
            "source": _text(),
            "file": _text(),
            "row": _count(),
            "form": _text(),  # one of corpus.boilerplate.FORMS, or repeated
            "text": _text(),  # the line or sentence
            "n_articles": _count(),  # of the source, from which the same was removed
        }
    ),
    "corpus/passages": pa.DataFrameSchema(
        {
            "passage_id": _text(unique=True),
            "article_id": _text(),
            "position": _count(),  # 0 is the headline
            "text": _text(),
            "n_words": _count(),
        }
    ),
    "topics/topics": pa.DataFrameSchema(
        {
            "topic": pa.Column(pl.Int64),
            "label": _text(),
            "words": _text(),  # those most surely more common in its articles than in others (topics.words.keyness)
            "frex": _text(),  # the same, by frequency and exclusivity
            "n_articles": _count(),
            "npmi": _number(nullable=True),
            "c_v": _number(nullable=True),
            "exclusivity": _number(nullable=True),
            "stability": _number(nullable=True),
            "articles": pa.Column(pl.List(pl.String)),  # the most typical ones
        }
    ),
    "topics/assignments": pa.DataFrameSchema(
        {
            "article_id": _text(unique=True),
            "topic": pa.Column(pl.Int64),  # -1 for none
            "weight": _number(),
            "fitted": pa.Column(pl.Boolean),  # whether the model was fitted on it, or it was assigned afterwards
        }
    ),
    "topics/map": pa.DataFrameSchema(
        {
            "article_id": _text(unique=True),  # of at most topics.map.MOST articles, drawn at random
            "x": _number(),  # those with similar vectors are close to each other; the unit has no meaning
            "y": _number(),
        }
    ),
    "topics/selection": pa.DataFrameSchema(
        {
            "model": _text(),
            "setting": _text(),
            "seed": pa.Column(pl.Int64),
            "npmi": _number(nullable=True),
            "c_v": _number(nullable=True),
            "diversity": _number(nullable=True),
            "exclusivity": _number(nullable=True),
            "stability": _number(nullable=True),
            "agreement": _number(nullable=True),  # adjusted Rand index with the other seeds of the setting
            "coverage": _number(),  # share of the articles with a topic
            "outliers": _number(),  # share that the model itself left out
            "seconds": _number(),
            "chosen": pa.Column(pl.Boolean),
        }
    ),
    "frames/passages": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "measure": _text(),
            "score": _number(),
            "share": _number(nullable=True),  # calibrated probability; of the combined measure, where labels allow it
        }
    ),
    "frames/joint": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "given": _text(),  # an issue, or "issue without frame"
            "share": _number(),  # calibrated probability that the passage shows the frame and is about `given`
            "about": _number(),  # that it is about `given`
        }
    ),
    "frames/codes": pa.DataFrameSchema(
        {
            "passage_id": _text(),  # of a text that is no passage of the corpus: a digest of it
            "frame": _text(),
            "coder": _text(),
            "code": pa.Column(pl.Int64, pa.Check.isin([0, 1])),
            "voice": _one_of(VOICES, nullable=True),
            "probability": _number(),  # with which the passage was drawn; 1 where unknown
            "file": _text(),
            "row": _count(),
        }
    ),
    "frames/labels": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "label": pa.Column(pl.Float64, pa.Check.in_range(0, 1)),  # the adjudicated code, or the coders' mean
            "probability": _number(),
            "source": _text(nullable=True),
            "date": pa.Column(pl.Date, nullable=True),
            "cluster": _text(),  # the article's wire cluster
            "in_corpus": pa.Column(pl.Boolean),
            "text": _text(),
        }
    ),
    "frames/labelled": pa.DataFrameSchema(
        {
            "passage_id": _text(),
            "frame": _text(),
            "measure": _text(),
            "score": _number(),  # out of fold, where the measure learns from labels
            "share": _number(nullable=True),  # likewise
            "label": _number(),
            "probability": _number(),
            "source": _text(nullable=True),
            "date": pa.Column(pl.Date, nullable=True),
            "cluster": _text(),
            "in_corpus": pa.Column(pl.Boolean),
        }
    ),
    "frames/validation": pa.DataFrameSchema(
        {
            "frame": _text(),
            "measure": _text(),  # "coders": agreement among people
            "source": _text(),
            "period": _text(),  # "all", or an era such as "2012–2014"
            "n": _count(),
            "metric": _text(),
            **_estimate(),
        }
    ),
    "frames/voices": pa.DataFrameSchema(
        {
            "frame": _text(),
            "source": _text(),
            "n_passages": _count(),  # with a pattern of the frame, denied or not
            "quoted": _number(),  # share of these in which a hit stands between quotation marks
            "denied": _number(),  # share of these in which every hit is negated
        }
    ),
    "frames/articles": pa.DataFrameSchema(
        {
            "article_id": _text(),
            "frame": _text(),
            "given": _text(nullable=True),  # null: all passages; an issue: only the passages about it
            "measure": _text(),
            "score": _number(),  # mean over the passages; an intensity
            "share": _number(nullable=True),  # null unless calibrated or thresholded by declared labels
            "n_passages": _count(),  # how many passages the mean is over
            "weight": _number(),  # of the article in a mean over articles: see frames.pool
            "passages": _number(),  # how many passages it stands for in a mean over passages
        }
    ),
    "frames/sensitivity": pa.DataFrameSchema(
        {
            "frame": _text(),
            "source": _text(),
            "n_passages": _count(),
            "difference": _number(),  # of the source's mean from that of all, in intensity
            "low": _number(),  # of the 95% that other statements and patterns of the codebook give
            "high": _number(),
            "agreement": _number(nullable=True),  # all sources: median rank correlation with the scores as they are
        }
    ),
    "frames/disagreements": pa.DataFrameSchema(
        {
            "frame": _text(),
            "rank": _count(),  # 1 for the largest spread
            "passage_id": _text(),
            "article_id": _text(),
            "text": _text(),
            "spread": _number(),  # between the measures' percentiles, 0 to 100
            "measure": _text(),
            "percentile": _number(),
        }
    ),
    "frames/curves": pa.DataFrameSchema(
        {
            "frame": _text(),
            "measure": _text(),
            "curve": _one_of(["roc", "pr", "calibration"]),
            "x": _number(),
            "y": _number(),
            "low": _number(nullable=True),
            "high": _number(nullable=True),
        }
    ),
    "comparisons/prevalence": pa.DataFrameSchema(
        {
            "frame": _text(),  # a codebook entry, or "topic 7"
            "given": _text(nullable=True),
            "measure": _text(),  # how the frame was measured, or the topic model
            "source": _text(),  # a source, or ALL_SOURCES
            "grain": _one_of(GRAINS),
            "period": _text(),  # "2015-Q3", "2015-07", "2015-W31", "2015", or "all"
            "start": pa.Column(pl.Date, nullable=True),  # first day of the period; null for "all"
            "weighting": _one_of(["article", "passage"]),
            "scale": _one_of(SCALES),
            "estimator": _text(),
            **_estimate(),
            "n_articles": _count(),
            "n_clusters": _count(),
        }
    ),
    "comparisons/contrasts": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "family": _text(),
            "kind": _one_of(KINDS),
            "contrast": _text(),
            "source": _text(),
            "period": _text(),
            "scale": _one_of(SCALES),
            **_estimate(),
            "p": _number(nullable=True),
            "q": _number(nullable=True),  # within the family, scale and estimator
            "finding": _text(nullable=True),  # the declared one; null where exploratory
            "expect": _text(nullable=True),
            "estimator": _one_of([*ESTIMATORS, ADJUSTED], nullable=True),  # of a corrected share
            "attenuation": _number(nullable=True),  # the part of a true change that shows, which it was divided by
            "test": _text(nullable=True),  # how p and the interval were made
            "leads": pa.Column(pl.Boolean),  # the row to speak of, where there are several of one question
            "smallest": _number(nullable=True),  # the smallest effect of interest
            "total": _number(nullable=True),  # the difference that a mix or within part is a part of
            "models_low": _number(nullable=True),  # range of such a part over topic models and seeds
            "models_high": _number(nullable=True),
            "estimate_throughout": _number(nullable=True),  # in the sources present throughout
        }
    ),
    "comparisons/outcomes": pa.DataFrameSchema(
        {
            "article_id": _text(),
            "frame": _text(),
            "given": _text(nullable=True),
            "estimator": _one_of(ESTIMATORS),
            "weighting": _one_of(["article", "passage"]),
            "total": _number(),  # corrected by labels: the mean of any articles is Σ total / Σ weight
            "weight": _number(),
            "n_labels": _count(),  # coded passages in the article, within an issue those coded as about it
        }
    ),
    "comparisons/attenuation": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "n_labels": _count(),
            **_estimate(),  # of the part of a true change that shows in calibrated shares
        }
    ),
    "comparisons/trends": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "source": _text(),
            "start": pa.Column(pl.Date),  # a Monday
            "scale": _one_of(SCALES),
            **_estimate(),  # what the smooth model predicts for that week
        }
    ),
    "comparisons/changepoints": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "source": _text(),
            "date": pa.Column(pl.Date),  # the Monday of the first week after the break
            "date_low": pa.Column(pl.Date, nullable=True),  # 95% interval of the date
            "date_high": pa.Column(pl.Date, nullable=True),
            "shape": _one_of(["step", "trend"], nullable=True),  # which of the two fits better
            "shift": _number(),  # mean after minus mean before
            "low": _number(nullable=True),
            "high": _number(nullable=True),
            "scale": _one_of(SCALES),
            "p": _number(),
            "q": _number(),
        }
    ),
    "comparisons/events": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "source": _text(),
            "event": _text(),
            "design": _one_of(["interrupted", "differential"]),
            "lag": pa.Column(pl.Int64, nullable=True),  # weeks from the event to the first of a block; null: all after
            "scale": _one_of(SCALES),
            **_estimate(),
            "p": _number(nullable=True),  # by placebo dates
            "q": _number(nullable=True),
            "finding": _text(nullable=True),
        }
    ),
    "comparisons/decomposition": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "source": _text(),
            "kind": _one_of(["change", "gap"]),
            "from": _text(),  # first and last day, as in 2015-01-05/2017-12-31, or the sources compared with
            "to": _text(),
            "model": _text(),
            "form": _one_of(["two-fold", "three-fold"]),
            "part": _one_of(["mix", "within", "interaction", "total"]),
            "scale": _one_of(SCALES),
            **_estimate(),
            "seed_low": _number(nullable=True),  # range over the fits of the model's chosen setting
            "seed_high": _number(nullable=True),
            "p": _number(nullable=True),
            "finding": _text(nullable=True),
        }
    ),
    "comparisons/decomposition_topics": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "source": _text(),
            "kind": _one_of(["change", "gap"]),
            "from": _text(),
            "to": _text(),
            "model": _text(),
            "topic": pa.Column(pl.Int64),
            "label": _text(),
            "mix": _number(),  # what the topic contributes to each part of the two-fold form
            "within": _number(),
            "overlap": _text(),  # its words that are also words of the codebook, separated by spaces
        }
    ),
    "comparisons/words": pa.DataFrameSchema(
        {
            "source": _text(),
            "given": _text(nullable=True),
            "period": _text(),  # "all", or the year that is set against the others
            "word": _text(),
            "log_odds": _number(),
            "z": _number(),
            "q": _number(nullable=True),
        }
    ),
    "comparisons/contexts": pa.DataFrameSchema(
        {
            "source": _text(),
            "given": _text(nullable=True),
            "period": _text(),
            "word": _text(),
            "article_id": _text(),
            "passage_id": _text(),
            "date": pa.Column(pl.Date, nullable=True),
            "before": _text(),  # what stands left of the word, the word as it stands there, and what follows
            "match": _text(),
            "after": _text(),
        }
    ),
    "comparisons/distances": pa.DataFrameSchema(
        {
            "kind": _one_of(["topics", "embedding"]),
            "frame": _text(nullable=True),  # embedding: of the passages that show it
            "given": _text(nullable=True),
            "source": _text(),
            "other": _text(),
            "distance": _number(),
            "low": _number(nullable=True),
            "high": _number(nullable=True),
            "p": _number(nullable=True),
            "q": _number(nullable=True),
        }
    ),
    "comparisons/robustness": pa.DataFrameSchema(
        {
            "specification": _text(),  # its name; its settings follow, one column each, null as in the run
            "finding": _text(),
            "scale": _one_of(SCALES),
            **_estimate(),
        }
    ),
    "report/evidence": pa.DataFrameSchema(
        {
            "frame": _text(),
            "given": _text(nullable=True),
            "source": _text(),
            "grain": _one_of(GRAINS),
            "period": _text(),
            "passage_id": _text(),
            "chosen": _one_of(["highest", "random"]),  # the highest-scored of the point, or drawn from its others
            "rank": _count(),  # from 1 within these
        }
    ),
    "comparisons/omitted": pa.DataFrameSchema(
        {
            "table": _text(),
            "frame": _text(nullable=True),
            "source": _text(nullable=True),
            "period": _text(nullable=True),
            "reason": _text(),
        }
    ),
}
