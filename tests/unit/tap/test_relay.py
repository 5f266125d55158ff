"""Requests and answers pass the tap unchanged and without delay, and are noted."""

import hashlib
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.client import HTTPResponse
from pathlib import Path

import pytest

from harness.tap.journal import KEEP_LOG, KEEP_REQUEST, KEEP_RESPONSE
from harness.tap.tap import Tap

from .backend import (
    GET,
    Script,
    always,
    answer,
    backend,
    connect,
    read_exactly,
    read_head,
)
from .conftest import Point

MakePoint = Callable[[Script], AbstractContextManager[Point]]
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def _response(client: socket.socket, method: str = "GET") -> HTTPResponse:
    response = HTTPResponse(client, method=method)
    response.begin()
    return response


def test_an_answer_comes_as_it_was_sent(point: MakePoint) -> None:
    """Status, reason, headers with their case, body."""
    sent = answer(b"body", "418 I'm a teapot", "X-Odd-CASE: Yes", "Content-Type: a/b")
    with point(always(sent)) as at, connect(at.path) as client:
        client.sendall(GET)
        assert read_exactly(client, len(sent)) == sent


def test_a_request_comes_as_it_was_sent(point: MakePoint) -> None:
    """Method, target, headers, body."""
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        seen.extend([read_head(connection), read_exactly(connection, 4)])
        connection.sendall(answer())

    head = (
        b"POST /x%2Fy?z=%20 HTTP/1.1\r\n"
        b"Host: d\r\nX-Odd: 1\r\nContent-Length: 4\r\n\r\n"
    )
    with point(script) as at, connect(at.path) as client:
        client.sendall(head + b"body")
        assert _response(client).status == 200
    assert seen == [head, b"body"]


def test_a_call_is_noted(point: MakePoint) -> None:
    """Method, target, status, bodies, time."""
    with point(always(answer(b'{"Id": 1}', "201 Created"))) as at:
        with connect(at.path) as client:
            client.sendall(GET)
            _response(client).read()
        (call,) = at.calls(1)
    assert (call.method, call.target, call.status) == ("GET", "/a?b=c", 201)
    assert call.response == b'{"Id": 1}'
    assert 0 <= call.seconds < 10
    assert call.gap is False


def test_a_gap_of_the_simulator_is_noted(point: MakePoint) -> None:
    """By its header."""
    with point(always(answer(b"", "501 X", "X-QFC-Simulator: gap"))) as at:
        with connect(at.path) as client:
            client.sendall(GET)
            _response(client)
        assert at.calls(1)[0].gap is True


def test_connections_are_kept_open(point: MakePoint) -> None:
    """Three requests of one client are one connection behind the tap too."""
    with point(always(answer(b"1"), answer(b"2"), answer(b"3"))) as at:
        with connect(at.path) as client:
            bodies = []
            for _ in range(3):
                client.sendall(GET)
                bodies.append(_response(client).read())
        assert bodies == [b"1", b"2", b"3"]
        assert len(at.came) == 1
        at.calls(3)


def test_requests_sent_ahead_are_answered_in_order(point: MakePoint) -> None:
    """What comes before its turn isn't lost."""
    sent = [answer(b"1"), answer(b"2"), answer(b"3")]
    with point(always(*sent)) as at, connect(at.path) as client:
        client.sendall(GET * 3)
        whole = b"".join(sent)
        assert read_exactly(client, len(whole)) == whole


def test_many_quick_requests_are_all_answered(point: MakePoint) -> None:
    """A client that asks again in the moment of the answer."""
    count = 400
    sent = answer(b"x")
    with point(always(*[sent] * count)) as at, connect(at.path) as client:
        for _ in range(count):
            client.sendall(GET)
            assert read_exactly(client, len(sent)) == sent


def test_pieces_are_passed_on_at_once(point: MakePoint) -> None:
    """A watch shows an event when it happens, not when it ends."""
    got_it = threading.Event()

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(CHUNKED + b"5\r\nfirst\r\n")
        assert got_it.wait(10)
        connection.sendall(b"6\r\nsecond\r\n0\r\n\r\n")

    with point(script) as at, connect(at.path) as client:
        client.sendall(GET)
        response = _response(client)
        assert response.read1(100) == b"first"
        got_it.set()
        assert response.read() == b"second"


def test_a_head_is_passed_on_before_its_body(point: MakePoint) -> None:
    """A watch on which nothing happens has begun all the same."""
    got_it = threading.Event()

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(CHUNKED)
        assert got_it.wait(10)

    with point(script) as at, connect(at.path) as client:
        client.sendall(GET)
        assert _response(client).status == 200
        got_it.set()


def test_the_backend_notices_when_the_client_goes(point: MakePoint) -> None:
    """A watch that nobody reads any more must not stay open."""
    closed = threading.Event()

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(CHUNKED)
        if connection.recv(1) == b"":
            closed.set()

    with point(script) as at:
        client = connect(at.path)
        client.sendall(GET)
        _response(client).close()
        client.close()
        assert closed.wait(5)
        assert at.calls(1)[0].status == 200


def test_the_client_notices_when_the_backend_goes(point: MakePoint) -> None:
    """A body that breaks off is one that breaks off for the client too."""

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    with point(script) as at:
        with connect(at.path) as client:
            client.sendall(GET)
            read_head(client)
            assert read_exactly(client, 100) == b"half"
        assert at.calls(1)[0].status == 200


def test_an_answer_without_a_length_ends_with_its_connection(point: MakePoint) -> None:
    """As HTTP/1.0 has it, and Docker's raw streams."""

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")

    with point(script) as at, connect(at.path) as client:
        client.sendall(GET)
        assert _response(client).read() == b"all of it"


