"""How many words a second one core encodes: python tests/benchmarks/encode.py results/demo [passages]

Five rounds over evenly spaced passages of a finished run, sorted by length as the workflow does it; prints the median.
"""

import sys
import time
from statistics import median

import polars as pl
import torch

from frameshift.embeddings.encoder import PACKAGED, Encoder

ROUNDS = 5


def main(run: str, n: int) -> None:
    torch.set_num_threads(1)
    passages = pl.read_parquet(f"{run}/corpus/passages.parquet")
    sample = passages.gather_every(max(1, len(passages) // n)).sort(pl.col("text").str.len_chars(), descending=True)
    texts, words = sample["text"].to_list(), sample["n_words"].sum()
    encoder = Encoder(PACKAGED)
    encoder.encode(texts[:64])  # loads the model
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        encoder.encode(texts)
        rates.append(words / (time.perf_counter() - started))
    print(f"{len(texts)} passages of {words / len(texts):.0f} words: {median(rates):.0f} words a second on one core")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
