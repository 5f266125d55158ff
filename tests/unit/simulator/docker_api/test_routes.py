"""Tests of the route table."""

import pytest

from harness.simulator.docker_api.routes import ROUTES
from harness.simulator.docker_api.server import find_route


def test_no_row_twice() -> None:
    """The second would never be reached."""
    rows = [(route.method, route.path) for route in ROUTES]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("method", "path", "route", "name"),
    [
        ("GET", "/containers/json", "/containers/json", None),
        ("GET", "/containers/abc/json", "/containers/{name}/json", "abc"),
        ("GET", "/images/a/b/c:d/json", "/images/{name}/json", "a/b/c:d"),
        ("GET", "/containers/x/attach/ws", "/containers/{name}/attach/ws", "x"),
        ("POST", "/images/create", "/images/create", None),
        ("DELETE", "/images/a/b", "/images/{name}", "a/b"),
        ("GET", "/volumes", "/volumes", None),
    ],
)
def test_matching(method: str, path: str, route: str, name: str | None) -> None:
    """Names may hold slashes; literal rows come before those with a name."""
    found, match = find_route(method, path)
    assert found is not None
    assert found.path == route
    assert match.get("name") == name


def test_every_answered_row_says_what_it_does() -> None:
    """The coverage page is made of these lines."""
    for route in ROUTES:
        assert route.handler is None or (route.handler.__doc__ or "").strip()
