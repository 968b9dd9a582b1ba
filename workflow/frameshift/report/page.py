"""report.html: one page that opens offline and lets a reader who is no programmer see and check what was found."""

import base64
import gzip
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import polars as pl
import yaml

from frameshift.figures.catalogue import TITLES, issue_of, kind_of
from frameshift.frames.codebook import Entry
from frameshift.html import load_templates
from frameshift.jobs import log
from frameshift.names import TOPIC_MODELS
from frameshift.report.captions import read_caption
from frameshift.report.findings import UNITS, describe_findings, list_exploratory
from frameshift.report.frames import AGREEMENT, METRICS, describe_entries, describe_validation, list_disagreed
from frameshift.report.payload import pack_evidence, safe_url
from frameshift.report.shifts import (
    MOST,
    describe_breaks,
    describe_distances,
    describe_events,
    describe_mix,
    list_words,
)
from frameshift.report.snippets import limit_quotes
from frameshift.tables import write_whole
from frameshift.topics.stability import UNSTABLE

MOST_SVG = 600_000  # bytes; a larger drawing is embedded as PNG
MOST_GROUPS = 25  # of what was left out


class Shown(NamedTuple):
    """A figure on the page: `image` is a data URI, or None where `reason` says why there is nothing to draw."""

    stem: str
    title: str
    shows: str
    reading: str
    image: str | None
    reason: str | None


def write_page(
    path: str | Path,
    *,
    config: Mapping,
    articles: pl.DataFrame,
    passages: pl.LazyFrame,
    accounts: Mapping,
    encoder: Mapping,
    truncated: pl.Series,
    codebook: Mapping[str, Entry],
    scores: pl.LazyFrame,
    voices: pl.DataFrame,
    sensitivity: pl.DataFrame,
    validation: pl.DataFrame,
    disagreements: pl.DataFrame,
    n_coded: int,
    prevalence: pl.DataFrame,
    contrasts: pl.DataFrame,
    omitted: pl.DataFrame,
    changepoints: pl.DataFrame,
    events: pl.DataFrame,
    decomposition: pl.DataFrame,
    decomposition_topics: pl.DataFrame,
    distances: pl.DataFrame,
    words: pl.DataFrame,
    contexts: pl.DataFrame,
    selection: pl.DataFrame,
    topics: pl.DataFrame,
    assignments: pl.DataFrame,
    evidence: pl.DataFrame,
    dated: Sequence[Mapping],
    figures: Sequence[str | Path],
    captions: str | Path,
    tables: Mapping[str, str],
    downloads: Sequence[Mapping],
    robustness: pl.DataFrame | None = None,
    planted: pl.DataFrame | None = None,
) -> None:
    """Write the page to `path`.

    `config` is the merged configuration; `encoder` the record of how passages were encoded, and `truncated` (n,) says
    of each whether it exceeded the encoder's window; `n_coded` is how many passages people coded; the tables are those
    of the same names (in corpus/: articles, passages; in frames/: voices, sensitivity, validation, disagreements, and
    `scores`, which is frames/passages; in comparisons/: prevalence, contrasts, omitted, changepoints, events,
    decomposition, decomposition_topics, distances, words, contexts; in topics/: selection, and topics and assignments
    of the primary model; report/evidence). `dated` are the events of the settings. `figures` are paths without ending,
    of which .svg, .png and .csv exist; `captions` is the folder of the .rst files; `tables` maps paths relative to the
    page to what they hold, and `downloads` (downloads.pack_tables) are those that the page itself holds; `planted` (of
    the demo) is shown as it is, with its column names as headings.
    """
    kept = articles.filter(pl.col("duplicate_of").is_null())
    measured = prevalence.filter(pl.col("measure") == config["comparisons"]["measure"]).sort(
        pl.col("scale") == "corrected share"
    )
    snippet = config["report"]["snippet"]
    quoted, quoted_words = limit_quotes(disagreements, contexts, snippet)
    packed = pack_evidence(
        prevalence,
        evidence,
        articles,
        passages,
        scores,
        codebook=codebook,
        events=dated,
        measure=config["comparisons"]["measure"],
        grain=config["comparisons"]["grain"],
        groups=config["corpus"]["groups"],
        n_sources=config["figures"]["sources"],
        snippet=snippet,
    )
    page = render_page(
        name=config["name"],
        config=yaml.safe_dump(dict(config), allow_unicode=True, sort_keys=False),
        measure=config["comparisons"]["measure"],
        model=TOPIC_MODELS[config["topics"]["primary"]],
        topic_settings=config["topics"],
        choices=list_choices(selection),
        unstable=UNSTABLE,
        n_assigned=int((~assignments["fitted"]).sum()),
        accounts=accounts,
        n_passages=len(truncated),
        n_truncated=int(truncated.sum()),
        encoder=encoder,
        span=describe_span(kept),
        sources=list_sources(kept),
        scale=(scale := next(iter(measured["scale"]), "intensity")),
        unit=UNITS[scale][-1],
        entries=describe_entries(codebook, voices, sensitivity),
        validation=describe_validation(validation, list(codebook)),
        metric_names=list(METRICS.values()),
        agreement_names=list(AGREEMENT.values()),
        disagreed=list_disagreed(quoted, articles),
        n_coded=n_coded,
        findings=describe_findings(contrasts, config.get("findings") or [], omitted, robustness),
        is_swept=robustness is not None,
        exploratory=list_exploratory(contrasts),
        most_rows=MOST,
        breaks=describe_breaks(changepoints),
        events=describe_events(events),
        mix=describe_mix(decomposition, decomposition_topics, config["topics"]["primary"]),
        distances=describe_distances(distances),
        language=list_words(words, quoted_words),
        topics=list_topics(topics, kept),
        omitted=group_omitted(omitted),
        n_omitted=omitted.height,
        figures=[show_figure(Path(stem), captions) for stem in figures],
        tables=tables,
        downloads=downloads,
        payload=packed,
        plotly=pack_library() if packed else None,
        quotes=snippet != 0,
        planted=None if planted is None else tabulate(planted),
    )
    write_whole(path, lambda temporary: temporary.write_text(page, encoding="utf-8"))
    log.info("%.1f MB", Path(path).stat().st_size / 1e6)


