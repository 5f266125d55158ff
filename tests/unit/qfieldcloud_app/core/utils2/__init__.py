"""The modules for stored files that wrappers import."""
