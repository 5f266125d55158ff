"""Starting containers, and all the ways in which that fails."""

from pathlib import Path
from typing import Any

import pytest

from ..recorder import Recorder
from ..wire import Api, frames
from .conftest import Creator

pytestmark = pytest.mark.recorded("docker-20.10")


def test_started(docker: Api, see: Recorder, create: Creator) -> None:
    """A running container, whole; starting it again changes nothing."""
    name = create("sleep", "60", HostConfig={"Memory": 104857600})
    see("start", docker("POST", f"/containers/{name}/start"))
    see("again", docker("POST", f"/containers/{name}/start"))
    see("inspect", docker("GET", f"/containers/{name}/json"))


def test_ended(docker: Api, see: Recorder, create: Creator) -> None:
    """A container that ended by itself, whole; it can be started again."""
    name = create.run("sleep 0.3; exit 3")
    see("inspect", docker("GET", f"/containers/{name}/json"))
    see("start", docker("POST", f"/containers/{name}/start"))
    see("wait", docker("POST", f"/containers/{name}/wait"))


@pytest.mark.parametrize(
    "cmd",
    ["/nope", "nope", "/etc/passwd", "/etc", "./nope", "/etc/passwd/x", ""],
)
def test_bad_command(docker: Api, see: Recorder, create: Creator, cmd: str) -> None:
    """A program that can't be run: the container stays, with the reason."""
    name = create(cmd, "argument")
    see("start", docker("POST", f"/containers/{name}/start"))
    found = docker("GET", f"/containers/{name}/json").body
    see("state", found["State"])
    see("networks", sorted(found["NetworkSettings"]["Networks"]))
    see("wait", docker("POST", f"/containers/{name}/wait"))


@pytest.mark.parametrize(
    "config",
    [
        {"User": "nosuchuser"},
        {"User": "0:nosuchgroup"},
        {"User": "99999999999"},
        {"WorkingDir": "/made/on/the/way"},
        {"HostConfig": {"NetworkMode": "nonet"}},
        {"HostConfig": {"NetworkMode": "none"}},
    ],
    ids=lambda config: str(config)[1:50],
)
def test_late_check(
    docker: Api, see: Recorder, create: Creator, config: dict[str, Any]
) -> None:
    """What is accepted at creation and refused at the start."""
    name = create("sleep 0.3; pwd", **config)
    see("start", docker("POST", f"/containers/{name}/start"))
    docker("POST", f"/containers/{name}/wait")
    see("state", docker("GET", f"/containers/{name}/json").body["State"])


@pytest.mark.parametrize(
    "content",
    ["#!/nope\n", "garbage", "#!/bin/sh\nexit 4\n"],
    ids=["nope", "junk", "ok"],
)
@pytest.mark.namespaces
def test_kernel_refuses(
    docker: Api, see: Recorder, create: Creator, tmp_path: Path, content: str
) -> None:
    """A file that execve refuses: the container runs, says so and exits 1."""
    tmp_path.chmod(0o755)
    program = tmp_path / "program"
    program.write_text(content)
    program.chmod(0o755)
    name = create.run("/s/program", "x", HostConfig={"Binds": [f"{tmp_path}:/s"]})
    state = docker("GET", f"/containers/{name}/json").body["State"]
    see("state", [state[key] for key in ("Status", "ExitCode", "Error")])
    logs = docker("GET", f"/containers/{name}/logs?stdout=1&stderr=1")
    see("logs", frames(logs.raw))


def test_not_there(docker: Api, see: Recorder) -> None:
    """Every verb on a container that doesn't exist."""
    for verb in ("start", "stop", "kill", "restart", "wait", "rename?name=x", "resize"):
        see(verb, docker("POST", f"/containers/nope/{verb}"))
    for what in ("json", "logs?stdout=1", "top", "changes"):
        see(what, docker("GET", f"/containers/nope/{what}"))
    see("delete", docker("DELETE", "/containers/nope"))


@pytest.mark.namespaces
def test_given(docker: Api, see: Recorder, create: Creator) -> None:
    """What a program finds: its environment, user, directory and PID."""
    config = {"Env": ["B=2", "A=1"], "Hostname": "worker", "WorkingDir": "/srv"}
    name = create.run(
        "env | grep -v ^PWD= | sort; id; pwd; hostname; echo $$; umask", **config
    )
    logs = docker("GET", f"/containers/{name}/logs?stdout=1")
    see("root", frames(logs.raw))
    name = create.run("env", "-u", "HOSTNAME", suffix="2", User="1000:33")
    logs = docker("GET", f"/containers/{name}/logs?stdout=1")
    see("user", sorted(text for _, text in frames(logs.raw)))
