"""Topic models, brought to one result shape, scored by one scorer."""
