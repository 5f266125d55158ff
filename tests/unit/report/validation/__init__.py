"""Tests of a validation's report."""
