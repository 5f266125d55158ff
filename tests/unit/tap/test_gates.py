"""A call stops where it is held, and goes on or ends as it is told."""

import socket
from pathlib import Path

import pytest

from harness.tap.gates import Gates, Moment
from harness.tap.tap import Tap

from .backend import answer, backend, connect, read_exactly, read_head

GET = b"GET /containers/json HTTP/1.1\r\nHost: docker\r\n\r\n"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
MADE = b'{"Id": "made"}'


@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("moment", ["before", "answered"])
def test_a_held_call(
    tap: Tap, short_tmp: Path, moment: Moment, *, goes_on: bool
) -> None:
    """Before: nobody has heard of it; answered: it is done, and its client waits."""
    heard: list[bytes] = []
    sent = answer(b"[]")

    def script(connection: socket.socket) -> None:
        while head := read_head(connection):
            heard.append(head)
            connection.sendall(sent)

    gates, path = Gates(), short_tmp / "tap"
    with (
        backend(short_tmp / "backend", script),
        tap.on_socket(path, short_tmp / "backend", gates),
        connect(path) as client,
    ):
        hold = gates.hold("list", moment, nth=2)
        client.sendall(GET)
        assert read_exactly(client, len(sent)) == sent
        assert not hold.wait(0)
        client.sendall(GET)
        assert hold.wait(10)
        assert len(heard) == (1 if moment == "before" else 2)
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(10)
        hold.release(goes_on=goes_on)
        assert read_exactly(client, len(sent)) == (sent if goes_on else b"")
        assert len(heard) == (1 if moment == "before" and not goes_on else 2)


@pytest.mark.parametrize(
    "sent", [answer(MADE), CHUNKED + b"e\r\n" + MADE + b"\r\n0\r\n\r\n"], ids=len
)
def test_what_is_held_has_its_body_in_the_journal(
    tap: Tap, short_tmp: Path, sent: bytes
) -> None:
    """By it one knows what was made, though its client never hears of it.

    A real API server doesn't say how long a Job is.
    """

    def script(connection: socket.socket) -> None:
        head, body = sent.split(b"\r\n\r\n", 1)
        while read_head(connection):
            connection.sendall(head + b"\r\n\r\n")
            connection.sendall(body)

    gates, path = Gates(), short_tmp / "tap"
    with (
        backend(short_tmp / "backend", script),
        tap.on_socket(path, short_tmp / "backend", gates) as point,
        connect(path) as client,
    ):
        hold = gates.hold("list", "answered")
        client.sendall(GET)
        assert hold.wait(10)
        hold.release(goes_on=False)
        assert read_exactly(client, 1) == b""
        while not (calls := point.calls()):
            pass
        assert calls[0].json() == {"Id": "made"}


def test_a_client_that_leaves_the_gate(tap: Tap, short_tmp: Path) -> None:
    """Nothing hangs, and its hold may still be released."""
    gates, path = Gates(), short_tmp / "tap"

    def script(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(answer())
        connection.recv(1)

    with (
        backend(short_tmp / "backend", script),
        tap.on_socket(path, short_tmp / "backend", gates) as journal,
    ):
        hold = gates.hold("list", "answered")
        with connect(path) as client:
            client.sendall(GET)
            assert hold.wait(10)
        hold.release(goes_on=False)
        assert [call.status for call in journal.calls()] == [200]
