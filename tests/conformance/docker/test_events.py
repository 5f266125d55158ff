"""Events: what is told, in which order, and to whom."""

import calendar
import json
import threading
import time
from urllib.parse import quote

import pytest

from ..recorder import Recorder
from ..wire import Api
from .conftest import LABEL, Creator

pytestmark = pytest.mark.recorded("docker-20.10")


def _unix(moment: str) -> str:
    """Seconds and nanoseconds: what the events API reads, unlike what /info writes."""
    whole = calendar.timegm(time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S"))
    return f"{whole}.{moment[20:-1]:0<9}"


def _events(docker: Api, since: str, **filters: list[str]) -> list[dict[str, object]]:
    text = quote(json.dumps(filters))
    path = f"/events?since={since}&until={_now(docker)}&filters={text}"
    raw = docker("GET", path).raw
    return [json.loads(line) for line in raw.splitlines()]


def _now(docker: Api) -> str:
    return _unix(docker("GET", "/info").body["SystemTime"])


def test_life(docker: Api, see: Recorder, create: Creator) -> None:
    """All events of a container that ran, whole."""
    since = _now(docker)
    name = create.run("exit 3")
    docker("DELETE", f"/containers/{name}")
    see("events", _events(docker, since, container=[name]))


def _short(events: list[dict[str, object]]) -> list[list[object]]:
    found = []
    for event in events:
        attributes = dict(event["Actor"]["Attributes"])  # type: ignore[index]
        for known in ("image", "name", LABEL, "container"):
            attributes.pop(known, None)
        found.append([event["Type"], event["Action"], attributes])
    return found


@pytest.mark.namespaces
def test_stop_and_kill(docker: Api, see: Recorder, create: Creator) -> None:
    """Signals are events, and come before the end they cause."""
    since = _now(docker)
    trap = "trap 'exit 7' TERM; echo x; while :; do sleep 0.1; done"
    name = create(trap)
    docker("POST", f"/containers/{name}/start")
    with docker.stream("GET", f"/containers/{name}/logs?stdout=1&follow=1") as logs:
        logs.read(8)
    docker("POST", f"/containers/{name}/kill?signal=USR2")
    docker("POST", f"/containers/{name}/stop?t=20")
    docker("POST", f"/containers/{name}/start")
    docker("DELETE", f"/containers/{name}?force=1")
    see("stopped", _short(_events(docker, since, container=[name])))


def test_out_of_memory(docker: Api, see: Recorder, create: Creator) -> None:
    """The kernel's kill is told, mostly before the end; both in their own time."""
    since = _now(docker)
    eat = 'BEGIN{x="xxxxxxxxxxxxxxxx";while(1)x=x x}'
    limit = {"Memory": 33554432, "MemorySwap": 33554432}
    name = create.run("awk", eat, HostConfig=limit)
    for _ in range(100):
        found = _short(_events(docker, since, container=[name]))
        if {"oom", "die"} <= {str(event[1]) for event in found}:
            break
        time.sleep(0.05)
    see("events", sorted(found, key=str))


def test_attach(docker: Api, see: Recorder, create: Creator) -> None:
    """Attaching is told; reading logs and waiting aren't."""
    since = _now(docker)
    name = create.run("true")
    docker.hijack(f"/containers/{name}/attach?logs=1&stdout=1", upgrade=True)
    docker("GET", f"/containers/{name}/logs?stdout=1")
    see("events", _short(_events(docker, since, container=[name])))


def test_start_failure(docker: Api, see: Recorder, create: Creator) -> None:
    """A container that can't be started."""
    since = _now(docker)
    name = create("/nope", "x")
    docker("POST", f"/containers/{name}/start")
    see("events", _short(_events(docker, since, container=[name])))


@pytest.mark.namespaces
def test_rename_restart(docker: Api, see: Recorder, create: Creator) -> None:
    """Less common verbs."""
    since = _now(docker)
    name = create("sleep", "60")
    docker("POST", f"/containers/{name}/restart?t=1")
    docker("POST", f"/containers/{name}/restart?t=0")
    new = create.name("2")
    docker("POST", f"/containers/{name}/rename?name={new}")
    found = _events(docker, since, type=["container"], label=[LABEL])
    see("events", _short(found))


def test_volume_and_network(docker: Api, see: Recorder, create: Creator) -> None:
    """What a container does to its volume and network is told, too."""
    since = _now(docker)
    volume = create.volume()
    network = create.network()
    docker("POST", "/networks/create", {"Name": network})
    name = create.run(
        "true", HostConfig={"Binds": [f"{volume}:/io:ro"], "NetworkMode": network}
    )
    docker("DELETE", f"/containers/{name}")
    docker("DELETE", f"/volumes/{volume}")
    docker("DELETE", f"/networks/{network}")
    see("volume", _short(_events(docker, since, volume=[volume])))
    see("network", _short(_events(docker, since, network=[network])))


def test_live(docker: Api, see: Recorder, create: Creator) -> None:
    """The head is sent at once; events as they happen."""
    name = create("true")
    text = quote(json.dumps({"container": [name], "event": ["start", "die"]}))
    with docker.stream("GET", f"/events?filters={text}") as events:
        see("head", [events.status, events.getheader("Content-Type")])
        starter = threading.Thread(
            target=lambda: docker("POST", f"/containers/{name}/start")
        )
        starter.start()
        found = [json.loads(events.readline()) for _ in range(2)]
        starter.join()
    see("events", _short(found))


@pytest.mark.parametrize("query", ["since=abc", "until=abc", "since=5&until=3"])
def test_bad_times(docker: Api, see: Recorder, query: str) -> None:
    """Times that can't be read, and an empty range."""
    see("events", docker("GET", f"/events?{query}"))
