"""Tests of the worker's ogr engine."""
