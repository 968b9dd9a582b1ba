"""Sources and periods compared, with intervals that respect dependence."""
