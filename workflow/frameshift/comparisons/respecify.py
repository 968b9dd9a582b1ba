"""What a run measured, and what it would have measured with other settings, from the tables that are there.

Only passages of another length and another backend need scores of their own; everything else is a matter of pooling,
weighting, choosing or leaving out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from frameshift.comparisons.groups import Groups
from frameshift.comparisons.omissions import Impossible
from frameshift.comparisons.sweep import MEASURED_ANEW, Setting
from frameshift.frames.pool import pool_frames
from frameshift.names import COMBINED

Settings = Mapping[str, Setting]
ReadMeasured = Callable[[], tuple[pl.DataFrame, pl.DataFrame]]  # label-free scores of passages, and their passages


@dataclass(frozen=True)
class Run:
    """The tables and settings that findings are estimated from."""

    articles: pl.DataFrame  # corpus/articles
    scores: pl.DataFrame  # frames/articles
    measure: str
    given: list[str]  # what frames are compared within
    min_articles: int
    threshold: float | None = None  # frames.given_threshold
    groups: Groups = field(default_factory=dict)
    corrected: pl.DataFrame | None = None  # comparisons/outcomes, where passages are coded
    is_corrected: bool = False  # whether findings are estimated from these
    model: str | None = None  # the topic model, and by model: topics/assignments, and those of all fits
    assignments: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    fits: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    selection: pl.DataFrame | None = None  # topics/selection
    events: list[dict] = field(default_factory=list)
    reference: str | None = None  # comparisons.reference


def respecify(run: Run, settings: Settings, read_measured: ReadMeasured) -> Run:
    """The run with other `settings` (see sweep.py).

    `read_measured` gives the scores of passages that need no labels, of the passages and vectors of the settings, and
    the passages. Scores that are pooled anew, for another threshold, other passages or another backend, have no shares:
    what people coded are passages of the run, and shares within an issue know no threshold.

    Where `duplicates` has merged copies counted, they count with scores and topics of the copy that was kept, whose
    text is much the same. Raises Impossible with the reason where the run lacks what the settings need.
    """
    if settings.get("labels") == "unused" or {"threshold", *MEASURED_ANEW} & settings.keys():
        passage_scores, passages = read_measured()
        threshold = settings.get("threshold", run.threshold)
        scores = pool_frames(passage_scores, passages, None, given=run.given, threshold=threshold)
        run = replace(run, scores=scores)
    if "measure" in settings:
        run = replace(run, measure=settings["measure"])
    if run.measure not in set(run.scores["measure"]):
        raise Impossible(f"{run.measure} was not scored")
    if settings.get("labels") == "corrected":
        if run.corrected is None or run.corrected.is_empty():
            raise Impossible("no passages are coded that could correct the shares")
        if run.measure != COMBINED:
            raise Impossible(f"only shares of the measure {COMBINED} are corrected, not of {run.measure}")
        run = replace(run, is_corrected=True)
    if run.assignments:
        run = _choose_topics(run, settings)
    if "duplicates" in settings:
        run = _count_copies(run, policy=settings["duplicates"])
    if "sources" in settings:
        run = replace(run, articles=keep_throughout(run.articles))
    if settings.get("weighting") == "passage":
        run = replace(run, scores=run.scores.with_columns(weight="passages"))
    return run


def mark_copies(articles: pl.DataFrame, *, policy: str) -> pl.DataFrame:
    """corpus/articles with duplicate_of by another policy: those of corpus.duplicates, or unique.

    With `unique`, stories that several sources carry are left out altogether: what agencies write is no source's own.
    """
    order = articles.select(pl.arg_sort_by("date", "article_id", nulls_last=True)).to_series()
    sorted_articles = articles[order]
    if policy == "unique":
        sorted_articles = sorted_articles.filter(pl.col("source").n_unique().over("wire_cluster") == 1)
    by = {"first": ["wire_cluster"], "per_source": ["wire_cluster", "source"], "unique": ["wire_cluster", "source"]}
    kept = pl.col("article_id") if policy == "all" else pl.col("article_id").first().over(by[policy])
    return sorted_articles.with_columns(duplicate_of=pl.when(kept != pl.col("article_id")).then(kept))


def keep_throughout(articles: pl.DataFrame) -> pl.DataFrame:
    """The articles of the sources that have some in every year from the first to the last of the corpus."""
    kept = articles.filter(pl.col("duplicate_of").is_null(), pl.col("date").is_not_null())
    years = kept.group_by("source").agg(n=pl.col("date").dt.year().n_unique())
    throughout = years.filter(pl.col("n") == kept["date"].dt.year().n_unique())["source"]
    return articles.filter(pl.col("source").is_in(throughout.to_list()))


def _count_copies(run: Run, *, policy: str) -> Run:
    """The run with copies kept by another policy; those that it merged have what was measured of the kept copy."""
    copies = run.articles.filter(pl.col("duplicate_of").is_not_null()).select("duplicate_of", copy="article_id")

    def lend(table: pl.DataFrame) -> pl.DataFrame:
        lent = table.join(copies, left_on="article_id", right_on="duplicate_of", maintain_order="left")
        return pl.concat([table, lent.with_columns(article_id="copy").select(table.columns)])

    return replace(
        run,
        articles=mark_copies(run.articles, policy=policy),
        scores=lend(run.scores),
        assignments={model: lend(topics) for model, topics in run.assignments.items()},
    )


def _choose_topics(run: Run, settings: Settings) -> Run:
    model = settings.get("model", run.model)
    if model not in run.assignments:
        raise Impossible(f"the topic model {model} is not among those of the run, {', '.join(run.assignments)}")
    run = replace(run, model=model)
    if {"n_topics", "seed"} & settings.keys():
        run = replace(run, assignments={model: _find_other_fit(run, settings)})
    return run


def _find_other_fit(run: Run, settings: Settings) -> pl.DataFrame:
    """Topics of the articles that the model was fitted on, by another number of topics or another seed.

    Of the fewest or most topics the seed is taken that agrees best with the others, as in topics/selection; the
    atypical one agrees least.
    """
    topics = pl.col("setting").str.extract(r"(\d+)").cast(pl.Int64)
    fits = run.selection.filter(pl.col("model") == run.model).with_columns(k=topics)
    chosen = fits.filter("chosen").row(0, named=True)
    k = chosen["k"]
    if "n_topics" in settings:
        k = fits["k"].min() if settings["n_topics"] == "fewest" else fits["k"].max()
    by = [pl.col("agreement").fill_nan(0), "seed"]
    other = fits.filter(pl.col("k") == k).sort(by, descending=["seed" not in settings, False]).row(0, named=True)
    if (other["k"], other["seed"]) == (chosen["k"], chosen["seed"]):
        raise Impossible(f"{run.model} was fitted in no such other way: see `topics.n_topics` and `topics.seeds`")
    return run.fits[run.model].filter(setting=other["setting"], seed=other["seed"]).select("article_id", "topic")
