"""The HTML page.

Modules decide what it shows; ``templates``, ``style`` and ``script`` how. Styles and
scripts are joined in the order of their names, each into one inline element.
"""
