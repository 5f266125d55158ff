"""Tests of the Docker Engine API."""
