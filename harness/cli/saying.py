"""Lines on standard output, each seen at once."""

import sys


def say(words: str) -> None:
    """A line."""
    write(f"{words}\n")


def write(text: str) -> None:
    """Text as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()
