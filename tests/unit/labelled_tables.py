"""Labelled passages with planted chances, and codes of people, for tests of validation."""

from datetime import date, timedelta

import numpy as np
import polars as pl


def make_labelled(
    n=600, *, frames=("threat",), measures=("axis", "combined"), sources=("Albion", "Brook"), seed=7, shifts=None
) -> pl.DataFrame:
    """frames/labelled: every measure is the log-odds of the frame with noise of its own; `combined` is without noise
    and has its chance as share. `shifts` by source is what the measures do not know; every fifth passage is a copy of
    the one before, in its cluster."""
    rng = np.random.default_rng(seed)
    source = np.array(sources)[np.arange(n) % len(sources)]
    drawn = rng.random(n) < 0.5
    probability = np.where(drawn, 0.2, 1.0)
    number = np.arange(n)
    tables = []
    for frame in frames:
        odds = rng.normal(-1, 1.5, size=n)
        shift = np.array([(shifts or {}).get(name, 0.0) for name in source])
        label = (rng.random(n) < 1 / (1 + np.exp(-odds - shift))).astype(float)
        label[rng.random(n) < 0.05] = 0.5
        for measure in measures:
            exact = measure == "combined"
            score = odds if exact else np.round(odds + rng.normal(size=n), 1)
            share = pl.Series(1 / (1 + np.exp(-odds)) if exact else [None] * n, dtype=pl.Float64)
            tables.append(
                pl.DataFrame(
                    {
                        "passage_id": [f"p{i:05}" for i in number],
                        "frame": frame,
                        "measure": measure,
                        "score": score,
                        "share": share,
                        "label": label,
                        "probability": probability,
                        "source": source,
                        "date": [date(2012, 1, 1) + timedelta(days=int(3000 * i / n)) for i in number],
                        "cluster": [f"c{i - (i % 5 == 4):05}" for i in number],
                        "in_corpus": True,
                    }
                )
            )
    return pl.concat(tables)


def make_codes(labelled: pl.DataFrame, *, coders=("Ada", "Ben"), error=0.1, twice=1.0, seed=11) -> pl.DataFrame:
    """frames/codes of the labelled passages; all but the first coder code the first part `twice` of them, and each
    takes a part `error` of the passages wrongly."""
    rng = np.random.default_rng(seed)
    passages = labelled.unique(["passage_id", "frame"]).sort("frame", "passage_id")
    truth = passages["label"].to_numpy() >= 0.5
    tables = []
    for coder in coders:
        code = truth ^ (rng.random(len(truth)) < error)
        voice = np.array(["own", "quoted"])[(rng.random(len(truth)) < 0.2).astype(int)]
        table = passages.select("passage_id", "frame", "probability").with_columns(
            coder=pl.lit(coder),
            code=pl.Series(code.astype(np.int64)),
            voice=pl.Series([v if c else None for v, c in zip(voice, code, strict=True)], dtype=pl.String),
            file=pl.lit("codes.csv"),
            row=pl.int_range(pl.len(), dtype=pl.Int64),
        )
        share = 1.0 if coder == coders[0] else twice
        tables.append(table.filter(pl.col("row").rank("ordinal").over("frame") <= share * pl.len().over("frame")))
    return pl.concat(tables)
