"""Validation with the API server's own texts: names, metadata, then each kind."""
