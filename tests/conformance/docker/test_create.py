"""Creating containers: what is merged from the image, and what is refused."""

from typing import Any

import pytest

from ..recorder import Recorder
from ..wire import Api
from .conftest import ENTRY_IMAGE, IMAGE, LABEL, Creator

pytestmark = pytest.mark.recorded("docker-20.10")

_CREATE = "/containers/create"


def _config(**config: Any) -> dict[str, Any]:
    return {"Image": IMAGE, "Labels": {LABEL: "1"}, **config}


def test_created(docker: Api, see: Recorder, create: Creator) -> None:
    """A created container, whole."""
    name = create.name()
    body = _config(Cmd=["sh", "-c", "true"], HostConfig={"CpuShares": 512})
    see("create", docker("POST", f"{_CREATE}?name={name}", body))
    see("inspect", docker("GET", f"/containers/{name}/json"))


def test_from_image(docker: Api, see: Recorder, create: Creator) -> None:
    """Entrypoint, command, environment, labels and directory come from the image."""
    name = create.name()
    body = {"Image": ENTRY_IMAGE, "Labels": {LABEL: "1", "both": "mine"}}
    body |= {"Env": ["MINE=1", "COLOUR=red", "EMPTY=", "BARE"]}
    docker("POST", f"{_CREATE}?name={name}", body)
    found = docker("GET", f"/containers/{name}/json").body
    see("id", found["Id"])
    see("config", found["Config"])
    see("runs", [found["Path"], *found["Args"]])


@pytest.mark.parametrize(
    "given",
    [
        {"Cmd": ["a", "b"]},
        {"Cmd": []},
        {"Entrypoint": ["echo", "x"]},
        {"Entrypoint": ["echo"], "Cmd": ["y"]},
        {"Entrypoint": []},
        {"Entrypoint": [""], "Cmd": ["z"]},
        {"Entrypoint": "one string", "Cmd": "another"},
    ],
    ids=["cmd", "no-cmd", "entrypoint", "both", "empty", "cleared", "strings"],
)
def test_command(
    docker: Api, see: Recorder, create: Creator, given: dict[str, Any]
) -> None:
    """An entrypoint of one's own drops the image's command."""
    name = create.name()
    body = {"Image": ENTRY_IMAGE, "Labels": {LABEL: "1"}, **given}
    made = docker("POST", f"{_CREATE}?name={name}", body)
    see("create", made)
    if made.status == 201:
        found = docker("GET", f"/containers/{name}/json").body
        see("runs", [found["Path"], *found["Args"]])
        see("config", {k: found["Config"][k] for k in ("Entrypoint", "Cmd")})


def test_no_command(docker: Api, see: Recorder, create: Creator) -> None:
    """Neither image nor client says what to run."""
    name = create.name()
    body = _config(Entrypoint=[""], Cmd=None)
    see("create", docker("POST", f"{_CREATE}?name={name}", body))


def test_no_image(docker: Api, see: Recorder) -> None:
    """An image that isn't here, by names of several forms."""
    for image in ("nope", "nope:1", "a.b/c:d", "sha256:" + "0" * 64, "NOPE"):
        see(image or "none", docker("POST", _CREATE, {"Image": image, "Cmd": ["x"]}))


def test_bad_body(docker: Api, see: Recorder) -> None:
    """Bodies that are no JSON object."""
    json = {"Content-Type": "application/json"}
    see("no type", docker("POST", _CREATE, b"{}"))
    see("text", docker("POST", _CREATE, b"{}", headers={"Content-Type": "text/plain"}))
    see("cut", docker("POST", _CREATE, b'{"Image": ', headers=json))
    see("empty", docker("POST", _CREATE, b"", headers=json))
    see("null", docker("POST", _CREATE, b"null", headers=json))
    see("wrong type", docker("POST", _CREATE, {"Image": 1}))
    see("wrong list", docker("POST", _CREATE, {"Image": IMAGE, "Env": "A=1"}))
    see("wrong number", docker("POST", _CREATE, _config(HostConfig={"Memory": "1g"})))


