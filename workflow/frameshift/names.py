"""Names that tables and configuration share; apart, because the Snakefile reads them without a data library."""

ALL_SOURCES = "all sources"  # the name, in the column `source`, of everything taken together
ADJUDICATOR = "adjudicated"  # the coder whose code decides where others differ
CODERS = "coders"  # the name, in the column `measure` of frames/validation, of the people who coded
COMBINED = "combined"  # the name, in the column `measure`, of all measures taken together
SUPERVISED = "supervised"  # the measure that is learned from people's codes
TOPIC_MODELS = {"lda": "LDA", "nmf": "NMF", "kmeans": "k-means", "bertopic": "BERTopic"}  # and what readers call them
REFERENCE_LANGUAGE = "en"  # the language of the reference sentences (ISO 639-1), which every entry must be worded in


def name_group(dimension: str, group: str) -> str:
    """The name, in the column `source`, of a group of `corpus.groups`: "leaning: left"."""
    return f"{dimension}: {group}"
