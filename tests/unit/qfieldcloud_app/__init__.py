"""Tests of the stand-in for QFieldCloud."""
