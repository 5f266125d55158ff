"""The checks: pure functions from the facts to results, a file for each category."""
