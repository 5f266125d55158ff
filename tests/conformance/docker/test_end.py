"""Exit codes, signals, waiting, restarting and removing."""

import threading

import pytest

from ..recorder import Recorder
from ..wire import Answer, Api
from .conftest import Creator

pytestmark = pytest.mark.recorded("docker-20.10")

_TRAP = "trap 'echo got; exit 7' TERM; echo ready; while :; do sleep 0.1; done"


def _ready(docker: Api, name: str) -> None:
    """Wait for a program's first line."""
    path = f"/containers/{name}/logs?stdout=1&follow=1"
    with docker.stream("GET", path) as logs:
        logs.read(8)


@pytest.mark.parametrize("code", [0, 1, 2, 125, 126, 127, 137, 139, 143, 255])
def test_exit_code(docker: Api, see: Recorder, create: Creator, code: int) -> None:
    """The number is the program's."""
    name = create.run(f"sleep 0.3; exit {code}")
    see("wait", docker("POST", f"/containers/{name}/wait"))
    see("state", docker("GET", f"/containers/{name}/json").body["State"])


@pytest.mark.parametrize("signum", ["KILL", "SIGTERM", "9", "USR1", "NOPE", "0", "77"])
def test_kill(docker: Api, see: Recorder, create: Creator, signum: str) -> None:
    """PID 1 gets the signals it has a handler for; bad ones are refused."""
    name = create(_TRAP)
    docker("POST", f"/containers/{name}/start")
    _ready(docker, name)
    see("kill", docker("POST", f"/containers/{name}/kill?signal={signum}"))
    if signum in ("KILL", "SIGTERM", "9"):
        see("wait", docker("POST", f"/containers/{name}/wait"))
        see("state", docker("GET", f"/containers/{name}/json").body["State"])
        see("again", docker("POST", f"/containers/{name}/kill"))


def test_kill_created(docker: Api, see: Recorder, create: Creator) -> None:
    """Killing what doesn't run is a conflict; stopping it is nothing."""
    name = create("true")
    see("kill", docker("POST", f"/containers/{name}/kill"))
    see("stop", docker("POST", f"/containers/{name}/stop"))
    see("bad signal", docker("POST", f"/containers/{name}/kill?signal=NOPE"))


@pytest.mark.namespaces
def test_stop(docker: Api, see: Recorder, create: Creator) -> None:
    """Stop asks with SIGTERM, and kills after the time it was given."""
    polite = create(_TRAP)
    docker("POST", f"/containers/{polite}/start")
    _ready(docker, polite)
    see("polite", docker("POST", f"/containers/{polite}/stop?t=20"))
    see("exit code", docker("POST", f"/containers/{polite}/wait"))
    see("again", docker("POST", f"/containers/{polite}/stop"))
    deaf = create("sleep", "60", suffix="2")
    docker("POST", f"/containers/{deaf}/start")
    see("deaf", docker("POST", f"/containers/{deaf}/stop?t=1"))
    see("state", docker("GET", f"/containers/{deaf}/json").body["State"])
    see("bad time", docker("POST", f"/containers/{deaf}/stop?t=abc"))


def test_stop_signal(docker: Api, see: Recorder, create: Creator) -> None:
    """A stop signal of the container's own."""
    name = create(_TRAP.replace("TERM", "INT"), StopSignal="SIGINT", StopTimeout=20)
    docker("POST", f"/containers/{name}/start")
    _ready(docker, name)
    see("stop", docker("POST", f"/containers/{name}/stop"))
    see("wait", docker("POST", f"/containers/{name}/wait"))


def test_orphans(docker: Api, see: Recorder, create: Creator) -> None:
    """The container ends with its PID 1, whatever that has left running."""
    name = create.run("sleep 60 & exit 5")
    see("wait", docker("POST", f"/containers/{name}/wait"))


def test_wait_at_once(docker: Api, see: Recorder, create: Creator) -> None:
    """A container that was never started counts as not running."""
    name = create("exit 3")
    see("created", docker("POST", f"/containers/{name}/wait"))
    see("unknown", docker("POST", f"/containers/{name}/wait?condition=nope"))
    docker("POST", f"/containers/{name}/start")
    see("running", docker("POST", f"/containers/{name}/wait?condition=not-running"))
    see("ended", docker("POST", f"/containers/{name}/wait?condition=not-running"))


@pytest.mark.parametrize("condition", ["next-exit", "removed"])
def test_wait_condition(
    docker: Api, see: Recorder, create: Creator, condition: str
) -> None:
    """The head is sent at once, the body when the condition holds."""
    name = create("exit 3")
    path = f"/containers/{name}/wait?condition={condition}"
    with docker.stream("POST", path) as response:
        see("head", [response.status, response.getheader("Content-Type")])
        docker("POST", f"/containers/{name}/start")
        if condition == "removed":
            docker("POST", f"/containers/{name}/wait")
            docker("DELETE", f"/containers/{name}")
        see("body", response.read().decode())


