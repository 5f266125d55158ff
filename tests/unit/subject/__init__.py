"""Subjects and their processes."""
