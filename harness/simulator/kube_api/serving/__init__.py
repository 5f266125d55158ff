"""The API server's HTTP half: one call, from its headers to its answer.

`dispatch.py` is the table of what answers what.
"""
