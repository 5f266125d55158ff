"""Logs: streams, frames, times, and what is left out."""

import threading
import time

import pytest

from ..recorder import Recorder
from ..wire import Api, frames
from .conftest import Creator

pytestmark = pytest.mark.recorded("docker-20.10")

_TWO = "echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three"


def _logs(docker: Api, name: str, query: str) -> list[tuple[int, str]]:
    return frames(docker("GET", f"/containers/{name}/logs?{query}").raw)


def test_head(docker: Api, see: Recorder, create: Creator) -> None:
    """Before API 1.42 the stream has no Content-Type."""
    name = create.run("echo x")
    see("logs", docker("GET", f"/containers/{name}/logs?stdout=1"), body=False)
    see("none", docker("GET", f"/containers/{name}/logs"))
    see("both off", docker("GET", f"/containers/{name}/logs?stdout=0&stderr=false"))


@pytest.mark.parametrize("query", ["stdout=1", "stderr=1", "stdout=1&stderr=1"])
def test_streams(docker: Api, see: Recorder, create: Creator, query: str) -> None:
    """One frame for each line, the last one without a newline if it had none."""
    name = create.run(_TWO)
    see("frames", _logs(docker, name, query))


def test_timestamps(docker: Api, see: Recorder, create: Creator) -> None:
    """Each line is preceded by its time, nine digits always."""
    name = create.run(_TWO)
    found = _logs(docker, name, "stdout=1&stderr=1&timestamps=1")
    see("digits", [len(text.split()[0]) for _, text in found])
    see("texts", [text.split(" ", 1)[1] for _, text in found])


@pytest.mark.parametrize("tail", ["0", "1", "2", "9", "all", "-1", "abc", ""])
def test_tail(docker: Api, see: Recorder, create: Creator, tail: str) -> None:
    """The last lines of both streams together; nonsense means all."""
    name = create.run(_TWO)
    see("frames", _logs(docker, name, f"stdout=1&stderr=1&tail={tail}"))
    see("one stream", _logs(docker, name, f"stdout=1&tail={tail}"))


def test_since(docker: Api, see: Recorder, create: Creator) -> None:
    """Times in seconds with a fraction, or in words that aren't understood."""
    name = create.run("echo one; sleep 1.2; echo two; sleep 1.2; echo three")
    lines = _logs(docker, name, "stdout=1&timestamps=1")
    second = lines[1][1].split()[0]
    whole = time.strptime(second[:19], "%Y-%m-%dT%H:%M:%S")
    epoch = int(time.mktime(whole)) - time.timezone
    exact = f"{epoch}.{second[20:29]}"
    see("since", _logs(docker, name, f"stdout=1&since={exact}"))
    see("until", _logs(docker, name, f"stdout=1&until={exact}"))
    see("both", _logs(docker, name, f"stdout=1&since={exact}&until={exact}"))
    see("tail", _logs(docker, name, f"stdout=1&since={exact}&tail=1"))
    see("future", _logs(docker, name, f"stdout=1&since={epoch + 1000}"))
    see("zero", _logs(docker, name, "stdout=1&since=0&until=0"))
    for bad in ("abc", "-", "2026-01-02T03:04:05Z"):
        answer = docker("GET", f"/containers/{name}/logs?stdout=1&since={bad}")
        see(f"bad {bad}", [answer.status, answer.body])


def test_long_lines(docker: Api, see: Recorder, create: Creator) -> None:
    """A line of more than 16 KiB comes in several frames."""
    for length in (16383, 16384, 16385, 40000):
        script = f"head -c {length} /dev/zero | tr '\\0' x; echo; echo end"
        name = create.run(script, suffix=str(length))
        found = _logs(docker, name, "stdout=1")
        see(str(length), [[len(text), text[-1]] for _, text in found])
        stamped = _logs(docker, name, "stdout=1&timestamps=1")
        see(f"{length} stamped", [len(text) for _, text in stamped])
        see(
            f"{length} tail",
            [len(t) for _, t in _logs(docker, name, "stdout=1&tail=2")],
        )