def test_no_backend_is_a_connection_that_closes(tap: Tap, short_tmp: Path) -> None:
    """The client sees what it would see without the tap; the call is noted."""
    path = short_tmp / "tap"
    with tap.on_socket(path, short_tmp / "nobody") as journal:
        with connect(path) as client:
            client.sendall(GET)
            assert client.recv(100) == b""
        assert [call.status for call in journal.calls()] == [0]


def test_a_backend_that_hangs_up_is_noted(point: MakePoint) -> None:
    """Status 0: there was no answer."""
    with point(lambda connection: None) as at:
        with connect(at.path) as client:
            client.sendall(GET)
            assert client.recv(100) == b""
        assert at.calls(1)[0].status == 0


@pytest.mark.parametrize(
    ("path", "keep"),
    [("/images/load", KEEP_RESPONSE), ("/containers/1/logs", KEEP_LOG)],
)
def test_large_bodies_pass_and_their_beginning_is_kept(
    point: MakePoint, path: str, keep: int
) -> None:
    """More of a log than of anything else."""
    size = 8 * 1024**2
    body = bytes(range(256)) * (size // 256)
    digest = hashlib.sha256(body).hexdigest()
    seen: list[str] = []

    def script(connection: socket.socket) -> None:
        read_head(connection)
        seen.append(hashlib.sha256(read_exactly(connection, size)).hexdigest())
        connection.sendall(answer(body))

    head = f"POST {path} HTTP/1.1\r\nHost: d\r\nContent-Length: {size}\r\n\r\n"
    with point(script) as at:
        with connect(at.path) as client:
            client.sendall(head.encode() + body)
            seen.append(hashlib.sha256(_response(client, "POST").read()).hexdigest())
        (call,) = at.calls(1)
    assert seen == [digest, digest]
    assert call.request == body[:KEEP_REQUEST]
    assert call.response == body[:keep]
    assert call.response_size == size
    assert not call.is_whole


def test_a_body_in_chunks_passes(point: MakePoint) -> None:
    """Of a request, too."""

    def script(connection: socket.socket) -> None:
        read_head(connection)
        body = b""
        while not body.endswith(b"0\r\n\r\n"):
            body += connection.recv(100)
        connection.sendall(answer(body))

    with point(script) as at:
        with connect(at.path) as client:
            client.sendall(
                b"POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            )
            assert b"abc" in _response(client).read()
        assert at.calls(1)[0].request == b"abcde"


def test_an_answer_to_head_has_no_body(point: MakePoint) -> None:
    """Its Content-Length promises none."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    with point(always(head, answer(b"next"))) as at, connect(at.path) as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: d\r\n\r\n")
        assert _response(client, "HEAD").read() == b""
        client.sendall(GET)
        assert _response(client).read() == b"next"


def test_a_changed_protocol_is_a_plain_pipe(point: MakePoint) -> None:
    """Docker's attach: both ways, also what was typed early, and half closed."""
    switch = (
        b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nwelcome"
    )
    typed: list[bytes] = []

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(switch)
        while data := connection.recv(100):
            typed.append(data)
            connection.sendall(data.upper())
        connection.sendall(b"bye")

    with point(script) as at:
        with connect(at.path) as client:
            client.sendall(
                b"POST /containers/1/attach HTTP/1.1\r\nHost: d\r\n"
                b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
            )
            assert read_head(client).startswith(b"HTTP/1.1 101 ")
            assert read_exactly(client, 7) == b"welcome"
            client.sendall(b"\x00typed")
            assert read_exactly(client, 6) == b"\x00TYPED"
            client.shutdown(socket.SHUT_WR)
            assert read_exactly(client, 100) == b"bye"
        assert at.calls(1)[0].status == 101
    assert b"".join(typed) == b"\x00typed"


def test_a_client_that_waits_for_100_is_let_go_on(point: MakePoint) -> None:
    """curl and Go send large bodies only then."""

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(answer(read_exactly(connection, 4)))

    with point(script) as at, connect(at.path) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\n"
            b"Content-Length: 4\r\n\r\n"
        )
        assert read_head(client).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"body")
        assert _response(client).read() == b"body"


def test_what_is_no_http_ends_its_connection_only(point: MakePoint) -> None:
    """The next client is served."""
    with point(always(answer(b"x"))) as at:
        with connect(at.path) as client:
            client.sendall(b"\x16\x03\x01 this is TLS\r\n\r\n")
            assert client.recv(100) == b""
        with connect(at.path) as client:
            client.sendall(GET)
            assert _response(client).read() == b"x"


def test_clients_do_not_wait_for_each_other(point: MakePoint) -> None:
    """One that watches holds nobody up."""
    done = threading.Event()

    def script(connection: socket.socket) -> None:
        if b"/slow" in read_head(connection):
            done.wait(10)
        connection.sendall(answer(b"x"))

    with point(script) as at, connect(at.path) as slow, connect(at.path) as quick:
        slow.sendall(GET.replace(b"/a", b"/slow"))
        quick.sendall(GET)
        assert _response(quick).read() == b"x"
        done.set()
        assert _response(slow).read() == b"x"


def test_a_backend_of_its_own_for_each_point(tap: Tap, short_tmp: Path) -> None:
    """Journals aren't mixed."""
    journals = []
    for name in ("one", "two"):
        upstream = short_tmp / f"{name}-backend"
        with (
            backend(upstream, always(answer(name.encode()))),
            tap.on_socket(short_tmp / name, upstream) as journal,
            connect(short_tmp / name) as client,
        ):
            client.sendall(GET)
            assert _response(client).read() == name.encode()
            journals.append(journal)
    assert [len(one.calls()) for one in journals] == [1, 1]
