"""The plan of a run: its pilot, which is the run without labels, read and reckoned with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from frameshift.comparisons.cells import usable_articles
from frameshift.errors import UserError
from frameshift.frames.given import list_pairs
from frameshift.frames.pool import find_passages_about
from frameshift.names import COMBINED
from frameshift.plan.detectable import detectable_differences
from frameshift.plan.labels import effective_sizes, plan_labels
from frameshift.plan.pilot import ASSUMED_DESIGN, Basis, design_effect, take_basis

_PILOT = ("corpus/articles", "corpus/passages", "frames/passages", "frames/articles")


class Plan(NamedTuple):
    """What a run can detect: `differences` of intensity, `labels` for gaps of shares, and what they rest on.

    `bases` holds, for each (frame, given), the share and correlation that labels were planned with; `about`, for each
    given, its share of the passages; `design` is the design effect, and `has_sample` tells whether it is that of a
    sample; `reasons` say what cannot be compared, and why.
    """

    differences: pl.DataFrame
    labels: pl.DataFrame
    bases: dict[tuple[str, str | None], Basis]
    about: dict[str, float]
    design: float
    has_sample: bool
    reasons: list[str]


def make_plan(run: str | Path, config: Mapping[str, Any]) -> Plan:
    """The plan of the run in folder `run`, with its complete configuration.

    The pilot are corpus/articles, corpus/passages, frames/passages and frames/articles of the run; where they are
    there, also its coded passages (frames/labelled) and the sample drawn to be coded (coding/sample.csv). Raises
    UserError where the run is not there, where the sample is not as it was drawn, and as detectable_differences does.
    """
    run = Path(run)
    _check_pilot(run)
    compared = {key: config["comparisons"][key] for key in ("measure", "given", "min_articles")}
    articles = pl.read_parquet(run / "corpus/articles.parquet")
    scores = pl.read_parquet(run / "frames/articles.parquet")
    differences, reasons = detectable_differences(
        scores,
        articles,
        config["findings"],
        grain=config["comparisons"]["grain"],
        groups=config["corpus"]["groups"],
        **compared,
    )
    placed = (
        pl.read_parquet(run / "corpus/passages.parquet", columns=["passage_id", "article_id"])
        .join(usable_articles(articles, min_articles=compared["min_articles"])[0], on="article_id")
        .select("passage_id", "article_id", "source")
    )
    passages, about = _place_scores(run, placed, given=compared["given"], measure=compared["measure"], config=config)
    labelled = _read_labelled(run)
    sizes = effective_sizes(differences, passages)
    frames = sizes["frame"].unique().sort()
    bases = {
        (frame, given): take_basis(labelled, frame=frame, given=given, measure=compared["measure"])
        for frame, given in [
            *((frame, None) for frame in frames),
            *((frame, given.name) for frame, given in list_pairs(frames, compared["given"])),
        ]
    }
    design = _read_design(run, placed)
    labels = plan_labels(sizes, _list_assumed(bases), design=design or ASSUMED_DESIGN)
    return Plan(differences, labels, bases, about, design or ASSUMED_DESIGN, design is not None, reasons)


def _check_pilot(run: Path) -> None:
    for name in _PILOT:
        if not (run / f"{name}.parquet").exists():
            raise UserError(
                f"{run / name}.parquet: there is no such table; a plan takes its variances from a run without labels, "
                f"so run that first: make run CONFIG=config/{run.name}.yaml"
            )


def _place_scores(
    run: Path, placed: pl.DataFrame, *, given: list[str], measure: str, config: Mapping[str, Any]
) -> tuple[pl.DataFrame, dict[str, float]]:
    """Scores of the passages of `placed`, of all and within each of `given`; and the share of them that is about each.

    What is about an issue is told by the rule for runs without labels, whether or not there are any.
    """
    scores = pl.scan_parquet(run / "frames/passages.parquet")
    wanted = scores.filter(pl.col("measure") == measure).select("passage_id", "frame", "score").collect()
    wanted = wanted.join(placed, on="passage_id", maintain_order="left").with_columns(given=pl.lit(None, pl.String))
    parts, about = [wanted], {}
    deciding = scores.filter(pl.col("measure").is_in(["lexicon", COMBINED])).collect()
    for issue in given:
        chosen = find_passages_about(deciding, issue, threshold=config["frames"]["given_threshold"])
        parts.append(wanted.join(chosen, on="passage_id", how="semi").with_columns(given=pl.lit(issue)))
        about[issue] = len(placed.join(chosen, on="passage_id", how="semi")) / max(len(placed), 1)
    return pl.concat(parts), about


def _read_labelled(run: Path) -> pl.DataFrame | None:
    path = run / "frames/labelled.parquet"
    return pl.read_parquet(path) if path.exists() else None


def _read_design(run: Path, placed: pl.DataFrame) -> float | None:
    """The design effect of the run's sample; None where there is none.

    Raises UserError for a sample that does not tell how its passages were drawn.
    """
    path = run / "coding/sample.csv"
    if not path.exists():
        return None
    sample = pl.read_csv(path, infer_schema=False)
    for column in ("passage_id", "probability"):
        if column not in sample.columns:
            raise UserError(f"{path} has no column {column!r}, but {', '.join(sample.columns)}; draw the sample again")
    drawn = sample.select("passage_id", pl.col("probability").cast(pl.Float64, strict=False))
    for row, (_, probability) in enumerate(drawn.iter_rows(), start=2):
        if probability is None or not 0 < probability <= 1:
            found = sample["probability"][row - 2]
            raise UserError(
                f"{path}, row {row}: probability is {found!r}, but must be above 0 and at most 1; draw the sample again"
            )
    return design_effect(drawn.join(placed, on="passage_id"))


def _list_assumed(bases: Mapping[tuple[str, str | None], Basis]) -> pl.DataFrame:
    """A row for each share and each end of the correlation's range."""
    rows = [
        (frame, given, share, end, rho)
        for (frame, given), basis in bases.items()
        for share in basis.shares
        for end, rho in (("low", basis.low), ("high", basis.high))
    ]
    schema = {"frame": pl.String, "given": pl.String, "share": pl.Float64, "end": pl.String, "rho": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
