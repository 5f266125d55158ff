"""Versions, headers, and what is said to requests that make no sense."""

import pytest

from ..recorder import Recorder
from ..wire import Api

pytestmark = pytest.mark.recorded("docker-20.10")


def test_ping(docker: Api, see: Recorder) -> None:
    """Clients learn the API version from its headers, by GET or HEAD."""
    see("get", docker("GET", "/_ping"))
    see("head", docker("HEAD", "/_ping"))
    see("versioned", docker("GET", "/v1.41/_ping"))


def test_version(docker: Api, see: Recorder) -> None:
    """Server version and API range, which clients negotiate with."""
    answer = docker("GET", "/version")
    see("head", answer, body=False)
    see("keys", sorted(answer.body))
    see("api", [answer.body[key] for key in ("ApiVersion", "MinAPIVersion", "Os")])
    see("components", [sorted(each) for each in answer.body["Components"]])


def test_info(docker: Api, see: Recorder) -> None:
    """What clients read of the system; most of it is the machine's."""
    answer = docker("GET", "/info")
    see("head", answer, body=False)
    see("keys", sorted(answer.body))
    same = ("Driver", "LoggingDriver", "OSType", "DefaultRuntime", "MemoryLimit")
    see("values", {key: answer.body[key] for key in same})
    see("swarm", answer.body["Swarm"])


@pytest.mark.parametrize(
    "path",
    ["/nope", "/v1.41/nope", "/containers", "/containers/x/nope", "/v1.41"],
)
def test_unknown_path(docker: Api, see: Recorder, path: str) -> None:
    """A path of no API version is 404."""
    see("get", docker("GET", path))


def test_absent(docker: Api, see: Recorder) -> None:
    """There are no plugins and no swarm, which inspecting by name looks for."""
    see("plugins", docker("GET", "/plugins"))
    see("plugin", docker("GET", "/plugins/nope/json"))
    for kind in ("services", "configs", "secrets", "nodes", "tasks"):
        see(kind, docker("GET", f"/{kind}"))
        see(f"{kind} by name", docker("GET", f"/{kind}/nope"))
    see("swarm", docker("GET", "/swarm"))


def test_wrong_method(docker: Api, see: Recorder) -> None:
    """A known path with another method is 404, not 405."""
    see("put", docker("PUT", "/containers/json"))
    see("delete", docker("DELETE", "/containers/json"))


@pytest.mark.parametrize("version", ["1.41", "1.24", "1.12", "1.11", "1.42", "9", "x"])
def test_api_version(docker: Api, see: Recorder, version: str) -> None:
    """Too new is JSON, too old is plain text."""
    see("versioned", docker("GET", f"/v{version}/containers/nope/json"))


@pytest.mark.parametrize(
    "kind", ["containers", "images", "volumes", "networks", "events"]
)
def test_bad_filters(docker: Api, see: Recorder, kind: str) -> None:
    """Filters that are no JSON are an internal error; unknown keys the client's."""
    path = {
        "volumes": "/volumes?",
        "networks": "/networks?",
        "events": "/events?since=1&until=2&",
    }.get(kind, f"/{kind}/json?")
    see("no json", docker("GET", f"{path}filters=nope"))
    see("unknown key", docker("GET", f"{path}filters=%7B%22foo%22:%5B%22a%22%5D%7D"))
