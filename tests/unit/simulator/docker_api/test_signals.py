"""Tests of signals by name and number."""

import pytest

from harness.simulator.docker_api.signals import (
    UnknownSignalError,
    exists,
    parse_signal,
)


@pytest.mark.parametrize("text", ["TERM", "SIGTERM", "term", "sigterm", "15"])
def test_forms(text: str) -> None:
    """Name, with or without SIG, in any case, or number."""
    assert parse_signal(text) == 15


@pytest.mark.parametrize("text", ["NOPE", "0", "", "-9", "SIG", "9.0"])
def test_unknown(text: str) -> None:
    """The engine's words."""
    with pytest.raises(UnknownSignalError, match=r"^Invalid signal: "):
        parse_signal(text)


def test_numbers_are_checked_later() -> None:
    """77 is read, but the platform has no such signal."""
    assert parse_signal("77") == 77
    assert not exists(77)
    assert exists(64)
