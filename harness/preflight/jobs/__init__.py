"""The real jobs: what is made, how it is followed, what was seen."""
