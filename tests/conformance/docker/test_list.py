"""Listing containers: what is in the list, and which filters there are."""

import json
import time
from urllib.parse import quote

import pytest

from ..recorder import Recorder
from ..wire import Api
from .conftest import ENTRY_IMAGE, IMAGE, Creator

pytestmark = pytest.mark.recorded("docker-20.10")


def test_entry(docker: Api, see: Recorder, create: Creator) -> None:
    """One entry, whole: created, running, ended."""
    name = create("echo 'a b' \"c\"; sleep 60", Labels={"a": "b"})
    only = quote(json.dumps({"name": [name]}))
    see("created", docker("GET", f"/containers/json?all=1&filters={only}"))
    docker("POST", f"/containers/{name}/start")
    see("running", docker("GET", f"/containers/json?filters={only}"))
    docker("POST", f"/containers/{name}/kill")
    docker("POST", f"/containers/{name}/wait")
    see("ended", docker("GET", f"/containers/json?all=1&filters={only}"))
    see("not all", docker("GET", f"/containers/json?filters={only}"))


def test_status_words(docker: Api, see: Recorder, create: Creator) -> None:
    """The state in words, as ``docker ps`` shows it."""
    name = create("exit 3")
    only = quote(json.dumps({"name": [name]}))
    path = f"/containers/json?all=1&filters={only}"
    see("created", docker("GET", path).body[0]["Status"])
    docker("POST", f"/containers/{name}/start")
    docker("POST", f"/containers/{name}/wait")
    words = docker("GET", path).body[0]["Status"].split()
    see("ended", [*words[:2], words[-1]])


@pytest.mark.parametrize(
    "filters",
    [
        {"label": ["kind=x"]},
        {"label": ["kind"]},
        {"label": ["kind=x", "colour=blue"]},
        {"label": ["kind=x", "colour"]},
        {"label!": ["kind=x"]},
        {"label": {"kind=x": True}},
        {"label": {"kind=x": False}},
        {"status": ["created"]},
        {"status": ["created", "exited"]},
        {"status": ["nope"]},
        {"exited": ["0"]},
        {"exited": ["3"]},
        {"exited": ["x"]},
        pytest.param(
            {"ancestor": [IMAGE]},
            marks=pytest.mark.real_only("images have no parents in the simulator"),
        ),
        {"ancestor": [IMAGE.split(":", maxsplit=1)[0]]},
        {"ancestor": [ENTRY_IMAGE]},
        {"ancestor": ["nope"]},
        {"id": ["nope"]},
        {"network": ["none"]},
        {"network": ["bridge"]},
        {"network": ["nope"]},
        {"volume": ["/io"]},
        {"volume": ["nope"]},
        {"before": ["nope"]},
        {"since": ["nope"]},
        {"is-task": ["false"]},
        {"health": ["none"]},
        {"name": ["^/qfc.*filters.*a$"]},
        {"name": ["filters.*b"]},
        {"name": ["["]},
        {},
    ],
    ids=lambda filters: json.dumps(filters),
)
def test_filters(
    docker: Api, see: Recorder, create: Creator, filters: dict[str, object]
) -> None:
    """Which of three containers each filter keeps."""
    create("true", suffix="a", Labels={"kind": "x"}, HostConfig={"Binds": ["/tmp:/io"]})
    create.run(
        "exit 3",
        suffix="b",
        Labels={"kind": "x", "colour": "blue"},
        HostConfig={"NetworkMode": "none"},
    )
    create("true", suffix="c", Image=ENTRY_IMAGE, Labels={"kind": "y"})
    answer = docker(
        "GET", f"/containers/json?all=1&filters={quote(json.dumps(filters))}"
    )
    if answer.status != 200:
        see("refused", answer)
        return
    mine = [e["Names"][0].lstrip("/") for e in answer.body]
    see("kept", [name for name in mine if name in create.names])


def test_limits(docker: Api, see: Recorder, create: Creator) -> None:
    """Newest first; ``limit``, ``before`` and ``since``."""
    names = [create("true", suffix=suffix) for suffix in "abc"]

    def listed(query: str, filters: dict[str, list[str]] | None = None) -> list[str]:
        text = quote(json.dumps({"name": ["test_limits"[5:]], **(filters or {})}))
        found = docker("GET", f"/containers/json?{query}&filters={text}").body
        return [e["Names"][0].lstrip("/") for e in found]

    see("all", listed("all=1"))
    see("limit", listed("limit=2"))
    see("last", listed("all=1", {"before": [names[2]]}))
    see("since", listed("all=1", {"since": [names[0]]}))
    see("bad limit", docker("GET", "/containers/json?limit=abc"))
    see("bad all", docker("GET", "/containers/json?all=maybe&limit=1").status)


def test_references(docker: Api, see: Recorder, create: Creator) -> None:
    """A container is found by id, short id, prefix, name and name with a slash."""
    name = create("true")
    found = docker("GET", f"/containers/{name}/json").body["Id"]
    see("id", found)
    for reference in (found, found[:12], found[:5], f"%2F{name}", name[:-1]):
        answer = docker("GET", f"/containers/{reference}/json")
        see("status", answer.status)


def test_prune(docker: Api, see: Recorder, create: Creator) -> None:
    """Prune removes what doesn't run, and says what."""
    create.run("true", suffix="a", Labels={"prune": "me"})
    running = create("sleep", "60", suffix="b", Labels={"prune": "me"})
    docker("POST", f"/containers/{running}/start")
    see("ids", docker("GET", f"/containers/{create.names[0]}/json").body["Id"])
    only = quote(json.dumps({"label": ["prune=me"]}))
    answer = docker("POST", f"/containers/prune?filters={only}")
    see("pruned", answer.body["ContainersDeleted"])
    see("left", docker("GET", f"/containers/{running}/json").body["State"]["Status"])
    see("nothing", docker("POST", f"/containers/prune?filters={only}"))
    see("bad filter", docker("POST", "/containers/prune?filters=%7B%22x%22:%5B%5D%7D"))


def test_top(docker: Api, see: Recorder, create: Creator) -> None:
    """The processes of a container, if it runs."""
    name = create("sleep 60 & sleep 61")
    see("created", docker("GET", f"/containers/{name}/top"))
    docker("POST", f"/containers/{name}/start")
    time.sleep(0.5)
    answer = docker("GET", f"/containers/{name}/top")
    see("titles", answer.body["Titles"])
    column = answer.body["Titles"].index("CMD")
    see("commands", sorted(row[column] for row in answer.body["Processes"]))
