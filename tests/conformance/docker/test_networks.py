"""Networks: a container's networks, and networks themselves."""

import json
from urllib.parse import quote

import pytest

from ..recorder import Recorder
from ..wire import Api
from .conftest import LABEL, Creator

pytestmark = pytest.mark.recorded("docker-20.10")


@pytest.fixture
def name(create: Creator) -> str:
    """A network's name of this test."""
    return create.network()


def _create(docker: Api, name: str) -> str:
    body = {"Name": name, "CheckDuplicate": True, "Labels": {LABEL: "1"}}
    return str(docker("POST", "/networks/create", body).body["Id"])


def test_create(docker: Api, see: Recorder, name: str) -> None:
    """Created, a second time, inspected, removed, removed again."""
    body = {"Name": name, "CheckDuplicate": True, "Labels": {LABEL: "1"}}
    see("create", docker("POST", "/networks/create", body))
    see("again", docker("POST", "/networks/create", body))
    see("inspect", docker("GET", f"/networks/{name}"))
    see("remove", docker("DELETE", f"/networks/{name}"))
    see("twice", docker("DELETE", f"/networks/{name}"))
    see("gone", docker("GET", f"/networks/{name}"))


def test_predefined(docker: Api, see: Recorder) -> None:
    """bridge, host and none are always there, and stay."""
    for name in ("bridge", "host", "none"):
        found = docker("GET", f"/networks/{name}").body
        see(name, [found[key] for key in ("Name", "Driver", "Scope", "Internal")])
        see(f"remove {name}", docker("DELETE", f"/networks/{name}"))
        see(f"create {name}", docker("POST", "/networks/create", {"Name": name}))


def test_refused(docker: Api, see: Recorder, name: str) -> None:
    """Names and drivers that aren't possible."""
    see("no name", docker("POST", "/networks/create", {}))
    body = {"Name": name, "Driver": "nope"}
    see("driver", docker("POST", "/networks/create", body))
    see("bad json", docker("POST", "/networks/create", b"{"))


def test_container(docker: Api, see: Recorder, name: str, create: Creator) -> None:
    """A container on a user's network: inspected on both sides."""
    see("network", _create(docker, name))
    container = create("sleep", "60", HostConfig={"NetworkMode": name})
    created = docker("GET", f"/containers/{container}/json").body
    see("id", created["Id"])
    see("created", created["NetworkSettings"])
    docker("POST", f"/containers/{container}/start")
    running = docker("GET", f"/containers/{container}/json").body
    see("running", running["NetworkSettings"])
    see("inside", docker("GET", f"/networks/{name}").body["Containers"])
    see("in use", docker("DELETE", f"/networks/{name}"))
    docker("POST", f"/containers/{container}/kill")
    docker("POST", f"/containers/{container}/wait")
    ended = docker("GET", f"/containers/{container}/json").body
    see("ended", ended["NetworkSettings"]["Networks"])
    see("left", docker("GET", f"/networks/{name}").body["Containers"])
    see("removed", docker("DELETE", f"/networks/{name}"))
    see("start", docker("POST", f"/containers/{container}/start"))


def test_default(docker: Api, see: Recorder, create: Creator) -> None:
    """``default`` is another name for the bridge, as the docker command sends it."""
    networking = {"EndpointsConfig": {"default": {"Aliases": None}}}
    container = create("sleep", "60", NetworkingConfig=networking)
    see("start", docker("POST", f"/containers/{container}/start"))
    found = docker("GET", f"/containers/{container}/json").body
    see("networks", sorted(found["NetworkSettings"]["Networks"]))


def test_connect(docker: Api, see: Recorder, name: str, create: Creator) -> None:
    """Connecting and disconnecting."""
    see("network", _create(docker, name))
    container = create("sleep", "60")
    see("id", docker("GET", f"/containers/{container}/json").body["Id"])
    docker("POST", f"/containers/{container}/start")
    body = {"Container": container, "EndpointConfig": {"Aliases": ["app"]}}
    see("connect", docker("POST", f"/networks/{name}/connect", body))
    see("again", docker("POST", f"/networks/{name}/connect", body))
    found = docker("GET", f"/containers/{container}/json").body
    networks = found["NetworkSettings"]["Networks"]
    see("aliases", networks[name]["Aliases"])
    see("networks", sorted(networks))
    body = {"Container": container}
    see("disconnect", docker("POST", f"/networks/{name}/disconnect", body))
    see("twice", docker("POST", f"/networks/{name}/disconnect", body))
    see("none", docker("POST", "/networks/nope/connect", body))
    body = {"Container": "nope"}
    see("nobody", docker("POST", f"/networks/{name}/connect", body))


@pytest.mark.parametrize(
    "filters",
    [
        {"name": ["net"]},
        {"label": [LABEL]},
        {"label": [f"{LABEL}=2"]},
        {"driver": ["bridge"]},
        {"driver": ["nope"]},
        {"type": ["custom"]},
        {"type": ["builtin"]},
        {"type": ["nope"]},
        {"scope": ["local"]},
        {"dangling": ["true"]},
        {"id": ["nope"]},
    ],
    ids=lambda filters: json.dumps(filters),
)
def test_list(
    docker: Api, see: Recorder, name: str, filters: dict[str, list[str]]
) -> None:
    """Which networks each filter keeps, of ours and the predefined ones."""
    _create(docker, name)
    answer = docker("GET", f"/networks?filters={quote(json.dumps(filters))}")
    if answer.status == 200:
        found = [each["Name"] for each in answer.body]
        known = ("bridge", "host", "none", name)
        see("kept", [each for each in known if each in found])
    else:
        see("refused", answer)


def test_prune(docker: Api, see: Recorder, name: str) -> None:
    """Prune removes what nobody uses."""
    docker("POST", "/networks/create", {"Name": name, "Labels": {"prune-net": "1"}})
    only = quote(json.dumps({"label": ["prune-net=1"]}))
    see("prune", docker("POST", f"/networks/prune?filters={only}"))
    see("again", docker("POST", f"/networks/prune?filters={only}"))


def test_ports(docker: Api, see: Recorder, create: Creator) -> None:
    """Published ports, as they are inspected and listed."""
    bindings = {
        "8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}],
        "8001/tcp": [{"HostIp": "127.0.0.1"}],
        "8002/tcp": [{"HostIp": "127.0.0.1"}, {"HostIp": "127.0.0.2"}],
    }
    container = create(
        "sleep",
        "60",
        ExposedPorts={"8000/tcp": {}, "8002/tcp": {}, "9/udp": {}},
        HostConfig={"PortBindings": bindings},
    )
    created = docker("GET", f"/containers/{container}/json").body
    see("bindings", created["HostConfig"]["PortBindings"])
    see("exposed", created["Config"]["ExposedPorts"])
    see("created", created["NetworkSettings"]["Ports"])
    docker("POST", f"/containers/{container}/start")
    running = docker("GET", f"/containers/{container}/json").body
    ports = running["NetworkSettings"]["Ports"]
    ports["8002/tcp"].sort(key=lambda binding: binding["HostIp"])
    # whether two addresses get the same port is chance
    assert all(
        int(one.pop("HostPort")) for some in ports.values() for one in some or ()
    )
    see("running", ports)
    only = quote(json.dumps({"name": [container]}))
    listed = docker("GET", f"/containers/json?filters={only}").body[0]["Ports"]
    assert all(one.pop("PublicPort") for one in listed if "IP" in one)
    see("listed", sorted(listed, key=lambda p: (p["PrivatePort"], p.get("IP"))))
