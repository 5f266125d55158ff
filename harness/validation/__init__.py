"""``qfc-harness validate``: the command, and what it writes."""