def test_remove(docker: Api, see: Recorder, create: Creator) -> None:
    """A running container is only removed by force; a removed one isn't there."""
    name = create("sleep", "60")
    docker("POST", f"/containers/{name}/start")
    see("running", docker("DELETE", f"/containers/{name}"))
    see("force", docker("DELETE", f"/containers/{name}?force=1"))
    see("twice", docker("DELETE", f"/containers/{name}?force=1"))
    see("inspect", docker("GET", f"/containers/{name}/json"))


def test_while_it_is_removed(docker: Api, see: Recorder, create: Creator) -> None:
    """Until its files are gone, it is there, and has no log to give.

    Many files make the time long enough to be seen; where it isn't, once more.
    """
    script = "cd /tmp; for i in $(seq 3000); do : > $i; done; echo ready; sleep 60"
    seen: set[tuple[int, str]] = set()
    for attempt in range(20):
        name = create(script, suffix=f"-{attempt}")
        docker("POST", f"/containers/{name}/start")
        _ready(docker, name)
        path = f"/containers/{name}"
        remover = threading.Thread(target=docker, args=("DELETE", f"{path}?force=1"))
        remover.start()
        while remover.is_alive():
            logs = docker("GET", f"{path}/logs?stdout=1")
            if logs.status == 409:
                seen.add((logs.status, logs.body["message"]))
        remover.join()
        if seen:
            break
    see("logs", sorted(seen))


def test_auto_remove(docker: Api, see: Recorder, create: Creator) -> None:
    """It goes by itself at its end, and who waits for that is told its code."""
    name = create("exit 3", HostConfig={"AutoRemove": True})
    waited: list[Answer] = []
    path = f"/containers/{name}/wait?condition=removed"
    waiter = threading.Thread(target=lambda: waited.append(docker("POST", path)))
    with docker.stream("POST", path) as response:
        waiter.start()
        docker("POST", f"/containers/{name}/start")
        see("one", response.read().decode())
    waiter.join()
    see("other", waited[0])
    see("inspect", docker("GET", f"/containers/{name}/json"))


def test_restart(docker: Api, see: Recorder, create: Creator) -> None:
    """Restart stops and starts; a created one is just started."""
    name = create(_TRAP)
    see("created", docker("POST", f"/containers/{name}/restart"))
    _ready(docker, name)
    see("running", docker("POST", f"/containers/{name}/restart?t=20"))
    state = docker("GET", f"/containers/{name}/json").body["State"]
    see("state", [state["Status"], state["ExitCode"], state["FinishedAt"][:4] > "2000"])


def test_rename(docker: Api, see: Recorder, create: Creator) -> None:
    """Renaming, and what is refused."""
    name, other = create("true"), create("true", suffix="2")
    taken = create.name("3")
    see("rename", docker("POST", f"/containers/{name}/rename?name={taken}"))
    see("inspect", docker("GET", f"/containers/{taken}/json").body["Name"])
    see("old name", docker("GET", f"/containers/{name}/json"))
    see("taken", docker("POST", f"/containers/{other}/rename?name={taken}"))
    see("bad", docker("POST", f"/containers/{other}/rename?name=a%20b"))
    see("empty", docker("POST", f"/containers/{other}/rename"))
    see("same", docker("POST", f"/containers/{other}/rename?name={other}"))


def test_out_of_memory(docker: Api, see: Recorder, create: Creator) -> None:
    """PID 1 takes more than the limit: 137, and it is said why."""
    eat = 'BEGIN{x="xxxxxxxxxxxxxxxx";while(1)x=x x}'
    limit = {"Memory": 33554432, "MemorySwap": 33554432}
    name = create.run("awk", eat, HostConfig=limit)
    see("wait", docker("POST", f"/containers/{name}/wait"))
    see("state", docker("GET", f"/containers/{name}/json").body["State"])


def test_child_out_of_memory(docker: Api, see: Recorder, create: Creator) -> None:
    """A child takes more than the limit: PID 1 lives on and decides the code."""
    eat = "awk 'BEGIN{x=\"xxxxxxxxxxxxxxxx\";while(1)x=x x}'; echo $?; exit 7"
    limit = {"Memory": 33554432, "MemorySwap": 33554432}
    name = create.run(eat, HostConfig=limit)
    see("wait", docker("POST", f"/containers/{name}/wait"))
    see("state", docker("GET", f"/containers/{name}/json").body["State"])
