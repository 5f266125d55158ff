"""Faults: which call is struck, and what its client sees of it."""

import json
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

import pytest

from harness.tap.faults import Fault, Faults

from .backend import answer, connect, read_exactly, read_head
from .conftest import Point

Make = Callable[..., AbstractContextManager[Point]]
CREATE = (
    b"POST /v1.41/containers/create?name=w HTTP/1.1\r\nHost: d\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)
WAIT = b"POST /containers/1a/wait HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n"
LOGS = b"GET /containers/1a/logs?stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n"
WATCH = b"GET /api/v1/namespaces/n/pods?watch=true HTTP/1.1\r\nHost: k\r\n\r\n"
JOBS = (
    b"POST /apis/batch/v1/namespaces/n/jobs HTTP/1.1\r\nHost: k\r\n"
    b'Content-Length: 28\r\n\r\n{"metadata": {"name": "j1"}}'
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def fault(at: str, kind: str, **more) -> Fault:
    return Fault(number=1, at=at, kind=kind, **more)


def made(*bodies: bytes):
    """A backend that answers each request with the next of these, and counts them."""
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        for body in bodies:
            head = read_head(connection)
            if not head:
                return
            seen.append(head)
            size = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
            if size:
                connection.recv(int(size))
            connection.sendall(body)
        connection.recv(1)

    return script, seen


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def frame(payload: bytes) -> bytes:
    return b"\x01\0\0\0" + len(payload).to_bytes(4, "big") + payload


def ask(path, request: bytes) -> bytes:
    """All that a client gets until the connection's end."""
    with connect(path) as client:
        client.sendall(request)
        got = b""
        while data := client.recv(65536):
            got += data
        return got


def exchange(client: socket.socket, request: bytes) -> bytes:
    """One whole answer of a known length."""
    client.sendall(request)
    head = read_head(client)
    size = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
    return head + read_exactly(client, int(size))


def body_of(got: bytes) -> bytes:
    return got.partition(b"\r\n\r\n")[2]


def test_an_answer_in_the_backends_place(point: Make) -> None:
    """Times times, then the backend is asked again, on the same connection."""
    script, seen = made(answer(b"made"))
    wanted = fault("create", "answer", status=500, times=2)
    with point(script, wanted) as tapped, connect(tapped.path) as client:
        for _ in range(2):
            assert exchange(client, CREATE).startswith(b"HTTP/1.1 500")
        assert exchange(client, CREATE).endswith(b"made")
        calls = tapped.calls(3)
    assert len(seen) == 1
    assert [call.fault for call in calls] == [wanted.label, wanted.label, ""]
    assert [call.injected for call in calls] == [True, True, False]
    assert calls[0].json() == {"message": "context deadline exceeded"}


def test_the_nth_call_is_struck(point: Make) -> None:
    """Others pass."""
    script, _ = made(answer(b"1"), answer(b"3"))
    wanted = fault("POST containers/create", "answer", status=409, nth=2)
    with point(script, wanted) as tapped, connect(tapped.path) as client:
        statuses = []
        for _ in range(3):
            statuses.append(exchange(client, CREATE).split()[1])
        text = tapped.calls(3)[1].message
    assert statuses == [b"200", b"409", b"200"]
    assert 'The container name "/w" is already in use' in text


def test_too_many_requests_has_its_header_and_is_no_json(point: Make) -> None:
    """As kube-apiserver's priority and fairness answers."""
    script, _ = made()
    with (
        point(
            script, fault("POST jobs", "answer", status=429, retry_after_s=1.0)
        ) as tapped,
        connect(tapped.path) as client,
    ):
        got = exchange(client, JOBS)
    assert b"Retry-After: 1\r\n" in got
    assert got.endswith(b"Too many requests, please try again later.\n")


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (401, "Unauthorized", "Unauthorized"),
        (403, "Forbidden", 'cannot create resource "jobs" in API group "batch"'),
        (409, "AlreadyExists", 'jobs.batch "j1" already exists'),
        (500, None, "etcdserver: leader changed"),
        (503, "ServiceUnavailable", "currently unable"),
        (504, "Timeout", "did not complete"),
    ],
)
def test_kubernetes_refuses_in_its_own_words(
    point: Make, status: int, reason: str | None, words: str
) -> None:
    """A Status, of the object that was asked for."""
    script, seen = made()
    wanted = fault("create jobs", "answer", status=status)
    with point(script, wanted) as tapped, connect(tapped.path) as client:
        found = json.loads(body_of(exchange(client, JOBS)))
    assert (found["code"], found.get("reason")) == (status, reason)
    assert words in found["message"]
    assert seen == []


