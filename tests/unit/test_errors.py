"""Errors for the person at the terminal."""

import pytest

from harness import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.EnvironmentMissing, 3),
        (errors.HarnessFailure, 4),
        (errors.HarnessError, 4),
    ],
)
def test_each_family_has_its_exit_code(
    kind: type[errors.HarnessError], code: int
) -> None:
    """As the README's table has them."""
    assert kind("x").exit_code == code


def test_the_hint_stands_below_the_message() -> None:
    """What happened first, then what to do."""
    assert str(errors.UsageError("It is so.", "Do that.")) == "It is so.\n  Do that."


def test_without_a_hint_there_is_no_empty_line() -> None:
    """Only the message."""
    assert str(errors.HarnessFailure("It is so.")) == "It is so."
