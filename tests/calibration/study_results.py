"""The calibration study summarised: results.csv, results.png, and the table in README.md."""

from pathlib import Path

import polars as pl
from study_corpus import Setting

BEGIN, END = "<!-- results: written by study.py -->\n", "<!-- end of results -->"
COVERED, LEVEL = (0.93, 0.97), 0.05
ENOUGH = 400  # corpora; with fewer, hardly anything can be refuted
COLUMNS = ["method", "quantity", "autocorrelation", "articles", "planted", "replications", "estimate", "low", "high",
           "verdict"]  # fmt: skip


def write_results(kept: list[tuple[Setting, pl.DataFrame]], folder: Path) -> None:
    """Write all three. `kept` has the outcomes (seed, method, quantity, value) of every setting."""
    table = pl.concat(summarise(outcomes, setting) for setting, outcomes in kept if len(outcomes))
    table = table.sort("method", "quantity", "articles", "planted", "autocorrelation")
    table.write_csv(folder / "results.csv", float_precision=4)
    table = pl.read_csv(folder / "results.csv")
    draw(table).savefig(folder / "results.png", dpi=110)
    manual = folder / "README.md"
    before, rest = manual.read_text().split(BEGIN)
    manual.write_text(before + BEGIN + tabulate(table) + END + rest.split(END)[1])


def summarise(outcomes: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Mean of each quantity over the corpora, with a 95% interval.

    A corpus gives one value, the share of its tests that pass or of its intervals that cover, so tests that share a
    corpus do not count as independent. The interval is by t from their spread or, of values that are 0 or 1, that of
    Clopper & Pearson (1934).
    """
    from scipy.stats import beta, t

    rows = []
    for (method, quantity), part in outcomes.group_by("method", "quantity", maintain_order=True):
        values, n = part["value"].to_numpy(), len(part)
        if set(values) <= {0.0, 1.0}:
            k = values.sum()
            low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
            high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
        else:
            reach = t.ppf(0.975, n - 1) * values.std(ddof=1) / n**0.5
            low, high = max(values.mean() - reach, 0.0), min(values.mean() + reach, 1.0)
        rows.append((method, quantity, n, float(values.mean()), float(low), float(high)))
    found = pl.DataFrame(rows, schema=["method", "quantity", "replications", "estimate", "low", "high"], orient="row")
    named = {"autocorrelation": setting.phi, "articles": setting.articles, "planted": bool(setting.effect)}
    found = found.with_columns(**{name: pl.lit(value) for name, value in named.items()})
    return found.with_columns(verdict=_judge()).select(COLUMNS)


def _judge() -> pl.Expr:
    """holds: what was promised lies inside the interval; misses; too few: it would in most cases; or only reported."""
    quantity, promised = pl.col("quantity"), pl.col("autocorrelation") <= 0.5
    is_coverage = quantity.str.starts_with("coverage")
    is_false = quantity.str.contains("false positives|flagged|called framing|nothing in")
    inside = (pl.col("high") >= COVERED[0]) & (pl.col("low") <= COVERED[1])
    return (
        pl.when(~promised | ~(is_coverage | is_false))
        .then(pl.lit("reported"))
        .when(is_coverage & (pl.col("low") > COVERED[1]))
        .then(pl.lit("wider than needed"))
        .when(is_coverage & ~inside | is_false & (pl.col("low") > LEVEL))
        .then(pl.lit("misses"))
        .when(pl.col("replications") < ENOUGH)
        .then(pl.lit("too few"))
        .otherwise(pl.lit("holds"))
    )


def tabulate(table: pl.DataFrame) -> str:
    """The table as Markdown: a row a quantity and number of articles, a column an autocorrelation."""
    lines = ["| method | quantity | articles | 0 | .5 | .8 | corpora |", "|---|---|---|---|---|---|---|"]
    key = ["method", "quantity", "articles", "planted"]
    for (method, quantity, articles, planted), rows in table.group_by(key, maintain_order=True):
        cells = {row["autocorrelation"]: _say(row) for row in rows.iter_rows(named=True)}
        shown = " | ".join(cells.get(phi, "") for phi in (0.0, 0.5, 0.8))
        n = sorted({*rows["replications"]})
        said = f"{n[0]:,}" if len(n) == 1 else f"{n[0]:,}–{n[-1]:,}"
        quantity += " (effects planted)" if planted and quantity.startswith("coverage") else ""
        lines.append(f"| {method} | {quantity} | {articles:,} | {shown} | {said} |")
    return "\n".join(lines) + "\n"


def _say(row: dict) -> str:
    value, low, high = (f"{row[name]:.3f}".replace("0.", ".", 1) for name in ("estimate", "low", "high"))
    mark = {"misses": " **misses**", "wider than needed": " *(wide)*"}.get(row["verdict"], "")
    return f"{value} ({low}–{high}){mark}"


def draw(table: pl.DataFrame):
    """Coverage and false positives, a line a quantity and a dot a setting, with what is promised shaded."""
    from matplotlib.figure import Figure

    kinds = [
        ("coverage", "coverage of 95% intervals", COVERED, (0.85, 1.0)),
        ("false positives|flagged|called|nothing in", "false positives at 5%", (0.0, LEVEL), (0.0, 0.15)),
    ]
    planted = pl.when("planted").then(pl.format("{} (planted)", "quantity")).otherwise("quantity")
    named = table.with_columns(quantity=planted)
    parts = [named.filter(pl.col("quantity").str.contains(pattern)) for pattern, *_ in kinds]
    names = [part.select("method", "quantity").unique(maintain_order=True).rows() for part in parts]
    figure = Figure(figsize=(9, 0.32 * sum(map(len, names)) + 2.2), layout="constrained")
    panels = figure.subplots(2, 1, height_ratios=[max(len(each), 1) for each in names])
    colours, marks = {0.0: "#332288", 0.5: "#117733", 0.8: "#D55E00"}, {832: "D", 2500: "o", 10400: "s"}
    for panel, part, lines, (_, title, band, limits) in zip(panels, parts, names, kinds, strict=True):
        panel.axvspan(*band, color="0.9", linewidth=0)
        place = {name: -number for number, name in enumerate(lines)}
        for row in part.iter_rows(named=True):
            shift = 0.18 * (list(colours).index(row["autocorrelation"]) - 1) + (
                0.06 if row["articles"] > 5000 else -0.06
            )
            y = place[row["method"], row["quantity"]] - shift
            style = {"color": colours[row["autocorrelation"]], "marker": marks[row["articles"]], "markersize": 4}
            panel.plot([row["low"], row["high"]], [y, y], color=style["color"], linewidth=1)
            panel.plot([row["estimate"]], [y], linestyle="none", **style)
        panel.set_yticks(
            [-n for n in range(len(lines))], [f"{method}: {quantity}" for method, quantity in lines], fontsize=8
        )
        panel.set_ylim(-len(lines) + 0.4, 0.6)
        panel.set_xlim(*limits)
        panel.set_title(title, loc="left", fontsize=10)
    handles = [panels[0].plot([], [], color=colour, marker=mark, markersize=4, linewidth=1,
                              label=f"autocorrelation {phi:g}, {articles:,} articles")[0]
               for (phi, colour) in colours.items() for articles, mark in marks.items()]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure
