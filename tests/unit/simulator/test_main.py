"""Tests of the simulator as a process: what it prints, and what it leaves."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

COMMAND = [sys.executable, "-m", "harness.simulator"]


class Simulator:
    """A running one."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self.process = subprocess.Popen(
            [*COMMAND, "--dir", str(directory), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def control(self, method: str, path: str, **given: Any) -> requests.Response:
        """Ask the control API."""
        kubernetes = self.ready["kubernetes"]
        given.setdefault(
            "headers", {"Authorization": f"Bearer {kubernetes['admin_token']}"}
        )
        return requests.request(
            method,
            f"{kubernetes['url']}/_simulator/{path}",
            verify=kubernetes["ca_file"],
            timeout=10,
            **given,
        )

    def end(self) -> int:
        """Close its stdin; its exit code."""
        self.process.communicate(timeout=10)
        return self.process.returncode


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """One at the fast pace."""
    made = Simulator(tmp_path / "sim", "--pace", "fast", "--seed", "7")
    yield made
    if made.process.poll() is None:
        made.process.kill()
    made.process.communicate()


def test_ready_line(simulator: Simulator) -> None:
    """Where it answers, how far it isolates, and how to repeat it."""
    ready = simulator.ready
    assert ready["docker"]["socket"] == str(simulator.directory / "docker.sock")
    assert ready["kubernetes"]["url"].startswith("https://127.0.0.1:")
    assert Path(ready["kubernetes"]["ca_file"]).read_text().startswith("-----BEGIN")
    assert len(ready["kubernetes"]["admin_token"]) >= 32
    assert ready["isolation"]["kind"] in ("namespaces", "none")
    assert (ready["pace"], ready["seed"]) == ("fast", "7")


def test_directory_is_private(simulator: Simulator) -> None:
    """Only its owner may look."""
    mode = simulator.directory.stat().st_mode
    assert stat.S_IMODE(mode) == 0o700


@pytest.mark.parametrize("how", ["stdin", "SIGTERM", "SIGINT"])
def test_clean_end(simulator: Simulator, how: str) -> None:
    """Exit 0; neither containers nor files are left."""
    simulator.control("PUT", "images/test", json={}).raise_for_status()
    client = docker.DockerClient(base_url=f"unix://{simulator.directory}/docker.sock")
    client.containers.run("test", ["sleep", "7777"], detach=True)
    client.close()
    assert _processes("7777")
    if how == "stdin":
        assert simulator.end() == 0
    else:
        simulator.process.send_signal(getattr(signal, how))
        assert simulator.process.wait(timeout=10) == 0
    assert not simulator.directory.exists()
    assert not _processes("7777")


def _processes(argument: str) -> list[str]:
    """The command lines with this last argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().rstrip(b"\0").decode(errors="replace")
        except OSError:
            continue
        if line.rpartition("\0")[2] == argument:
            found.append(line)
    return found


def test_killed(simulator: Simulator) -> None:
    """Even then no container lives on."""
    simulator.control("PUT", "images/test", json={}).raise_for_status()
    client = docker.DockerClient(base_url=f"unix://{simulator.directory}/docker.sock")
    client.containers.run("test", ["sleep", "7778"], detach=True)
    client.close()
    simulator.process.kill()
    simulator.process.wait()
    deadline = time.monotonic() + 5
    while _processes("7778") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _processes("7778")


def test_directory_with_something_in_it(tmp_path: Path) -> None:
    """It isn't taken, and what is in it stays."""
    (tmp_path / "mine").touch()
    ran = subprocess.run(
        [*COMMAND, "--dir", str(tmp_path)], capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert "is not empty" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "mine").exists()


def test_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """A message of what and where."""
    (tmp_path / "file").touch()
    ran = subprocess.run(
        [*COMMAND, "--dir", str(tmp_path / "file" / "sim")],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("simulator: cannot serve in")


def test_directory_that_is_too_deep(tmp_path: Path) -> None:
    """The path of a unix socket has at most 107 bytes: it is said."""
    ran = subprocess.run(
        [*COMMAND, "--dir", str(tmp_path / ("x" * 120))],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 2
    assert "too long" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic x"])
def test_control_needs_the_token(simulator: Simulator, token: str | None) -> None:
    """A subject's token isn't enough."""
    headers = {"Authorization": token} if token else {}
    answer = simulator.control("GET", "gaps", headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "nope", None, 404, "no GET nope here; there are: PUT images/"),
        ("PUT", "pace", {"pace": "slow"}, 400, 'want {"pace": "real"}'),
        ("PUT", "images/A", {}, 400, "repository name must be lowercase"),
        ("PUT", "images/a", {"root": "/no/such"}, 400, "root /no/such is no directory"),
        ("PUT", "host-paths", {"dokcer": {}}, 400, 'want {"docker":'),
        ("GET", "nodes/n/path", None, 400, "want ?path=/an/absolute/path"),
    ],
)
def test_control_explains(
    simulator: Simulator,
    method: str,
    path: str,
    body: object,
    status: int,
    message: str,
) -> None:
    """What was wrong, and what is wanted."""
    answer = simulator.control(method, path, json=body)
    assert answer.status_code == status
    assert message in answer.json()["message"]


def test_control_takes_only_json(simulator: Simulator) -> None:
    """A body that isn't is refused."""
    answer = simulator.control("PUT", "pace", data="{")
    assert answer.status_code == 400
    assert "no JSON" in answer.json()["message"]


def test_control_settings(simulator: Simulator) -> None:
    """Pace, mapped paths and images, and where a node's path lies."""
    assert simulator.control("PUT", "pace", json={"pace": "real"}).json() == {
        "pace": "real"
    }
    paths = {"docker": {"/data": "/tmp"}, "nodes": {"*": {"/mnt": "/tmp"}}}
    assert simulator.control("PUT", "host-paths", json=paths).status_code == 200
    mapped = simulator.control("GET", "nodes/n/path?path=/mnt/x").json()
    assert mapped == {"path": "/tmp/x"}
    below = simulator.control("GET", "nodes/n/path?path=/var/x").json()
    assert below == {"path": f"{simulator.directory}/nodes/n/var/x"}


def test_image_name_with_slashes(simulator: Simulator) -> None:
    """And a port, and a tag."""
    name = "localhost:5000/org/worker:1.2"
    assert simulator.control("PUT", f"images/{name}", json={}).status_code == 200
    client = docker.DockerClient(base_url=f"unix://{simulator.directory}/docker.sock")
    assert client.images.get(name).tags == [name]
    client.close()


def test_same_seed_same_ids(tmp_path: Path) -> None:
    """Two runs with one seed give the same ids to the same requests."""
    ids = []
    for run in ("a", "b"):
        simulator = Simulator(tmp_path / run, "--pace", "fast", "--seed", "same")
        simulator.control("PUT", "images/test", json={}).raise_for_status()
        client = docker.DockerClient(
            base_url=f"unix://{simulator.directory}/docker.sock"
        )
        made = client.containers.create("test", ["true"])
        network = client.networks.create("app")
        ids.append((made.id, made.name, network.id))
        client.close()
        assert simulator.end() == 0
    assert ids[0] == ids[1]


def test_without_a_parent(tmp_path: Path) -> None:
    """With no pipe for stdin it serves until it is told to end."""
    process = subprocess.Popen(
        [*COMMAND, "--dir", str(tmp_path / "sim")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(ready["docker"]["socket"])
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    process.stdout.close()
