"""Checks, on observations that are made up."""
