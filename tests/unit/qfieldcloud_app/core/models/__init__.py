"""The models as wrappers use them."""
