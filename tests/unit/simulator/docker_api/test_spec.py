"""Tests of merging a request with its image."""

from typing import Any

import pytest

from harness.simulator.docker_api import spec
from harness.simulator.docker_api.errors import ApiError, GapError, InvalidError
from harness.simulator.runtime import Image

IMAGE = Image(
    name="x",
    entrypoint=("/entry",),
    cmd=("default",),
    env={"PATH": "/bin", "A": "image"},
    labels={"a": "image", "b": "image"},
    workdir="/work",
    user="33",
)


def make(image: Image = IMAGE, **body: Any) -> spec.Spec:
    """The spec of a body."""
    return spec.make(spec.check_body({"Image": "x", **body}), image)


@pytest.mark.parametrize(
    ("body", "argv"),
    [
        ({}, ("/entry", "default")),
        ({"Cmd": ["a"]}, ("/entry", "a")),
        ({"Cmd": []}, ("/entry", "default")),
        ({"Entrypoint": ["/mine"]}, ("/mine",)),
        ({"Entrypoint": ["/mine"], "Cmd": ["a"]}, ("/mine", "a")),
        ({"Entrypoint": []}, ("default",)),
        ({"Entrypoint": [""], "Cmd": ["a"]}, ("a",)),
        ({"Entrypoint": "/mine -x"}, ("/mine -x",)),
    ],
)
def test_argv(body: dict[str, Any], argv: tuple[str, ...]) -> None:
    """An entrypoint of one's own drops the image's command."""
    assert make(**body).argv == argv


def test_environment() -> None:
    """The client's variables win; a bare name unsets nothing and sets nothing."""
    made = make(Env=["A=mine", "EMPTY=", "BARE"])
    assert made.env == {"A": "mine", "EMPTY": "", "PATH": "/bin"}
    assert made.config["Env"] == ["A=mine", "EMPTY=", "BARE", "PATH=/bin"]


def test_rest_of_the_image() -> None:
    """Labels are merged; user and directory are the image's unless given."""
    made = make(Labels={"b": "mine"})
    assert made.labels == {"a": "image", "b": "mine"}
    assert made.config["User"] == "33"
    assert made.config["WorkingDir"] == "/work"
    assert make(User="0", WorkingDir="/x/../y").config["WorkingDir"] == "/y"


def test_stopping() -> None:
    """SIGTERM and ten seconds unless given; zero is a time, too."""
    assert (make().stop_signal, make().stop_timeout_s) == (15, 10)
    made = make(StopSignal="SIGINT", StopTimeout=0)
    assert (made.stop_signal, made.stop_timeout_s) == (2, 0)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"WorkingDir": "x"}, "the working directory 'x' is invalid"),
        ({"Env": ["=x"]}, "invalid environment variable: =x"),
        ({"StopSignal": "NOPE"}, "Invalid signal: NOPE"),
        ({"HostConfig": {"ExtraHosts": ["x"]}}, 'bad format for add-host: "x"'),
        (
            {"HostConfig": {"RestartPolicy": {"Name": "x"}}},
            "invalid restart policy 'x'",
        ),
        ({"HostConfig": {"Runtime": "x"}}, "Unknown runtime specified x"),
        ({"HostConfig": {"LogConfig": {"Type": "x"}}}, "looking up logging plugin x"),
        (
            {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "x"}]}}},
            'invalid port specification: "x"',
        ),
        (
            {"NetworkingConfig": {"EndpointsConfig": {"b": {}, "a": {}}}},
            "cannot be connected to network endpoints: a, b",
        ),
    ],
)
def test_refused(body: dict[str, Any], message: str) -> None:
    """In the engine's words."""
    with pytest.raises(InvalidError, match=message):
        make(**body)


@pytest.mark.parametrize(
    "body",
    [
        {"HostConfig": {"RestartPolicy": {"Name": "always"}}},
        {"HostConfig": {"LogConfig": {"Type": "syslog"}}},
        {"HostConfig": {"LogConfig": {"Type": "json-file", "Config": {"a": "b"}}}},
        {"HostConfig": {"NetworkMode": "container:x"}},
        {"Tty": True},
        {"OpenStdin": True},
    ],
    ids=str,
)
def test_gaps(body: dict[str, Any]) -> None:
    """What the engine can do and the simulator can't is 501, not ignored."""
    with pytest.raises(GapError, match="does not model"):
        make(**body)


def test_nothing_to_run() -> None:
    """Neither image nor client has a command."""
    with pytest.raises(InvalidError, match="No command specified"):
        make(Image(name="empty"))


def test_no_body() -> None:
    """null is JSON, but no container."""
    with pytest.raises(ApiError, match="Config cannot be empty"):
        spec.check_body(None)
