"""Tests of the control API's own decisions; see test_main.py for it over HTTP."""

from pathlib import Path

import pytest

from harness.simulator import control
from harness.simulator.runtime import Pull


def test_image_from_json(tmp_path: Path) -> None:
    """All that a Dockerfile would say."""
    image = control.image_from_json(
        "worker:1",
        {
            "root": str(tmp_path),
            "entrypoint": ["/bin/sh"],
            "cmd": None,
            "env": {"A": "1"},
            "workdir": "/usr/src/app",
            "user": "33",
            "labels": {"a": "b"},
            "python": "/opt/python",
            "pull": "denied",
            "pull_s": 0.5,
        },
    )
    assert image.root == tmp_path
    assert (image.entrypoint, image.cmd) == (("/bin/sh",), ())
    assert image.python == (Path("/opt/python"),)
    assert (image.pull, image.pull_s) == (Pull.DENIED, 0.5)


def test_defaults() -> None:
    """An empty description is an image, too."""
    image = control.image_from_json("worker:1", {})
    assert (image.root, image.workdir, image.pull) == (None, "/", Pull.OK)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"entrypiont": []}, "unknown key entrypiont; there are cmd, entrypoint, env"),
        ({"cmd": "sh -c x"}, "cmd must be a list of strings, not 'sh -c x'"),
        ({"pull": "maybe"}, "'maybe' is not a valid Pull"),
    ],
)
def test_mistakes(body: dict[str, object], message: str) -> None:
    """They are told, not ignored."""
    with pytest.raises((TypeError, ValueError), match=message):
        control.image_from_json("worker:1", body)


def test_every_route_says_what_it_does() -> None:
    """The documentation lists them."""
    for route in control.ROUTES:
        assert route.summary
        assert route.handler.__doc__
