"""The report of a validation: page, XML, terminal, annotations, comparison.

Each is a pure function of ``preflight.model.Validation``; ``save`` alone writes.
"""
