"""Validations against the simulator: all is well, then one thing broken at a time."""
