"""Scenario texts to begin from."""

from harness.scenario.load import parse
from harness.scenario.schema import Scenario

GOOD = """\
name: a-name
description: One sentence that says what is shown.
job: {type: package}
expect: {status: finished}
"""


def text(**changes: str) -> str:
    """The good text with lines changed or added, one for each top-level key."""
    lines = dict(line.split(": ", 1) for line in GOOD.splitlines())
    return "".join(f"{key}: {value}\n" for key, value in (lines | changes).items())


def scenario(**changes: str) -> Scenario:
    """The scenario of such a text."""
    return parse(text(**changes), "text")
