"""Tests of what runs a container."""