def test_bytes(docker: Api, see: Recorder, create: Creator) -> None:
    """What isn't text: a record can't hold it, so the driver replaces some of it."""
    script = r"printf 'a\000b\n'; printf '\377\376\n'; printf 'x\r\ny\rz\n'"
    name = create.run(script)
    raw = docker("GET", f"/containers/{name}/logs?stdout=1").raw
    see("bytes", raw.hex(" "))


def test_follow(docker: Api, see: Recorder, create: Creator) -> None:
    """Follow ends with the container; of one that doesn't run, at once."""
    name = create(f"{_TWO}; echo")
    see("created", _logs(docker, name, "stdout=1&follow=1"))
    docker("POST", f"/containers/{name}/start")
    see("running", _logs(docker, name, "stdout=1&stderr=1&follow=1"))
    docker("POST", f"/containers/{name}/wait")
    see("ended", _logs(docker, name, "stdout=1&stderr=1&follow=1"))
    docker("POST", f"/containers/{name}/start")
    docker("POST", f"/containers/{name}/wait")
    see("twice", _logs(docker, name, "stdout=1&stderr=1"))


@pytest.mark.simulator_only("the real one loses it mostly, not always: 5 of 6")
def test_follow_unfinished(docker: Api, create: Creator) -> None:
    """A last line without newline is in the log, but its follower misses it."""
    name = create("echo one; sleep 0.3; printf two")
    docker("POST", f"/containers/{name}/start")
    assert _logs(docker, name, "stdout=1&follow=1") == [(1, "one\n")]
    docker("POST", f"/containers/{name}/wait")
    assert _logs(docker, name, "stdout=1") == [(1, "one\n"), (1, "two")]


def test_follow_removed(docker: Api, see: Recorder, create: Creator) -> None:
    """Removing the container ends the stream."""
    name = create("echo x; sleep 60")
    docker("POST", f"/containers/{name}/start")
    with docker.stream("GET", f"/containers/{name}/logs?stdout=1&follow=1") as logs:
        see("first", frames(logs.read(10)))
        docker("DELETE", f"/containers/{name}?force=1")
        see("rest", logs.read().decode())


def test_attach(docker: Api, see: Recorder, create: Creator) -> None:
    """The raw stream after a hijacked connection, with and without Upgrade."""
    name = create.run("echo out; echo err >&2; exit 2")
    for upgrade in (True, False):
        path = f"/containers/{name}/attach?stdout=1&stderr=1&logs=1"
        status, headers, raw = docker.hijack(path, upgrade=upgrade)
        headers.pop("X-Qfc-Simulator", None)
        see("head", [status, headers])
        see("frames", sorted(frames(raw)))
    see("none", docker("POST", f"/containers/{name}/attach"))
    see("no container", docker("POST", "/containers/nope/attach?stdout=1&stream=1"))


def test_attach_ended(docker: Api, see: Recorder, create: Creator) -> None:
    """The stream of a container that has ended waits for its next run."""
    name = create.run("sleep 0.2; echo out")
    path = f"/containers/{name}/attach?stdout=1&stream=1"
    starter = threading.Timer(0.5, lambda: docker("POST", f"/containers/{name}/start"))
    starter.start()
    began = time.monotonic()
    _, _, raw = docker.hijack(path, upgrade=True)
    starter.join()
    see("waited", time.monotonic() - began > 0.5)
    see("frames", frames(raw))


def test_attach_live(docker: Api, see: Recorder, create: Creator) -> None:
    """Attached before its start, one sees all that it writes, and then the end."""
    name = create("echo one; sleep 0.1; printf two; sleep 0.1; echo three >&2")
    starter = threading.Timer(0.3, lambda: docker("POST", f"/containers/{name}/start"))
    starter.start()
    _, _, raw = docker.hijack(
        f"/containers/{name}/attach?stream=1&stdout=1&stderr=1", upgrade=True
    )
    starter.join()
    see("frames", frames(raw))
