"""Tests of the report, and the samples that they and the browser's tests read."""
