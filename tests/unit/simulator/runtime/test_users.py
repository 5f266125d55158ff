"""Tests of the image's users."""

import pytest

from harness.simulator.runtime import StartError, StartFailure
from harness.simulator.runtime.users import User, lookup


@pytest.mark.parametrize(
    ("spec", "user"),
    [
        ("", User(0, 0, "/root")),
        ("0", User(0, 0, "/root")),
        ("root", User(0, 0, "/root")),
        ("1000", User(1000, 0, "/")),
        ("1000:33", User(1000, 33, "/")),
        ("www-data", User(33, 33, "/var/www")),
        ("33", User(33, 33, "/var/www")),
        ("nobody:users", User(65534, 100, "/nonexistent")),
    ],
)
def test_lookup(spec: str, user: User) -> None:
    """Names and numbers, as runc reads them."""
    assert lookup(spec) == user


@pytest.mark.parametrize(
    ("spec", "kind", "text"),
    [
        ("ghost", StartFailure.BAD_USER, "unable to find user ghost: no matching"),
        ("0:ghosts", StartFailure.BAD_GROUP, "unable to find group ghosts: no match"),
        ("99999999999", StartFailure.BAD_USER, "uids and gids must be in range 0-2147"),
    ],
)
def test_unknown(spec: str, kind: StartFailure, text: str) -> None:
    """Who isn't in the image is refused in runc's words."""
    with pytest.raises(StartError, match=text) as caught:
        lookup(spec)
    assert caught.value.kind is kind
