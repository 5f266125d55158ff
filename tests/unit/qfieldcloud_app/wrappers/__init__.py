"""Wrapper modules as they are found in the wild, loaded unmodified."""
