"""From rows to an observation."""
