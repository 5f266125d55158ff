"""Tests of what a run starts beside the environments."""
