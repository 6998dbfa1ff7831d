"""Build variables of the C implementation: there are none."""

build_time_vars = {}
