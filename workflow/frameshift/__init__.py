"""Measure how news articles frame an issue, and how the framing shifts across sources and over time.

Importing this package is cheap: heavy libraries (torch, gensim, BERTopic, matplotlib) are imported
inside the functions that need them. Nothing here imports snakemake.
"""

__version__ = "0.1.0"
