"""Tests with the docker command itself."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.docker_cli,
    pytest.mark.skipif(
        not shutil.which("docker") and os.environ.get("QFC_REQUIRE_DOCKER_CLI") != "1",
        reason="no docker command on PATH",
    ),
]

Docker = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def docker(simulator: dict[str, Any], tmp_path: Path) -> Iterator[Docker]:
    """The command, talking to the simulator."""
    env = {
        **os.environ,
        "DOCKER_HOST": f"unix://{simulator['docker']['socket']}",
        "DOCKER_CONFIG": str(tmp_path),
    }

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["docker", *arguments],
            env=env,
            text=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
        )

    yield run
    for container in run("ps", "-aq").stdout.split():
        run("rm", "-f", container)


def test_run(docker: Docker) -> None:
    """Output on its own streams, and the program's exit code."""
    ran = docker("run", "--rm", "test", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "out\n", "err\n")
    assert docker("ps", "-aq").stdout == ""


@pytest.mark.parametrize(
    ("argv", "code"), [(("/nope",), 127), (("/etc",), 126), (("-w", "x", "true"), 125)]
)
def test_exit_codes_of_docker(docker: Docker, argv: tuple[str, ...], code: int) -> None:
    """125 the engine, 126 not executable, 127 not found."""
    options = argv[:-1] if argv[0] == "-w" else ()
    command = argv[-1]
    assert docker("run", "--rm", *options, "test", command).returncode == code


def test_detached(docker: Docker) -> None:
    """run -d, ps, logs -f, wait, inspect, rm."""
    script = "for i in 1 2; do echo $i; sleep 0.2; done; exit 5"
    started = docker(
        "run", "-d", "--name", "job", "-l", "a=b", "test", "sh", "-c", script
    )
    assert len(started.stdout.strip()) == 64
    assert docker("ps", "--filter", "label=a=b", "--format", "{{.Names}}").stdout == (
        "job\n"
    )
    assert docker("logs", "-f", "job").stdout == "1\n2\n"
    assert docker("wait", "job").stdout == "5\n"
    shown = docker(
        "inspect", "job", "--format", "{{.State.Status}} {{.State.ExitCode}}"
    )
    assert shown.stdout == "exited 5\n"
    assert docker("rm", "job").stdout == "job\n"
    assert "no such object: job" in docker("inspect", "job").stderr.lower()


def test_kill_and_stop(docker: Docker) -> None:
    """Both end a container; the numbers tell how."""
    docker("run", "-d", "--name", "deaf", "test", "sleep", "60")
    assert docker("kill", "deaf").returncode == 0
    assert docker("wait", "deaf").stdout == "137\n"
    docker("start", "deaf")
    before = time.monotonic()
    assert docker("stop", "-t", "1", "deaf").returncode == 0
    assert 0.9 < time.monotonic() - before < 5
    assert "is not running" in docker("kill", "deaf").stderr


def test_volume(docker: Docker) -> None:
    """Made, used, listed, kept while used, removed."""
    assert docker("volume", "create", "data").stdout == "data\n"
    docker("run", "--name", "user", "-v", "data:/d", "test", "touch", "/d/x")
    assert "volume is in use" in docker("volume", "rm", "data").stderr
    docker("rm", "user")
    assert docker("run", "--rm", "-v", "data:/d:ro", "test", "ls", "/d").stdout == "x\n"
    assert docker("volume", "ls", "-q").stdout == "data\n"
    assert docker("volume", "rm", "data").stdout == "data\n"


def test_network(docker: Docker) -> None:
    """Made, used, inspected, removed."""
    docker("network", "create", "app")
    docker("run", "-d", "--name", "web", "--network", "app", "test", "sleep", "60")
    inside = "{{range .Containers}}{{.Name}}{{end}}"
    assert docker("network", "inspect", "app", "-f", inside).stdout == "web\n"
    hosts = docker("run", "--rm", "--network", "app", "test", "cat", "/etc/hosts")
    assert "127.0.0.1\tweb" in hosts.stdout
    docker("rm", "-f", "web")
    assert docker("network", "rm", "app").stdout == "app\n"


def test_events(docker: Docker) -> None:
    """What was, since a moment."""
    since = f"{time.time():.9f}"
    docker("run", "--name", "told", "test", "sh", "-c", "exit 3")
    until = f"{time.time():.9f}"
    told = docker(
        *("events", "--since", since, "--until", until),
        *("--filter", "container=told", "--format", "{{.Action}}"),
    )
    assert told.stdout.split() == ["create", "attach", "start", "die"]


def test_copy(docker: Docker, tmp_path: Path) -> None:
    """Into a mount and out of it."""
    (tmp_path / "given").write_text("x")
    docker("create", "--name", "box", "-v", "boxed:/d", "test")
    assert docker("cp", str(tmp_path / "given"), "box:/d/").returncode == 0
    assert docker("cp", "box:/d/given", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back").read_text() == "x"
    docker("rm", "-v", "box")
    docker("volume", "rm", "boxed")


@pytest.mark.parametrize(
    "arguments",
    [
        ("exec", "running", "true"),
        ("run", "--rm", "--privileged", "test"),
        ("run", "--rm", "-i", "test", "cat"),
        ("run", "--restart", "always", "-d", "test"),
        ("system", "df"),
        ("pause", "running"),
    ],
    ids=" ".join,
)
def test_refused(docker: Docker, arguments: tuple[str, ...]) -> None:
    """What isn't modelled is said, not pretended."""
    docker("run", "-d", "--name", "running", "test", "sleep", "60")
    refused = docker(*arguments)
    assert refused.returncode != 0
    assert "does not model" in refused.stderr
