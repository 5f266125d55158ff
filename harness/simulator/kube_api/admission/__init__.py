"""Admission: what a write goes through between its defaults and the store.

`chain.py` is the table: which plugin runs when, in the order of the real server.
"""
