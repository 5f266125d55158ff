"""pods/log: what is answered when, and which part of the log."""

import re

import pytest

from .space import pod

pytestmark = pytest.mark.recorded("kubernetes-1.34")


def _log(space, name, query=""):
    return space("GET", "pods", f"{name}/log", query=query)


def _ended(space, script, **spec):
    space.create("pods", pod("p", "sh", "-c", script, **spec))
    space.wait_phase("p", "Succeeded", "Failed")


def test_whole(space, see):
    """Both streams in one, as text."""
    _ended(space, "echo one; sleep 0.1; echo two >&2; sleep 0.1; printf three")
    answer = _log(space, "p")
    see("log", [answer.status, answer.headers["Content-Type"], answer.body])


def test_bytes(space, see):
    """What is no UTF-8 comes as it was written."""
    _ended(space, "printf 'a\\377\\000b\\n'")
    see("log", list(_log(space, "p").raw))


@pytest.mark.parametrize(
    "query", ["tailLines=2", "tailLines=0", "limitBytes=5", "tailLines=2&limitBytes=3"]
)
def test_part(space, see, query):
    """The last lines, the first bytes."""
    _ended(space, "seq 5")
    see("log", _log(space, "p", query).body)


def test_timestamps(space, see):
    """Each line with its time, in nanoseconds."""
    _ended(space, "echo one; sleep 0.1; echo two")
    lines = _log(space, "p", "timestamps=true").body.splitlines()
    times = [line.split(" ", 1) for line in lines]
    see("lines", [[re.sub(r"\d", "9", stamp), text] for stamp, text in times])
    see("in order", times[0][0] < times[1][0])
    see("since", _log(space, "p", f"sinceTime={times[0][0]}").body.splitlines()[-1])


@pytest.mark.parametrize(
    "query",
    [
        "tailLines=-1",
        "tailLines=x",
        "sinceSeconds=0",
        "limitBytes=0",
        "sinceSeconds=5&sinceTime=2020-01-01T00:00:00Z",
        "container=zz",
        "previous=true",
    ],
)
def test_bad_options(space, see, query):
    """Options that make no sense are 400 or 422."""
    _ended(space, "true")
    see("log", _log(space, "p", query))


def test_no_pod(space, see):
    """No pod: 404."""
    see("log", _log(space, "nope"))


def test_not_scheduled(space, see):
    """A pod on no node: 204, and nothing."""
    space.create("pods", pod("p", "true", schedulerName="nobody"))
    answer = _log(space, "p")
    see("log", [answer.status, answer.body])


def test_waiting(space, see):
    """A container that hasn't started: 400, with the reason."""
    image = {"image": "nope:1", "imagePullPolicy": "Never"}
    space.create("pods", pod("p", "true", c=image))
    space.wait(
        "pods",
        "p",
        lambda p: "ErrImageNeverPull" in str(p["status"].get("containerStatuses")),
    )
    see("log", _log(space, "p"))


def test_several_containers(space, see):
    """Which container is for the client to say."""
    body = pod("p", "true", schedulerName="nobody")
    body["spec"]["containers"].append({"name": "d", "image": "x"})
    init = [{"name": "i", "image": "x"}]
    space.create("pods", body)
    see("two", _log(space, "p"))
    body["metadata"]["name"] = "q"
    body["spec"]["initContainers"] = init
    space.create("pods", body)
    see("with init", _log(space, "q"))


def test_start_error(space, see):
    """A container that could not be started has an empty log."""
    space.create("pods", pod("p", "/nope"))
    space.wait_phase("p", "Failed")
    see("log", [_log(space, "p").status, _log(space, "p").body])


def test_follow(space, see):
    """Following ends with the container."""
    space.create("pods", pod("p", "sh", "-c", "echo one; sleep 3; echo two"))
    space.wait_phase("p", "Running")
    path = space.path("pods", "p/log", query="follow=true")
    with space.server.stream("GET", path) as answer:
        see("log", answer.read().decode())


def test_previous(space, see):
    """The log of the run before."""
    body = pod("p", "sh", "-c", "echo run; sleep 1; exit 1", restartPolicy="OnFailure")
    space.create("pods", body)
    space.wait(
        "pods",
        "p",
        lambda p: p["status"].get("containerStatuses", [{}])[0].get("restartCount"),
    )
    see("previous", _log(space, "p", "previous=true").body)


def test_long_line(space, see):
    """A line longer than the runtime's frame comes in one piece."""
    _ended(space, "head -c 40000 /dev/zero | tr '\\0' x; echo; echo end")
    body = _log(space, "p").body
    see("lengths", [len(line) for line in body.splitlines()])
    stamped = _log(space, "p", "timestamps=true").body
    see("stamped", [len(line) for line in stamped.splitlines()])
