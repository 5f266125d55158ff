"""The Docker Engine API 1.41, as version 20.10 answers it.

`routes` is the table of contents: a route leads to a thin handler, a handler to the
`engine`, which holds the state and knows no HTTP.
"""
