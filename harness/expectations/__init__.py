"""Was it right: pure functions from an observation to findings."""
