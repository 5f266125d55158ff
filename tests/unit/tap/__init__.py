"""Tests of the recording proxy between a subject and its backend."""