@pytest.mark.parametrize("name", ["a b", "-x", "x/y", "a", ".x", "%C3%BC"])
def test_bad_name(docker: Api, see: Recorder, name: str) -> None:
    """Which names are refused, and how."""
    see(
        "create",
        docker("POST", f"{_CREATE}?name={name.replace(' ', '%20')}", _config()),
    )


def test_name_taken(docker: Api, see: Recorder, create: Creator) -> None:
    """A name in use names its user."""
    name = create("true")
    see("inspect", docker("GET", f"/containers/{name}/json").body["Id"])
    see("again", docker("POST", f"{_CREATE}?name={name}", _config()))
    see("slash", docker("POST", f"{_CREATE}?name=/{name}", _config()))


@pytest.mark.parametrize(
    "host",
    [
        {"Memory": 1048576},
        {"Memory": -1},
        {"Memory": 6291456},
        {"Memory": 67108864, "MemorySwap": 33554432},
        {"Memory": 67108864, "MemorySwap": -1},
        {"MemorySwap": 67108864},
        {"Memory": 67108864, "MemoryReservation": 134217728},
        {"MemoryReservation": 1048576},
        {"MemorySwappiness": 101},
        {"NanoCpus": 1500000000},
        {"NanoCpus": 999000000000},
        {"NanoCpus": 1000000000, "CpuQuota": 50000},
        {"CpuPeriod": 10},
        {"CpuQuota": 10},
        {"CpuPeriod": 100000, "CpuQuota": 50000},
        {"CpuShares": 512},
        {"CpuShares": 1},
        {"CpuShares": -5},
        {"ShmSize": -1},
        {"ShmSize": 1048576},
        {"PidsLimit": 100},
        {"OomScoreAdj": 5000},
    ],
    ids=lambda host: "-".join(f"{key}={value}" for key, value in host.items()),
)
def test_limits(
    docker: Api, see: Recorder, create: Creator, host: dict[str, Any]
) -> None:
    """Limits are checked when the container is created."""
    name = create.name()
    cpus = docker("GET", "/info").body["NCPU"]
    see.name(f"{cpus}.00, as there are only {cpus} CPUs", "cpus")
    made = docker("POST", f"{_CREATE}?name={name}", _config(HostConfig=host))
    see("create", made)
    if made.status == 201:
        found = docker("GET", f"/containers/{name}/json").body["HostConfig"]
        keys = ("Memory", "MemorySwap", "NanoCpus", "CpuQuota", "CpuPeriod")
        see("kept", {k: found[k] for k in (*keys, "CpuShares", "ShmSize")})


@pytest.mark.parametrize(
    "config",
    [
        {"WorkingDir": "relative"},
        {"WorkingDir": "/etc/passwd"},
        {"WorkingDir": "/a/../b"},
        {"StopSignal": "NOPE"},
        {"StopSignal": "SIGINT"},
        {"Env": ["=x"]},
        {"Env": ["A=1\nB"]},
        {"HostConfig": {"RestartPolicy": {"Name": "nope"}}},
        {"HostConfig": {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 3}}},
        {"HostConfig": {"RestartPolicy": {"Name": "always"}, "AutoRemove": True}},
        {"HostConfig": {"ExtraHosts": ["nope"]}},
        {"HostConfig": {"LogConfig": {"Type": "nope"}}},
        pytest.param(
            {"HostConfig": {"NetworkMode": "container:nope"}},
            marks=pytest.mark.real_only("refused as a gap"),
        ),
        {"HostConfig": {"PortBindings": {"x/tcp": [{"HostPort": "1"}]}}},
        {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "nope"}]}}},
        pytest.param(
            {"HostConfig": {"IpcMode": "nope"}},
            marks=pytest.mark.real_only("refused as a gap"),
        ),
        {"HostConfig": {"Runtime": "nope"}},
        {"ExposedPorts": {"nope": {}}},
        {"Unknown": 1, "HostConfig": {"Unknown": 2}},
    ],
    ids=lambda config: str(config)[1:60],
)
def test_bad_config(
    docker: Api, see: Recorder, create: Creator, config: dict[str, Any]
) -> None:
    """Values that the engine refuses, and some that it doesn't."""
    see("create", docker("POST", f"{_CREATE}?name={create.name()}", _config(**config)))
