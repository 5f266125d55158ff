"""Volumes: made on request or by use, and kept while used."""

import json
from urllib.parse import quote

import pytest

from ..recorder import Recorder
from ..wire import Api
from .conftest import LABEL, Creator

pytestmark = pytest.mark.recorded("docker-20.10")


@pytest.fixture
def name(create: Creator) -> str:
    """A volume's name of this test."""
    return create.volume()


def test_create(docker: Api, see: Recorder, name: str) -> None:
    """Created, created again, inspected, removed, removed again."""
    body = {"Name": name, "Labels": {LABEL: "1"}}
    see("create", docker("POST", "/volumes/create", body))
    see("again", docker("POST", "/volumes/create", body))
    see("other labels", docker("POST", "/volumes/create", {"Name": name}))
    see("inspect", docker("GET", f"/volumes/{name}"))
    see("remove", docker("DELETE", f"/volumes/{name}"))
    see("twice", docker("DELETE", f"/volumes/{name}"))
    see("forced", docker("DELETE", f"/volumes/{name}?force=1"))
    see("gone", docker("GET", f"/volumes/{name}"))


def test_anonymous(docker: Api, see: Recorder) -> None:
    """Without a name it gets one."""
    made = docker("POST", "/volumes/create", {"Labels": {LABEL: "1"}})
    see("create", made)
    docker("DELETE", f"/volumes/{made.body['Name']}")


def test_refused(docker: Api, see: Recorder, name: str) -> None:
    """Names and drivers that aren't possible."""
    see("bad name", docker("POST", "/volumes/create", {"Name": "a b"}))
    see("short", docker("POST", "/volumes/create", {"Name": "a"}))
    see("driver", docker("POST", "/volumes/create", {"Name": name, "Driver": "nope"}))
    options = {"Name": name, "DriverOpts": {"nope": "1"}}
    see("option", docker("POST", "/volumes/create", options))
    see("bad json", docker("POST", "/volumes/create", b"{"))


def test_in_use(docker: Api, see: Recorder, name: str, create: Creator) -> None:
    """A volume is kept while a container, even an ended one, uses it."""
    container = create.run("true", HostConfig={"Binds": [f"{name}:/io"]})
    see("id", docker("GET", f"/containers/{container}/json").body["Id"])
    see("made", docker("GET", f"/volumes/{name}"))
    see("remove", docker("DELETE", f"/volumes/{name}"))
    see("forced", docker("DELETE", f"/volumes/{name}?force=1"))
    docker("DELETE", f"/containers/{container}?v=1")
    see("named volumes stay", docker("GET", f"/volumes/{name}").status)
    see("removed", docker("DELETE", f"/volumes/{name}"))


def test_anonymous_of_container(docker: Api, see: Recorder, create: Creator) -> None:
    """A container's anonymous volume goes with it if that is asked for."""
    for v, suffix in ((0, "a"), (1, "b")):
        container = create("true", suffix=suffix, Volumes={"/data": {}})
        mounts = docker("GET", f"/containers/{container}/json").body["Mounts"]
        volume = mounts[0]["Name"]
        docker("DELETE", f"/containers/{container}?v={v}")
        answer = docker("GET", f"/volumes/{volume}")
        see(f"v={v}", answer.status)
        docker("DELETE", f"/volumes/{volume}")


@pytest.mark.parametrize(
    "filters",
    [
        {"label": ["kind=x"]},
        {"label": ["kind"]},
        {"dangling": ["true"]},
        {"dangling": ["false"]},
        {"dangling": ["x"]},
        {"driver": ["local"]},
        {"driver": ["nope"]},
        {"name": ["-a"]},
    ],
    ids=lambda filters: json.dumps(filters),
)
def test_list(
    docker: Api,
    see: Recorder,
    name: str,
    create: Creator,
    filters: dict[str, list[str]],
) -> None:
    """Which of two volumes each filter keeps."""
    a, b = create.volume("-a"), create.volume("-b")
    docker("POST", "/volumes/create", {"Name": a, "Labels": {"kind": "x"}})
    create("true", HostConfig={"Binds": [f"{b}:/io"]})
    answer = docker("GET", f"/volumes?filters={quote(json.dumps(filters))}")
    if answer.status == 200:
        found = [each["Name"] for each in answer.body["Volumes"] or []]
        see("kept", [each for each in (a, b) if each in found])
        see("warnings", answer.body["Warnings"])
    else:
        see("refused", answer)
    docker("DELETE", f"/containers/{create.names[0]}?force=1")
    for each in (a, b):
        docker("DELETE", f"/volumes/{each}")


def test_prune(docker: Api, see: Recorder, name: str) -> None:
    """Prune removes what nobody uses."""
    body = {"Name": name, "Labels": {"prune-vol": "1"}}
    docker("POST", "/volumes/create", body)
    only = quote(json.dumps({"label": ["prune-vol=1"]}))
    see("prune", docker("POST", f"/volumes/prune?filters={only}"))
    see("again", docker("POST", f"/volumes/prune?filters={only}"))