def test_a_lost_answer_is_known_to_us_alone(point: Make) -> None:
    """The backend did it; the client sees the connection end."""
    script, seen = made(answer(b'{"Id": "1"}', "201 Created"))
    with point(script, fault("create", "lose_answer")) as tapped:
        assert ask(tapped.path, CREATE) == b""
        (call,) = tapped.calls(1)
    assert (call.status, call.json(), call.injected) == (201, {"Id": "1"}, False)
    assert len(seen) == 1


def test_a_reset_comes_before_the_backend_hears_of_it(point: Make) -> None:
    """Nothing was done."""
    script, seen = made()
    with point(script, fault("create", "reset")) as tapped:
        with suppress(ConnectionResetError):
            assert ask(tapped.path, CREATE) == b""
        assert tapped.calls(1)[0].injected
    assert seen == []


def test_refused_for_good(point: Make) -> None:
    """As if the daemon had ended: also for those who come anew."""
    script, _ = made()
    with point(script, fault("create", "refuse")) as tapped:
        assert ask(tapped.path, CREATE) == b""
        with pytest.raises(ConnectionRefusedError):
            connect(tapped.path)


def test_cut_in_the_middle_of_a_frame(point: Make) -> None:
    """After those that came whole; heads and payloads may come in pieces."""
    one, two = frame(b"one"), frame(b"two two!")
    pieces = chunk(one[:3]) + chunk(one[3:] + two[:6]) + chunk(two[6:]) + chunk(b"")
    script, _ = made(CHUNKED + pieces)
    with point(script, fault("log", "cut", after=1)) as tapped:
        got = ask(tapped.path, LOGS)
    assert b"one" in got
    assert two not in got
    assert not got.endswith(b"0\r\n\r\n")


def test_cut_in_the_middle_of_an_event(point: Make) -> None:
    """A line of a watch."""
    script, _ = made(CHUNKED + chunk(b"first\nsecond\n"))
    with point(script, fault("watch pods", "cut", after=1)) as tapped:
        got = ask(tapped.path, WATCH)
        assert tapped.calls(1)[0].fault
    assert b"first\nsec" in got
    assert b"second\n" not in got


def test_410_in_the_middle_of_a_watch(point: Make) -> None:
    """With status 200, as an event."""
    script, _ = made(CHUNKED + chunk(b"first\nsecond\n"))
    with point(script, fault("watch", "answer", status=410, after=1)) as tapped:
        got = ask(tapped.path, WATCH)
    assert b"first\n" in got
    assert b"second" not in got
    assert b'"ERROR"' in got
    assert b"too old resource version" in got
    assert got.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("after", [None, 0])
def test_silence_until_the_client_gives_up(point: Make, after: int | None) -> None:
    """Before the head, or after it."""
    script, _ = made(CHUNKED + chunk(b'{"StatusCode": 0}\n'))
    with point(script, fault("watch", "stall", after=after)) as tapped:
        with connect(tapped.path) as client:
            client.settimeout(0.3)
            client.sendall(WAIT)
            if after == 0:
                assert client.recv(65536) == CHUNKED
            with pytest.raises(TimeoutError):
                client.recv(65536)
        call = tapped.calls(1)[0]
    assert call.fault


def test_a_stream_that_ends_before_it_is_not_struck(point: Make) -> None:
    """Who waits for a fault in vain is told: it has no mark."""
    script, _ = made(answer(b"only one\n"))
    with point(script, fault("watch pods", "cut", after=3)) as tapped:
        with connect(tapped.path) as client:
            assert exchange(client, WATCH).endswith(b"only one\n")
        assert tapped.calls(1)[0].fault == ""


def test_faults_are_armed_from_another_process() -> None:
    """As they were written for it."""
    faults = Faults()
    faults.arm([fault("*", "reset").as_json()])
    assert list(faults._met) == [fault("*", "reset")]