def render_page(**content) -> str:
    """The page as HTML, from plain values; whatever an article says is text, never markup."""
    from markupsafe import Markup

    folder = Path(__file__).parent
    environment = load_templates(folder)
    environment.filters["number"] = lambda n: f"{n:,}"
    environment.filters["percent"] = lambda x: "–" if x is None else f"{100 * x:.0f}%"
    environment.filters["score"] = lambda x: "–" if x is None or x != x else f"{x:.2f}".replace("-", "−")
    # What is ours, not an article's, stands in the page as it is.
    css = Markup((folder / "page.css").read_text(encoding="utf-8"))
    scripts = {file.name: Markup(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.js"))}
    return environment.get_template("page.html.j2").render(css=css, scripts=scripts, **content)


@cache
def pack_library() -> str:
    """The charting library, from the wheel that is installed, as base64 of gzip of JavaScript."""
    source = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return base64.b64encode(gzip.compress(source, 9, mtime=0)).decode()


def describe_span(kept: pl.DataFrame) -> str:
    """From when to when the articles are, and how many have no date."""
    undated = kept["date"].null_count()
    if undated == kept.height:
        return "without dates"
    span = f"from {kept['date'].min()} to {kept['date'].max()}"
    return f"{span}; {undated:,} without a date" if undated else span


def list_sources(kept: pl.DataFrame) -> list[dict]:
    """source, n, first, last; the largest first."""
    by_source = kept.group_by("source").agg(
        n=pl.len(), first=pl.col("date").min().cast(pl.String), last=pl.col("date").max().cast(pl.String)
    )
    return by_source.sort(["n", "source"], descending=[True, False]).to_dicts()


def list_topics(topics: pl.DataFrame, kept: pl.DataFrame) -> list[dict]:
    """The topics, largest first, each with its most typical articles: title, source, date and url, or None for each."""
    typical = kept.filter(pl.col("article_id").is_in(topics["articles"].explode().implode()))
    known = {
        article: {"title": title or None, "source": source, "date": date and str(date), "url": safe_url(url)}
        for article, title, source, date, url in typical.select(
            "article_id", "title", "source", "date", "url"
        ).iter_rows()
    }
    ranked = topics.sort(["n_articles", "topic"], descending=[True, False])
    return [
        {
            **row,
            "words": row["words"].replace("_", "\u00a0").split(" "),
            "articles": [known[a] for a in row["articles"]],
        }
        for row in ranked.select("topic", "label", "words", "n_articles", "npmi", "stability", "articles").iter_rows(
            named=True
        )
    ]


def list_choices(selection: pl.DataFrame) -> list[dict]:
    """The chosen fit of each model, with its scores and how many fits it was chosen from."""
    tried = dict(selection.group_by("model").len().iter_rows())
    chosen = selection.filter("chosen")
    return [
        {**row, "model": TOPIC_MODELS[row["model"]], "tried": tried[row["model"]]}
        for row in chosen.iter_rows(named=True)
    ]


def group_omitted(omitted: pl.DataFrame, *, most: int = MOST_GROUPS) -> list[dict]:
    """What was left out, one group a kind of reason (reasons that differ in numbers only are one kind).

    Each group has the tables, reason (the first), n and examples; the last one counts what is beyond `most` groups.
    """
    groups: dict[str, dict] = {}
    for row in omitted.iter_rows(named=True):
        kind = re.sub(r"\d[\d,.]*", "0", row["reason"])
        group = groups.setdefault(kind, {"tables": [], "reason": row["reason"], "n": 0, "examples": []})
        group["n"] += 1
        example = ", ".join(value for value in (row["frame"], row["source"], row["period"]) if value)
        for listed, value in (("tables", row["table"]), ("examples", example)):
            if value and value not in group[listed]:
                group[listed].append(value)
    ranked = sorted(groups.values(), key=lambda group: -group["n"])
    shown = [
        {**group, "more": len(group["examples"]) - 4, "examples": group["examples"][:4]} for group in ranked[:most]
    ]
    if rest := ranked[most:]:
        n = sum(group["n"] for group in rest)
        shown.append({"tables": ["…"], "reason": f"{len(rest)} further reasons", "n": n, "examples": [], "more": 0})
    return shown


def show_figure(stem: Path, captions: str | Path) -> Shown:
    """A figure with its caption, embedded as the smaller of what prints well; or the reason why there is none.

    A figure drawn once an issue, as joint_framing_migration, has the caption of joint_framing.
    """
    kind, issue = kind_of(stem.name), issue_of(stem.name)
    title = f"{TITLES[kind]}: {issue}" if issue else TITLES[kind]
    caption = read_caption(Path(captions) / f"{kind}.rst")
    drawn = pl.read_csv(stem.with_suffix(".csv"), infer_schema=False)
    reason = drawn["reason"].item() if drawn.columns == ["reason"] else None
    image = None if reason else embed_image(stem)
    return Shown(stem.name, title, caption.shows, caption.reading, image, reason)


def embed_image(stem: Path) -> str:
    """A data URI of the SVG, or of the PNG where the SVG is large; an image of its own, so that ids cannot collide."""
    svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
    file, kind = (svg, "svg+xml") if svg.stat().st_size <= MOST_SVG else (png, "png")
    return f"data:image/{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def tabulate(table: pl.DataFrame) -> dict[str, list]:
    """A small table as {columns, rows} of text: numbers to two decimals, nothing where there is none."""

    def say(value: object) -> str:
        if value is None:
            return "–"
        return f"{value:.2f}".replace("-", "−") if isinstance(value, float) else str(value)

    return {"columns": table.columns, "rows": [[say(value) for value in row] for row in table.iter_rows()]}
