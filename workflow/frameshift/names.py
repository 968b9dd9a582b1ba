"""Names that tables and configuration share; apart, because the Snakefile reads them without a data library."""

ALL_SOURCES = "all sources"  # the name, in the column `source`, of everything taken together
COMBINED = "combined"  # the name, in the column `measure`, of all measures taken together
