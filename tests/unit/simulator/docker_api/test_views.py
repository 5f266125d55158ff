"""Tests of how containers are shown in words."""

import pytest

from harness.simulator.docker_api import views


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (45 * 60 + 59, "45 minutes"),
        (46 * 60, "About an hour"),
        (89 * 60, "About an hour"),
        (91 * 60, "2 hours"),
        (47 * 3600, "47 hours"),
        (49 * 3600, "2 days"),
        (15 * 86400, "2 weeks"),
        (90 * 86400, "3 months"),
        (3 * 365 * 86400, "3 years"),
    ],
)
def test_age(seconds: int, words: str) -> None:
    """As the engine's own library puts it."""
    assert views._age(seconds * 10**9) == words


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (("sh",), "sh"),
        (("sh", "-c", "echo a; exit 1"), "sh -c 'echo a; exit 1'"),
        (("a b", "c"), "a b c"),
    ],
)
def test_command(argv: tuple[str, ...], text: str) -> None:
    """Arguments with a space are quoted, the program isn't."""
    assert views._command(argv) == text
