"""The validation of a live cluster: evidence → results → verdict.

``model`` is what a report is made of, ``registry`` the list of checks; one reader makes
the evidence, and each check is a pure function of it.
"""
