"""Tests of scenario files: their schema, mistakes, cells and catalogue."""
